"""Summaries against details: a difference is news, a rule nobody published is not."""

from collections.abc import Callable
from datetime import UTC, datetime
from decimal import Decimal

import pytest
from lxml import etree

from connectors.money import Month
from connectors.records import IssueKind, Report
from connectors.sources.pboc.dictionary import LEAVES, Leaf
from connectors.sources.pboc.recounts import RULES
from connectors.sources.pboc.report import read_report

Edit = Callable[[etree._Element], None]
ReadEdited = Callable[[Edit], Report]
RECEIVED_AT = datetime(2020, 6, 16, tzinfo=UTC)
METRICS = [leaf for leaf in LEAVES if leaf.record == "Metric"]


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


def moved(leaf: Leaf, by: int) -> Edit:
    """An edit that makes the first number of `leaf` larger: by months, things or yuan."""

    def edit(root: etree._Element) -> None:
        found = root.find(leaf.path)
        assert found is not None
        text = found.text or ""
        if leaf.kind == "R":
            found.text = f"{Month.parse(text[:7]).plus(by)}{text[7:]}"
        else:
            found.text = str(Decimal(text) + by)

    return edit


@pytest.mark.parametrize("leaf", METRICS, ids=lambda leaf: leaf.tag)
def test_every_number_is_counted_again_or_says_why_not(edited: ReadEdited, leaf: Leaf) -> None:
    """An account left out of the details, or a debt out of the sum, shows here first."""
    step = 2 if leaf.detail.split()[1] == "m6" else 1  # an average is rounded to a yuan
    named = [contradicted(edited(moved(leaf, by))) for by in (-step, step)]

    if leaf.recomputed == "yes":
        assert {leaf.tag} in named
        assert all(tags <= {leaf.tag} for tags in named)
    else:
        assert named == [set(), set()]
        assert leaf.recomputed.count(" ") > 1  # a reason, in words


def test_the_rules_are_those_of_the_dictionary() -> None:
    """A rule for no tag, or a tag promised without a rule, is a promise nobody keeps."""
    assert {leaf.field for leaf in METRICS if leaf.recomputed == "yes"} == set(RULES) - {
        "months_since_last_inquiry"  # of 2017: the tag of the days, with months in it
    }
    assert not [leaf.tag for leaf in LEAVES if leaf.record != "Metric" and leaf.recomputed]


def test_a_missing_account_contradicts_every_sum_it_was_in(edited: ReadEdited) -> None:
    """This is what truncation by somebody in between looks like."""

    def edit(root: etree._Element) -> None:
        account = root.find("PDA/PD01[6]")
        assert account is not None
        root[11].remove(account)

    assert contradicted(edited(edit)) == {
        "PC02AS03", "PC02GS01", "PC02GS02", "PC02GJ01", "PC02GJ02",
    }  # fmt: skip


@pytest.mark.parametrize(
    ("path", "total"),
    [("PC02A/PC02AH/PC02AS03", "PC02AS01"), ("PC02B/PC02BH/PC02BJ02", "PC02BJ01")],
)
def test_a_total_is_the_sum_of_its_rows(edited: ReadEdited, path: str, total: str) -> None:
    """Where the details leave a row room, its total still does not."""

    def edit(root: etree._Element) -> None:
        for product in root.findall("PDA/PD01/PD01A/PD01AD03"):
            product.text = None
        row = root.find(f"PCO/PC02/{path}")
        assert row is not None
        row.text = str(int(row.text or "") - 1)

    assert contradicted(edited(edit)) == {total}


def test_rows_of_an_unknown_slice_are_held_against_nothing(edited: ReadEdited) -> None:
    """The code is an issue already; of which accounts the row speaks is not known."""
    slices = [leaf for leaf in LEAVES if leaf.record == "segment"]
    for leaf in slices:
        report = edited(set_text(leaf.path, "8"))

        assert [i.where for i in report.issues] == [leaf.tag]


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
