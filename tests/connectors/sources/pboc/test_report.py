"""The report: every fact comes out, in our words and units, and what is odd is counted."""

from collections import Counter
from datetime import UTC, date, datetime
from pathlib import Path

import pytest

from connectors.money import Money, Month, PartialDate
from connectors.records import (
    AccountKind,
    AccountStatus,
    Annotation,
    BureauScore,
    Contribution,
    CreditAgreement,
    Employment,
    IdDocument,
    Identity,
    Inquiry,
    LargeInstalment,
    LenderType,
    Liability,
    Metric,
    PaymentStatus,
    Phone,
    Postpaid,
    PublicRecord,
    Record,
    Report,
    SpecialEvent,
    SpecialTransaction,
    Statement,
    Tradeline,
)
from connectors.sources.pboc.report import read_report

FIXTURES = Path(__file__).parents[2] / "fixtures"
RECEIVED_AT = datetime(2020, 6, 16, tzinfo=UTC)


def read(name: str) -> Report:
    """A fixture as it stands."""
    content = (FIXTURES / f"pboc_{name}.xml").read_bytes()
    return read_report(content, source="pboc", received_at=RECEIVED_AT)


@pytest.fixture(scope="module")
def whole() -> dict[str, Record]:
    """The records of the complete report by id."""
    return {record.record_id: record for record in read("every_segment").records}


def account(record: Record) -> Tradeline:
    """For the type checker."""
    assert isinstance(record, Tradeline)
    return record


def yuan(amount: int) -> Money:
    """Whole yuan in fen."""
    return Money(amount * 100, "CNY")


def test_a_sound_report_has_no_issues() -> None:
    """An alarm that rings on sound reports is switched off."""
    assert read("every_segment").issues == ()
    assert read("thin_file").issues == ()


def test_the_header_names_and_dates_the_report() -> None:
    """China is eight hours ahead: in UTC a report of the morning is of the night before."""
    report = read("every_segment")

    assert report.report_id == "2020061510300000000001"
    assert report.as_of == datetime(2020, 6, 15, 2, 30, tzinfo=UTC)
    assert report.version == "second generation 2019"


def test_every_kind_of_record_is_there() -> None:
    """One fixture shows the whole of CCRC."""
    found = Counter(type(record).__name__ for record in read("every_segment").records)

    assert found == {
        "Metric": 86, "Tradeline": 9, "PublicRecord": 7, "Inquiry": 6, "Statement": 2, "Phone": 2,
        "Address": 2, "Liability": 2, "Identity": 1, "BureauScore": 1, "Employment": 1,
        "CreditAgreement": 1, "Postpaid": 1, "Contribution": 1,
    }  # fmt: skip


def test_the_person_is_put_together_from_three_chapters(whole: dict[str, Record]) -> None:
    """Header, profile and marriage are one person; other documents help to match."""
    person = whole["PRH/PA01"]

    assert isinstance(person, Identity)
    assert [d.type for d in person.documents] == ["CN_RIC", "PASSPORT"]
    assert person.birth_date == PartialDate(1990, 3, 7)
    assert (person.sex, person.education, person.marital_status) == ("male", "bachelor", "married")
    assert person.spouse_document == IdDocument(type="CN_RIC", number="999999199105181223")


def test_a_fraud_warning_is_a_statement(whole: dict[str, Record]) -> None:
    """The subject asked lenders to look twice; a lender must see it."""
    warning = whole["PRH/PA01/PA01D"]

    assert isinstance(warning, Statement)
    assert [(a.kind, str(a.added)) for a in warning.annotations] == [
        ("fraud_alert", "2020-05-01"),
        ("fraud_alert_end", "2020-11-01"),
    ]


def test_what_was_reported_earlier_is_dated_earlier(whole: dict[str, Record]) -> None:
    """An old mobile number is not today's."""
    phone, job = whole["PIM/PB01/PB01B/PB01BH[2]"], whole["POM/PB04[1]"]

    assert isinstance(phone, Phone)
    assert phone.as_of == date(2018, 2, 3)
    assert isinstance(job, Employment)
    assert (job.since_year, job.industry) == (PartialDate(2015), "information_technology")


def test_the_score_has_its_factors(whole: dict[str, Record]) -> None:
    """A number without reasons explains nothing to a borrower."""
    assert whole["PSM/PC01"] == BureauScore(
        source="pboc",
        record_id="PSM/PC01",
        as_of=date(2020, 6, 15),
        product="digital_interpretation",
        value=742,
        percentile=45,
        factors=("short_credit_history", "many_recent_hard_inquiries"),
    )


