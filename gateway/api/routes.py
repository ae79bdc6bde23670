"""What a route is: its place, its role, its models, its handler. Router and OpenAPI share it."""

from collections.abc import Awaitable, Callable, Mapping
from dataclasses import dataclass, field
from typing import Any

from aiohttp import web
from pydantic import BaseModel, ConfigDict

from consent.audit.catalogue import EventType, Trail
from gateway.clients import Caller, Role
from gateway.services import Services


class Shape(BaseModel):
    """A body or query exactly as documented: an unknown field is an error that names it."""

    model_config = ConfigDict(frozen=True, extra="forbid", hide_input_in_errors=True)


class Nothing(Shape):
    """No body and no query."""


@dataclass(frozen=True, slots=True)
class Call:
    """One authenticated call, its form checked."""

    services: Services
    client: Caller
    trail: Trail
    path: Mapping[str, str]
    headers: Mapping[str, str] = field(repr=False)
    body: Any = field(repr=False)
    query: Any = field(repr=False)


Handler = Callable[[Call], Awaitable[web.Response]]


@dataclass(frozen=True, slots=True, kw_only=True)
class Route:
    """One operation. `about_person` says that a refusal of it must be on record, as `denial`.

    Without a `role` it is for sources: what comes in is signed with a secret of the source that
    the path names, and its body has that source's form.
    """

    method: str
    path: str
    role: Role | None
    summary: str
    handler: Handler
    body: type[Shape] | Mapping[str, type[Shape]] | None = None
    query: type[Shape] = Nothing
    reply: Any = None
    status: int = 200
    headers: tuple[tuple[str, str], ...] = ()
    media_types: tuple[str, ...] = ("application/json",)
    about_person: bool = False
    denial: EventType = EventType.PROFILE_DENIED


def json_reply(
    body: bytes, *, status: int = 200, headers: Mapping[str, str] | None = None
) -> web.Response:
    """Bytes that are JSON already, as a response."""
    return web.Response(body=body, status=status, headers=headers, content_type="application/json")
