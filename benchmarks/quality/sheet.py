"""The answer sheet: attributes of the catalogue worked out from a life, each in a line or two.

Nothing of the gateway is asked: what an attribute should be follows from the words of its formula
(docs/attributes.md) and from what is known (`known`). Right by what was told is right to the fen.
"""

from collections import Counter
from collections.abc import Callable, Iterable, Mapping, Sequence
from datetime import date

from benchmarks.quality.known import NOT_NONBANK, Asked, Known, Line, all_of, months_ago, told_of
from connectors.money import Month
from connectors.records import AccountKind, AccountStatus, InquiryKind, LenderType
from connectors.sandbox import bureaus
from connectors.sandbox.borrowing import FEN
from connectors.sandbox.facts import Life, PublicKind
from connectors.sandbox.lenders import (
    BAIHANG,
    BAIRONG,
    HOUSING_FUND,
    PBOC,
    SOCIAL_INSURANCE,
    TONGDUN,
)

Values = dict[str, int | None]
Sheet = dict[str, Values]
"""By family."""

CARDS = frozenset({AccountKind.CREDIT_CARD, AccountKind.QUASI_CREDIT_CARD})
REVOLVING = CARDS | {AccountKind.REVOLVING_LOAN}
DRAWN = frozenset({AccountKind.REVOLVING_LOAN, AccountKind.REVOLVING_SUBACCOUNT})
LOANS = DRAWN | {AccountKind.INSTALMENT_LOAN}
SMALL = 5_000 * FEN


def whole(life: Life) -> Sheet:
    """The attributes of the life as it is, without those that speak of sources."""
    return _values(all_of(life))


def told(life: Life, heard: Iterable[str]) -> Sheet:
    """The attributes of what these sources told of a life that is theirs to tell of."""
    known = told_of(life, heard)
    own = {"coverage": _coverage(known), "counted by one source": _counted(known)}
    return _values(known) | own


def _values(known: Known) -> Sheet:
    """Nothing where none of the sources that list what a family looks at was heard."""
    families = {
        "exposure": (_exposure, (PBOC,)),
        "utilisation": (_utilisation, (PBOC,)),
        "delinquency": (_delinquency, (PBOC,)),
        "trends": (_trends, (PBOC,)),
        "age": (_age, (PBOC,)),
        "inquiries": (_inquiries, (PBOC, BAIHANG)),
        "lenders": (_lenders, (PBOC,)),
        "contributions": (_contributions, (PBOC, HOUSING_FUND, SOCIAL_INSURANCE)),
        "bases": (_bases, (HOUSING_FUND, SOCIAL_INSURANCE)),
        "public records and bills": (_public, (PBOC,)),
    }
    found = {name: family(known) for name, (family, _) in families.items()}
    return {
        name: found[name] if known.tells(*sources) else dict.fromkeys(found[name])
        for name, (_, sources) in families.items()
    }


def _sum(amounts: Iterable[int | None]) -> int | None:
    """Of no account 0, and nothing where no account states any."""
    some = list(amounts)
    stated = [one for one in some if one is not None]
    return sum(stated) if stated or not some else None


def _part(part: int, of: int) -> int | None:
    """In basis points, rounded down."""
    return 10_000 * part // of if of else None


_PRODUCTS: Mapping[str, frozenset[str]] = {
    "mortgages": frozenset({"mortgage", "fund_loan"}),
    "car_loans": frozenset({"car", "lease"}),
    "business_loans": frozenset({"business"}),
    "consumer_loans": frozenset({"consumer", "instalment", "small", "drawdown", "revolving"}),
}
_OF_LENDERS: Mapping[str, Callable[[Line], bool]] = {
    "bank": lambda line: line.lender_type is LenderType.BANK,
    "consumer_finance": lambda line: line.lender_type is LenderType.CONSUMER_FINANCE,
    "microlender": lambda line: line.lender_type is LenderType.MICROLENDER,
    "nonbank": lambda line: line.nonbank,
}


