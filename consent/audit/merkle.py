"""RFC 6962 Merkle trees: hashes, proofs and what checks them. Pure, knows no storage.

A *node* is named by (height, index): it is the root of the perfect subtree over the leaves
`[index << height, (index + 1) << height)`; leaf hashes are the nodes of height 0. Whatever can
hand out nodes (`consent.audit.tiles` does, from a few stored tiles) can make every proof.

Checks raise `LogCorrupt` and return nothing, so that no caller can forget to look at a result.
"""

from collections.abc import Callable, Iterator, Sequence
from hashlib import sha256
from hmac import compare_digest

from consent.errors import LogCorrupt

HASH_BYTES = 32
EMPTY_ROOT = sha256(b"").digest()  # RFC 6962 2.1: the hash of an empty list
TILE_HEIGHT = 8  # C2SP tlog-tiles: a tile is a subtree of height 8
TILE_WIDTH = 1 << TILE_HEIGHT

Node = Callable[[int, int], bytes]
"""`node(height, index)` returns the hash of a perfect subtree that is wholly inside the tree."""


def leaf_hash(entry: bytes) -> bytes:
    """RFC 6962 2.1; the prefix keeps an entry from posing as an inner node."""
    return sha256(b"\x00" + entry).digest()


def node_hash(left: bytes, right: bytes) -> bytes:
    """RFC 6962 2.1, the hash of two children."""
    return sha256(b"\x01" + left + right).digest()


def fold(hashes: bytes) -> bytes:
    """The root over a power of two of sibling hashes, given joined together."""
    while len(hashes) > HASH_BYTES:
        pairs = range(0, len(hashes), 2 * HASH_BYTES)
        hashes = b"".join(
            [sha256(b"\x01" + hashes[at : at + 2 * HASH_BYTES]).digest() for at in pairs]
        )
    return hashes


class Frontier:
    """The right edge of a growing tree: the roots of its perfect subtrees, largest first.

    That is all a tree needs to grow and to know its root: at most 64 hashes, one per bit of
    `size`.
    """

    __slots__ = ("_roots", "size")

    def __init__(self) -> None:
        self.size = 0
        self._roots: list[bytes] = []

    def push(self, node: bytes, height: int = 0) -> list[bytes]:
        """Add a perfect subtree of `height`; returns the tile hashes it completed, lowest first.

        A tile hash is a node whose height is a multiple of `TILE_HEIGHT`; `node` itself is not
        among them. `size` must be a multiple of the subtree's own.
        """
        completed: list[bytes] = []
        added = 1 << height
        while self.size >> height & 1:
            node = node_hash(self._roots.pop(), node)
            height += 1
            if height % TILE_HEIGHT == 0:
                completed.append(node)
        self._roots.append(node)
        self.size += added
        return completed

    def root(self) -> bytes:
        """The RFC 6962 tree hash of all leaves so far."""
        if not self._roots:
            return EMPTY_ROOT
        *lefts, root = self._roots
        for left in reversed(lefts):
            root = node_hash(left, root)
        return root

    def copy(self) -> "Frontier":
        """An independent frontier of the same tree."""
        twin = Frontier()
        twin.size, twin._roots = self.size, self._roots.copy()
        return twin


def root(size: int, node: Node) -> bytes:
    """The tree hash of the first `size` leaves."""
    return _ragged(0, size, node) if size else EMPTY_ROOT


def inclusion(index: int, size: int, node: Node) -> list[bytes]:
    """The audit path of leaf `index` in the tree of `size` leaves (RFC 6962 2.1.1)."""
    if not 0 <= index < size:
        raise ValueError("an inclusion proof needs 0 <= index < size")
    return list(_path(index, 0, size, node))[::-1]


def consistency(old: int, new: int, node: Node) -> list[bytes]:
    """Proof that the tree of `old` leaves is a prefix of the one of `new` (RFC 6962 2.1.2).

    Empty when `old` is 0 or `new`: then there is nothing to prove, or only equal roots.
    """
    if not 0 <= old <= new:
        raise ValueError("a consistency proof needs 0 <= old <= new")
    if old in {0, new}:
        return []
    # The old tree's rightmost perfect subtree is where the two trees last agree on a node; its
    # audit path in the new tree is the proof. The node itself is known when it is all of `old`.
    height = (old & -old).bit_length() - 1
    first = old - (1 << height)
    shared = [] if first == 0 else [node(height, first >> height)]
    return shared + list(_path(first, 0, new, node, width=1 << height))[::-1]


