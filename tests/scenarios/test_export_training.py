"""Training data: what was known then, of those who consent today, and nobody's name."""

import asyncio
import hashlib
import json
import random
from collections.abc import Mapping, Sequence
from dataclasses import replace
from datetime import datetime, timedelta
from functools import partial
from pathlib import Path
from typing import Any
from uuid import UUID

import pyarrow.parquet as pq
import pytest

from consent.clock import parse_stamp, stamp
from consent.subject import SubjectRef
from gateway import wiring
from gateway.attributes import Catalogues
from gateway.past.training import Point
from tests.scenarios.given import Stage, gateway_on
from tests.scenarios.past import looked_up
from tests.scenarios.test_command_line import creditgate

pytestmark = pytest.mark.asyncio(loop_scope="module")

PURPOSE = ("--purpose", "loan_origination")
Rows = Sequence[tuple[Mapping[str, Any], datetime]]
EXPORTED = 25  # days from now, when all pulls have been made and all consents still hold


@pytest.fixture(autouse=True)
def the_clock_of_the_stage(stage: Stage, monkeypatch: pytest.MonkeyPatch) -> None:
    """The command runs when the stage says it does."""
    monkeypatch.setattr(wiring, "assemble", partial(wiring.assemble, clock=stage.clock))


async def exported(stage: Stage, rows: Rows, folder: Path) -> tuple[list[dict[str, Any]], Any]:
    """What `creditgate export-training` writes for these (consent, instant), and what it says."""
    folder.mkdir()  # noqa: ASYNC240 - a test's own folder
    lines = [f"{consent['subject']},{stamp(at)}" for consent, at in rows]
    (folder / "rows.csv").write_text("\n".join(["subject,at", *lines]))
    args = ("export-training", str(folder / "rows.csv"), str(folder / "out.parquet"), *PURPOSE)
    with stage.clock.ahead(days=EXPORTED):
        done = await asyncio.to_thread(creditgate, *args, "--json", data=stage.data)
    assert done.exit_code == 0, done.stderr
    table: list[dict[str, Any]] = pq.read_table(folder / "out.parquet").to_pylist()
    return table, json.loads(done.stdout)


async def pulled_at(stage: Stage, consent: Mapping[str, Any], **later: float) -> datetime:
    """A pull that much later; when its snapshot was made."""
    with stage.clock.ahead(**later):
        pull = await stage.pull(consent, max_age_s=86_400 * 300)
    return parse_stamp(pull.json["snapshot"]["at"])


def bare(table: list[dict[str, Any]]) -> list[dict[str, Any]]:
    """Rows without the name of the export's own making."""
    return [{name: value for name, value in row.items() if name != "subject"} for row in table]


async def test_a_row_is_what_was_known_then(stage: Stage, tmp_path: Path) -> None:
    """The attributes of the newest snapshot up to the instant, as they were computed."""
    consent = await stage.consented(stage.somebody())
    first = await pulled_at(stage, consent)
    second = await pulled_at(stage, consent, days=2)
    instants = (first - timedelta(seconds=1), first, second - timedelta(hours=1), second)

    table, told = await exported(stage, [(consent, at) for at in instants], tmp_path / "x")

    assert [row["row"] for row in table] == [1, 2, 3]
    assert [row["known_at"] for row in table] == [first, first, second]
    assert told["left_out"] == {"no_snapshot": 1}
    for row in table:
        read = await stage.read(consent, as_of=stamp(row["known_at"]), view="attributes")
        for one in read.json["profile"]["attributes"]["values"]:
            assert row[one["name"]] == one["value"]
            assert row[f"{one['name']}.missing"] == one.get("missing")


async def test_later_pulls_never_change_a_row(stage: Stage, tmp_path: Path) -> None:
    """No leakage from the future: export, pull again and again, export: the same rows."""
    dice = random.Random(4)  # noqa: S311 - which instants, not a secret
    consents = [await stage.consented(stage.somebody()) for _ in range(3)]
    for day in (0, 3, 5):
        for consent in consents:
            await pulled_at(stage, consent, days=day)
    start = stage.clock()
    rows = [(dice.choice(consents), start + timedelta(days=dice.uniform(-1, 6))) for _ in range(60)]
    before, _ = await exported(stage, rows, tmp_path / "before")
    for day in (7, 9, 20):
        for consent in consents:
            await pulled_at(stage, consent, days=day)
    after, _ = await exported(stage, rows, tmp_path / "after")

    assert len(before) > 30
    assert bare(after) == bare(before)
    assert all(row["known_at"] <= row["at"] for row in after)


