"""gateway.attributes: every number means what the catalogue says, or says why it is missing."""

from dataclasses import replace
from datetime import date
from typing import Any

import pytest
from pydantic import ValidationError

from connectors.money import Money, Month
from connectors.records import AccountKind, AccountStatus, InquiryKind, PaymentStatus, Record
from consent.subject import Scope
from gateway.attributes import Catalogue
from gateway.creditfile import Reach
from gateway.merge import merge
from gateway.profile import AttributeValue, BorrowerProfile, Heard, Outcome, SourceLine
from tests.gateway.reports import (
    AT,
    CONFIG,
    JUZI,
    SUBJECT,
    card,
    cny,
    day,
    grid,
    heard,
    inquiry,
    loan,
    merged,
    metric,
    pulled,
    silent,
    table,
)


def named(profile: BorrowerProfile) -> dict[str, AttributeValue]:
    """The attributes by name."""
    assert profile.attributes is not None
    return {one.name: one for one in profile.attributes.values}


def value(name: str, *records: Record) -> int | None:
    """One attribute of these records."""
    return named(pulled(*records))[name].value


def missing(name: str, *records: Record) -> str | None:
    """Why one attribute of these records is missing."""
    return named(pulled(*records))[name].missing


CLOSED: dict[str, Any] = {
    "status": AccountStatus.CLOSED,
    "closed": day("2026-01-15"),
    "balance": cny(0),
}


def test_open_tradelines_count_merged_accounts() -> None:
    """A loan two bureaus report is one; what is closed or passed on is none."""
    records = (
        loan("pboc"),
        loan("baihang"),
        card("pboc"),
        loan("pboc", "A2", **CLOSED),
        loan("pboc", "A3", opened=day("2021-01-01"), status=AccountStatus.TRANSFERRED),
    )

    assert value("open_tradelines", *records) == 2


def test_a_count_of_nothing_is_zero_when_the_list_was_read() -> None:
    """An empty list from a bureau that lists everything is a fact."""
    got = named(pulled())["open_tradelines"]

    assert (got.value, got.missing) == (0, None)


def test_no_report_is_not_zero() -> None:
    """The only bureau that lists accounts did not answer."""
    got = named(merged(silent("pboc"), heard("baihang")))["open_tradelines"]

    assert (got.value, got.missing, got.lacking) == (None, "no_source", ("pboc",))


def test_no_file_is_said_as_such() -> None:
    """Unknown to the bureau is another thing than the bureau being silent."""
    got = named(merged(silent("pboc", Outcome.NO_HIT)))["open_tradelines"]

    assert (got.value, got.missing, got.lacking) == (None, "no_file", ())


def test_a_source_that_only_counts_lists_nothing() -> None:
    """Bairong answers with counts: no inquiry from it does not mean there was none."""
    got = named(merged(silent("pboc"), silent("baihang"), heard("bairong")))

    assert got["hard_inquiries_30d"].missing == "no_source"


def test_a_source_not_asked_is_lacking() -> None:
    """Its breaker was open: what it would have listed is not known."""
    skipped = Heard(SourceLine(source="pboc", outcome=Outcome.SKIPPED, reason="breaker_open"))

    got = named(merged(skipped, heard("baihang", inquiry("baihang"))))["hard_inquiries_30d"]

    assert (got.value, got.lacking) == (1, ("pboc",))


def test_counts_of_bureaus_do_not_enter_ours() -> None:
    """Their populations overlap with what we count."""
    assert value("hard_inquiries_30d", inquiry(), metric("bairong", "allnum", 50)) == 1


def test_a_source_that_was_heard_once_lacks_nothing() -> None:
    """Asked twice and heard once, it told what it knows."""
    lines = [
        SourceLine(source="pboc", outcome=outcome, scopes=(Scope.TRADELINES,))
        for outcome in (Outcome.UNAVAILABLE, Outcome.REPORT)
    ]

    assert Reach.of(lines, Scope.TRADELINES, frozenset({"pboc"})) == Reach(answered=("pboc",))


