"""A stored profile shows no adverse record a day longer than the law lets it: R-06.

The gateway's clock runs ahead of what was pulled; the sources are not asked again.
"""

from datetime import UTC, date, datetime, time, timedelta
from typing import Any
from uuid import UUID

import pytest

from consent.audit.catalogue import Actor, Trail
from consent.clock import stamp, utc_now
from gateway import wiring
from gateway.past.replay import Replayed
from tests.scenarios.given import MEMBER, Answer, Stage, another_gateway

pytestmark = pytest.mark.asyncio(loop_scope="module")

CHINA = timedelta(hours=8)
LOOKED_AT = 25


async def somebody_with_a_past(stage: Stage) -> tuple[dict[str, Any], Answer, int]:
    """A consent that lasts, a pull with an adverse record that has ended, and its days left."""
    later = stamp(utc_now() + timedelta(days=3000))
    for _ in range(LOOKED_AT):
        consent = await stage.consented(stage.somebody(), expires_at=later)
        pull = await stage.pull(consent)
        until = pull.json["profile"]["withheld"].get("shown_until")
        if until is not None:
            today = (utc_now() + CHINA).date()
            return consent, pull, (date.fromisoformat(until) - today).days
    raise AssertionError("nobody of so many was ever late")


def late(reply: Answer) -> set[tuple[str, str]]:
    """Every month in arrears that is shown."""
    return {
        (line["id"], month["month"])
        for line in reply.json["profile"]["tradelines"]["lines"]
        for month in line.get("grid", {"value": {"months": []}})["value"]["months"]
        if month["status"].startswith("dpd")
    }


async def replayed(stage: Stage, reply: Answer) -> Replayed:
    """What `creditgate audit replay` makes of a reply that left."""
    showed = {"profile.release", "profile.read", "profile.history", "profile.explained"}
    (entry,) = [e["id"] for e in await stage.entries(req=reply.req) if e["type"] in showed]
    trail = Trail(MEMBER, Actor("operator", "auditor", "local"), "replaying")
    done = await stage.services.replaying.replay(trail, UUID(entry))
    assert isinstance(done, Replayed), done
    return done


def taken_away(reply: Answer) -> int:
    return sum(one["records"] for one in reply.json["profile"]["withheld"].get("records", []))


async def test_a_stored_profile_forgets_in_time(stage: Stage) -> None:
    """On the last day it is the pull byte for byte; the day after, what is over is gone.

    It is counted as withheld, nothing else changes, and no source is asked.
    """
    consent, pull, days = await somebody_with_a_past(stage)
    calls = await stage.calls()

    with stage.clock.ahead(days=days):
        last = await stage.read(consent)
    with stage.clock.ahead(days=days + 1):
        after = await stage.read(consent)
        again = await stage.read(consent)
        attributes = await stage.read(consent, view="attributes")

    assert last.body == pull.body
    assert late(after) < late(last) or not late(last)
    assert taken_away(after) >= taken_away(last)  # a record that lost something may lose more
    assert "merged_by" in after.json["snapshot"]
    assert again.body == after.body
    profile, before = after.json["profile"], last.json["profile"]
    for name in ("identity", "inquiries", "sources", "scores", "contributions"):
        assert profile[name] == before[name]
    for name in ("attributes", "signals", "sources"):
        assert attributes.json["profile"][name] == profile[name]
    assert await stage.calls() == calls


async def test_the_laws_day_ends_at_midnight_in_china(stage: Stage) -> None:
    """Eight hours before it does in UTC, by which the servers go."""
    consent, pull, _ = await somebody_with_a_past(stage)
    until = date.fromisoformat(pull.json["profile"]["withheld"]["shown_until"])
    midnight = datetime.combine(until + timedelta(days=1), time(), UTC) - CHINA

    with stage.clock.ahead(seconds=(midnight - utc_now()).total_seconds() - 60):
        before = await stage.read(consent)
    with stage.clock.ahead(seconds=(midnight - utc_now()).total_seconds()):
        after = await stage.read(consent)

    assert before.body == pull.body
    assert "merged_by" in after.json["snapshot"]


async def test_a_later_read_is_proven_by_replay(stage: Stage) -> None:
    """What the law took away on the day of the read is away in its replay too, years on."""
    consent, pull, days = await somebody_with_a_past(stage)
    with stage.clock.ahead(days=days + 1):
        after = await stage.read(consent)
    assert after.body != pull.body

    for later in (days + 1, 0):  # nor does a clock that was put back show more than it showed
        with stage.clock.ahead(days=later):
            done = await replayed(stage, after)
        assert done.proven
        assert done.reply is not None
        assert done.reply.body == after.body


