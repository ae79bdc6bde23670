"""Text as people write it, folded to what they mean by it, and how alike two such texts are."""

import re
import unicodedata

from rapidfuzz.distance import OSA, JaroWinkler

from gateway.resolve.weighing import Level

MASK = "*"

_PARTING = re.compile("[·•‧∙⋅・ㆍ᛫,，-]")
_SILENT = re.compile("[.'’‘․]|[\u0300-\u036f]")  # not always written, and accents (Unicode: Mn)
_HAN = re.compile(r"[\u3400-\u9fff\U00020000-\U0003ffff]")  # Unicode: CJK unified ideographs
_LATIN = str.maketrans(
    {
        "æ": "ae", "đ": "d", "ð": "d", "ħ": "h", "ı": "i", "ĸ": "q", "ł": "l", "ŋ": "n",
        "œ": "oe", "ø": "o", "þ": "th", "ŧ": "t",
        "ʻ": "", "ʼ": "",
    }
)  # fmt: skip
"""Letters of Latin-1 and Latin Extended-A that Unicode does not take apart (CLDR, Latin-ASCII), and
apostrophes that it calls letters."""

_SLIP_LETTERS = 4  # in a shorter word one letter makes another word
_NEAR_SLIPS = 2
_NEAR_SIMILARITY = 0.92  # Jaro-Winkler, 0 to 1: words that begin alike and go on much alike


def folded(text: str) -> str:
    """One spelling: no width, case, accents, strokes or dots, words parted by one space."""
    if text.isascii():
        text = text.casefold()
    else:
        text = unicodedata.normalize("NFKD", text).casefold().translate(_LATIN)
    if text.isalnum():
        return text
    return " ".join(_SILENT.sub("", _PARTING.sub(" ", text)).split())


def in_han(text: str) -> bool:
    """It is written in Chinese characters, at least in part."""
    return _HAN.search(text) is not None


def alike(mine: str, theirs: str) -> Level:
    """How alike two folded texts are; where words part does not matter."""
    if mine == theirs:
        return Level.SAME
    mine, theirs = mine.replace(" ", ""), theirs.replace(" ", "")
    if mine == theirs:
        return Level.SAME
    slips = OSA.distance(mine, theirs, score_cutoff=_NEAR_SLIPS)
    if slips <= 1 and min(len(mine), len(theirs)) >= _SLIP_LETTERS:
        return Level.MISTYPED
    if slips <= _NEAR_SLIPS < min(len(mine), len(theirs)) or (
        JaroWinkler.similarity(mine, theirs, score_cutoff=_NEAR_SIMILARITY)
    ):
        return Level.NEAR
    return Level.DIFFERENT


def shown(mine: str, theirs: str) -> Level | None:
    """A masked text: what is shown must agree, and enough must be shown to say anything."""
    if not theirs.strip(f"{MASK} "):
        return None
    pairs = [(a, b) for a, b in zip(mine, theirs, strict=False) if MASK not in (a, b)]
    if len(mine) != len(theirs) or any(a != b for a, b in pairs):
        return Level.DIFFERENT
    return Level.MASKED if 3 * len(pairs) >= len(mine) else None
