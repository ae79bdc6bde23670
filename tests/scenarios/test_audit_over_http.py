"""The audit log as an outsider sees it: over HTTP, checked with tools that are not ours."""

import asyncio
import base64
import hashlib
from collections.abc import Callable
from contextlib import suppress
from pathlib import Path
from typing import Any

import aics_tlog
import orjson
import pytest
from joserfc import jws
from joserfc.jwk import OKPKey

from consent.audit.note import Checkpoint, Vkey
from consent.audit.verify import verify
from consent.errors import LogCorrupt
from tests.scenarios.given import MEMBER, Stage, another_gateway, gateway_on, stage_on
from tests.scenarios.theorem import after_withdrawal, without_intent

pytestmark = pytest.mark.asyncio(loop_scope="module")


def year(stage: Stage) -> int:
    return stage.clock().year


async def checked(stage: Stage, log: dict[str, bytes]) -> aics_tlog.Checkpoint:
    """What PyPI aics-tlog says of a log: every tile and bundle against the signed head."""
    keys = (await stage.call("GET", "/v1/keys")).json
    note = aics_tlog.parse_note(log["checkpoint"])
    vkey = aics_tlog.parse_vkey(keys["log"])
    origin = f"creditgate.example/audit/{MEMBER}/{year(stage)}"
    assert aics_tlog.verify_checkpoint(note, vkey, expected_origin=origin).ok
    head = aics_tlog.parse_checkpoint(note.text)
    aics_tlog.audit_tiles(aics_tlog.MemoryTileReader(log), head.size, head.root)
    return head


def head_of(note: bytes | str) -> aics_tlog.Checkpoint:
    """The tree head in a checkpoint whose signature was checked elsewhere."""
    raw = note if isinstance(note, bytes) else note.encode()
    return aics_tlog.parse_checkpoint(aics_tlog.parse_note(raw).text)


async def newest(stage: Stage) -> aics_tlog.Checkpoint:
    return head_of(await stage.gateway.log_resource(MEMBER, year(stage), "checkpoint"))


async def grew(stage: Stage, older: aics_tlog.Checkpoint) -> bool:
    """The log of now continues `older`, by the proof it serves."""
    path = f"/v1/audit/proof/consistency?year={year(stage)}&old={older.size}"
    proof = (await stage.call("GET", path)).json
    head = head_of(proof["checkpoint"])
    hashes = [base64.b64decode(one) for one in proof["proof"]]
    return aics_tlog.verify_consistency(older.size, head.size, older.root, head.root, hashes)


async def busy(stage: Stage, pulls: int) -> dict[str, Any]:
    """Some work worth recording."""
    consent = await stage.consented(stage.somebody(), sources=["bairong"])
    for _ in range(pulls):
        await stage.pull(consent)
    return consent


async def test_an_independent_tool_accepts_the_log_as_it_grows(stage: Stage) -> None:
    """Checkpoint, tiles and entries of the running server satisfy a verifier we did not write."""
    sizes = []
    for _ in range(3):
        await busy(stage, 3)
        head = await checked(stage, await stage.gateway.log(MEMBER, year(stage)))
        sizes.append(head.size)

    assert sizes == sorted(set(sizes))


async def test_an_independent_tool_accepts_the_proofs(stage: Stage) -> None:
    """Inclusion of every entry, and growth from every size before, by RFC 6962 alone."""
    await busy(stage, 2)
    older = await newest(stage)
    await busy(stage, 2)
    for index in range(0, older.size, 5):
        found = await stage.gateway.inclusion(year=str(year(stage)), index=str(index))
        head = head_of(found["checkpoint"])
        proof = [base64.b64decode(one) for one in found["proof"]]
        leaf = base64.b64decode(found["leaf"])
        assert aics_tlog.verify_leaf_inclusion(leaf, index, head.size, proof, head.root)

    assert await grew(stage, older)


async def test_one_changed_byte_is_seen_from_outside(stage: Stage) -> None:
    """Our own verifier and the other's both refuse an entry that somebody improved."""
    await busy(stage, 2)
    log = await stage.gateway.log(MEMBER, year(stage))
    bundle = next(path for path in log if path.startswith("tile/entries/"))
    log[bundle] = log[bundle].replace(b'"allow"', b'"allov"', 1)
    vkey = (await stage.call("GET", "/v1/keys")).json["log"]

    with pytest.raises(Exception, match="not the one in its tile"):
        verify(log.__getitem__, Vkey.parse(vkey))
    with pytest.raises(aics_tlog.TileVerificationError):
        await checked(stage, log)


