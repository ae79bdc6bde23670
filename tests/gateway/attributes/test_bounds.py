"""gateway.attributes: where a window, an age or a definition ends, and what a number rests on."""

from dataclasses import replace
from datetime import date

import pytest

from connectors.money import Money, Month
from connectors.records import (
    AccountStatus,
    ContributionMonth,
    Income,
    PaymentStatus,
    Record,
)
from consent.canonical import MOST
from tests.gateway.attributes.borrower import (
    public,
    section,
    values,
)
from tests.gateway.reports import (
    COLLECTED,
    SOLD,
    card,
    cny,
    contribution,
    day,
    grid,
    income,
    inquiry,
    loan,
    pulled,
)

ONE_DAY = public("P", "penalty", "2025-09-10")
LISTED = replace(public("sl_id_court_executed", "penalty", None), source="bairong")
COURT = replace(
    public("P", "penalty", "2025-09-10", 50_000),
    as_of=date(2026, 3, 1), authority="示例局", details=(("case_number", "1"),),
)  # fmt: skip
SEEN_LATER = replace(COURT, source="baihang", as_of=date(2026, 3, 2))


LATE_EARLY = grid("2" * 24)
AHEAD = loan(as_of=date(2026, 4, 20), payment_status=PaymentStatus.DPD_31_60, grid=())


def paid_in(*months: Month) -> Record:
    """A contribution that lists its months, newest first."""
    paid = tuple(ContributionMonth(month=one) for one in reversed(months))
    return contribution(months=paid)


def in_two_currencies() -> Income:
    """One month in yuan, and one before it in dollars."""
    base = income(9_000, 8_000)
    newest, before = base.months
    return replace(base, months=(newest, replace(before, amount=Money(1, "USD"))))


def ended(opened: str, closed: str) -> Record:
    """A loan that was paid back."""
    return loan(opened=day(opened), closed=day(closed), status=AccountStatus.CLOSED)


