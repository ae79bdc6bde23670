"""How each number of a summary is counted again: one pure rule for each name of a `Metric`.

A rule says the lowest and the highest number the details allow. Where CCRC has not published how
it counts (whether today's inquiry is in, what a month is, whether a charged-off month is late),
the readings give a range, and only a number outside all of them is a difference. Rules of
amounts count yuan only: with another currency, or an amount not said, they say nothing.

Names of tags and tables: CCRC personal credit report product description, 2017-08 to 2020-07.
"""

from collections import defaultdict
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import date, timedelta
from functools import partial
from types import MappingProxyType

from connectors.money import Money, Month, PartialDate
from connectors.records import (
    AccountKind,
    AccountStatus,
    Annotation,
    CreditAgreement,
    Inquiry,
    Liability,
    Metric,
    Postpaid,
    PublicRecord,
    Tradeline,
)
from connectors.sources.pboc import arrears
from connectors.sources.pboc.arrears import OPEN, Arrears, Bounds

_SETTLED = frozenset({AccountStatus.CLOSED, AccountStatus.TRANSFERRED, AccountStatus.CHARGED_OFF})
_DOUBTFUL = frozenset({AccountStatus.UNKNOWN, AccountStatus.NOT_ACTIVATED})
_WINDOWS = {"m1": (28, 31), "m24": (729, 732)}  # days surely inside, days perhaps inside
_LISTED_DAYS = _WINDOWS["m24"][0]  # PH01 lists two years
_OWN_DAYS = 1  # the ask for this report may be listed, under today or, at midnight, the day before
_AVERAGED_MONTHS = 6
_YUAN = 100  # fen: what an average may be off for each account, by rounding
_REASONS = {
    "lenders_loan_approval": "loan_approval",
    "lenders_card_approval": "card_approval",
    "inquiries_loan_approval": "loan_approval",
    "inquiries_card_approval": "card_approval",
    "inquiries_post_loan_management": "post_loan_management",
    "inquiries_guarantee_qualification": "guarantee_qualification",
    "inquiries_merchant_identity_check": "merchant_identity_check",
}

# The rows of the opening tip (A.11) that an account may be in, by its kind (cards, collection) or
# its product (A.20). Whether a housing fund loan is a housing loan, and whether securities and
# leases are loans or something else, is not published.
_TIP_KINDS: Mapping[AccountKind, frozenset[str]] = MappingProxyType(
    {
        AccountKind.CREDIT_CARD: frozenset({"credit_card"}),
        AccountKind.QUASI_CREDIT_CARD: frozenset({"quasi_credit_card"}),
        AccountKind.COLLECTION: frozenset({"other"}),
    }
)
_ANY_LOAN = frozenset({"housing_loan", "commercial_property_loan", "other_loan", "other"})
_LOAN = frozenset({"other_loan"})
_LOAN_OR_OTHER = frozenset({"other_loan", "other"})
_TIP_PRODUCTS: Mapping[str | None, frozenset[str]] = MappingProxyType(
    {
        None: _ANY_LOAN,
        "housing_loan": frozenset({"housing_loan"}),
        "housing_fund_loan": frozenset({"housing_loan", "other_loan"}),
        "commercial_property_loan": frozenset({"commercial_property_loan"}),
        "agreed_repurchase": _LOAN_OR_OTHER,
        "stock_pledge_repurchase": _LOAN_OR_OTHER,
        "margin_trading": _LOAN_OR_OTHER,
        "other_securities_financing": _LOAN_OR_OTHER,
        "finance_lease": _LOAN_OR_OTHER,
    }
)
_RECOVERY = {"asset_disposal": "asset_disposal", "subrogated_debt": "advance_payment"}
"""The row of the recovery summary (A.13) by product: two products (A1, B1), two rows."""


@dataclass(slots=True)
class Details:
    """The records of one report that its summaries are about, and the day of the report."""

    today: date
    accounts: defaultdict[AccountKind, list[Tradeline]] = field(
        default_factory=lambda: defaultdict(list)
    )
    inquiries: list[Inquiry] = field(default_factory=list)
    liabilities: list[Liability] = field(default_factory=list)
    agreements: list[CreditAgreement] = field(default_factory=list)
    postpaid: list[Postpaid] = field(default_factory=list)
    public: list[PublicRecord] = field(default_factory=list)
    annotations: list[Annotation] = field(default_factory=list)
    _arrears: dict[AccountKind, Arrears] = field(default_factory=dict)
    _tips: dict[frozenset[str], list[Tradeline]] = field(default_factory=dict)

    def everything(self) -> list[Tradeline]:
        """The accounts of all kinds."""
        return [account for found in self.accounts.values() for account in found]

    def outstanding(self, kind: AccountKind) -> list[Tradeline] | None:
        """Accounts that are neither closed nor bad debts; None when one may be either."""
        found = [a for a in self.accounts[kind] if a.status not in _SETTLED]
        return None if any(a.status in _DOUBTFUL for a in found) else found

    def arrears(self, kind: AccountKind) -> Arrears:
        """What the grids of one kind of account say, computed once."""
        found = self._arrears.get(kind)
        if found is None:
            found = self._arrears[kind] = arrears.of(self.accounts[kind], self.today)
        return found

    def tips(self) -> Mapping[frozenset[str], Sequence[Tradeline]]:
        """The accounts by the rows of the tip they may be in, sorted once."""
        if not self._tips:
            for account in self.everything():
                self._tips.setdefault(_tips_of(account), []).append(account)
        return self._tips


