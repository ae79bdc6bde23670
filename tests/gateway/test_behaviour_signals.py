"""gateway.signals on what the lender's own systems pushed: logins, and what loans are for."""

from collections.abc import Sequence
from datetime import UTC, datetime, timedelta
from itertools import count
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from connectors.records import (
    AccountKind,
    LoanPurpose,
    LoanUse,
    Login,
    LoginOutcome,
    ObservedUse,
    Report,
)
from connectors.sandbox.world import World
from gateway.profile import BorrowerProfile, SignalResult, SignalState
from gateway.profile.concluded import Evidence, Stated
from gateway.signals.logins import _burst
from tests.connectors.test_pushed_sandbox import pushed
from tests.gateway.reports import CONFIG, TODAY, card, loan, merged, pulled, silent

FIRED, QUIET, UNDECIDED = SignalState
PUSHED = ("app_logins", "loan_purposes")
HOME, AWAY, NEXT_DOOR = "310000", "440300", "320500"
NOW = datetime(TODAY.year, TODAY.month, TODAY.day, 4, tzinfo=UTC)  # noon in China
ODD = CONFIG.signals.abnormal_logins
_ids = count()


def login(ago: timedelta = timedelta(), **changed: Any) -> Login:
    """A login of the usual device at home, some time ago."""
    at = NOW - ago
    known: dict[str, Any] = {
        "event": "lg-1",
        "source": "app_logins",
        "record_id": f"L{next(_ids)}",
        "as_of": at.date(),
        "at": at,
        "outcome": LoginOutcome.SUCCESS,
        "method": "password",
        "device": "device-old",
        "region": HOME,
    }
    return Login(**known | changed)


def failures(number: int, *, every_s: int = 60, ago: timedelta = timedelta()) -> list[Login]:
    """Attempts that failed, one after the other."""
    return [
        login(ago + timedelta(seconds=every_s * n), outcome=LoginOutcome.FAILURE)
        for n in range(number)
    ]


HABIT = [login(timedelta(days=10 + n)) for n in range(5)]


def logins(*told: Login) -> SignalResult:
    """The signal for these logins."""
    return signal("abnormal_logins", pulled(*told))


def signal(name: str, profile: BorrowerProfile) -> SignalResult:
    """One signal of a profile."""
    assert profile.signals is not None
    return next(one for one in profile.signals.results if one.id == name)


def observed(result: SignalResult) -> dict[str, int]:
    """The numbers it looked at."""
    return {one.name: one.value for one in result.observed}


# -- abnormal_logins -------------------------------------------------------------------------


def test_a_usual_week_is_quiet() -> None:
    """The same device at the same place, and a slip now and then."""
    got = logins(*HABIT, *(login(timedelta(hours=9 * n)) for n in range(10)), *failures(2))

    assert got.state is QUIET
    assert observed(got) == {
        "failures": 2, "new_device_in_new_place": 0, "impossible_travels": 0, "logins": 12,
    }  # fmt: skip


@pytest.mark.parametrize(
    ("number", "every_s", "state"), [(6, 60, FIRED), (5, 60, QUIET), (12, 240, QUIET)]
)
def test_many_failures_in_a_short_time_fire(number: int, every_s: int, state: SignalState) -> None:
    """Six within a quarter of an hour are somebody guessing; a dozen over an hour are not."""
    assert logins(*failures(number, every_s=every_s)).state is state


def test_blocked_attempts_count_like_failed_ones() -> None:
    """Whoever is stopped by a rule tried all the same."""
    tries = failures(3) + [
        login(timedelta(minutes=n), outcome=LoginOutcome.BLOCKED) for n in range(3)
    ]

    assert logins(*tries).state is FIRED


def test_failures_of_last_week_are_over() -> None:
    """A window of seven days is these seven days."""
    assert logins(login(), *failures(9, ago=timedelta(days=7))).state is QUIET
    assert logins(login(), *failures(9, ago=timedelta(days=6))).state is FIRED


def naive_burst(failed: Sequence[Stated[Login]]) -> list[Stated[Login]]:
    """The first longest run of failures that begins anywhere and lasts no longer than the span."""
    span = timedelta(minutes=ODD.failure_minutes)
    runs = [
        [one for one in failed[start:] if one.record.at - first.record.at <= span]
        for start, first in enumerate(failed)
    ]
    return max(runs, key=len, default=[])


def in_order(ago_s: list[int]) -> list[Stated[Login]]:
    """Failures so many seconds ago each, the oldest first."""
    return [
        Stated(login(timedelta(seconds=ago)), (Evidence("app_logins", "R", "L"),))
        for ago in sorted(ago_s, reverse=True)
    ]


