"""A history rests on consents of today, snapshot by snapshot, and all of it is on record."""

from collections.abc import Awaitable, Callable, Mapping
from dataclasses import replace
from datetime import timedelta
from typing import Any
from uuid import UUID, uuid4

import orjson
import pytest

from consent.audit.catalogue import Actor, Trail
from consent.decision import Refusal
from consent.errors import VaultError
from consent.subject import SubjectRef
from gateway.past.replay import Replayed
from gateway.requests import HistoryRequest
from gateway.sections import SECTIONS
from tests.scenarios.beside import Meanwhile
from tests.scenarios.given import MEMBER, Answer, Stage
from tests.scenarios.test_no_key import erase
from tests.scenarios.test_replay import replayed
from tests.scenarios.test_retention import somebody_with_a_past

pytestmark = pytest.mark.asyncio(loop_scope="module")


async def two_consents(stage: Stage) -> tuple[dict[str, Any], dict[str, Any], list[str]]:
    """Consents of one borrower for one bureau each, and a snapshot under each; the older first."""
    life = stage.somebody()
    one = await stage.consented(life, sources=["pboc"], scopes=["tradelines"])
    other = await stage.consented(life, sources=["baihang"], scopes=["tradelines"])
    pulls = [await stage.pull(consent) for consent in (one, other)]
    return one, other, [pull.json["snapshot"]["id"] for pull in pulls]


async def looked_at(
    stage: Stage,
    consent: Mapping[str, Any],
    done: Callable[[], Awaitable[object]],
    *,
    limit: int = 10,
) -> tuple[Any, Meanwhile]:
    """What a look comes to when something is done between it and its release."""
    services, subject = stage.services, SubjectRef.parse(consent["subject"])
    beside, meanwhile = Meanwhile.at(services.recalling.beside, done)
    recalling = replace(services.recalling, beside=beside)
    request = HistoryRequest(
        trail=Trail(MEMBER, Actor("operator", "test", "local"), str(uuid4()), code="creditgate 0"),
        subject=subject,
        name=services.vault.pseudonym(MEMBER, subject),
        purpose=consent["purpose"],
        sections=SECTIONS["full"],
        identified=True,
        as_of=services.clock(),
        limit=limit,
    )
    return await recalling.history(request), meanwhile


async def test_a_withdrawal_during_a_look_counts(stage: Stage) -> None:
    """The page was made while the consent held, and shows nothing of it all the same."""
    one, other, (older, newer) = await two_consents(stage)

    reply, meanwhile = await looked_at(stage, other, lambda: stage.withdraw(one))

    assert meanwhile.times == 2
    shown = {line["id"]: line for line in orjson.loads(reply.body)["snapshots"]}
    assert shown[older] == {"id": older, "refused": {"reason": "source_not_granted"}}
    assert "since" not in shown[newer]
    entries = await stage.entries(subject=other["subject"], type="profile.history")
    assert [e["facts"]["snapshots"] for e in entries] == [newer]

    refused, _ = await looked_at(stage, other, lambda: stage.withdraw(other))
    assert isinstance(refused, Refusal)
    assert refused.reason == "withdrawn"
    assert len(await stage.entries(subject=other["subject"], type="profile.history")) == 1


async def test_a_withdrawal_of_what_a_page_is_compared_with_counts(stage: Stage) -> None:
    """It is no line of the page, and its old values would be."""
    one, other, (_, newer) = await two_consents(stage)

    reply, meanwhile = await looked_at(stage, other, lambda: stage.withdraw(one), limit=1)

    assert meanwhile.times == 2
    (line,) = orjson.loads(reply.body)["snapshots"]
    assert line["id"] == newer
    assert not {"since", "changes"} & line.keys()


async def test_an_erasure_during_a_look_counts(stage: Stage) -> None:
    """What was opened before is not shown after: it counts from its commit on."""
    consent = await stage.consented(stage.somebody())
    await stage.pull(consent)

    with pytest.raises(VaultError):
        await looked_at(stage, consent, lambda: erase(stage, dict(consent)))
    assert await stage.entries(subject=consent["subject"], type="profile.history") == []


