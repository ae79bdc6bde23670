"""Answers of aggregators that read housing fund and social insurance sites (china.md 2.5).

The envelope is `{result{success, message}, data, signature}`; amounts are integer fen, months
`YYYY-MM`, days `YYYY-MM-DD`. How `signature` is made is not public, so it is not checked: the
connection is what vouches for the answer.
"""

import re
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import date, datetime, timedelta, timezone

from connectors.errors import SourceBrokeContract, SourceUnavailable
from connectors.money import Money, Month, PartialDate
from connectors.normalise import json_body
from connectors.normalise.json_body import Json, Walk
from connectors.normalise.years import OLDEST
from connectors.records import ContributionMonth, IdDocument

CHINA = timezone(timedelta(hours=8))  # no summer time since 1991

_ENVELOPE = frozenset({"result", "data", "signature"})
_RESULT = frozenset({"success", "message"})
_DIGITS = re.compile(r"\d{1,14}", re.ASCII)
_MONTH = re.compile(r"(\d{4})-?(\d{2})", re.ASCII)
_DAY = re.compile(r"(\d{4}-\d{2}-\d{2})(?:[T ]\d{2}:\d{2}:\d{2})?", re.ASCII)
_RATE = re.compile(r"\d{1,3}(?:\.\d{1,4})?%?", re.ASCII)
_RESIDENT_ID = re.compile(r"[\d*]{17}[\dX*]", re.ASCII)  # GB 11643; sites mask the middle
_MOST_FEN = 10**11  # a thousand million yuan: as many as a body holds add up exactly in JSON


def envelope(source: str, content: bytes) -> tuple[Mapping[str, Json], Mapping[str, Json] | None]:
    """The whole answer and its `data`, None when the aggregator found nothing.

    Why a query failed is said in prose only, so any failure is "unavailable" and not repeated.
    """
    body = json_body.parse(source, content)
    result = body.get("result")
    if not isinstance(result, dict) or not isinstance(result.get("success"), bool):
        raise SourceBrokeContract(source, "missing", "result.success")
    if result["success"] is False:
        raise SourceUnavailable(source, "result_failed")
    data = body.get("data")
    if data is None or data == {}:
        return body, None
    if not isinstance(data, dict):
        raise SourceBrokeContract(source, "missing", "data")
    return body, data


@dataclass(frozen=True, slots=True)
class Reading(Walk):
    """The answer being read; `day` is its day in China, the last that can stand in it."""

    day: date

    def envelope(self, body: Mapping[str, Json]) -> None:
        """Count what the envelope has beyond its three fields."""
        self.known("", body, _ENVELOPE)
        self.known("result", self.object("result", body.get("result")), _RESULT)

    def fen(self, where: str, value: Json) -> Money | None:
        """An amount in fen, None when there is none; some sites' programs write digits as text."""
        if value is None or value == "":
            return None
        number = value
        if isinstance(value, str) and _DIGITS.fullmatch(value):
            number = int(value)
        if isinstance(number, int) and not isinstance(number, bool) and 0 <= number < _MOST_FEN:
            return Money(number, "CNY")
        self.issues.bad_value(where, value, "an amount in fen")
        return None

    def month(self, where: str, value: Json) -> Month | None:
        """A month not after the answer."""
        if value is None or value == "":
            return None
        found = _MONTH.fullmatch(value) if isinstance(value, str) else None
        try:
            month = Month(int(found[1]), int(found[2])) if found else None
        except ValueError:
            month = None
        if month is None or month.year < OLDEST or month > Month.of(self.day):
            self.issues.bad_value(where, value, "a month up to the answer")
            return None
        return month

    def date(self, where: str, value: Json) -> PartialDate | None:
        """A day, or a month where the site knows no more; not after the answer."""
        if value is None or value == "":
            return None
        found = _DAY.fullmatch(value) if isinstance(value, str) else None
        if found is None:
            month = self.month(where, value)
            return None if month is None else PartialDate(month.year, month.month)
        try:
            day = PartialDate.parse(found[1])
        except ValueError:
            day = None
        if day is None or day.year < OLDEST or day.earliest() > self.day:
            self.issues.bad_value(where, value, "a day up to the answer")
            return None
        return day

    def rate(self, where: str, value: Json) -> str | None:
        """A rate as the site writes it, which differs: `12`, `12%` or `0.12`."""
        text = self.text(where, value)
        if text is None or _RATE.fullmatch(text):
            return text
        self.issues.bad_value(where, value, "a rate")
        return None

    def document(self, where: str, value: Json) -> tuple[IdDocument, ...]:
        """The resident id, masked or not; other documents have no known form here."""
        text = self.text(where, value)
        if text is None:
            return ()
        if _RESIDENT_ID.fullmatch(text.upper()):
            return (IdDocument(type="CN_RIC", number=text.upper()),)
        self.issues.bad_value(where, value, "a resident identity number")
        return ()


def in_china(at: datetime) -> date:
    """The day it is in China at `at`."""
    return at.astimezone(CHINA).date()


def paid_months(paid: Iterable[tuple[Month, Money | None]]) -> tuple[ContributionMonth, ...]:
    """The months that were paid, newest first; several payments for one month add up."""
    total: dict[Month, Money | None] = {}
    for month, amount in paid:
        before = total.get(month)
        if before is None or amount is None:
            total[month] = amount or before
        else:
            total[month] = Money(before.minor + amount.minor, "CNY")
    return tuple(ContributionMonth(month=m, paid=total[m]) for m in sorted(total, reverse=True))
