"""Named, versioned features for models, computed from one profile.

What an attribute is called, counts and means stands in `config/attributes.toml`; how it is
measured stands here, one small function a measure. A value that has no meaning for this person
is None with a stable reason, never a zero that could be read as good news: `no_source` when
nobody who lists these records brought a report, `no_file` when those who answered do not know the
person, and the measures' own reasons.
"""

from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass
from types import MappingProxyType
from typing import Annotated, Literal, Self

from pydantic import BaseModel, ConfigDict, Field, model_validator

from connectors.money import Money, Month
from connectors.records import AccountKind
from consent.subject import Scope
from gateway.concluded import Concluded, Evidence
from gateway.creditfile import REVOLVING, Arrears, CreditFile, Reach, bases, evidence
from gateway.profile import AttributeSection, AttributeValue, ProfileTradeline


@dataclass(frozen=True, slots=True)
class Found:
    """What a measure found: a value and its evidence, or why there is none."""

    value: int | None
    basis: tuple[Evidence, ...] = ()
    missing: str | None = None


def _nothing(reason: str) -> Found:
    return Found(None, missing=reason)


# -- measures of the whole file --------------------------------------------------------------


def open_tradelines(file: CreditFile) -> Found:
    """Accounts that can still owe or be drawn on."""
    return Found(len(file.open_lines), evidence(file.open_lines))


def open_credit_cards(file: CreditFile) -> Found:
    """Open credit cards, without quasi credit cards."""
    cards = [one for one in file.open_lines if one.kind.value is AccountKind.CREDIT_CARD]
    return Found(len(cards), evidence(cards))


def overdue_accounts(file: CreditFile) -> Found:
    """Open accounts in arrears by their newest figures."""
    return Found(len(file.overdue_lines), evidence(file.overdue_lines))


def months_since_delinquency(file: CreditFile) -> Found:
    """Months since any account was last past due; 0 in this month."""
    if not file.arrears:
        return _nothing("no_history" if file.known_since is None else "never_delinquent")
    ago = min(one.ago for one in file.arrears)
    return Found(ago, _lines(one for one in file.arrears if one.ago == ago))


def age_of_oldest(file: CreditFile) -> Found:
    """Whole months since the first account was opened, closed ones included."""
    opened = [(line.opened.value.earliest(), line) for line in file.lines if line.opened]
    if not opened:
        return _nothing("no_tradeline")
    first = min(day for day, _ in opened)
    months = Month.of(file.today).since(Month.of(first)) - (file.today.day < first.day)
    return Found(max(months, 0), evidence(line for day, line in opened if day == first))


def _lines(arrears: Iterable[Arrears]) -> tuple[Evidence, ...]:
    """The records of the accounts in arrears; an account may be in several times."""
    return evidence({one.line.id: one.line for one in arrears}.values())


# -- measures of a window --------------------------------------------------------------------


def max_dpd(file: CreditFile, months: int) -> Found:
    """Most days past due on any account in any month of the window; the lower end of the band."""
    if file.known_since is None or file.known_since >= months:
        return _nothing("no_history")
    seen = [one for one in file.arrears if one.ago < months]
    worst = max((one.dpd for one in seen), default=0)
    return Found(worst, _lines(one for one in seen if one.dpd == worst))


def hard_inquiries(file: CreditFile, days: int) -> Found:
    """Applications for credit: the same institution, kind and day is one, at any bureau."""
    asked = list(file.asked(days))
    return Found(len(asked), evidence(asked))


def lenders(file: CreditFile, days: int) -> Found:
    """Institutions that were asked for credit or opened an account."""
    found = file.lenders(days)
    return Found(len(found), tuple(dict.fromkeys(e for basis in found.values() for e in basis)))


def new_tradelines(file: CreditFile, days: int) -> Found:
    """Accounts opened, collections of sold debts left out."""
    opened = list(file.opened(days))
    return Found(len(opened), evidence(opened))


# -- measures of money -----------------------------------------------------------------------


def total_balance(file: CreditFile, currency: str) -> Found:
    """What is owed on open accounts in this currency."""
    return _total(file.open_lines, [line.balance for line in file.open_lines], currency)


def total_past_due(file: CreditFile, currency: str) -> Found:
    """What is overdue on open accounts in this currency."""
    return _total(file.open_lines, [line.past_due for line in file.open_lines], currency)


def revolving_limit(file: CreditFile, currency: str) -> Found:
    """Limits of open cards and revolving loans in this currency."""
    lines = _revolving(file)
    return _total(lines, [line.credit_limit for line in lines], currency)


