"""Appending: durable together, correct beside other writers, gone when rolled back."""

import json
from dataclasses import replace
from datetime import UTC, datetime, timedelta, timezone
from hashlib import sha256
from operator import methodcaller
from typing import Any

import aics_tlog
import pytest

from consent.audit.catalogue import MAX_ENTRY_BYTES
from consent.audit.kept import KeptCheckpoints
from consent.audit.log import AuditLog, Position
from consent.audit.merkle import check_consistency, check_inclusion, leaf_hash
from consent.audit.note import Checkpoint
from consent.audit.tiles import unpack_bundle
from consent.audit.tree import Tree, open_origin
from consent.audit.verify import directory, verify
from consent.errors import AuditUnavailable, ConfigError, InvalidInput, LogCorrupt, NotFound
from tests.consent.audit.world import World

ORIGIN = "credit.example/audit/lender-7/2026"
NEW_YEAR = datetime(2027, 1, 1, tzinfo=UTC)


def entries_of(tree: Tree) -> list[dict[str, Any]]:
    """Every entry of a tree of less than 257."""
    bundle = tree.entry_bundle(0, tree.size)
    return [json.loads(leaf) for leaf in unpack_bundle(bundle)]


def check_with_ours(world: World, year: int = 2026) -> None:
    """The stand-alone verifier takes the exported tree."""
    verify(directory(world.export(year=year)), world.vkey(year))


