"""Where the log lives. One tree per member and year; `member, year` begins every key.

`audit_entry.leaf` and `audit_tile` are the log itself. A tile is stored once it has a hash of its
own: level 0 when its 256 entries are there (before that they say the same), upper levels as they
grow. The other columns of `audit_entry` are what entries are found by, derived from the leaf and
without authority. Subject and kind have an index; client, purpose and source, which each have few
values, stand in the index of time and are picked out along it. Pages of random indexes are most
of what a commit writes (`benchmarks/audit.py`), so an index more is not free.
"""

from sqlalchemy import BigInteger, Column, Index, Integer, LargeBinary, String, Table

from consent.database import metadata

_BIG_ROWID = BigInteger().with_variant(Integer, "sqlite")  # there only INTEGER is the row's own key

trees = Table(
    "audit_tree",
    metadata,
    Column("member", String, primary_key=True),
    Column("year", Integer, primary_key=True),
    Column("origin", String, nullable=False, unique=True),
    Column("size", BigInteger, nullable=False),
    Column("root", LargeBinary, nullable=False),
    Column("checkpoint", LargeBinary, nullable=False),
)

tiles = Table(
    "audit_tile",
    metadata,
    Column("member", String, primary_key=True),
    Column("year", Integer, primary_key=True),
    Column("level", Integer, primary_key=True),
    Column("number", BigInteger, primary_key=True),
    Column("hashes", LargeBinary, nullable=False),
)

entries = Table(
    "audit_entry",
    metadata,
    Column("seq", _BIG_ROWID, primary_key=True),
    Column("member", String, nullable=False),
    Column("at_us", BigInteger, nullable=False),  # microseconds since 1970, UTC
    Column("id", String, nullable=False, unique=True),
    Column("year", Integer, nullable=False),
    Column("leaf_index", BigInteger, nullable=False),
    Column("type", String, nullable=False),
    Column("actor", String, nullable=False),
    Column("subject", String),
    Column("consent", String),
    Column("purpose", String),
    Column("source", String),
    Column("req", String),
    Column("leaf", LargeBinary, nullable=False),
    Index(None, "member", "year", "leaf_index", unique=True),
    Index(None, "member", "at_us", "actor", "purpose", "source"),
    Index(None, "member", "subject", "at_us"),
    Index(None, "member", "type", "at_us"),
)
