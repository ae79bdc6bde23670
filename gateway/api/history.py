"""The history of a borrower's profile over HTTP."""

from datetime import datetime
from typing import Annotated, Any
from uuid import UUID

from aiohttp import web
from pydantic import Field

from consent.artefact import Instant
from consent.subject import Scope
from gateway.api.profiles import ConsentCited, For, Part, borrower
from gateway.api.routes import Call, Route, Shape, json_reply
from gateway.clients import Role
from gateway.past.history import What
from gateway.pipeline import allowed
from gateway.requests import HistoryRequest
from gateway.sections import SECTIONS

_MOST = 50


class HistoryQuery(Shape):
    """Whose history is looked at for what, and which page of it."""

    purpose: For
    as_of: Instant | None = Field(default=None, description="only snapshots made by then")
    view: Part = "full"
    after: UUID | None = Field(default=None, description="`after` of the page before")
    limit: Annotated[int, Field(ge=1, le=_MOST, description="how many versions")] = 10


class ChangeView(Shape):
    """One fact that is not as it was. `sources` are those that made it another."""

    section: str
    kind: str
    item: str = Field(description="its id in this snapshot; in the one before when it is gone")
    label: str
    what: What
    field: str
    old: Any = Field(default=None, description="absent when there was none")
    new: Any = Field(default=None, description="absent when there is none")
    sources: list[str]


class RefusedView(Shape):
    """Why this snapshot is not shown."""

    reason: str = Field(description="what no consent of today covers, or `unreadable`")


class SnapshotLine(Shape):
    """One version of the profile, and what changed from the one named `since`.

    Of a refused one there is the id and the reason, nothing else.
    """

    id: UUID
    at: datetime | None = None
    purpose: str | None = None
    sources: list[str] | None = None
    config: str | None = None
    code: str | None = None
    merged_by: str | None = Field(
        default=None, description="build that merged it again: the law has taken something away"
    )
    salt: str | None = Field(
        default=None, description="keeps the digest of this reply in the log from telling of it"
    )
    entry: UUID | None = None
    scopes: list[Scope] | None = Field(default=None, description="what you may see of it")
    consent: ConsentCited | None = None
    catalogue: str | None = Field(default=None, description="of its attributes")
    since: UUID | None = Field(default=None, description="the snapshot before, if any is shown")
    compared: list[str] | None = Field(default=None, description="the sections both hold")
    changes: list[ChangeView] | None = None
    refused: RefusedView | None = None


class HistoryReply(Shape):
    """Snapshots, newest first; `after` is the cursor of the next page."""

    subject: UUID
    purpose: str
    snapshots: list[SnapshotLine]
    after: UUID | None


async def read(call: Call) -> web.Response:
    """What was known when, and what changed."""
    subject = borrower(call)
    query: HistoryQuery = call.query
    services = call.services
    services.settings.purposes.require(query.purpose, field="/purpose")
    request = HistoryRequest(
        trail=call.trail,
        subject=subject,
        name=services.vault.pseudonym(call.client.member, subject),
        purpose=query.purpose,
        sections=SECTIONS[query.view],
        identified=Role.IDENTITY_READ in call.client.roles,
        as_of=query.as_of or services.clock(),
        after=query.after,
        limit=query.limit,
    )
    reply = allowed(await services.recalling.history(request))
    return json_reply(reply.body)


ROUTES = (
    Route(
        method="GET",
        path="/v1/borrowers/{id}/history",
        role=Role.PROFILE_READ,
        summary="Snapshots, and what changed between them and which source changed it",
        handler=read,
        query=HistoryQuery,
        reply=HistoryReply,
        about_person=True,
    ),
)
