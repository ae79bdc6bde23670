"""Is this report about the subject of the permit?

Each field both sides know is compared and weighs for or against, in milli-bits (log2 of the odds
times 1000, so weights add; Fellegi and Sunter 1969). A field one side lacks weighs nothing. The
prior is not zero: the source looked the report up by the identifiers it was sent. Weights and
thresholds are data (`config/merge.toml`). A judgement names fields, never values.
"""

import re
import unicodedata
from collections.abc import Iterable, Iterator
from datetime import date
from enum import StrEnum

from pydantic import BaseModel, ConfigDict
from rapidfuzz.distance import OSA
from stdnum.cn import ric

from connectors.money import PartialDate
from connectors.records import IdDocument, Phone, Report
from connectors.records import Identity as Reported
from consent.identity import Identity
from gateway.profile import Judgement, Reason, Verdict

_MARKS = {ord(c): " " for c in "·•‧∙⋅・ㆍ᛫-"} | {ord(c): "" for c in ".'’․"}
# Dots and hyphens part the words of a name; apostrophes and full stops are not always written.
_MOBILE = re.compile(r"(?:00|\+)?(?:86)?(1\d{10})")
_SEPARATORS = re.compile(r"[\s()-]")
_MASK = "*"
_OLD_RIC_DIGITS = 15  # GB 11643-1989: no century, no check digit
_NEAR_NAME_LETTERS = 5  # below that, one letter makes another name (most Chinese names)


class Level(StrEnum):
    """How a comparison came out; each field uses some of them."""

    SAME = "same"
    NEAR = "near"
    MASKED = "masked"
    PARTIAL = "partial"
    TRANSPOSED = "transposed"
    MISTYPED = "mistyped"
    DIFFERENT = "different"


class _Weights(BaseModel):
    model_config = ConfigDict(frozen=True, extra="forbid")

    same: int
    different: int


class DocumentWeights(_Weights):
    """`mistyped`: one slip away and not itself a valid number; `masked`: what is shown agrees."""

    masked: int
    mistyped: int


class NameWeights(_Weights):
    """`near`: one letter apart in a long name; `masked`: what is shown agrees."""

    near: int
    masked: int


class BirthWeights(_Weights):
    """`partial`: agrees as far as it goes; `transposed`: day and month exchanged."""

    partial: int
    transposed: int


class PhoneWeights(_Weights):
    """People change numbers: `different` says little."""


class PersonRules(BaseModel):
    """`[person]` of `config/merge.toml`; all numbers are milli-bits."""

    model_config = ConfigDict(frozen=True, extra="forbid")

    match: int
    review: int
    prior: int
    document: DocumentWeights
    name: NameWeights
    birth_date: BirthWeights
    phone: PhoneWeights


def judge(subject: Identity, report: Report, rules: PersonRules) -> Judgement:
    """Weigh a report's identity records against the subject.

    When a report holds several they must all fit: the judgement is that of the worst.
    """
    identities: list[Reported | None] = [r for r in report.records if isinstance(r, Reported)]
    phones = [r.number for r in report.records if isinstance(r, Phone)]
    found = [_judged(subject, one, phones, rules) for one in identities or [None]]
    return min(found, key=lambda one: (one.score, [reason.level for reason in one.reasons]))


def _judged(
    subject: Identity, reported: Reported | None, phones: Iterable[str], rules: PersonRules
) -> Judgement:
    reasons = tuple(
        Reason(field, level.value, getattr(getattr(rules, field), level.value))
        for field, level in _compared(subject, reported, phones)
        if level is not None
    )
    score = rules.prior + sum(reason.weight for reason in reasons)
    if score >= rules.match:
        return Judgement(Verdict.MATCH, score, reasons)
    verdict = Verdict.REVIEW if score >= rules.review else Verdict.MISMATCH
    return Judgement(verdict, score, reasons)


