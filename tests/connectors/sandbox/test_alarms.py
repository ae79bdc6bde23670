"""connectors.sandbox.alarms: which signals are true of a life, and where nobody can be sure."""

from collections import Counter
from datetime import date, timedelta

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from connectors.records import LenderType
from connectors.sandbox import alarms, truth
from connectors.sandbox.alarms import Loss, Say
from connectors.sandbox.borrowing import FEN
from connectors.sandbox.life import life
from connectors.sandbox.noise import DEFAULT, HEAVY, NONE, Noise
from connectors.sandbox.personas import (
    CARD_OVERDUE,
    CONTRIBUTION_LAPSE,
    INCOME_DROP,
    ORDER,
    PERSONAS,
    SIGNALS,
    SMALL_LOAN_CHURN,
    persona,
)
from connectors.sandbox.temperament import DEFAULTER, JOBLESS, SHOCKED, SPIRAL, Temperament
from tests.gateway.reports import CONFIG

TODAY = date(2026, 3, 15)
DAYS = st.dates(date(2024, 1, 1), date(2030, 12, 31))


def test_the_thresholds_are_those_that_are_shipped() -> None:
    """A truth by other numbers would call a sound signal wrong, or a wrong one sound."""
    rules = CONFIG.signals
    cards, surge, churn = (
        rules.card_overdue_increase,
        rules.multi_lender_surge,
        rules.small_loan_churn,
    )
    lapse, drop, region = rules.contribution_lapse, rules.income_drop, rules.regional_risk
    logins, purpose = rules.abnormal_logins, rules.restricted_purpose

    assert (cards.months, cards.stale_months) == (alarms.CARD_MONTHS, alarms.STALE_MONTHS)
    assert cards.cards == cards.increase == alarms.CARDS
    assert cards.dpd == 1
    assert (surge.recent_days, surge.before_days) == (alarms.RECENT_DAYS, alarms.BEFORE_DAYS)
    assert surge.recent_lenders == alarms.LENDERS
    assert surge.ratio_percent == 100 * alarms.PACE
    assert (churn.cycles, churn.window_days) == (alarms.CYCLES, alarms.CYCLE_DAYS)
    assert churn.life_days == alarms.CYCLE_LIFE_DAYS
    assert churn.applications == alarms.APPLICATIONS
    assert churn.application_days == alarms.APPLICATION_DAYS
    assert churn.application_lender_types == {LenderType.MICROLENDER}
    assert (churn.unpaid_days, churn.aged_days) == (truth.UNPAID_DAYS, truth.AGED_DAYS)
    assert (churn.unpaid, churn.on_unpaid) == (truth.UNPAID, truth.PILE)
    assert churn.owed_percent == truth.OWED_PERCENT
    assert churn.amount_minor == truth.SMALL_YUAN * FEN
    assert churn.lender_types == truth.NON_BANKS
    assert lapse.months == alarms.LAPSED_MONTHS
    assert drop.months == alarms.DROP_MONTHS
    assert drop.drop_bp == 100 * alarms.DROP_PERCENT
    assert lapse.stale_months == drop.stale_months == alarms.STALE_MONTHS
    assert (region.index, region.rise) == (alarms.INDEX, alarms.RISE)
    assert region.months == alarms.RISE_MONTHS
    assert (logins.days, logins.failures) == (alarms.LOGIN_DAYS, alarms.FAILURES)
    assert logins.known_logins == alarms.KNOWN_LOGINS
    assert timedelta(minutes=logins.failure_minutes) == alarms.FAILED_WITHIN
    assert timedelta(minutes=logins.together_minutes) == alarms.APPEARED_WITHIN
    assert timedelta(minutes=logins.travel_minutes) == alarms.TRAVELLED_WITHIN
    assert logins.commuting == tuple(map(frozenset, alarms.NEIGHBOURS))
    assert purpose.days == alarms.PURPOSE_DAYS
    assert purpose.uses == alarms.RESTRICTED


@settings(max_examples=6, deadline=None)
@given(st.integers(0, 10**6), DAYS)
def test_a_persona_shows_what_it_is_cast_for(seed: int, today: date) -> None:
    """Whoever and whenever: its signals are true, all others are not, nothing is borderline."""
    for name in ORDER:
        said = alarms.signals(persona(name, seed, today))

        assert said.keys() == SIGNALS
        assert {one for one, alarm in said.items() if alarm.say is Say.FIRE} == PERSONAS[name].fires
        assert all(alarm.say is not Say.BORDERLINE for alarm in said.values())


@pytest.mark.parametrize("noise", [DEFAULT, HEAVY], ids=["default", "heavy"])
def test_noise_blurs_a_persona_and_never_turns_it(noise: Noise) -> None:
    """A staged life with noise: what was cast is true, or hangs on the noise and says so."""
    for seed in range(4):
        for name in ORDER:
            for signal, alarm in alarms.signals(persona(name, seed, TODAY, noise=noise)).items():
                cast = Say.FIRE if signal in PERSONAS[name].fires else Say.QUIET

                assert alarm.say is cast or alarm.why == (Loss.NOISE,), (name, seed, signal)


@pytest.mark.parametrize(
    ("who", "signal"),
    [
        (SHOCKED, INCOME_DROP),
        (JOBLESS, CONTRIBUTION_LAPSE),
        (SPIRAL, SMALL_LOAN_CHURN),
        (SPIRAL, CARD_OVERDUE),
    ],
    ids=["shocked", "jobless", "spiral piles up", "spiral stops paying"],
)
def test_troubled_lives_are_what_signals_are_for(who: Temperament, signal: str) -> None:
    """Lives of nobody's persona fire as well; not all, as some have no card and some no pension."""
    said = [alarms.signals(life(7, 500 + n, TODAY, who))[signal].say for n in range(20)]

    assert said.count(Say.FIRE) >= 7


def test_old_arrears_are_no_news() -> None:
    """Who stopped paying sixteen months ago has no more cards in arrears than three months ago."""
    said = [alarms.signals(life(7, 700 + n, TODAY, DEFAULTER))[CARD_OVERDUE].say for n in range(20)]

    assert Say.FIRE not in said


def test_a_borderline_says_what_decides() -> None:
    """Each of the three losses decides somewhere, and noise nowhere without noise."""
    without, loud = (
        Counter(
            why
            for n in range(40)
            for alarm in alarms.signals(life(7, n, TODAY, SPIRAL, noise=noise)).values()
            for why in alarm.why or (["none"] if alarm.say is Say.BORDERLINE else [])
        )
        for noise in (NONE, HEAVY)
    )

    assert without.keys() == {Loss.COVERAGE, Loss.LAG}
    assert loud.keys() == set(Loss)
