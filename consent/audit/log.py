"""The audit log as the journal writes it: entries in, leaves, tiles and a checkpoint stored.

One tree per member and year. A tree opens with `log.opened`, which carries the last checkpoint
of the year before, so the years of a member are one chain. Once a year is open nothing goes to
an older one: an entry decided a moment before midnight may stand in the new year's tree.

What a crash leaves behind:
- before the commit: nothing, the caller's transaction holds all of it;
- between the commit and `publish`: a kept checkpoint that is some batches old, which `check`
  finds consistent and brings forward at the next start.
"""

import re
from collections import defaultdict
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import UTC
from threading import Lock
from typing import Any

from sqlalchemy import Connection, Engine, Row, bindparam, select
from sqlalchemy.exc import SQLAlchemyError

from consent.audit.catalogue import Actor, Entry, EventType
from consent.audit.edge import Edge
from consent.audit.kept import KeptCheckpoints
from consent.audit.merkle import leaf_hash
from consent.audit.note import Checkpoint, Vkey
from consent.audit.rows import Rows
from consent.audit.tables import trees
from consent.audit.tree import Tree, open_origin
from consent.errors import AuditUnavailable, ConfigError, LogCorrupt, NotFound
from consent.ids import uuid7
from consent.vault.signing import Signer

_TREES_OF = (
    select(trees)
    .where(trees.c.member.in_(bindparam("members", expanding=True)))
    .order_by(trees.c.year)
)
_NAME = re.compile(r"[A-Za-z0-9][A-Za-z0-9._-]{0,63}")


@dataclass(frozen=True, slots=True)
class Position:
    """Where an entry stands."""

    origin: str
    index: int


