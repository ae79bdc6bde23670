"""Names of people: spelling, width, order of words and script do not matter; letters do."""

from gateway.resolve.sounds import reads_as, same_sound
from gateway.resolve.weighing import Level
from gateway.resolve.words import MASK, alike, folded, in_han, shown

_NEAR_LETTERS = 5  # below that, one letter makes another name
_GIVEN_LEAST = 2  # a given name of one character is too common to tell who changed a surname


def name(ours: str, reported: str | None) -> Level | None:
    """The subject's name and a reported one; None when nothing was reported."""
    mine, theirs = folded(ours), folded(reported or "")
    if not theirs:
        return None
    if MASK in theirs:
        return shown(_joined(mine), _joined(theirs))
    in_script = in_han(mine), in_han(theirs)
    if all(in_script):
        return _han(mine, theirs)
    if any(in_script):
        han, latin = (mine, theirs) if in_script[0] else (theirs, mine)
        return Level.READS if reads_as(_joined(han), latin) else Level.UNREAD
    return _latin(mine.split(), theirs.split())


def _joined(text: str) -> str:
    """Inside a Chinese name spaces and dots say nothing; in others the order of words does not."""
    words = text.split()
    return "".join(words) if in_han(text) else " ".join(sorted(words))


def _han(mine: str, theirs: str) -> Level:
    one, other = _joined(mine), _joined(theirs)
    if one == other:
        return Level.SAME
    if _shortened(mine.split(), theirs.split()):
        return Level.PARTIAL
    if same_sound(one, other):
        return Level.NEAR
    if one[0] != other[0] and one[1:] == other[1:] and len(one) > _GIVEN_LEAST:
        return Level.RENAMED
    return Level.DIFFERENT


def _latin(mine: list[str], theirs: list[str]) -> Level:
    mine, theirs = sorted(mine), sorted(theirs)
    if mine == theirs or "".join(mine) == "".join(theirs):
        return Level.SAME
    if _shortened(mine, theirs) or _initials(mine, theirs):
        return Level.PARTIAL
    one, other = " ".join(mine), " ".join(theirs)
    if min(len(one), len(other)) >= _NEAR_LETTERS and alike(one, other) is Level.MISTYPED:
        return Level.NEAR
    return Level.DIFFERENT


def _shortened(mine: list[str], theirs: list[str]) -> bool:
    """One leaves out a middle name, or a part of a name of several parts (买买提·吐尔逊)."""
    few, many = sorted((set(mine), set(theirs)), key=len)
    return few < many and len("".join(few)) > 1 and (len(few) > 1 or in_han(mine[0]))


def _initials(mine: list[str], theirs: list[str]) -> bool:
    """Some given names are only a letter; the others are written out and agree."""
    if len(mine) != len(theirs):
        return False
    pairs = list(zip(mine, theirs, strict=True))
    fits = all(a == b or (1 in (len(a), len(b)) and a[0] == b[0]) for a, b in pairs)
    return fits and any(a == b and len(a) > 1 for a, b in pairs)
