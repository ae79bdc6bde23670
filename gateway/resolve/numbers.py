"""Numbers that name a person: documents, and telephones. What they are is settled by characters."""

import re
import unicodedata
from collections.abc import Iterable

from rapidfuzz.distance import OSA
from stdnum.cn import ric

from connectors.records import IdDocument
from gateway.resolve.weighing import Level
from gateway.resolve.words import MASK, shown

RESIDENT = "CN_RIC"

_BEST_FIRST = (Level.SAME, Level.MASKED, Level.MISTYPED, Level.DIFFERENT)
_OLD_RIC_DIGITS = 15  # GB 11643-1989: no century, no check digit
_MOBILE = re.compile(r"(?:00|\+)?(?:86)?(1[\d*]{10})")
_SEPARATORS = re.compile(r"[\s()-]")


def document(id_type: str, ours: str, documents: Iterable[IdDocument]) -> Level | None:
    """The best fit among the documents of the subject's own type."""
    levels = {
        _document(id_type, ours, reported.number)
        for reported in documents
        if reported.type == id_type
    }
    return next((level for level in _BEST_FIRST if level in levels), None)


def _document(id_type: str, ours: str, reported: str) -> Level | None:
    theirs = _compact(reported).upper()
    if id_type != RESIDENT:
        return number(ours, theirs, slips=False)
    if len(theirs) == _OLD_RIC_DIGITS and theirs.isdecimal():
        stem = f"{theirs[:6]}19{theirs[6:]}"
        theirs = stem + str(ric.calc_check_digit(stem + "0"))
    # The check digit (GB 11643, ISO 7064 MOD 11-2) catches every single slip and transposition, so
    # a number one slip away is no number; two real ones, as twins have, differ in two places.
    return number(ours, theirs)


def number(ours: str, theirs: str, *, slips: bool = True) -> Level | None:
    """Two numbers, compact. Without a check digit one slip may be another's: then no `slips`."""
    if ours == theirs:
        return Level.SAME
    if MASK in theirs:
        return shown(ours, theirs)
    if slips and OSA.distance(ours, theirs, score_cutoff=1) == 1:
        return Level.MISTYPED
    return Level.DIFFERENT


def phone(ours: str | None, current: Iterable[str], former: Iterable[str] = ()) -> Level | None:
    """The subject's mobile (E.164 digits) among reported numbers; landlines say nothing.

    A former number that agrees may have gone to somebody else since.
    """
    if ours is None:
        return None
    now, before = _mobiles(current), _mobiles(former)
    if ours in now:
        return Level.SAME
    if ours in before:
        return Level.FORMER
    levels = {number(ours, theirs, slips=False) for theirs in now | before}
    return next((level for level in _BEST_FIRST if level in levels), None)


def _mobiles(reported: Iterable[str]) -> set[str]:
    return {found for text in reported if (found := _mobile(text))}


def _mobile(text: str) -> str | None:
    found = _MOBILE.fullmatch(_SEPARATORS.sub("", unicodedata.normalize("NFKC", text)))
    return f"86{found[1]}" if found else None


def sex(id_type: str, number: str) -> str | None:
    """What a resident id number says: its sequence is odd for men, even for women (GB 11643)."""
    if id_type != RESIDENT:
        return None
    return "male" if int(number[16]) % 2 else "female"


def _compact(text: str) -> str:
    return "".join(unicodedata.normalize("NFKC", text).split())
