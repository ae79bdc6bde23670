"""Consents over HTTP: record, read, withdraw. The receipt is the signed artefact and its proof."""

import base64
from datetime import datetime
from typing import Annotated, Any
from uuid import UUID

import orjson
from aiohttp import web
from pydantic import Field, StringConstraints
from sqlalchemy import Connection

from consent import canonical
from consent.artefact import ConsentTerms
from consent.audit.catalogue import EventType
from consent.audit.search import Query, search
from consent.audit.tree import open_origin
from consent.clock import stamp
from consent.decision import State
from consent.errors import InvalidInput, NotFound
from consent.identity import check
from consent.journal import Tx
from consent.ledger import Attempt, Consent
from consent.lifecycle import Event
from consent.subject import Scope, SubjectRef
from gateway.api.problems import problem
from gateway.api.routes import Call, Route, Shape, json_reply
from gateway.clients import Role

Name = Annotated[str, StringConstraints(min_length=1, max_length=120)]
Line = Annotated[str, StringConstraints(min_length=1, max_length=300)]


class SubjectInput(Shape):
    """Who gave the consent. Identifiers stand in bodies only, never in a URL."""

    name: Name = Field(description="full name as on the document")
    id_type: str = Field(description="CN_RIC (resident identity card) or PASSPORT")
    id_number: str = Field(description="number of that document; check digits are verified")
    mobile: str | None = Field(default=None, description="Chinese mobile number, +86 optional")
    address: Line | None = Field(
        default=None, description="where the subject lives; tells whose a report is"
    )
    employer: Line | None = Field(
        default=None, description="where the subject works; tells whose a report is"
    )


class ConsentRequest(Shape):
    """A consent as the member's channel collected it."""

    subject: SubjectInput
    consent: ConsentTerms
    supersedes: UUID | None = Field(
        default=None, description="an active consent of the same subject that this one replaces"
    )


class WithdrawRequest(Shape):
    """Who withdrew: the subject, or the member on the subject's word."""

    by: Annotated[str, StringConstraints(pattern=r"^[a-z][a-z0-9_-]{0,63}$")] = "subject"


class LogProof(Shape):
    """Where the entry that recorded it stands in the audit log, and the proof of that."""

    entry: UUID
    origin: str
    index: int
    size: int
    checkpoint: str = Field(description="C2SP signed note")
    proof: list[str] = Field(description="RFC 6962 inclusion proof, base64 hashes")


class ConsentView(Shape):
    """A consent as it stands."""

    id: UUID
    subject: UUID
    state: State
    seq: int
    epoch: int
    purpose: str
    sources: list[str]
    scopes: list[Scope]
    recorded_at: datetime
    not_before: datetime
    expires_at: datetime
    used: int
    max_uses: int = Field(description="0 means no limit")
    artefact_sha256: str
    receipt: str = Field(description="compact JWS (EdDSA) over the canonical artefact")


class ConsentReply(ConsentView):
    """A consent just recorded or changed, with the proof that the audit log knows."""

    log: LogProof


class ConsentList(Shape):
    """All consents of one subject, newest first."""

    consents: list[ConsentView]


class BySubject(Shape):
    """Which subject's consents."""

    subject: UUID


async def record(call: Call) -> web.Response:
    """Record a consent; makes the subject when the member did not know them."""
    request: ConsentRequest = call.body
    identity = check(
        **request.subject.model_dump(),
        allow_test_region=call.services.settings.gateway.allow_test_identifiers,
    )

    def unit(tx: Tx) -> Consent:
        subject = call.services.register.ensure(tx, call.trail, identity)
        try:
            consent = call.services.ledger.record(
                tx, call.trail, request.consent, subject, supersedes=request.supersedes
            )
        except InvalidInput as exc:
            if exc.field == "/supersedes":
                raise
            raise InvalidInput(f"/consent{exc.field}", exc.expected) from None
        call.services.register.tell(tx, consent.grant, identity)
        return consent

    consent = await call.services.journal.commit(unit)
    return _reply(call, consent, EventType.CONSENT_RECORDED, status=201)


async def show(call: Call) -> web.Response:
    """One consent of this member."""
    id_ = _uuid(call.path["id"])

    def unit(tx: Tx) -> Consent | None:
        consent = call.services.ledger.load(tx.conn, call.client.member, id_)
        if consent is not None:
            _note_read(call, tx, consent)
        return consent

    consent = await call.services.journal.commit(unit)
    if consent is None:
        raise NotFound("no such consent")
    headers = {"ETag": f'"{consent.grant.seq}"'}
    return json_reply(canonical.encode(view(consent)), headers=headers)