async def test_no_row_is_of_an_instant_to_come(stage: Stage, tmp_path: Path) -> None:
    """Nobody knows yet what will be known by then; such rows are counted, and none is lost."""
    consent = await stage.consented(stage.somebody())
    known = await pulled_at(stage, consent)
    now = stage.clock() + timedelta(days=EXPORTED)
    ahead = [timedelta(minutes=-5), timedelta(minutes=5), timedelta(days=1), timedelta(days=4000)]
    rows = [(consent, now + by) for by in ahead]
    table, told = await exported(stage, rows, tmp_path / "x")

    assert [(row["row"], row["known_at"]) for row in table] == [(0, known)]
    assert told["left_out"] == {"in_future": 3}
    assert told["rows"] + sum(told["left_out"].values()) == told["asked"] == len(rows)


async def test_what_is_known_by_now_is_known(stage: Stage) -> None:
    """Who asks for the latest asks for this very instant: only what comes after it is to come."""
    consent = await stage.consented(stage.somebody())
    known = await pulled_at(stage, consent)
    subject, now = SubjectRef.parse(consent["subject"]), stage.clock()
    points = [Point(row, subject, now + timedelta(microseconds=row)) for row in range(2)]

    lines, left_out = await looked_up(stage.services, points, at=now)

    assert [(line.row, line.known_at) for line in lines] == [(0, known)]
    assert left_out == {"in_future": 1}


async def test_a_row_is_of_the_pinned_catalogue(stage: Stage) -> None:
    """Two models side by side: the newest snapshot that was computed for this one, none else."""
    settings = stage.services.settings
    one = settings.merging.attributes.default
    two = one.model_copy(update={"catalogue": "core/2", "attributes": one.attributes[::-1]})
    both = Catalogues.of((one, two), "core/1")
    chosen = replace(settings, merging=replace(settings.merging, attributes=both))
    consent = await stage.consented(stage.somebody())
    subject = SubjectRef.parse(consent["subject"])
    async with gateway_on(chosen, clock=stage.clock, wire=stage.wire) as (services, url):
        pulls = [
            (await stage.at(services, url).pull(consent, attributes=set_)).json["snapshot"]
            for set_ in ("core/1", "core/2", "core/1", "core/2")
        ]
        ats = [parse_stamp(pull["at"]) for pull in pulls]
        points = [Point(row, subject, at) for row, at in enumerate(ats)]

        async def rows(set_: str) -> tuple[list[int], dict[str, int]]:
            """Of each row the place of its pull, and what is left out."""
            now = stage.clock()
            lines, left_out = await looked_up(services, points, at=now, catalogue=set_)
            return [ats.index(line.known_at) for line in lines], dict(left_out)

        assert await rows("core/1") == ([0, 0, 2, 2], {})
        assert await rows("core/2") == ([1, 1, 3], {"other_catalogue": 1})

        newest = UUID(pulls[3]["id"]).hex
        stage.sql("UPDATE snapshot SET attributes = 'core/1' WHERE id = ?", newest)
        assert await rows("core/1") == ([0, 0, 2], {"unreadable": 1})


async def test_each_consent_is_on_record_with_what_was_read(stage: Stage, tmp_path: Path) -> None:
    """Rows of one subject may rest on two consents; every snapshot read is named by an entry."""
    life = stage.somebody()
    one = await stage.consented(life, sources=["pboc"], scopes=["tradelines"])
    other = await stage.consented(life, sources=["baihang"], scopes=["inquiries"])
    pulls = [await stage.pull(consent) for consent in (one, other, one)]
    ats = [parse_stamp(pull.json["snapshot"]["at"]) for pull in pulls]
    # More rows than go into one batch.
    rows = [(one, at) for at in ats] * 40
    _, told = await exported(stage, rows, tmp_path / "x")

    read = [
        (e["consent"]["id"], e["scopes"], set(e["facts"]["snapshots"].split()), e["facts"]["rows"])
        for e in await stage.entries(subject=one["subject"], type="export.read")
        if e["facts"]["export"] == told["export"]
    ]
    first, second, third = (pull.json["snapshot"]["id"] for pull in pulls)
    for consent, snapshots in ((one, {first, third}), (other, {second})):
        mine = [found for id_, *found in read if id_ == consent["id"]]
        assert {id_ for _, ids, _ in mine for id_ in ids} == snapshots
        assert {tuple(scopes) for scopes, _, _ in mine} == {tuple(consent["scopes"])}
        assert sum(count for _, _, count in mine) == 40 * len(snapshots)
    assert len(read) > 2


