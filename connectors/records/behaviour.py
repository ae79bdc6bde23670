"""What a lender's own systems saw: logins, and what a loan was for."""

from dataclasses import dataclass
from datetime import date, datetime
from enum import StrEnum

from connectors.money import Money


class LoginOutcome(StrEnum):
    """How an attempt to log in ended."""

    SUCCESS = "success"
    FAILURE = "failure"  # wrong password, code or face
    BLOCKED = "blocked"  # refused by a rule of the platform, whatever was entered


@dataclass(frozen=True, slots=True, kw_only=True)
class Login:
    """One attempt to log in to the lender's own platform, at the instant `at` (aware UTC).

    `event` is what the platform calls it and `device` its opaque name of the device, `region` the
    GB/T 2260 code of a province or prefecture, `as_of` the day it was in China.
    """

    source: str
    record_id: str
    as_of: date
    event: str
    at: datetime
    outcome: LoginOutcome
    method: str
    device: str | None = None
    region: str | None = None


class LoanUse(StrEnum):
    """What a loan is for: as the subject declares it, or as its payments show."""

    CONSUMPTION = "consumption"
    EDUCATION = "education"
    MEDICAL = "medical"
    TRAVEL = "travel"
    RENOVATION = "renovation"
    VEHICLE = "vehicle"
    BUSINESS = "business"
    DEBT_REPAYMENT = "debt_repayment"
    PROPERTY = "property"  # buying a home, its down payment, repaying a mortgage
    SECURITIES = "securities"  # stocks and bonds
    DERIVATIVES = "derivatives"  # futures, options
    ASSET_MANAGEMENT = "asset_management"  # funds, wealth and asset management products
    EQUITY = "equity"  # a share in a company
    FIXED_ASSETS = "fixed_assets"
    OTHER = "other"


@dataclass(frozen=True, slots=True, kw_only=True)
class ObservedUse:
    """Loan money was seen to go to such a use on a day; told by the category of the payee."""

    on: date
    use: LoanUse
    amount: Money | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class LoanPurpose:
    """What the subject said a loan of the lender is for, and where its money was seen to go.

    `event`, `application` and `account_ref` are the lender's own numbers; `observed` newest first.
    """

    source: str
    record_id: str
    as_of: date
    event: str
    declared_on: date
    declared: LoanUse
    application: str | None = None
    account_ref: str | None = None
    amount: Money | None = None
    observed: tuple[ObservedUse, ...] = ()
