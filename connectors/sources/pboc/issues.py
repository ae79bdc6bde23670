"""What was odd about a report, counted, without a value of it."""

import re
from collections import Counter

from connectors.records import Issue, IssueKind

_CODE = re.compile(r"[0-9A-Z*#/]{1,4}")
_TAG = re.compile(r"P[0-9A-Z]{2,9}")
_MOST = 500  # kinds of issue kept apart; a report made to have more is counted in one line


class Issues:
    """The issues of one report, while it is being read.

    A text of the payload is never kept. A code is, when it has the shape of one: up to four
    capitals, digits or symbols are nobody's name; so is a tag that looks like one of CCRC's.
    """

    __slots__ = ("_counts", "_source")

    def __init__(self, source: str) -> None:
        self._source = source
        self._counts: Counter[tuple[IssueKind, str, str]] = Counter()

    def add(self, kind: IssueKind, where: str, what: str) -> None:
        """Count one more of this kind at `where`."""
        key = (kind, where, what)
        if key not in self._counts and len(self._counts) >= _MOST:
            key = (kind, "*", "more kinds of issue than are told apart")
        self._counts[key] += 1

    def unknown_code(self, tag: str, text: str, of: str = "") -> None:
        """A code that is not in the tables; `of` the account type it was looked up for."""
        code = text.strip()
        what = f"code '{code}'" if _CODE.fullmatch(code) else f"no code, {shape(code)}"
        self.add(IssueKind.UNKNOWN_CODE, tag, f"{what} of {of}" if of else what)

    def unknown_tag(self, parent: str, tag: str, what: str = "not in the dictionary") -> None:
        """An element that the dictionary does not have at this place."""
        shown = tag if _TAG.fullmatch(tag) else "another element"
        self.add(IssueKind.UNKNOWN_TAG, f"{parent}/{shown}", what)

    def bad_value(self, tag: str, text: str, why: str) -> None:
        """A value of the wrong kind."""
        self.add(IssueKind.BAD_VALUE, tag, f"{why}: {shape(text.strip())}")

    def drain(self) -> tuple[Issue, ...]:
        """All issues, in a stable order."""
        return tuple(
            sorted(
                Issue(self._source, kind, where, what, count)
                for (kind, where, what), count in self._counts.items()
            )
        )


def shape(text: str) -> str:
    """The class of a value: its kind of characters and their number, none of them shown."""
    if text.isascii() and text.isdigit():
        return f"{len(text)} digits"
    if text.startswith("-") and text[1:].replace(".", "", 1).isdigit():
        return "a negative number"
    if any(c.isdigit() for c in text):
        return f"{len(text)} characters with digits"
    return f"{len(text)} characters without digits"
