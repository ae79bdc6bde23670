"""Reporting to bureaus over HTTP: the member's own loans, one message a call."""

import hashlib
from datetime import datetime
from uuid import UUID

from aiohttp import web
from pydantic import Field

from connectors.reporting import AdverseNotice, Message, Telling
from consent import canonical
from consent.audit.catalogue import EventType
from consent.errors import NotFound
from consent.subject import Act, Ask, Scope
from gateway.api.routes import Call, Route, Shape, json_reply
from gateway.api.subjects import SubjectQuery, find_subject
from gateway.clients import Role
from gateway.reporting import ReportRequest
from gateway.store.reported import MessageKey


class ReportingRequest(Shape):
    """One message about a loan of the member's, and the consent that lets it be sent."""

    subject: SubjectQuery
    consent_id: UUID
    request_id: UUID = Field(description="the member's own; repeat it to repeat the message")
    amends: bool = Field(default=False, description="it corrects what was reported before")
    message: Message
    adverse_notice: AdverseNotice | None = Field(
        default=None, description="how the subject was told before; an overdue loan needs it"
    )


class ReportingReply(Shape):
    """How the source took it."""

    source: str
    request_id: UUID
    outcome: str = Field(
        description="accepted, refused, unavailable, locked_out, broke_contract or skipped"
    )
    reason: str | None
    entry: UUID = Field(description="the audit entry that says so")
    at: datetime


async def tell(call: Call) -> web.Response:
    """Send one message."""
    request: ReportingRequest = call.body
    services, member, source = call.services, call.client.member, call.path["source"]
    if source not in services.reporting.takers():
        known = ", ".join(sorted(services.reporting.takers()))
        raise NotFound(f"no source of that name takes reports; known: {known}")
    subject = find_subject(call, request.subject)
    at = services.clock()
    consent = services.read(lambda conn: services.ledger.load(conn, member, request.consent_id))
    if consent is None:
        raise NotFound("no such consent")
    said = request.model_dump(mode="json", exclude={"subject", "consent_id", "request_id"})
    done = await services.reporting.tell(
        ReportRequest(
            trail=call.trail,
            ask=Ask(
                member, subject, source, consent.grant.purpose, frozenset({Scope.TRADELINES}),
                Act.REPORT,
            ),
            consent=request.consent_id,
            name=services.vault.pseudonym(member, subject),
            telling=Telling(
                request_id=request.request_id,
                message=request.message,
                amends=request.amends,
                at=at,
            ),
            notice=request.adverse_notice,
            key=MessageKey(
                member=member,
                subject=subject,
                source=source,
                request_id=request.request_id,
                content=services.vault.blind_index(
                    member=member,
                    column=f"report:{source}",
                    value=hashlib.sha256(canonical.encode(said)).hexdigest(),
                ),
                holder=call.trail.req,
            ),
        )
    )  # fmt: skip
    reply = ReportingReply(
        source=source,
        request_id=request.request_id,
        outcome=done.outcome,
        reason=done.reason,
        entry=done.entry,
        at=at,
    )
    return json_reply(reply.model_dump_json().encode())


ROUTES = (
    Route(
        method="POST",
        path="/v1/reporting/{source}",
        role=Role.REPORT_WRITE,
        summary="Report a loan of the member's to a bureau",
        handler=tell,
        body=ReportingRequest,
        reply=ReportingReply,
        about_person=True,
        denial=EventType.REPORT_DENIED,
    ),
)
