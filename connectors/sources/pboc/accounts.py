"""Credit accounts: unit PD01, its ten segments, as one `Tradeline`.

The meaning of a code depends on the account type PD01AD01, so the basic segment A is read
first. What stands in C (last month) goes before B (latest performance), as a bank's own reader
of the format does it; B speaks where C is null.
"""

from dataclasses import dataclass
from functools import lru_cache
from typing import Any

from connectors.records import (
    AccountKind,
    AccountStatus,
    Annotation,
    IssueKind,
    LargeInstalment,
    SpecialEvent,
    SpecialTransaction,
    Tradeline,
)
from connectors.sources.pboc import dictionary
from connectors.sources.pboc.grid import grid
from connectors.sources.pboc.values import CODES, NO_KEY, NULLS, YUAN, Key, Plan, Raw, Reading, plan
from connectors.sources.pboc.walk import Element, Walk

_UNIT = dictionary.group("PDA/PD01")
_TYPES = CODES.words("A.19")
_CURRENCIES = CODES.words("A.59")


@dataclass(frozen=True, slots=True)
class _Plans:
    """How the accounts of one type and currency are read."""

    key: Key
    basic: Plan
    latest: Plan
    month: Plan


@lru_cache(maxsize=256)
def _plans(account_type: str, currency: str) -> _Plans:
    key = Key(account_type=account_type, currency=currency)
    a, b, c = (plan(f"{_UNIT.path}/PD01{segment}", key) for segment in "ABC")
    return _Plans(key=key, basic=a, latest=b, month=c)


def code_in(raw: Raw, tag: str) -> str:
    """The code at `tag`, empty for null."""
    text = (raw.get(tag) or "").strip()
    return "" if text in NULLS else text


def currency_in(raw: Raw, tag: str) -> str:
    """The currency at `tag`: yuan when null, empty when it is not one of list A.59."""
    code = code_in(raw, tag) or YUAN
    return code if code in _CURRENCIES else ""


def rows_of(
    walk: Walk, reading: Reading, element: Element | None, path: str, key: Key = NO_KEY
) -> list[dict[str, Any]]:
    """The rows of the segment at `path`, read; one without anything in it is left out."""
    if element is None:
        return []
    group = dictionary.group(path)
    (tag,) = group.groups
    how = plan(f"{path}/{tag}", key)
    found = []
    for raw in walk.rows(element, group, tag, walk.leaves(element, group)):
        row: dict[str, Any] = {}
        reading.into(row, raw, how)
        if any(value is not None for value in row.values()):
            found.append(row)
    return found


def annotations(
    walk: Walk, reading: Reading, element: Element | None, path: str
) -> tuple[Annotation, ...]:
    """Notes on a record: segment Z of every unit that has one."""
    return tuple(
        Annotation(kind=row.get("kind") or "other", text=row.get("text"), added=row.get("added"))
        for row in rows_of(walk, reading, element, path)
    )


def tradeline(walk: Walk, reading: Reading, unit: Element, record_id: str) -> Tradeline | None:
    """One account; None when its type is not known, which is then an issue."""
    parts = walk.parts(unit, _UNIT)
    segment = _UNIT.groups
    basic = walk.leaves(parts.get("PD01A"), segment["PD01A"])
    month = walk.leaves(parts.get("PD01C"), segment["PD01C"])
    latest = walk.leaves(parts.get("PD01B"), segment["PD01B"])
    account_type = code_in(basic, "PD01AD01")
    plans = _plans(account_type if account_type in _TYPES else "", currency_in(basic, "PD01AD04"))
    fields: dict[str, Any] = {}
    reading.into(fields, basic, plans.basic)
    reading.into(fields, month, plans.month)
    reading.into(fields, latest, plans.latest)
    key = plans.key
    months = grid(walk, reading, parts.get("PD01D"), parts.get("PD01E"), key)
    extras = _extras(walk, reading, parts, key)
    kind: AccountKind | None = fields.pop("kind", None)
    if kind is None:
        return None
    status: AccountStatus | None = fields.pop("status", None)
    if status is None:
        status = AccountStatus.UNKNOWN
        if not code_in(month, "PD01CD01") and not code_in(latest, "PD01BD01"):
            reading.issues.add(IssueKind.MISSING, "PD01CD01", "no status, nor in PD01BD01")
    as_of = fields.pop("as_of", None)
    return Tradeline(
        source=reading.source,
        record_id=record_id,
        as_of=as_of or reading.today,
        kind=kind,
        status=status,
        lender=fields.pop("lender", None),
        lender_type=fields.pop("lender_type", None),
        account_ref=fields.pop("account_ref", None),
        opened=fields.pop("opened", None),
        currency=fields.pop("currency", None) or key.currency or None,
        grid=months,
        **extras,
        **fields,
    )


def _extras(walk: Walk, reading: Reading, parts: dict[str, Element], key: Key) -> dict[str, Any]:
    """Segments F, G, H and Z, which most accounts do not have."""
    found: dict[str, Any] = {}
    if "PD01F" in parts:
        found["transactions"] = tuple(
            SpecialTransaction(
                kind=row.get("kind") or "unknown",
                on=row.get("on"),
                months_shifted=row.get("months_shifted"),
                amount=row.get("amount"),
                detail=row.get("detail"),
            )
            for row in rows_of(walk, reading, parts["PD01F"], f"{_UNIT.path}/PD01F", key)
        )
    if "PD01G" in parts:
        found["events"] = tuple(
            SpecialEvent(kind=row.get("kind") or "unknown", month=row.get("month"))
            for row in rows_of(walk, reading, parts["PD01G"], f"{_UNIT.path}/PD01G", key)
        )
    if "PD01H" in parts:
        found["instalments"] = tuple(
            LargeInstalment(
                limit=row.get("limit"),
                starts=row.get("starts"),
                ends=row.get("ends"),
                used=row.get("used"),
            )
            for row in rows_of(walk, reading, parts["PD01H"], f"{_UNIT.path}/PD01H", key)
        )
    if "PD01Z" in parts:
        found["annotations"] = annotations(walk, reading, parts["PD01Z"], f"{_UNIT.path}/PD01Z")
    return found