async def test_a_replay_shows_what_may_be_shown_today(stage: Stage) -> None:
    """The digest proves the reply of then; what leaves now is less what the law took away since.

    So it is for a profile and for a history; an explanation is shown whole or not at all.
    """
    consent, pull, days = await somebody_with_a_past(stage)
    await stage.pull(consent, sources=["tongdun"])  # all that only others told is gone from it
    base = f"/v1/borrowers/{consent['subject']}/history?purpose={consent['purpose']}"
    page = await stage.call("GET", base)
    assert "dpd" in repr(page.json["snapshots"][0]["changes"])
    with stage.clock.ahead(days=days):
        last = await replayed(stage, pull)
    assert last.proven
    assert last.over == ()
    assert last.reply is not None
    assert last.reply.body == pull.body

    with stage.clock.ahead(days=days + 1):
        now = await stage.read(consent, as_of=pull.json["snapshot"]["at"])
        done = [await replayed(stage, answer) for answer in (pull, page)]
        now_is = stage.clock()
        told = await stage.entries(type="profile.replayed", consent=consent["id"])

    assert taken_away(now)
    for one, answer, entry in zip(done, (pull, page), told[-2:], strict=True):
        assert one.proven
        assert sum(records.records for records in one.over) == taken_away(now)
        assert {records.article for records in one.over} == {"征信业管理条例 art. 16"}
        assert one.reply is not None
        assert one.reply.body != answer.body
        assert entry["facts"]["over"] == taken_away(now)
        assert entry["facts"]["reply_sha256"] == one.sha256
        assert entry["facts"]["shown_sha256"] == one.reply.sha256
        assert entry["facts"]["shown_at"][:10] == now_is.date().isoformat()
    assert done[0].reply is not None
    assert done[0].reply.body == now.body


async def test_an_explanation_that_rests_on_what_is_over_is_not_shown_again(stage: Stage) -> None:
    """By its path another account could be found by now; one that is what it was is shown."""
    consent, pull, days = await somebody_with_a_past(stage)
    months = {
        number: line["grid"]["value"]["months"]
        for number, line in enumerate(pull.json["profile"]["tradelines"]["lines"])
        if "grid" in line
    }
    whys = [await stage.read(consent, explain=f"/tradelines/lines/{n}/grid") for n in months]
    name = await stage.read(consent, explain="/identity/name")
    with stage.clock.ahead(days=days + 1):
        done = [await replayed(stage, why) for why in whys]
        still = await replayed(stage, name)

    assert all(one.proven for one in (*done, still))
    assert any(one.reply is None for one in done)
    assert all((one.reply is None) == bool(one.over) for one in done)
    assert still.reply is not None
    assert still.reply.body == name.body


async def test_the_label_tells_which_build_merged_what_is_shown(
    stage: Stage, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Of a profile merged again by a later build, the one that sealed it decided nothing."""
    consent, pull, days = await somebody_with_a_past(stage)
    made_by = pull.json["snapshot"]["code"]
    monkeypatch.setattr(wiring, "CODE", "creditgate 9.9.9")
    base = f"/v1/borrowers/{consent['subject']}/history?purpose={consent['purpose']}"
    async with another_gateway(stage) as later:
        untouched = await later.read(consent)
        with stage.clock.ahead(days=days + 1):
            after = await later.read(consent)
            why = await later.read(consent, explain="/identity/name")
            page = await later.call("GET", base)
        assert untouched.body == pull.body
        heads = [after.json["snapshot"], why.json["snapshot"], page.json["snapshots"][0]]
        for head in heads:
            assert (head["code"], head["merged_by"]) == (made_by, "creditgate 9.9.9")
        with stage.clock.ahead(days=days + 1):
            for where in (stage, later):
                assert [(await replayed(where, one)).proven for one in (after, why, page)] == [
                    True
                ] * 3


async def test_without_its_evidence_nothing_is_shown(stage: Stage) -> None:
    """What can neither be shown nor be merged again is gone, and the caller is told what to do."""
    consent, pull, days = await somebody_with_a_past(stage)
    with stage.clock.ahead(days=days + 1):
        assert (await stage.read(consent)).status == 200
        stage.sql("DELETE FROM report WHERE subject = ?", UUID(consent["subject"]).hex)
        gone = await stage.read(consent)

    assert (gone.status, gone.json["code"]) == (410, "cannot_rebuild")
    assert (await stage.read(consent)).body == pull.body
