"""What one append stores, gathered first and written with one statement per table."""

from datetime import UTC, datetime, timedelta
from functools import lru_cache
from typing import Any

from sqlalchemy import Connection, Dialect, bindparam, delete, insert, update

from consent.audit.catalogue import Entry
from consent.audit.edge import Edge
from consent.audit.tables import entries, tiles, trees

_Row = dict[str, Any]  # a row on its way into SQLAlchemy, which types it no closer

_REPLACED = delete(tiles).where(
    *(tiles.c[key] == bindparam(f"of_{key}") for key in ("member", "year", "level", "number"))
)
_GROWN = update(trees).where(
    trees.c.member == bindparam("of_member"), trees.c.year == bindparam("of_year")
)
_EPOCH = datetime(1970, 1, 1, tzinfo=UTC)
_MICROSECOND = timedelta(microseconds=1)


def microseconds(at: datetime) -> int:
    """An aware instant as microseconds since 1970, UTC."""
    return (at - _EPOCH) // _MICROSECOND


class Rows:
    """Rows of one batch; `write` sends them, `heads` says how far each tree has grown."""

    def __init__(self) -> None:
        self._entries: list[tuple[object, ...]] = []
        self._tiles: list[_Row] = []
        self._opened: list[_Row] = []
        self._grown: list[_Row] = []
        self.heads: dict[str, int] = {}

    def entry(self, edge: Edge, index: int, entry: Entry, leaf: bytes) -> None:
        """An entry that became leaf `index` of the tree."""
        self._entries.append(
            (  # columns as in tables.py
                edge.member,
                microseconds(entry.at),
                str(entry.id),
                edge.year,
                index,
                entry.type.value,
                entry.actor.id,
                entry.subject,
                None if entry.consent is None else str(entry.consent.id),
                entry.purpose,
                entry.source,
                entry.req,
                leaf,
            )
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
        if self._entries:
            conn.exec_driver_sql(_insert(conn.dialect), self._entries)


@lru_cache
def _insert(dialect: Dialect) -> str:
    """Inserts entries given in column order, without `seq`, which counts itself.

    Run straight through the driver: SQLAlchemy's handling of parameters costs more than SQLite's
    insert does, and text, integers and bytes are what every driver takes as they are.
    """
    given = [column.name for column in entries.columns if column.name != "seq"]
    return str(insert(entries).compile(dialect=dialect, column_keys=given))