async def test_a_page_replays_by_the_law_of_its_look(stage: Stage) -> None:
    """A look that ends on the day after may show what is over by then: its entry tells its day."""
    consent, _, days = await somebody_with_a_past(stage)
    await stage.pull(consent, sources=["tongdun"])

    async def midnight() -> None:
        stage.clock.later = timedelta(days=days + 1)

    with stage.clock.ahead(days=days):
        reply, _ = await looked_at(stage, consent, midnight)
        (entry,) = await stage.entries(subject=consent["subject"], type="profile.history")
        done = await replayed(stage, entry["id"])

    assert isinstance(done, Replayed)
    assert done.proven
    assert done.sha256 == reply.sha256
    assert done.over


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


async def test_what_only_one_consent_covers_is_no_change(stage: Stage) -> None:
    """A narrower consent beside a wider one: numbers over accounts neither came nor went."""
    life = stage.somebody()
    both, scopes = ["pboc", "baihang"], ["tradelines", "inquiries"]
    wide = await stage.consented(life, sources=both, scopes=scopes)
    narrow = await stage.consented(life, sources=["pboc"], scopes=["inquiries"])
    pulls = [await stage.pull(consent) for consent in (wide, narrow, wide)]
    over_accounts = {
        one["name"]
        for one in pulls[0].json["profile"]["attributes"]["values"]
        if "tradelines" in one["scopes"]
    }

    lines = (await history(stage, wide)).json["snapshots"]

    # The narrow pull is shown with less, and so is what its neighbours are compared by.
    assert [set(line["scopes"]) for line in lines] == [
        set(wide["scopes"]), {"inquiries"}, set(wide["scopes"]),
    ]  # fmt: skip
    assert over_accounts
    for line in lines[:2]:
        assert "attributes" in line["compared"]
        assert "tradelines" not in line["compared"]
        moved = {one["item"] for one in line["changes"] if one["section"] == "attributes"}
        assert not moved & over_accounts


async def test_where_a_page_ends_is_no_matter_to_what_changed(stage: Stage) -> None:
    """Between two that may be shown stands one that may not: the newer has the older beside it."""
    one, other, (oldest, _) = await two_consents(stage)
    newest = (await stage.pull(one)).json["snapshot"]["id"]
    await stage.withdraw(other)

    whole, page = [await history(stage, one, limit=limit) for limit in ("10", "1")]

    assert page.json["snapshots"] == whole.json["snapshots"][:1]
    assert (page.json["snapshots"][0]["since"], page.json["after"]) == (oldest, newest)
    (entry,) = await stage.entries(req=page.req)
    assert set(entry["facts"]["snapshots"].split()) == {oldest, newest}
    done = await replayed(stage, entry["id"])
    assert isinstance(done, Replayed)
    assert done.proven


async def test_a_page_of_refusals_shows_nothing_of_the_next_one(stage: Stage) -> None:
    """What a page is compared with may be covered while nothing of the page itself is."""
    one, other, (older, _) = await two_consents(stage)
    await stage.withdraw(other)

    page = await history(stage, one, limit="1")

    assert page.status == 403
    assert older not in page.body.decode()


async def test_each_refusal_of_a_page_is_on_record(stage: Stage) -> None:
    """One consent refuses one snapshot for its source and another for its scopes."""
    life = stage.somebody()
    others = [
        await stage.consented(life, sources=["pboc"], scopes=["tradelines"]),
        await stage.consented(life, sources=["baihang"], scopes=["inquiries"]),
    ]
    for consent in others:
        await stage.pull(consent)
        await stage.withdraw(consent)
    narrow = await stage.consented(life, sources=["pboc"], scopes=["inquiries"])

    page = await history(stage, narrow)

    entries = await stage.entries(req=page.req)
    assert page.status == 403
    assert sorted(entry["reason"] for entry in entries) == ["scope_empty", "source_not_granted"]


async def test_no_page_goes_past_the_instant_that_is_asked_for(stage: Stage) -> None:
    """A cursor of another history may be of a later snapshot: it says where to go on, not when."""
    consent = await stage.consented(stage.somebody(), sources=["baihang"], scopes=["tradelines"])
    older, newer, newest = [(await stage.pull(consent)).json["snapshot"] for _ in range(3)]

    page = await history(stage, consent, as_of=older["at"], after=newest["id"])

    assert [line["id"] for line in page.json["snapshots"]] == [older["id"]]
    assert newer["at"] > older["at"]


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
