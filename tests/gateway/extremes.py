"""Reports of every type of record whose values are of their type and otherwise absurd."""

import dataclasses
import types
from datetime import UTC, date, datetime, time
from enum import Enum
from functools import cache
from random import Random
from typing import Any, get_args, get_origin, get_type_hints

from connectors.money import Money, Month, PartialDate
from connectors.records import RECORD_TYPES, Record, Report
from gateway.merge import merge
from gateway.profile import BorrowerProfile, Heard, Outcome, SourceLine
from gateway.resolve.judged import Judgements, Whose
from tests.gateway.reports import ALL, AT, CONFIG, SUBJECT, TODAY

SOURCES = ("pboc", "baihang", "telecom", "unheard-of")
DAYS = (date.min, date(1, 12, 31), date(1970, 1, 1), date(2024, 2, 29), TODAY, date(2026, 3, 18),
        date(9999, 1, 1), date.max)  # fmt: skip
AMOUNTS = (-(10**15), -1, 0, 1, 99, 600_000, 10**15 - 1)  # connectors.pushed.Amount
COUNTS = (-1, 0, 1, 24, 999_999, 2**53 - 1)
CURRENCIES = ("CNY", "CNY", "USD", "JPY", "XXX", "")
TEXTS = (
    "", " ", "\u3000", "\u0301\u0301", "\u202e\u200f", "\0", "\n", "a\nb", "/", "a/b", "%2F", "~1",
    "[0]", "AN", "示例晴川消费金融有限公司", "*", "某", "pension", "dispute", "civil_judgment",
    "CN_RIC", "enforcement", "999999199001010016", "10000000001", "0", "١٢٣", "²",
    "𠮷\U0010ffff", "甲" * 1000,
)  # fmt: skip
IDS = ("A1", "a/b", "loans[0]", "%2F", "a%2Fb", "%25", "~0~1", ":", "号", "?", "x" * 128)
"""Printable: what a source calls a report is (connectors.normalise.report_number), and what stands
in it is named by its place."""


@dataclasses.dataclass(frozen=True, slots=True)
class Absurd:
    """Draws values by type; `most` is how many a list holds at most."""

    random: Random
    most: int = 4

    def heard(self, kinds: tuple[type[Record], ...] = RECORD_TYPES) -> list[Heard]:
        """What some sources answer, each with records of its own, no id twice."""
        sources = self.random.sample(SOURCES, self.random.randint(1, 3))
        return [self.report(source, kinds) for source in sources]

    def report(self, source: str, kinds: tuple[type[Record], ...]) -> Heard:
        """One report of that source."""
        names = self.random.sample(IDS, self.random.randint(1, len(IDS)))
        records = [
            dataclasses.replace(self.made(self.random.choice(kinds)), source=source, record_id=name)
            for name in names
        ]
        said = Report(
            source=source,
            report_id=self.random.choice(IDS),
            as_of=self.value(datetime),
            version="1",
            records=tuple(records),
        )
        return Heard(SourceLine(source=source, outcome=Outcome.REPORT, scopes=ALL), said)

    def made(self, kind: type) -> Any:
        """One of a dataclass, each of its fields absurd or absent."""
        return kind(**{name: self.value(hint) for name, hint in _fields(kind).items()})

    def value(self, hint: Any) -> Any:
        """Any value of a type that fields of records have."""
        if hint in _VALUES:
            return self.random.choice(_VALUES[hint])
        if dataclasses.is_dataclass(hint):
            return self.made(hint)  # type: ignore[arg-type]
        if isinstance(hint, type) and issubclass(hint, Enum):
            return self.random.choice(list(hint))
        args = get_args(hint)
        if get_origin(hint) is types.UnionType:
            return self.value(self.random.choice(args))
        if args[-1] is Ellipsis:
            args = args[:1] * self.random.randint(0, self.most)
        return _by_month([self.value(one) for one in args])


_VALUES: dict[Any, tuple[Any, ...]] = {
    type(None): (None,),
    int: COUNTS,
    str: TEXTS,
    date: DAYS,
    datetime: tuple(datetime.combine(day, at, UTC) for day in DAYS for at in (time.min, time.max)),
    Month: tuple(Month.of(day) for day in DAYS),
    PartialDate: tuple(
        PartialDate(*(day.year, day.month, day.day)[:known]) for day in DAYS for known in (1, 2, 3)
    ),
    Money: tuple(Money(minor, currency) for minor in AMOUNTS for currency in CURRENCIES),
}


@cache
def _fields(kind: type) -> dict[str, Any]:
    return {one.name: get_type_hints(kind)[one.name] for one in dataclasses.fields(kind)}


def _by_month(several: list[Any]) -> tuple[Any, ...]:
    """As each type that lists months says: newest first, none twice."""
    told = {month: one for one in several if (month := _month(one)) is not None}
    return tuple(told[month] for month in sorted(told, reverse=True)) or tuple(several)


def _month(one: object) -> Month | None:
    month = one[0] if isinstance(one, tuple) else getattr(one, "month", None)
    return month if isinstance(month, Month) and not hasattr(one, "kind") else None


def merged(heard: list[Heard]) -> BorrowerProfile:
    """The profile of what was heard, all of it about the subject."""
    ours = tuple(Whose(one.source, one.report_id, True) for told in heard if (one := told.report))
    judgements = Judgements(reports=ours)
    return merge(heard, SUBJECT, CONFIG, at=AT, jurisdiction="CN", judgements=judgements)
