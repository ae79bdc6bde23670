"""The greatest amounts a source may write (12 digits of yuan): no sum or share of them is lost."""

from typing import Any

from hypothesis import given
from hypothesis import strategies as st

from connectors.money import Money
from connectors.records import Income, IncomeMonth
from consent.canonical import MOST
from gateway.profile import AttributeValue, BorrowerProfile, SignalState, encoded
from tests.gateway.reports import NEWEST, TODAY, card, heard, loan, merged, pulled

GREATEST = Money(10**14 - 1, "CNY")  # connectors.normalise.amounts: below a trillion yuan
LEAST = Money(1, "CNY")
AMOUNTS = st.sampled_from([None, Money(0, "CNY"), LEAST, Money(100, "CNY"), GREATEST])


def of(names: str) -> st.SearchStrategy[dict[str, Any]]:
    """An amount for each of these fields."""
    return st.fixed_dictionaries(dict.fromkeys(names.split(), AMOUNTS))


def earned(now: Money | None, year_ago: Money | None) -> Income:
    """Two bases of a pension."""
    told = ((NEWEST, now), (NEWEST.plus(-12), year_ago))
    return Income(
        source="social_insurance", record_id="I1", as_of=TODAY, told_by="pension",
        months=tuple(IncomeMonth(month=month, amount=one) for month, one in told if one),
    )  # fmt: skip


def attribute(name: str, profile: BorrowerProfile) -> AttributeValue:
    """One attribute of a profile."""
    assert profile.attributes is not None
    return next(one for one in profile.attributes.values if one.name == name)


@given(
    loans=st.lists(of("original_amount balance scheduled_payment past_due"), max_size=4),
    cards=st.lists(of("credit_limit used balance past_due"), max_size=4),
    bases=st.tuples(AMOUNTS, AMOUNTS),
)
def test_whatever_amounts_there_are_a_profile_has_its_one_form(
    loans: list[dict[str, Any]],
    cards: list[dict[str, Any]],
    bases: tuple[Money | None, Money | None],
) -> None:
    """A pull does not fail because a source wrote nonsense."""
    records = [
        *(loan("pboc", f"L{n}", **one) for n, one in enumerate(loans)),
        *(card("pboc", f"C{n}", **one) for n, one in enumerate(cards)),
    ]

    encoded(merged(heard("pboc", *records), heard("social_insurance", earned(*bases))))


def test_a_sum_or_share_that_no_json_number_holds_is_missing() -> None:
    """Half a number would be a wrong one; what can be said of the same accounts is said."""
    many = [
        loan("pboc", f"L{n}", original_amount=GREATEST, balance=GREATEST)
        for n in range(MOST // GREATEST.minor + 1)
    ]
    share = pulled(card("pboc", credit_limit=LEAST, used=GREATEST, balance=GREATEST))
    total = pulled(*many)
    encoded(total)

    for odd in (
        attribute("revolving_utilisation", share),
        attribute("total_balance_cny", total),
    ):
        assert (odd.value, odd.missing, odd.basis) == (None, "out_of_range", None), odd.name
    assert attribute("total_balance_cny", pulled(*many[1:])).value == GREATEST.minor * (
        len(many) - 1
    )
    assert attribute("open_tradelines", total).value == len(many)


def test_a_signal_decides_by_the_number_itself() -> None:
    """What is shown of it ends where JSON's numbers do."""
    rise = merged(heard("social_insurance", earned(GREATEST, LEAST)))
    encoded(rise)

    assert rise.signals is not None
    drop = next(one for one in rise.signals.results if one.id == "income_drop")
    assert (drop.state, drop.observed[0].value) == (SignalState.QUIET, -MOST)
    assert f"drop_bp={-MOST}" in drop.explanation