@given(st.lists(st.integers(0, 4 * 60).map(lambda n: 30 * n), max_size=40))
def test_the_burst_is_the_longest_run_within_its_span(ago_s: list[int]) -> None:
    """Both ends of the span count, failures of one instant stand together, the first run wins."""
    failed = in_order(ago_s)

    assert _burst(failed, ODD) == naive_burst(failed)


def test_a_flood_of_failures_is_looked_at_once() -> None:
    """Whoever guesses fast decides how many there are: twice as many may cost no four times."""

    class Watched(list[Stated[Login]]):
        handed_out = 0

        def __getitem__(self, place: Any) -> Any:
            found = super().__getitem__(place)
            self.handed_out += len(found) if isinstance(place, slice) else 1
            return found

    failed = Watched(in_order([0] * 500))

    assert len(_burst(failed, ODD)) == 500
    assert failed.handed_out <= 3 * 500


def test_a_new_device_in_a_new_place_fires() -> None:
    """Both at once, on an account whose habits are known: somebody else may hold the password."""
    stranger = login(device="device-new", region=AWAY)
    got = logins(*HABIT, stranger)

    assert got.state is FIRED
    assert observed(got)["new_device_in_new_place"] == 1
    assert {one.record_id for one in got.basis} == {stranger.record_id}


@pytest.mark.parametrize("same", [{"device": "device-old"}, {"region": HOME}])
def test_one_of_both_new_is_a_journey_or_a_new_phone(same: dict[str, Any]) -> None:
    """People travel with their telephone, and buy one at home."""
    new: dict[str, Any] = {"device": "device-new", "region": AWAY} | same

    assert logins(*HABIT, login(**new)).state is QUIET


def test_a_device_that_came_before_the_place_is_no_stranger() -> None:
    """A telephone bought last week goes on its first journey."""
    bought = login(timedelta(days=5), device="device-new")

    assert logins(*HABIT, bought, login(device="device-new", region=AWAY)).state is QUIET


def test_nothing_came_before_the_first_day_of_the_calendar() -> None:
    """A wrong clock of the platform is no reason for a pull to fail."""
    first = login(NOW - datetime.min.replace(tzinfo=UTC))

    assert logins(first, *HABIT).state is QUIET


def test_nothing_is_new_to_a_new_subject() -> None:
    """Fewer than five logins are no habit to differ from."""
    assert logins(*HABIT[1:], login(device="device-new", region=AWAY)).state is QUIET


@pytest.mark.parametrize(
    ("minutes", "region", "state"),
    [(90, AWAY, FIRED), (91, AWAY, QUIET), (5, NEXT_DOOR, QUIET), (5, "310100", QUIET)],
)
def test_two_far_provinces_at_once_fire(minutes: int, region: str, state: SignalState) -> None:
    """Nobody travels from Shanghai to Shenzhen in that time; to Suzhou people go to work."""
    assert logins(login(timedelta(minutes=minutes)), login(region=region)).state is state


def test_a_failed_attempt_from_afar_is_no_travel() -> None:
    """Where nobody got in, nobody was."""
    tried = login(region=AWAY, outcome=LoginOutcome.FAILURE)

    assert logins(login(timedelta(minutes=5)), tried).state is QUIET


@pytest.mark.parametrize("unsaid", ["device", "region"])
def test_a_login_from_anywhere_leaves_it_undecided(unsaid: str) -> None:
    """What is not said may be the very thing; what fires without it fires."""
    blank: dict[str, Any] = {unsaid: None}
    vague = login(**blank)

    assert (logins(vague).state, logins(vague).reason) == (UNDECIDED, "unknown_values")
    assert logins(vague, *failures(6)).state is FIRED


def test_without_the_source_it_is_undecided() -> None:
    """No login in hand is no proof of none."""
    assert signal("abnormal_logins", pulled()).reason == "no_source"
    away = signal("abnormal_logins", merged(silent("app_logins")))
    assert (away.reason, away.lacking) == ("source_lacking", ("app_logins",))


def test_another_part_of_behaviour_does_not_answer_for_logins() -> None:
    """That purposes are known says nothing about logins: each list is known by itself."""
    assert signal("abnormal_logins", pulled(purpose())).state is UNDECIDED


@given(st.permutations([*HABIT, *failures(7), login(device="device-new", region=AWAY)]))
def test_the_order_they_came_in_does_not_matter(told: list[Login]) -> None:
    """Pushes may overtake each other."""
    got = logins(*told)

    assert observed(got)["failures"] == 7
    assert observed(got)["new_device_in_new_place"] == 1


# -- restricted_purpose ----------------------------------------------------------------------


