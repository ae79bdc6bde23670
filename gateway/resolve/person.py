"""Is this report about the subject of the permit?

Each field both sides know is compared and weighs for or against, in milli-bits (log2 of the odds
times 1000, so weights add; Fellegi and Sunter 1969). A field one side lacks weighs nothing. The
prior is not zero: the source looked the report up by the identifiers it was sent. Weights and
thresholds are data (`config/merge.toml`). A judgement names fields, never values.
"""

import unicodedata
from collections.abc import Iterable, Iterator
from enum import StrEnum

from pydantic import BaseModel, ConfigDict
from rapidfuzz.distance import OSA
from stdnum.cn import ric
from stdnum.exceptions import ValidationError

from connectors.money import PartialDate
from connectors.records import IdDocument, Phone, Report
from connectors.records import Identity as Reported
from consent.identity import Identity
from gateway.profile import Judgement, Reason, Verdict

_MIDDLE_DOTS = dict.fromkeys(map(ord, "·•‧∙⋅・･ㆍ᛫․.'’-"))  # between the parts of a name
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
    return min(found, key=lambda judgement: (judgement.score, judgement.reasons))


def _judged(
    subject: Identity, reported: Reported | None, phones: list[str], rules: PersonRules
) -> Judgement:
    reasons = tuple(_reasons(subject, reported, phones, rules))
    score = rules.prior + sum(reason.weight for reason in reasons)
    if score >= rules.match:
        verdict = Verdict.MATCH
    else:
        verdict = Verdict.REVIEW if score >= rules.review else Verdict.MISMATCH
    return Judgement(verdict, score, reasons)


def _reasons(
    subject: Identity, reported: Reported | None, phones: list[str], rules: PersonRules
) -> Iterator[Reason]:
    """Every comparison that both sides allow, in a fixed order."""
    levels: list[tuple[str, Level | None, _Weights]] = []
    if reported is not None:
        born = subject.birth_date
        levels = [
            ("document", document(subject, reported.documents), rules.document),
            ("name", reported.name and name(subject.name, reported.name) or None, rules.name),
            ("birth_date", born and birth_date(born, reported.birth_date), rules.birth_date),
        ]
    levels.append(("phone", phone(subject.mobile, phones), rules.phone))
    for field, level, weights in levels:
        if level:
            yield Reason(field, level.value, getattr(weights, level.value))
