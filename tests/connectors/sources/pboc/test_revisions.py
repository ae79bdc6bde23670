"""Which revision of the product description a report follows, as far as its tags tell."""

from datetime import UTC, datetime
from pathlib import Path

import pytest
from lxml import etree

from connectors.records import IssueKind, Report
from connectors.sources.pboc import dictionary
from connectors.sources.pboc.dictionary import REVISIONS
from connectors.sources.pboc.report import read_report
from tests.connectors.sources.pboc.conftest import ReadEdited

FIXTURES = Path(__file__).parents[2] / "fixtures"
PLACES = {
    leaf.tag: leaf.path.rpartition("/")[0]
    for leaf in dictionary.LEAVES
    if leaf.tag in REVISIONS
} | {"PC02J": "PCO/PC02"}  # fmt: skip


def without_marks(root: etree._Element) -> None:
    """Take every tag out that tells a revision."""
    for node in list(root.iter(*REVISIONS)):
        parent = node.getparent()
        assert parent is not None
        parent.remove(node)


def add(root: etree._Element, place: str, tag: str) -> None:
    """One more tag, null, in the first container at `place`."""
    found = root.find(place)
    assert found is not None
    etree.SubElement(found, tag).text = ""


def odd(report: Report) -> list[tuple[IssueKind, str, str]]:
    """The issues of the report."""
    return [(issue.kind, issue.where, issue.what) for issue in report.issues]


@pytest.mark.parametrize("tag", REVISIONS)
def test_one_tag_tells_the_revision(edited: ReadEdited, tag: str) -> None:
    """The tag is there whether or not it holds anything."""

    def edit(root: etree._Element) -> None:
        without_marks(root)
        add(root, PLACES[tag], tag)

    assert edited(edit).version == f"second generation {REVISIONS[tag]}"


def test_a_report_without_a_mark_has_no_year(edited: ReadEdited) -> None:
    """2018, 2020 and a thin report of any year look alike: a guess would be a false statement."""
    assert edited(without_marks).version == "second generation"


def test_tags_of_two_revisions_are_an_issue(edited: ReadEdited) -> None:
    """No revision has both: a front-end mixed two reports, or our list of marks is wrong."""

    def edit(root: etree._Element) -> None:
        add(root, PLACES["PA01BI03"], "PA01BI03")
        for place in ("PCA/PD02[1]/PD02A", "PCO/PC02"):
            add(root, place, "PD02AJ02" if "PD02" in place else "PC02J")

    report = edited(edit)

    assert report.version == "second generation 2019"
    assert odd(report) == [
        (IssueKind.CONTRADICTION, tag, "of 2017, beside tags of 2019")
        for tag in ("PA01BI03", "PC02J", "PD02AJ02")
    ]


def test_a_tag_nobody_knows_makes_2019_or_later(edited: ReadEdited) -> None:
    """The day a newer revision arrives, stored reports must say that they are of it."""
    newer = edited(lambda root: add(root, "PDA/PD01[1]/PD01A", "PD01AD99"))

    assert newer.version == "second generation 2019 or later"
    assert odd(newer) == [
        (IssueKind.UNKNOWN_TAG, "PDA/PD01/PD01A/PD01AD99", "not in the dictionary")
    ]


@pytest.mark.parametrize("tag", ["PD01BJ01", "Remark"])
def test_a_tag_astray_is_no_later_revision(edited: ReadEdited, tag: str) -> None:
    """A known tag in the wrong place, or one of a front-end's own, is no word of CCRC's."""
    report = edited(lambda root: add(root, "PDA/PD01[1]/PD01A", tag))

    assert report.version == "second generation 2019"
    assert [kind for kind, _, _ in odd(report)] == [IssueKind.UNKNOWN_TAG]


def test_an_unknown_tag_beside_tags_of_2017_stays_2017() -> None:
    """What is older than what we know cannot be later."""
    root = etree.fromstring((FIXTURES / "pboc_2017_revision.xml").read_bytes())
    add(root, "PDA/PD01/PD01A", "PD01AD99")
    report = read_report(
        etree.tostring(root), source="pboc", received_at=datetime(2017, 9, 21, tzinfo=UTC)
    )

    assert report.version == "second generation 2017"
