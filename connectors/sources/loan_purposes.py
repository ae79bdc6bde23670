"""What loans of the lender are for, pushed by its own platform; interface loan_purposes/1, ours.

One event for each application or loan: the purpose the subject declared, and where the money was
seen to go, told by the category of the payee. Whenever more is seen, the event is pushed again
under its id, whole. Amounts in minor units, days of the local calendar, instants with offset.
"""

from datetime import date
from typing import Annotated

from pydantic import Field, ValidationInfo, field_validator

from connectors.base import SourceSettings
from connectors.money import Money
from connectors.normalise.aggregator import in_china
from connectors.pushed import Amount, Batches, Event, Kept, Part, Pushed
from connectors.records import LoanPurpose, LoanUse, ObservedUse
from consent.data_items import DataItem

NAME = "loan_purposes"
VERSION = "loan_purposes/1"
_MOST_OBSERVED = 50

Number = Annotated[str, Field(pattern=r"^[A-Za-z0-9][A-Za-z0-9._/-]{0,63}$")]


class UseSeen(Part):
    """Money of the loan went to a payee of this sort."""

    on: date
    use: LoanUse
    amount: Amount | None = None


class PurposeEvent(Event):
    """The declared purpose of one loan, and its observed uses."""

    declared_on: date
    declared: LoanUse
    application: Number | None = None
    account: Number | None = None
    amount: Amount | None = None
    observed: Annotated[tuple[UseSeen, ...], Field(max_length=_MOST_OBSERVED)] = ()

    @field_validator("declared_on")
    @classmethod
    def _declared_by_then(cls, day: date, info: ValidationInfo) -> date:
        return _by_then(day, info)

    @field_validator("observed")
    @classmethod
    def _seen_by_then(cls, seen: tuple[UseSeen, ...], info: ValidationInfo) -> tuple[UseSeen, ...]:
        for use in seen:
            _by_then(use.on, info)
        return seen


EVENT = PurposeEvent


def _by_then(day: date, info: ValidationInfo) -> date:
    """Nothing is known before it happens; `at` may be wrong itself, which is said elsewhere."""
    at = info.data.get("at")
    if at is not None and day > in_china(at):
        raise ValueError("a day not after `at`, in China")
    return day


def pushed(kept: Kept, settings: SourceSettings) -> Pushed[PurposeEvent]:
    """Make the connector."""
    return Pushed(
        name=NAME,
        items=frozenset({DataItem.LOAN_PURPOSES}),
        version=VERSION,
        form=Batches[PurposeEvent],
        record=_purpose,
        kept=kept,
        reasons=settings.reasons,
    )


def _purpose(event: PurposeEvent, record_id: str) -> LoanPurpose:
    seen = sorted(event.observed, key=lambda use: (use.on, use.use), reverse=True)
    return LoanPurpose(
        source=NAME,
        record_id=record_id,
        as_of=in_china(event.at),
        event=event.id,
        declared_on=event.declared_on,
        declared=event.declared,
        application=event.application,
        account_ref=event.account,
        amount=_money(event.amount),
        observed=tuple(
            ObservedUse(on=use.on, use=use.use, amount=_money(use.amount)) for use in seen
        ),
    )


def _money(amount: Amount | None) -> Money | None:
    return None if amount is None else Money(amount.minor, amount.currency)
