"""Odd reports: what cannot be read is counted, dropped or refused, and never guessed."""

from collections.abc import Callable
from datetime import UTC, datetime
from pathlib import Path

import pytest
from lxml import etree

from connectors.errors import SourceBrokeContract
from connectors.money import Money
from connectors.records import (
    AccountStatus,
    Inquiry,
    InquiryKind,
    IssueKind,
    Metric,
    PaymentStatus,
    Record,
    Report,
    Tradeline,
)
from connectors.sources.pboc.report import read_report

FIXTURES = Path(__file__).parents[2] / "fixtures"
RECEIVED_AT = datetime(2020, 6, 16, tzinfo=UTC)

Edit = Callable[[etree._Element], None]
ReadEdited = Callable[[Edit], Report]


def account(record: Record) -> Tradeline:
    """For the type checker."""
    assert isinstance(record, Tradeline)
    return record


def yuan(amount: int) -> Money:
    """Whole yuan in fen."""
    return Money(amount * 100, "CNY")


def set_text(path: str, text: str | None) -> Edit:
    """An edit that replaces one value."""

    def edit(root: etree._Element) -> None:
        leaf = root.find(path)
        assert leaf is not None
        leaf.text = text

    return edit


def said(report: Report) -> set[tuple[IssueKind, str]]:
    """Kind and place of each issue."""
    return {(issue.kind, issue.where) for issue in report.issues}


def test_no_fraud_warning_without_the_flag(edited: ReadEdited) -> None:
    """The segment is there with flag 0 as well."""
    report = edited(set_text("PRH/PA01/PA01D/PA01DQ01", "0"))

    assert "PRH/PA01/PA01D" not in {record.record_id for record in report.records}
    assert report.issues == ()


def test_the_last_month_goes_before_the_latest_performance(edited: ReadEdited) -> None:
    """A bank's own reader of the format does so; B is what speaks when C is null."""

    def add_latest(root: etree._Element) -> None:
        unit = root.find("PDA/PD01[5]")
        assert unit is not None
        latest = etree.SubElement(unit, "PD01B")
        for tag, text in (("PD01BD01", "1"), ("PD01BJ01", "777"), ("PD01BD04", "2")):
            etree.SubElement(latest, tag).text = text
        balance = unit.find("PD01C/PD01CJ01")
        assert balance is not None
        balance.text = "--"

    found = {r.record_id: r for r in edited(add_latest).records}
    loan = account(found["PDA/PD01[5]"])

    assert loan.status is AccountStatus.OVERDUE
    assert loan.balance == yuan(777)
    assert loan.payment_status is PaymentStatus.DPD_31_60


def test_an_unknown_status_is_not_replaced_by_an_older_one(edited: ReadEdited) -> None:
    """The account may have turned bad in a way we have no word for."""

    def edit(root: etree._Element) -> None:
        set_text("PDA/PD01[5]/PD01C/PD01CD01", "77")(root)
        unit = root.find("PDA/PD01[5]")
        assert unit is not None
        etree.SubElement(etree.SubElement(unit, "PD01B"), "PD01BD01").text = "1"

    report = edited(edit)
    found = {r.record_id: r for r in report.records}

    assert account(found["PDA/PD01[5]"]).status is AccountStatus.UNKNOWN
    assert (IssueKind.UNKNOWN_CODE, "PD01CD01") in said(report)


def test_a_code_of_another_account_type_is_unknown(edited: ReadEdited) -> None:
    """7 is a forced liquidation on a loan and nothing on a card."""
    report = edited(set_text("PDA/PD01[7]/PD01C/PD01CD01", "7"))

    assert [i.what for i in report.issues if i.where == "PD01CD01"] == ["code '7' of R2"]


def test_an_account_of_an_unknown_type_is_an_issue(edited: ReadEdited) -> None:
    """Without its type no code of it means anything, so there is no record."""
    report = edited(set_text("PDA/PD01[1]/PD01A/PD01AD01", "Q9"))

    assert "PDA/PD01[1]" not in {record.record_id for record in report.records}
    assert (IssueKind.UNKNOWN_CODE, "PD01AD01") in said(report)


@pytest.mark.parametrize("null", [None, "", "null", "--", "  "])
def test_null_has_four_spellings_and_blanks(edited: ReadEdited, null: str | None) -> None:
    """`--` read as a text would be a lender called minus minus."""
    report = edited(set_text("PDA/PD01[1]/PD01A/PD01AD03", null))
    found = {r.record_id: r for r in report.records}

    assert account(found["PDA/PD01[1]"]).product is None
    assert report.issues == ()


