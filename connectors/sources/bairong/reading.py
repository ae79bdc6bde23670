"""What the grammars of Bairong's products share."""

import re
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass
from datetime import date

from connectors.normalise import codes
from connectors.normalise.issues import Issues
from connectors.normalise.json_body import Json
from connectors.records import Record
from consent.data_items import DataItem

NAME = "bairong"
TABLES = codes.load(NAME)

_COUNT = re.compile(r"\d{1,6}", re.ASCII)


@dataclass(frozen=True, slots=True)
class Key:
    """One key of the answer that has a value, on the day of the answer in China."""

    name: str
    value: Json
    day: date
    issues: Issues

    def odd(self) -> None:
        """The value is not what such a key holds."""
        self.issues.bad_value(self.name, self.value, "what this key holds")

    def count(self) -> int | None:
        """A count, which is a text of digits; None, and an issue, when it is something else."""
        if isinstance(self.value, str) and _COUNT.fullmatch(self.value):
            return int(self.value)
        self.odd()
        return None


@dataclass(frozen=True, slots=True)
class Grammar:
    """How the keys of one product are told and read, and what they tell."""

    prefix: str
    pattern: re.Pattern[str]
    read: Callable[[re.Match[str], Key], Iterator[Record]]
    items: frozenset[DataItem]


def dotted(word: str, known: Mapping[str, str], key: Key) -> str:
    """Our word for a class of lenders. A new one is kept as it stands, and counted."""
    if word and word not in known:
        key.issues.unknown_field("", key.name, "segment not in the document")
    return known.get(word, word.replace("_", "."))
