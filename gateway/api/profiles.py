"""Profiles over HTTP: the main job, and reading what it brought."""

import hashlib
from datetime import datetime
from typing import Annotated, Any, Literal
from uuid import UUID

from aiohttp import web
from pydantic import ConfigDict, Field

from consent.artefact import Code, Instant
from consent.errors import InvalidInput, NotFound
from consent.subject import Scope, SubjectRef
from gateway.api.routes import Call, Route, Shape, json_reply
from gateway.api.subjects import SubjectQuery, find_subject
from gateway.clients import Role
from gateway.past.witness import Explanation
from gateway.pipeline import allowed
from gateway.plans import Plan, find
from gateway.profile import BorrowerProfile
from gateway.requests import ExplainRequest, PullRequest, ReadRequest
from gateway.sections import DERIVED, SECTIONS
from gateway.store.idempotency import Key

_KEY_MAX = 200

View = Literal["full", "attributes"]


class ProfileRequest(Shape):
    """Ask sources about one subject and merge what they say; by a plan, or sources and scopes."""

    model_config = ConfigDict(
        json_schema_extra={"oneOf": [{"required": ["plan"]}, {"required": ["sources", "scopes"]}]}
    )

    subject: SubjectQuery
    purpose: Code
    consent_id: UUID
    plan: Code | None = Field(
        default=None, description="sources, scopes, age and deadline of a configured plan"
    )
    sources: Annotated[tuple[Code, ...], Field(min_length=1, max_length=64)] | None = Field(
        default=None, description="whom to ask; with scopes, in place of a plan"
    )
    scopes: Annotated[tuple[Scope, ...], Field(min_length=1)] | None = Field(
        default=None, description="what to ask for; an empty list never means all"
    )
    max_age_s: Annotated[int, Field(ge=0, le=366 * 86_400)] | None = Field(
        default=None,
        description="an answer of ours not older than this stands in for asking again; 0 is never, "
        "and what holds without it, unless the plan says otherwise",
    )
    deadline_ms: Annotated[int, Field(ge=100)] | None = Field(
        default=None, description="all the time you give us; what is missing by then is said"
    )
    view: View = "full"
    attributes: str | None = Field(
        default=None, description="version of the attribute catalogue, such as core/1"
    )


class SnapshotHead(Shape):
    """Which version of the profile this is, and what it was made under."""

    id: UUID
    at: datetime
    config: str = Field(description="SHA-256 of the configuration")
    code: str = Field(description="build that made it")
    merged_by: str | None = Field(
        default=None,
        description="build that merged it again to show it: the law has taken something away since",
    )
    salt: str | None = Field(
        default=None,
        description="keeps the digest of this reply in the log from telling what is in it",
    )
    attributes: str = Field(description="version of the attribute catalogue")
    entry: UUID = Field(description="audit entry of its release")


class ConsentCited(Shape):
    """The consent it was shown under."""

    id: UUID
    epoch: int


class ProfileReply(Shape):
    """A snapshot of the profile; `profile` holds the sections you may see.

    Asked to explain a value, it holds none, and `explanation` says why the value is what it is.
    """

    snapshot: SnapshotHead
    subject: UUID
    purpose: str
    consent: ConsentCited
    scopes: list[Scope]
    profile: BorrowerProfile
    explanation: Explanation | None = None


For = Annotated[Code, Field(description="what it is read for; a consent of today must cover it")]
Part = Annotated[View, Field(description="all sections, or what was counted and concluded")]
_AS_OF = "the version known at this instant; without it the newest"


class ProfileQuery(Shape):
    """Which version to read, and what for."""

    purpose: For
    as_of: Instant | None = Field(default=None, description=_AS_OF)
    view: Part = "full"
    explain: Annotated[str, Field(max_length=500)] | None = Field(
        default=None, description="a JSON Pointer into the profile: why is this value what it is?"
    )


class AttributesQuery(Shape):
    """Which numbers to read, and what for."""

    purpose: For
    as_of: Instant | None = Field(default=None, description=_AS_OF)
    pinned: str | None = Field(
        default=None, alias="set", description="version of the catalogue, such as core/1"
    )


async def pull(call: Call) -> web.Response:
    """The main job."""
    request: ProfileRequest = call.body
    settings = call.services.settings
    settings.purposes.require(request.purpose, field="/purpose")
    plan = _plan(call, request)
    sources, scopes = (plan.sources, plan.scopes) if plan else _named(call, request)
    subject = find_subject(call, request.subject)
    planned_age_s = plan.max_age_s if plan else 0
    reply = await call.services.pipeline.pull(
        PullRequest(
            trail=call.trail,
            subject=subject,
            name=call.services.vault.pseudonym(call.client.member, subject),
            purpose=request.purpose,
            consent=request.consent_id,
            sources=sources,
            scopes=frozenset(scopes),
            sections=SECTIONS[request.view],
            identified=Role.IDENTITY_READ in call.client.roles,
            max_age_s=planned_age_s if request.max_age_s is None else request.max_age_s,
            deadline_s=settings.gateway.deadline_s(request.deadline_ms, plan),
            attribute_set=_catalogue(
                call, request.attributes or (plan.attributes if plan else None), "/attributes"
            ),
            plan=plan,
            key=_key(call, request, subject),
        )
    )
    return json_reply(reply.body, headers={"ETag": reply.etag})


