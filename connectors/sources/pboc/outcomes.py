"""What a result code means for us: go on, ask again later, stop and page, or do not ask again.

Lists 9.2 and D.x-RPT of the query-interface specification are read code by code. The codes of
scores (F), disputes (G), alerts (E) and collected data (P) are not public but for a few: another
code is read by its structure (list 9.1), as the rows of `9.x-OTHER` say.
"""

import re
from collections.abc import Mapping
from types import MappingProxyType

from connectors.errors import (
    SourceBrokeContract,
    SourceError,
    SourceLockedUs,
    SourceRejectedAsk,
    SourceUnavailable,
)
from connectors.sources.pboc.frame import Frame
from connectors.sources.pboc.values import CODES

REPORT, NO_HIT, PARTIAL = "report", "no_hit", "partial_report"
DONE = frozenset({REPORT, NO_HIT, PARTIAL, "password_change"})
"""Words of codes that are no failure; AAA000 is `report` whatever was asked for."""

_TYPES = CODES.words("MSGTYPE")
_LISTED = CODES.words("9.2", "D.x-RPT", "F.x-RPT", "G.x-RPT")
_OTHER = CODES.words("9.x-OTHER")
_CODE = re.compile(r"[A-Z]{3}[0-9]{3}")
_BUSINESSES = frozenset("ABDEFGP")  # list 9.1, first character; P as seen in messages

_FAILURES: Mapping[str, type[SourceError]] = MappingProxyType(
    {
        "unavailable": SourceUnavailable,
        "locked_us": SourceLockedUs,
        "rejected_ask": SourceRejectedAsk,
    }
)


def outcome(code: str) -> str | None:
    """Our word for a result code, None when it is none of CCRC's."""
    listed = _LISTED.get(code)
    if listed is not None or not _CODE.fullmatch(code) or code[0] not in _BUSINESSES:
        return listed
    return _OTHER.get(code[1:3]) or _OTHER.get(code[1])


def settle(source: str, code: str) -> str:
    """The word of a code that is in `DONE`; SourceError for any other."""
    word = outcome(code)
    if word is None:
        shown = f"unknown result code {code}" if _CODE.fullmatch(code) else "no result code"
        raise SourceBrokeContract(source, "unknown_result_code", shown)
    if word in _FAILURES:
        raise _FAILURES[word](source, f"result_{code}")
    return word


def expect(source: str, frame: Frame, message_type: str) -> None:
    """Refuse any other message; one about an enterprise by name, since we serve persons only."""
    found = frame.header.message_type
    if found == message_type:
        return
    if _TYPES.get(found, "").startswith("enterprise"):
        raise SourceBrokeContract(source, "enterprise_message", f"{found}; we serve persons only")
    raise SourceBrokeContract(source, "wrong_message_type", f"expected {message_type}")
