"""One borrower over simulated months: what changed, what was known when, the first answer again.

Between the first and the second pull the bureau writes a dispute beside one account; bills are
paid and new loans taken all along. Each pull runs on a gateway started that much later, over the
same database.
"""

from collections.abc import AsyncIterator, Mapping
from contextlib import asynccontextmanager
from dataclasses import dataclass
from datetime import timedelta
from pathlib import Path
from typing import Any
from uuid import UUID

import pytest
import pytest_asyncio

from connectors.money import Month
from connectors.sandbox.bureaus import accounts, knows
from connectors.sandbox.facts import Life
from connectors.sandbox.world import World
from consent.audit.catalogue import Actor, Trail
from consent.clock import stamp, utc_now
from gateway.past.replay import Replayed
from tests.scenarios.given import MEMBER, SOURCES, Answer, Stage, stage_on
from tests.scenarios.past import Until

pytestmark = pytest.mark.asyncio(loop_scope="module")

STEP_DAYS = 40
AUDITOR = Trail(MEMBER, Actor("operator", "auditor", "local"), "three-pulls")


@dataclass(frozen=True)
class Months:
    """What came of the months: the last stage, still standing, and the three answers."""

    stage: Stage
    consent: Mapping[str, Any]
    pulls: tuple[Answer, Answer, Answer]
    at: tuple[str, str, str]
    disputed: str

    async def history(self, **query: str) -> Any:
        """The history as the last day's gateway tells it."""
        asked = "&".join(f"{k}={v}" for k, v in {"purpose": "loan_origination", **query}.items())
        subject = self.consent["subject"]
        reply = await self.stage.call("GET", f"/v1/borrowers/{subject}/history?{asked}")
        assert reply.status == 200, reply.json
        return reply.json


def whose(world: World) -> Life:
    """A borrower that every source knows, with an account PBOC has known for long."""
    for index in range(20, 400):
        life = world.life(index)
        if all(knows(life, source) for source in SOURCES) and long_known(life):
            return life
    raise AssertionError("nobody in this world has an old account")


def long_known(life: Life) -> list[Any]:
    """Accounts that still run and were opened long before the first pull."""
    before = life.today - timedelta(days=3 * STEP_DAYS)
    return [
        seen for seen in accounts(life, "pboc")
        if seen.account.opened < before and seen.account.ended is None and seen.account.rows
    ]  # fmt: skip


@asynccontextmanager
async def months(data: Path) -> AsyncIterator[Months]:
    """Three pulls, `STEP_DAYS` apart."""
    start = utc_now()
    end = World(seed=1, today=(start + timedelta(days=2 * STEP_DAYS)).date(), size=5000)
    life = whose(end)
    disputed = long_known(life)[0]
    noted = Month.of(start.date())
    consent: Mapping[str, Any] = {}
    pulls: list[Answer] = []
    instants: list[str] = []
    for step in range(3):
        later = timedelta(days=step * STEP_DAYS)
        world = Until(
            seed=end.seed, today=end.today, size=end.size, day=(start + later).date(),
            disputed=frozenset({(life.index, disputed.account.number, noted)} if step else ()),
        )  # fmt: skip
        async with stage_on(data, world=world, later=later) as stage:
            if not consent:
                until = stamp(start + timedelta(days=365))
                consent = await stage.consented(world.life(life.index), expires_at=until)
            pulls.append(await stage.pull(consent))
            instants.append(stamp(stage.clock()))
            if step == 2:
                first, second, third = pulls
                one, two, three = instants
                yield Months(
                    stage, consent, (first, second, third), (one, two, three), disputed.ref
                )


@pytest_asyncio.fixture(scope="module", loop_scope="module")
async def story(tmp_path_factory: pytest.TempPathFactory) -> AsyncIterator[Months]:
    """The three pulls, once for all of these."""
    async with months(tmp_path_factory.mktemp("months")) as told:
        yield told