def _exposure(known: Known) -> Values:
    live = [line for line in known.lines if line.open]
    whole_balance = sum(line.balance for line in live)
    by_lender: Counter[str] = Counter()
    for line in live:
        if line.lender:
            by_lender[line.lender] += line.balance
    loans = [line for line in live if line.kind in LOANS]
    instalments = [line for line in live if line.kind is AccountKind.INSTALMENT_LOAN]
    values: Values = {
        "open_tradelines": len(live),
        "open_credit_cards": sum(line.kind is AccountKind.CREDIT_CARD for line in live),
        "open_instalment_loans": len(instalments),
        "open_revolving_loans": sum(line.kind in DRAWN for line in live),
        "tradelines_ever": len(known.lines),
        "closed_tradelines": sum(line.status is AccountStatus.CLOSED for line in known.lines),
        "open_lenders": len(by_lender.keys()),
        "open_nonbank_lenders": len({line.lender for line in live if line.nonbank and line.lender}),
        "small_open_loans": sum((line.amount or SMALL + 1) <= SMALL for line in loans)
        if not loans or any(line.amount for line in loans)
        else None,
        "total_balance_cny": whole_balance,
        "balance_cards_cny": sum(line.balance for line in live if line.kind in CARDS),
        "largest_balance_cny": max((line.balance for line in live), default=0),
        "total_past_due_cny": _sum(line.overdue for line in live),
        "largest_past_due_cny": max(
            (line.overdue for line in live if line.overdue is not None),
            default=None if live else 0,
        ),
        "scheduled_payments_cny": _sum(line.due for line in live),
        "largest_lender_share": _part(max(by_lender.values(), default=0), sum(by_lender.values())),
        "nonbank_balance_share": _part(
            sum(line.balance for line in live if line.nonbank), whole_balance
        ),
        "instalment_unpaid_part": _part(
            sum(line.balance for line in instalments),
            sum(line.amount or 0 for line in instalments),
        ),
        "guaranteed_balance_cny": sum(one.balance for one in known.life.guarantees),
    }
    for name, products in _PRODUCTS.items():
        some = [line for line in live if line.product in products]
        values[f"open_{name}"] = len(some)
        values[f"balance_{name}_cny"] = sum(line.balance for line in some)
    values["mortgages_balance_share"] = _part(values["balance_mortgages_cny"] or 0, whole_balance)
    for name, holds in _OF_LENDERS.items():
        some = [line for line in live if holds(line)]
        values[f"open_{name}_accounts"] = len(some)
        values[f"balance_{name}_cny"] = sum(line.balance for line in some)
    return values


def _utilisation(known: Known) -> Values:
    revolving = [(line, line.limit or 0) for line in known.lines if line.open and line.limit]
    drawn = [(line.balance, limit) for line, limit in revolving if line.kind in REVOLVING]
    cards = [(line.balance, limit) for line, limit in revolving if line.kind in CARDS]
    usual = [(line.usual, limit) for line, limit in revolving if line.kind in CARDS]
    stated = [(used, limit) for used, limit in usual if used is not None]
    return {
        "revolving_limit_cny": sum(limit for _, limit in drawn),
        "highest_card_limit_cny": max((limit for _, limit in cards), default=0),
        "revolving_utilisation": _used(drawn),
        "cards_utilisation": _used(cards),
        "revolving_loans_utilisation": _used(
            [(line.balance, limit) for line, limit in revolving if line.kind in DRAWN]
        ),
        "highest_card_utilisation": max((_used([one]) or 0 for one in cards), default=None),
        "cards_usual_utilisation_6m": _used(stated),
        "cards_unused": sum(used == 0 for used, _ in cards),
        "revolving_available_cny": sum(max(limit - used, 0) for used, limit in drawn),
    } | {
        f"cards_used_from_{bp}bp": sum(10_000 * used >= bp * limit for used, limit in cards)
        for bp in (5000, 7500, 9000, 10_000)
    }


def _used(some: Sequence[tuple[int, int]]) -> int | None:
    return _part(sum(used for used, _ in some), sum(limit for _, limit in some))


def _late(lines: Iterable[Line], months: int, dpd: int = 1) -> list[tuple[int, int, int]]:
    """(months ago, days, place of the account) of every account month so late in the window."""
    return [
        (ago, days, place)
        for place, line in enumerate(lines)
        for ago, days in line.months.items()
        if ago < months and days >= dpd
    ]


def _known_in(lines: Iterable[Line], months: int) -> bool:
    return any(ago < months for line in lines for ago in line.months)


