"""gateway.signals and attributes on contributions and income: from made-up records, and from lives.

The lives go the whole way: rendered in each source's wire format, read by its connector, merged.
"""

from dataclasses import replace
from datetime import date

import pytest

from connectors.http import RawAnswer
from connectors.money import Money, Month
from connectors.records import Contribution, ContributionMonth, Income, IncomeMonth, NoHit, Report
from connectors.sandbox import bureaus, personas
from connectors.sandbox.facts import Life
from connectors.sandbox.lenders import HOUSING_FUND, PBOC, SOCIAL_INSURANCE
from consent import identity
from gateway.merge import merge
from gateway.profile import (
    AttributeValue,
    BorrowerProfile,
    Heard,
    Outcome,
    SignalResult,
    SignalState,
    SourceLine,
)
from tests.connectors.test_pushed_sandbox import pushed
from tests.connectors.test_sources_read_the_sandbox import NOON, WORLD, connector, rendered
from tests.gateway.reports import (
    ALL,
    CONFIG,
    NEWEST,
    contribution,
    heard,
    income,
    merged,
    silent,
)

FIRED, QUIET, UNDECIDED = SignalState
PUSHED = ("app_logins", "loan_purposes")
EVERYBODY = (
    "pboc",
    "baihang",
    "bairong",
    "tongdun",
    "housing_fund",
    "social_insurance",
    "region_risk",
    "telecom",
    *PUSHED,
)


def signal(name: str, profile: BorrowerProfile) -> SignalResult:
    """One signal of a profile."""
    assert profile.signals is not None
    return next(one for one in profile.signals.results if one.id == name)


def observed(result: SignalResult) -> dict[str, int]:
    """The numbers it looked at."""
    return {one.name: one.value for one in result.observed}


def attribute(name: str, profile: BorrowerProfile) -> AttributeValue:
    """One attribute of a profile."""
    assert profile.attributes is not None
    return next(one for one in profile.attributes.values if one.name == name)


def lapse(*records: Contribution) -> SignalResult:
    """The signal where insurance and fund both answered."""
    said = {source: [r for r in records if r.source == source] for source in EVERYBODY}
    profile = merged(
        *(heard(source, *said[source]) for source in (PBOC, HOUSING_FUND, SOCIAL_INSURANCE))
    )
    return signal("contribution_lapse", profile)


def drop(*records: Income) -> SignalResult:
    """The signal where insurance and fund both answered."""
    return signal("income_drop", merged(heard(HOUSING_FUND), heard(SOCIAL_INSURANCE, *records)))


# -- contribution_lapse ----------------------------------------------------------------------


def test_two_months_unpaid_are_a_lapse() -> None:
    """In March January was the last month paid; February alone may still be on its way."""
    assert lapse(contribution()).state is QUIET
    got = lapse(contribution(paid_to=Month(2026, 1)))

    assert (got.state, observed(got)) == (FIRED, {"pension_months_unpaid": 2})
    assert [str(e) for e in got.basis] == ["social_insurance/R-social_insurance/K1"]


def test_a_sealed_account_is_a_lapse_at_once() -> None:
    """The state says so before the months do."""
    assert lapse(contribution(status="suspended")).state is FIRED


def test_the_housing_fund_at_pboc_counts() -> None:
    """PF05 says what the fund's own site would; either kind of contribution is enough."""
    fund = contribution(PBOC, kind="housing_fund", as_of=date(2026, 2, 28), paid_to=Month(2025, 11))
    got = lapse(contribution(), fund)

    assert (got.state, observed(got)) == (FIRED, {"housing_fund_months_unpaid": 3})
    assert [str(e) for e in got.basis] == ["pboc/R-pboc/K1"]


def test_months_count_up_to_what_the_source_vouches_for() -> None:
    """A statement of December that says paid in December is old, and no lapse."""
    old = contribution(as_of=date(2025, 12, 31), paid_to=Month(2025, 12))

    assert lapse(old).state is QUIET


def test_a_second_account_keeps_the_kind_going() -> None:
    """Who changed the employer has a sealed account and one that is paid into."""
    sealed = contribution(record_id="K2", status="suspended", paid_to=Month(2024, 5))

    assert lapse(contribution(), sealed).state is QUIET


def test_the_newer_statement_stands() -> None:
    """The fund's own site says today what PBOC cannot know yet."""
    pboc = contribution(PBOC, kind="housing_fund", as_of=date(2026, 2, 28), paid_to=NEWEST)
    fund = contribution(HOUSING_FUND, kind="housing_fund", status="suspended", paid_to=NEWEST)

    assert lapse(pboc, fund).state is FIRED


