"""The right edge of one growing tree: what must be in memory to add entries to it.

At most one partial tile per level, 8 KiB each, and the frontier. An edge is a cache of stored
state and never believed by itself: `AuditLog` compares size and root with the stored tree inside
the transaction, and loads the edge anew when another process, or a rollback, came in between.
"""

from consent.audit.merkle import HASH_BYTES, TILE_HEIGHT, TILE_WIDTH, Frontier
from consent.audit.tiles import width_at
from consent.audit.tree import Tree
from consent.errors import LogCorrupt

_FULL = TILE_WIDTH * HASH_BYTES


class Edge:
    """Grows by leaf hashes; `changed` gathers the tiles that have to be stored for it."""

    __slots__ = ("_frontier", "_rows", "changed", "member", "origin", "root", "year")

    def __init__(self, member: str, year: int, origin: str) -> None:
        self.member = member
        self.year = year
        self.origin = origin
        self._frontier = Frontier()
        self._rows: list[bytearray] = []
        self.root = self._frontier.root()
        self.changed: dict[tuple[int, int], bytearray] = {}

    @classmethod
    def load(cls, member: str, year: int, tree: Tree) -> "Edge":
        """The edge of a stored tree; LogCorrupt when its tiles do not lead to its root."""
        edge = cls(member, year, tree.origin)
        levels = range(-(-tree.size.bit_length() // TILE_HEIGHT))
        for level in reversed(levels):
            number = tree.size >> TILE_HEIGHT * (level + 1)
            width = width_at(tree.size, level, number)
            row = bytearray(tree.read_tile(level, number) if width else b"")
            for at in range(0, len(row), HASH_BYTES):
                edge._frontier.push(bytes(row[at : at + HASH_BYTES]), level * TILE_HEIGHT)
            edge._rows.insert(0, row)
        edge.root = edge._frontier.root()
        if (edge.size, edge.root) != (tree.size, tree.root):
            raise LogCorrupt("the stored tiles do not lead to the stored root")
        return edge

    @property
    def size(self) -> int:
        """Entries so far."""
        return self._frontier.size

    def add(self, leaf: bytes) -> int:
        """Add one leaf hash; returns its index. `root` is stale until `settle`."""
        index = self._frontier.size
        hashes = [leaf, *self._frontier.push(leaf)]
        for level, node in enumerate(hashes):
            if level == len(self._rows):
                self._rows.append(bytearray())
            row = self._rows[level]
            row += node
            full = len(row) == _FULL
            if level or full:  # tables.py: a level 0 tile is stored once it is full
                self.changed[level, index >> TILE_HEIGHT * (level + 1)] = row
            if full:
                self._rows[level] = bytearray()
        return index

    def settle(self) -> None:
        """Bring `root` up to date with what was added."""
        self.root = self._frontier.root()