def revolving_utilisation(file: CreditFile, currency: str) -> Found:
    """Used of limit on open cards and revolving loans, in basis points, rounded down.

    What is used is the used limit, or where a source does not say so the balance.
    """
    used = limit = 0
    counted = []
    for line in _revolving(file):
        ceiling, drawn = line.credit_limit, line.used or line.balance
        amounts = [one.value for one in (ceiling, drawn) if one]
        if len(amounts) == 2 and all(one.currency == currency for one in amounts):  # noqa: PLR2004
            limit, used = limit + amounts[0].minor, used + amounts[1].minor
            counted.append(line)
    if limit <= 0:
        return _nothing("no_limit")
    return Found(10_000 * used // limit, evidence(counted))


def _revolving(file: CreditFile) -> list[ProfileTradeline]:
    return [line for line in file.open_lines if line.kind.value in REVOLVING]


def _total(
    lines: Iterable[ProfileTradeline], amounts: Iterable[Concluded[Money] | None], currency: str
) -> Found:
    """The sum of the amounts in one currency; nothing is converted, nothing unknown is zero."""
    known = [one for one in amounts if one and one.value.currency == currency]
    if not known and any(True for _ in lines):
        return _nothing("no_amount")
    basis = tuple(record for one in known for record in one.basis)
    return Found(sum(one.value.minor for one in known), basis)


# -- measures of contributions and income ----------------------------------------------------


def contribution_months(file: CreditFile, months: int) -> Found:
    """Calendar months in which anybody paid contributions, of those listed one by one."""
    listing = [one for one in file.contributions if one.record.months]
    if not listing:
        return _nothing("no_history")
    oldest, newest = Month.of(file.today).plus(1 - months), Month.of(file.today)
    paid = {m.month for one in listing for m in one.record.months if oldest <= m.month <= newest}
    return Found(len(paid), tuple(record for one in listing for record in one.basis))


def months_since_contribution(file: CreditFile) -> Found:
    """Months since the newest month contributions were paid for; 0 in this month."""
    known = [(one.record.paid_to, one) for one in file.contributions if one.record.paid_to]
    if not known:
        return _nothing("no_contribution")
    newest = max(month for month, _ in known)
    basis = tuple(record for month, one in known if month == newest for record in one.basis)
    return Found(max(Month.of(file.today).since(newest), 0), basis)


def contribution_base(file: CreditFile, currency: str) -> Found:
    """The newest base in this currency; the highest where contributions differ."""
    newest = [
        ((entry.month, entry.amount.minor), one)
        for one in file.incomes
        for entry in one.record.months[:1]
        if entry.amount.currency == currency
    ]
    if not newest:
        return _nothing("no_amount")
    best = max(key for key, _ in newest)
    basis = tuple(record for key, one in newest if key == best for record in one.basis)
    return Found(best[1], basis)


def base_change(file: CreditFile, months: int) -> Found:
    """How much the base of one kind of contribution changed; the lowest where kinds differ."""
    known = [(pair.change_bp, one) for one in file.incomes if (pair := bases(one.record, months))]
    if not known:
        return _nothing("no_history")
    lowest = min(change for change, _ in known)
    basis = tuple(record for change, one in known if change == lowest for record in one.basis)
    return Found(lowest, basis)


_OF_THE_FILE: Mapping[str, Callable[[CreditFile], Found]] = MappingProxyType(
    {
        measure.__name__: measure
        for measure in (
            open_tradelines,
            open_credit_cards,
            overdue_accounts,
            months_since_delinquency,
            age_of_oldest,
            months_since_contribution,
        )
    }
)
_OF_A_WINDOW: Mapping[str, Callable[[CreditFile, int], Found]] = MappingProxyType(
    {
        m.__name__: m
        for m in (
            max_dpd,
            hard_inquiries,
            lenders,
            new_tradelines,
            contribution_months,
            base_change,
        )
    }
)
_OF_MONEY: Mapping[str, Callable[[CreditFile, str], Found]] = MappingProxyType(
    {
        m.__name__: m
        for m in (
            total_balance,
            total_past_due,
            revolving_limit,
            revolving_utilisation,
            contribution_base,
        )
    }
)


class AttributeDefinition(BaseModel):
    """One attribute. `window` counts days or months, as the measure does; `currency` ISO 4217."""

    model_config = ConfigDict(frozen=True, extra="forbid")

    name: Annotated[str, Field(pattern=r"^[a-z][a-z0-9_]*$")]
    measure: str
    unit: Literal["count", "days", "months", "bp", "CNY"]
    formula: str
    missing: str
    inputs: tuple[str, ...]
    scopes: Annotated[tuple[Scope, ...], Field(min_length=1)]
    owner: str
    window: Annotated[int, Field(gt=0)] | None = None
    currency: str | None = None

    @model_validator(mode="after")
    def _measurable(self) -> Self:
        known: Mapping[str, object] = _OF_THE_FILE
        if self.window is not None:
            known = _OF_A_WINDOW
        elif self.currency is not None:
            known = _OF_MONEY
        if self.measure not in known or (self.window and self.currency):
            names = ", ".join(known)
            raise ValueError(f"{self.name}: no such measure; with these parameters: {names}")
        return self


class Catalogue(BaseModel):
    """`config/attributes.toml`: one version of the catalogue, in the order it is shown."""

    model_config = ConfigDict(frozen=True, extra="forbid")

    catalogue: Annotated[str, Field(pattern=r"^[a-z]+/[0-9]+$")]
    attributes: tuple[AttributeDefinition, ...]

    @model_validator(mode="after")
    def _each_once(self) -> Self:
        names = [one.name for one in self.attributes]
        if len(set(names)) < len(names):
            raise ValueError("each attribute once")
        return self


def compute(file: CreditFile, catalogue: Catalogue) -> AttributeSection:
    """Every attribute of the catalogue."""
    values = tuple(_value(file, one) for one in catalogue.attributes)
    return AttributeSection(catalogue=catalogue.catalogue, values=values)


def _value(file: CreditFile, one: AttributeDefinition) -> AttributeValue:
    reaches = [file.reach[scope] for scope in one.scopes]
    found = _unreached(reaches) or _measured(file, one)
    return AttributeValue(
        name=one.name,
        value=found.value,
        unit=one.unit,
        scopes=one.scopes,
        basis=found.basis,
        missing=found.missing,
        lacking=tuple(sorted({source for reach in reaches for source in reach.lacking})),
    )


def _unreached(reaches: Iterable[Reach]) -> Found | None:
    for reach in reaches:
        if not reach.answered:
            return _nothing("no_file" if reach.no_file else "no_source")
    return None


def _measured(file: CreditFile, one: AttributeDefinition) -> Found:
    if one.window is not None:
        return _OF_A_WINDOW[one.measure](file, one.window)
    if one.currency is not None:
        return _OF_MONEY[one.measure](file, one.currency)
    return _OF_THE_FILE[one.measure](file)
