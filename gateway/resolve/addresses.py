"""Addresses and employers: the same place or firm in two writings.

An address is its words and its numbers. Words may be left out at either end (a province, a
building's name); the numbers say which house and which room.
"""

import re
from collections.abc import Callable, Iterable

from rapidfuzz.distance import OSA

from gateway.resolve.weighing import Level
from gateway.resolve.words import MASK, alike, folded, in_han

_NUMBERS = re.compile(r"\d+")
_UNITS = re.compile(r"[号栋幢座室房层楼弄#]|单元")  # said or not, they only part numbers
_PARTS = re.compile(r"[省市区县]")
_FIRM = re.compile(r"(?:集团)?(?:股份)?(?:有限)?(?:责任)?公司$")  # 公司法 art. 7: its legal form
_SIMILAR = 0.8  # share of the letters of the longer text that agree, 0 to 1
_WORDS_LEAST = 3  # a shorter rest is in every address


def address(ours: str | None, reported: Iterable[str]) -> Level | None:
    """The best fit among the reported addresses; masked ones say nothing."""
    return _best(ours, reported, _place)


def employer(ours: str | None, reported: Iterable[str]) -> Level | None:
    """The best fit among the reported employers; a legal form left out says nothing."""
    return _best(ours, reported, _firm)


_BEST_FIRST = (Level.SAME, Level.NEAR, Level.DIFFERENT)


def _best(
    ours: str | None, reported: Iterable[str], compare: Callable[[str, str], Level]
) -> Level | None:
    if ours is None:
        return None
    mine = folded(ours)
    levels = {compare(mine, folded(text)) for text in reported if MASK not in text}
    return next((level for level in _BEST_FIRST if level in levels), None)


def _place(mine: str, theirs: str) -> Level:
    if mine == theirs:
        return Level.SAME
    (words, numbers), (their_words, their_numbers) = _parts(mine), _parts(theirs)
    fit = _fit(words, their_words)
    if fit is Level.DIFFERENT:
        return Level.DIFFERENT
    if numbers == their_numbers:
        return fit if numbers else Level.NEAR  # a street without a number is a street
    shared = min(len(numbers), len(their_numbers))
    # The house agrees and one of them does not say which room, or no house is said at all.
    return Level.NEAR if numbers[:shared] == their_numbers[:shared] else Level.DIFFERENT


def _parts(text: str) -> tuple[str, list[str]]:
    words = _NUMBERS.sub(" ", text)
    if in_han(text):
        words = _PARTS.sub("", _UNITS.sub("", words)).replace(" ", "")
    return words, _NUMBERS.findall(text)


def _fit(mine: str, theirs: str) -> Level:
    short, long = sorted((mine, theirs), key=len)
    if in_han(long):
        if len(short) >= _WORDS_LEAST and short in long:
            return Level.SAME
    elif short.split() and set(short.split()) <= set(long.split()):
        return Level.SAME
    close = OSA.normalized_similarity(mine, theirs, score_cutoff=_SIMILAR) > 0
    return Level.NEAR if close else Level.DIFFERENT


def _firm(mine: str, theirs: str) -> Level:
    one, other = (_FIRM.sub("", text.replace(" ", "")) for text in (mine, theirs))
    level = alike(one, other)
    if level is Level.SAME:
        return Level.SAME
    short, long = sorted((one, other), key=len)
    left_out = len(short) > _WORDS_LEAST and short in long
    return Level.NEAR if left_out or level is not Level.DIFFERENT else Level.DIFFERENT
