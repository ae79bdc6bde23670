"""Amounts in minor units and dates with their precision, so that nothing is invented."""

import re
from calendar import monthrange
from dataclasses import dataclass
from datetime import date, datetime

from pydantic_core import CoreSchema, core_schema


@dataclass(frozen=True, slots=True)
class Money:
    """An amount in the minor unit of an ISO 4217 currency: Money(1999, "CNY") is 19.99 yuan.

    Not ordered and not summable on its own: that needs one currency, so it has a name.
    """

    minor: int
    currency: str


_PARTIAL = re.compile(r"(\d{4})(?:-(\d{2})(?:-(\d{2}))?)?")


@dataclass(frozen=True, slots=True, order=True)
class Month:
    """A calendar month."""

    year: int
    month: int

    def __post_init__(self) -> None:
        date(self.year, self.month, 1)

    def __str__(self) -> str:
        return f"{self.year:04d}-{self.month:02d}"

    @classmethod
    def __get_pydantic_core_schema__(cls, _source: object, _handler: object) -> CoreSchema:
        """At a border a month is its text."""
        return core_schema.no_info_after_validator_function(
            cls.parse,
            core_schema.str_schema(pattern=r"^\d{4}-\d{2}$"),
            serialization=core_schema.to_string_ser_schema(),
        )

    @classmethod
    def of(cls, day: date | datetime) -> "Month":
        """The month `day` is in."""
        return cls(day.year, day.month)

    @classmethod
    def parse(cls, text: str) -> "Month":
        """Read `YYYY-MM`; ValueError otherwise."""
        found = PartialDate.parse(text)
        if found.month is None or found.day is not None:
            raise ValueError("not a month, expected YYYY-MM")
        return cls(found.year, found.month)

    def plus(self, months: int) -> "Month":
        """The month that many months later (earlier when negative)."""
        whole = self.year * 12 + self.month - 1 + months
        return Month(whole // 12, whole % 12 + 1)

    def since(self, other: "Month") -> int:
        """Months from `other` to this one; negative when `other` is later."""
        return (self.year - other.year) * 12 + self.month - other.month


@dataclass(frozen=True, slots=True)
class PartialDate:
    """A date as precisely as the source knows it: year, year and month, or a full day.

    Not ordered: compare `earliest()` or `latest()`, whichever the rule at hand means.
    """

    year: int
    month: int | None = None
    day: int | None = None

    def __post_init__(self) -> None:
        if self.month is None and self.day is not None:
            raise ValueError("a day needs a month")
        date(self.year, self.month or 1, self.day or 1)

    def __str__(self) -> str:
        if self.month is None:
            return f"{self.year:04d}"
        if self.day is None:
            return f"{self.year:04d}-{self.month:02d}"
        return f"{self.year:04d}-{self.month:02d}-{self.day:02d}"

    @classmethod
    def __get_pydantic_core_schema__(cls, _source: object, _handler: object) -> CoreSchema:
        """At a border a partial date is its text."""
        return core_schema.no_info_after_validator_function(
            cls.parse,
            core_schema.str_schema(pattern=r"^\d{4}(-\d{2}(-\d{2})?)?$"),
            serialization=core_schema.to_string_ser_schema(),
        )

    @classmethod
    def parse(cls, text: str) -> "PartialDate":
        """Read `YYYY`, `YYYY-MM` or `YYYY-MM-DD`; ValueError otherwise."""
        found = _PARTIAL.fullmatch(text)
        if found is None:
            raise ValueError("not a date, expected YYYY, YYYY-MM or YYYY-MM-DD")
        year, month, day = (None if g is None else int(g) for g in found.groups())
        if year is None:  # the pattern always has a year; this tells the type checker
            raise ValueError("a date needs a year")
        return cls(year, month, day)

    def earliest(self) -> date:
        """The first day it can mean."""
        return date(self.year, self.month or 1, self.day or 1)

    def latest(self) -> date:
        """The last day it can mean."""
        if self.day is not None:
            return self.earliest()
        month = self.month or 12  # the last month of the calendar, 9999-12, has no next one
        return date(self.year, month, monthrange(self.year, month)[1])