def _plan(call: Call, request: ProfileRequest) -> Plan | None:
    """The plan that was named; it says whom to ask for what, so nothing else may."""
    if request.plan is None:
        return None
    if request.sources is not None or request.scopes is not None:
        raise InvalidInput("/plan", "either plan, or sources and scopes")
    return find(call.services.settings.plans, request.plan, field="/plan")


def _named(call: Call, request: ProfileRequest) -> tuple[tuple[str, ...], tuple[Scope, ...]]:
    """Sources and scopes of a request without a plan."""
    if request.sources is None or request.scopes is None:
        lacking = "/sources" if request.sources is None else "/scopes"
        raise InvalidInput(lacking, "required without a plan")
    for position, source in enumerate(request.sources):
        if source not in call.services.connectors:
            known = ", ".join(sorted(call.services.connectors))
            raise InvalidInput(f"/sources/{position}", f"one of {known}")
    if len(set(request.sources)) < len(request.sources):
        raise InvalidInput("/sources", "each source once")
    return request.sources, request.scopes


async def read(call: Call) -> web.Response:
    """The newest stored version, or the one known at a past instant."""
    query: ProfileQuery = call.query
    asked = _asked(call, query.purpose, query.as_of, SECTIONS[query.view])
    if query.explain is not None:
        wanted = ExplainRequest(**asked, path=query.explain)
        why = allowed(await call.services.explaining.explain(wanted))
        return json_reply(why.body)
    return await _read(call, ReadRequest(**asked))


async def attributes(call: Call) -> web.Response:
    """What a model looks at, of the newest stored version that has the catalogue it pins."""
    query: AttributesQuery = call.query
    asked = _asked(call, query.purpose, query.as_of, frozenset(DERIVED))
    pinned = query.pinned and _catalogue(call, query.pinned, "/set")
    return await _read(call, ReadRequest(**asked, attribute_set=pinned))


def _asked(
    call: Call, purpose: str, as_of: datetime | None, sections: frozenset[str]
) -> dict[str, Any]:
    """What every request to show a stored profile says."""
    subject = borrower(call)
    call.services.settings.purposes.require(purpose, field="/purpose")
    return {
        "trail": call.trail,
        "subject": subject,
        "name": call.services.vault.pseudonym(call.client.member, subject),
        "purpose": purpose,
        "sections": sections,
        "identified": Role.IDENTITY_READ in call.client.roles,
        "as_of": as_of or call.services.clock(),
    }


async def _read(call: Call, request: ReadRequest) -> web.Response:
    reply = await call.services.pipeline.read(request)
    if call.headers.get("If-None-Match") == reply.etag:
        return web.Response(status=304, headers={"ETag": reply.etag})
    return json_reply(reply.body, headers={"ETag": reply.etag})


def _catalogue(call: Call, named: str | None, field: str) -> str:
    """The version of the attribute catalogue that is meant."""
    known = call.services.settings.merging.attributes
    if named is not None and named not in known.by_name:
        raise InvalidInput(field, f"one of {', '.join(sorted(known.by_name))}")
    return named or known.default.catalogue


def borrower(call: Call) -> SubjectRef:
    """Whom the path names."""
    try:
        return SubjectRef.parse(call.path["id"])
    except ValueError:
        raise NotFound("no such borrower") from None


def _key(call: Call, request: ProfileRequest, subject: SubjectRef) -> Key | None:
    """The digest is over our reference, never over a document's guessable number."""
    key = call.headers.get("Idempotency-Key")
    if key is None:
        return None
    if not (0 < len(key) <= _KEY_MAX and key.isascii() and key.isprintable()):
        raise InvalidInput("Idempotency-Key", f"1 to {_KEY_MAX} printable ASCII characters")
    asked = f"{subject}{request.model_dump_json(exclude={'subject'})}"
    digest = hashlib.sha256(asked.encode()).hexdigest()
    return Key(call.client.member, call.client.id, key, digest, call.trail.req)


ROUTES = (
    Route(
        method="POST",
        path="/v1/profiles",
        role=Role.PROFILE_PULL,
        summary="Ask sources about a subject and merge what they say",
        handler=pull,
        body=ProfileRequest,
        reply=ProfileReply,
        headers=(("Idempotency-Key", "repeat the call without a second inquiry; kept one day"),),
        about_person=True,
    ),
    Route(
        method="GET",
        path="/v1/borrowers/{id}/profile",
        role=Role.PROFILE_READ,
        summary="Read a stored profile, also as known at a past instant",
        handler=read,
        query=ProfileQuery,
        reply=ProfileReply,
        headers=(("If-None-Match", "the ETag of the version you have"),),
        about_person=True,
    ),
    Route(
        method="GET",
        path="/v1/borrowers/{id}/attributes",
        role=Role.PROFILE_READ,
        summary="Read attributes, signals and reasons alone, of the catalogue a model pins",
        handler=attributes,
        query=AttributesQuery,
        reply=ProfileReply,
        headers=(("If-None-Match", "the ETag of the version you have"),),
        about_person=True,
    ),
)
