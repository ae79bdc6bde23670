"""A life as Bairong's flat multi-lender answer (china.md 2.3), all values strings, empty for none.

ApplyLoanStr: `als_{window}_{key}_{scope}[_{sub}]_{metric}`. A window of n days counts today and
the n - 1 days before; a month is 30 days. By id number every application counts, by mobile only
those made with the number asked for. SpecialList_c: `sl_{key}_{scope}_{event}` is 0 where the
person is on a list: of lenders for a debt given up, sold or months late (bad) or late (overdue),
of courts and of telephone companies.

Field lists of lenders grew over the years (china.md 2.3): some answers count applications by the
added classes too. What needs the hour of an application or a kind of lender that the sandbox does
not have (`bank_night`, `bank_ret`, `pdl`) is left out of them.
"""

from collections import Counter
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from itertools import pairwise
from types import MappingProxyType

import orjson

from connectors.records import InquiryKind, LenderType
from connectors.sandbox import bureaus
from connectors.sandbox.dice import happens, seeded
from connectors.sandbox.facts import CHINA, Application, Life

WINDOWS = {"d7": 7, "d15": 15, "m1": 30, "m3": 90, "m6": 180, "m12": 360}
_LONG = {"m3": 3, "m6": 6, "m12": 12}  # windows with monthly statistics, in months
_SUBS = {
    LenderType.MICROLENDER: "mc",
    LenderType.CONSUMER_FINANCE: "cf",
    LenderType.OTHER: "ca",
}
_LISTS = MappingProxyType(
    {
        "bank": "bank",
        "microlender": "nbank_mc",
        "consumer_finance": "nbank_cf",
        "other": "nbank_ca",
        "auto_finance": "nbank_other",
        "leasing": "nbank_other",
        "court": "court",
        "phone": "phone",
    }
)
_EVENTS = MappingProxyType({"court": ("executed",), "phone": ("overdue",)})
_SUB_SCOPES = ("mc", "cf", "ca", "oth")
_SATURDAY = 5
_ADDED: Mapping[str, Callable[[Application], bool]] = MappingProxyType(
    {
        "bank_tra": lambda one: one.lender.type is LenderType.BANK,
        "bank_week": lambda one: (
            one.lender.type is LenderType.BANK and one.on.weekday() >= _SATURDAY
        ),
        "nbank_nsloan": lambda one: one.lender.type is LenderType.MICROLENDER,
        "rel": lambda one: one.kind is InquiryKind.CARD_APPLICATION,
        "af": lambda one: one.lender.type is LenderType.AUTO_FINANCE,
    }
)
_HIT = "0"  # the person, not somebody they know
APPLY_LOAN, SPECIAL_LIST = "ApplyLoanStr", "SpecialList_c"
PRODUCTS = frozenset({APPLY_LOAN, SPECIAL_LIST})


@dataclass(frozen=True, slots=True, kw_only=True)
class Order:
    """Who asks for which products; `mobile` None leaves the `cell` keys out."""

    customer: str
    products: frozenset[str]
    mobile: str | None


def answer(life: Life | None, order: Order, at: datetime) -> bytes:
    """The flat JSON object: for each product flag 1 and its keys, or flag 0."""
    flat = _frame(order.customer, at, life.index if life else 0)
    for product in sorted(order.products & PRODUCTS):
        values = dict(_PRODUCT_KEYS[product](life, order.mobile)) if life else {}
        flat |= {f"flag_{product.lower()}": "1" if any(values.values()) else "0"}
        flat |= values if any(values.values()) else {}
    return orjson.dumps(flat)


def failure(code: str) -> bytes:
    """The answer to a question that was not one."""
    return orjson.dumps({"code": code})


def _frame(customer: str, at: datetime, number: int) -> dict[str, str]:
    local = at.astimezone(CHINA)
    return {
        "code": "00",
        "swift_number": f"{customer}_{local:%Y%m%d}_{local:%H%M%S}_{number:04d}",
    }


def _applied(life: Life, mobile: str | None) -> Iterator[tuple[str, str]]:
    made = bureaus.applications(life)
    added = happens(seeded("classes", life.seed, life.index), life.noise.added_classes)
    keys = {"id": made}
    if mobile is not None:
        keys["cell"] = tuple(one for one in made if one.mobile == mobile)
    for key, of_key in keys.items():
        for window, days in WINDOWS.items():
            since = life.today - timedelta(days=days)
            recent = [one for one in of_key if one.on > since]
            for scope, belongs in _ADDED.items() if added else ():
                yield from _counts(f"als_{window}_{key}_{scope}", list(filter(belongs, recent)))
            for scope, of_scope in _scopes(recent):
                prefix = f"als_{window}_{key}_{scope}"
                yield from _counts(prefix, of_scope)
                if window in _LONG and "_" not in scope:
                    yield from _monthly(prefix, of_scope, _LONG[window], life.today)
        for edge in ("fst", "lst"):
            yield from _edges(f"als_{edge}_{key}", edge, of_key, life.today)


def _listed(life: Life, mobile: str | None) -> Iterator[tuple[str, str]]:
    """Every list there is, with a hit where the person stands on it."""
    hits = {(_LISTS[who], event) for who, event in bureaus.listed(life)}
    for key in ("id",) if mobile is None else ("id", "cell"):
        for scope in dict.fromkeys(_LISTS.values()):
            for event in _EVENTS.get(scope, ("bad", "overdue")):
                yield f"sl_{key}_{scope}_{event}", _HIT if (scope, event) in hits else ""


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


_PRODUCT_KEYS: Mapping[str, Callable[[Life, str | None], Iterator[tuple[str, str]]]] = (
    MappingProxyType({APPLY_LOAN: _applied, SPECIAL_LIST: _listed})
)