@pytest.mark.parametrize(
    ("path", "text", "kind", "where"),
    [
        ("PDA/PD01[1]/PD01C/PD01CJ01", "-5", IssueKind.BAD_VALUE, "PD01CJ01"),
        ("PDA/PD01[1]/PD01C/PD01CJ01", "9" * 20, IssueKind.BAD_VALUE, "PD01CJ01"),
        ("PDA/PD01[1]/PD01A/PD01AR01", "2034-01-01", IssueKind.BAD_VALUE, "PD01AR01"),
        ("PDA/PD01[1]/PD01A/PD01AR01", "1016-01-01", IssueKind.BAD_VALUE, "PD01AR01"),
        ("PDA/PD01[1]/PD01A/PD01AR01", "2016-02-30", IssueKind.BAD_VALUE, "PD01AR01"),
        ("PDA/PD01[1]/PD01A/PD01AD08", "7", IssueKind.UNKNOWN_CODE, "PD01AD08"),
        ("PDA/PD01[1]/PD01C/PD01CS01", "many", IssueKind.BAD_VALUE, "PD01CS01"),
        ("PDA/PD01[1]/PD01D/PD01DH/PD01DR03", "2034-01", IssueKind.BAD_VALUE, "PD01DR03"),
        ("PDA/PD01[1]/PD01F/PD01FS01", "9", IssueKind.CONTRADICTION, "PD01FS01"),
        ("PSM/PC01/PC010Q01", "986", IssueKind.BAD_VALUE, "PC010Q01"),
        ("PCO/PC02/PC02A/PC02AH/PC02AR01", "2034-01", IssueKind.BAD_VALUE, "PC02AR01"),
        ("PND/PE01/PE01A/PE01AQ02", "N" * 25, IssueKind.BAD_VALUE, "PE01AQ02"),
        ("POQ/PH01/PH010R01", "", IssueKind.MISSING, "PH010R01"),
        ("PRM/PB03/PB030Q01", "", IssueKind.MISSING, "PB030Q01"),
        ("PHF/PF05/PF05A/PF05AJ01", "3,600", IssueKind.BAD_VALUE, "PF05AJ01"),
    ],
)
def test_a_value_of_the_wrong_kind_is_counted_and_dropped(
    edited: ReadEdited, path: str, text: str, kind: IssueKind, where: str
) -> None:
    """Never a guess, and never the value itself in the issue."""
    report = edited(set_text(path, text))

    assert (kind, where) in said(report)
    assert not any(text in issue.what for issue in report.issues if len(text) > 4)


def test_amounts_keep_the_currency_of_the_account(edited: ReadEdited) -> None:
    """A card in dollars or yen is not in yuan."""
    report = edited(set_text("PDA/PD01[7]/PD01A/PD01AD04", "JPY"))
    card = account({r.record_id: r for r in report.records}["PDA/PD01[7]"])

    assert (card.currency, card.used) == ("JPY", Money(45_000, "JPY"))


def test_amounts_in_an_unknown_currency_are_left_out(edited: ReadEdited) -> None:
    """Their minor unit is not known, so neither is the amount."""
    report = edited(set_text("PDA/PD01[7]/PD01A/PD01AD04", "XTS"))
    card = account({r.record_id: r for r in report.records}["PDA/PD01[7]"])

    assert (card.currency, card.used) == (None, None)
    assert {(IssueKind.UNKNOWN_CODE, "PD01AD04"), (IssueKind.BAD_VALUE, "PD01CJ02")} <= said(report)


def test_an_unknown_tag_is_counted_where_it_stands(edited: ReadEdited) -> None:
    """A newer revision of the format shows up the day it arrives, once per place."""

    def edit(root: etree._Element) -> None:
        for parent in ("PDA/PD01[1]/PD01A", "PDA/PD01[2]/PD01A", "PDA/PD01[1]/PD01D/PD01DH"):
            found = root.find(parent)
            assert found is not None
            etree.SubElement(found, "PD01AD99").text = "1"
        inner = root.find("PDA/PD01[3]/PD01A/PD01AI02")
        assert inner is not None
        etree.SubElement(inner, "张三")

    report = edited(edit)

    assert [(i.where, i.count) for i in report.issues if i.kind is IssueKind.UNKNOWN_TAG] == [
        ("PD01AI02/another element", 1),
        ("PDA/PD01/PD01A/PD01AD99", 2),
        ("PDA/PD01/PD01D/PD01DH/PD01AD99", 1),
    ]


@pytest.mark.parametrize(
    "path", ["PRH/PA01/PA01C", "PIM", "PDA", "PDA/PD01[1]/PD01C", "PDA/PD01[1]/PD01A/PD01AI02"]
)
def test_what_stands_there_twice_is_an_issue(edited: ReadEdited, path: str) -> None:
    """Two chapters of accounts would double the debts."""

    def edit(root: etree._Element) -> None:
        found = root.find(path)
        assert found is not None
        parent = found.getparent()
        assert parent is not None
        parent.insert(parent.index(found), etree.fromstring(etree.tostring(found)))

    report = edited(edit)

    assert [i.where for i in report.issues if i.kind is IssueKind.DUPLICATE] == [
        path.replace("[1]", "")
    ]
    assert len([r for r in report.records if isinstance(r, Tradeline)]) == 9