async def test_the_history_tells_what_changed_and_who_changed_it(story: Months) -> None:
    """Newest first, each against the one before; the bureau's dispute in between is one change."""
    reply = await story.history()
    newest, middle, oldest = reply["snapshots"]

    assert [one["id"] for one in (oldest, middle, newest)] == [
        pull.json["snapshot"]["id"] for pull in story.pulls
    ]
    assert (newest["since"], middle["since"]) == (middle["id"], oldest["id"])
    assert "changes" not in oldest
    noted = [one for one in middle["changes"] if one["field"] == "annotations"]
    assert [(one["what"], one["sources"]) for one in noted] == [("changed", ["pboc"])]
    assert "old" not in noted[0]
    assert [one["field"] for one in newest["changes"] if one["field"] == "annotations"] == []
    assert {one["section"] for one in newest["changes"]} >= {"tradelines", "attributes"}
    balances = [one for one in newest["changes"] if one["field"] == "balance"]
    assert balances
    assert all(one["sources"] for one in balances)
    assert reply["after"] is None


async def test_pages_of_a_history_meet(story: Months) -> None:
    """A page ends with what it was compared with, which begins the next one."""
    whole = (await story.history())["snapshots"]
    pages: list[Any] = []
    after: dict[str, str] = {}
    while True:
        page = await story.history(limit="1", **after)
        pages += page["snapshots"]
        if page["after"] is None:
            break
        after = {"after": page["after"]}

    assert pages == whole


async def test_each_past_instant_reads_as_it_was(story: Months) -> None:
    """Known when: a read as of then brings the answer of then, byte for byte."""
    for pull, instant in zip(story.pulls, story.at, strict=True):
        read = await story.stage.read(story.consent, as_of=instant)
        assert read.body == pull.body
    (only,) = (await story.history(as_of=story.at[0]))["snapshots"]
    assert only["id"] == story.pulls[0].json["snapshot"]["id"]


async def test_at_its_very_instant_a_snapshot_is_known(story: Months) -> None:
    """`as_of` is inclusive everywhere: the instant a snapshot names leads back to it."""
    for pull in story.pulls:
        made = pull.json["snapshot"]
        (newest, *_) = (await story.history(as_of=made["at"]))["snapshots"]
        read = await story.stage.read(story.consent, as_of=made["at"])

        assert newest["id"] == read.json["snapshot"]["id"] == made["id"]


async def test_true_when_goes_on_while_known_when_stays(story: Months) -> None:
    """The grids grow month by month; the dispute is in every profile from the second pull on."""
    seen = []
    for pull in story.pulls:
        lines = pull.json["profile"]["tradelines"]["lines"]
        months = [
            month["month"] for line in lines if "grid" in line
            for month in line["grid"]["value"]["months"]
        ]  # fmt: skip
        seen.append((max(months), sum(bool(line.get("annotations")) for line in lines)))

    assert [months for months, _ in seen] == sorted({months for months, _ in seen})
    assert [disputes for _, disputes in seen] == [0, 1, 1]


async def test_the_first_answer_replays_byte_for_byte(story: Months) -> None:
    """Months later, on another start of the gateway, out of the evidence of that day."""
    services = story.stage.services
    for pull in story.pulls:
        done = await services.replaying.replay(AUDITOR, snapshot_of(pull))
        assert isinstance(done, Replayed), done
        assert done.proven
        assert done.reply is not None
        assert done.reply.body == pull.body


def snapshot_of(pull: Answer) -> UUID:
    return UUID(pull.json["snapshot"]["id"])


async def test_looking_at_a_history_is_on_record(story: Months) -> None:
    """Which snapshots, under which consent, and the digest of what left."""
    await story.history()
    (entry, *_) = (await story.stage.entries(subject=story.consent["subject"]))[::-1]

    assert entry["type"] == "profile.history"
    assert entry["consent"]["id"] == story.consent["id"]
    assert set(entry["facts"]["snapshots"].split()) == {
        pull.json["snapshot"]["id"] for pull in story.pulls
    }
