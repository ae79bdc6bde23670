"""What one append stores, gathered first and written with one statement per table."""

from typing import Any

from sqlalchemy import Connection, bindparam, delete, insert, update

from consent.audit.catalogue import Entry
from consent.audit.edge import Edge
from consent.audit.tables import cards, leaves, tiles, trees
from consent.clock import stamp

_Row = dict[str, Any]  # a row on its way into SQLAlchemy, which types it no closer

_REPLACED = delete(tiles).where(
    *(tiles.c[key] == bindparam(f"of_{key}") for key in ("member", "year", "level", "number"))
)
_GROWN = update(trees).where(
    trees.c.member == bindparam("of_member"), trees.c.year == bindparam("of_year")
)


class Rows:
    """Rows of one batch; `write` sends them, `heads` says how far each tree has grown."""

    def __init__(self) -> None:
        self._leaves: list[_Row] = []
        self._cards: list[_Row] = []
        self._tiles: list[_Row] = []
        self._opened: list[_Row] = []
        self._grown: list[_Row] = []
        self.heads: dict[str, int] = {}

    def entry(self, edge: Edge, index: int, entry: Entry, leaf: bytes) -> None:
        """An entry that became leaf `index` of the tree."""
        place: _Row = {"member": edge.member, "year": edge.year, "leaf_index": index}
        consent = None if entry.consent is None else entry.consent.id
        self._leaves.append({**place, "leaf": leaf})
        self._cards.append(
            {
                **place,
                "at": stamp(entry.at),
                "id": entry.id,
                "type": entry.type.value,
                "actor": entry.actor.id,
                "subject": entry.subject,
                "consent": consent,
                "purpose": entry.purpose,
                "source": entry.source,
                "req": entry.req,
            }
        )

    def head(self, edge: Edge, note: bytes, *, opened: bool) -> None:
        """A tree as it stands at the end of the batch, with the tiles that changed."""
        tree: _Row = {"member": edge.member, "year": edge.year}
        for (level, number), hashes in edge.changed.items():
            self._tiles.append({**tree, "level": level, "number": number, "hashes": bytes(hashes)})
        edge.changed.clear()
        self.heads[edge.origin] = edge.size
        state: _Row = {"size": edge.size, "root": edge.root, "checkpoint": note}
        if opened:
            self._opened.append({**tree, "origin": edge.origin, **state})
        else:
            self._grown.append({"of_member": edge.member, "of_year": edge.year, **state})

    def write(self, conn: Connection) -> None:
        """Send everything inside the open transaction."""
        if self._opened:
            conn.execute(insert(trees), self._opened)
        if self._grown:
            conn.execute(_GROWN, self._grown)
        if self._tiles:  # a partial tile of an upper level may be there already
            places = ("member", "year", "level", "number")
            conn.execute(_REPLACED, [{f"of_{k}": t[k] for k in places} for t in self._tiles])
            conn.execute(insert(tiles), self._tiles)
        if self._leaves:
            conn.execute(insert(leaves), self._leaves)
            conn.execute(insert(cards), self._cards)