def check_inclusion(
    leaf: bytes, index: int, size: int, proof: Sequence[bytes], root: bytes
) -> None:
    """`leaf` (a leaf hash) stands at `index` of the tree, else `LogCorrupt` (RFC 9162 2.1.3.2)."""
    if not 0 <= index < size:
        raise LogCorrupt("no such entry in a tree of that size", index=index)
    _check_hashes(leaf, root, *proof)
    fn, sn, node = index, size - 1, leaf
    for sibling in proof:
        if sn == 0:
            raise LogCorrupt("the inclusion proof is too long", index=index)
        if fn & 1 or fn == sn:
            node = node_hash(sibling, node)
            fn, sn = _climb(fn, sn)
        else:
            node = node_hash(node, sibling)
        fn, sn = fn >> 1, sn >> 1
    if sn != 0:
        raise LogCorrupt("the inclusion proof is too short", index=index)
    if not compare_digest(node, root):
        raise LogCorrupt("the inclusion proof does not lead to the root", index=index)


def check_consistency(
    old: int, new: int, old_root: bytes, new_root: bytes, proof: Sequence[bytes]
) -> None:
    """The old tree is a prefix of the new one, else `LogCorrupt` (RFC 9162 2.1.4.2).

    An empty old tree is refused: it is a prefix of everything and proves nothing.
    """
    if not 0 < old <= new:
        raise LogCorrupt("a consistency proof needs 0 < old <= new")
    if old == new:
        if proof or not compare_digest(old_root, new_root):
            raise LogCorrupt("two trees of one size differ")
        return
    _check_hashes(old_root, new_root, *proof)
    if not proof:
        raise LogCorrupt("the consistency proof is empty")
    # A perfect old tree is itself the first node, which the proof then leaves out.
    path = [old_root, *proof] if old & (old - 1) == 0 else proof
    was, now = _two_roots(old - 1, new - 1, path)
    if not (compare_digest(was, old_root) and compare_digest(now, new_root)):
        raise LogCorrupt("the tree is not a continuation of the older one")


def _two_roots(fn: int, sn: int, path: Sequence[bytes]) -> tuple[bytes, bytes]:
    """The old and the new root that a consistency proof leads to (RFC 9162 2.1.4.2, 3 to 7)."""
    while fn & 1:
        fn, sn = fn >> 1, sn >> 1
    was = now = path[0]
    for sibling in path[1:]:
        if sn == 0:
            raise LogCorrupt("the consistency proof is too long")
        if fn & 1 or fn == sn:
            was, now = node_hash(sibling, was), node_hash(sibling, now)
            fn, sn = _climb(fn, sn)
        else:
            now = node_hash(now, sibling)
        fn, sn = fn >> 1, sn >> 1
    if sn != 0:
        raise LogCorrupt("the consistency proof is too short")
    return was, now


def _ragged(start: int, stop: int, node: Node) -> bytes:
    """The tree hash over leaves `[start, stop)`; `start` is aligned as RFC 6962 splits."""
    roots: list[bytes] = []
    while start < stop:
        height = (stop - start).bit_length() - 1
        roots.append(node(height, start >> height))
        start += 1 << height
    *lefts, root = roots
    for left in reversed(lefts):
        root = node_hash(left, root)
    return root


def _path(index: int, start: int, stop: int, node: Node, width: int = 1) -> Iterator[bytes]:
    """Siblings from the root of `[start, stop)` down to the subtree of `width` at `index`."""
    while stop - start > width:
        split = start + (1 << ((stop - start - 1).bit_length() - 1))  # RFC 6962 2.1: k < n <= 2k
        if index < split:
            yield _ragged(split, stop, node)
            stop = split
        else:
            yield _ragged(start, split, node)
            start = split


def _climb(fn: int, sn: int) -> tuple[int, int]:
    """Skip the levels where the right-most node has no sibling (RFC 9162 2.1.3.2, step 4.2)."""
    while fn and not fn & 1:
        fn, sn = fn >> 1, sn >> 1
    return fn, sn


def _check_hashes(*hashes: bytes) -> None:
    if any(len(each) != HASH_BYTES for each in hashes):
        raise LogCorrupt("a proof or a root holds something that is not a SHA-256 hash")
