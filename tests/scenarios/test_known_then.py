"""No leakage: what an export says of an instant is what a gateway knew that never lived on.

Two borrowers over simulated months. A bureau tells a month as late, a dispute is noted beside the
account, a person rules that two accounts are one, and in the end the bureau corrects the month.
After each step the data folder is copied: a gateway on the copy knows nothing of what came later.
"""

import asyncio
import shutil
from collections import Counter
from collections.abc import AsyncIterator, Mapping, Sequence
from contextlib import AsyncExitStack, asynccontextmanager
from dataclasses import dataclass, replace
from datetime import datetime, timedelta
from itertools import pairwise
from pathlib import Path
from typing import Any

import pytest
import pytest_asyncio
from hypothesis import given
from hypothesis import strategies as st

from connectors.money import Month
from connectors.sandbox.facts import Life
from connectors.sandbox.world import World
from consent.clock import parse_stamp, stamp, utc_now
from consent.subject import SubjectRef
from gateway import wiring
from gateway.past.training import Line, Point
from gateway.services import Services
from tests.scenarios.given import SECRETS, Clock, Stage, settings_for, stage_on
from tests.scenarios.past import Until, looked_up
from tests.scenarios.test_links import ruled, two_loans
from tests.scenarios.test_three_pulls import long_known, whose

pytestmark = pytest.mark.asyncio(loop_scope="module")

STEP_DAYS = 40
STEPS = 4
SOURCES = ("pboc", "baihang")
HIM, OTHER = 0, 1


@dataclass(frozen=True)
class Past:
    """Gateways that stopped after each step, and the instants of the snapshots of each step."""

    subjects: Sequence[SubjectRef]
    gateways: Sequence[Services]
    at: Sequence[Sequence[datetime]]
    now: datetime

    async def rows(
        self, step: int, points: Sequence[Point]
    ) -> tuple[dict[int, Line], Counter[str]]:
        """What the gateway that stopped after `step` exports, by row, without pseudonyms."""
        services = self.gateways[step]
        lines, left_out = await looked_up(services, points, at=self.now)
        return {line.row: replace(line, subject="") for line in lines}, left_out

    def step(self, at: datetime) -> int:
        """The last step that had begun by then; the first when none had."""
        return max(sum(min(pulls) <= at for pulls in self.at) - 1, 0)


def the_world(end: World, life: Life, step: int, start: datetime) -> World:
    """As it stands at this step."""
    account = long_known(life)[0].account
    day = (start + timedelta(days=step * STEP_DAYS)).date()
    noted = (life.index, account.number, Month.of(start.date()))
    late = (life.index, account.number, Month.of(start.date()).plus(-1))
    return Until(
        seed=end.seed, today=end.today, size=end.size, day=day,
        disputed=frozenset({noted} if step == 1 else ()),
        mistaken=frozenset({late} if step < STEPS - 1 else ()),
    )  # fmt: skip


async def lived(
    stage: Stage, step: int, consents: Sequence[Mapping[str, Any]]
) -> Sequence[datetime]:
    """The pulls of one step, and the ruling after those of the second."""
    replies = [(await stage.pull(consent)).json for consent in consents]
    if step == 1:
        done = await ruled(stage, consents[HIM], records=two_loans(replies[HIM]))
        assert done.status == 201, done.json
    return [parse_stamp(reply["snapshot"]["at"]) for reply in replies]


@asynccontextmanager
async def past(folder: Path) -> AsyncIterator[Past]:
    """Live it, keep what each step leaves, and open all of it again."""
    start = utc_now()
    last = timedelta(days=STEPS * STEP_DAYS)
    end = World(seed=1, today=(start + last).date(), size=5000)
    lives = [whose(end), end.persona("many-lenders")]
    consents: list[Mapping[str, Any]] = []
    at = []
    for step in range(STEPS):
        world, later = the_world(end, lives[HIM], step, start), timedelta(days=step * STEP_DAYS)
        async with stage_on(folder / "living", world=world, later=later) as stage:
            if not consents:
                terms = {"sources": SOURCES, "expires_at": stamp(start + 2 * last)}
                consents = [
                    await stage.consented(world.life(life.index), **terms) for life in lives
                ]
            at.append(await lived(stage, step, consents))
        await asyncio.to_thread(shutil.copytree, folder / "living", folder / str(step))
    clock = Clock(last)
    async with AsyncExitStack() as open_:
        gateways = [
            await open_.enter_async_context(
                wiring.assemble(
                    settings_for(folder / str(step), "http://127.0.0.1:9"),
                    secrets=SECRETS,
                    clock=clock,
                )
            )
            for step in range(STEPS)
        ]
        subjects = [SubjectRef.parse(consent["subject"]) for consent in consents]
        yield Past(subjects, gateways, at, clock())


@pytest_asyncio.fixture(scope="module", loop_scope="module")
async def story(tmp_path_factory: pytest.TempPathFactory) -> AsyncIterator[Past]:
    """The months, once for all of these."""
    async with past(tmp_path_factory.mktemp("past")) as lived_through:
        yield lived_through


async def test_the_world_did_move(story: Past) -> None:
    """Else nothing could leak: each step has rows of its own, and the flag follows the dispute."""
    points = [Point(step, story.subjects[HIM], story.at[step][HIM]) for step in range(STEPS)]
    rows, _ = await story.rows(STEPS - 1, points)

    seen = [rows[step].values for step in range(STEPS)]
    assert all(one != other for one, other in pairwise(seen))
    assert [rows[step].disputed for step in range(STEPS)] == [False, True, False, False]
    late = [values["late_payments_1plus_12m"][0] or 0 for values in seen]
    assert late[STEPS - 1] < late[STEPS - 2]  # corrected


NEAR_A_PULL = st.tuples(
    st.integers(0, STEPS - 1), st.integers(HIM, OTHER), st.integers(-1, 1)
)  # a step, whose pull, and microseconds beside it
ANY_TIME = st.integers(-86_400, STEPS * STEP_DAYS * 86_400)  # seconds from the first pull
POINTS = st.lists(
    st.tuples(st.integers(HIM, OTHER), NEAR_A_PULL | ANY_TIME), min_size=1, max_size=8
)


@given(drawn=POINTS)
async def test_no_row_knows_what_came_after_its_instant(story: Past, drawn: list[Any]) -> None:
    """Later pulls, disputes, rulings and corrections leave each row as it would have been."""
    points = []
    for row, (who, when) in enumerate(drawn):
        if isinstance(when, tuple):
            step, whom, beside = when
            at = story.at[step][whom] + timedelta(microseconds=beside)
        else:
            at = story.at[0][HIM] + timedelta(seconds=when)
        points.append(Point(row, story.subjects[who], at))
    rows, left_out = await story.rows(STEPS - 1, points)

    known: dict[int, Line] = {}
    unknown: Counter[str] = Counter()
    for step in {story.step(point.at) for point in points}:
        then, without = await story.rows(step, [p for p in points if story.step(p.at) == step])
        known |= then
        unknown += without
    assert rows == known
    assert left_out == unknown
    assert all(line.known_at <= line.at for line in rows.values())