@pytest.mark.parametrize(
    "told",
    [
        (),
        (contribution(status=None, paid_to=None),),
        (contribution(as_of=date(2025, 11, 30), paid_to=Month(2025, 11)),),
        (contribution(kind="unemployment"),),
        (
            contribution(),
            contribution(HOUSING_FUND, "K2", kind="housing_fund", status=None, paid_to=None),
        ),
    ],
    ids=["nothing", "no month", "too old", "another kind", "one of two"],
)
def test_no_evidence_is_no_all_clear(told: tuple[Contribution, ...]) -> None:
    """Nobody said that contributions are paid."""
    got = lapse(*told)

    assert (got.state, got.reason) == (UNDECIDED, "unknown_values")


def test_a_silent_source_leaves_it_undecided() -> None:
    """The pension is paid; whether the fund is, its site did not say."""
    told = merged(heard(SOCIAL_INSURANCE, contribution()), silent(HOUSING_FUND))
    got = signal("contribution_lapse", told)

    assert (got.state, got.reason, got.lacking) == (UNDECIDED, "source_lacking", ("housing_fund",))


# -- income_drop -----------------------------------------------------------------------------


def test_a_base_three_tenths_lower_fires() -> None:
    """Against the same month a year before, to the basis point."""
    assert drop(income(7_001, *[10_000] * 12)).state is QUIET
    got = drop(income(7_000, *[10_000] * 12))

    assert (got.state, observed(got)) == (FIRED, {"drop_bp": 3_000})
    assert len(got.basis) == 1
    assert "7000" not in got.explanation


def test_a_base_a_little_less_than_three_tenths_lower_is_quiet() -> None:
    """By 2,999.9 basis points: a fall that is rounded up would fire before its threshold."""
    got = drop(income(70_001, *[100_000] * 12))

    assert (got.state, observed(got)) == (QUIET, {"drop_bp": 2_999})


def test_a_rise_is_no_drop() -> None:
    """The number is told all the same."""
    got = drop(income(12_000, *[10_000] * 12))

    assert (got.state, observed(got)) == (QUIET, {"drop_bp": -2_000})


@pytest.mark.parametrize(
    "told",
    [
        (),
        (income(5_000, *[10_000] * 11),),
        (income(5_000, *[10_000] * 11, None, 10_000),),
        (income(5_000, *[10_000] * 12, newest=Month(2025, 11)),),
        (income(5_000, *[10_000] * 12, told_by="unemployment"),),
        (income(5_000, newest=Month(1, 12)),),
    ],
    ids=[
        "nothing",
        "eleven months",
        "a gap a year ago",
        "too old",
        "another kind",
        "a year before the calendar",
    ],
)
def test_bases_that_do_not_compare_leave_it_undecided(told: tuple[Income, ...]) -> None:
    """A month further back, or a stale one, would be a guess."""
    got = drop(*told)

    assert (got.state, got.reason) == (UNDECIDED, "unknown_values")


# -- attributes ------------------------------------------------------------------------------


def test_months_paid_are_counted_once_and_in_the_window() -> None:
    """Pension and fund of one month are one month; the 24th month back is out."""
    months = tuple(ContributionMonth(month=NEWEST.plus(-ago)) for ago in (0, 1, 5, 22, 23))
    profile = merged(
        heard(SOCIAL_INSURANCE, contribution(months=months)),
        heard(HOUSING_FUND, contribution(HOUSING_FUND, kind="housing_fund", months=months[:2])),
    )
    section = profile.attributes
    assert section is not None

    assert attribute("contribution_months_24m", profile).value == 4
    assert len(section.evidence("contribution_months_24m")) == 2
    assert attribute("months_since_last_contribution", profile).value == 1


def test_base_and_its_change_are_told() -> None:
    """In fen and in basis points; a fall is below zero."""
    profile = merged(heard(SOCIAL_INSURANCE, income(6_000, *[10_000] * 12)))

    assert attribute("contribution_base_cny", profile).value == 600_000
    assert attribute("contribution_base_change_12m", profile).value == -4_000


def test_what_nobody_said_is_missing_and_why() -> None:
    """PBOC tells the last month and no history: a count of 0 would be a lie."""
    profile = merged(heard(PBOC, contribution(PBOC)), heard(SOCIAL_INSURANCE))

    assert attribute("months_since_last_contribution", profile).value == 1
    assert attribute("contribution_months_24m", profile).missing == "no_history"
    assert attribute("contribution_base_cny", profile).missing == "no_amount"
    assert attribute("contribution_base_change_12m", profile).missing == "no_history"
    assert attribute("contribution_base_cny", merged(heard(PBOC))).missing == "no_source"
    bare = merged(heard(PBOC))
    assert attribute("months_since_last_contribution", bare).missing == "no_contribution"