Rule = Callable[[Details, Metric], Bounds | None]


def _exactly(number: int) -> Bounds:
    return number, number


def _yuan(amounts: Iterable[Money | None]) -> int | None:
    """The sum in fen; None when one is not said or in another currency than yuan."""
    total = 0
    for amount in amounts:
        if amount is None or amount.currency != "CNY":
            return None
        total += amount.minor
    return total


def _sum(amounts: Iterable[Money | None]) -> Bounds | None:
    total = _yuan(amounts)
    return None if total is None else _exactly(total)


def _number_or_sum(metric: Metric, amounts: Sequence[Money | None]) -> Bounds | None:
    return _exactly(len(amounts)) if metric.unit == "count" else _sum(amounts)


def _disputes(details: Details, _metric: Metric) -> Bounds:
    """PA01ES01: annotations of kind dispute (A.39 code 1) anywhere in the report."""
    return _exactly(sum(note.kind == "dispute" for note in details.annotations))


def _all_accounts(details: Details, _metric: Metric) -> Bounds:
    """Whether collection accounts count is not published."""
    every = len(details.everything())
    return every - len(details.accounts[AccountKind.COLLECTION]), every


def _tips_of(account: Tradeline) -> frozenset[str]:
    """The rows of the tip that `account` may be in."""
    return _TIP_KINDS.get(account.kind) or _TIP_PRODUCTS.get(account.product, _LOAN)


def _in_tip(details: Details, row: str) -> tuple[list[Tradeline], list[Tradeline]]:
    """The accounts surely in a row of the tip, and those perhaps in it."""
    perhaps = [a for rows, found in details.tips().items() if row in rows for a in found]
    only = details.tips().get(frozenset({row}), ())
    return [a for a in only if a.kind is not AccountKind.COLLECTION], perhaps


def _by_business(details: Details, metric: Metric) -> Bounds:
    surely, perhaps = _in_tip(details, metric.segment.partition("/")[0])
    return len(surely), len(perhaps)


def _first_issue(details: Details, metric: Metric) -> Bounds | None:
    """Months since the earliest opening in the row."""
    this_month = Month.of(details.today)
    surely, perhaps = (
        [a.opened for a in found if a.opened is not None]
        for found in _in_tip(details, metric.segment.partition("/")[0])
    )
    if not perhaps:
        return None
    newest = min((opened.latest() for opened in surely), default=details.today)
    oldest = min(opened.earliest() for opened in perhaps)
    return this_month.since(Month.of(newest)), this_month.since(Month.of(oldest))


def _with_status(status: AccountStatus) -> Rule:
    def rule(details: Details, metric: Metric) -> Bounds | None:
        found = [a.balance for a in details.everything() if a.status is status]
        return _number_or_sum(metric, found)

    return rule


def _recovery(details: Details, metric: Metric) -> Bounds | None:
    """One row: accounts of its product, and perhaps those of a product we do not know."""
    found = [a for a in details.everything() if a.status is AccountStatus.IN_COLLECTION]
    rows = [(a.balance, _RECOVERY.get(a.product or "")) for a in found]
    surely = _number_or_sum(metric, [b for b, row in rows if row == metric.segment])
    perhaps = _number_or_sum(metric, [b for b, row in rows if row in (None, metric.segment)])
    return None if surely is None or perhaps is None else (surely[0], perhaps[1])


def _arrears(what: str) -> Rule:
    """A bound of the `Arrears` of the kind that the row is about."""

    def rule(details: Details, metric: Metric) -> Bounds:
        found: Bounds = getattr(details.arrears(AccountKind(metric.segment)), what)
        return found

    return rule


def _lenders(kind: AccountKind, details: Details, _metric: Metric) -> Bounds | None:
    found = details.outstanding(kind)
    return None if found is None else _exactly(len({a.lender for a in found}))


