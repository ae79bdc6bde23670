"""One borrower, built by hand, whose every attribute can be reckoned on paper.

Today is 17 March 2026; grids end in February, one month ago. Amounts are in yuan.

| id | account | opened | limit or lent | balance | history, newest first |
| --- | --- | --- | --- | --- | --- |
| C1 | card, bank AA, disputed | 2020-06-01 | 20,000 | 10,000 | 24 months paid |
| C2 | card, bank AB, overdue | 2023-03-18 | 10,000 | 9,500 | 31-60 days, 1-30, 8 paid, 1-30, paid |
| L1 | loan, consumer finance AN, at two bureaus | 2025-03-05 | 12,000 | 6,000 | 11 months paid |
| M1 | home loan, bank AD, special mention | 2019-01-10 | 800,000 | 500,000 | 60 months paid |
| S1 | loan, microlender AU | 2026-02-10 | 3,000 | 3,000 | none yet |
| S2 | loan, microlender AU, closed 2026-01-15 | 2025-12-01 | 2,000 | 0 | closed, paid |
| B1 | business loan, bank AE, closed 2023-02-10 | 2021-02-01 | 50,000 | 0 | 61-90 days in 2022-11 |
| X1 | sold debt, asset manager BI, in collection | 2025-10-01 | 5,000 | 5,000 | none |
"""

from dataclasses import replace
from datetime import date
from typing import Any

from connectors.money import Money, Month
from connectors.records import (
    AccountKind,
    AccountStatus,
    Annotation,
    Contribution,
    ContributionMonth,
    GridMonth,
    Income,
    Inquiry,
    InquiryKind,
    LenderType,
    Liability,
    Metric,
    PaymentStatus,
    Postpaid,
    PublicRecord,
    Record,
    Tradeline,
)
from consent.subject import Scope
from gateway.profile import AttributeSection, BorrowerProfile
from tests.gateway.reports import (
    NEWEST,
    TODAY,
    card,
    cny,
    contribution,
    day,
    grid,
    income,
    inquiry,
    loan,
)

NOTHING_LATE: dict[str, Any] = {
    "past_due": cny(0), "past_due_31_60": cny(0), "past_due_61_90": cny(0),
    "past_due_91_180": cny(0), "past_due_181_plus": cny(0),
}  # fmt: skip


def late_grid() -> tuple[GridMonth, ...]:
    """C2's: amounts for the month before last and for eleven months ago."""
    months = list(grid("21NNNNNNNN1" + "N" * 13))
    for back, yuan in ((1, 200), (10, 700)):
        months[back] = replace(months[back], overdue=Money(yuan * 100, "CNY"))
    return tuple(months)


ACCOUNTS: tuple[Tradeline, ...] = (
    card(
        "pboc", "C1", lender="AA", product="credit_card", guarantee="unsecured",
        average_used_6m=cny(8_000), highest_used=cny(19_000), scheduled_payment=cny(1_000),
        unbilled_instalments=cny(2_000), past_due=cny(0), grid=grid("N" * 24),
        payment_status=PaymentStatus.CURRENT,
        annotations=(Annotation(kind="dispute", text=None, added=day("2026-01-20")),),
    ),
    card(
        "pboc", "C2", lender="AB", product="credit_card", guarantee="unsecured",
        opened=day("2023-03-18"), credit_limit=cny(10_000), used=cny(9_500), balance=cny(9_500),
        average_used_6m=cny(9_900), highest_used=cny(10_500), scheduled_payment=cny(9_500),
        unbilled_instalments=cny(0), status=AccountStatus.OVERDUE, overdue_terms=2,
        payment_status=PaymentStatus.DPD_31_60, grid=late_grid(),
        **{**NOTHING_LATE, "past_due": cny(500), "past_due_31_60": cny(500)},
    ),
    loan(
        "pboc", "L1", product="other_consumer_loan", guarantee="unsecured", five_class="normal",
        remaining_terms=12, scheduled_payment=cny(550), **NOTHING_LATE,
    ),
    loan("baihang", "L1"),
    loan(
        "pboc", "M1", lender="AD", lender_type=LenderType.BANK, product="housing_loan",
        guarantee="mortgage", five_class="special_mention", opened=day("2019-01-10"),
        matures=day("2042-10-15"), original_amount=cny(800_000), balance=cny(500_000), terms=285,
        remaining_terms=200, scheduled_payment=cny(4_200), grid=grid("N" * 60), **NOTHING_LATE,
    ),
    loan(
        "pboc", "S1", lender="AU", lender_type=LenderType.MICROLENDER,
        product="other_consumer_loan", guarantee="unsecured", opened=day("2026-02-10"),
        matures=day("2026-08-10"), original_amount=cny(3_000), balance=cny(3_000), terms=6,
        remaining_terms=6, scheduled_payment=cny(520), grid=(),
    ),
    loan(
        "pboc", "S2", lender="AU", lender_type=LenderType.MICROLENDER,
        product="other_consumer_loan", guarantee="unsecured", opened=day("2025-12-01"),
        closed=day("2026-01-15"), matures=day("2026-06-01"), status=AccountStatus.CLOSED,
        original_amount=cny(2_000), balance=cny(0), terms=6, as_of=date(2026, 1, 31),
        grid=grid("CN", Month(2026, 1)),
    ),
    loan(
        "pboc", "B1", lender="AE", lender_type=LenderType.BANK, product="business_loan",
        guarantee="guarantor", opened=day("2021-02-01"), closed=day("2023-02-10"),
        matures=day("2024-02-01"), status=AccountStatus.CLOSED, original_amount=cny(50_000),
        balance=cny(0), as_of=date(2023, 2, 28), grid=grid("CNN3" + "N" * 20, Month(2023, 2)),
    ),
    loan(
        "pboc", "X1", lender="BI", lender_type=LenderType.ASSET_MANAGER,
        kind=AccountKind.COLLECTION, product="asset_disposal", opened=day("2025-10-01"),
        matures=None, status=AccountStatus.IN_COLLECTION, original_amount=cny(5_000),
        balance=cny(5_000), terms=None, grid=(),
    ),
)  # fmt: skip

