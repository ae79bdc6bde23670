"""What was odd about a PBOC report, in the words of its format: tags, paths, code tables."""

import re

from connectors.normalise import issues
from connectors.records import IssueKind

_CODE = re.compile(r"[0-9A-Z*#/]{1,4}")
_TAG = re.compile(r"P[0-9A-Z]{2,9}")


def is_tag(text: str) -> bool:
    """It has the form of CCRC's tags, whether or not there is such a one."""
    return _TAG.fullmatch(text) is not None


class Issues(issues.Issues):
    """The issues of one report; a tag is shown when it looks like one of CCRC's."""

    __slots__ = ()

    def code_of(self, tag: str, text: str, of: str) -> None:
        """A code that is not in the tables; `of` says for which account type, if that matters."""
        shown = f"code '{text}'" if _CODE.fullmatch(text) else issues.shape(text)
        self.add(IssueKind.UNKNOWN_CODE, tag, f"{shown} of {of}" if of else shown)

    def element(self, parent: str, tag: str, what: str = "not in the dictionary") -> None:
        """An element that the dictionary does not have at this place."""
        shown = tag if is_tag(tag) else "another element"
        self.add(IssueKind.UNKNOWN_TAG, f"{parent}/{shown}".lstrip("/"), what)