def _accounts(kind: AccountKind, details: Details, _metric: Metric) -> Bounds | None:
    found = details.outstanding(kind)
    return None if found is None else _exactly(len(found))


def _balance(kind: AccountKind, details: Details, _metric: Metric) -> Bounds | None:
    found = details.outstanding(kind)
    return None if found is None else _sum(a.balance for a in found)


def _lent(kind: AccountKind, details: Details, _metric: Metric) -> Bounds | None:
    """The credit of instalment loans is what was lent."""
    found = details.outstanding(kind)
    return None if found is None else _sum(a.original_amount for a in found)


def _granted(kind: AccountKind, details: Details, _metric: Metric) -> Bounds | None:
    """The credit of revolving loans is their limit."""
    found = details.outstanding(kind)
    return None if found is None else _sum(a.credit_limit for a in found)


def _drawn_or_agreed(kind: AccountKind, details: Details, _metric: Metric) -> Bounds | None:
    """The credit of sub-accounts: what was drawn, or the lines (PD02) they were drawn from."""
    found = details.outstanding(kind)
    if found is None:
        return None
    drawn = _yuan(a.original_amount for a in found)
    refs = {a.agreement_ref for a in found}
    lines = {a.agreement_ref: a.amount for a in details.agreements if a.agreement_ref in refs}
    agreed = _yuan(lines.values())
    if drawn is None or agreed is None:
        return None
    loose = _yuan(a.original_amount for a in found if a.agreement_ref not in lines) or 0
    return min(drawn, agreed + loose), max(drawn, agreed + loose)


def _limits(kind: AccountKind, details: Details) -> list[Bounds] | None:
    """What each lender granted on its cards.

    A limit of one card only adds up. Of a shared one (PD01AJ03) it is not published how cards
    share it: at least the largest card has its own, at most all have the larger of both.
    """
    found = details.outstanding(kind)
    if found is None:
        return None
    lowest: defaultdict[str | None, int] = defaultdict(int)
    highest: defaultdict[str | None, int] = defaultdict(int)
    sharing: defaultdict[str | None, int] = defaultdict(int)
    for card in found:
        limit = _yuan([card.credit_limit])
        shared = 0 if card.shared_limit is None else _yuan([card.shared_limit])
        if limit is None or shared is None:
            return None
        highest[card.lender] += max(limit, shared)
        if shared:
            sharing[card.lender] = max(sharing[card.lender], min(limit, shared))
        else:
            lowest[card.lender] += limit
    return [(lowest[one] + sharing[one], highest[one]) for one in highest]


def _limit(pick: Callable[[list[int]], int], kind: AccountKind) -> Rule:
    """All limits together, or the highest or lowest of one lender."""

    def rule(details: Details, _metric: Metric) -> Bounds | None:
        found = _limits(kind, details)
        if not found:
            return None
        return pick([low for low, _ in found]), pick([high for _, high in found])

    return rule


def _used(kind: AccountKind, details: Details, _metric: Metric) -> Bounds | None:
    """What is used of the cards; a card without last month's figures has a balance only."""
    found = details.outstanding(kind)
    return None if found is None else _sum(a.balance if a.used is None else a.used for a in found)


def _average_used(kind: AccountKind, details: Details, _metric: Metric) -> Bounds | None:
    """The cards' own averages together, each rounded to a yuan.

    Nothing is said with a card of less than six months: over how many months its use is
    averaged is not published.
    """
    found = details.outstanding(kind)
    if found is None:
        return None
    first = Month.of(details.today).plus(-_AVERAGED_MONTHS)
    if any(a.opened is None or Month.of(a.opened.latest()) >= first for a in found):
        return None
    total = _yuan(a.average_used_6m for a in found)
    return None if total is None else (total - _YUAN * len(found), total + _YUAN * len(found))


def _liable(details: Details, metric: Metric) -> Bounds | None:
    """Liabilities of one category of borrower, as guarantor (A.44 code 2) or otherwise."""
    if any(r.borrower_category is None or r.role is None for r in details.liabilities):
        return None
    who, _, what = metric.segment.partition("/")
    found = [
        r.balance if metric.name == "liability_balance" else r.liability
        for r in details.liabilities
        if r.borrower_category == who and (r.role == "guarantor") == (what == "guarantee")
    ]
    return _number_or_sum(metric, found)


def _unpaid(details: Details, metric: Metric) -> Bounds | None:
    """Post-paid services in arrears."""
    found = [
        service.arrears
        for service in details.postpaid
        if service.account_type == metric.segment and service.status == "in_arrears"
    ]
    return _number_or_sum(metric, found)


