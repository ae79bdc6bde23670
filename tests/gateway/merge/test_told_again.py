"""An account that one report lists twice, from the XML of the source to the profile."""

from copy import deepcopy
from datetime import UTC, datetime
from pathlib import Path

import pytest
from lxml import etree

from connectors.records import IssueKind, Report, Tradeline
from connectors.sources.pboc.report import read_report
from tests.gateway.reports import cny, lines_of, pulled

WHOLE = Path(__file__).parents[2] / "connectors" / "fixtures" / "pboc_every_segment.xml"


def listed_twice(balance: str | None, reference: str | None) -> Report:
    """A PBOC report in which the first account stands twice, the second time with this in it."""
    root = etree.parse(WHOLE).getroot()
    first = root.find("PDA/PD01")
    assert first is not None
    again = deepcopy(first)
    for path, text in (("PD01C/PD01CJ01", balance), ("PD01A/PD01AI03", reference)):
        leaf = again.find(path)
        assert leaf is not None
        leaf.text = leaf.text if text is None else text
    first.addnext(again)
    xml = etree.tostring(root, encoding="utf-8")
    return read_report(xml, source="pboc", received_at=datetime(2020, 6, 16, tzinfo=UTC))


@pytest.mark.parametrize(
    ("balance", "what"), [(None, "copy of another record"), ("999999", "account told again")]
)
def test_an_account_under_one_reference_is_one_account(balance: str | None, what: str) -> None:
    """Its debt counts once, whether or not the two agree, and an issue says it was told twice."""
    lines = [r for r in listed_twice(balance, None).records if isinstance(r, Tradeline)]
    profile = pulled(*lines)
    (line,) = (one for one in lines_of(profile) if len(one.records) == 2)

    assert len(lines) == 10
    assert len(lines_of(profile)) == 9
    assert profile.issues is not None
    assert (IssueKind.DUPLICATE, what, 1) in {
        (issue.kind, issue.what, issue.count) for issue in profile.issues.issues
    }
    assert line.balance is not None
    said = [line.balance.value, *(other.value for other in line.balance.against)]
    assert set(said) == {cny(480_000), cny(480_000 if balance is None else 999_999)}


def test_an_account_under_another_reference_is_another() -> None:
    """Two loans alike on one day are two; only a number can make them one."""
    lines = [r for r in listed_twice(None, "OTHER-1").records if isinstance(r, Tradeline)]

    assert len(lines_of(pulled(*lines))) == 10


def test_the_summaries_of_the_report_tell_of_the_doubled_account() -> None:
    """The bureau counted its accounts without it, so the reader says so before any merge."""
    told = {(issue.kind, issue.where) for issue in listed_twice(None, None).issues}

    assert (IssueKind.CONTRADICTION, "PC02AS01") in told