INQUIRIES: tuple[Inquiry, ...] = (
    inquiry("pboc", "Q1"),  # AN, 7 days ago; the other bureau heard of it too
    inquiry("baihang", "Q1"),
    inquiry("pboc", "Q2", institution="AU", on=day("2026-02-05")),  # 40 days ago
    inquiry(
        "pboc", "Q3", institution="AA", on=day("2025-12-20"), kind=InquiryKind.CARD_APPLICATION
    ),  # 87 days ago
    inquiry("pboc", "Q4", institution="AS", on=day("2025-10-01")),  # 167 days ago
    inquiry(
        "pboc", "Q5", institution="AE", on=day("2025-06-01"), kind=InquiryKind.GUARANTEE_REVIEW
    ),  # 289 days ago
    inquiry("pboc", "Q6", institution="AA", on=day("2026-03-01"), kind=InquiryKind.ACCOUNT_REVIEW),
    inquiry("pboc", "Q7", institution=None, on=day("2026-02-20"), kind=InquiryKind.SELF),
)


def public(record_id: str, kind: str, filed: str | None, yuan: int | None = None) -> PublicRecord:
    """A public record of the bureau."""
    return PublicRecord(
        source="pboc", record_id=record_id, as_of=TODAY, kind=kind, authority=None,
        subject_matter=None, amount=cny(yuan), filed=day(filed), ended=None, status=None,
    )  # fmt: skip


def bill(record_id: str, yuan: int | None) -> Postpaid:
    """A telephone with so much unpaid."""
    return Postpaid(
        source="pboc", record_id=record_id, as_of=TODAY, account_type="telecom", provider=None,
        service="mobile", opened=None, status=None, arrears=cny(yuan), month=None,
    )  # fmt: skip


def guaranteed(yuan: int | None) -> Liability:
    """A loan of somebody else that the subject answers for."""
    return Liability(
        source="pboc", record_id="G1", as_of=TODAY, lender="AE", lender_type=None,
        borrower_category=None, role="guarantor", product=None, opened=None, matures=None,
        currency="CNY", liability=cny(yuan), balance=cny(yuan), five_class=None,
        account_kind=None, payment_status=None, overdue_months=None,
    )  # fmt: skip


def said(
    source: str, name: str, window: str, value: int, *,
    scope: Scope = Scope.INQUIRIES, key: str = "", segment: str = "", unit: str = "count",
) -> Metric:  # fmt: skip
    """What a source counted itself."""
    return Metric(
        source=source, record_id=f"{name}.{window}.{key}.{segment}", as_of=TODAY, scope=scope,
        name=name, window=window, value=value, unit=unit, key=key, segment=segment,
    )  # fmt: skip


OTHERS: tuple[Record, ...] = (
    public("P1", "civil_judgment", "2025-09-10", 30_000),
    public("P2", "penalty", "2023-05-01", 500),
    public("P3", "award", "2024-05-01"),
    bill("T1", 120),
    bill("T2", 0),
    guaranteed(40_000),
    said("bairong", "orgnum", "m3", 2, key="id", segment="bank"),
    said("bairong", "orgnum", "m3", 5, key="id", segment="nbank"),
    said("bairong", "allnum", "m3", 9, key="id", segment="nbank"),
    said("baihang", "applyTenantCount", "d30", 1, segment="revolving"),
    said(
        "baihang", "remainingOverdueAmount", "all", 15_000, segment="revolving", unit="fen",
        scope=Scope.TRADELINES,
    ),
    said("tongdun", "platforms_applied_count", "m3", 4),
    said("tongdun", "platforms_lending_count", "m12", 2, scope=Scope.TRADELINES),
    said("pboc", "lenders_loan_approval", "m1", 1),
    said(
        "housing_fund", "balance", "all", 1_234_500, unit="fen", scope=Scope.INCOME_AND_ASSETS
    ),
)  # fmt: skip

# A pension paid in February and back to March a year before, but for September and October.
PENSION: Contribution = contribution(
    first_paid=Month(2021, 1),
    months=tuple(
        ContributionMonth(month=NEWEST.plus(-back)) for back in range(12) if back not in {4, 5}
    ),
)
FUND: Contribution = contribution(
    "housing_fund", "F1", kind="housing_fund", first_paid=Month(2022, 5), paid_to=Month(2025, 11)
)
BASES: Income = income(*[9_000] * 3, *[10_000] * 10)

BORROWER: tuple[Record, ...] = (*ACCOUNTS, *INQUIRIES, *OTHERS, PENSION, FUND, BASES)
SOURCES = ("baihang", "bairong", "housing_fund", "pboc", "social_insurance", "tongdun")


Table = dict[str, int | str]
"""Attributes by name: a number (amounts in fen), or the reason there is none."""


def section(profile: BorrowerProfile) -> AttributeSection:
    """The attributes."""
    assert profile.attributes is not None
    return profile.attributes


def values(profile: BorrowerProfile) -> Table:
    """Each attribute's value, or why there is none."""
    return {
        one.name: one.value if one.value is not None else one.missing or "?"
        for one in section(profile).values
    }
