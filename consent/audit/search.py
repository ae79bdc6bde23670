"""Finding entries: by whom, about whom, what for, from where, when and what kind.

Newest first. A page's cursor names its last entry, and rows never change, so paging shows every
entry that was there when it began exactly once, whatever is appended meanwhile.
"""

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import datetime
from uuid import UUID

from sqlalchemy import ColumnElement, Connection, select, tuple_

from consent.audit.catalogue import EventType
from consent.audit.log import Position
from consent.audit.rows import microseconds
from consent.audit.tables import entries, trees
from consent.errors import InvalidInput

MAX_PAGE = 1000
_CURSOR = 37  # characters: two integers of 18 digits, which every database takes


@dataclass(frozen=True, slots=True, kw_only=True)
class Query:
    """What to look for in the log of `member`; None matches everything.

    `client` is the id of the acting client or operator, `subject` every
    pseudonym the person has or had (`vault.pseudonyms`), the window of
    time is `[since, until)`.
    """

    member: str
    subject: tuple[str, ...] = ()
    client: str | None = None
    purpose: str | None = None
    source: str | None = None
    types: frozenset[EventType] | None = None
    consent: UUID | None = None
    req: str | None = None
    id: UUID | None = None
    since: datetime | None = None
    until: datetime | None = None


@dataclass(frozen=True, slots=True)
class Found:
    """An entry and where it stands; `leaf` is its canonical JSON."""

    position: Position
    leaf: bytes


@dataclass(frozen=True, slots=True)
class Page:
    """Entries, newest first; `after` is the cursor of the next page, None on the last one."""

    entries: tuple[Found, ...]
    after: str | None


def search(conn: Connection, query: Query, *, after: str | None = None, limit: int = 100) -> Page:
    """At most `limit` entries that match `query`, following the page whose cursor is `after`."""
    if not 1 <= limit <= MAX_PAGE:
        raise InvalidInput("/limit", f"1 to {MAX_PAGE}")
    conditions = list(_conditions(query))
    if after is not None:
        conditions.append(tuple_(entries.c.at_us, entries.c.seq) < tuple_(*_parse_cursor(after)))
    rows = conn.execute(
        select(entries.c.at_us, entries.c.seq, trees.c.origin, entries.c.leaf_index, entries.c.leaf)
        .join(trees, (trees.c.member == entries.c.member) & (trees.c.year == entries.c.year))
        .where(*conditions)
        .order_by(entries.c.at_us.desc(), entries.c.seq.desc())
        .limit(limit + 1)
    ).all()
    page = rows[:limit]
    found = tuple(Found(Position(row.origin, row.leaf_index), row.leaf) for row in page)
    more = len(rows) > limit
    return Page(found, f"{page[-1].at_us}.{page[-1].seq}" if more else None)


def _conditions(query: Query) -> Iterator[ColumnElement[bool]]:
    yield entries.c.member == query.member
    wanted = (
        (entries.c.actor, query.client),
        (entries.c.purpose, query.purpose),
        (entries.c.source, query.source),
        (entries.c.consent, None if query.consent is None else str(query.consent)),
        (entries.c.req, query.req),
        (entries.c.id, None if query.id is None else str(query.id)),
    )
    for column, value in wanted:
        if value is not None:
            yield column == value
    if query.subject:
        yield entries.c.subject.in_(query.subject)
    if query.types is not None:
        yield entries.c.type.in_(sorted(query.types))
    if query.since is not None:
        yield entries.c.at_us >= microseconds(query.since)
    if query.until is not None:
        yield entries.c.at_us < microseconds(query.until)


def _parse_cursor(cursor: str) -> tuple[int, int]:
    at_us, _, seq = cursor.partition(".")
    if not (cursor.isascii() and at_us.isdigit() and seq.isdigit() and len(cursor) <= _CURSOR):
        raise InvalidInput("/after", "the cursor of an earlier page")
    return int(at_us), int(seq)
