"""What was odd about a payload, counted, without a value of it."""

import re
from collections import Counter

from connectors.records import Issue, IssueKind

_CODE = re.compile(r"[0-9A-Za-z*#/]{1,4}")
_NAME = re.compile(r"[A-Za-z_][A-Za-z0-9_]{0,63}")
_NUMBER = re.compile(r"[0-9]{5}")
_MOST = 500  # kinds of issue kept apart; a payload made to have more is counted in one line


class Issues:
    """The issues of one report, while it is being read.

    A text of the payload is never kept. A code is, when it has the shape of one: up to four
    letters, digits or symbols are nobody's data. So is the name of a field.
    """

    __slots__ = ("_counts", "_source")

    def __init__(self, source: str) -> None:
        self._source = source
        self._counts: Counter[tuple[IssueKind, str, str]] = Counter()

    def add(self, kind: IssueKind, where: str, what: str, count: int = 1) -> None:
        """Count `count` more of this kind at `where`; both are ours, never the payload's."""
        key = (kind, where, what)
        if key not in self._counts and len(self._counts) >= _MOST:
            key = (kind, "*", "more kinds of issue than are told apart")
        self._counts[key] += count

    def unknown_code(self, where: str, value: object) -> None:
        """A code that is not in the tables."""
        shown = isinstance(value, str) and _CODE.fullmatch(value)
        self.add(IssueKind.UNKNOWN_CODE, where, f"code '{value}'" if shown else shape(value))

    def unknown_field(self, where: str, name: str, what: str = "not in the document") -> None:
        """A field the source's document does not have at `where`."""
        fits = _NAME.fullmatch(name) and not _NUMBER.search(name)
        shown = name if fits else "another field"
        self.add(IssueKind.UNKNOWN_TAG, f"{where}.{shown}" if where else shown, what)

    def bad_value(self, where: str, value: object, wanted: str) -> None:
        """A value that is not what it should be."""
        self.add(IssueKind.BAD_VALUE, where, f"{shape(value)}, not {wanted}")

    def drain(self) -> tuple[Issue, ...]:
        """All issues, in a stable order."""
        return tuple(
            sorted(
                Issue(self._source, kind, where, what, count)
                for (kind, where, what), count in self._counts.items()
            )
        )


def shape(value: object) -> str:
    """The class of a value: its type, or how many characters of which kind; none is shown."""
    if not isinstance(value, str):
        return "null" if value is None else f"a JSON {type(value).__name__}"
    kind = "digits" if value.isascii() and value.isdigit() else "characters"
    return f"{len(value)} {kind}"
