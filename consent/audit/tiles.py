"""The stored shape of a tree: tiles and entry bundles (c2sp.org/tlog-tiles at 5ba5ee83).

A tile of level L and number N holds up to 256 hashes, the nodes of height 8 L with indices
`[256 N, 256 N + 256)`; a bundle holds the entries of one level-0 tile, each after its length in
16 bits. At the right edge both are partial, `width` < 256. `None` as a level means bundles.
"""

import re
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from functools import cache

from consent.audit.merkle import HASH_BYTES, TILE_HEIGHT, TILE_WIDTH, Node, fold

MAX_BUNDLE_BYTES = TILE_WIDTH * (2 + 0xFFFF)

ReadTile = Callable[[int, int], bytes]
"""`read(level, number)` returns the tile, as wide as the tree at hand has it."""

_PATH = re.compile(
    r"tile/(?P<level>entries|0|[1-5][0-9]?|6[0-3]?|[7-9])"
    r"/(?P<number>(?:x[0-9]{3}/)*[0-9]{3})(?:\.p/(?P<width>[1-9][0-9]{0,2}))?"
)


@dataclass(frozen=True, slots=True)
class Resource:
    """One tile, or with `level` None one entry bundle; `width` in hashes or entries."""

    level: int | None
    number: int
    width: int = TILE_WIDTH

    @property
    def path(self) -> str:
        """Where it is served: `tile/<L>/<N>[.p/<W>]`, N in groups of three digits."""
        digits = str(self.number)
        digits = digits.zfill(-(-len(digits) // 3) * 3)
        groups = [digits[at : at + 3] for at in range(0, len(digits), 3)]
        number = "/".join([*(f"x{group}" for group in groups[:-1]), groups[-1]])
        partial = "" if self.width == TILE_WIDTH else f".p/{self.width}"
        return f"tile/{'entries' if self.level is None else self.level}/{number}{partial}"

    @classmethod
    def parse(cls, path: str) -> "Resource":
        """The inverse of `path`; ValueError for anything `path` would not write."""
        found = _PATH.fullmatch(path)
        if found is None:
            raise ValueError("not a tile or entry bundle path")
        level = None if found["level"] == "entries" else int(found["level"])
        number = int(found["number"].replace("x", "").replace("/", ""))
        resource = cls(level, number, int(found["width"] or TILE_WIDTH))
        if resource.path != path:
            raise ValueError("not a tile or entry bundle path")
        return resource


def width_at(size: int, level: int, number: int) -> int:
    """Hashes that tile (`level`, `number`) has in a tree of `size` leaves, 0 when none."""
    return max(0, min(TILE_WIDTH, (size >> TILE_HEIGHT * level) - number * TILE_WIDTH))


def resources(size: int) -> Iterator[Resource]:
    """Every tile and bundle of a tree of `size` leaves, in the order of its entries per level."""
    for number in range(-(-size // TILE_WIDTH)):
        yield Resource(None, number, width_at(size, 0, number))
    level = 0
    while nodes := size >> TILE_HEIGHT * level:
        for number in range(-(-nodes // TILE_WIDTH)):
            yield Resource(level, number, width_at(size, level, number))
        level += 1


def pack_bundle(entries: Sequence[bytes]) -> bytes:
    """The bundle of `entries`; OverflowError when one is longer than 65,535 bytes."""
    return b"".join([len(entry).to_bytes(2, "big") + entry for entry in entries])


def unpack_bundle(bundle: bytes) -> list[bytes]:
    """The entries of a bundle; ValueError when its lengths do not add up."""
    entries: list[bytes] = []
    at, end = 0, len(bundle)
    while at + 2 <= end:
        start = at + 2
        at = start + (bundle[at] << 8 | bundle[at + 1])
        entries.append(bundle[start:at])
    if at != end:
        raise ValueError("an entry bundle ends in the middle of an entry")
    return entries


def nodes(read: ReadTile) -> Node:
    """Nodes out of tiles; each tile is read once for as long as the result is kept."""
    tile = cache(read)

    def node(height: int, index: int) -> bytes:
        # A height between two levels is folded from its row of hashes in the tile below.
        level, inside = divmod(height, TILE_HEIGHT)
        first = index << inside
        number, at = divmod(first, TILE_WIDTH)
        hashes = tile(level, number)[at * HASH_BYTES : (at + (1 << inside)) * HASH_BYTES]
        if len(hashes) != HASH_BYTES << inside:
            raise ValueError("a tile is shorter than its tree")
        return fold(hashes)

    return node