def purpose(**changed: Any) -> LoanPurpose:
    """A loan for a harmless thing, declared today."""
    known: dict[str, Any] = {
        "event": "lp-1",
        "source": "loan_purposes",
        "record_id": f"P{next(_ids)}",
        "as_of": TODAY,
        "declared_on": TODAY,
        "declared": LoanUse.RENOVATION,
    }
    return LoanPurpose(**known | changed)


def uses(*told: Any) -> SignalResult:
    """The signal for these purposes and accounts."""
    return signal("restricted_purpose", pulled(*told))


def seen(use: LoanUse) -> tuple[ObservedUse, ...]:
    return (ObservedUse(on=TODAY, use=use),)


RESTRICTED = [
    LoanUse.PROPERTY, LoanUse.SECURITIES, LoanUse.DERIVATIVES, LoanUse.ASSET_MANAGEMENT,
    LoanUse.EQUITY, LoanUse.FIXED_ASSETS,
]  # fmt: skip


@pytest.mark.parametrize("use", RESTRICTED)
def test_a_restricted_use_fires_declared_or_observed(use: LoanUse) -> None:
    """Whether the subject says it or the payee shows it."""
    said, done = uses(purpose(declared=use)), uses(purpose(observed=seen(use)))

    assert (said.state, done.state) == (FIRED, FIRED)
    assert observed(said)["restricted_uses_declared"] == 1
    assert observed(done)["restricted_uses_observed"] == 1
    assert said.basis


@pytest.mark.parametrize("use", [u for u in LoanUse if u not in RESTRICTED and u != LoanUse.OTHER])
def test_other_uses_are_quiet(use: LoanUse) -> None:
    """What loans are for."""
    assert uses(purpose(declared=use, observed=seen(use))).state is QUIET


def test_other_may_be_anything() -> None:
    """A declaration that says nothing is no all-clear."""
    assert uses(purpose(declared=LoanUse.OTHER)).reason == "unknown_values"
    assert uses(purpose(observed=seen(LoanUse.OTHER))).reason == "unknown_values"
    assert uses(purpose(declared=LoanUse.OTHER, observed=seen(LoanUse.EQUITY))).state is FIRED


def test_an_old_declaration_is_over() -> None:
    """366 days, by the day the platform last learned something of it."""
    old = {"declared": LoanUse.SECURITIES, "declared_on": TODAY - timedelta(days=400)}

    assert uses(purpose(**old, as_of=TODAY - timedelta(days=366))).state is QUIET
    assert uses(purpose(**old, as_of=TODAY - timedelta(days=365))).state is FIRED


@pytest.mark.parametrize("product", ["margin_trading", "stock_pledge_repurchase"])
def test_a_securities_account_at_a_bureau_fires(product: str) -> None:
    """The bureau's own business type says what the money is for; a closed one is over."""
    said = {"kind": AccountKind.INSTALMENT_LOAN, "product": product}
    got = uses(purpose(), loan("pboc", "S1", **said))

    assert got.state is FIRED
    assert [str(one) for one in got.basis] == ["pboc/R-pboc/S1"]
    assert got.grounds == ("securities_account",)
    assert observed(got)["securities_accounts"] == 1


def test_a_mortgage_is_no_misuse() -> None:
    """A loan for a home is what a home is bought with; the rule is about other loans."""
    assert uses(purpose(), loan("pboc", "M1", product="housing_loan"), card("pboc", "C")).state is (
        QUIET
    )


def test_it_needs_both_the_platform_and_the_bureau() -> None:
    """Quiet says that both were heard."""
    assert uses().reason == "no_source"
    silent_bureau = pulled(purpose(), nothing_from=("pboc",))
    assert signal("restricted_purpose", silent_bureau).lacking == ("pboc",)


# -- lives -----------------------------------------------------------------------------------


@pytest.mark.parametrize("size", [60, pytest.param(200, marks=pytest.mark.slow)])
def test_ordinary_lives_raise_no_alarm(size: int) -> None:
    """Journeys, new telephones and slips of the finger, over a population: no false alarm."""
    fired = []
    for life in World(seed=11, today=TODAY, size=size).lives():
        told = [said for name in PUSHED if isinstance(said := pushed(name, life), Report)]
        profile = pulled(*(record for report in told for record in report.records))
        alarms = {one for one in ("abnormal_logins", "restricted_purpose")
                  if signal(one, profile).state is FIRED}  # fmt: skip
        if alarms:
            fired.append((life.persona, alarms))

    assert fired == [
        ("abnormal-logins", {"abnormal_logins"}), ("restricted-purpose", {"restricted_purpose"}),
    ]  # fmt: skip
