"""Credit accounts: unit PD01, its ten segments, as one `Tradeline`.

The meaning of a code depends on the account type PD01AD01, so the basic segment A is read
first. What stands in C (last month) goes before B (latest performance), as a bank's own reader
of the format does it; B speaks where C is null.
"""

from collections.abc import Mapping
from dataclasses import dataclass, fields
from typing import Any

from connectors.records import (
    AccountStatus,
    Annotation,
    IssueKind,
    LargeInstalment,
    SpecialEvent,
    SpecialTransaction,
    Tradeline,
)
from connectors.sources.pboc import dictionary
from connectors.sources.pboc.grid import GridReader, grid_reader
from connectors.sources.pboc.values import CODES, NO_KEY, NULLS, YUAN, Key, Plan, Raw, Reading, plan
from connectors.sources.pboc.walk import Element, Walk

_UNIT = dictionary.group("PDA/PD01")
_TYPES = CODES.words("A.19")
_ALWAYS = (
    "kind", "status", "as_of", "lender", "lender_type", "account_ref", "opened", "currency",
)  # fmt: skip
_RARE = frozenset({"PD01F", "PD01G", "PD01H", "PD01Z"})
_CURRENCIES = CODES.words("A.59")


@dataclass(frozen=True, slots=True)
class _Kind:
    """How the accounts of one type and currency are read."""

    key: Key
    basic: Plan
    latest: Plan
    month: Plan
    grid: GridReader


def _kind(account_type: str, currency: str) -> _Kind:
    key = Key(account_type=account_type, currency=currency)
    a, b, c = (plan(f"{_UNIT.path}/PD01{segment}", key) for segment in "ABC")
    return _Kind(key=key, basic=a, latest=b, month=c, grid=grid_reader(key))


# The slots' own setters: a report makes hundreds of these, and the generated constructor of a
# frozen class takes three times as long.
_SLOTS = tuple((f.name, f.default, vars(Tradeline)[f.name].__set__) for f in fields(Tradeline))


def _tradeline(known: Mapping[str, Any]) -> Tradeline:
    """The record of these fields, with the defaults of the others."""
    line = object.__new__(Tradeline)
    for name, default, put in _SLOTS:
        put(line, known.get(name, default))
    return line


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


class Accounts:
    """Reads the accounts of one report."""

    __slots__ = ("_kinds", "_reading", "_walk")

    def __init__(self, walk: Walk, reading: Reading) -> None:
        self._walk = walk
        self._reading = reading
        self._kinds: dict[tuple[str, str], _Kind] = {}

    def _kind(self, basic: Raw) -> _Kind:
        account_type = code_in(basic, "PD01AD01")
        key = (account_type if account_type in _TYPES else "", currency_in(basic, "PD01AD04"))
        found = self._kinds.get(key)
        if found is None:
            found = self._kinds[key] = _kind(*key)
        return found

    def tradeline(self, unit: Element, record_id: str) -> Tradeline | None:
        """One account; None when its type is not known, which is then an issue."""
        walk, reading = self._walk, self._reading
        parts = walk.parts(unit, _UNIT)
        segment = _UNIT.groups
        basic = walk.leaves(parts.get("PD01A"), segment["PD01A"])
        latest = walk.leaves(parts.get("PD01B"), segment["PD01B"])
        month = walk.leaves(parts.get("PD01C"), segment["PD01C"])
        how = self._kind(basic)
        known: dict[str, Any] = dict.fromkeys(_ALWAYS)
        if latest:
            reading.into(known, latest, how.latest)
        if month:
            reading.into(known, month, how.month)
        reading.into(known, basic, how.basic)
        known["grid"] = how.grid.read(walk, reading, parts)
        if not _RARE.isdisjoint(parts):
            self._extras(known, parts, how.key)
        if known["kind"] is None:
            return None
        if known["status"] is None:
            known["status"] = AccountStatus.UNKNOWN
            if not code_in(month, "PD01CD01") and not code_in(latest, "PD01BD01"):
                reading.issues.add(IssueKind.MISSING, "PD01CD01", "no status, nor in PD01BD01")
        known["as_of"] = known["as_of"] or reading.today
        known["currency"] = known["currency"] or how.key.currency or None
        known["source"], known["record_id"] = reading.source, record_id
        return _tradeline(known)

    def _extras(self, found: dict[str, Any], parts: dict[str, Element], key: Key) -> None:
        """Segments F, G, H and Z, which most accounts do not have."""
        if "PD01F" in parts:
            found["transactions"] = tuple(
                SpecialTransaction(
                    kind=row.get("kind") or "unknown",
                    on=row.get("on"),
                    months_shifted=row.get("months_shifted"),
                    amount=row.get("amount"),
                    detail=row.get("detail"),
                )
                for row in self._rows(parts, "PD01F", key)
            )
        if "PD01G" in parts:
            found["events"] = tuple(
                SpecialEvent(kind=row.get("kind") or "unknown", month=row.get("month"))
                for row in self._rows(parts, "PD01G", key)
            )
        if "PD01H" in parts:
            found["instalments"] = tuple(
                LargeInstalment(
                    limit=row.get("limit"),
                    starts=row.get("starts"),
                    ends=row.get("ends"),
                    used=row.get("used"),
                )
                for row in self._rows(parts, "PD01H", key)
            )
        if "PD01Z" in parts:
            found["annotations"] = annotations(
                self._walk, self._reading, parts["PD01Z"], f"{_UNIT.path}/PD01Z"
            )

    def _rows(self, parts: dict[str, Element], tag: str, key: Key) -> list[dict[str, Any]]:
        return rows_of(self._walk, self._reading, parts[tag], f"{_UNIT.path}/{tag}", key)
