"""A history rests on consents of today, snapshot by snapshot, and all of it is on record."""

from collections.abc import Mapping
from typing import Any
from uuid import UUID

import pytest

from tests.scenarios.given import Answer, Stage
from tests.scenarios.test_retention import somebody_with_a_past

pytestmark = pytest.mark.asyncio(loop_scope="module")


async def two_consents(stage: Stage) -> tuple[dict[str, Any], dict[str, Any], list[str]]:
    """Consents of one borrower for one bureau each, and a snapshot under each; the older first."""
    life = stage.somebody()
    one = await stage.consented(life, sources=["pboc"], scopes=["tradelines"])
    other = await stage.consented(life, sources=["baihang"], scopes=["tradelines"])
    pulls = [await stage.pull(consent) for consent in (one, other)]
    return one, other, [pull.json["snapshot"]["id"] for pull in pulls]


async def history(stage: Stage, consent: Mapping[str, Any], **query: str) -> Answer:
    asked = "&".join(f"{k}={v}" for k, v in {"purpose": consent["purpose"], **query}.items())
    return await stage.call("GET", f"/v1/borrowers/{consent['subject']}/history?{asked}")


async def test_every_consent_it_rests_on_has_its_entry(stage: Stage) -> None:
    """A page of one shows old values of the snapshot before, which another consent covers."""
    one, other, (older, newer) = await two_consents(stage)

    page = await history(stage, other, limit="1")

    (line,) = page.json["snapshots"]
    assert (line["id"], line["since"]) == (newer, older)
    assert line["changes"]
    found = await stage.entries(req=page.req)
    assert {(e["consent"]["id"], e["facts"]["snapshots"]) for e in found} == {
        (one["id"], older), (other["id"], newer),
    }  # fmt: skip
    assert len({e["facts"]["reply_sha256"] for e in found}) == 1


async def test_a_refused_line_holds_the_reason_and_nothing_else(stage: Stage) -> None:
    """Whom was asked, when and what for is the subject's too; the refusal is on record, once."""
    one, other, (older, newer) = await two_consents(stage)
    again = (await stage.pull(one)).json["snapshot"]["id"]
    await stage.withdraw(one)

    page = await history(stage, other)

    shown = {line["id"]: line for line in page.json["snapshots"]}
    for refused in (older, again):
        assert shown[refused] == {"id": refused, "refused": {"reason": "source_not_granted"}}
    assert "since" not in shown[newer]
    kinds = await stage.kinds(page.req)
    assert sorted(kinds) == ["profile.denied", "profile.history"]


async def test_a_snapshot_that_cannot_be_read_hides_no_other(stage: Stage) -> None:
    """One damaged record must not close the file of the subject."""
    consent = await stage.consented(stage.somebody())
    older, newer = [(await stage.pull(consent)).json["snapshot"]["id"] for _ in range(2)]
    ((body,),) = stage.sql("SELECT sealed FROM snapshot WHERE id = ?", UUID(older).hex)
    spoiled = body[:-1] + bytes([body[-1] ^ 1])
    stage.sql("UPDATE snapshot SET sealed = ? WHERE id = ?", spoiled, UUID(older).hex)

    page = await history(stage, consent)

    first, last = page.json["snapshots"]
    assert first["id"] == newer
    assert last == {"id": older, "refused": {"reason": "unreadable"}}


@pytest.mark.parametrize("spoiled", [b"", b"rubbish" * 100])
async def test_a_page_of_unreadable_snapshots_says_so(stage: Stage, spoiled: bytes) -> None:
    """The pages after it are still there to be read; the look is on record like any."""
    consent = await stage.consented(stage.somebody())
    ids = [(await stage.pull(consent)).json["snapshot"]["id"] for _ in range(3)]
    for id_ in ids[1:]:
        stage.sql("UPDATE snapshot SET sealed = ? WHERE id = ?", spoiled, UUID(id_).hex)

    page = await history(stage, consent, limit="2")
    rest = await history(stage, consent, limit="2", after=page.json["after"])

    assert page.status == 200
    assert page.json["snapshots"] == [
        {"id": id_, "refused": {"reason": "unreadable"}} for id_ in (ids[2], ids[1])
    ]
    assert [line["id"] for line in rest.json["snapshots"]] == [ids[0]]
    (entry,) = await stage.entries(req=page.req)
    assert (entry["type"], entry["consent"]["id"]) == ("profile.history", consent["id"])


async def test_what_the_law_hides_and_nobody_can_merge_again_is_unreadable(stage: Stage) -> None:
    """Evidence that is gone closes those snapshots that need it, not the file."""
    consent, _, days = await somebody_with_a_past(stage)
    stage.sql("DELETE FROM report WHERE subject = ?", UUID(consent["subject"]).hex)
    with stage.clock.ahead(days=days + 1):
        page = await history(stage, consent)

    assert page.status == 200
    assert {line["refused"]["reason"] for line in page.json["snapshots"]} == {"unreadable"}
