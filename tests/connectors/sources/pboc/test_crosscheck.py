"""Summaries against details: a difference is news, a rule nobody published is not."""

from collections.abc import Callable
from datetime import UTC, datetime

import pytest
from lxml import etree

from connectors.records import IssueKind, Report
from connectors.sources.pboc.report import read_report

Edit = Callable[[etree._Element], None]
ReadEdited = Callable[[Edit], Report]
RECEIVED_AT = datetime(2020, 6, 16, tzinfo=UTC)


def contradicted(report: Report) -> set[str]:
    """The summary tags that the details contradict."""
    return {i.where for i in report.issues if i.kind is IssueKind.CONTRADICTION}


def set_text(path: str, text: str) -> Edit:
    """An edit that replaces one value."""

    def edit(root: etree._Element) -> None:
        leaf = root.find(path)
        assert leaf is not None
        leaf.text = text

    return edit


@pytest.mark.parametrize(
    ("path", "text"),
    [
        ("PCO/PC02/PC02A/PC02AS01", "12"),
        ("PCO/PC02/PC02B/PC02BS01", "2"),
        ("PCO/PC02/PC02B/PC02BJ01", "6501"),
        ("PCO/PC02/PC02C/PC02CS01", "0"),
        ("PCO/PC02/PC02C/PC02CJ01", "1"),
        ("PCO/PC02/PC02D/PC02DH/PC02DS02", "3"),
        ("PCO/PC02/PC02E/PC02ES01", "2"),
        ("PCO/PC02/PC02E/PC02ES02", "2"),
        ("PCO/PC02/PC02E/PC02EJ02", "1"),
        ("PCO/PC02/PC02F/PC02FJ02", "1"),
        ("PCO/PC02/PC02G/PC02GS02", "4"),
        ("PCO/PC02/PC02H/PC02HS01", "2"),
        ("PCO/PC02/PC02K/PC02KH/PC02KS02", "2"),
        ("PNO/PC03/PC030H/PC030S02", "0"),
        ("PNO/PC03/PC030H/PC030J01", "121"),
        ("PPO/PC04/PC040H/PC040S02", "2"),
        ("PPO/PC04/PC040H/PC040J01", "501"),
        ("PQO/PC05/PC05B/PC05BS01", "5"),
        ("PQO/PC05/PC05B/PC05BS03", "0"),
        ("PQO/PC05/PC05B/PC05BS06", "3"),
    ],
)
def test_a_summary_that_the_details_contradict_is_named(
    edited: ReadEdited, path: str, text: str
) -> None:
    """An account left out of the details, or a debt out of the sum, shows here first."""
    assert contradicted(edited(set_text(path, text))) == {path.rpartition("/")[2]}


def test_a_missing_account_contradicts_every_sum_it_was_in(edited: ReadEdited) -> None:
    """This is what truncation by somebody in between looks like."""

    def edit(root: etree._Element) -> None:
        account = root.find("PDA/PD01[6]")
        assert account is not None
        root[11].remove(account)

    assert contradicted(edited(edit)) == {"PC02GS01", "PC02GS02", "PC02GJ02"}


@pytest.mark.parametrize(
    "path", ["PCO/PC02/PC02E/PC02EJ03", "PCO/PC02/PC02H/PC02HJ01", "PQO/PC05/PC05B/PC05BS05"]
)
def test_what_follows_unpublished_rules_is_left_alone(edited: ReadEdited, path: str) -> None:
    """Averages, limits shared by cards, and self inquiries that the report does not list."""
    assert contradicted(edited(set_text(path, "9"))) == set()


def test_an_inquiry_at_the_edge_of_a_window_is_no_difference(edited: ReadEdited) -> None:
    """A month is 28 to 31 days; CCRC has not said which."""
    for day in ("2020-05-15", "2020-05-18"):
        assert contradicted(edited(set_text("POQ/PH01[2]/PH010R01", day))) == set()


def test_a_partial_report_is_not_held_against_its_summaries(every_segment: bytes) -> None:
    """What CCRC left out for its length is missing on purpose (DBO004)."""
    root = etree.fromstring(every_segment)
    set_text("PCO/PC02/PC02A/PC02AS01", "500")(root)
    xml = etree.tostring(root)
    whole, part = (
        read_report(xml, source="pboc", received_at=RECEIVED_AT, partial=cut)
        for cut in (False, True)
    )

    assert contradicted(whole) == {"PC02AS01"}
    assert contradicted(part) == set()
