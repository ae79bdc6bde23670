"""Contributions and income, month by month."""

from dataclasses import dataclass
from datetime import date

from connectors.money import Money, Month, PartialDate
from connectors.records.accounts import Annotation


@dataclass(frozen=True, slots=True, kw_only=True)
class ContributionMonth:
    """One month contributions came in for; `paid` by employer and subject together."""

    month: Month
    paid: Money | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class Contribution:
    """Housing fund or social insurance paid for the subject.

    `months` are the months the source lists as paid, newest first, none twice; empty when it
    lists none. What a contribution is assessed on tells the income, so it is an `Income`.
    """

    source: str
    record_id: str
    as_of: date
    kind: str  # housing_fund | pension | unemployment | work_injury
    status: str | None  # paying | suspended | closed | none
    employer: str | None
    region: str | None
    enrolled: PartialDate | None
    first_paid: Month | None
    paid_to: Month | None
    monthly_amount: Money | None
    base: Money | None = None
    employer_rate: str | None = None
    personal_rate: str | None = None
    annotations: tuple[Annotation, ...] = ()
    months: tuple[ContributionMonth, ...] = ()


@dataclass(frozen=True, slots=True, kw_only=True)
class IncomeMonth:
    """What somebody earned in one month, as far as `Income.told_by` can tell."""

    month: Month
    amount: Money


@dataclass(frozen=True, slots=True, kw_only=True)
class Income:
    """Monthly income, told by the base that contributions of kind `told_by` are assessed on.

    A base is bounded by law from below and above and follows a change of pay late: it is
    evidence of an income, not the income. `months` newest first, none twice.
    """

    source: str
    record_id: str
    as_of: date
    told_by: str  # housing_fund | pension | unemployment | work_injury
    months: tuple[IncomeMonth, ...]
