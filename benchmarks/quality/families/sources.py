"""What speaks of sources: what each counts of its own, how fresh it is and how they agree."""

from collections.abc import Iterable

from benchmarks.quality.families.reckoning import Values
from benchmarks.quality.known import Known
from benchmarks.quality.lines import months_ago
from connectors.money import Month
from connectors.records import LenderType
from connectors.sandbox import bureaus
from connectors.sandbox.lenders import BAIRONG, PBOC, TONGDUN

_SPANS = {"d7": 7, "m1": 30, "m3": 90, "m12": 360}


def counted(known: Known) -> Values:
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
