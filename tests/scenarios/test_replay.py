"""A past reply is made again byte for byte, under any later configuration, or it says why not."""

import re
import shutil
from dataclasses import replace
from pathlib import Path
from typing import Any
from uuid import UUID

import pytest
from httpx import QueryParams
from sqlalchemy import delete

from consent.audit.catalogue import Actor, ConsentStamp, EventType, Trail
from consent.decision import Refusal
from consent.errors import LogCorrupt, NotFound
from consent.journal import Tx
from gateway import settings
from gateway.clients import Role
from gateway.past import explain, kinds
from gateway.past.replay import Replayed
from gateway.rebuild import CannotRebuild
from gateway.store import configurations
from tests.scenarios.given import MEMBER, Answer, Stage, gateway_on

pytestmark = pytest.mark.asyncio(loop_scope="module")

CONFIG = Path(__file__).resolve().parents[2] / "config"
AUDITOR = Trail(MEMBER, Actor("operator", "auditor", "local"), "replaying")


async def replayed(stage: Stage, id_: str) -> Replayed | Refusal | CannotRebuild:
    """What `creditgate audit replay` does with an id."""
    return await stage.services.replaying.replay(AUDITOR, UUID(id_))


async def proven(stage: Stage, id_: str, answer: Answer) -> bool:
    """The replay is the very reply."""
    done = await replayed(stage, id_)
    assert isinstance(done, Replayed), done
    assert (done.over, done.differs, done.unlike) == ((), (), ())
    return done.proven and done.reply is not None and done.reply.body == answer.body


async def entry_of(stage: Stage, answer: Answer, kind: str) -> str:
    """The id of the disclosure of one reply."""
    (found,) = [e["id"] for e in await stage.entries(req=answer.req) if e["type"] == kind]
    return str(found)


async def test_a_released_reply_replays_by_snapshot_and_by_entry(stage: Stage) -> None:
    """Either is what an auditor has in hand."""
    consent = await stage.consented(stage.world.persona("many-lenders"))
    pull = await stage.pull(consent)

    assert await proven(stage, pull.json["snapshot"]["id"], pull)
    assert await proven(stage, pull.json["snapshot"]["entry"], pull)


async def test_a_read_replays_as_it_was_shown(stage: Stage) -> None:
    """Less of the same snapshot: another view, a client without names, a narrower consent."""
    life = stage.somebody()
    wide = await stage.consented(life)
    await stage.pull(wide)
    nameless = await stage.new_client(Role.PROFILE_READ)
    narrow = await stage.consented(life, scopes=["inquiries", "tradelines"])
    for answer in (
        await stage.read(wide, view="attributes"),
        await stage.read(wide, key=nameless),
        await stage.read(narrow),
    ):
        assert await proven(stage, await entry_of(stage, answer, "profile.read"), answer)


async def history(stage: Stage, consent: Any, *, key: str | None = None, **query: str) -> Answer:
    asked = QueryParams({"purpose": consent["purpose"], **query})
    return await stage.call("GET", f"/v1/borrowers/{consent['subject']}/history?{asked}", key=key)


async def test_a_history_replays_from_any_of_its_entries(stage: Stage) -> None:
    """It may rest on several consents: each has its entry, and all of them are one reply."""
    life = stage.somebody()
    one = await stage.consented(life, sources=["pboc"], scopes=["tradelines", "identity"])
    other = await stage.consented(life, sources=["baihang"], scopes=["tradelines"])
    third = await stage.consented(life, sources=["bairong"], scopes=["inquiries"])
    for consent in (one, other, third, one):
        await stage.pull(consent)
    await stage.withdraw(third)
    first = await history(stage, one, limit="2")
    nameless = await stage.new_client(Role.PROFILE_READ)
    for page in (
        first,
        await history(stage, one, limit="2", after=first.json["after"]),
        await history(stage, one, view="attributes"),
        await history(stage, one, key=nameless),
    ):
        entries = await stage.entries(req=page.req, type="profile.history")
        assert {e["consent"]["id"] for e in entries} == {one["id"], other["id"]}
        for entry in entries:
            assert await proven(stage, entry["id"], page)
    whole = (await history(stage, one)).json["snapshots"]
    assert [line.get("refused") is not None for line in whole] == [False, True, False, False]
    assert any(line.get("changes") for line in whole)