def _public(details: Details, metric: Metric) -> Bounds | None:
    return _number_or_sum(metric, [r.amount for r in details.public if r.kind == metric.segment])


def _asked(details: Details, metric: Metric) -> Bounds:
    """Inquiries for one reason: those surely inside the window, and those perhaps."""
    reason = _REASONS[metric.name]
    surely, perhaps = _WINDOWS[metric.window]
    inside, maybe = [], []
    for inquiry in details.inquiries:
        newest, oldest = _ages(inquiry.on, details.today)
        if inquiry.reason == reason and newest > 0 and oldest < surely:
            inside.append(inquiry)
        if inquiry.reason in (reason, "unknown") and newest <= perhaps:
            maybe.append(inquiry)
    if metric.name.startswith("lenders"):
        return len({i.institution for i in inside}), len({i.institution for i in maybe})
    return len(inside), len(maybe)


def _ages(on: PartialDate, today: date) -> Bounds:
    """Days since `on`, at least and at most."""
    return (today - on.latest()).days, (today - on.earliest()).days


def _last_asked(details: Details, metric: Metric) -> Bounds:
    """Time since the last inquiry: the newest listed, or the one before when that is our own."""
    ages = [_ages(inquiry.on, details.today) for inquiry in details.inquiries]
    newest = min((low for low, _ in ages), default=_LISTED_DAYS)
    before = min((high for low, high in ages if low > _OWN_DAYS), default=OPEN)
    if metric.unit == "months":
        return _months_ago(details.today, newest), _months_ago(details.today, before)
    return newest - _OWN_DAYS, before


def _months_ago(today: date, days: int) -> int:
    """Calendar months from the month of that many days ago to this one."""
    if days == OPEN:
        return OPEN
    return Month.of(today).since(Month.of(today - timedelta(days=days)))


_LOANS = (
    (AccountKind.INSTALMENT_LOAN, _lent),
    (AccountKind.REVOLVING_SUBACCOUNT, _drawn_or_agreed),
    (AccountKind.REVOLVING_LOAN, _granted),
)
_CARDS = (
    (AccountKind.CREDIT_CARD, "used", _used, "average_used"),
    (AccountKind.QUASI_CREDIT_CARD, "overdraft", _balance, "average_overdraft"),
)


def _of_loans() -> dict[str, Rule]:
    found: dict[str, Rule] = {}
    for kind, credit in _LOANS:
        found[f"{kind}_lenders"] = partial(_lenders, kind)
        found[f"{kind}_accounts"] = partial(_accounts, kind)
        found[f"{kind}_credit"] = partial(credit, kind)
        found[f"{kind}_balance"] = partial(_balance, kind)
    return found


def _of_cards() -> dict[str, Rule]:
    found: dict[str, Rule] = {}
    for kind, used, use, average in _CARDS:
        found[f"{kind}_lenders"] = partial(_lenders, kind)
        found[f"{kind}_accounts"] = partial(_accounts, kind)
        found[f"{kind}_credit"] = _limit(sum, kind)
        found[f"{kind}_highest_limit_of_a_lender"] = _limit(max, kind)
        found[f"{kind}_lowest_limit_of_a_lender"] = _limit(min, kind)
        found[f"{kind}_{used}"] = partial(use, kind)
        found[f"{kind}_{average}"] = partial(_average_used, kind)
    return found


RULES: Mapping[str, Rule] = MappingProxyType(
    {
        "dispute_annotations": _disputes,
        "accounts": _all_accounts,
        "accounts_by_business": _by_business,
        "months_since_first_issue": _first_issue,
        "recovery_accounts": _with_status(AccountStatus.IN_COLLECTION),
        "recovery_balance": _with_status(AccountStatus.IN_COLLECTION),
        "recovery_accounts_by_business": _recovery,
        "recovery_balance_by_business": _recovery,
        "bad_debt_accounts": _with_status(AccountStatus.CHARGED_OFF),
        "bad_debt_balance": _with_status(AccountStatus.CHARGED_OFF),
        "overdue_accounts": _arrears("accounts"),
        "overdue_months": _arrears("months"),
        "highest_monthly_overdue": _arrears("highest"),
        "longest_overdue": _arrears("longest"),
        **_of_loans(),
        **_of_cards(),
        "liability_accounts": _liable,
        "liability_amount": _liable,
        "liability_balance": _liable,
        "postpaid_arrears_accounts": _unpaid,
        "postpaid_arrears": _unpaid,
        "public_records": _public,
        "public_record_amount": _public,
        "days_since_last_inquiry": _last_asked,
        "months_since_last_inquiry": _last_asked,
        **dict.fromkeys(_REASONS, _asked),
    }
)
"""The rule of a metric by its name; one without a rule is not counted again."""