def test_utilisation_is_used_of_limit() -> None:
    """In basis points over all cards and revolving loans that state both, rounded down."""
    records = (
        card("pboc", "C1", credit_limit=cny(20_000), used=cny(10_000)),
        card("pboc", "C2", credit_limit=cny(10_000), used=None, balance=cny(1)),
        card("pboc", "C3", credit_limit=None),
        card("pboc", "C4", credit_limit=cny(10_000), used=cny(10_000), **CLOSED),
        loan("pboc"),
    )

    assert value("revolving_utilisation", *records[:1]) == 5_000
    assert value("revolving_utilisation", *records) == 10_000 * 10_001 // 30_000


JANUARY = date(2026, 1, 31)
"""A month before the other bureau looked."""


def test_utilisation_goes_by_the_newest_figures() -> None:
    """A used limit of January says nothing of February, whose balance is known."""
    older = card("pboc", used=cny(10_000), balance=cny(10_000), as_of=JANUARY)
    newer = card("baihang", used=None, balance=cny(18_000))

    assert value("revolving_utilisation", older, newer) == 9_000
    assert value("revolving_utilisation", replace(older, as_of=newer.as_of), newer) == 5_000


@pytest.mark.parametrize(
    "facts",
    [
        {"past_due": cny(700)},
        {"overdue_terms": 2},
        {"payment_status": PaymentStatus.DPD_31_60},
        {"past_due": cny(700), "past_due_31_60": cny(700)},
    ],
)
def test_arrears_of_an_older_day_are_not_arrears_now(facts: dict[str, Any]) -> None:
    """In January it was late, in February the other bureau found the account in good order."""
    late = loan("pboc", as_of=JANUARY, status=AccountStatus.OVERDUE, **facts)
    cured = loan("baihang", grid=())
    ever = value("max_dpd_3m", late)

    assert value("overdue_accounts_now", late) == 1
    assert value("overdue_accounts_now", late, cured) == 0
    assert not value("max_dpd_now", late, cured)
    assert not value("total_past_due_cny", late, cured)
    assert not value("past_due_31plus_cny", late, cured)
    assert ever  # what was, was: it stays in the history of its own month
    assert value("max_dpd_now", late) == ever


def test_an_older_amount_stands_while_the_account_is_in_arrears() -> None:
    """In February it was written off, and PBOC tells no amount of such an account."""
    late = loan("baihang", as_of=JANUARY, past_due=cny(700), past_due_31_60=cny(700), grid=())
    given_up = loan("pboc", status=AccountStatus.CHARGED_OFF)

    assert value("total_past_due_cny", late, given_up) == 70_000
    assert value("past_due_31plus_cny", late, given_up) == 70_000


def test_utilisation_without_a_limit_is_missing() -> None:
    """Not zero: that would be a good sign."""
    assert missing("revolving_utilisation", loan()) == "no_limit"
    assert missing("revolving_utilisation", card(credit_limit=cny(0))) == "no_limit"


def test_currencies_are_not_mixed() -> None:
    """A dollar card neither adds to a yuan balance nor to the limit used."""
    dollars = card(
        "pboc", "C2", currency="USD", credit_limit=Money(1, "USD"), used=Money(1, "USD"),
        balance=Money(99, "USD"),
    )  # fmt: skip

    assert value("total_balance_cny", card("pboc"), dollars) == 1_000_000
    assert value("revolving_utilisation", card("pboc"), dollars) == 5_000
    assert missing("total_balance_cny", dollars) == "no_amount"
    assert missing("revolving_utilisation", dollars) == "no_limit"


def test_balances_of_open_accounts_are_summed_once() -> None:
    """In fen, each account once."""
    records = (loan("pboc"), loan("baihang"), loan("pboc", "A2", **{**CLOSED, "balance": cny(5)}))

    assert value("total_balance_cny", *records) == 600_000


@pytest.mark.parametrize(
    "facts",
    [
        {"past_due": cny(1)},
        {"overdue_terms": 1},
        {"status": AccountStatus.OVERDUE},
        {"status": AccountStatus.CHARGED_OFF},
        {"payment_status": PaymentStatus.DPD_31_60},
    ],
)
def test_any_sign_of_arrears_counts(facts: dict[str, Any]) -> None:
    """Bureaus say it in different fields."""
    assert value("overdue_accounts_now", loan("pboc"), card("pboc", **facts)) == 1


def test_a_closed_account_is_not_overdue_now() -> None:
    """Whatever its last figures say."""
    assert value("overdue_accounts_now", loan(**{**CLOSED, "past_due": cny(1)})) == 0