async def test_a_history_replays_after_its_consents_were_replaced(stage: Stage) -> None:
    """A consent of today that covers as much is enough; the one of then stays named in it."""
    life = stage.somebody()
    consent = await stage.consented(life)
    for _ in range(2):
        await stage.pull(consent)
    page = await history(stage, consent)
    entry = await entry_of(stage, page, "profile.history")
    await stage.withdraw(consent)
    assert isinstance(await replayed(stage, entry), Refusal)
    await stage.consented(life)

    assert await proven(stage, entry, page)


async def test_a_snapshot_unreadable_then_is_no_matter_now(stage: Stage) -> None:
    """The line said so; whether it can be read by now changes nothing of what was shown."""
    consent = await stage.consented(stage.somebody())
    older, newer = [(await stage.pull(consent)).json["snapshot"]["id"] for _ in range(2)]
    ((body,),) = stage.sql("SELECT sealed FROM snapshot WHERE id = ?", UUID(older).hex)
    mend = ("UPDATE snapshot SET sealed = ? WHERE id = ?", body, UUID(older).hex)
    stage.sql(mend[0], body[:-1] + bytes([body[-1] ^ 1]), mend[2])
    pages = [await history(stage, consent), await history(stage, consent, after=newer)]
    entries = [await entry_of(stage, page, "profile.history") for page in pages]

    for page in pages:
        assert page.json["snapshots"][-1]["refused"] == {"reason": "unreadable"}
    for _ in range(2):
        for entry, page in zip(entries, pages, strict=True):
            assert await proven(stage, entry, page)
        stage.sql(*mend)


@pytest.mark.parametrize(
    "path",
    [
        "/identity/name",
        "/attributes/values/hard_inquiries_30d",
        "/tradelines/lines/0/balance",
        "/tradelines/lines/0/grid",
        "/tradelines/lines/0/lender",
    ],
)
async def test_an_explanation_replays(stage: Stage, path: str) -> None:
    """Also as a client without names, and under a narrower consent, was shown it."""
    life = stage.somebody()
    wide = await stage.consented(life)
    await stage.pull(wide)
    nameless = await stage.new_client(Role.PROFILE_READ)
    for key in (None, nameless):
        why = await stage.read(wide, key=key, explain=path)
        assert why.status == 200
        assert await proven(stage, await entry_of(stage, why, "profile.explained"), why)
    narrow = await stage.consented(life, scopes=["inquiries", "identity", "tradelines"])
    why = await stage.read(narrow, explain=path)
    assert await proven(stage, await entry_of(stage, why, "profile.explained"), why)


async def test_an_explanation_without_its_answers_needs_them(stage: Stage) -> None:
    """It was made from the sealed profile alone; a replay makes the profile again, and cannot."""
    consent = await stage.consented(stage.somebody())
    pull = await stage.pull(consent)
    raw = await raw_of(stage, pull, "pboc")
    kept = stage.sql("SELECT * FROM report WHERE id = ?", raw.hex)
    stage.sql("DELETE FROM report WHERE id = ?", raw.hex)
    why = await stage.read(consent, explain="/identity/name")
    entry = await entry_of(stage, why, "profile.explained")
    lacking = await replayed(stage, entry)

    assert isinstance(lacking, CannotRebuild)
    assert [(one.what, one.which) for one in lacking.missing] == [("raw_answer", f"pboc/{raw}")]
    marks = ", ".join("?" * len(kept[0]))
    stage.sql(f"INSERT INTO report VALUES ({marks})", *kept[0])  # noqa: S608 - question marks
    assert await proven(stage, entry, why)


