"""What a lender tells a bureau about its own loans, in our words: the other direction.

Amounts are integer minor units of CNY, days local days of China, instants aware. A message about
a loan in arrears is adverse, and the subject must have been told before it is sent (征信业管理条例
art. 15): it carries the notice that told them. Codes whose list is part of a bureau's contract are
handed through as the contract has them.
"""

from dataclasses import dataclass
from datetime import UTC, date, datetime
from typing import Annotated, Literal, Protocol, Self, TypeAlias, runtime_checkable
from uuid import UUID

from pydantic import (
    AfterValidator,
    AwareDatetime,
    BaseModel,
    ConfigDict,
    Field,
    StringConstraints,
    model_validator,
)

from consent.decision import Permit
from consent.identity import Identity

Ref = Annotated[str, StringConstraints(pattern=r"^[A-Za-z0-9_.-]{1,64}$")]
Sha256 = Annotated[str, StringConstraints(pattern=r"^[0-9a-f]{64}$")]
Fen = Annotated[int, Field(ge=0, lt=10**13)]
ContractCode = Annotated[int, Field(ge=0, le=999)]
_MOST_TERMS = 36_000
_YEARS = range(1970, 2200)


def _of_our_age(at: datetime) -> datetime:
    if at.year not in _YEARS:  # the ends of the calendar are no days in every time zone
        raise ValueError(f"an instant of the years {_YEARS[0]} to {_YEARS[-1]}")
    return at.astimezone(UTC)


Instant = Annotated[AwareDatetime, AfterValidator(_of_our_age)]


class _Part(BaseModel):
    model_config = ConfigDict(frozen=True, extra="forbid", hide_input_in_errors=True)


class LoanIssued(_Part):
    """A loan was paid out. `original_loan_ref` when it replaces one reported before.

    Either every due day is listed in `due_days`, or `term_days` says how far apart they are.
    """

    kind: Literal["loan_issued"]
    loan_ref: Ref
    original_loan_ref: Ref | None = None
    guarantee_code: ContractCode
    purpose_code: ContractCode
    due_day_code: ContractCode = Field(description="how due days are fixed, the bureau's code")
    applied_at: Instant
    account_opened_at: Instant
    issued_at: Instant
    matures_on: date
    amount: Annotated[Fen, Field(gt=0)]
    terms: Annotated[int, Field(ge=1, le=_MOST_TERMS)]
    due_days: tuple[date, ...] = ()
    term_days: Annotated[int, Field(ge=1, le=3660)] | None = None
    first_due_on: date
    grace_days: Annotated[int, Field(ge=0, le=365)] = 0

    @model_validator(mode="after")
    def _consistent(self) -> Self:
        if not self.applied_at <= self.issued_at or not self.account_opened_at <= self.issued_at:
            raise ValueError("issued_at is not before applied_at and account_opened_at")
        if bool(self.due_days) == (self.term_days is not None):
            raise ValueError("either due_days or term_days")
        if self.due_days and len(self.due_days) != self.terms:
            raise ValueError("due_days has one day for each of the terms")
        if list(self.due_days) != sorted(set(self.due_days)):
            raise ValueError("due_days in order, each once")
        if not self.issued_at.date() <= self.first_due_on <= self.matures_on:
            raise ValueError("first_due_on lies between issued_at and matures_on")
        if self.due_days and (self.due_days[0], self.due_days[-1]) != (
            self.first_due_on,
            self.matures_on,
        ):
            raise ValueError("due_days run from first_due_on to matures_on")
        return self

    @property
    def adverse(self) -> bool:
        """Borrowing is no breach."""
        return False


class TermPaid(_Part):
    """How one term stands: `planned` by the contract, `due` with arrears, `paid` so far."""

    kind: Literal["term_status"]
    loan_ref: Ref
    term: Annotated[int, Field(ge=1, le=_MOST_TERMS)]
    due_on: date
    paid_on: date | None = None
    planned: Fen
    due: Fen
    paid: Fen
    days_past_due: Annotated[int, Field(ge=0, le=36_500)] = 0
    past_due: Fen = 0
    outstanding: Fen
    loan_overdue: bool = Field(default=False, description="any term of the loan is in arrears")
    confirmed_at: Instant

    @model_validator(mode="after")
    def _consistent(self) -> Self:
        if (self.days_past_due > 0) != (self.past_due > 0):
            raise ValueError("days_past_due and past_due are both zero, or neither is")
        if self.days_past_due and not self.loan_overdue:
            raise ValueError("a term past due makes loan_overdue true")
        if self.paid_on is None and self.paid:
            raise ValueError("paid_on says when paid came in")
        return self

    @property
    def adverse(self) -> bool:
        """In arrears: a breach of a loan contract (art. 44(3))."""
        return self.loan_overdue


Message: TypeAlias = Annotated[LoanIssued | TermPaid, Field(discriminator="kind")]


class AdverseNotice(_Part):
    """Proof that the subject was told before adverse information left (art. 15): how and what."""

    id: Ref
    given_at: Instant
    channel: Literal["sms", "app", "letter", "call", "email"]
    content_sha256: Sha256


@dataclass(frozen=True, slots=True, kw_only=True)
class Telling:
    """One message on its way.

    `request_id` is the member's own, and the bureau's key to repeats: a UUID, so that it cannot
    say whom it is about. `amends` says that it corrects what was reported before.
    """

    request_id: UUID
    message: LoanIssued | TermPaid
    amends: bool
    at: datetime


@runtime_checkable
class Reporter(Protocol):
    """A source that also takes reports from its members."""

    async def report(self, permit: Permit, subject: Identity, telling: Telling) -> None:
        """Tell the source; returns when it accepted. Raises only `SourceError`. Never repeated."""
        ...