@pytest.mark.filterwarnings("ignore:EdDSA is deprecated")
async def test_a_receipt_verifies_without_us(stage: Stage) -> None:
    """JWS with the published key, digest of the artefact, and its place in the signed log."""
    consent = await stage.consented(stage.somebody(), purpose_text="a loan for a kitchen")
    keys = (await stage.call("GET", "/v1/keys")).json
    artefact = jws.deserialize_compact(
        consent["receipt"], OKPKey.import_key(keys["consent"]), algorithms=["Ed25519", "EdDSA"]
    ).payload
    proof = consent["log"]
    entry = await stage.gateway.inclusion(entry=proof["entry"])
    leaf = base64.b64decode(entry["leaf"])
    head = Checkpoint.open(proof["checkpoint"].encode(), Vkey.parse(keys["log"]))

    told = orjson.loads(artefact)
    assert (told["id"], told["subject"]["ref"]) == (consent["id"], consent["subject"])
    assert told["purpose"]["text"] == "a loan for a kitchen"
    assert hashlib.sha256(artefact).hexdigest() == consent["artefact_sha256"]
    assert orjson.loads(leaf)["facts"]["artefact_sha256"] == consent["artefact_sha256"]
    hashes = [base64.b64decode(one) for one in proof["proof"]]
    assert aics_tlog.verify_leaf_inclusion(leaf, proof["index"], head.size, hashes, head.root)


@pytest.mark.filterwarnings("ignore:EdDSA is deprecated")
async def test_a_forged_receipt_does_not_verify(stage: Stage) -> None:
    """Nobody but the gateway's key can have said what a subject agreed to."""
    consent = await stage.consented(stage.somebody())
    keys = (await stage.call("GET", "/v1/keys")).json
    header, payload, signature = consent["receipt"].split(".")
    told = base64.urlsafe_b64decode(payload + "=" * (-len(payload) % 4))
    wider = told.replace(b'"max_uses":0', b'"max_uses":9')
    forged = base64.urlsafe_b64encode(wider).decode().rstrip("=")

    assert wider != told
    with pytest.raises(Exception, match="bad_signature"):
        jws.deserialize_compact(
            f"{header}.{forged}.{signature}",
            OKPKey.import_key(keys["consent"]),
            algorithms=["Ed25519", "EdDSA"],
        )


async def test_the_search_finds_each_entry_once_whatever_is_added(stage: Stage) -> None:
    """Paging through a log that grows misses nothing that was there and repeats nothing."""
    await busy(stage, 6)
    before = {one["index"] for one in await pages(stage, 1000)}
    found = await pages(stage, 7)

    assert len(found) == len({one["index"] for one in found})
    assert before <= {one["index"] for one in found}


async def pages(stage: Stage, limit: int) -> list[dict[str, Any]]:
    found: list[dict[str, Any]] = []
    query = {"limit": str(limit)}
    while True:
        page = await stage.gateway.audit_entries(**query)
        found += page["entries"]
        if page["after"] is None:
            return found
        query["after"] = page["after"]
        await stage.call("GET", "/v1/audit/entries?limit=1")  # reading is an entry: the log grows


async def test_a_search_by_anything_finds_what_it_says(stage: Stage) -> None:
    """Subject, consent, client, purpose, source, kind, request, time: each narrows to just that."""
    consent = await busy(stage, 1)
    pull = await stage.pull(consent)
    release = next(e for e in await stage.entries(req=pull.req) if e["type"] == "profile.release")
    narrow: dict[str, tuple[str, Callable[[dict[str, Any]], bool]]] = {
        "subject": (consent["subject"], lambda e: e["subject"] == release["subject"]),
        "consent": (consent["id"], lambda e: e["consent"]["id"] == consent["id"]),
        "client": (release["actor"]["id"], lambda e: e["actor"] == release["actor"]),
        "purpose": (release["purpose"], lambda e: e["purpose"] == release["purpose"]),
        "type": (release["type"], lambda e: e["type"] == release["type"]),
        "req": (release["req"], lambda e: e["req"] == release["req"]),
        "since": (release["ts"], lambda e: e["ts"] >= release["ts"]),
    }
    for name, (value, wanted) in narrow.items():
        found = await stage.entries(**{name: value})
        assert release in found, name
        assert all(map(wanted, found)), name
    fetched = await stage.entries(source="bairong", consent=consent["id"])
    assert {e["type"] for e in fetched} == {"fetch.intended", "fetch.ok"}
    assert await stage.entries(until=release["ts"], req=pull.req) != []
    assert release not in await stage.entries(until=release["ts"], req=pull.req)


async def test_looking_at_the_log_is_in_the_log(stage: Stage) -> None:
    """An auditor's searches are on record with what they searched by, and how much they saw."""
    consent = await busy(stage, 1)
    looked = await stage.call("GET", f"/v1/audit/entries?consent={consent['id']}&limit=2")
    entry = (await stage.entries(req=looked.req))[0]

    assert entry["type"] == "audit.read"
    assert (entry["facts"]["by"], entry["facts"]["entries"]) == ("consent", 2)