@pytest.mark.parametrize(
    ("kind", "facts", "lacks"),
    [
        ("profile.history", {"snapshots": str(UUID(int=7))}, "sources, sections, page, limit"),
        (
            "profile.explained",
            {"snapshot": str(UUID(int=7)), "path": "/x"},
            "sources, sections, dated",
        ),
    ],
)
async def test_an_entry_of_an_older_build_says_what_it_lacks(
    stage: Stage, kind: str, facts: dict[str, str | int], lacks: str
) -> None:
    """Entries never change: what was not written then cannot be made up now."""
    trail = replace(AUDITOR, code="creditgate 0")
    told: dict[str, str | int] = {"identified": 1, "reply_sha256": "00"}

    def unit(tx: Tx) -> str:
        stamp = ConsentStamp(UUID(int=8), 1, 1)
        entry = trail.entry(EventType(kind), tx.at, consent=stamp, purpose="x", facts=facts | told)
        tx.note(entry)
        return str(entry.id)

    old = await stage.services.journal.commit(unit)
    lacking = await replayed(stage, old)

    assert isinstance(lacking, CannotRebuild)
    assert [(one.what, one.which) for one in lacking.missing] == [("entry", old)]
    assert lacks in lacking.missing[0].why
    (entry, *_) = (await stage.entries(type="profile.replayed"))[::-1]
    assert (entry["reason"], entry["facts"]["entry"]) == ("missing_entry", old)


async def test_an_explanation_of_a_build_without_an_instant_of_its_look_replays(
    stage: Stage,
) -> None:
    """It was made within the unit that put it on record: by the law of its entry."""
    consent = await stage.consented(stage.somebody())
    await stage.pull(consent)
    why = await stage.read(consent, explain="/identity/name")
    (was,) = await stage.entries(req=why.req, type="profile.explained")
    cited, facts = was["consent"], {**was["facts"]}
    del facts["shown_at"]

    def unit(tx: Tx) -> str:
        entry = replace(AUDITOR, code=was["code"]).entry(
            EventType.PROFILE_EXPLAINED, tx.at, subject=was["subject"],
            consent=ConsentStamp(UUID(cited["id"]), cited["seq"], cited["epoch"]),
            purpose=was["purpose"], scopes=was["scopes"], facts=facts,
        )  # fmt: skip
        tx.note(entry)
        return str(entry.id)

    assert await proven(stage, await stage.services.journal.commit(unit), why)


async def test_an_entry_beside_it_that_is_not_found_is_named(fresh_stage: Stage) -> None:
    """Of a history under two consents, one entry alone does not tell all it showed."""
    stage = fresh_stage
    life = stage.somebody()
    consents = [
        await stage.consented(life, sources=[source], scopes=["tradelines"])
        for source in ("pboc", "baihang")
    ]
    snapshots = [(await stage.pull(consent)).json["snapshot"]["id"] for consent in consents]
    page = await history(stage, consents[0])
    by = {e["consent"]["id"]: e["id"] for e in await stage.entries(req=page.req)}
    stage.sql("UPDATE audit_entry SET req = '' WHERE id = ?", by[consents[1]["id"]])

    lacking = await replayed(stage, by[consents[0]["id"]])

    assert isinstance(lacking, CannotRebuild)
    assert [(one.what, one.which) for one in lacking.missing] == [("entry", snapshots[1])]


async def test_a_replay_is_on_record(stage: Stage) -> None:
    """It opens personal data, so it is an event of its own, with what came of it."""
    consent = await stage.consented(stage.somebody())
    pull = await stage.pull(consent)
    await replayed(stage, pull.json["snapshot"]["id"])

    (entry, *_) = (await stage.entries(subject=consent["subject"]))[::-1]
    assert entry["type"] == "profile.replayed"
    assert entry["reason"] == "same_bytes"
    assert entry["actor"]["id"] == "auditor"
    assert entry["facts"]["snapshot"] == pull.json["snapshot"]["id"]
    assert entry["facts"]["entry"] == pull.json["snapshot"]["entry"]


