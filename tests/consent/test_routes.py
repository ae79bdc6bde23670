"""consent.routes: what may not come this way is told the article and the way that is open."""

from collections.abc import Mapping
from dataclasses import replace
from datetime import UTC, date, datetime, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from consent.data_items import DataItem, scopes_of
from consent.routes import (
    Licence,
    Prohibition,
    Route,
    RouteKind,
    RouteLaw,
    RouteRule,
    Supply,
)
from consent.subject import Scope

NOON = datetime(2026, 3, 1, 12, tzinfo=UTC)
RULES: Mapping[RouteKind, RouteRule] = {
    RouteKind.LICENSED_BUREAU: RouteRule(
        "art. 4", "a licensed one", frozenset(Scope), frozenset({"bureau"})
    ),
    RouteKind.DIRECT_PUBLIC: RouteRule(
        "art. 13", "through a bureau", frozenset({Scope.PUBLIC_RECORDS})
    ),
    RouteKind.PLATFORM: RouteRule("断直连", "platform, bureau, lender"),
}
LAW = RouteLaw(
    RULES, utc_offset_h=8, prohibited=Prohibition("art. 14", frozenset({DataItem.RELIGION}))
)
BUREAU = Supply(
    Route.parse("licensed_bureau:ccrc"),
    frozenset({DataItem.CREDIT_ACCOUNTS}),
    Licence("bureau", "1", date(2026, 12, 31)),
)


def against(supply: Supply, at: datetime = NOON) -> str:
    return "; ".join(LAW.objections(supply, at=at))


def test_a_licensed_bureau_may_deliver() -> None:
    """The way the law wants it meets no objection."""
    assert against(BUREAU) == ""


@given(st.frozensets(st.sampled_from(list(DataItem)), min_size=1))
def test_a_platform_never_reaches_the_lender_directly(items: frozenset[DataItem]) -> None:
    """断直连: whatever it delivers, it is refused, told why, and told the way that is open."""
    said = against(Supply(Route.parse("platform:acme"), items, BUREAU.licence))

    assert "断直连" in said
    assert "platform, bureau, lender" in said
    assert all(scope in said for scope in scopes_of(items))


@pytest.mark.parametrize("route", ["licensed_bureau:ccrc", "direct_public", "own_institution"])
def test_what_may_never_be_collected_comes_by_no_route(route: str) -> None:
    """征信业管理条例 art. 14(1): a licence and the best of routes change nothing."""
    with_it = BUREAU.delivers | {DataItem.RELIGION}
    said = against(replace(BUREAU, route=Route.parse(route), delivers=with_it))

    assert said.startswith("religion may not be collected (art. 14)")
    assert "credit_accounts" not in said


def test_only_what_is_public_comes_directly() -> None:
    """A direct route for tradelines beside court records is no public source; the rest is named."""
    public = Supply(Route.parse("direct_public"), frozenset({DataItem.TAX_ARREARS}))
    mixed = replace(public, delivers=public.delivers | {DataItem.CREDIT_ACCOUNTS})

    assert against(public) == ""
    assert against(mixed).startswith("tradelines may not come by the route 'direct_public'")
    assert "art. 13" in against(mixed)


def test_a_bureau_without_a_licence_is_refused() -> None:
    """No licence and one of another trade are the same: not allowed to deliver."""
    assert BUREAU.licence is not None
    assert "needs a license of type bureau (art. 4)" in against(replace(BUREAU, licence=None))
    shop = replace(BUREAU.licence, type="retail")
    assert "license.type is bureau" in against(replace(BUREAU, licence=shop))


@given(st.integers(-72, 72))
def test_a_licence_holds_through_its_last_day_where_the_law_is(hours: int) -> None:
    """The day ends at midnight of China, eight hours before that of UTC; not an hour later."""
    midnight = datetime(2026, 12, 31, 16, tzinfo=UTC)  # 2027-01-01 00:00 +08:00

    said = against(BUREAU, midnight + timedelta(hours=hours))

    assert LAW.licensed_until(BUREAU) == midnight
    assert bool(said) == (hours >= 0)
    assert ("ended with 2026-12-31" in said) == (hours >= 0)


@pytest.mark.parametrize(
    "text", ["", "direct", "licensed_bureau", "licensed_bureau:", "own_institution:me", "platform"]
)
def test_a_route_nobody_knows_is_told_the_known_ones(text: str) -> None:
    """Somebody who adds a source learns from the message what to write."""
    with pytest.raises(ValueError, match=r"direct_public, licensed_bureau:<id>, own_institution"):
        Route.parse(text)


@pytest.mark.parametrize("text", ["direct_public", "licensed_bureau:ccrc", "platform:acme"])
def test_a_route_is_written_as_it_is_read(text: str) -> None:
    """Messages show the route in the form the configuration has."""
    assert str(Route.parse(text)) == text


def test_a_route_the_place_has_no_rule_for_is_refused() -> None:
    """A place that says nothing of a route has not allowed it."""
    own = Supply(Route.parse("own_institution"), frozenset({DataItem.LOGIN_EVENTS}))

    assert "no rule for the route 'own_institution'" in against(own)
