"""One stored tree, read: checkpoint, tiles, bundles and the proofs made of them.

A `Tree` is as old as the read transaction it was opened in, and consistent in itself. A proof
reads a few tiles however many million entries there are.
"""

from sqlalchemy import Connection, Row, select

from consent.audit import merkle
from consent.audit.merkle import HASH_BYTES, TILE_HEIGHT, TILE_WIDTH, leaf_hash
from consent.audit.tables import entries, tiles, trees
from consent.audit.tiles import Resource, nodes, pack_bundle, width_at
from consent.errors import InvalidInput, LogCorrupt, NotFound

_NO_TREE = "no audit log of that member and year"


def open_tree(conn: Connection, member: str, year: int) -> "Tree":
    """The tree of `member` and `year`; NotFound when nothing was ever recorded in it."""
    row = conn.execute(
        select(trees).where(trees.c.member == member, trees.c.year == year)
    ).one_or_none()
    if row is None:
        raise NotFound(_NO_TREE)
    return Tree(conn, row)


def open_origin(conn: Connection, origin: str) -> "Tree":
    """The tree that signs as `origin`; NotFound when there is none."""
    row = conn.execute(select(trees).where(trees.c.origin == origin)).one_or_none()
    if row is None:
        raise NotFound(_NO_TREE)
    return Tree(conn, row)


class Tree:
    """A tree as stored at one moment. `checkpoint` is the signed note over `size` and `root`."""

    def __init__(self, conn: Connection, row: Row[tuple[object, ...]]) -> None:
        self._conn = conn
        self._member: str = row.member
        self._year: int = row.year
        self.origin: str = row.origin
        self.size: int = row.size
        self.root: bytes = row.root
        self.checkpoint: bytes = row.checkpoint
        self.node = nodes(self.read_tile)

    def inclusion(self, index: int, size: int | None = None) -> list[bytes]:
        """The proof that entry `index` is in the first `size` entries, by default in all."""
        size = self.size if size is None else size
        if not 0 < size <= self.size:
            raise InvalidInput("/size", f"1 to {self.size}")
        if not 0 <= index < size:
            raise InvalidInput("/index", f"0 to {size - 1}")
        return merkle.inclusion(index, size, self.node)

    def consistency(self, old: int, new: int | None = None) -> list[bytes]:
        """The proof that the first `old` entries begin the first `new` ones, by default all."""
        new = self.size if new is None else new
        if not 0 < new <= self.size:
            raise InvalidInput("/new", f"1 to {self.size}")
        if not 0 < old <= new:
            raise InvalidInput("/old", f"1 to {new}")
        return merkle.consistency(old, new, self.node)

    def root_at(self, size: int) -> bytes:
        """The root the tree had when it held `size` entries, from its tiles."""
        return merkle.root(size, self.node)

    def tile(self, level: int, number: int, width: int = TILE_WIDTH) -> bytes:
        """`width` hashes of a tile; NotFound when the tree does not have that many."""
        if not 0 < width <= width_at(self.size, level, number):
            raise NotFound("no such tile in this tree")
        return self.read_tile(level, number)[: width * HASH_BYTES]

    def entry_bundle(self, number: int, width: int = TILE_WIDTH) -> bytes:
        """`width` entries from `256 * number` on; NotFound when there are not that many."""
        if not 0 < width <= width_at(self.size, 0, number):
            raise NotFound("no such entry bundle in this tree")
        return pack_bundle(self._leaves(number)[:width])

    def leaf(self, index: int) -> bytes:
        """The canonical bytes of one entry; NotFound beyond the end."""
        if not 0 <= index < self.size:
            raise NotFound("no such entry in this tree")
        return self._leaves(index // TILE_WIDTH)[index % TILE_WIDTH]

    def resource(self, path: str) -> bytes:
        """What the tree serves at a C2SP path: `checkpoint`, `tile/...`; NotFound otherwise."""
        if path == "checkpoint":
            return self.checkpoint
        try:
            wanted = Resource.parse(path)
        except ValueError:
            raise NotFound("not a path of a tiled log") from None
        if wanted.level is None:
            return self.entry_bundle(wanted.number, wanted.width)
        return self.tile(wanted.level, wanted.number, wanted.width)

    def read_tile(self, level: int, number: int) -> bytes:
        """A tile as wide as it is now; LogCorrupt when it is not in the database as it must be."""
        width = width_at(self.size, level, number)
        if level == 0 and width < TILE_WIDTH:
            return b"".join([leaf_hash(leaf) for leaf in self._leaves(number)])
        hashes: bytes | None = self._conn.execute(
            select(tiles.c.hashes).where(
                tiles.c.member == self._member,
                tiles.c.year == self._year,
                tiles.c.level == level,
                tiles.c.number == number,
            )
        ).scalar_one_or_none()
        if hashes is None or len(hashes) != width * HASH_BYTES:
            first = number << TILE_HEIGHT * (level + 1)
            raise LogCorrupt("a tile of the log is missing or torn", index=first)
        return hashes

    def _leaves(self, number: int) -> list[bytes]:
        first = number * TILE_WIDTH
        width = width_at(self.size, 0, number)
        rows = self._conn.execute(
            select(entries.c.leaf_index, entries.c.leaf)
            .where(
                entries.c.member == self._member,
                entries.c.year == self._year,
                entries.c.leaf_index >= first,
                entries.c.leaf_index < first + width,
            )
            .order_by(entries.c.leaf_index)
        ).all()
        for index, row in enumerate(rows, first):
            if row.leaf_index != index:
                raise LogCorrupt("an entry of the log is missing", index=index)
        if len(rows) != width:
            raise LogCorrupt("an entry of the log is missing", index=first + len(rows))
        return [row.leaf for row in rows]
