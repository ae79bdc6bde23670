"""The one database: its metadata, how it is opened, and how it is read.

Every store of ours (ledger, keys, audit log, snapshots) declares its tables on `metadata` and
speaks SQLAlchemy Core. Writes go through `consent.journal` and nowhere else.

SQLite settings, each for a reason:
- `journal_mode=WAL`, readers never wait for the writer (sqlite.org/wal.html);
- `synchronous=FULL`, a commit survives power loss in WAL mode
  (sqlite.org/pragma.html#pragma_synchronous);
- `BEGIN IMMEDIATE` for writes, so a read-then-write never finds the lock taken half-way;
- `secure_delete`, so that destroyed key wraps do not linger in free pages;
- `temp_store=MEMORY`, so that no intermediate result is written beside the database.
"""

import sqlite3
from collections.abc import Callable
from typing import TypeVar

from sqlalchemy import Connection, Engine, MetaData, create_engine, event
from sqlalchemy.pool import ConnectionPoolEntry

T = TypeVar("T")

metadata = MetaData(
    naming_convention={
        "ix": "ix_%(table_name)s_%(column_0_N_name)s",
        "uq": "uq_%(table_name)s_%(column_0_N_name)s",
        "ck": "ck_%(table_name)s_%(constraint_name)s",
        "pk": "pk_%(table_name)s",
    }
)

_BUSY_TIMEOUT_MS = 10_000


def open_engine(url: str) -> Engine:
    """An engine for `sqlite:///path`; connections begin nothing by themselves."""
    engine = create_engine(
        url,
        connect_args={"timeout": _BUSY_TIMEOUT_MS / 1000},
        hide_parameters=True,  # of failed statements: they would stand in the error's text
    )
    event.listen(engine, "connect", _prepare)
    event.listen(engine, "begin", _begin)
    return engine


def _prepare(raw: sqlite3.Connection, _record: ConnectionPoolEntry) -> None:
    raw.isolation_level = None  # we say BEGIN ourselves, the driver's implicit one is deferred
    for pragma in (
        "journal_mode=WAL",
        "synchronous=FULL",
        "foreign_keys=ON",
        "secure_delete=ON",
        "temp_store=MEMORY",
    ):
        raw.execute(f"PRAGMA {pragma}")


def _begin(conn: Connection) -> None:
    writing = conn.get_execution_options().get("writing", False)
    conn.exec_driver_sql("BEGIN IMMEDIATE" if writing else "BEGIN")


def read(engine: Engine, question: Callable[[Connection], T]) -> T:
    """Run `question` on a read snapshot."""
    with engine.connect() as conn:
        return question(conn)
