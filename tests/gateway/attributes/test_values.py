"""gateway.attributes: every attribute of core/1, reckoned by hand and held against the program."""

import pytest

from connectors.records import (
    AccountStatus,
    PaymentStatus,
    Record,
)
from tests.gateway.attributes.borrower import (
    BORROWER,
    SOURCES,
    Table,
    bill,
    guaranteed,
    public,
    values,
)
from tests.gateway.reports import (
    CONFIG,
    card,
    cny,
    contribution,
    day,
    grid,
    heard,
    income,
    loan,
    merged,
    pulled,
    silent,
)

# What the borrower's attributes are: a number (amounts in fen), or the reason there is none.
EXPOSURE: Table = {
    "open_tradelines": 6,  # C1 C2 L1 M1 S1 X1
    "open_credit_cards": 2,
    "open_instalment_loans": 3,  # L1 M1 S1
    "open_revolving_loans": 0,
    "open_mortgages": 1,
    "open_car_loans": 0,
    "open_business_loans": 0,  # B1 is closed
    "open_consumer_loans": 2,  # L1 S1
    "open_unsecured": 4,  # C1 C2 L1 S1
    "open_bank_accounts": 3,  # C1 C2 M1
    "open_consumer_finance_accounts": 1,
    "open_microlender_accounts": 1,
    "open_nonbank_accounts": 3,  # L1 S1 X1
    "tradelines_ever": 8,
    "closed_tradelines": 2,  # S2 B1
    "open_lenders": 6,
    "open_nonbank_lenders": 3,
    "small_open_loans": 1,  # S1; X1 is no loan
    "total_balance_cny": 53_350_000,
    "balance_cards_cny": 1_950_000,
    "balance_mortgages_cny": 50_000_000,
    "balance_car_loans_cny": 0,
    "balance_business_loans_cny": 0,
    "balance_consumer_loans_cny": 900_000,
    "balance_unsecured_cny": 2_850_000,
    "balance_bank_cny": 51_950_000,
    "balance_consumer_finance_cny": 600_000,
    "balance_microlender_cny": 300_000,
    "balance_nonbank_cny": 1_400_000,
    "largest_balance_cny": 50_000_000,
    "total_past_due_cny": 50_000,
    "largest_past_due_cny": 50_000,
    "scheduled_payments_cny": 1_577_000,  # 1,000 + 9,500 + 550 + 4,200 + 520
    "unbilled_instalments_cny": 200_000,
    "unsecured_balance_share": 534,  # 28,500 of 533,500
    "nonbank_balance_share": 262,  # 14,000 of 533,500
    "mortgages_balance_share": 9_372,
    "largest_lender_share": 9_372,
    "instalment_unpaid_part": 6_245,  # 509,000 of 815,000
    "most_remaining_terms": 200,
    "guaranteed_balance_cny": 4_000_000,
}
UTILISATION: Table = {
    "revolving_limit_cny": 3_000_000,
    "highest_card_limit_cny": 2_000_000,
    "revolving_utilisation": 6_500,  # 19,500 of 30,000
    "cards_utilisation": 6_500,
    "revolving_loans_utilisation": "no_limit",
    "highest_card_utilisation": 9_500,
    "cards_used_from_5000bp": 2,  # C1 is at one half exactly
    "cards_used_from_7500bp": 1,
    "cards_used_from_9000bp": 1,
    "cards_used_from_10000bp": 0,
    "cards_unused": 0,
    "revolving_available_cny": 1_050_000,
    "cards_usual_utilisation_6m": 5_966,  # 17,900 of 30,000
    "cards_peak_utilisation": 9_833,  # 29,500 of 30,000
    "cards_utilisation_change_6m": 533,  # 1,600 of 30,000
}
DELINQUENCY: Table = {
    "overdue_accounts_now": 2,  # C2 X1
    "overdue_credit_cards_now": 1,
    "overdue_loans_now": 0,
    "overdue_mortgages_now": 0,
    "max_dpd_now": 31,
    "max_dpd_3m": 31,
    "max_dpd_6m": 31,
    "max_dpd_12m": 31,
    "max_dpd_24m": 31,
    "max_dpd_60m": 61,  # B1, forty months ago
    "max_dpd_cards_24m": 31,
    "max_dpd_loans_24m": 0,
    "months_late_1plus_3m": 2,
    "months_late_1plus_6m": 2,
    "months_late_1plus_12m": 3,  # one, two and eleven months ago
    "months_late_1plus_24m": 3,
    "months_late_1plus_60m": 4,
    "late_payments_1plus_12m": 4,  # X1 is late beside C2 a month ago
    "late_payments_1plus_24m": 4,
    "late_payments_31plus_12m": 1,
    "late_payments_31plus_24m": 1,
    "accounts_late_1plus_6m": 2,
    "accounts_late_1plus_12m": 2,
    "accounts_late_1plus_24m": 2,
    "accounts_late_1plus_60m": 3,
    "accounts_late_31plus_6m": 1,
    "accounts_late_31plus_12m": 1,
    "accounts_late_31plus_24m": 1,
    "accounts_late_31plus_60m": 2,
    "accounts_late_91plus_6m": 0,
    "accounts_late_91plus_12m": 0,
    "accounts_late_91plus_24m": 0,
    "accounts_late_91plus_60m": 0,
    "months_since_last_delinquency": 1,
    "months_since_last_31plus": 1,
    "months_since_last_61plus": 40,
    "months_since_last_91plus": "never_delinquent",
    "longest_late_run_24m": 2,
    "longest_late_run_60m": 2,
    "worst_overdue_24m_cny": 70_000,
    "worst_overdue_60m_cny": 70_000,
    "past_due_31plus_cny": 50_000,
    "past_due_61plus_cny": 0,
    "past_due_91plus_cny": 0,
    "written_off_accounts": 0,
    "accounts_in_recovery": 1,
    "accounts_restricted": 0,
    "loans_classed_below_normal": 1,
    "loans_classed_bad": 0,
    "clean_accounts_share_12m": 6_666,  # C1 L1 M1 S2 of them and C2 X1
    "clean_accounts_share_24m": 6_666,
    "early_late_accounts_24m": 0,
}
TRENDS: Table = {
    # 4,000, 2,000, 0, 0, 0 bp one to five months ago
    "late_share_slope_6m": 1_000,
    # and 2,500 bp eleven months ago: 15,500 over 110
    "late_share_slope_12m": 140,
    # to 23 months ago: 66,500 over 1,012
    "late_share_slope_24m": 65,
    "max_dpd_change_3m": 31,
    "max_dpd_change_6m": 30,
    "openings_change_90d": 0,  # S1, S2 before
    "openings_change_180d": 2,
    "hard_inquiries_change_30d": 0,  # Q1, Q2 before
    "hard_inquiries_change_90d": 2,  # three, Q4 before
    "hard_inquiries_change_180d": 3,  # four, Q5 before
    "lenders_change_30d": 0,  # AN, AU before
    "lenders_change_90d": 1,  # AN AU AA, AS AU before
}
AGE: Table = {
    "age_of_oldest_tradeline_months": 86,
    "age_of_oldest_cards_months": 69,
    "age_of_oldest_loans_months": 86,
    "age_of_newest_tradeline_months": 1,
    "average_age_open_months": 34,  # (69 + 35 + 12 + 86 + 1 + 5) / 6
    "new_tradelines_30d": 0,
    "new_tradelines_90d": 1,  # S1; X1 was not borrowed
    "new_tradelines_180d": 2,
    "new_tradelines_365d": 2,  # L1 is 377 days old
    "new_nonbank_tradelines_90d": 1,
    "new_nonbank_tradelines_180d": 2,
    "lent_90d_cny": 300_000,
    "lent_365d_cny": 500_000,
    "closed_tradelines_180d": 1,
    "closed_tradelines_365d": 1,
    "short_loans_180d": 1,  # S2 lived 45 days
    "short_loans_365d": 1,
    "loans_paid_off_clean": 1,  # S2; B1 was late
}
INQUIRIES: Table = {
    "hard_inquiries_7d": 0,  # Q1 is seven days back
    "hard_inquiries_30d": 1,
    "hard_inquiries_90d": 3,
    "hard_inquiries_180d": 4,
    "hard_inquiries_365d": 5,
    "hard_inquiries_730d": 5,
    "loan_inquiries_30d": 1,
    "loan_inquiries_90d": 2,
    "card_inquiries_30d": 0,
    "card_inquiries_90d": 1,
    "guarantee_inquiries_730d": 1,
    "bank_inquiries_30d": 0,
    "bank_inquiries_90d": 1,
    "consumer_finance_inquiries_30d": 1,
    "consumer_finance_inquiries_90d": 1,
    "microlender_inquiries_30d": 0,
    "microlender_inquiries_90d": 1,
    "account_review_inquiries_180d": 1,
    "self_inquiries_180d": 1,
    "institutions_asking_30d": 1,
    "institutions_asking_90d": 3,
    "institutions_asking_180d": 4,
    "days_since_hard_inquiry": 7,
    "inquiries_without_account_90d": 2,  # Q1 Q3; AU lent five days after Q2
    "inquiries_without_account_180d": 3,
}
MULTI_LENDER: Table = {
    "lenders_30d": 1,
    "lenders_90d": 3,  # AN AU AA
    "lenders_180d": 4,  # and AS
    "nonbank_lenders_30d": 1,
    "nonbank_lenders_90d": 2,
    "nonbank_lenders_180d": 3,
    "bairong_bank_lenders_m1": "not_stated",
    "bairong_bank_lenders_m3": 2,
    "bairong_bank_lenders_m12": "not_stated",
    "bairong_nonbank_lenders_d7": "not_stated",
    "bairong_nonbank_lenders_m1": "not_stated",
    "bairong_nonbank_lenders_m3": 5,
    "bairong_nonbank_lenders_m12": "not_stated",
    "bairong_nonbank_applications_m3": 9,
    "bairong_nonbank_applications_m12": "not_stated",
    "baihang_revolving_lenders_d30": 1,
    "baihang_revolving_lenders_d180": "not_stated",
    "baihang_non_revolving_lenders_d30": "not_stated",
    "baihang_non_revolving_lenders_d180": "not_stated",
    "baihang_revolving_overdue_cny": 15_000,
    "baihang_non_revolving_overdue_cny": "not_stated",
    "tongdun_platforms_applied_d7": "not_stated",
    "tongdun_platforms_applied_m1": "not_stated",
    "tongdun_platforms_applied_m3": 4,
    "tongdun_platforms_applied_m12": "not_stated",
    "tongdun_platforms_lending_m3": "not_stated",
    "tongdun_platforms_lending_m12": 2,
    "pboc_lenders_loan_approval_m1": 1,
    "pboc_lenders_card_approval_m1": "not_stated",
}
INCOME: Table = {
    "contribution_months_6m": 4,  # one to four months ago; five and six are the gap
    "contribution_months_12m": 9,
    "contribution_months_24m": 10,
    "longest_contribution_run_24m": 6,  # seven to twelve months ago
    "contribution_gaps_12m": 2,
    "contribution_gaps_24m": 2,
    "months_since_last_contribution": 1,
    "months_since_first_contribution": 62,
    "contribution_kinds_3m": 1,  # the fund stopped in November
    "contribution_base_cny": 900_000,
    "contribution_base_change_3m": -1_000,
    "contribution_base_change_6m": -1_000,
    "contribution_base_change_12m": -1_000,
    # 9,252 bp of the mean for three months, 10,280 for eight: -12,336 over 110
    "contribution_base_slope_12m": -113,
    # 9,212 for three, 10,236 for ten: -15,360 over 182
    "contribution_base_slope_24m": -85,
    "contribution_base_spread_12m": 1_000,
    "contribution_base_spread_24m": 1_000,
    "scheduled_payments_to_base": 17_522,  # 15,770 of 9,000
    "housing_fund_balance_cny": 1_234_500,
}
PUBLIC: Table = {
    "adverse_public_records": 2,  # the award is none
    "tax_arrears_records": 0,
    "civil_judgment_records": 1,
    "enforcement_records": 0,
    "penalty_records": 1,
    "relief_records": 0,
    "adverse_public_records_12m": 1,
    "adverse_public_records_24m": 1,
    "adverse_public_records_60m": 2,
    "adverse_public_amount_cny": 3_050_000,
    "months_since_adverse_public_record": 6,
    "bills_in_arrears": 1,
    "bills_owed_cny": 12_000,
}
COVERAGE: Table = {
    "tradeline_sources": 2,
    "confirmed_tradelines": 1,  # L1
    "seasoned_tradelines_6m": 5,  # C1 C2 L1 M1 B1
    "seasoned_tradelines_12m": 4,
    "seasoned_tradelines_24m": 4,
    "months_known_12m": 11,  # this month is not told yet
    "months_known_24m": 23,
    "months_known_60m": 59,
    "stale_tradelines_3m": 0,
    "days_since_reported": 17,
    "disputed_tradelines": 1,
    "unlisted_lenders": 0,
    "contradicted_tradelines": 0,
}
EXPECTED: Table = {
    **EXPOSURE, **UTILISATION, **DELINQUENCY, **TRENDS, **AGE, **INQUIRIES, **MULTI_LENDER,
    **INCOME, **PUBLIC, **COVERAGE,
}  # fmt: skip