def test_accounts_of_all_six_types_keep_their_kind_and_status(whole: dict[str, Record]) -> None:
    """A status code is read by account type: 4 is a bad debt here and a closed card there."""
    found = [account(whole[f"PDA/PD01[{n}]"]) for n in range(1, 10)]

    assert [(a.kind, a.status) for a in found] == [
        (AccountKind.INSTALMENT_LOAN, AccountStatus.CURRENT),
        (AccountKind.INSTALMENT_LOAN, AccountStatus.TRANSFERRED),
        (AccountKind.INSTALMENT_LOAN, AccountStatus.CLOSED),
        (AccountKind.INSTALMENT_LOAN, AccountStatus.CHARGED_OFF),
        (AccountKind.REVOLVING_SUBACCOUNT, AccountStatus.OVERDUE),
        (AccountKind.REVOLVING_LOAN, AccountStatus.CURRENT),
        (AccountKind.CREDIT_CARD, AccountStatus.CURRENT),
        (AccountKind.QUASI_CREDIT_CARD, AccountStatus.LEGAL_RECOVERY),
        (AccountKind.COLLECTION, AccountStatus.IN_COLLECTION),
    ]


def test_a_loan_has_all_its_facts(whole: dict[str, Record]) -> None:
    """Amounts in fen, dates as precise as given, codes in our words."""
    loan = account(whole["PDA/PD01[1]"])

    assert loan.as_of == date(2020, 6, 1)
    assert (loan.lender, loan.lender_type) == ("AB", LenderType.BANK)
    assert (loan.account_ref, loan.agreement_ref) == ("ACC-D1-1", None)
    assert (loan.product, loan.guarantee, loan.joint) == (
        "housing_loan", "mortgage", "main_borrower",
    )  # fmt: skip
    assert (loan.original_amount, loan.balance) == (yuan(600_000), yuan(480_000))
    assert (loan.terms, loan.remaining_terms, loan.overdue_terms) == (240, 193, 0)
    assert (loan.opened, loan.matures) == (PartialDate(2016, 7, 8), PartialDate(2036, 7, 8))
    assert (loan.scheduled_payment, loan.actual_payment) == (yuan(3900), yuan(3900))
    assert loan.payment_due == PartialDate(2020, 5, 20)
    assert loan.transactions == (
        SpecialTransaction(
            kind="early_repayment",
            on=PartialDate(2019, 3, 4),
            months_shifted=0,
            amount=yuan(20_000),
            detail="提前还款部分本金",
        ),
        SpecialTransaction(kind="deferral_by_bank", on=PartialDate(2020, 2), months_shifted=-1),
    )
    assert [a.kind for a in loan.annotations] == ["dispute", "furnisher_note"]


def test_a_card_has_its_limits_and_instalments(whole: dict[str, Record]) -> None:
    """Utilisation counts the shared limit and what is not yet billed."""
    card = account(whole["PDA/PD01[7]"])

    assert (card.credit_limit, card.shared_limit) == (yuan(50_000), yuan(80_000))
    assert (card.used, card.unbilled_instalments) == (yuan(45_000), yuan(12_000))
    assert (card.past_due, card.overdue_terms) == (yuan(4200), 1)
    assert card.events == (
        SpecialEvent(kind="no_bill_due_to_billing_day_change", month=Month(2020, 2)),
    )
    assert card.instalments == (
        LargeInstalment(
            limit=yuan(24_000),
            starts=PartialDate(2019, 6, 1),
            ends=PartialDate(2022, 6, 1),
            used=yuan(12_000),
        ),
    )


def test_an_overdraft_fills_the_fields_of_its_kind(whole: dict[str, Record]) -> None:
    """A quasi credit card has its own tags for the same facts."""
    card = account(whole["PDA/PD01[8]"])

    assert card.past_due_181_plus == yuan(3000)
    assert (card.average_used_6m, card.highest_used) == (yuan(3000), yuan(4800))


def test_a_closed_account_stands_on_its_latest_performance(whole: dict[str, Record]) -> None:
    """Without a last month, segment B speaks, and dates the record."""
    moved = account(whole["PDA/PD01[2]"])

    assert moved.as_of == date(2019, 8, 31)
    assert (moved.closed, moved.transferred) == (PartialDate(2019, 8, 9), PartialDate(2019, 8))
    assert (moved.balance, moved.payment_status) == (yuan(0), PaymentStatus.CURRENT)


def test_what_may_lie_ahead_is_no_issue(whole: dict[str, Record]) -> None:
    """Loans mature after the report that lists them."""
    assert account(whole["PDA/PD01[1]"]).matures == PartialDate(2036, 7, 8)


def test_a_public_record_keeps_what_only_its_kind_has(whole: dict[str, Record]) -> None:
    """Claim, household income, level: no two authorities report the same facts."""
    found = {r.kind: r for r in whole.values() if isinstance(r, PublicRecord)}

    assert set(found) == {
        "tax_arrears", "civil_judgment", "enforcement", "penalty", "relief", "licence", "award",
    }  # fmt: skip
    assert found["enforcement"].outcome_amount == yuan(12_000)
    assert found["enforcement"].details == (("claim", "借款本金"), ("executed", "银行存款"))
    assert dict(found["relief"].details)["household_income"] == "800"
    assert dict(found["licence"].details)["revoked"] == "2019-12"


