"""The tree's mathematics, against vectors made by others and against RFC 6962 read literally."""

import base64
import json
from collections.abc import Sequence
from hashlib import sha256
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from consent.audit import merkle
from consent.audit.merkle import Frontier, check_consistency, check_inclusion, leaf_hash
from consent.audit.tiles import nodes
from consent.errors import LogCorrupt

LEAVES = [b"entry %d" % number for number in range(700)]


def mth(leaves: Sequence[bytes]) -> bytes:
    """RFC 6962 2.1, word for word."""
    if not leaves:
        return sha256(b"").digest()
    if len(leaves) == 1:
        return sha256(b"\x00" + leaves[0]).digest()
    k = 1 << ((len(leaves) - 1).bit_length() - 1)
    return sha256(b"\x01" + mth(leaves[:k]) + mth(leaves[k:])).digest()


def path(m: int, leaves: Sequence[bytes]) -> list[bytes]:
    """RFC 6962 2.1.1, word for word."""
    if len(leaves) == 1:
        return []
    k = 1 << ((len(leaves) - 1).bit_length() - 1)
    if m < k:
        return [*path(m, leaves[:k]), mth(leaves[k:])]
    return [*path(m - k, leaves[k:]), mth(leaves[:k])]


def subproof(m: int, leaves: Sequence[bytes], *, whole: bool = True) -> list[bytes]:
    """RFC 6962 2.1.2, word for word."""
    if m == len(leaves):
        return [] if whole else [mth(leaves)]
    k = 1 << ((len(leaves) - 1).bit_length() - 1)
    if m <= k:
        return [*subproof(m, leaves[:k], whole=whole), mth(leaves[k:])]
    return [*subproof(m - k, leaves[k:], whole=False), mth(leaves[:k])]


def tiled(size: int) -> merkle.Node:
    """Nodes of the first leaves out of tiles made by a frontier, as the log makes them."""
    levels: list[list[bytes]] = [[], [], []]
    frontier = Frontier()
    for leaf in LEAVES[:size]:
        for level, node in enumerate([leaf_hash(leaf), *frontier.push(leaf_hash(leaf))]):
            levels[level].append(node)
    return nodes(lambda level, number: b"".join(levels[level][256 * number : 256 * number + 256]))


def vectors(shared: Path, kind: str) -> dict[str, dict[str, Any]]:
    """Cases of transparency-dev/merkle by name."""
    file = shared / "vectors" / "rfc6962" / f"transparency-dev-merkle.{kind}.json"
    cases: dict[str, dict[str, Any]] = json.loads(file.read_bytes())
    assert len(cases) == 98
    return cases


def unbase64(case: dict[str, Any], *names: str) -> list[bytes]:
    """Some hashes of a case."""
    return [base64.b64decode(case[name]) for name in names]


def test_inclusion_vectors_are_judged_as_wanted(shared: Path) -> None:
    """Other implementations' edge cases are where home-made verifiers fail."""
    for name, case in vectors(shared, "inclusion").items():
        proof = [base64.b64decode(each) for each in case["proof"] or []]
        leaf, root = unbase64(case, "leafHash", "root")
        try:
            check_inclusion(leaf, case["leafIdx"], case["treeSize"], proof, root)
            refused = False
        except LogCorrupt:
            refused = True
        assert refused is case["wantErr"], name


def test_consistency_vectors_are_judged_as_wanted(shared: Path) -> None:
    """An empty old tree, a proof of nothing, a swapped root: each must be refused."""
    for name, case in vectors(shared, "consistency").items():
        proof = [base64.b64decode(each) for each in case["proof"] or []]
        root1, root2 = unbase64(case, "root1", "root2")
        try:
            check_consistency(case["size1"], case["size2"], root1, root2, proof)
            refused = False
        except LogCorrupt:
            refused = True
        assert refused is case["wantErr"], name


@given(size=st.integers(0, 700))
def test_a_frontier_has_the_root_of_the_rfc(size: int) -> None:
    """What we sign must be the hash everyone else computes."""
    frontier = Frontier()
    for leaf in LEAVES[:size]:
        frontier.push(leaf_hash(leaf))

    assert frontier.root() == mth(LEAVES[:size])
    assert merkle.root(size, tiled(size)) == mth(LEAVES[:size])


@given(st.data(), st.integers(1, 700))
def test_inclusion_proofs_are_those_of_the_rfc(data: st.DataObject, size: int) -> None:
    """Proofs come out of tiles of a larger tree and still fit the tree of the moment."""
    index = data.draw(st.integers(0, size - 1))
    proof = merkle.inclusion(index, size, tiled(700))

    assert proof == path(index, LEAVES[:size])
    check_inclusion(leaf_hash(LEAVES[index]), index, size, proof, mth(LEAVES[:size]))
    with pytest.raises(LogCorrupt):
        check_inclusion(leaf_hash(b"other"), index, size, proof, mth(LEAVES[:size]))


@given(st.data(), st.integers(1, 700))
def test_consistency_proofs_are_those_of_the_rfc(data: st.DataObject, new: int) -> None:
    """An auditor with last month's checkpoint must be able to connect it to today's."""
    old = data.draw(st.integers(1, new))
    proof = merkle.consistency(old, new, tiled(700))

    assert proof == subproof(old, LEAVES[:new])
    check_consistency(old, new, mth(LEAVES[:old]), mth(LEAVES[:new]), proof)
    with pytest.raises(LogCorrupt):
        check_consistency(old, new, mth(LEAVES[1 : old + 1]), mth(LEAVES[:new]), proof)


@pytest.mark.parametrize(("old", "new"), [(-1, 3), (4, 3)])
def test_a_proof_between_impossible_sizes_is_refused(old: int, new: int) -> None:
    """A wrong size is the caller's mistake and must not look like an empty proof."""
    with pytest.raises(ValueError, match="0 <= old <= new"):
        merkle.consistency(old, new, tiled(3))
    with pytest.raises(ValueError, match="0 <= index < size"):
        merkle.inclusion(3, 3, tiled(3))


def test_a_proof_over_a_million_entries_reads_few_tiles() -> None:
    """A proof must not cost more as the years go by."""
    read: list[tuple[int, int]] = []

    def tile(level: int, number: int) -> bytes:
        read.append((level, number))
        return bytes(32 * 256)

    merkle.inclusion(123_456, 1_000_000, nodes(tile))
    merkle.consistency(123_456, 1_000_000, nodes(tile))

    assert len(read) <= 10
