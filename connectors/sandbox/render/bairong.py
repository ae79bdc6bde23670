"""A life as Bairong's flat multi-lender answer (ApplyLoanStr grammar, china.md 2.3).

`als_{window}_{key}_{scope}[_{sub}]_{metric}`, all values strings, empty for none. A window of n
days counts today and the n - 1 days before; a month is 30 days. By id number every application
counts, by mobile only those made with the number asked for.
"""

from collections import Counter
from collections.abc import Iterator, Sequence
from datetime import date, datetime, timedelta
from itertools import pairwise

import orjson

from connectors.records import LenderType
from connectors.sandbox import bureaus
from connectors.sandbox.facts import CHINA, Application, Life

WINDOWS = {"d7": 7, "d15": 15, "m1": 30, "m3": 90, "m6": 180, "m12": 360}
_LONG = {"m3": 3, "m6": 6, "m12": 12}  # windows with monthly statistics, in months
_SUBS = {
    LenderType.MICROLENDER: "mc",
    LenderType.CONSUMER_FINANCE: "cf",
    LenderType.OTHER: "ca",
}
_SUB_SCOPES = ("mc", "cf", "ca", "oth")
_PRODUCT = "applyloanstr"


def answer(life: Life, at: datetime, *, customer: str, mobile: str | None) -> bytes:
    """The flat JSON object; `mobile` is the number asked for, None leaves the `cell` keys out."""
    values = dict(_metrics(life, mobile))
    return orjson.dumps(_frame(customer, at, life.index) | {f"flag_{_PRODUCT}": "1"} | values)


def no_hit(at: datetime, *, customer: str) -> bytes:
    """The answer about a person nobody ever asked Bairong about: flag 0, no product keys."""
    return orjson.dumps(_frame(customer, at, 0) | {f"flag_{_PRODUCT}": "0"})


def _frame(customer: str, at: datetime, number: int) -> dict[str, str]:
    local = at.astimezone(CHINA)
    return {
        "code": "00",
        "swift_number": f"{customer}_{local:%Y%m%d}_{local:%H%M%S}_{number:04d}",
    }


def _metrics(life: Life, mobile: str | None) -> Iterator[tuple[str, str]]:
    made = bureaus.applications(life)
    keys = {"id": made}
    if mobile is not None:
        keys["cell"] = tuple(one for one in made if one.mobile == mobile)
    for key, of_key in keys.items():
        for window, days in WINDOWS.items():
            since = life.today - timedelta(days=days)
            recent = [one for one in of_key if one.on > since]
            for scope, of_scope in _scopes(recent):
                prefix = f"als_{window}_{key}_{scope}"
                yield from _counts(prefix, of_scope)
                if window in _LONG and "_" not in scope:
                    yield from _monthly(prefix, of_scope, _LONG[window], life.today)
        for edge in ("fst", "lst"):
            yield from _edges(f"als_{edge}_{key}", edge, of_key, life.today)


def _scopes(made: Sequence[Application]) -> Iterator[tuple[str, list[Application]]]:
    yield "bank", [one for one in made if one.lender.type is LenderType.BANK]
    others = [one for one in made if one.lender.type is not LenderType.BANK]
    yield "nbank", others
    for sub in _SUB_SCOPES:
        yield f"nbank_{sub}", [one for one in others if _SUBS.get(one.lender.type, "oth") == sub]


def _counts(prefix: str, made: Sequence[Application]) -> Iterator[tuple[str, str]]:
    yield f"{prefix}_selfnum", ""
    yield f"{prefix}_allnum", _text(len(made))
    yield f"{prefix}_orgnum", _text(len({one.lender.code for one in made}))


def _monthly(
    prefix: str, made: Sequence[Application], months: int, today: date
) -> Iterator[tuple[str, str]]:
    """Per 30 days of the window, and the days between one application and the next."""
    per_month = Counter((today - one.on).days // 30 for one in made)
    days = sorted(one.on for one in made)
    gaps = [(later - earlier).days for earlier, later in pairwise(days)]
    counts = [per_month[n] for n in range(months)]
    yield f"{prefix}_tot_mons", _text(len(per_month))
    yield f"{prefix}_avg_monnum", f"{len(made) / months:.2f}" if made else ""
    yield f"{prefix}_max_monnum", _text(max(counts))
    yield f"{prefix}_min_monnum", str(min(counts)) if made else ""
    yield f"{prefix}_max_inteday", str(max(gaps)) if gaps else ""
    yield f"{prefix}_min_inteday", str(min(gaps)) if gaps else ""


def _edges(
    prefix: str, edge: str, made: Sequence[Application], today: date
) -> Iterator[tuple[str, str]]:
    """Days since the first or last application to banks and to others."""
    for scope, of_scope in list(_scopes(made))[:2]:
        days = sorted(one.on for one in of_scope)
        found = (days[0] if edge == "fst" else days[-1]) if days else None
        yield f"{prefix}_{scope}_inteday", "" if found is None else str((today - found).days)


def _text(count: int) -> str:
    return str(count) if count else ""
