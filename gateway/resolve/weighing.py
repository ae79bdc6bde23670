"""Weighing evidence: is it the one person, or who else could it be?

Each field that both descriptions know came out at a level, and each level has a weight in
milli-bits: log2 of how much more often it comes out so when the two are one person than when
they are two, times 1000, so that weights add (Fellegi and Sunter 1969). A field one side lacks
is not weighed.

"Two" is not one thing. A stranger shares nothing but by chance; a twin, a spouse or a father of
the same name shares address, telephone and half the name, and that must not add up to a match.
So the evidence is weighed against each rival that the rules name, and the score is the lowest:
what is left of the doubt when the likeliest other person has been thought of.
"""

from collections.abc import Mapping, Sequence
from enum import StrEnum
from functools import cached_property
from operator import itemgetter

from pydantic import BaseModel, ConfigDict, Field

from gateway.profile import Judgement, Reason, Verdict


class Level(StrEnum):
    """How the comparison of one field came out; each field uses some of them."""

    SAME = "same"
    IMPLIED = "implied"  # agrees, but another field has said so already: never weighs anything
    READS = "reads"  # the same sound in another script
    FORMER = "former"  # agrees with an older value
    MASKED = "masked"  # what is shown agrees
    PARTIAL = "partial"  # agrees as far as it goes
    NEAR = "near"
    MISTYPED = "mistyped"  # one slip of a key apart
    TRANSPOSED = "transposed"  # two parts exchanged
    RENAMED = "renamed"  # another surname, the same given name
    UNREAD = "unread"  # another script, and no reading of it that we know
    DIFFERENT = "different"


Weights = Mapping[str, Mapping[Level, int]]
"""Field to level to milli-bits."""


class Rival(BaseModel):
    """Who else it could be: `prior` before any evidence, and the weights of fields against them."""

    model_config = ConfigDict(frozen=True, extra="forbid")

    prior: int
    fields: Weights


class Weighing(BaseModel):
    """At or above `match` it is the one person, below `review` it is not; milli-bits."""

    model_config = ConfigDict(frozen=True, extra="forbid")

    match: int
    review: int
    rivals: Mapping[str, Rival] = Field(min_length=1)

    @cached_property
    def _against(self) -> tuple[tuple[str, int, Mapping[str, Mapping[Level, Reason]]], ...]:
        """Each rival's prior and, made once, the reason that each field and level is."""
        return tuple(
            (name, rival.prior, {field: _reasons(field, w) for field, w in rival.fields.items()})
            for name, rival in sorted(self.rivals.items())
        )

    def judge(self, found: Sequence[tuple[str, Level]]) -> Judgement:
        """The verdict on these comparisons; its reasons weigh against the likeliest rival."""
        against = []
        for name, prior, told in self._against:
            reasons = [told[field][level] for field, level in found]
            against.append((prior + sum([one.weight for one in reasons]), name, reasons))
        score, rival, reasons = min(against, key=_SCORE)
        if score >= self.match:
            return Judgement(Verdict.MATCH, score, tuple(reasons), rival)
        verdict = Verdict.REVIEW if score >= self.review else Verdict.MISMATCH
        return Judgement(verdict, score, tuple(reasons), rival)


_SCORE = itemgetter(0)  # of rivals that leave the same doubt the first by name


def _reasons(field: str, weights: Mapping[Level, int]) -> dict[Level, Reason]:
    weighed = {Level.IMPLIED: 0, **weights}
    return {level: Reason(field, level.value, weight) for level, weight in weighed.items()}