def test_max_dpd_is_the_lower_end_of_the_worst_band() -> None:
    """61-90 counts as 61; the other bureau's worse month is in."""
    assert value("max_dpd_24m", loan("pboc", grid=grid("N2N"))) == 31
    assert value("max_dpd_24m", loan("pboc"), loan("baihang", grid=grid("NNN32"))) == 61
    assert value("max_dpd_24m", loan("pboc", grid=grid("NBN"))) == 181


def test_max_dpd_looks_back_twenty_four_calendar_months() -> None:
    """March 2026 and the 23 months before: April 2024 is in, March 2024 is out."""
    inside = loan("pboc", opened=day("2023-01-01"), grid=grid("N" * 22 + "3"))
    outside = loan("pboc", opened=day("2023-01-01"), grid=grid("N" * 23 + "3"))

    assert value("max_dpd_24m", inside) == 61
    assert value("max_dpd_24m", outside) == 0


def test_no_history_is_not_a_clean_one() -> None:
    """An account without a grid has not been paid on time, as far as we know."""
    assert missing("max_dpd_24m", loan(grid=())) == "no_history"
    assert missing("months_since_last_delinquency", loan(grid=grid("##/"))) == "no_history"


def test_a_small_loan_is_one_of_at_most_so_much() -> None:
    """A loan of the very limit is small, one fen more is not."""
    at_most = loan(original_amount=Money(500_000, "CNY"))
    more = loan(original_amount=Money(500_001, "CNY"))

    assert [value("small_open_loans", one) for one in (at_most, more)] == [1, 0]


def test_a_window_begins_with_this_month_and_knows_nothing_before_its_last() -> None:
    """The twenty-fourth month counting this one is known in it, the one before that is not."""
    assert value("max_dpd_24m", loan(grid=grid("NNN", Month(2024, 4)))) == 0
    assert missing("max_dpd_24m", loan(grid=grid("NNN", Month(2024, 3)))) == "no_history"


@pytest.mark.parametrize("symbol", ["1", "2", "B"])
def test_the_amount_of_a_late_month_is_taken_from_whoever_states_one(symbol: str) -> None:
    """The grid says how late, later perhaps, and the newest figures of that month how much."""
    late = loan(grid=grid(f"{symbol}NN"), past_due=cny(900))
    dated = replace(late, payment_status=PaymentStatus.DPD_1_30)

    assert value("worst_overdue_24m_cny", late) == 90_000
    assert value("worst_overdue_24m_cny", dated) == 90_000
    assert value("max_dpd_24m", late) == value("max_dpd_24m", loan(grid=grid(f"{symbol}NN")))


@pytest.mark.parametrize("amounts", [(900, 899), (899, 900)])
def test_of_two_amounts_of_a_month_the_greater_counts(amounts: tuple[int, int]) -> None:
    """The grid and the newest figures tell one month, rounded or corrected by one of them."""
    by_grid, by_figures = map(cny, amounts)
    newest, *before = grid("1NN")
    late = loan(grid=(replace(newest, overdue=by_grid), *before), past_due=by_figures)

    assert value("worst_overdue_24m_cny", late) == 90_000


def test_arrears_without_a_grid_are_not_clean() -> None:
    """An overdue amount is at least a day late."""
    assert value("max_dpd_24m", loan(grid=(), past_due=cny(1))) == 1


def test_months_ahead_are_not_known() -> None:
    """A grid that runs into the future tells of this month and the last."""
    ahead = loan(grid=grid("77NN", newest=Month(2026, 5)))

    assert value("months_known_12m", ahead) == 2
    assert value("max_dpd_12m", ahead) == 0


def test_months_since_the_last_delinquency() -> None:
    """Counted from this month; never having been late is missing by name."""
    assert value("months_since_last_delinquency", loan(grid=grid("NN1N7"))) == 3
    assert missing("months_since_last_delinquency", loan()) == "never_delinquent"


def test_the_age_of_the_oldest_account() -> None:
    """In whole months, closed accounts included."""
    records = (loan(), card("pboc", opened=day("2020-03-18"), status=AccountStatus.CLOSED))

    assert value("age_of_oldest_tradeline_months", *records) == 71
    assert missing("age_of_oldest_tradeline_months") == "no_tradeline"