async def test_entries_are_on_record_however_they_are_read(stage: Stage) -> None:
    """A proof shows its leaf and a bundle all of its own; a checkpoint tells about nobody."""
    await busy(stage, 1)
    size = (await newest(stage)).size
    bundle = f"tile/entries/{size // 256:03}.p/{size % 256}" if size % 256 else "tile/entries/000"
    log = f"/log/{MEMBER}/{year(stage)}"
    proof = await stage.call("GET", f"/v1/audit/proof/inclusion?year={year(stage)}&index=0")
    read = await stage.call("GET", f"{log}/{bundle}")
    polled = await stage.call("GET", f"{log}/checkpoint")

    told = [await stage.entries(req=one.req) for one in (proof, read, polled)]
    assert [one.status for one in (proof, read, polled)] == [200] * 3
    assert [[(e["type"], e["facts"]) for e in one] for one in told] == [
        [("audit.read", {"by": "proof", "index": 0})],
        [("audit.read", {"by": "bundle", "path": bundle})],
        [],
    ]


async def test_reading_a_consent_is_on_record(stage: Stage) -> None:
    """Alone or in a list: each consent that was shown has its entry."""
    life = stage.somebody()
    consents = [await stage.consented(life, sources=["bairong"]) for _ in range(2)]
    first = consents[0]
    alone = await stage.call("GET", f"/v1/consents/{first['id']}")
    listed = await stage.call("GET", f"/v1/consents?subject={first['subject']}")

    for answer, shown in ((alone, consents[:1]), (listed, consents)):
        entries = await stage.entries(req=answer.req)
        assert {e["type"] for e in entries} == {"consent.read"}
        assert {e["consent"]["id"] for e in entries} == {one["id"] for one in shown}
        assert len(entries) == len(shown)


async def test_two_gateways_write_one_tree(stage: Stage) -> None:
    """Replicas append in turns; the tree is one, consistent, and both serve the same head."""
    async with another_gateway(stage) as other:
        consents = [await stage.consented(stage.somebody(), sources=["bairong"]) for _ in range(8)]
        before = await checked(stage, await stage.gateway.log(MEMBER, year(stage)))
        replies = await asyncio.gather(
            *((stage, other)[n % 2].pull(consents[n % 8]) for n in range(24))
        )
        after = await checked(stage, await other.gateway.log(MEMBER, year(stage)))
        heads = [
            await one.gateway.log_resource(MEMBER, year(stage), "checkpoint")
            for one in (stage, other)
        ]
    log = await stage.entries()

    assert {reply.status for reply in replies} == {200}
    assert after.size >= before.size + 3 * 24
    assert heads[0] == heads[1]
    released = {e["facts"]["reply_sha256"] for e in log if e["type"] == "profile.release"}
    assert {hashlib.sha256(reply.body).hexdigest() for reply in replies} <= released
    assert list(after_withdrawal(log)) == []
    assert list(without_intent(log)) == []


async def test_a_restart_continues_the_tree(fresh_stage: Stage) -> None:
    """A gateway started anew on the data of another is its continuation, by proof."""
    stage = fresh_stage
    await busy(stage, 2)
    before = await newest(stage)
    chosen = stage.services.settings
    async with gateway_on(chosen, clock=stage.clock, wire=stage.wire) as (services, url):
        again = stage.at(services, url)
        await busy(again, 2)

        assert (await newest(again)).size > before.size
        assert await grew(again, before)


def improve(stage: Stage) -> None:
    """Rewrite the last entry, and the root with it: a faultless tree that nobody signed."""
    found = stage.sql("SELECT leaf FROM audit_entry WHERE member = ? ORDER BY leaf_index", MEMBER)
    leaves = [leaf for (leaf,) in found]
    leaves[-1] = leaves[-1].replace(b'"allow"', b'"deny"')
    last = len(leaves) - 1
    stage.sql("UPDATE audit_entry SET leaf = ? WHERE leaf_index = ?", leaves[-1], last)
    root = aics_tlog.MerkleTree(leaves).root()
    stage.sql("UPDATE audit_tree SET root = ? WHERE member = ?", root, MEMBER)


async def test_a_tampered_database_is_written_to_no_more(tmp_path: Path) -> None:
    """Who changes the tree in the file gets no signature under it: requests fail closed."""
    with suppress(LogCorrupt):  # said once more at the end, if a publication was due
        async with stage_on(tmp_path) as stage:
            consent = await busy(stage, 1)
            improve(stage)
            pull = await stage.pull(consent)
            calls = await stage.calls()

    assert (pull.status, pull.json["code"]) == (503, "audit_unavailable")
    assert calls["bairong"] == 1
