"""What sources push, over HTTP: signed as Standard Webhooks say, kept under a consent of now."""

from collections.abc import Mapping
from datetime import datetime
from types import MappingProxyType
from typing import Annotated, Generic, TypeVar
from uuid import UUID

from aiohttp import web
from pydantic import AfterValidator, Field

from connectors import registry
from connectors.pushed import Event
from consent import canonical
from consent.audit.catalogue import EventType
from consent.clock import stamp
from consent.data_items import scopes_of
from consent.decision import Refusal
from consent.errors import InvalidInput
from gateway.api import subjects
from gateway.api.routes import Call, Route, Shape, json_reply
from gateway.api.subjects import SubjectQuery
from gateway.pipeline import ConsentRefused
from gateway.senders import WINDOW, webhook_id
from gateway.store.inbox import Push

_MOST_EVENTS = 200

E = TypeVar("E", bound=Event)


def _some(events: tuple[Event, ...]) -> tuple[Event, ...]:
    """By ourselves: pydantic counts the good ones only, and would call one bad event none."""
    if not events:
        raise ValueError("at least one event")
    return events


class PushBody(Shape, Generic[E]):
    """Events about one subject. All of them are kept, or none."""

    subject: SubjectQuery
    events: Annotated[
        tuple[E, ...],
        Field(max_length=_MOST_EVENTS, json_schema_extra={"minItems": 1}),
        AfterValidator(_some),
    ]


class PushReply(Shape):
    """What was kept; `id` names the batch and its audit entry. A repetition brings the same."""

    id: UUID
    source: str
    events: int
    received_at: datetime


BODIES: Mapping[str, type[Shape]] = MappingProxyType(
    {name: PushBody[event] for name, event in registry.events().items()}  # type: ignore[valid-type]
)


async def take(call: Call) -> web.Response:
    """Keep what a source says about a subject."""
    services, source = call.services, call.client.id
    body: PushBody[Event] = call.body
    _in_order(body.events, call.services.clock())
    subject = subjects.find_subject(call, body.subject)
    events = body.model_dump_json(include={"events"}, exclude_unset=True).encode()
    push = Push(
        member=call.client.member,
        source=source,
        webhook=webhook_id(call.headers),
        said=f"{subject}".encode() + events,
        events=events.removeprefix(b'{"events":').removesuffix(b"}"),
        count=len(body.events),
    )
    name = services.vault.pseudonym(push.member, subject)
    scopes = scopes_of(services.connectors[source].items)
    received = await services.journal.commit(
        lambda tx: services.ingest.take(
            tx, call.trail, push, subject=subject, name=name, scopes=scopes
        )
    )
    if isinstance(received, Refusal):
        services.metrics.refusal(received.reason)
        raise ConsentRefused({source: (received.reason, received.explanation)})
    return json_reply(
        canonical.encode(
            {
                "id": str(received.id),
                "source": received.source,
                "events": received.events,
                "received_at": stamp(received.at),
            }
        )
    )


def _in_order(events: tuple[Event, ...], now: datetime) -> None:
    """Each event is there once, and has happened; clocks may differ as much as signatures may."""
    seen: set[str] = set()
    for position, event in enumerate(events):
        if event.id in seen:
            raise InvalidInput(f"/events/{position}/id", "each event once in a push")
        if event.at > now + WINDOW:
            raise InvalidInput(f"/events/{position}/at", "an instant that is not in the future")
        seen.add(event.id)


ROUTES = (
    Route(
        method="POST",
        path="/v1/ingest/{source}",
        role=None,
        summary="Take in what a source of the lender's own pushes about a subject",
        handler=take,
        body=BODIES,
        reply=PushReply,
        headers=(
            ("webhook-id", "names the message: repeated with the same body it is kept once"),
            ("webhook-timestamp", "seconds since 1970 UTC, within five minutes of our clock"),
            ("webhook-signature", "v1,<base64 of HMAC-SHA256 over id.timestamp.body>, one or more"),
        ),
        about_person=True,
        denial=EventType.INGEST_REFUSED,
    ),
)