def test_an_inquiry_for_an_unknown_reason_is_kept(edited: ReadEdited) -> None:
    """Somebody asked, whatever for; dropping it would hide a lender."""
    report = edited(set_text("POQ/PH01/PH010Q03", "77"))
    first = next(r for r in report.records if isinstance(r, Inquiry))

    assert (first.reason, first.kind) == ("unknown", InquiryKind.OTHER)
    assert (IssueKind.UNKNOWN_CODE, "PH010Q03") in said(report)


def test_a_slice_we_do_not_know_is_called_unknown(edited: ReadEdited) -> None:
    """Left out, the overdue cards would read as all overdue accounts."""
    report = edited(set_text("PCO/PC02/PC02D/PC02DH/PC02DD01", "77"))
    part = next(r for r in report.records if r.record_id.endswith("PC02DH[1]/PC02DS02"))

    assert isinstance(part, Metric)
    assert part.segment == "unknown"
    assert (IssueKind.UNKNOWN_CODE, "PC02DD01") in said(report)


@pytest.mark.parametrize(
    ("path", "text"),
    [
        ("PRH/PA01/PA01A/PA01AI01", "--"),
        ("PRH/PA01/PA01A/PA01AI01", "2020\n0615"),
        ("PRH/PA01/PA01A/PA01AI01", "1" * 129),
        ("PRH/PA01/PA01A/PA01AR01", ""),
        ("PRH/PA01/PA01A/PA01AR01", "2020-06-15"),
        ("PRH/PA01/PA01A/PA01AR01", "2020-06-31T10:00:00"),
        ("PRH/PA01/PA01A/PA01AR01", "1999-06-15T10:00:00"),
    ],
)
def test_a_report_without_name_or_time_breaks_the_contract(
    edited: ReadEdited, path: str, text: str
) -> None:
    """Nothing in it could be dated or found again."""
    with pytest.raises(SourceBrokeContract):
        edited(set_text(path, text))


def test_a_report_from_the_future_says_so(edited: ReadEdited) -> None:
    """Its clock or ours is wrong; what it calls past may not be."""
    report = edited(set_text("PRH/PA01/PA01A/PA01AR01", "2034-06-15T10:30:00"))

    assert (IssueKind.BAD_VALUE, "PA01AR01") in said(report)


@pytest.mark.parametrize(
    "content",
    [
        b"",
        b"<Document/>",
        b"<Document><PRH/></Document>",
        b"<Document><PDA><PD01/></PDA></Document>",
        b"text",
        b'<!DOCTYPE a [<!ENTITY b "c">]><Document>&b;</Document>',
        b"<Document>&b;</Document>",
        b"<a>" * 10_000,
    ],
)
def test_what_is_no_report_breaks_the_contract(content: bytes) -> None:
    """A typed outcome and no more."""
    with pytest.raises(SourceBrokeContract):
        read_report(content, source="pboc", received_at=RECEIVED_AT)


@pytest.mark.parametrize(
    "prologue",
    [
        b"<!DOCTYPE Document>",
        b'<!DOCTYPE Document SYSTEM "file:///etc/passwd">',
        b'<!DOCTYPE Document [<!ENTITY a "aa"><!ENTITY b "&a;&a;&a;&a;&a;&a;">]>',
    ],
)
def test_a_sound_report_with_a_doctype_is_refused(prologue: bytes) -> None:
    """It has no use but for an attack, so nothing behind it is parsed."""
    content = prologue + (FIXTURES / "pboc_thin_file.xml").read_bytes()
    with pytest.raises(SourceBrokeContract, match="doctype"):
        read_report(content, source="pboc", received_at=RECEIVED_AT)


def test_a_declared_charset_does_not_mislead() -> None:
    """The bytes were made UTF-8 before; a declaration inside may still say otherwise."""
    plain = (FIXTURES / "pboc_thin_file.xml").read_bytes()
    declared = b'<?xml version="1.0" encoding="GB18030"?>' + plain

    assert read_report(declared, source="pboc", received_at=RECEIVED_AT) == read_report(
        plain, source="pboc", received_at=RECEIVED_AT
    )


def test_a_flood_of_issues_is_bounded(edited: ReadEdited) -> None:
    """A report made to fill our storage with complaints about it."""

    def edit(root: etree._Element) -> None:
        for n in range(3000):
            etree.SubElement(root, f"P{n:05d}")

    report = edited(edit)

    assert len(report.issues) <= 501
    assert sum(issue.count for issue in report.issues) == 3000
