"""The audit log over HTTP: search, proofs, and the log itself as C2SP tiles.

Whoever reads entries (by search, with a proof, or as a bundle) is on record too; hashes and
checkpoints tell about nobody. A client sees its own member's trees; another's are not there.
"""

import base64
import re
from typing import Annotated, Any
from uuid import UUID

import orjson
from aiohttp import web
from pydantic import Field
from sqlalchemy import Connection

from consent import canonical
from consent.artefact import Instant
from consent.audit.catalogue import EventType
from consent.audit.search import MAX_PAGE, Page, Query, search
from consent.audit.tree import Tree, open_tree
from consent.errors import InvalidInput, NotFound
from consent.journal import Tx
from consent.subject import SubjectRef
from gateway.api.routes import Call, Route, Shape, json_reply
from gateway.clients import Role

Year = Annotated[int, Field(ge=1, le=9999)]

_YEAR = re.compile(r"\d{4}", re.ASCII)


_ENTRIES = "tile/entries/"


class EntryQuery(Shape):
    """What to look for; a window of time is `[since, until)`. Newest entries come first."""

    subject: UUID | None = Field(default=None, description="our reference of a subject")
    client: str | None = Field(default=None, description="id of the acting client or operator")
    purpose: str | None = None
    source: str | None = None
    type: EventType | None = None
    consent: UUID | None = None
    req: str | None = Field(default=None, description="a request id")
    since: Instant | None = None
    until: Instant | None = None
    after: str | None = Field(default=None, description="`after` of the page before")
    limit: Annotated[int, Field(ge=1, le=MAX_PAGE)] = 100


class FoundEntry(Shape):
    """An entry and where it stands; `entry` is the leaf itself."""

    origin: str
    index: int
    entry: dict[str, Any]


class EntryPage(Shape):
    """One page; `after` is the cursor of the next one, absent on the last."""

    entries: list[FoundEntry]
    after: str | None


class InclusionQuery(Shape):
    """The proof for which entry: by its id, or by year and index."""

    entry: UUID | None = None
    year: Year | None = None
    index: Annotated[int, Field(ge=0)] | None = None
    size: Annotated[int, Field(ge=1)] | None = None


class ConsistencyQuery(Shape):
    """The proof that a log of size `old` became one of size `new` (now, when left out)."""

    year: Year
    old: Annotated[int, Field(ge=1)]
    new: Annotated[int, Field(ge=1)] | None = None


class InclusionReply(Shape):
    """An RFC 6962 inclusion proof with the checkpoint it leads to."""

    origin: str
    index: int
    size: int
    leaf: str = Field(description="the entry's canonical bytes, base64")
    proof: list[str] = Field(description="hashes, base64")
    checkpoint: str = Field(description="C2SP signed note of the newest size")
    vkey: str = Field(description="the key that checks it; get it by another way too")


class ConsistencyReply(Shape):
    """An RFC 6962 consistency proof."""

    origin: str
    old: int
    new: int
    proof: list[str] = Field(description="hashes, base64")
    checkpoint: str
    vkey: str


class KeyReply(Shape):
    """What verifies receipts and checkpoints."""

    consent: dict[str, str] = Field(description="JWK of the key that signs consent receipts")
    log: str = Field(description="C2SP vkey of this year's audit log")


async def entries(call: Call) -> web.Response:
    """Search the log."""
    asked: EntryQuery = call.query
    member = call.client.member
    names: tuple[str, ...] = ()
    if asked.subject is not None:
        names = call.services.vault.pseudonyms(member, SubjectRef(asked.subject))
    query = Query(
        member=member,
        subject=names,
        client=asked.client,
        purpose=asked.purpose,
        source=asked.source,
        types=None if asked.type is None else frozenset({asked.type}),
        consent=asked.consent,
        req=asked.req,
        since=asked.since,
        until=asked.until,
    )

    def unit(tx: Tx) -> Page:
        page = search(tx.conn, query, after=asked.after, limit=asked.limit)
        filters = sorted(asked.model_fields_set - {"after", "limit"})
        facts: dict[str, str | int] = {"by": " ".join(filters), "entries": len(page.entries)}
        about = names[0] if names else None
        tx.note(call.trail.entry(EventType.AUDIT_READ, tx.at, subject=about, facts=facts))
        return page

    page = await call.services.journal.commit(unit)
    found = [
        {
            "origin": one.position.origin,
            "index": one.position.index,
            "entry": orjson.Fragment(one.leaf),
        }
        for one in page.entries
    ]
    return json_reply(orjson.dumps({"entries": found, "after": page.after}))