async def listed(call: Call) -> web.Response:
    """All consents of one subject."""
    subject = SubjectRef(call.query.subject)

    def unit(tx: Tx) -> list[Consent]:
        found = call.services.ledger.of_subject(tx.conn, call.client.member, subject)
        for consent in found:
            _note_read(call, tx, consent)
        return found

    found = await call.services.journal.commit(unit)
    return json_reply(canonical.encode({"consents": [view(c) for c in found]}))


async def withdraw(call: Call) -> web.Response:
    """End a consent at once: no later fetch, no later read, in no process."""
    id_ = _uuid(call.path["id"])
    expected = _version(call.headers.get("If-Match"))

    def unit(tx: Tx) -> Attempt:
        return call.services.ledger.apply(
            tx, call.trail, id_, Event.WITHDRAW, by=call.body.by, expected_seq=expected
        )

    attempt = await call.services.journal.commit(unit)
    if attempt.error is not None:  # on record since the unit, so not raised
        return problem(attempt.error, call.trail.req)
    return _reply(call, attempt.consent, EventType.CONSENT_WITHDRAWN, status=200)


def _reply(call: Call, consent: Consent, type_: EventType, *, status: int) -> web.Response:
    """The consent with the proof of the entry this very request put on record."""
    member, req = call.client.member, call.trail.req
    query = Query(member=member, req=req, types=frozenset({type_}), consent=consent.grant.id)

    def proof(conn: Connection) -> dict[str, Any]:
        found = search(conn, query, limit=1).entries[0]
        tree = open_origin(conn, found.position.origin)
        hashes = tree.inclusion(found.position.index)
        return {
            "entry": orjson.loads(found.leaf)["id"],
            "origin": tree.origin,
            "index": found.position.index,
            "size": tree.size,
            "checkpoint": tree.checkpoint.decode(),
            "proof": [base64.b64encode(one).decode() for one in hashes],
        }

    body = {**view(consent), "log": call.services.read(proof)}
    headers = {"ETag": f'"{consent.grant.seq}"', "Location": f"/v1/consents/{consent.grant.id}"}
    return json_reply(canonical.encode(body), status=status, headers=headers)


def _note_read(call: Call, tx: Tx, consent: Consent) -> None:
    grant = consent.grant
    tx.note(
        call.trail.entry(
            EventType.CONSENT_READ,
            tx.at,
            subject=call.services.vault.pseudonym(grant.member, grant.subject),
            consent=consent.stamp,
            purpose=grant.purpose,
        )
    )


def view(consent: Consent) -> dict[str, Any]:
    """A consent as the API and the command line show it."""
    grant = consent.grant
    return {
        "id": str(grant.id),
        "subject": str(grant.subject),
        "state": grant.state.value,
        "seq": grant.seq,
        "epoch": grant.epoch,
        "purpose": grant.purpose,
        "sources": sorted(grant.sources),
        "scopes": sorted(grant.scopes),
        "recorded_at": stamp(consent.artefact.recorded_at),
        "not_before": stamp(grant.not_before),
        "expires_at": stamp(grant.expires_at),
        "used": grant.used,
        "max_uses": grant.max_uses,
        "artefact_sha256": consent.artefact.digest,
        "receipt": consent.receipt,
    }


def _uuid(text: str) -> UUID:
    try:
        return UUID(text)
    except ValueError:
        raise NotFound("no such consent") from None


def _version(if_match: str | None) -> int | None:
    if if_match is None or if_match == "*":
        return None
    try:
        return int(if_match.strip('"'))
    except ValueError:
        raise InvalidInput("If-Match", 'the ETag of the consent, for example "1"') from None


ROUTES = (
    Route(
        method="POST",
        path="/v1/consents",
        role=Role.CONSENT_WRITE,
        summary="Record a consent artefact",
        handler=record,
        body=ConsentRequest,
        reply=ConsentReply,
        status=201,
        about_person=True,
        denial=EventType.CONSENT_ATTEMPTED,
    ),
    Route(
        method="GET",
        path="/v1/consents",
        role=Role.CONSENT_READ,
        summary="List the consents of a subject",
        handler=listed,
        query=BySubject,
        reply=ConsentList,
    ),
    Route(
        method="GET",
        path="/v1/consents/{id}",
        role=Role.CONSENT_READ,
        summary="Read a consent",
        handler=show,
        reply=ConsentView,
    ),
    Route(
        method="POST",
        path="/v1/consents/{id}/withdraw",
        role=Role.CONSENT_WRITE,
        summary="Withdraw a consent, effective at once",
        handler=withdraw,
        body=WithdrawRequest,
        reply=ConsentReply,
        headers=(("If-Match", "the ETag read before, to withdraw exactly that version"),),
        about_person=True,
        denial=EventType.CONSENT_ATTEMPTED,
    ),
)