def check_with_aics(world: World) -> None:
    """An independent implementation takes the exported tree: head, every entry, proofs."""
    files = world.export("for-aics")
    vkey = aics_tlog.parse_vkey(str(world.vkey()))
    note = aics_tlog.parse_note((files / "checkpoint").read_bytes())
    assert aics_tlog.verify_checkpoint(note, vkey, expected_origin=ORIGIN).ok
    head = aics_tlog.parse_checkpoint(note.text)
    reader = aics_tlog.FileSystemTileReader(files)
    aics_tlog.audit_tiles(reader, head.size, head.root)
    for index in {0, head.size // 2, head.size - 1}:
        proof = world.read(methodcaller("inclusion", index))
        assert proof == aics_tlog.inclusion_proof_from_tiles(reader, index, head.size)
        leaf = aics_tlog.read_entry(reader, index, head.size)
        assert aics_tlog.verify_leaf_inclusion(leaf, index, head.size, proof, head.root)
    for old in {1, head.size // 2 + 1, head.size}:
        proof = world.read(methodcaller("consistency", old))
        root = world.read(methodcaller("root_at", old))
        assert aics_tlog.verify_consistency(old, head.size, root, head.root, proof)


@pytest.mark.parametrize("size", [1, 2, 3, 255, 256, 257, 511, 512, 513])
def test_a_log_is_accepted_by_an_independent_verifier(world: World, size: int) -> None:
    """Evidence is worth what others make of it, above all where tiles fill up."""
    world.append(*world.entries(max(size - 1, 1)))

    check_with_aics(world)
    check_with_ours(world)


@pytest.mark.slow
def test_a_log_past_two_levels_of_tiles_holds(world: World) -> None:
    """At 65,536 entries the third level of tiles begins; a busy member is there in a week."""
    for size in (65_535, 65_536, 65_537):
        world.grow_to(size)
        world.log = world.another_process()  # loads its edge from these very tiles
        assert world.read(lambda tree: tree.size) == size

    check_with_aics(world)


def test_positions_follow_the_entries(world: World) -> None:
    """A caller is told where its own entry stands, also in a batch of several members."""
    ours, theirs = world.entry(1), world.entry(2, member="lender-8")
    more = world.entry(3)

    other = "credit.example/audit/lender-8/2026"
    got = world.append(ours, theirs, more)
    assert got == [Position(ORIGIN, 1), Position(other, 1), Position(ORIGIN, 2)]
    assert world.append(world.entry(4)) == [Position(ORIGIN, 3)]
    opened, *facts = world.read(entries_of)
    assert opened["type"] == "log.opened"
    assert [entry["facts"]["number"] for entry in facts] == [1, 3, 4]


def test_a_batch_costs_one_checkpoint_per_tree(world: World) -> None:
    """A group commit shares its signature, or signing would set the pace."""
    signed: list[bytes] = []

    class Counting:
        public = world.signer.public

        def sign(self, message: bytes) -> bytes:
            signed.append(message)
            return world.signer.sign(message)

    log = AuditLog(world.engine, gateway="credit.example", signer=Counting(), kept=world.kept)  # type: ignore[arg-type]
    world.append(*world.entries(20), world.entry(member="lender-8"), log=log)

    assert len(signed) == 2


def test_each_stored_checkpoint_continues_the_one_before(world: World) -> None:
    """Whoever kept any checkpoint can follow the log from there."""
    heads: list[Checkpoint] = []
    for count in (1, 3, 250, 1, 2, 300):
        world.append(*world.entries(count))
        note = world.read(lambda tree: tree.checkpoint)
        heads.append(Checkpoint.open(note, world.vkey()))

    last = heads[-1]
    assert last.size == 558
    for head in heads:
        proof = world.read(methodcaller("consistency", head.size))
        check_consistency(head.size, last.size, head.root, last.root, proof)


def test_every_entry_of_a_small_log_is_proven(world: World) -> None:
    """Each leaf, against the tree of each moment."""
    world.append(*world.entries(12))

    def check(tree: Tree) -> None:
        leaves = unpack_bundle(tree.entry_bundle(0, 13))
        for size in range(1, 14):
            for index in range(size):
                proof = tree.inclusion(index, size)
                check_inclusion(leaf_hash(leaves[index]), index, size, proof, tree.root_at(size))

    world.read(check)


def test_another_process_may_append_in_between(world: World) -> None:
    """The command line writes beside the server; a stale memory would fork the tree."""
    theirs = world.another_process()
    for turn in range(6):
        world.append(*world.entries(100), log=theirs if turn % 2 else world.log)

    check_with_aics(world)
    assert world.read(lambda tree: tree.size) == 601


def test_a_rolled_back_batch_leaves_no_trace(world: World) -> None:
    """Otherwise the next batch would be signed on top of entries that never were."""
    world.append(*world.entries(200))
    world.lose(*world.entries(100))
    world.append(*world.entries(55))
    world.lose(world.entry(member="lender-8"))
    world.log.publish()

    check_with_aics(world)
    assert world.read(lambda tree: tree.size) == 256
    assert len(world.kept.origins()) == 1
    with pytest.raises(NotFound), world.engine.connect() as conn:
        open_origin(conn, "credit.example/audit/lender-8/2026")


def test_a_first_batch_may_be_rolled_back(world: World) -> None:
    """The tree's opening goes with it and comes again with the next."""
    world.lose(*world.entries(3))
    world.append(world.entry())

    check_with_ours(world)
    assert world.read(lambda tree: tree.size) == 2


def test_a_new_year_opens_with_the_last_checkpoint_of_the_old(world: World) -> None:
    """The years of a member are one chain; cutting off a year must show."""
    december = world.entry(1, at=NEW_YEAR - timedelta(microseconds=1))
    got = world.append(world.entry(0), december, world.entry(2, at=NEW_YEAR), world.entry(3))

    assert [(p.origin[-4:], p.index) for p in got] == [
        ("2026", 1),
        ("2026", 2),
        ("2027", 1),
        ("2027", 2),  # decided in March, written when the new year was open
    ]
    opening = world.read(entries_of, 2027)[0]
    last = world.read(lambda tree: tree.checkpoint)
    assert opening["type"] == "log.opened"
    assert opening["facts"]["previous"] == last.decode()
    assert Checkpoint.open(last, world.vkey()).size == 3
    check_with_ours(world)
    check_with_ours(world, 2027)


def test_a_new_year_follows_a_tree_written_by_another_process(world: World) -> None:
    """The closing checkpoint is the stored one, whoever wrote it."""
    world.append(*world.entries(3))
    world.append(world.entry(at=NEW_YEAR), log=world.another_process())
    world.append(world.entry(at=NEW_YEAR))

    opening = world.read(entries_of, 2027)[0]
    assert opening["facts"]["previous"] == world.read(lambda tree: tree.checkpoint).decode()
    assert world.read(lambda tree: tree.size, 2027) == 3


def test_the_year_is_that_of_utc(world: World) -> None:
    """A gateway in Shanghai is in the new year eight hours early; its log is not."""
    shanghai = timezone(timedelta(hours=8))
    got = world.append(world.entry(at=datetime(2027, 1, 1, 7, tzinfo=shanghai)))

    assert got == [Position(ORIGIN, 1)]


@pytest.mark.parametrize(
    "broken",
    [
        {"facts": {"ratio": 0.5}},
        {"facts": {"text": "x" * MAX_ENTRY_BYTES}},
        {"facts": {"half a character": "\ud800"}},
        {"subject": b"bytes"},
        {"member": "lender 7"},
        {"member": "../lender-8"},
        {"member": ""},
    ],
)
def test_an_entry_that_cannot_be_written_fails_the_append(
    world: World, broken: dict[str, Any]
) -> None:
    """No record, no reply: a silent skip would be a release without evidence."""
    world.append(world.entry(0))
    with pytest.raises(AuditUnavailable):
        world.append(world.entry(1), world.entry(2, **broken))
    world.append(world.entry(3))

    assert [e["facts"].get("number") for e in world.read(entries_of)] == [None, 0, 3]
    check_with_ours(world)


def test_a_refusal_repeats_nothing_of_the_entry(world: World) -> None:
    """Errors travel into logs, and entries may name a subject."""
    entry = world.entry(facts={"canary": "CANARY-VALUE"}, reason="CANARY-REASON")
    world.append(entry)
    ratio: dict[str, Any] = {"canary": "CANARY-VALUE", "x": 0.5}
    for refused in (replace(entry, facts=ratio), entry):
        with pytest.raises(AuditUnavailable) as told:  # the second has an id already used
            world.append(refused)
        assert "CANARY" not in str(told.value)
        assert told.value.__suppress_context__


def test_the_largest_entry_fits(world: World) -> None:
    """65,535 bytes, which is what a bundle can count."""
    room = MAX_ENTRY_BYTES - len(world.entry(facts={"text": ""}).encode())
    world.append(world.entry(facts={"text": "x" * room}))

    check_with_aics(world)


@pytest.mark.parametrize(
    "statement",
    [
        "UPDATE audit_tree SET root = zeroblob(32)",
        "UPDATE audit_tree SET size = size - 1",
        "UPDATE audit_tree SET checkpoint = x'00'",
        "UPDATE audit_entry SET leaf = x'7b7d' WHERE leaf_index = 301",
        "DELETE FROM audit_entry WHERE leaf_index = 299",
        "UPDATE audit_tile SET hashes = zeroblob(32) WHERE level = 1",
        "DELETE FROM audit_tile WHERE level = 1",
    ],
)
def test_a_tampered_tree_is_not_continued(world: World, statement: str) -> None:
    """Signing on top of it would turn a forgery into our own word."""
    world.append(*world.entries(301))
    world.tamper(statement)
    with pytest.raises(LogCorrupt):
        world.append(world.entry(), log=world.another_process())


@pytest.mark.parametrize("gone", [0, 2, 5])
def test_a_missing_entry_is_named(world: World, gone: int) -> None:
    """A bundle that closed the gap would serve every later entry under a wrong index."""
    world.append(*world.entries(5))
    world.tamper("DELETE FROM audit_entry WHERE leaf_index = ?", gone)
    with pytest.raises(LogCorrupt) as told:
        world.read(methodcaller("entry_bundle", 0, 6))

    assert told.value.index == gone


def test_a_tree_forged_with_another_key_is_not_continued(world: World) -> None:
    """Self-consistent and well signed, but not by us."""
    stranger = World(
        world.engine, world.directory, world.kept, signer=type(world.signer)(bytes(32))
    )
    stranger.append(*world.entries(3))
    with pytest.raises(LogCorrupt, match="not signed by"):
        world.append(world.entry())


def test_what_is_not_there_is_not_found(world: World) -> None:
    """A tile wider than the tree, an entry after the last, a tree never opened."""
    world.append(*world.entries(2))

    def ask(tree: Tree) -> None:
        for path in ("tile/0/000", "tile/0/000.p/4", "tile/1/000.p/1", "tile/entries/001", "x"):
            with pytest.raises(NotFound):
                tree.resource(path)
        for index, size in ((3, 3), (-1, 3), (0, 4), (0, 0)):
            with pytest.raises(InvalidInput):
                tree.inclusion(index, size)
        for old, new in ((0, 3), (3, 2), (1, 4)):
            with pytest.raises(InvalidInput):
                tree.consistency(old, new)
        assert tree.resource("checkpoint") == tree.checkpoint
        assert len(tree.resource("tile/0/000.p/2")) == 64

    world.read(ask)
    with pytest.raises(NotFound):
        world.read(ask, 2025)


def test_the_name_of_the_gateway_fits_into_an_origin(world: World) -> None:
    """An origin is a key name: a space or a plus in it would make every checkpoint unreadable."""
    for name in ("", "credit example", "credit+example", "a/b"):
        with pytest.raises(ConfigError):
            AuditLog(
                world.engine,
                gateway=name,
                signer=world.signer,
                kept=KeptCheckpoints(world.directory),
            )


def test_the_first_leaf_of_a_log_is_pinned(world: World) -> None:
    """If this moves, logs written before do not continue: write an ADR."""
    world.append(world.entry())
    opening = world.read(entries_of)[0]
    opening["id"] = "0"
    text = json.dumps(opening, sort_keys=True, separators=(",", ":"))

    assert (
        sha256(text.encode()).hexdigest()
        == "7067c37e2e83b4cb5aa1aa50a8e81d08ede46dd943d8dd487c0c3360a00dea27"
    )