async def test_without_a_consent_of_now_there_is_no_replay(stage: Stage) -> None:
    """A withdrawal ends every later look, this one too; the refusal is on record."""
    consent = await stage.consented(stage.somebody())
    pull = await stage.pull(consent)
    await stage.withdraw(consent)

    refused = await replayed(stage, pull.json["snapshot"]["id"])

    assert isinstance(refused, Refusal)
    assert refused.reason == "withdrawn"
    (entry, *_) = (await stage.entries(subject=consent["subject"]))[::-1]
    assert (entry["type"], entry["reason"]) == ("profile.denied", "withdrawn")


async def test_a_narrower_consent_does_not_replay_more(stage: Stage) -> None:
    """All the reply showed must be covered today, not a part of it."""
    life = stage.somebody()
    wide = await stage.consented(life)
    pull = await stage.pull(wide)
    await stage.withdraw(wide)
    await stage.consented(life, scopes=["inquiries"])

    assert isinstance(await replayed(stage, pull.json["snapshot"]["id"]), Refusal)


async def test_a_replay_needs_a_consent_for_every_source_it_showed(stage: Stage) -> None:
    """Two bureaus stood behind the replies: a consent for one alone makes none of them again."""
    life = stage.somebody()
    both = await stage.consented(life, sources=["pboc", "baihang"])
    shown = [
        (await stage.pull(both), "profile.release"),
        (await stage.read(both), "profile.read"),
        (await stage.read(both, explain="/identity/name"), "profile.explained"),
        (await history(stage, both), "profile.history"),
    ]
    told = [await entry_of(stage, *reply) for reply in shown]
    await stage.withdraw(both)

    for granted, missing in (("baihang", "pboc"), ("pboc", "baihang")):
        await stage.consented(life, sources=[granted])
        for entry in told:
            refused = await replayed(stage, entry)
            assert isinstance(refused, Refusal)
            assert (refused.ask.source, refused.reason) == (missing, "source_not_granted")


async def test_another_members_replies_are_not_there(stage: Stage) -> None:
    """A member's auditor sees its own disclosures."""
    pull = await stage.pull(await stage.consented(stage.somebody()))
    stranger = replace(AUDITOR, member="rival")

    with pytest.raises(NotFound):
        await stage.services.replaying.replay(stranger, UUID(pull.json["snapshot"]["id"]))


async def test_entries_that_show_nothing_are_no_replies(stage: Stage) -> None:
    """The message says what would have been right, also of an id whose time no calendar has."""
    consent = await stage.consented(stage.somebody())
    (recorded, *_) = await stage.entries(subject=consent["subject"])

    for id_ in (recorded["id"], str(UUID(int=0)), str(UUID(int=2**128 - 1))):
        with pytest.raises(NotFound, match=r"profile\.release"):
            await replayed(stage, id_)


async def test_tampering_is_refused_and_names_the_answer(stage: Stage) -> None:
    """Whoever changes the evidence gets no proof out of it."""
    pull = await stage.pull(await stage.consented(stage.somebody()))
    raw = await raw_of(stage, pull, "pboc")
    ((sealed,),) = stage.sql("SELECT sealed FROM report WHERE id = ?", raw.hex)
    stage.sql(
        "UPDATE report SET sealed = ? WHERE id = ?", sealed[:-1] + bytes([sealed[-1] ^ 1]), raw.hex
    )

    refused = await replayed(stage, pull.json["snapshot"]["id"])

    assert isinstance(refused, CannotRebuild)
    assert [(one.what, one.which) for one in refused.missing] == [("raw_answer", f"pboc/{raw}")]
    assert "altered" in refused.missing[0].why


async def test_what_is_gone_is_named_exactly(stage: Stage) -> None:
    """Each thing with its id and, for an answer, the digest to know it again by."""
    pull = await stage.pull(await stage.consented(stage.somebody()))
    raws = [await raw_of(stage, pull, source) for source in ("baihang", "tongdun")]
    for raw in raws:
        stage.sql("DELETE FROM report WHERE id = ?", raw.hex)
    ends = [e["facts"] for e in await stage.entries(req=pull.req) if e["type"] == "fetch.ok"]
    digests = {facts["raw"]: facts["sha256"] for facts in ends}

    refused = await replayed(stage, pull.json["snapshot"]["id"])

    assert isinstance(refused, CannotRebuild)
    named = {one.which.partition("/")[2]: one.why for one in refused.missing}
    assert named.keys() == {str(raw) for raw in raws}
    assert all(digests[raw] in why for raw, why in named.items())
    (entry, *_) = (await stage.entries(subject=pull.json["subject"]))[::-1]
    assert (entry["type"], entry["reason"]) == ("profile.replayed", "missing_raw_answer")