@pytest.mark.parametrize(
    ("on", "days_30", "days_90"),
    [
        ("2026-03-17", 1, 1),  # today
        ("2026-02-16", 1, 1),  # 29 days ago: the last of the 30
        ("2026-02-15", 0, 1),
        ("2025-12-17", 0, 0),  # 90 days ago
        ("2026-03-18", 0, 0),  # not yet
        ("2026-03", 1, 1),
        ("2026-02", 0, 1),  # it may have been the first of the month
    ],
)
def test_windows_count_days_up_to_and_including_today(on: str, days_30: int, days_90: int) -> None:
    """Half-open: the day n days ago is out; a month counts as of its first day."""
    got = named(pulled(inquiry(on=day(on))))

    assert got["hard_inquiries_30d"].value == days_30
    assert got["hard_inquiries_90d"].value == days_90


def test_only_applications_are_hard() -> None:
    """A lender watching its own customer is no application."""
    soft = inquiry(kind=InquiryKind.ACCOUNT_REVIEW)

    assert value("hard_inquiries_180d", soft) == 0
    assert value("lenders_90d", soft) == 0


def test_lenders_are_those_who_asked_or_lent() -> None:
    """One that did both, at two bureaus, is one lender; a debt collector is none."""
    records = (
        inquiry("pboc", on=day("2026-03-03")),
        inquiry("baihang", on=day("2026-03-03")),
        loan("pboc", opened=day("2026-03-05")),
        loan("pboc", "A2", lender=JUZI["pboc"], opened=day("2026-03-01")),
        loan("pboc", "A3", lender="AK", opened=day("2026-03-01"), kind=AccountKind.COLLECTION),
        loan("pboc", "A4", lender="AL", opened=day("2025-12-01")),
    )

    assert value("lenders_30d", *records) == 2
    assert value("lenders_90d", *records) == 2
    assert value("new_tradelines_90d", *records) == 2


def test_a_value_names_the_records_it_rests_on() -> None:
    """Traceable to the bureau's own lines."""
    section = pulled(loan("pboc"), loan("baihang"), inquiry("pboc")).attributes
    assert section is not None

    assert [str(e) for e in section.evidence("open_tradelines")] == [
        "baihang/R-baihang/A1", "pboc/R-pboc/A1",
    ]  # fmt: skip
    assert [str(e) for e in section.evidence("hard_inquiries_30d")] == ["pboc/R-pboc/Q1"]


def test_the_catalogue_is_complete_and_in_order() -> None:
    """Every attribute of every profile, missing or not; and what each rests on."""
    got = named(merged())

    assert [*got] == [one.name for one in CONFIG.attributes.default.attributes]
    assert got["lenders_30d"].scopes == (Scope.TRADELINES, Scope.INQUIRIES)
    assert all(one.missing == "no_source" for one in got.values())


def with_first(**facts: Any) -> dict[str, Any]:
    """The shipped catalogue with a change to its first attribute."""
    shipped = table("attributes/core-1.toml")
    family, *others = shipped["families"]
    first, *rest = family["attributes"]
    changed = {**family, "attributes": [{**first, **facts}, *rest]}
    return {**shipped, "families": [changed, *others]}


def test_a_measure_nobody_wrote_stops_the_start() -> None:
    """With the list of those there are."""
    with pytest.raises(ValidationError, match="no measure 'guess'; known: account_sources"):
        Catalogue.model_validate(with_first(measure="guess"))


def test_a_window_for_a_measure_without_one_stops_the_start() -> None:
    """It would be ignored, and the name would lie."""
    with pytest.raises(ValidationError, match=r"open_accounts takes \[of\], not days"):
        Catalogue.model_validate(with_first(given={"window": "30d"}))


def test_an_attribute_is_defined_once() -> None:
    """Two meanings under one name."""
    with pytest.raises(ValidationError, match="each attribute once"):
        Catalogue.model_validate(with_first(name="open_credit_cards"))


def test_the_local_day_decides() -> None:
    """At 17:00 UTC it is the next day in China, and the window has moved on."""
    told = [heard("pboc", inquiry(on=day("2026-02-16")))]
    later = merge(told, SUBJECT, CONFIG, at=AT.replace(hour=17), jurisdiction="CN")

    assert named(merged(*told))["hard_inquiries_30d"].value == 1
    assert named(later)["hard_inquiries_30d"].value == 0