# Everybody answered and listed nothing: most counts are zero, these have no meaning.
OF_AN_EMPTY_FILE: dict[str, tuple[str, ...]] = {
    "no_balance": (
        "unsecured_balance_share", "nonbank_balance_share", "mortgages_balance_share",
        "largest_lender_share",
    ),
    "no_amount": ("instalment_unpaid_part", "contribution_base_cny", "scheduled_payments_to_base"),
    "no_terms": ("most_remaining_terms",),
    "no_limit": (
        "revolving_utilisation", "cards_utilisation", "revolving_loans_utilisation",
        "highest_card_utilisation", "cards_usual_utilisation_6m", "cards_peak_utilisation",
        "cards_utilisation_change_6m",
    ),
    "no_account": (
        "max_dpd_now", "past_due_31plus_cny", "past_due_61plus_cny", "past_due_91plus_cny",
        "loans_classed_below_normal", "loans_classed_bad", "days_since_reported",
    ),
    "no_history": (
        "max_dpd_3m", "max_dpd_6m", "max_dpd_12m", "max_dpd_24m", "max_dpd_60m",
        "max_dpd_cards_24m", "max_dpd_loans_24m", "months_late_1plus_3m", "months_late_1plus_6m",
        "months_late_1plus_12m", "months_late_1plus_24m", "months_late_1plus_60m",
        "late_payments_1plus_12m", "late_payments_1plus_24m", "late_payments_31plus_12m",
        "late_payments_31plus_24m", "accounts_late_1plus_6m", "accounts_late_1plus_12m",
        "accounts_late_1plus_24m", "accounts_late_1plus_60m", "accounts_late_31plus_6m",
        "accounts_late_31plus_12m", "accounts_late_31plus_24m", "accounts_late_31plus_60m",
        "accounts_late_91plus_6m", "accounts_late_91plus_12m", "accounts_late_91plus_24m",
        "accounts_late_91plus_60m", "months_since_last_delinquency", "months_since_last_31plus",
        "months_since_last_61plus", "months_since_last_91plus", "longest_late_run_24m",
        "longest_late_run_60m", "worst_overdue_24m_cny", "worst_overdue_60m_cny",
        "clean_accounts_share_12m", "clean_accounts_share_24m", "early_late_accounts_24m",
        "late_share_slope_6m", "late_share_slope_12m", "late_share_slope_24m",
        "max_dpd_change_3m", "max_dpd_change_6m", "contribution_months_6m",
        "contribution_months_12m", "contribution_months_24m", "longest_contribution_run_24m",
        "contribution_gaps_12m", "contribution_gaps_24m", "contribution_base_change_3m",
        "contribution_base_change_6m", "contribution_base_change_12m",
        "contribution_base_slope_12m", "contribution_base_slope_24m",
        "contribution_base_spread_12m", "contribution_base_spread_24m",
    ),
    "no_tradeline": (
        "age_of_oldest_tradeline_months", "age_of_oldest_cards_months",
        "age_of_oldest_loans_months", "age_of_newest_tradeline_months", "average_age_open_months",
    ),
    "never_asked": ("days_since_hard_inquiry",),
    "no_contribution": (
        "months_since_last_contribution", "months_since_first_contribution",
        "contribution_kinds_3m",
    ),
    "no_record": ("months_since_adverse_public_record",),
    "not_stated": tuple(
        name for name in (*MULTI_LENDER, "housing_fund_balance_cny")
        if name.startswith(("bairong", "baihang", "tongdun", "pboc", "housing_fund"))
    ),
}  # fmt: skip


