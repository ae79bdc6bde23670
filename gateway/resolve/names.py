"""Names of people: spelling, width, order of words and script do not matter; letters do."""

from collections import Counter
from collections.abc import Iterator

from gateway.resolve.simplified import simplified
from gateway.resolve.sounds import reads_as, same_sound
from gateway.resolve.weighing import Level
from gateway.resolve.words import MASK, alike, folded, in_han, shown

_NEAR_LETTERS = 5  # below that, one letter makes another name
_TURNED_MOST = 8  # words; no person has more, and no report shall make us try them all
_GIVEN_LEAST = 2  # a given name of one character is too common to tell who changed a surname


def name(ours: str, reported: str | None) -> Level | None:
    """The subject's name and a reported one; None when nothing was reported."""
    mine = _written(ours)
    theirs = mine if reported == ours else _written(reported or "")
    if not theirs:
        return None
    if MASK in theirs:
        return _masked(mine, theirs)
    if mine == theirs:
        return Level.SAME
    in_script = in_han(mine), in_han(theirs)
    if all(in_script):
        return _han(mine, theirs)
    if any(in_script):
        han, latin = (mine, theirs) if in_script[0] else (theirs, mine)
        return Level.READS if reads_as(_joined(han), latin) else Level.UNREAD
    return _latin(mine.split(), theirs.split())


def _written(text: str) -> str:
    """Folded, Chinese characters simplified."""
    text = folded(text)
    return text if text.isascii() else simplified(text)


def _joined(text: str) -> str:
    """Inside a Chinese name spaces and dots say nothing; in others the order of words does not."""
    words = text.split()
    return "".join(words) if in_han(text) else " ".join(sorted(words))


def _masked(mine: str, theirs: str) -> Level | None:
    """What is shown of a name must agree, in one of the orders its words may stand in."""
    if in_han(mine):
        theirs = theirs.replace(" ", "")
    if in_han(mine) != in_han(theirs) and theirs.strip(f"{MASK} "):
        return Level.UNREAD
    words = theirs.split()
    turns = range(len(words) if len(words) <= _TURNED_MOST else 1)
    found = [
        shown(_joined(mine), _joined(theirs)),
        *[shown(mine, " ".join(words[cut:] + words[:cut])) for cut in turns],
    ]
    return next((level for level in (Level.MASKED, None) if level in found), Level.DIFFERENT)


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
    if sorted(mine) == sorted(theirs):
        return Level.SAME
    common, one = _paired(mine, theirs)
    _, other = _paired(theirs, mine)
    likeness = _alike("".join(common), one, other)
    if likeness is Level.SAME:
        return Level.SAME
    shortened = len(common) > 1 and not (one and other)
    if shortened or _initials(common, one, other):
        return Level.PARTIAL
    long_enough = min(len("".join(mine)), len("".join(theirs))) >= _NEAR_LETTERS
    return Level.NEAR if likeness is Level.MISTYPED and long_enough else Level.DIFFERENT


def _paired(words: list[str], others: list[str]) -> tuple[list[str], list[str]]:
    """The words that stand among the others too, each as often as there, and those left over."""
    unpaired = Counter(others)
    both, left = [], []
    for word in words:
        if unpaired[word]:
            unpaired[word] -= 1
            both.append(word)
        else:
            left.append(word)
    return both, left


def _alike(common: str, one: list[str], other: list[str]) -> Level:
    """Names with these letters in common and these words left over: the same or a slip apart.

    After one slip a single word of each is left over, unless words are parted elsewhere.
    """
    mine, theirs = common + "".join(one), common + "".join(other)
    found = [
        alike(mine, theirs),
        *[alike(common + turned, theirs) for turned in _turned(one)],
        *[alike(mine, common + turned) for turned in _turned(other)],
    ]
    return next((level for level in (Level.SAME, Level.MISTYPED) if level in found), found[0])


def _turned(words: list[str]) -> Iterator[str]:
    """The words joined with the first ones last: a surname stands on either side."""
    for cut in range(1, len(words) if len(words) <= _TURNED_MOST else 1):
        yield "".join(words[cut:] + words[:cut])


def _shortened(mine: list[str], theirs: list[str]) -> bool:
    """One leaves out a part of a name of several parts (买买提·吐尔逊)."""
    few, many = sorted((set(mine), set(theirs)), key=len)
    return few < many and len("".join(few)) > 1


def _initials(common: list[str], one: list[str], other: list[str]) -> bool:
    """Some given names are only a letter; the others are written out and agree."""
    if len(one) != len(other) or not any(len(word) > 1 for word in common):
        return False
    pairs = zip(sorted(one), sorted(other), strict=True)
    return all(1 in (len(a), len(b)) and a[0] == b[0] for a, b in pairs)
