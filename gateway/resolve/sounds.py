"""How a Chinese name sounds, in Hanyu Pinyin: in all readings, for surnames have their own.

曾 is Zeng as a name and ceng as a word, 单 is Shan and dan: every reading pypinyin lists counts.
Readings are kept by character, never by name: a character is nobody's.
"""

from functools import lru_cache

_SURNAME_MAX = 2  # compound surnames: 欧阳, 司马 ...


@lru_cache(maxsize=8192)
def readings(han: str) -> frozenset[str]:
    """The syllables a character is read as, without tones, `v` for ü; itself when none is known."""
    # Imported when first needed: its dictionaries take a tenth of a second, and most reports are
    # written in the script of the subject's own name.
    from pypinyin import Style, pinyin  # noqa: PLC0415

    return frozenset(pinyin(han, style=Style.NORMAL, heteronym=True)[0])


def same_sound(one: str, other: str) -> bool:
    """Character by character the same sound: what comes of typing a name by its pinyin."""
    return len(one) == len(other) and all(
        a == b or not readings(a).isdisjoint(readings(b)) for a, b in zip(one, other, strict=True)
    )


def reads_as(han: str, latin: str) -> bool:
    """`latin` (folded) spells the name `han`, surname first or last, in however many words."""
    letters = latin.replace(" ", "")
    return any(_spells(letters, han[cut:] + han[:cut]) for cut in range(_SURNAME_MAX + 1))


def _spells(letters: str, han: str) -> bool:
    """Syllable by syllable, by any reading of each character, to the last letter."""
    places = {0}
    for character in han:
        places = {
            place + len(written)
            for place in places
            for written in _spellings(character)
            if letters.startswith(written, place)
        }
    return len(letters) in places


@lru_cache(maxsize=8192)
def _spellings(character: str) -> frozenset[str]:
    """All ways to write it. Passports write ü as YU, others as u or v.

    吕 is LYU in a passport (公安部出入境管理局 2012: ü is written YU).
    """
    return frozenset(one.replace("v", u) for one in readings(character) for u in ("yu", "u", "v"))
