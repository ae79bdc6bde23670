"""One value of an answer: where it stands, how it is written, and so what it is.

`read` raises `UnknownCode` for a code that is not in the table and ValueError, with what would
have been right, for anything else that does not fit; an absent or empty value is never read.
"""

import re
from collections.abc import Mapping
from datetime import UTC, datetime, timedelta, timezone
from typing import Annotated, Literal

from pydantic import Field

from connectors import options
from connectors.declarative.paths import Pointer
from connectors.money import Money, PartialDate
from connectors.normalise import amounts
from connectors.normalise.json_body import Json
from connectors.records import IdDocument

_DECIMAL = re.compile(r"(\d{1,9})(?:\.(\d{1,4}))?", re.ASCII)
_MINOR = re.compile(r"\d{1,14}", re.ASCII)
_RESIDENT_ID = re.compile(r"[\d*]{17}[\dX*]", re.ASCII)  # GB 11643; some sources mask the middle
_PASSPORT = re.compile(r"[A-Z0-9*]{5,17}", re.ASCII)
_YEARS = range(1900, 2200)

DayFormat = Literal[
    "%Y-%m-%d", "%Y/%m/%d", "%Y%m%d", "%Y-%m", "%Y%m", "%Y-%m-%d %H:%M:%S", "%Y%m%d%H%M%S",
]  # fmt: skip
_WITHOUT_DAY = frozenset({"%Y-%m", "%Y%m"})
TimeFormat = Literal[
    "%Y-%m-%d %H:%M:%S", "%Y-%m-%dT%H:%M:%S", "%Y%m%d%H%M%S", "epoch_s", "epoch_ms",
]  # fmt: skip


class UnknownCode(Exception):
    """The value is none of the codes in the table."""


class Text(options.Options):
    """A text without the blanks around it."""

    type: Literal["text"]
    at: Pointer

    def read(self, value: Json) -> str:
        """The text."""
        if not isinstance(value, str) or not value.strip():
            raise ValueError("a text")
        return value.strip()


class Code(options.Options):
    """A code of the source, with our word for each; a number is known by its digits."""

    type: Literal["code"]
    at: Pointer
    codes: Annotated[Mapping[str, str | int], Field(min_length=1)]

    def read(self, value: Json) -> str | int:
        """Our word for the code."""
        text = str(value) if isinstance(value, int) and not isinstance(value, bool) else value
        if not isinstance(text, str) or text not in self.codes:
            raise UnknownCode
        return self.codes[text]


class Count(options.Options):
    """A whole number from 0 on; with `decimals`, a decimal number times ten to that power."""

    type: Literal["count"]
    at: Pointer
    decimals: Annotated[int, Field(ge=0, le=4)] = 0

    def read(self, value: Json) -> int:
        """The number."""
        found = _DECIMAL.fullmatch(_digits(value))
        if found is None or len(found[2] or "") > self.decimals:
            raise ValueError(f"a number with up to {self.decimals} decimals")
        return int(found[1] + (found[2] or "").ljust(self.decimals, "0"))


class Amount(options.Options):
    """An amount of money, in whole major units (yuan) with decimals or in minor units (fen)."""

    type: Literal["money"]
    at: Pointer
    unit: Literal["major", "minor"]
    currency: Annotated[str, Field(pattern=r"^[A-Z]{3}$")]

    def read(self, value: Json) -> Money:
        """The amount."""
        text = _digits(value)
        if self.unit == "major":
            return self._whole(text)
        if not _MINOR.fullmatch(text):
            raise ValueError("an amount in minor units")
        return Money(int(text), self.currency)

    def _whole(self, text: str) -> Money:
        try:
            return amounts.whole(text.removesuffix(".0"), self.currency)
        except ValueError:
            raise ValueError("an amount in major units") from None


class Day(options.Options):
    """A day, or a month, in one form."""

    type: Literal["date"]
    at: Pointer
    format: DayFormat

    def read(self, value: Json) -> PartialDate:
        """The day, or the month."""
        day = _parsed(value, self.format)
        if self.format in _WITHOUT_DAY:
            return PartialDate(day.year, day.month)
        return PartialDate(day.year, day.month, day.day)


class Document(options.Options):
    """The number of an identity document of one type, masked or not."""

    type: Literal["document"]
    at: Pointer
    document: Literal["CN_RIC", "PASSPORT"]

    def read(self, value: Json) -> tuple[IdDocument, ...]:
        """The one document."""
        form = _RESIDENT_ID if self.document == "CN_RIC" else _PASSPORT
        if not isinstance(value, str) or not form.fullmatch(value.strip().upper()):
            raise ValueError("the number of an identity document")
        return (IdDocument(type=self.document, number=value.strip().upper()),)


Placed = Annotated[Text | Code | Count | Amount | Day | Document, Field(discriminator="type")]
"""A value that stands in the answer."""


class Instant(options.Options):
    """The moment the source made the answer."""

    at: Pointer
    format: TimeFormat
    utc_offset_h: Annotated[int, Field(ge=-12, le=14)] = 0

    def read(self, value: Json) -> datetime:
        """The instant, aware, in UTC."""
        if self.format in ("epoch_s", "epoch_ms"):
            return self._epoch(value)
        local = _parsed(value, self.format)
        return local.replace(tzinfo=timezone(timedelta(hours=self.utc_offset_h))).astimezone(UTC)

    def _epoch(self, value: Json) -> datetime:
        if not isinstance(value, int) or isinstance(value, bool):
            raise ValueError("a number of seconds or milliseconds since 1970")  # noqa: TRY004 - as documented
        seconds = value if self.format == "epoch_s" else value // 1000
        try:
            instant = datetime.fromtimestamp(seconds, UTC)
        except (OverflowError, OSError, ValueError):
            raise ValueError("an instant") from None
        if instant.year not in _YEARS:
            raise ValueError("an instant")
        return instant


def _digits(value: Json) -> str:
    """The digits of a number, or a text as it is; an exponent or a sign fits no form."""
    if isinstance(value, bool) or not isinstance(value, str | int | float):
        raise ValueError("a number")  # noqa: TRY004 - as documented
    return value.strip() if isinstance(value, str) else str(value)


def _parsed(value: Json, form: str) -> datetime:
    """Exactly that form: `strptime` alone takes one digit where two are due."""
    text = value if isinstance(value, str) else ""
    try:
        found = datetime.strptime(text, form)  # noqa: DTZ007 - the zone is the caller's
    except ValueError:
        raise ValueError(f"a time as {form}") from None
    if found.year not in _YEARS or found.strftime(form) != text:
        raise ValueError(f"a time as {form}")
    return found