def _compared(
    subject: Identity, reported: Reported | None, phones: Iterable[str]
) -> Iterator[tuple[str, Level | None]]:
    """Field by field; None where one side lacks it."""
    if reported is not None:
        yield "document", document(subject, reported.documents)
        yield "name", name(subject.name, reported.name)
        yield "birth_date", birth_date(subject.birth_date, reported.birth_date)
    yield "phone", phone(subject.mobile, phones)


_BEST_FIRST = (Level.SAME, Level.MASKED, Level.MISTYPED, Level.DIFFERENT)


def document(subject: Identity, documents: Iterable[IdDocument]) -> Level | None:
    """The best fit among the documents of the subject's own type."""
    levels = {
        _number(subject.id_type, subject.id_number, reported.number)
        for reported in documents
        if reported.type == subject.id_type
    }
    return next((level for level in _BEST_FIRST if level in levels), None)


def _number(id_type: str, ours: str, reported: str) -> Level | None:
    theirs = "".join(unicodedata.normalize("NFKC", reported).split()).upper()
    resident = id_type == "CN_RIC"
    if resident and len(theirs) == _OLD_RIC_DIGITS and theirs.isdecimal():
        stem = f"{theirs[:6]}19{theirs[6:]}"
        theirs = stem + str(ric.calc_check_digit(stem + "0"))
    if theirs == ours:
        return Level.SAME
    if _MASK in theirs:
        return _masked(ours, theirs)
    # The check digit (GB 11643, ISO 7064 MOD 11-2) catches every single slip and transposition, so
    # a number one slip away is no number; two real ones, as twins have, differ in two places.
    if resident and OSA.distance(ours, theirs) == 1:
        return Level.MISTYPED
    return Level.DIFFERENT


def name(ours: str, reported: str | None) -> Level | None:
    """Spelling, width, spaces, dots and the order of words do not matter; letters do."""
    if reported is None or not (theirs := _spelled(reported)):
        return None
    mine = _spelled(ours)
    if mine == theirs:
        return Level.SAME
    if _MASK in theirs:
        return _masked(mine, theirs)
    if _in_han(mine) != _in_han(theirs):
        return None  # a transliteration: nothing here can read it
    if min(len(mine), len(theirs)) >= _NEAR_NAME_LETTERS and OSA.distance(mine, theirs) == 1:
        return Level.NEAR
    return Level.DIFFERENT


def _spelled(text: str) -> str:
    """One spelling: no width, case, accents or dots; words sorted, Han characters joined."""
    plain = unicodedata.normalize("NFKD", text).casefold().translate(_MARKS)
    words = "".join(c for c in plain if not unicodedata.combining(c)).split()
    return "".join(words) if _in_han(plain) else " ".join(sorted(words))


def _in_han(text: str) -> bool:
    return any(unicodedata.name(letter, "").startswith("CJK") for letter in text)


def _masked(ours: str, theirs: str) -> Level | None:
    """A number or name with stars: what is shown must agree, and enough must be shown."""
    shown = [(mine, their) for mine, their in zip(ours, theirs, strict=False) if their != _MASK]
    if len(ours) != len(theirs) or any(mine != their for mine, their in shown):
        return Level.DIFFERENT
    return Level.MASKED if 3 * len(shown) >= len(ours) else None


def birth_date(ours: date | None, reported: PartialDate | None) -> Level | None:
    """Agreement as far as the reported date goes."""
    if ours is None or reported is None:
        return None
    if reported.earliest() <= ours <= reported.latest():
        return Level.SAME if reported.day else Level.PARTIAL
    if (reported.year, reported.month, reported.day) == (ours.year, ours.day, ours.month):
        return Level.TRANSPOSED
    return Level.DIFFERENT


def phone(ours: str | None, reported: Iterable[str]) -> Level | None:
    """Any of the reported mobile numbers; landlines and masked numbers say nothing."""
    mobiles = [found for number in reported if (found := _mobile(number))]
    if ours is None or not mobiles:
        return None
    return Level.SAME if ours in mobiles else Level.DIFFERENT


def _mobile(text: str) -> str | None:
    found = _MOBILE.fullmatch(_SEPARATORS.sub("", unicodedata.normalize("NFKC", text)))
    return f"86{found[1]}" if found else None