def test_amounts_in_another_currency_are_left_out() -> None:
    """Nothing is converted."""
    dollars = (IncomeMonth(month=NEWEST, amount=Money(5, "USD")),)
    profile = merged(heard(SOCIAL_INSURANCE, replace(income(), months=dollars)))

    assert attribute("contribution_base_cny", profile).missing == "no_amount"


# -- lives -----------------------------------------------------------------------------------


def profile_of(life: Life, sources: tuple[str, ...] = EVERYBODY) -> BorrowerProfile:
    """What all sources say of a life, through their wire formats and connectors."""
    told = []
    for source in sources:
        said: Report | NoHit = NoHit(source=source, as_of=NOON)
        if source in PUSHED:
            said = pushed(source, life)
        elif bureaus.knows(life, source):
            said = connector(source).read(RawAnswer(rendered(source, life), NOON))
        found = said if isinstance(said, Report) else None
        outcome = Outcome.REPORT if found else Outcome.NO_HIT
        told.append(Heard(SourceLine(source=source, outcome=outcome, scopes=ALL), found))
    subject = identity.check(
        name=life.person.name,
        id_type="CN_RIC",
        id_number=life.person.id_number,
        mobile=life.person.mobile,
        allow_test_region=True,
    )
    return merge(told, subject, CONFIG, at=NOON, jurisdiction="CN")


@pytest.mark.parametrize("name", personas.ORDER)
def test_every_persona_raises_its_signals_and_no_other(name: str) -> None:
    """Every source in its own format, and what should be noticed is what is."""
    life = WORLD.persona(name)
    profile = profile_of(life)
    assert profile.signals is not None
    fired = {one.id for one in profile.signals.results if one.state is FIRED}

    assert {one.id for one in profile.signals.results} == personas.SIGNALS
    assert fired == life.fires


def test_a_steady_life_is_cleared_of_every_signal() -> None:
    """Quiet, not undecided: a signal that is never sure of anybody warns of nothing."""
    profile = profile_of(WORLD.persona("steady"))
    assert profile.signals is not None

    assert {one.id: one.state for one in profile.signals.results} == dict.fromkeys(
        personas.SIGNALS, QUIET
    )


def test_the_drop_of_a_life_is_the_one_it_had() -> None:
    """55 percent of the pay before, in every form it took; and steady pay is quiet."""
    got = signal("income_drop", profile_of(WORLD.persona("income-drop")))
    steady = signal("income_drop", profile_of(WORLD.persona("steady")))

    assert 4_490 <= observed(got)["drop_bp"] <= 4_510  # pay is in whole yuan
    assert [e.source for e in got.basis] == ["social_insurance"]
    assert (steady.state, observed(steady)) == (QUIET, {"drop_bp": 0})


def test_the_lapse_of_a_life_is_seen_by_each_source_alone() -> None:
    """The job ended five months ago; PBOC knows it of the fund, the insurance of the pension."""
    lapsed, steady = (WORLD.persona(name) for name in ("lapsed-contributions", "steady"))
    for source, kind in (
        (PBOC, "housing_fund"),
        (HOUSING_FUND, "housing_fund"),
        (SOCIAL_INSURANCE, "pension"),
    ):
        got = signal("contribution_lapse", profile_of(lapsed, (source,)))
        months = 5 if source == PBOC else 6  # PBOC vouches for the month before

        assert (got.state, observed(got)) == (FIRED, {f"{kind}_months_unpaid": months})
        assert signal("contribution_lapse", profile_of(steady, (source,))).state is QUIET


@pytest.mark.parametrize("size", [60, pytest.param(200, marks=pytest.mark.slow)])
def test_lives_that_did_not_lapse_do_not_fire(size: int) -> None:
    """Over a population: a lapse is one in the life, by pension or by fund."""
    fired = set()
    for life in map(WORLD.life, range(size)):
        got = signal("contribution_lapse", profile_of(life, (PBOC, HOUSING_FUND, SOCIAL_INSURANCE)))
        last = Month.of(WORLD.today).plus(-1)
        paid = [
            *life.pension_months[-1:],
            *([life.housing_fund.paid_to] if life.housing_fund else []),
        ]
        unpaid = any(last.since(month) >= 1 for month in paid)

        assert (got.state is FIRED) == unpaid, life
        fired |= {unpaid}
    assert fired == {True, False}