def test_the_housing_fund_is_a_contribution(whole: dict[str, Record]) -> None:
    """Its last paid month tells whether a job was lost."""
    fund = whole["PHF/PF05[1]"]

    assert isinstance(fund, Contribution)
    assert (fund.paid_to, fund.monthly_amount) == (Month(2020, 5), yuan(3600))
    assert (fund.status, fund.as_of) == ("paying", date(2020, 6, 2))


def test_a_post_paid_service_has_its_months_newest_first(whole: dict[str, Record]) -> None:
    """The last of 24 symbols is the month of billing."""
    service = whole["PND/PE01[1]"]

    assert isinstance(service, Postpaid)
    assert service.grid[0] == (Month(2020, 5), "arrears_1_month")
    assert service.grid[2] == (Month(2020, 3), "unknown")
    assert len(service.grid) == 24


def test_a_liability_is_read_by_who_borrowed(whole: dict[str, Record]) -> None:
    """Code 11 of the product is a housing loan of a person and a loan of an organisation."""
    person, firm = whole["PCR/PD03[1]"], whole["PCR/PD03[2]"]

    assert isinstance(person, Liability)
    assert isinstance(firm, Liability)
    assert (person.product, person.payment_status) == ("other_consumer_loan", PaymentStatus.CURRENT)
    assert (firm.product, firm.role) == ("loan", "co_borrower")
    assert firm.liability == Money(25_000_050, "CNY")


def test_a_line_of_credit_is_an_agreement(whole: dict[str, Record]) -> None:
    """Its accounts point to it by its reference."""
    line = whole["PCA/PD02[1]"]

    assert isinstance(line, CreditAgreement)
    assert line.agreement_ref == account(whole["PDA/PD01[5]"]).agreement_ref == "LINE-1"
    assert (line.amount, line.used, line.purpose) == (
        yuan(50_000), yuan(9000), "revolving_loan_line",
    )  # fmt: skip


def test_inquiries_keep_reason_and_kind(whole: dict[str, Record]) -> None:
    """Only some reasons follow an application for credit."""
    found = [r for r in whole.values() if isinstance(r, Inquiry)]

    assert [(i.reason, i.kind.hard) for i in found] == [
        ("loan_approval", True),
        ("loan_approval", True),
        ("card_approval", True),
        ("post_loan_management", False),
        ("guarantee_qualification", True),
        ("credit_standing_review", True),
    ]
    assert found[0].institution_type is LenderType.CONSUMER_FINANCE


def test_summaries_are_metrics_with_their_slice(whole: dict[str, Record]) -> None:
    """A part without its slice would read as the whole."""
    total, part = (
        whole["PCO/PC02/PC02A/PC02AS01"],
        whole["PCO/PC02/PC02A/PC02AH[3]/PC02AS03"],
    )

    assert isinstance(total, Metric)
    assert isinstance(part, Metric)
    assert (total.name, total.value, total.segment) == ("accounts", 8, "")
    assert (part.name, part.value, part.segment) == (
        "accounts_by_business", 1, "credit_card/card",
    )  # fmt: skip
    assert {m.unit for m in whole.values() if isinstance(m, Metric)} == {
        "count", "fen", "months", "days",
    }  # fmt: skip


def test_a_statement_names_what_it_is_about(whole: dict[str, Record]) -> None:
    """The subject may contradict one block of the report."""
    assert whole["POS/PG01[1]"] == Statement(
        source="pboc",
        record_id="POS/PG01[1]",
        as_of=date(2020, 6, 15),
        object_type="data_block",
        object_id="residence",
        annotations=(
            Annotation(
                kind="subject_statement", text="虚构居住声明", added=PartialDate(2020, 4, 5)
            ),
        ),
    )


def test_a_thin_file_is_a_report() -> None:
    """Empty chapters are empty, not broken."""
    assert [type(r) for r in read("thin_file").records] == [Identity, Inquiry]


def test_the_revision_of_2017_is_read() -> None:
    """Its tags and month-only dates still stand in stored reports."""
    content = (FIXTURES / "pboc_2017_revision.xml").read_bytes()
    received = datetime(2017, 9, 21, tzinfo=UTC)
    report = read_report(content, source="pboc", received_at=received)
    found = {r.record_id: r for r in report.records}
    asked, line = found["POQ/PH01[1]"], found["PCA/PD02[1]"]

    assert report.version == "second generation 2017"
    assert [(c.month, c.status, c.overdue) for c in account(found["PDA/PD01[1]"]).grid] == [
        (Month(2017, 8), PaymentStatus.CURRENT, yuan(0)),
        (Month(2017, 7), PaymentStatus.DPD_1_30, yuan(1000)),
    ]
    assert isinstance(asked, Inquiry)
    assert (asked.on, asked.institution_type) == (PartialDate(2017, 8), None)
    assert isinstance(line, CreditAgreement)
    assert line.agreement_ref == "AGR-2017"
    assert [(i.where, i.what) for i in report.issues] == [
        ("PD03AD02", "code '91' of a borrower of no stated category"),
        ("PH010D01", "code '2010'"),
    ]