async def inclusion(call: Call) -> web.Response:
    """Prove that an entry stands in the log."""
    asked: InclusionQuery = call.query
    services, member = call.services, call.client.member

    def unit(tx: Tx) -> dict[str, object]:
        conn, index, year = tx.conn, asked.index, asked.year
        if asked.entry is not None:
            page = search(conn, Query(member=member, id=asked.entry), limit=1)
            if not page.entries:
                raise NotFound("no entry with this id in the log")
            position = page.entries[0].position
            index, year = position.index, int(position.origin.rpartition("/")[2])
        if index is None or year is None:
            raise InvalidInput("/entry", "an entry id, or year and index")
        tree = open_tree(conn, member, year)
        proof = tree.inclusion(index, asked.size)
        _note_read(call, tx, {"by": "proof", "index": index})
        return {
            "origin": tree.origin,
            "index": index,
            "size": asked.size or tree.size,
            "leaf": base64.b64encode(tree.leaf(index)).decode(),
            "proof": _base64(proof),
            **_head(call, tree),
        }

    return json_reply(canonical.encode(await services.journal.commit(unit)))


async def consistency(call: Call) -> web.Response:
    """Prove that the log only ever grew."""
    asked: ConsistencyQuery = call.query

    def question(conn: Connection) -> dict[str, object]:
        tree = open_tree(conn, call.client.member, asked.year)
        return {
            "origin": tree.origin,
            "old": asked.old,
            "new": asked.new or tree.size,
            "proof": _base64(tree.consistency(asked.old, asked.new)),
            **_head(call, tree),
        }

    return json_reply(canonical.encode(call.services.read(question)))


async def resource(call: Call) -> web.Response:
    """The log itself: `checkpoint`, `tile/...`, `tile/entries/...` (C2SP tlog-tiles).

    Reading entries is on record; hashes and checkpoints tell about nobody and may be polled.
    """
    if call.path["member"] != call.client.member or not _YEAR.fullmatch(call.path["year"]):
        raise NotFound("no audit log of that member and year")
    year, path = int(call.path["year"]), call.path["path"]

    def found(conn: Connection) -> bytes:
        return open_tree(conn, call.client.member, year).resource(path)

    def noted(tx: Tx) -> bytes:
        body = found(tx.conn)
        _note_read(call, tx, {"by": "bundle", "path": path})
        return body

    if path.startswith(_ENTRIES):
        body = await call.services.journal.commit(noted)
    else:
        body = call.services.read(found)
    kind = "text/plain" if path == "checkpoint" else "application/octet-stream"
    return web.Response(body=body, content_type=kind)


async def keys(call: Call) -> web.Response:
    """The public keys behind receipts and checkpoints."""
    services = call.services
    origin = services.log.origin(call.client.member, services.clock().year)
    body = {"consent": services.receipt_key.jwk(), "log": str(services.log.vkey(origin))}
    return json_reply(canonical.encode(body))


def _note_read(call: Call, tx: Tx, facts: dict[str, str | int]) -> None:
    tx.note(call.trail.entry(EventType.AUDIT_READ, tx.at, facts=facts))


def _head(call: Call, tree: Tree) -> dict[str, str]:
    vkey = call.services.log.vkey(tree.origin)
    return {"checkpoint": tree.checkpoint.decode(), "vkey": str(vkey)}


def _base64(hashes: list[bytes]) -> list[str]:
    return [base64.b64encode(one).decode() for one in hashes]


ROUTES = (
    Route(
        method="GET",
        path="/v1/audit/entries",
        role=Role.AUDIT_READ,
        summary="Search the audit log",
        handler=entries,
        query=EntryQuery,
        reply=EntryPage,
    ),
    Route(
        method="GET",
        path="/v1/audit/proof/inclusion",
        role=Role.AUDIT_READ,
        summary="Prove that an entry stands in the log",
        handler=inclusion,
        query=InclusionQuery,
        reply=InclusionReply,
    ),
    Route(
        method="GET",
        path="/v1/audit/proof/consistency",
        role=Role.AUDIT_READ,
        summary="Prove that the log only ever grew",
        handler=consistency,
        query=ConsistencyQuery,
        reply=ConsistencyReply,
    ),
    Route(
        method="GET",
        path="/v1/keys",
        role=Role.CONSENT_READ,
        summary="Public keys that verify receipts and checkpoints",
        handler=keys,
        reply=KeyReply,
    ),
    Route(
        method="GET",
        path="/log/{member}/{year}/{path:.+}",
        role=Role.AUDIT_READ,
        summary="The log as checkpoint, tiles and entry bundles (C2SP tlog-tiles)",
        handler=resource,
        media_types=("application/octet-stream", "text/plain"),
    ),
)