@pytest.mark.parametrize(
    ("name", "records", "value"),
    [
        # An early default: a debt 31 days late in the sixth month counts, in the seventh not.
        ("early_late_accounts_24m", [loan(opened=day("2025-09-05"), grid=grid("2"))], 1),
        ("early_late_accounts_24m", [loan(opened=day("2025-08-05"), grid=grid("2"))], 0),
        # An account of twenty-three months ago was opened in the window of 24, one before was not.
        ("early_late_accounts_24m", [loan(opened=day("2024-04-30"), grid=LATE_EARLY)], 1),
        (
            "early_late_accounts_24m",
            [loan(opened=day("2024-03-31"), grid=LATE_EARLY)],
            "no_history",
        ),
        # A month of age is whole on the day of the anniversary.
        ("age_of_oldest_tradeline_months", [loan(opened=day("2025-03-17"))], 12),
        ("age_of_oldest_tradeline_months", [loan(opened=day("2025-03-18"))], 11),
        # What may be drawn was not lent.
        (
            "lent_365d_cny",
            [
                loan(opened=day("2026-01-05")),
                card(opened=day("2026-01-05"), original_amount=cny(1)),
            ],
            1_200_000,
        ),
        # A life of 120 days is short, one of 121 is not; one that is to end is not lived.
        ("short_loans_180d", [ended("2025-10-01", "2026-01-29")], 1),
        ("short_loans_180d", [ended("2025-10-01", "2026-01-30")], 0),
        ("short_loans_180d", [ended("2025-12-01", "2026-03-18")], 0),
        # The greatest number that is exact in JSON, and the next one.
        ("total_balance_cny", [loan(balance=Money(MOST, "CNY"))], MOST),
        ("total_balance_cny", [loan(balance=Money(MOST + 1, "CNY"))], "out_of_range"),
        # Figures that are dated ahead are of today.
        ("days_since_reported", [loan(as_of=date(2026, 3, 20))], 0),
        # Two sources, one day, two states.
        (
            "contradicted_tradelines",
            [loan(), loan("baihang", status=AccountStatus.FROZEN)],
            1,
        ),
        # A run counts as far as it lies in the window.
        ("longest_late_run_24m", [loan(opened=day("2021-01-01"), grid=grid("1" * 30))], 23),
        # What is 91 to 180 days past due is so at least 91.
        ("past_due_91plus_cny", [loan(past_due=cny(9), past_due_91_180=cny(7))], 700),
        # What is left in yuan of what was lent in dollars is no part of it.
        (
            "instalment_unpaid_part",
            [loan(), loan("pboc", "A2", original_amount=Money(1, "USD"))],
            5_000,
        ),
        # Three known months make a slope: one late of one, then none.
        ("late_share_slope_6m", [loan(grid=grid("1NN"))], 5_000),
        # What has not happened yet is not the last of anything, nor in any window.
        ("days_since_hard_inquiry", [inquiry(on=day("2026-03-18"))], "never_asked"),
        (
            "months_since_last_contribution",
            [contribution(paid_to=Month(2026, 4))],
            "no_contribution",
        ),
        ("contribution_months_6m", [paid_in(Month(2026, 2), Month(2026, 4))], 1),
        ("adverse_public_records_12m", [public("P", "penalty", "2026-03-18")], 0),
        # Half-open: 179 days ago is in a window of 180 days, 180 days ago is not.
        ("closed_tradelines_180d", [ended("2025-01-01", "2025-09-19")], 1),
        ("closed_tradelines_180d", [ended("2025-01-01", "2025-09-18")], 0),
        # Who lends on the very day it asked has answered.
        (
            "inquiries_without_account_90d",
            [inquiry(on=day("2026-03-10")), loan(opened=day("2026-03-10"))],
            0,
        ),
        # The fourth month counting this one is before a window of three.
        ("max_dpd_change_3m", [loan(grid=grid("NN2N"))], -31),
        # Bases in another currency than the newest are not compared with it.
        ("contribution_base_spread_12m", [in_two_currencies()], "no_history"),
        # Nothing is overdue by figures that do not say for how many days nothing is.
        (
            "max_dpd_now",
            [
                loan(as_of=date(2026, 1, 31), payment_status=PaymentStatus.DPD_31_60),
                loan("baihang", past_due=cny(0)),
            ],
            0,
        ),
        # An amount that was left when it was closed is no day past due.
        (
            "max_dpd_3m",
            [loan(status=AccountStatus.CLOSED, past_due=cny(1), grid=())],
            "no_history",
        ),
        # Figures that are dated ahead count as of this month.
        ("months_since_last_delinquency", [AHEAD], 0),
        ("max_dpd_3m", [AHEAD], 31),
        # A debt that was sold is owed once, to its buyer.
        ("total_balance_cny", [SOLD, COLLECTED], 800_000),
        # What was opened today has no month behind it.
        ("new_tradelines_30d", [loan(opened=day("2026-03-17"))], 1),
        ("age_of_newest_tradeline_months", [loan(opened=day("2026-03-17"))], 0),
        # Of lenders nobody lists, two sources may call two by one name.
        (
            "open_lenders",
            [
                loan(lender="示例小贷"),
                loan("baihang", lender="示例小贷", opened=day("2024-01-09"), balance=cny(1)),
            ],
            2,
        ),
        # There is no part of a base of nothing.
        ("contribution_base_change_3m", [income(9_000, 9_000, 9_000, 0)], "no_history"),
        # A run that is broken by a month nobody tells of is two runs.
        ("longest_late_run_24m", [loan(grid=grid("11#111N"))], 3),
        # 60 of 100 used is no 75 per cent; 120 of 100 is over the limit.
        ("highest_card_utilisation", [card(credit_limit=cny(100), used=cny(120))], 12_000),
        ("cards_used_from_10000bp", [card(credit_limit=cny(100), used=cny(120))], 1),
        ("revolving_available_cny", [card(credit_limit=cny(100), used=cny(120))], 0),
        # The grid and the newest figures of one month are one late month, at the worse depth.
        (
            "late_payments_1plus_12m",
            [loan(grid=grid("1N"), payment_status=PaymentStatus.DPD_31_60)],
            1,
        ),
        (
            "max_dpd_12m",
            [loan(grid=grid("1N"), payment_status=PaymentStatus.DPD_31_60)],
            31,
        ),
        ("stale_tradelines_3m", [loan(as_of=day("2025-12-31").latest())], 1),  # type: ignore[union-attr]
        ("unlisted_lenders", [loan(lender="nobody")], 1),
        ("cards_unused", [card(used=cny(0))], 1),
        ("written_off_accounts", [loan(status=AccountStatus.CHARGED_OFF)], 1),
        ("accounts_restricted", [card(status=AccountStatus.FROZEN)], 1),
        ("adverse_public_records_12m", [public("P", "penalty", "2025-04")], 1),
        ("adverse_public_records_12m", [public("P", "penalty", "2025-03")], 0),
        # A hit on a list, beside a case that is told, is neither a case nor one without a day.
        ("penalty_records", [ONE_DAY, LISTED], 1),
        ("adverse_public_records_12m", [ONE_DAY, LISTED], 1),
        ("penalty_records", [LISTED], 1),
        # What the newest record of a case leaves out, the next one states.
        ("adverse_public_amount_cny", [COURT, replace(SEEN_LATER, amount=None)], 5_000_000),
        ("adverse_public_records_12m", [COURT, replace(SEEN_LATER, filed=None)], 1),
    ],
)
def test_edges(name: str, records: list[Record], value: int | str) -> None:
    """Where a definition could be read two ways, this is the way it is meant."""
    assert values(pulled(*records))[name] == value


def test_the_lowest_base_counts_where_kinds_differ() -> None:
    """A rise of one kind must not hide the fall of another."""
    risen: Income = income(*[11_000] * 13, record_id="I2", told_by="housing_fund")
    fallen = income(*[9_000] * 3, *[10_000] * 10)

    got = values(pulled(risen, fallen))

    assert got["contribution_base_change_12m"] == -1_000
    assert got["contribution_base_slope_24m"] == -85


@pytest.mark.parametrize(
    ("name", "records", "basis"),
    [
        # An extreme rests on those that are it, a zero on none.
        (
            "age_of_oldest_tradeline_months",
            [loan(), card("pboc", opened=day("2025-02-01"))],
            ["C1"],
        ),
        (
            "age_of_newest_tradeline_months",
            [loan(), card("pboc", opened=day("2025-02-01"))],
            ["A1"],
        ),
        ("max_dpd_now", [loan(payment_status=PaymentStatus.CURRENT)], []),
        ("longest_late_run_24m", [loan()], []),
        # A part rests on the whole, too.
        ("mortgages_balance_share", [loan(), loan("pboc", "A2", balance=cny(1))], ["A1", "A2"]),
    ],
)
def test_a_number_rests_on_what_makes_it(
    name: str, records: list[Record], basis: list[str]
) -> None:
    """Who reads the records that are named can reckon it again, and reads no other."""
    found = section(pulled(*records)).evidence(name)

    assert [one.record_id for one in found] == basis