class AuditLog:
    """Appends to the trees of one gateway; `gateway` is the first part of every origin.

    `append` and the others may be called from different threads, `append` from one at a time.
    Several processes may share the database.
    """

    def __init__(
        self, engine: Engine, *, gateway: str, signer: Signer, kept: KeptCheckpoints
    ) -> None:
        if _NAME.fullmatch(gateway) is None:
            raise ConfigError("the gateway's name is a host name, for example credit.example.com")
        self._engine = engine
        self._gateway = gateway
        self._signer = signer
        self._kept = kept
        self._edges: dict[str, Edge] = {}
        self._unpublished: dict[str, int] = {}
        self._due = Lock()  # `publish` runs beside `append`, and nothing due may be forgotten
        self._corrupt: str | None = None

    def origin(self, member: str, year: int) -> str:
        """The name a tree signs under."""
        return f"{self._gateway}/audit/{member}/{year}"

    def vkey(self, origin: str) -> Vkey:
        """The key that checks the checkpoints of `origin`; give its text to the auditor."""
        return Vkey(origin, self._signer.public.raw)

    def append(self, conn: Connection, entries: Sequence[Entry]) -> list[Position]:
        """Add `entries`, of any members, inside the open write transaction of `conn`.

        They are durable, with their tiles and one signed checkpoint per tree, when that commits;
        if it does not, nothing is left of them. AuditUnavailable when one cannot be written,
        LogCorrupt when the stored tree is not one that we signed: the caller must roll back.
        """
        if self._corrupt is not None:
            raise LogCorrupt(self._corrupt)
        encoded = [_encode(entry) for entry in entries]
        try:
            return self._append(conn, entries, encoded)
        except SQLAlchemyError as exc:
            # Its text holds the statement's parameters.
            raise AuditUnavailable(f"the database refused: {type(exc).__name__}") from None

    def publish(self) -> None:
        """Write the checkpoints of all committed entries where they are kept apart.

        AuditUnavailable when they cannot be written there (they stay due). LogCorrupt when the
        database fell behind what was kept or contradicts it; no append succeeds after that.
        """
        with self._due:
            due = list(self._unpublished)
        published = self._bring_forward(due)
        with self._due:  # a batch appended meanwhile, or not yet committed, stays due
            for origin, size in published.items():
                if self._unpublished.get(origin, 0) <= size:
                    self._unpublished.pop(origin, None)

    def check(self) -> None:
        """Refuse to start (LogCorrupt) on a log that is not a continuation of what was kept.

        A log that is ahead, also by trees nothing was kept of, is what a crash leaves behind: it
        is brought forward. This looks at heads; `consent.audit.verify` looks at every entry.
        """
        with self._engine.connect() as conn:
            stored = conn.execute(select(trees.c.origin)).scalars().all()
        self._bring_forward(dict.fromkeys([*self._kept.origins(), *stored]))

    # -- appending ---------------------------------------------------------------------------

    def _append(
        self, conn: Connection, entries: Sequence[Entry], encoded: Sequence[bytes]
    ) -> list[Position]:
        batches = defaultdict[str, list[int]](list)
        for slot, entry in enumerate(entries):
            batches[entry.member].append(slot)
        stored = _newest_trees(conn, list(batches))
        rows = Rows()
        grown: list[Edge] = []
        positions: dict[int, Position] = {}
        for member, slots in batches.items():
            edge = self._resume(conn, stored[member]) if member in stored else None
            opened = False
            for slot in slots:
                entry = entries[slot]
                year = entry.at.astimezone(UTC).year
                if edge is None or year > edge.year:
                    last = None if edge is None else self._seal(edge, rows, opened=opened)
                    edge, opened = self._open(entry, year, last, rows), True
                index = edge.add(leaf_hash(encoded[slot]))
                rows.entry(edge, index, entry, encoded[slot])
                positions[slot] = Position(edge.origin, index)
            if edge is not None:
                self._seal(edge, rows, opened=opened)
                grown.append(edge)
        rows.write(conn)
        # Only now, when nothing can raise any more, are the grown edges worth keeping.
        self._edges.update({edge.member: edge for edge in grown})
        with self._due:
            self._unpublished.update(rows.heads)
        return [positions[slot] for slot in range(len(entries))]

    def _resume(self, conn: Connection, row: Row[Any]) -> Edge:
        """The edge of a stored tree: from memory when that is the tree we left, else loaded."""
        edge = self._edges.pop(row.member, None)
        if edge is not None and (edge.year, edge.size, edge.root) == (row.year, row.size, row.root):
            return edge
        # What we sign next continues this tree, so it has to be one that we signed: who can write
        # to the database but has no key must not have us adopt a tree of their making.
        tree = Tree(conn, row)
        self._check_head(tree)
        return Edge.load(row.member, row.year, tree)

    def _open(self, first: Entry, year: int, last: bytes | None, rows: Rows) -> Edge:
        """Begin the tree of `year`; `last` is the final checkpoint of the one it follows."""
        if _NAME.fullmatch(first.member) is None:
            raise AuditUnavailable("a member id is 1 to 64 letters, digits, dots and hyphens")
        edge = Edge(first.member, year, self.origin(first.member, year))
        opening = Entry(
            id=uuid7(first.at),
            at=first.at,
            type=EventType.LOG_OPENED,
            member=first.member,
            actor=Actor("gateway", self._gateway, "internal"),
            facts={"origin": edge.origin, **({"previous": last.decode()} if last else {})},
        )
        leaf = _encode(opening)
        rows.entry(edge, edge.add(leaf_hash(leaf)), opening, leaf)
        return edge

    def _seal(self, edge: Edge, rows: Rows, *, opened: bool) -> bytes:
        """Sign the tree as it stands; returns the checkpoint."""
        edge.settle()
        note = Checkpoint(edge.origin, edge.size, edge.root).sign(self._signer)
        rows.head(edge, note, opened=opened)
        return note

    # -- the checkpoints kept apart ----------------------------------------------------------

    def _bring_forward(self, origins: Iterable[str]) -> dict[str, int]:
        """Publish `origins`, each as far as it is committed; returns the sizes published."""
        try:
            # Read before the database, which then is at least as new whatever other processes do.
            kept = {origin: self._kept.read(origin) for origin in origins}
            published: dict[str, int] = {}
            with self._engine.connect() as conn:
                for origin, note in kept.items():
                    tree = self._continuation(conn, origin, note)
                    if tree is None:
                        continue
                    if note != tree.checkpoint:
                        self._kept.write(origin, tree.checkpoint)
                    published[origin] = tree.size
        except LogCorrupt as exc:
            self._corrupt = str(exc)
            raise
        except (OSError, SQLAlchemyError) as exc:
            raise AuditUnavailable(f"checkpoints not published: {type(exc).__name__}") from None
        return published

    def _continuation(self, conn: Connection, origin: str, note: bytes | None) -> Tree | None:
        """The stored tree once it is seen to continue the checkpoint kept apart.

        None when nothing was kept and nothing is stored: its first commit has not happened.
        """
        try:
            tree = open_origin(conn, origin)
        except NotFound:
            if note is None:
                return None
            raise LogCorrupt(f"{origin} is gone from the database", index=0) from None
        self._check_head(tree)
        if note is None:
            return tree
        kept = Checkpoint.open(note, self.vkey(origin))
        if tree.size < kept.size:
            raise LogCorrupt(f"{origin} is behind its kept checkpoint", index=tree.size)
        if tree.root_at(kept.size) != kept.root:
            raise LogCorrupt(f"{origin} contradicts its kept checkpoint of size {kept.size}")
        return tree

    def _check_head(self, tree: Tree) -> None:
        """The stored size and root are what we signed, and the tiles lead to them."""
        head = Checkpoint.open(tree.checkpoint, self.vkey(tree.origin))
        if (head.size, head.root) != (tree.size, tree.root) or tree.root_at(head.size) != head.root:
            raise LogCorrupt(f"{tree.origin} is not the tree of its checkpoint")


def _encode(entry: Entry) -> bytes:
    try:
        return entry.encode()
    except Exception as exc:  # noqa: BLE001 - whatever is wrong with it, it cannot be recorded
        # The cause may quote the value it stumbled over, so only its kind is told.
        problem = f"an entry of type {entry.type} has no canonical form: {type(exc).__name__}"
        raise AuditUnavailable(problem) from None


def _newest_trees(conn: Connection, members: Sequence[str]) -> dict[str, Row[Any]]:
    """The tree each of `members` writes to; a member without one is left out."""
    return {row.member: row for row in conn.execute(_TREES_OF, {"members": members})}
