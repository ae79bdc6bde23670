"""Where the log lives. One tree per member and year; `member, year` begins every key.

`audit_leaf` and `audit_tile` are the log itself. A tile is stored once it has a hash of its own:
level 0 when its 256 entries are there (before that they say the same), upper levels as they grow.
`audit_entry` is a card per entry to find it by, derived and without authority: search answers
with the leaf. Cards lie in the order of time, so that a window of time is one range; subject and
kind, which are rare, have an index, and client, purpose and source, which are common, are picked
out along the way. Each index more costs about a tenth of the append rate (`benchmarks/audit.py`).
"""

from sqlalchemy import Column, Index, Integer, LargeBinary, String, Table, Uuid

from consent.database import metadata

trees = Table(
    "audit_tree",
    metadata,
    Column("member", String, primary_key=True),
    Column("year", Integer, primary_key=True),
    Column("origin", String, nullable=False, unique=True),
    Column("size", Integer, nullable=False),
    Column("root", LargeBinary, nullable=False),
    Column("checkpoint", LargeBinary, nullable=False),
)

leaves = Table(
    "audit_leaf",
    metadata,
    Column("member", String, primary_key=True),
    Column("year", Integer, primary_key=True),
    Column("leaf_index", Integer, primary_key=True),
    Column("leaf", LargeBinary, nullable=False),
    sqlite_with_rowid=False,
)

tiles = Table(
    "audit_tile",
    metadata,
    Column("member", String, primary_key=True),
    Column("year", Integer, primary_key=True),
    Column("level", Integer, primary_key=True),
    Column("number", Integer, primary_key=True),
    Column("hashes", LargeBinary, nullable=False),
)

cards = Table(
    "audit_entry",
    metadata,
    Column("member", String, primary_key=True),
    Column("at", String, primary_key=True),
    Column("id", Uuid, primary_key=True),
    Column("year", Integer, nullable=False),
    Column("leaf_index", Integer, nullable=False),
    Column("type", String, nullable=False),
    Column("actor", String, nullable=False),
    Column("subject", String),
    Column("consent", Uuid),
    Column("purpose", String),
    Column("source", String),
    Column("req", String),
    Index(None, "member", "id", unique=True),
    Index(None, "member", "subject", "at", "id"),
    Index(None, "member", "type", "at", "id"),
    sqlite_with_rowid=False,
)