async def test_a_removed_snapshot_is_named(stage: Stage) -> None:
    """The log still knows that it was shown."""
    pull = await stage.pull(await stage.consented(stage.somebody()))
    id_ = UUID(pull.json["snapshot"]["id"])
    stage.sql("DELETE FROM snapshot WHERE id = ?", id_.hex)

    refused = await replayed(stage, str(id_))

    assert isinstance(refused, CannotRebuild)
    assert [(one.what, one.which) for one in refused.missing] == [("snapshot", str(id_))]


async def test_a_rewritten_entry_proves_nothing(fresh_stage: Stage) -> None:
    """The digest a replay is held against comes out of the signed log, not out of a row."""
    pull = await fresh_stage.pull(await fresh_stage.consented(fresh_stage.somebody()))
    entry = pull.json["snapshot"]["entry"]
    ((leaf,),) = fresh_stage.sql("SELECT leaf FROM audit_entry WHERE id = ?", entry)
    forged = leaf.replace(b'"identified":1', b'"identified":0')
    assert forged != leaf
    fresh_stage.sql("UPDATE audit_entry SET leaf = ? WHERE id = ?", forged, entry)

    with pytest.raises(LogCorrupt):
        await replayed(fresh_stage, entry)


async def test_each_entry_of_a_page_stands_in_the_signed_log(fresh_stage: Stage) -> None:
    """One of several is enough to say of a snapshot what was shown of it."""
    life = fresh_stage.somebody()
    consents = [
        await fresh_stage.consented(life, sources=[source], scopes=["tradelines"])
        for source in ("pboc", "baihang")
    ]
    for consent in consents:
        await fresh_stage.pull(consent)
    page = await history(fresh_stage, consents[0])
    one, other = [entry["id"] for entry in await fresh_stage.entries(req=page.req)]
    ((leaf,),) = fresh_stage.sql("SELECT leaf FROM audit_entry WHERE id = ?", other)
    forged = leaf.replace(b'"scopes":["tradelines"]', b'"scopes":["inquiries"]')
    assert forged != leaf
    fresh_stage.sql("UPDATE audit_entry SET leaf = ? WHERE id = ?", forged, other)

    with pytest.raises(LogCorrupt):
        await replayed(fresh_stage, one)


@pytest.fixture
def reworked(tmp_path: Path) -> Path:
    """The shipped configuration, believing the sources the other way round and warning later."""
    folder = Path(shutil.copytree(CONFIG, tmp_path / "config"))
    for name, pattern, instead in (
        ("merge.toml", r"^rank = \[(.*)\]$", _reversed),
        ("signals.toml", r"^recent_lenders = \d+", "recent_lenders = 4000"),
    ):
        path = folder / name
        text, changed = re.subn(pattern, instead, path.read_text(), count=1, flags=re.MULTILINE)
        assert changed == 1
        path.write_text(text)
    return folder


def _reversed(rank: re.Match[str]) -> str:
    return f"rank = [{', '.join(rank[1].split(', ')[::-1])}]"


async def test_replies_outlive_a_change_of_configuration(
    fresh_stage: Stage, reworked: Path
) -> None:
    """Both answers replay, each by the rules of its day, although only one can be in force."""
    stage = fresh_stage
    consent = await stage.consented(stage.world.persona("many-lenders"))
    before = await stage.pull(consent)
    now = stage.services.settings
    changed = settings.load(reworked, data=now.data.directory)
    changed = replace(changed, sources=now.sources)
    async with gateway_on(changed, clock=stage.clock, wire=stage.wire) as (services, url):
        later = stage.at(services, url)
        after = await later.pull(consent, max_age_s=3600)

        assert before.json["snapshot"]["config"] != after.json["snapshot"]["config"]
        assert before.json["profile"]["signals"] != after.json["profile"]["signals"]
        for where in (stage, later):
            assert await proven(where, before.json["snapshot"]["id"], before)
            assert await proven(where, after.json["snapshot"]["id"], after)


