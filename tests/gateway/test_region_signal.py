"""The signal regional_risk: a region that turned risky, told by its table; no other region."""

from datetime import date

import pytest

from connectors.money import Month
from connectors.records import RegionIndex
from connectors.sandbox.lenders import REGION_RISK
from consent.subject import Scope
from gateway.profile import Outcome, SignalResult, SignalState
from tests.connectors.test_sources_read_the_sandbox import WORLD
from tests.gateway.reports import heard, merged, region, silent
from tests.gateway.test_contribution_signals import observed, profile_of, signal

FIRED, QUIET, UNDECIDED = SignalState


def risk(*records: RegionIndex) -> SignalResult:
    """The signal where the table answered."""
    return signal("regional_risk", merged(heard(REGION_RISK, *records)))


@pytest.mark.parametrize(
    ("now", "before", "state"),
    [(70, 50, FIRED), (69, 10, QUIET), (70, 51, QUIET), (99, 99, QUIET), (20, 90, QUIET)],
    ids=["turned", "not high", "not much higher", "always risky", "better"],
)
def test_a_region_fires_when_it_is_high_and_was_not(
    now: int, before: int, state: SignalState
) -> None:
    """Both, to the point; a region that was always risky is no news about this borrower."""
    got = risk(region(now, 0, 0, 0, 0, 0, before))

    assert got.state is state
    assert observed(got) == {"index": now, "rise": now - before, "months": 6}
    assert [str(e) for e in got.basis] == ["region_risk/R-region_risk/region"]
    assert got.scopes == (Scope.REGION,)


def test_the_explanation_does_not_name_the_region() -> None:
    """It is logged with decisions, and the code is a part of an identity number."""
    assert "9999" not in risk(region(80, 0, 0, 0, 0, 0, 20)).explanation


@pytest.mark.parametrize(
    "told",
    [
        (),
        (region(80),),
        (region(80, 0, 0, 0, 0, 0, None, 5),),
        (region(80, 0, 0, 0, 0, 0, 20, newest=Month(2025, 11)),),
    ],
    ids=["nothing", "one month", "a gap half a year ago", "too old"],
)
def test_a_table_too_short_or_old_leaves_it_undecided(told: tuple[RegionIndex, ...]) -> None:
    """A region that may have turned is not said to be calm."""
    got = risk(*told)

    assert (got.state, got.reason) == (UNDECIDED, "unknown_values")


def test_a_low_index_needs_no_history() -> None:
    """Below the threshold it does not matter where it came from."""
    assert risk(region(30)).state is QUIET


@pytest.mark.parametrize(
    ("outcome", "reason"),
    [(Outcome.UNAVAILABLE, "source_lacking"), (Outcome.NO_HIT, "no_file")],
)
def test_without_a_table_nobody_is_cleared(outcome: Outcome, reason: str) -> None:
    """A region that is not in the table is not a calm one."""
    got = signal("regional_risk", merged(silent(REGION_RISK, outcome)))

    assert (got.state, got.reason, got.observed) == (UNDECIDED, reason, ())


def test_a_life_of_a_troubled_region_fires_and_a_steady_one_does_not() -> None:
    """From the region's own table as it travels to the signal, with why this region."""
    risky, steady = (profile_of(WORLD.persona(name)) for name in ("risky-region", "steady"))
    got = signal("regional_risk", risky)

    assert got.state is FIRED
    assert signal("regional_risk", steady).state is QUIET
    assert risky.region is not None
    (stated,) = risky.region.indexes
    assert stated.basis == got.basis
    assert (stated.record.region, stated.record.chosen_by) == ("999998", "id_number")
    assert stated.record.as_of == date(2026, 3, 1)
