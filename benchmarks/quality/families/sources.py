"""What speaks of sources: what each counts of its own, how fresh it is and how they agree."""

from collections.abc import Iterable
from datetime import timedelta

from benchmarks.quality.families.reckoning import Values
from benchmarks.quality.known import Known
from benchmarks.quality.lines import months_ago
from connectors.money import Month
from connectors.records import AccountKind, InquiryKind, LenderType
from connectors.sandbox import bureaus
from connectors.sandbox.lenders import BAIHANG, BAIRONG, HOUSING_FUND, PBOC, TONGDUN
from connectors.sandbox.life import QUERY_DAYS

_SPANS = {"d7": 7, "m1": 30, "m3": 90, "m12": 360}


def counted(known: Known) -> Values:
    """What sources count of their own; nothing where they were not heard."""
    values = _counted_lenders(known) | _by_baihang(known) | _by_pboc(known)
    return values | {"housing_fund_balance_cny": _saved(known)}


def _counted_lenders(known: Known) -> Values:
    """As Bairong and Tongdun count; they leave out what they found nothing of."""
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


_BY_BAIHANG = {
    "revolving": frozenset({AccountKind.REVOLVING_LOAN}),
    "non_revolving": frozenset({AccountKind.INSTALMENT_LOAN, AccountKind.REVOLVING_SUBACCOUNT}),
}


def _by_baihang(known: Known) -> Values:
    """Loans and applications at the lenders that work with it."""
    life, values = known.life, Values()
    for segment, kinds in _BY_BAIHANG.items():
        applied = [
            (known.ago(one.on), one.lender.code)
            for one in life.applications
            if BAIHANG in one.lender.asks and one.account_kind in kinds
        ]
        for days in (30, 180):
            lenders = {who for ago, who in applied if ago < days}
            values[f"baihang_{segment}_lenders_d{days}"] = len(lenders)
        values[f"baihang_{segment}_overdue_cny"] = sum(
            seen.account.last.overdue
            for seen in bureaus.accounts(life, BAIHANG)
            if seen.account.kind in kinds and seen.account.last
        )
    return values if known.tells(BAIHANG) else dict.fromkeys(values)


def _by_pboc(known: Known) -> Values:
    """Since the same day of the month before."""
    first = known.today.replace(day=1) - timedelta(days=1)
    since = first.replace(day=min(known.today.day, first.day))
    asked = [one for one in bureaus.queries(known.life, PBOC, QUERY_DAYS) if one.on > since]
    values: Values = {
        f"pboc_lenders_{name}_approval_m1": len(
            {one.lender.code for one in asked if one.kind is kind and one.lender}
        )
        for name, kind in (
            ("loan", InquiryKind.LOAN_APPLICATION),
            ("card", InquiryKind.CARD_APPLICATION),
        )
    }
    return values if known.tells(PBOC) else dict.fromkeys(values)


_INTEREST = 150
"""Basis points a year, which the fund adds at the end of June."""


def _saved(known: Known) -> int | None:
    """What was paid in during the months the fund lists, with interest."""
    life, fund = known.life, known.life.housing_fund
    if fund is None or not known.tells(HOUSING_FUND):
        return None
    saved = 0
    for month, _ in life.income:
        job = next((one for one in life.jobs if one.housing_fund and one.covers(month)), None)
        saved += 2 * (job.salary * fund.percent // 100) if job else 0
        saved += saved * _INTEREST // 10_000 if month.month == 6 else 0  # noqa: PLR2004 - June
    return saved


def _lenders_in(some: Iterable[tuple[int, str]], span: str) -> int:
    return len({who for ago, who in some if ago < _SPANS[span]})


def _few(platforms: int) -> int | None:
    """Tongdun's rules find something from two platforms on."""
    return platforms if platforms >= bureaus.FEW else None


_STALE = 3
"""Months."""


def coverage(known: Known) -> Values:
    """What speaks of sources, and of their lag: a life has none."""
    lines = known.lines
    live = [line for line in lines if line.open]
    values: Values = {
        "tradeline_sources": len({source for line in lines for source in line.sources}),
        "confirmed_tradelines": sum(len(line.sources) > 1 for line in lines),
        "disputed_tradelines": sum(line.disputed for line in lines),
        "contradicted_tradelines": sum(line.contradicted for line in lines),
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
