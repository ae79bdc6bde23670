"""gateway.resolve.weighing: the score is what is left of the doubt against the likeliest rival."""

import pytest
from hypothesis import given
from hypothesis import strategies as st
from pydantic import ValidationError

from gateway.profile import Verdict
from gateway.resolve.person import LEVELS, PersonRules
from gateway.resolve.weighing import Level, Rival, Weighing
from tests.gateway.reports import CONFIG, table

RULES = CONFIG.person["CN"]
AGREEING = {field: levels[0] for field, levels in LEVELS.items() if field != "spouse"}
LEVEL = st.sampled_from([(field, level) for field, levels in LEVELS.items() for level in levels])
EVIDENCE = st.lists(LEVEL, unique_by=lambda one: one[0])


def test_the_score_is_the_lowest_of_the_rivals() -> None:
    """Thinking of one more person who it could be never makes it surer."""
    stranger = Rival(prior=0, fields={"phone": {Level.SAME: 9}})
    relative = Rival(prior=2, fields={"phone": {Level.SAME: 3}})
    rules = Weighing(match=6, review=4, rivals={"stranger": stranger, "relative": relative})
    alone = Weighing(match=6, review=4, rivals={"stranger": stranger})

    got = rules.judge([("phone", Level.SAME)])
    assert (got.score, got.verdict, got.rival) == (5, Verdict.REVIEW, "relative")
    assert [reason.weight for reason in got.reasons] == [3]
    assert alone.judge([("phone", Level.SAME)]).verdict is Verdict.MATCH


@pytest.mark.parametrize(
    ("score", "verdict"),
    [(6, Verdict.MATCH), (5, Verdict.REVIEW), (4, Verdict.REVIEW), (3, Verdict.MISMATCH)],
)
def test_thresholds_belong_to_the_better_verdict(score: int, verdict: Verdict) -> None:
    """`match` and `review` are the lowest scores that still count as such."""
    rules = Weighing(match=6, review=4, rivals={"stranger": Rival(prior=score, fields={})})

    assert rules.judge([]).verdict is verdict


@given(st.permutations(["relative", "sibling", "stranger"]))
def test_of_rivals_that_leave_the_same_doubt_the_first_by_name_is_told(names: list[str]) -> None:
    """The order of tables in a file says nothing."""
    rules = Weighing(match=6, review=4, rivals={name: Rival(prior=5, fields={}) for name in names})

    assert rules.judge([]).rival == "relative"


def test_what_another_field_implied_weighs_nothing() -> None:
    """A birth date inside the number is not a second witness."""
    with_it = RULES.judge([("document", Level.SAME), ("birth_date", Level.IMPLIED)])
    without = RULES.judge([("document", Level.SAME)])

    assert with_it.score == without.score
    assert [reason.weight for reason in with_it.reasons] == [26_000, 0]


@given(EVIDENCE, st.sampled_from(sorted(AGREEING.items())))
def test_an_agreeing_field_never_lowers_the_score(
    found: list[tuple[str, Level]], more: tuple[str, Level]
) -> None:
    """Or a report would gain by leaving out what agrees."""
    rest = [one for one in found if one[0] != more[0]]

    assert RULES.judge([*rest, more]).score >= RULES.judge(rest).score


@given(EVIDENCE, st.sampled_from(sorted(LEVELS)))
def test_a_contradiction_never_raises_the_score(found: list[tuple[str, Level]], field: str) -> None:
    """Or a report would gain by saying what is wrong."""
    rest = [one for one in found if one[0] != field]

    assert RULES.judge([*rest, (field, LEVELS[field][-1])]).score <= (
        RULES.judge([*rest, (field, LEVELS[field][0])]).score
    )


@pytest.mark.parametrize("field", ["document", "name"])
def test_no_pile_of_agreement_outweighs_another_name_or_number(field: str) -> None:
    """A spouse shares address, telephone and employer: that must never add up to a match."""
    found = {**AGREEING, field: Level.DIFFERENT}

    assert RULES.judge(tuple(found.items())).verdict is not Verdict.MATCH


@pytest.mark.parametrize(
    ("rival", "field", "level", "weight", "said"),
    [
        ("stranger", "phone", "same", -1, "stranger.phone.same"),
        ("relative", "name", "different", 1, "relative.name.different"),
        ("relative", "name", "sounds", 1, "sounds"),
    ],
)
def test_weights_that_make_no_sense_are_refused(
    rival: str, field: str, level: str, weight: int, said: str
) -> None:
    """A sign typed wrong in a file would merge strangers."""
    plain = table("person/cn.toml")
    plain["rivals"][rival]["fields"][field][level] = weight

    with pytest.raises(ValidationError, match=said):
        PersonRules.model_validate(plain)


@pytest.mark.parametrize(("field", "level"), [("phone", "masked"), ("employer", None)])
def test_a_weight_left_out_is_refused(field: str, level: str | None) -> None:
    """It would fail on the first report that needs it."""
    plain = table("person/cn.toml")
    fields = plain["rivals"]["stranger"]["fields"]
    if level is None:
        del fields[field]
    else:
        del fields[field][level]

    with pytest.raises(ValidationError, match=field):
        PersonRules.model_validate(plain)
