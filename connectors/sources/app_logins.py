"""Logins to the lender's own app, pushed by its own platform; interface app_logins/1, ours.

Every attempt, also a failed one, is an event. A region is no finer than a prefecture and a device
is named by the platform's own opaque id, never by a number of the device itself: an early warning
needs to tell places and devices apart and nothing else (PIPL art. 6). Instants with offset.
"""

from typing import Annotated, Literal

from pydantic import Field

from connectors.base import SourceSettings
from connectors.normalise.aggregator import in_china
from connectors.pushed import Batches, Event, Kept, Pushed
from connectors.records import Login, LoginOutcome
from consent.data_items import DataItem

NAME = "app_logins"
VERSION = "app_logins/1"


class LoginEvent(Event):
    """One attempt to log in."""

    outcome: LoginOutcome
    method: Literal[
        "password", "sms_code", "biometric", "gesture", "third_party", "device", "other"
    ]
    device: Annotated[str, Field(pattern=r"^[A-Za-z0-9_-]{8,64}$")] | None = Field(
        default=None, description="the platform's own opaque name of the device; no IMEI, no MAC"
    )
    region: Annotated[str, Field(pattern=r"^[1-9][0-9]{3}00$")] | None = Field(
        default=None, description="GB/T 2260 code of the province or prefecture; no finer"
    )


EVENT = LoginEvent


def pushed(kept: Kept, settings: SourceSettings) -> Pushed[LoginEvent]:
    """Make the connector."""
    return Pushed(
        name=NAME,
        items=frozenset({DataItem.LOGIN_EVENTS}),
        version=VERSION,
        form=Batches[LoginEvent],
        record=_login,
        kept=kept,
        reasons=settings.reasons,
    )


def _login(event: LoginEvent, record_id: str) -> Login:
    return Login(
        source=NAME,
        record_id=record_id,
        as_of=in_china(event.at),
        event=event.id,
        at=event.at,
        outcome=event.outcome,
        method=event.method,
        device=event.device,
        region=event.region,
    )
