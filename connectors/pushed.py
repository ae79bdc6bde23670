"""Sources that push: the lender's own systems write to us, and are asked for what they wrote.

A source of this kind has no address. Its events come in by `POST /v1/ingest/<source>`, are kept
sealed, and are read back under a permit when a profile asks for them: `fetch` opens no socket but
the kept batches. From there on it is a source like any other, read by the same pure `read`.

The wire form is ours, so it is strict: what does not fit is refused at the door, with the field
and what would have been right. An event bears the sender's own `id`; one that is pushed again
under its id takes the place of the earlier, so a correction needs no other word.
"""

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Annotated, Any, Generic, Protocol, TypeVar

from pydantic import AfterValidator, ConfigDict, Field, ValidationError

from connectors import asking
from connectors.base import SourceModel, SourceSettings
from connectors.errors import SourceBrokeContract
from connectors.http import RawAnswer
from connectors.normalise.aggregator import in_china
from connectors.records import NoHit, Record, Report
from consent.artefact import Instant
from consent.data_items import DataItem
from consent.decision import Permit
from consent.identity import Identity

EventId = Annotated[str, Field(pattern=r"^[A-Za-z0-9][A-Za-z0-9._:-]{0,63}$")]


class Part(SourceModel):
    """A part of an event; a number in a text, or a text in a number, is not read as one."""

    model_config = ConfigDict(strict=True)


class Amount(Part):
    """An amount in the minor unit of a currency: 1999 CNY is 19.99 yuan."""

    minor: Annotated[int, Field(ge=0, lt=10**15)]
    currency: Annotated[str, Field(pattern=r"^[A-Z]{3}$")] = "CNY"


def _of_a_day(at: datetime) -> datetime:
    try:
        in_china(at)
    except OverflowError:
        raise ValueError("an instant of the years 1 to 9999 in China") from None
    return at


class Event(Part):
    """What every pushed event says: its `id` at the sender, and the instant it vouches for."""

    id: EventId = Field(description="the sender's own; pushed again, it replaces the earlier")
    at: Annotated[Instant, AfterValidator(_of_a_day)] = Field(
        description="when it happened, with its offset from UTC"
    )


E = TypeVar("E", bound=Event)


class Batches(SourceModel, Generic[E]):
    """What is read back: the kept batches, oldest first; `partial` when older ones were left."""

    batches: tuple[tuple[E, ...], ...]
    partial: bool = False


Kept = Callable[[Permit, datetime], bytes]
"""Opens what is kept under a permit, as JSON of `Batches`; raises only `SourceError`."""


class PushedModule(Protocol):
    """What a file in `connectors.sources` offers whose source pushes."""

    EVENT: type[Event]

    def pushed(self, kept: Kept, settings: SourceSettings) -> "Pushed[Any]":
        """Make the connector."""
        ...


@dataclass(frozen=True, slots=True)
class Pushed(Generic[E]):
    """The connector of such a source; `record` turns one event into the record of that id.

    A record is named by its place in the report: it stands in evidence, which everybody may see
    who sees a signal, and nobody knows what a sender puts into an id.
    """

    name: str
    items: frozenset[DataItem]
    version: str
    form: type[Batches[E]]
    record: Callable[[E, str], Record]
    kept: Kept
    reasons: Mapping[str, str]

    async def fetch(self, permit: Permit, subject: Identity, *, at: datetime) -> RawAnswer:  # noqa: ARG002 - who it is about stands in the permit
        """What is in store at `at`; leaves no footprint outside."""
        asking.reason(self.name, permit, self.reasons)
        return RawAnswer(self.kept(permit, at), at)

    def read(self, raw: RawAnswer) -> Report | NoHit:
        """The newest word on every event; a no-hit when nothing was ever pushed."""
        try:
            told = self.form.model_validate_json(raw.content)
        except ValidationError:  # the cause holds the person's data
            raise SourceBrokeContract(self.name, "not_the_document") from None
        newest = {event.id: event for batch in told.batches for event in batch}
        if not newest:
            return NoHit(source=self.name, as_of=raw.received_at)
        events = sorted(newest.values(), key=lambda event: (event.at, event.id))
        return Report(
            source=self.name,
            report_id=raw.sha256[:32],
            as_of=events[-1].at,
            version=self.version,
            records=tuple(self.record(one, f"events[{n}]") for n, one in enumerate(events)),
            partial=told.partial,
        )
