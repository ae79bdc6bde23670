"""A stored profile shows no adverse record a day longer than the law lets it: R-06.

The gateway's clock runs ahead of what was pulled; the sources are not asked again.
"""

from datetime import date, timedelta
from typing import Any
from uuid import UUID

import pytest

from consent.audit.catalogue import Actor, Trail
from consent.clock import stamp, utc_now
from gateway.past.replay import Replayed
from tests.scenarios.given import MEMBER, Answer, Stage

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
    assert taken_away(after) > taken_away(last)
    assert again.body == after.body
    profile, before = after.json["profile"], last.json["profile"]
    for name in ("identity", "inquiries", "sources", "scores", "contributions"):
        assert profile[name] == before[name]
    for name in ("attributes", "signals", "sources"):
        assert attributes.json["profile"][name] == profile[name]
    assert await stage.calls() == calls


async def test_a_later_read_is_proven_by_replay(stage: Stage) -> None:
    """What the law took away on the day of the read is away in its replay too, years on."""
    consent, pull, days = await somebody_with_a_past(stage)
    with stage.clock.ahead(days=days + 1):
        after = await stage.read(consent)
    assert after.body != pull.body
    (entry,) = [e["id"] for e in await stage.entries(req=after.req) if e["type"] == "profile.read"]
    trail = Trail(MEMBER, Actor("operator", "auditor", "local"), "replaying")

    done = await stage.services.journal.commit(
        lambda tx: stage.services.replaying.replay(tx, trail, UUID(entry))
    )

    assert isinstance(done, Replayed)
    assert done.proven
    assert done.reply.body == after.body


async def test_without_its_evidence_nothing_is_shown(stage: Stage) -> None:
    """What can neither be shown nor be merged again is gone, and the caller is told what to do."""
    consent, pull, days = await somebody_with_a_past(stage)
    with stage.clock.ahead(days=days + 1):
        assert (await stage.read(consent)).status == 200
        stage.sql("DELETE FROM report WHERE subject = ?", UUID(consent["subject"]).hex)
        gone = await stage.read(consent)

    assert (gone.status, gone.json["code"]) == (410, "cannot_rebuild")
    assert (await stage.read(consent)).body == pull.body