async def test_a_configuration_that_is_not_kept_is_asked_for(
    fresh_stage: Stage, reworked: Path
) -> None:
    """By its digest; the folder it was read from stands in for it, no other folder does."""
    stage = fresh_stage
    consent = await stage.consented(stage.somebody())
    before = await stage.pull(consent)
    shipped = stage.services.settings
    changed = replace(settings.load(reworked, data=shipped.data.directory), sources=shipped.sources)
    table = configurations.configurations

    def forget(tx: Tx) -> None:
        tx.conn.execute(delete(table).where(table.c.digest == shipped.digest))

    await stage.services.journal.commit(forget)
    async with gateway_on(changed, clock=stage.clock, wire=stage.wire) as (services, url):
        later = stage.at(services, url)
        lacking = await replayed(later, before.json["snapshot"]["id"])

        assert isinstance(lacking, CannotRebuild)
        assert [(one.what, one.which) for one in lacking.missing] == [
            ("configuration", shipped.digest)
        ]
        await services.journal.commit(lambda tx: configurations.keep(tx, settings.load(CONFIG)))
        assert await proven(later, before.json["snapshot"]["id"], before)


async def test_another_build_that_decides_otherwise_is_told_apart(
    fresh_stage: Stage, monkeypatch: pytest.MonkeyPatch
) -> None:
    """When the bytes are others, the replay says which sections, and that the build is another."""
    stage = fresh_stage
    pull = await stage.pull(await stage.consented(stage.somebody()))
    pinned = stage.services.replaying
    from gateway.merge import whole  # noqa: PLC0415 - the rule that is changed below

    monkeypatch.setattr(whole, "inquiries", lambda *_: ())
    other = replace(pinned, code="creditgate 9.9.9")

    done = await other.replay(AUDITOR, UUID(pull.json["snapshot"]["id"]))

    assert isinstance(done, Replayed)
    assert not done.proven
    assert "inquiries" in done.differs
    assert "tradelines" not in done.differs
    made_by = pull.json["snapshot"]["code"]
    assert done.unlike == (f"it was made by {made_by}; this is creditgate 9.9.9",)


async def test_an_explanation_that_another_build_words_otherwise_says_that_alone(
    fresh_stage: Stage, monkeypatch: pytest.MonkeyPatch
) -> None:
    """No section is named that came out the same; the build is, also where nothing is there now."""
    stage = fresh_stage
    consent = await stage.consented(stage.somebody())
    await stage.pull(consent)
    told = await entry_of(
        stage, await stage.read(consent, explain="/identity/name"), "profile.explained"
    )
    made_by = stage.services.replaying.code
    other = replace(stage.services.replaying, code="creditgate 9.9.9")
    unlike = f"it was made by {made_by}; this is creditgate 9.9.9"

    async def done() -> Replayed | Refusal | CannotRebuild:
        return await other.replay(AUDITOR, UUID(told))

    monkeypatch.setattr(kinds, "WORDS", {})
    reworded = await done()
    monkeypatch.setattr(explain, "EXPLAINERS", ())
    gone = await done()

    assert isinstance(gone, CannotRebuild)
    assert [(one.what, one.why) for one in gone.missing][1:] == [("build", unlike)]
    assert gone.missing[0].what == "value"
    assert isinstance(reworded, Replayed)
    assert (reworded.proven, reworded.differs, reworded.unlike) == (False, (), (unlike,))


async def raw_of(stage: Stage, pull: Answer, source: str) -> UUID:
    """The stored answer of one source behind a pull."""
    entries = await stage.entries(req=pull.req)
    (found,) = [
        e["facts"]["raw"] for e in entries if e["type"] == "fetch.ok" and e["source"] == source
    ]
    return UUID(found)
