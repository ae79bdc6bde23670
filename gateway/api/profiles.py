"""Profiles over HTTP: the main job, and reading what it brought."""

import hashlib
from datetime import datetime
from typing import Annotated, Literal
from uuid import UUID

from aiohttp import web
from pydantic import Field

from consent.artefact import Code, Instant
from consent.errors import InvalidInput, NotFound
from consent.subject import Scope, SubjectRef
from gateway.api.routes import Call, Route, Shape, json_reply
from gateway.api.subjects import SubjectQuery, find_subject
from gateway.clients import Role
from gateway.idempotency import Key
from gateway.profile import BorrowerProfile
from gateway.requests import PullRequest, ReadRequest
from gateway.sections import DERIVED, SECTIONS

_KEY_MAX = 200

View = Literal["full", "attributes"]


class ProfileRequest(Shape):
    """Ask sources about one subject and merge what they say."""

    subject: SubjectQuery
    purpose: Code
    consent_id: UUID
    sources: Annotated[tuple[Code, ...], Field(min_length=1, max_length=64)]
    scopes: Annotated[tuple[Scope, ...], Field(min_length=1)] = Field(
        description="what to ask for; an empty list never means all"
    )
    max_age_s: Annotated[int, Field(ge=0, le=366 * 86_400)] = Field(
        default=0, description="an answer of ours not older than this stands in for asking again"
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
    attributes: str = Field(description="version of the attribute catalogue")
    entry: UUID = Field(description="audit entry of its release")


class ConsentCited(Shape):
    """The consent it was shown under."""

    id: UUID
    epoch: int


class ProfileReply(Shape):
    """A snapshot of the profile; `profile` holds the sections you may see."""

    snapshot: SnapshotHead
    subject: UUID
    purpose: str
    consent: ConsentCited
    scopes: list[Scope]
    profile: BorrowerProfile


class ProfileQuery(Shape):
    """Which version to read, and what for."""

    purpose: Code
    as_of: Instant | None = None
    view: View = "full"


class AttributesQuery(Shape):
    """Which numbers to read, and what for."""

    purpose: Code
    as_of: Instant | None = None
    pinned: str | None = Field(
        default=None, alias="set", description="version of the catalogue, such as core/1"
    )


async def pull(call: Call) -> web.Response:
    """The main job."""
    request: ProfileRequest = call.body
    settings = call.services.settings
    settings.purposes.require(request.purpose, field="/purpose")
    for position, source in enumerate(request.sources):
        if source not in call.services.connectors:
            known = ", ".join(sorted(call.services.connectors))
            raise InvalidInput(f"/sources/{position}", f"one of {known}")
    if len(set(request.sources)) < len(request.sources):
        raise InvalidInput("/sources", "each source once")
    subject = find_subject(call, request.subject)
    limit_ms = settings.gateway.deadline_max_ms
    deadline_ms = min(request.deadline_ms or settings.gateway.deadline_default_ms, limit_ms)
    reply = await call.services.pipeline.pull(
        PullRequest(
            trail=call.trail,
            subject=subject,
            name=call.services.vault.pseudonym(call.client.member, subject),
            purpose=request.purpose,
            consent=request.consent_id,
            sources=request.sources,
            scopes=frozenset(request.scopes),
            sections=SECTIONS[request.view],
            identified=Role.IDENTITY_READ in call.client.roles,
            max_age_s=request.max_age_s,
            deadline_s=deadline_ms / 1000,
            attribute_set=_catalogue(call, request.attributes, "/attributes"),
            key=_key(call, request, subject),
        )
    )
    return json_reply(reply.body, headers={"ETag": reply.etag})


async def read(call: Call) -> web.Response:
    """The newest stored version, or the one known at a past instant."""
    query: ProfileQuery = call.query
    return await _read(call, query.purpose, query.as_of, SECTIONS[query.view])


async def attributes(call: Call) -> web.Response:
    """What a model looks at, of the newest stored version that has the catalogue it pins."""
    query: AttributesQuery = call.query
    pinned = query.pinned and _catalogue(call, query.pinned, "/set")
    return await _read(call, query.purpose, query.as_of, frozenset(DERIVED), pinned)


async def _read(
    call: Call,
    purpose: str,
    as_of: datetime | None,
    sections: frozenset[str],
    attribute_set: str | None = None,
) -> web.Response:
    subject = borrower(call)
    call.services.settings.purposes.require(purpose, field="/purpose")
    reply = await call.services.pipeline.read(
        ReadRequest(
            trail=call.trail,
            subject=subject,
            name=call.services.vault.pseudonym(call.client.member, subject),
            purpose=purpose,
            sections=sections,
            identified=Role.IDENTITY_READ in call.client.roles,
            as_of=as_of or call.services.clock(),
            attribute_set=attribute_set,
        )
    )
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