def _delinquency(known: Known) -> Values:
    lines = known.lines
    live = [line for line in lines if line.open]
    states = Counter(line.status for line in lines)
    ever = _late(lines, 10**6)
    values: Values = {
        "overdue_accounts_now": sum(line.late_now for line in live),
        "overdue_credit_cards_now": sum(
            line.late_now for line in live if line.kind is AccountKind.CREDIT_CARD
        ),
        "overdue_mortgages_now": sum(
            line.late_now for line in live if line.product in _PRODUCTS["mortgages"]
        ),
        "max_dpd_now": max(
            (line.dpd_now for line in live if line.dpd_now is not None), default=None
        ),
        "early_late_accounts_24m": _late_early(known, 24),
        "overdue_loans_now": sum(line.late_now for line in live if line.kind in LOANS),
        "written_off_accounts": states[AccountStatus.CHARGED_OFF],
        "accounts_in_recovery": states[AccountStatus.IN_COLLECTION],
        "accounts_restricted": states[AccountStatus.SUSPENDED],
        "months_since_last_delinquency": min((ago for ago, _, _ in ever), default=None),
    }
    for dpd in (31, 61, 91):
        deep = (ago for ago, days, _ in ever if days >= dpd)
        values[f"months_since_last_{dpd}plus"] = min(deep, default=None)
    for months in (3, 6, 12, 24, 60):
        values |= _window(lines, months)
    return values


def _late_early(known: Known, months: int) -> int | None:
    """Opened in the window, and a month or more late in one of the first six."""
    opened = [
        (ago, line)
        for line in known.lines
        if line.months and (ago := months_ago(known.life, Month.of(line.opened))) < months
    ]
    if not opened:
        return None
    return sum(
        any(days >= 31 and since - ago < 6 for ago, days in line.months.items())  # noqa: PLR2004
        for since, line in opened
    )


def _window(lines: Sequence[Line], months: int) -> Values:
    """Counts over one window; nothing where no account tells of a month of it."""
    late = {dpd: _late(lines, months, dpd) for dpd in (1, 31, 91)}
    inside = [line for line in lines if _known_in([line], months)]
    clean = [line for line in inside if not _late([line], months)]
    runs = [
        _longest({ago for ago, days in line.months.items() if days and ago < months})
        for line in lines
    ]
    values: Values = {
        f"max_dpd_{months}m": _deepest(lines, months),
        f"months_late_1plus_{months}m": len({ago for ago, _, _ in late[1]}),
    }
    if months in _COUNTED:
        for dpd, some in late.items():
            accounts = {place for _, _, place in some}
            values[f"accounts_late_{dpd}plus_{months}m"] = len(accounts)
    if months in _SHARED:
        values[f"late_payments_1plus_{months}m"] = len(late[1])
        values[f"late_payments_31plus_{months}m"] = len(late[31])
        values[f"clean_accounts_share_{months}m"] = _part(len(clean), len(inside))
    if months in _RUNS:
        values[f"longest_late_run_{months}m"] = max(runs, default=0)
    if not inside:
        values = dict.fromkeys(values)
    if months == GRID_SHOWN:
        for name, kinds in (("cards", CARDS), ("loans", LOANS)):
            some_lines = [line for line in lines if line.kind in kinds]
            values[f"max_dpd_{name}_{months}m"] = _deepest(some_lines, months)
    return values


_COUNTED, _SHARED, _RUNS, GRID_SHOWN = (6, 12, 24, 60), (12, 24), (24, 60), 24
"""The windows of a catalogue that does not ask everything of each."""


def _deepest(lines: Sequence[Line], months: int) -> int | None:
    if not _known_in(lines, months):
        return None
    return max((days for _, days, _ in _late(lines, months)), default=0)


def _longest(agos: set[int]) -> int:
    """Most neighbours among them."""
    longest = 0
    for first in agos:
        run = 0
        while first - run in agos:
            run += 1
        longest = max(longest, run)
    return longest