async def test_nobody_is_named_and_exports_cannot_be_joined(stage: Stage, tmp_path: Path) -> None:
    """One pseudonym for one person in one export, another in the next."""
    life = stage.somebody()
    consent = await stage.consented(life)
    at = await pulled_at(stage, consent)
    rows = [(consent, at), (consent, at)]
    one, _ = await exported(stage, rows, tmp_path / "one")
    two, _ = await exported(stage, rows, tmp_path / "two")

    names = [{row["subject"] for row in table} for table in (one, two)]
    assert [len(each) for each in names] == [1, 1]
    assert names[0].isdisjoint(names[1])
    whole = repr(one)
    for secret in (life.person.name, life.person.id_number, str(consent["subject"])):
        assert secret not in whole


async def test_who_did_not_consent_is_counted_and_left_out(stage: Stage, tmp_path: Path) -> None:
    """By the reason of today, and on record like any refusal, once for all rows of a subject."""
    kept, gone, elsewhere = [await stage.consented(stage.somebody()) for _ in range(3)]
    at = [await pulled_at(stage, consent) for consent in (kept, gone)]
    await stage.withdraw(gone)
    rows = [(kept, at[0]), (gone, at[1]), (gone, at[1] + timedelta(seconds=1)), (elsewhere, at[1])]
    table, told = await exported(stage, rows, tmp_path / "x")

    assert [row["row"] for row in table] == [0]
    assert told["left_out"] == {"no_snapshot": 1, "withdrawn": 2}
    entries = await stage.entries(subject=gone["subject"])
    denied = [(at, one) for at, one in enumerate(entries, 1) if one["type"] == "profile.denied"]
    assert [(at, one["reason"]) for at, one in denied] == [(len(entries), "withdrawn")]


async def test_a_narrower_consent_leaves_attributes_out(stage: Stage, tmp_path: Path) -> None:
    """What rests on more than is covered today is missing, and says so."""
    life = stage.somebody()
    wide = await stage.consented(life)
    at = await pulled_at(stage, wide)
    await stage.withdraw(wide)
    narrow = await stage.consented(life, scopes=["inquiries"])
    (row,), _ = await exported(stage, [(narrow, at)], tmp_path / "x")

    assert row["total_balance_cny"] is None
    assert row["total_balance_cny.missing"] == "not_covered"
    assert row["hard_inquiries_30d.missing"] != "not_covered"


async def test_an_export_is_on_record_with_its_digest(stage: Stage, tmp_path: Path) -> None:
    """Whoever finds the file can tell which export it is, each subject that it was looked at."""
    consent = await stage.consented(stage.somebody())
    at = await pulled_at(stage, consent)
    _, told = await exported(stage, [(consent, at)], tmp_path / "x")

    digest = hashlib.sha256((tmp_path / "x" / "out.parquet").read_bytes()).hexdigest()
    (created, *_) = (await stage.entries(type="export.created"))[::-1]
    assert created["facts"]["sha256"] == told["sha256"] == digest
    assert (created["facts"]["rows"], created["facts"]["catalogue"]) == (1, told["catalogue"])
    (seen, *_) = (await stage.entries(subject=consent["subject"]))[::-1]
    assert seen["type"] == "export.read"
    assert seen["facts"]["export"] == told["export"] == created["facts"]["export"]


async def test_a_wrong_call_opens_nobody(stage: Stage, tmp_path: Path) -> None:
    """A bad row, an unknown catalogue or purpose, a file in the way: exit 2 before any look."""
    consent = await stage.consented(stage.somebody())
    at = stamp(await pulled_at(stage, consent))
    rows, out = tmp_path / "rows.csv", str(tmp_path / "out.parquet")
    rows.write_text(f"subject,at\n{consent['subject']},{at}\n")
    bad = tmp_path / "bad.csv"
    bad.write_text(f"subject,at\n{consent['subject']},{at}\nnobody,{at}\n")
    before = len(await stage.entries(type="export.read"))
    for args in (
        (str(bad), out, *PURPOSE),
        (str(rows), out, *PURPOSE, "--catalogue", "core/999"),
        (str(rows), out, "--purpose", "curiosity"),
        (str(rows), str(rows), *PURPOSE),
    ):
        done = await asyncio.to_thread(creditgate, "export-training", *args, data=stage.data)
        assert done.exit_code == 2, args

    assert len(await stage.entries(type="export.read")) == before
    assert sorted(path.name for path in tmp_path.iterdir()) == ["bad.csv", "rows.csv"]  # noqa: ASYNC240
