"""People's rulings over HTTP: two records are one account or not, a report is the subject's or not.

The words are those of the profile: `matches` and `doubts` of the tradelines name the records,
`sources` names reports that were set aside.
"""

from datetime import datetime
from typing import Annotated, Any, Literal, Self
from uuid import UUID

from aiohttp import web
from pydantic import Field, StringConstraints, model_validator

from consent import canonical
from consent.artefact import Code
from consent.audit.catalogue import EventType
from consent.clock import stamp
from consent.errors import NotFound
from consent.subject import SubjectRef
from gateway.api.routes import Call, Route, Shape, json_reply
from gateway.clients import Role
from gateway.pipeline import allowed
from gateway.profile.concluded import Evidence
from gateway.profile.rule_names import JUDGED
from gateway.reviewing import ReviewRequest, RuleRequest
from gateway.store.rulings import Done, RuledFor, Ruling, UndoneFor

Cited = Annotated[str, StringConstraints(pattern=r"^[^/]+/[^/]+/.+$", max_length=500)]
CitedReport = Annotated[str, StringConstraints(pattern=r"^[^/]+/.+$", max_length=500)]


class LinkRequest(Shape):
    """What a person saw: either two records of a snapshot, or one report of it."""

    subject: UUID
    purpose: Code
    verdict: Literal["same", "different"] = Field(
        description="of records: one account or two; of a report: the subject's or somebody else's"
    )
    reason: RuledFor = Field(description="what the ruling rests on")
    records: Annotated[tuple[Cited, ...], Field(min_length=2, max_length=2)] | None = Field(
        default=None, description="two records, as `matches`, `doubts` or `records` name them"
    )
    report: CitedReport | None = Field(
        default=None, description="source/report_id, as `sources` names them"
    )
    snapshot: UUID | None = Field(default=None, description="the one looked at; else the newest")
    reviewer: Code | None = Field(
        default=None, description="the member's own code for the person who looked, never a name"
    )

    @model_validator(mode="after")
    def _one_thing(self) -> Self:
        if (self.records is None) == (self.report is None):
            raise ValueError("either records or report")
        return self


class UndoRequest(Shape):
    """Why it is taken back."""

    purpose: Code
    reason: UndoneFor = Field(description="what is known better now")


class LinkDone(Shape):
    """Who did it, when and why."""

    at: datetime
    by: str = Field(description="id of the client")
    reason: str


class LinkView(Shape):
    """A ruling, and whether it stands."""

    id: UUID
    subject: UUID
    rule: str
    verdict: Literal["same", "different"]
    standing: bool
    made: LinkDone
    records: list[str] | None = None
    report: str | None = None
    score: int | None = Field(
        default=None, description="what the facts said then, in milli-bits; null: not compared"
    )
    reviewer: str | None = None
    undone: LinkDone | None = None


class LinkList(Shape):
    """All rulings about one subject, oldest first; those that were undone, too."""

    links: list[LinkView]


class AboutSubject(Shape):
    """Whose rulings, and what for."""

    subject: UUID
    purpose: Code


async def make(call: Call) -> web.Response:
    """Keep a ruling; it counts from the next pull on."""
    asked: LinkRequest = call.body
    request = RuleRequest(
        **_whom(call, SubjectRef(asked.subject), asked.purpose),
        same=asked.verdict == "same",
        reason=asked.reason,
        records=_pair(asked.records),
        report=_report(asked.report),
        snapshot=asked.snapshot,
        reviewer=asked.reviewer,
    )
    reviewing = call.services.reviewing
    ruling = allowed(await call.services.journal.commit(lambda tx: reviewing.rule(tx, request)))
    headers = {"Location": f"/v1/links?subject={asked.subject}&purpose={asked.purpose}"}
    return json_reply(canonical.encode(_view(request.subject, ruling)), status=201, headers=headers)


async def listed(call: Call) -> web.Response:
    """What people ruled about a subject."""
    request = ReviewRequest(**_whom(call, SubjectRef(call.query.subject), call.query.purpose))
    reviewing = call.services.reviewing
    found = allowed(await call.services.journal.commit(lambda tx: reviewing.listed(tx, request)))
    return json_reply(canonical.encode({"links": [_view(request.subject, one) for one in found]}))


async def undo(call: Call) -> web.Response:
    """Take a ruling back; it stays on record."""
    services = call.services
    try:
        id_ = UUID(call.path["id"])
    except ValueError:
        raise NotFound("no such link") from None
    subject = services.read(lambda c: services.rulings.subject_of(c, call.client.member, id_))
    if subject is None:
        raise NotFound("no such link")
    request = ReviewRequest(**_whom(call, subject, call.body.purpose))
    reviewing = services.reviewing
    ruling = allowed(
        await services.journal.commit(lambda tx: reviewing.undo(tx, request, id_, call.body.reason))
    )
    return json_reply(canonical.encode(_view(subject, ruling)))


def _whom(call: Call, subject: SubjectRef, purpose: str) -> dict[str, Any]:
    call.services.settings.purposes.require(purpose, field="/purpose")
    name = call.services.vault.pseudonym(call.client.member, subject)
    return {"trail": call.trail, "subject": subject, "name": name, "purpose": purpose}


def _pair(records: tuple[str, ...] | None) -> tuple[Evidence, Evidence] | None:
    if records is None:
        return None
    one, other = records
    return Evidence.parse(one), Evidence.parse(other)


def _report(report: str | None) -> tuple[str, str] | None:
    if report is None:
        return None
    source, _, id_ = report.partition("/")
    return source, id_


def _view(subject: SubjectRef, ruling: Ruling) -> dict[str, Any]:
    about, undone = ruling.about, ruling.undone
    return {
        "id": str(ruling.id),
        "subject": str(subject),
        "rule": JUDGED,
        "verdict": "same" if about.same else "different",
        "standing": undone is None,
        "made": _done(ruling.made),
        "records": [*about.records] or None,
        "report": about.report,
        "score": about.score,
        "reviewer": about.reviewer,
        "undone": None if undone is None else _done(undone),
    }


def _done(done: Done) -> dict[str, str]:
    return {"at": stamp(done.at), "by": done.by, "reason": done.reason}


ROUTES = (
    Route(
        method="POST",
        path="/v1/links",
        role=Role.LINK_WRITE,
        summary="Rule that records are one account or not, or a report the subject's or not",
        handler=make,
        body=LinkRequest,
        reply=LinkView,
        status=201,
        about_person=True,
        denial=EventType.LINK_DENIED,
    ),
    Route(
        method="GET",
        path="/v1/links",
        role=Role.LINK_READ,
        summary="List what people ruled about a subject",
        handler=listed,
        query=AboutSubject,
        reply=LinkList,
        about_person=True,
        denial=EventType.LINK_DENIED,
    ),
    Route(
        method="POST",
        path="/v1/links/{id}/undo",
        role=Role.LINK_WRITE,
        summary="Take a ruling back; it stays on record",
        handler=undo,
        body=UndoRequest,
        reply=LinkView,
        about_person=True,
        denial=EventType.LINK_DENIED,
    ),
)