def test_every_attribute_is_in_the_table() -> None:
    """An attribute nobody reckoned by hand is one nobody knows the meaning of."""
    assert list(EXPECTED) == [one.name for one in CONFIG.attributes.default.attributes]
    assert len(EXPECTED) >= 120


def test_every_attribute_of_the_borrower_is_as_reckoned() -> None:
    """All of them at once; pytest shows those that differ."""
    assert values(pulled(*BORROWER)) == EXPECTED


def test_an_empty_file_has_zeros_and_reasons_and_not_the_one_for_the_other() -> None:
    """Everybody answered and knows of nothing."""
    reasons = {name: why for why, names in OF_AN_EMPTY_FILE.items() for name in names}

    got = values(merged(*(heard(source) for source in SOURCES)))

    assert got == {name: reasons.get(name, 0) for name in EXPECTED}


def test_nobody_answered_is_the_reason_of_all() -> None:
    """Whatever the measure would have made of nothing."""
    got = values(merged(*(silent(source) for source in SOURCES)))

    assert set(got.values()) == {"no_source"}


@pytest.mark.parametrize(
    ("name", "records", "reason"),
    [
        ("total_balance_cny", [loan(balance=None)], "no_amount"),
        ("balance_cards_cny", [card(balance=None)], "no_amount"),
        ("small_open_loans", [loan(original_amount=None)], "no_amount"),
        ("largest_balance_cny", [loan(balance=None)], "no_amount"),
        ("unsecured_balance_share", [loan(balance=cny(0))], "no_balance"),
        ("nonbank_balance_share", [loan(balance=None)], "no_amount"),
        ("largest_lender_share", [loan(lender=None)], "no_balance"),
        ("guaranteed_balance_cny", [guaranteed(None)], "no_amount"),
        ("cards_used_from_5000bp", [card(credit_limit=None)], "no_limit"),
        ("cards_unused", [card(used=None, balance=None)], "no_limit"),
        ("revolving_available_cny", [card(credit_limit=cny(0))], "no_limit"),
        ("max_dpd_now", [loan(payment_status=None)], "no_figures"),
        ("max_dpd_now", [loan(payment_status=PaymentStatus.UNKNOWN)], "no_figures"),
        ("max_dpd_3m", [loan(grid=grid("####N"))], "no_history"),
        ("worst_overdue_24m_cny", [loan(grid=grid("1NN"))], "no_amount"),
        ("past_due_31plus_cny", [loan()], "no_amount"),
        ("loans_classed_bad", [loan()], "no_class"),
        ("loans_classed_bad", [loan(five_class="unclassified")], "no_class"),
        ("max_dpd_change_3m", [loan(grid=grid("NN"))], "no_history"),
        ("late_share_slope_6m", [loan(grid=grid("NN"))], "no_history"),
        ("lent_365d_cny", [loan(opened=day("2026-01-05"), original_amount=None)], "no_amount"),
        ("age_of_oldest_cards_months", [loan()], "no_tradeline"),
        ("average_age_open_months", [loan(status=AccountStatus.CLOSED)], "no_tradeline"),
        ("adverse_public_records_12m", [public("P", "penalty", None)], "undated"),
        ("months_since_adverse_public_record", [public("P", "penalty", None)], "undated"),
        ("adverse_public_amount_cny", [public("P", "penalty", None)], "no_amount"),
        ("bills_owed_cny", [bill("T", None)], "no_amount"),
        ("contribution_gaps_12m", [contribution()], "no_history"),
        ("contribution_base_spread_12m", [income(9_000)], "no_history"),
        ("contribution_base_slope_12m", [income(9_000, 9_000)], "no_history"),
    ],
)
def test_what_is_not_stated_is_no_number(name: str, records: list[Record], reason: str) -> None:
    """Each would be zero, or a good sign, if what nobody said were taken for nothing."""
    assert values(pulled(*records))[name] == reason
