"""A log in a temporary database, entries to put into it, and what an intruder can do to it."""

from collections.abc import Callable
from dataclasses import dataclass, field
from datetime import UTC, datetime
from pathlib import Path
from typing import Any, TypeVar

from sqlalchemy import Engine

from consent.audit.catalogue import Actor, Entry, EventType
from consent.audit.export import export
from consent.audit.kept import KeptCheckpoints
from consent.audit.log import AuditLog, Position
from consent.audit.note import Vkey
from consent.audit.tree import Tree, open_tree
from consent.ids import uuid7
from consent.vault.signing import Signer

T = TypeVar("T")


@dataclass
class World:
    """One database, the place where checkpoints are kept apart, and a log over both."""

    engine: Engine
    directory: Path
    kept: KeptCheckpoints
    signer: Signer = field(default_factory=lambda: Signer(b"\x07" * 32))
    member: str = "lender-7"
    noon: datetime = datetime(2026, 3, 1, 12, tzinfo=UTC)
    log: AuditLog = field(init=False)

    def __post_init__(self) -> None:
        self.log = self.another_process()

    def another_process(self) -> AuditLog:
        """A log that shares the database and nothing else."""
        return AuditLog(self.engine, gateway="credit.example", signer=self.signer, kept=self.kept)

    def entry(self, number: int = 0, **given: Any) -> Entry:
        """A small entry that says which one it is."""
        at = given.pop("at", self.noon)
        common: dict[str, Any] = {
            "id": uuid7(at),
            "at": at,
            "type": EventType.FETCH_OK,
            "member": self.member,
            "actor": Actor("client", "scoring", "api_key"),
            "facts": {"number": number},
        }
        return Entry(**{**common, **given})

    def entries(self, count: int) -> list[Entry]:
        """`count` different small entries."""
        return [self.entry(number) for number in range(count)]

    def append(self, *entries: Entry, log: AuditLog | None = None) -> list[Position]:
        """One batch, committed."""
        with self.engine.connect().execution_options(writing=True) as conn, conn.begin():
            return (log or self.log).append(conn, entries)

    def grow_to(self, size: int) -> None:
        """Append until this year's tree holds `size` entries, `log.opened` among them."""
        with self.engine.connect() as conn:
            have = conn.exec_driver_sql("SELECT max(size) FROM audit_tree").scalar() or 1
        self.append(*self.entries(size - have))

    def lose(self, *entries: Entry) -> None:
        """One batch, appended and rolled back."""
        with self.engine.connect().execution_options(writing=True) as conn:
            transaction = conn.begin()
            self.log.append(conn, entries)
            transaction.rollback()

    def tamper(self, statement: str, *values: object) -> None:
        """What someone with access to the database, but no key, can do."""
        with self.engine.connect().execution_options(writing=True) as conn, conn.begin():
            changed = conn.exec_driver_sql(statement, values).rowcount
        assert changed, "the tampering changed nothing"

    def read(self, question: Callable[[Tree], T], year: int = 2026) -> T:
        """Ask something of the stored tree."""
        with self.engine.connect() as conn:
            return question(open_tree(conn, self.member, year))

    def vkey(self, year: int = 2026) -> Vkey:
        """The key an auditor was given for the tree."""
        return self.log.vkey(self.log.origin(self.member, year))

    def export(self, name: str = "export", year: int = 2026) -> Path:
        """The tree as files."""
        directory = self.directory / name
        self.read(lambda tree: export(tree, directory), year)
        return directory