def _trends(known: Known) -> Values:
    lines = known.lines
    values: Values = {}
    for months in (6, 12, 24):
        told = Counter(ago for line in lines for ago in line.months if ago < months)
        late = Counter(ago for ago, _, _ in _late(lines, months))
        points = [(-ago, 10_000 * late[ago] // told[ago]) for ago in told]
        values[f"late_share_slope_{months}m"] = _slope(points)
    for months in (3, 6):
        now = max((days for _, days, _ in _late(lines, months)), default=0)
        before = [days for ago, days, _ in _late(lines, 2 * months) if ago >= months]
        there = any(months <= ago < 2 * months for line in lines for ago in line.months)
        known_both = there and _known_in(lines, months)
        values[f"max_dpd_change_{months}m"] = now - max(before, default=0) if known_both else None
    for days in (90, 180):
        ages = [known.ago(line.opened) for line in _borrowed(known)]
        values[f"openings_change_{days}d"] = _change(ages, days)
    return values


def _change(ages: Iterable[int], days: int) -> int:
    """How many lie in the window, less those in the one before it."""
    return sum((age < days) - (days <= age < 2 * days) for age in ages)


def _slope(points: Sequence[tuple[int, int]]) -> int | None:
    """Of the least-squares line, rounded down; of three points at the least."""
    n = len(points)
    if n < 3:  # noqa: PLR2004 - see above
        return None
    x, y = sum(at for at, _ in points), sum(value for _, value in points)
    xy, xx = sum(at * value for at, value in points), sum(at * at for at, _ in points)
    return (n * xy - x * y) // (n * xx - x * x)


def _borrowed(known: Known) -> list[Line]:
    """A bought debt is not borrowed again."""
    return [line for line in known.lines if line.kind is not AccountKind.COLLECTION]


def _age(known: Known) -> Values:
    lines = known.lines
    live = [_whole_months(known, line.opened) for line in lines if line.open]
    new = [(known.ago(line.opened), line) for line in _borrowed(known)]
    done = [known.ago(line.closed) for line in lines if line.closed]
    paid_off = [
        line
        for line in lines
        if line.kind in LOANS and line.status is AccountStatus.CLOSED and line.months
    ]
    values: Values = {
        "age_of_oldest_tradeline_months": _oldest(known, lines),
        "age_of_oldest_cards_months": _oldest(known, [x for x in lines if x.kind in CARDS]),
        "age_of_oldest_loans_months": _oldest(known, [x for x in lines if x.kind in LOANS]),
        "age_of_newest_tradeline_months": min(
            (_whole_months(known, line.opened) for line in lines), default=None
        ),
        "average_age_open_months": sum(live) // len(live) if live else None,
        "loans_paid_off_clean": sum(not any(line.months.values()) for line in paid_off),
    }
    for days in (30, 90, 180, 365):
        values[f"new_tradelines_{days}d"] = sum(ago < days for ago, _ in new)
    for days in (90, 180):
        values[f"new_nonbank_tradelines_{days}d"] = sum(
            ago < days and line.nonbank for ago, line in new
        )
    for days in (90, 365):
        lent = [line.amount for ago, line in new if ago < days and line.limit is None]
        values[f"lent_{days}d_cny"] = _sum(lent)
    for days in (180, 365):
        values[f"closed_tradelines_{days}d"] = sum(ago < days for ago in done)
        values[f"short_loans_{days}d"] = sum(
            ago < days
            and line.kind in LOANS
            and line.closed is not None
            and (line.closed - line.opened).days <= 120  # noqa: PLR2004 - by definition
            for ago, line in new
        )
    return values


def _oldest(known: Known, lines: Iterable[Line]) -> int | None:
    return max((_whole_months(known, line.opened) for line in lines), default=None)


def _whole_months(known: Known, since: date) -> int:
    today = known.today
    return 12 * (today.year - since.year) + today.month - since.month - (today.day < since.day)


_ASKED: Mapping[str, tuple[Callable[[Asked], bool], tuple[int, ...]]] = {
    "hard_inquiries": (lambda one: one.kind.hard, (7, 30, 90, 180, 365, 730)),
    "loan_inquiries": (lambda one: one.kind is InquiryKind.LOAN_APPLICATION, (30, 90)),
    "card_inquiries": (lambda one: one.kind is InquiryKind.CARD_APPLICATION, (30, 90)),
    "guarantee_inquiries": (lambda one: one.kind is InquiryKind.GUARANTEE_REVIEW, (730,)),
    "bank_inquiries": (
        lambda one: one.kind.hard and one.lender_type is LenderType.BANK, (30, 90),
    ),
    "consumer_finance_inquiries": (
        lambda one: one.kind.hard and one.lender_type is LenderType.CONSUMER_FINANCE, (30, 90),
    ),
    "microlender_inquiries": (
        lambda one: one.kind.hard and one.lender_type is LenderType.MICROLENDER, (30, 90),
    ),
    "account_review_inquiries": (lambda one: one.kind is InquiryKind.ACCOUNT_REVIEW, (180,)),
    "self_inquiries": (lambda one: one.kind is InquiryKind.SELF, (180,)),
}  # fmt: skip


def _inquiries(known: Known) -> Values:
    values: Values = {
        f"{name}_{days}d": sum(holds(one) and known.ago(one.on) < days for one in known.asked)
        for name, (holds, windows) in _ASKED.items()
        for days in windows
    }
    hard = [(known.ago(one.on), one) for one in known.asked if one.kind.hard]
    for days in (30, 90, 180):
        values[f"institutions_asking_{days}d"] = len({one.who for ago, one in hard if ago < days})
        values[f"hard_inquiries_change_{days}d"] = _change([ago for ago, _ in hard], days)
    values["days_since_hard_inquiry"] = min((ago for ago, _ in hard), default=None)
    return values


def _lenders(known: Known) -> Values:
    """What takes inquiries and accounts together."""
    hard = [one for one in known.asked if one.kind.hard]
    events = [(known.ago(one.on), one.who, one.lender_type) for one in hard]
    events += [(known.ago(x.opened), x.lender, x.lender_type) for x in _borrowed(known) if x.lender]
    values: Values = {}
    for days in (30, 90, 180):
        recent = [(who, kind) for ago, who, kind in events if ago < days]
        values[f"lenders_{days}d"] = len({who for who, _ in recent})
        values[f"nonbank_lenders_{days}d"] = len(
            {who for who, kind in recent if kind and kind not in NOT_NONBANK}
        )
    for days in (30, 90):
        now, before = (
            {who for ago, who, _ in events if since <= ago < since + days} for since in (0, days)
        )
        values[f"lenders_change_{days}d"] = len(now) - len(before)
    for days in (90, 180):
        values[f"inquiries_without_account_{days}d"] = sum(
            known.ago(one.on) < days
            and not any(x.lender == one.who and x.opened >= one.on for x in _borrowed(known))
            for one in hard
        )
    return values


_SPANS = {"d7": 7, "m1": 30, "m3": 90, "m12": 360}


def _counted(known: Known) -> Values:
    """What sources count of their own; nothing where they found nothing to count."""
    life = known.life
    banks, others = set[tuple[int, str]](), list[tuple[int, str]]()
    for one in bureaus.applications(life) if known.tells(BAIRONG) else ():
        made = (known.ago(one.on), one.lender.code)
        if one.lender.type is LenderType.BANK:
            banks.add(made)
        else:
            others.append(made)
    tried, lent = bureaus.platform_uses(life) if known.tells(TONGDUN) else ((), ())
    applied = [(known.ago(one.on), one.lender.code) for one in tried]
    opened = [(known.ago(one.opened), one.lender.code) for one in lent]
    values: Values = {}
    for span in ("m1", "m3", "m12"):
        values[f"bairong_bank_lenders_{span}"] = _lenders_in(banks, span) or None
    for span in _SPANS:
        values[f"bairong_nonbank_lenders_{span}"] = _lenders_in(others, span) or None
        values[f"tongdun_platforms_applied_{span}"] = _few(_lenders_in(applied, span))
    for span in ("m3", "m12"):
        count = sum(ago < _SPANS[span] for ago, _ in others)
        values[f"bairong_nonbank_applications_{span}"] = count or None
        values[f"tongdun_platforms_lending_{span}"] = _few(_lenders_in(opened, span))
    return values


def _lenders_in(some: Iterable[tuple[int, str]], span: str) -> int:
    return len({who for ago, who in some if ago < _SPANS[span]})


def _few(platforms: int) -> int | None:
    """Tongdun's rules find something from two platforms on."""
    return platforms if platforms >= bureaus.FEW else None


_LATELY = 3
"""Months, for which kinds of contribution are counted."""


def _contributions(known: Known) -> Values:
    life = known.life
    fund = life.housing_fund if known.tells(PBOC, HOUSING_FUND) else None
    pension = max(life.pension_months, default=None) if known.tells(SOCIAL_INSURANCE) else None
    kinds = {3: pension, 1: fund.paid_to if fund else None}  # pension, injury, unemployment; fund
    last = {n: months_ago(life, month) for n, month in kinds.items() if month}
    values: Values = {
        "months_since_last_contribution": min(last.values(), default=None),
        "contribution_kinds_3m": sum(n for n, ago in last.items() if ago < _LATELY)
        if last
        else None,
        "months_since_first_contribution": months_ago(life, fund.first)
        if fund and known.tells(PBOC)
        else None,
    }
    listed: Values = {"longest_contribution_run_24m": _longest(_within(known.paid, 24))}
    for months in (6, 12, 24):
        listed[f"contribution_months_{months}m"] = len(_within(known.paid, months))
    values |= listed if known.paid else dict.fromkeys(listed)
    for months in (12, 24):
        paid = _within(known.paid, months)
        gaps = max(paid) - min(paid) + 1 - len(paid) if paid else None
        values[f"contribution_gaps_{months}m"] = gaps
    return values


def _within(agos: Iterable[int], months: int) -> set[int]:
    return {ago for ago in agos if ago < months}


def _bases(known: Known) -> Values:
    """The base of the pension is the pay of the month; the fund tells its newest alone."""
    life, fund = known.life, known.life.housing_fund
    pay = {months_ago(life, month): fen for month, fen in life.income if fen}
    if not known.tells(SOCIAL_INSURANCE):
        pay = {}
    newest = min(pay, default=None)
    bases = [(newest, pay[newest])] if newest is not None else []
    if fund and known.tells(HOUSING_FUND):
        job = next(job for job in reversed(life.jobs) if job.housing_fund)
        bases.append((months_ago(life, fund.paid_to), job.salary))
    best = min((ago for ago, _ in bases), default=None)
    values: Values = {
        "contribution_base_cny": max((fen for ago, fen in bases if ago == best), default=None)
    }
    for months in (3, 6, 12):
        before = None if newest is None else pay.get(newest + months)
        values[f"contribution_base_change_{months}m"] = (
            10_000 * (pay[newest] - before) // before if newest is not None and before else None
        )
    for months in (12, 24):
        some = {ago: fen for ago, fen in pay.items() if ago < months}
        most, least = max(some.values(), default=0), min(some.values(), default=0)
        values[f"contribution_base_spread_{months}m"] = (
            10_000 * (most - least) // most if len(some) > 1 else None
        )
        mean = sum(some.values()) // len(some) if some else 0
        values[f"contribution_base_slope_{months}m"] = _slope(
            [(-ago, 10_000 * fen // mean) for ago, fen in some.items()]
        )
    return values


_ADVERSE = {
    "tax_arrears": PublicKind.TAX_ARREARS,
    "civil_judgment": PublicKind.CIVIL_JUDGMENT,
    "enforcement": PublicKind.ENFORCEMENT,
    "penalty": PublicKind.PENALTY,
}


def _public(known: Known) -> Values:
    life = known.life
    adverse = [one for one in life.public if one.kind in _ADVERSE.values()]
    agos = [months_ago(life, Month.of(one.on)) for one in adverse]
    bill = life.phone_bill
    owed = bill.arrears if bill else 0
    values: Values = {
        f"{name}_records": sum(one.kind is kind for one in adverse)
        for name, kind in _ADVERSE.items()
    }
    values |= {f"adverse_public_records_{n}m": sum(a < n for a in agos) for n in (12, 24, 60)}
    return values | {
        "adverse_public_records": len(adverse),
        "relief_records": sum(one.kind is PublicKind.RELIEF for one in life.public),
        "adverse_public_amount_cny": sum(one.amount for one in adverse),
        "months_since_adverse_public_record": min(agos, default=None),
        "bills_in_arrears": int(owed > 0),
        "bills_owed_cny": owed,
    }


_STALE = 3
"""Months."""


def _coverage(known: Known) -> Values:
    """What speaks of sources, and of their lag: a life has none."""
    lines = known.lines
    live = [line for line in lines if line.open]
    values: Values = {
        "tradeline_sources": len({source for line in lines for source in line.sources}),
        "confirmed_tradelines": sum(len(line.sources) > 1 for line in lines),
        "disputed_tradelines": sum(line.disputed for line in lines),
        "unlisted_lenders": sum(not line.listed for line in lines),
        "stale_tradelines_3m": sum(
            months_ago(known.life, Month.of(line.as_of)) >= _STALE for line in live
        ),
        "days_since_reported": min((known.ago(line.as_of) for line in live), default=None),
    }
    for months in (6, 12, 24):
        values[f"seasoned_tradelines_{months}m"] = sum(len(x.months) >= months for x in lines)
    for months in (12, 24, 60):
        some = {ago for line in lines for ago in line.months if ago < months}
        values[f"months_known_{months}m"] = len(some)
    return values if known.tells(PBOC) else dict.fromkeys(values)
