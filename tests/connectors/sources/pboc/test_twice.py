"""What stands twice in a report is counted, and never read when the two differ."""

from collections.abc import Iterator
from copy import deepcopy
from datetime import UTC, datetime

import pytest
from lxml import etree

from connectors.errors import SourceBrokeContract
from connectors.records import AccountStatus, Identity, IssueKind, Record, Report, Tradeline
from connectors.sources.pboc.report import read_report
from connectors.sources.pboc.values import TWICE
from tests.fuzz import oracle

RECEIVED_AT = datetime(2020, 6, 16, tzinfo=UTC)
HEADER = {"PRH", "PRH/PA01", "PRH/PA01/PA01A", "PRH/PA01/PA01B"}
WHO = {"PRH/PA01/PA01B/PA01BQ01", "PRH/PA01/PA01B/PA01BD01", "PRH/PA01/PA01B/PA01BI01"}
WHICH = {"PRH/PA01/PA01A/PA01AI01": "no_report_number", "PRH/PA01/PA01A/PA01AR01": "no_report_time"}
DIFFER = "twice and different: neither is read"


def read(root: etree._Element) -> Report:
    """The report as it is read."""
    xml = etree.tostring(root, encoding="utf-8")
    return read_report(xml, source="pboc", received_at=RECEIVED_AT)


def refused(root: etree._Element) -> str:
    """Why it was refused; empty when it was read."""
    try:
        read(root)
    except SourceBrokeContract as error:
        return error.reason
    return ""


def other(element: etree._Element) -> etree._Element:
    """A twin with another text in its first leaf."""
    twin = deepcopy(element)
    leaf = next(leaf for leaf in twin.iter() if len(leaf) == 0)
    leaf.text = "8" if leaf.text == "7" else "7"
    return twin


def beside(element: etree._Element, twin: etree._Element) -> Iterator[None]:
    """Put `twin` after `element`, then before it, then take it away."""
    element.addnext(twin)
    yield
    element.addprevious(twin)
    yield
    parent = twin.getparent()
    assert parent is not None
    parent.remove(twin)


def mistakes(xml: bytes) -> Iterator[tuple[etree._Element, etree._Element, str]]:
    """Every kind of element that must not stand twice: report, element, place."""
    for root, element in oracle.one_of_each(etree.fromstring(xml)):
        if oracle.once(element):
            yield root, element, oracle.place(element)


def of(report: Report, record_id: str) -> Tradeline:
    """One account."""
    (found,) = (r for r in report.records if r.record_id == record_id)
    assert isinstance(found, Tradeline)
    return found


def without_issues(report: Report) -> tuple[str, datetime, str, tuple[Record, ...]]:
    """What the report says."""
    return report.report_id, report.as_of, report.version, report.records


def test_equal_twins_are_counted_and_read_once(every_segment: bytes) -> None:
    """Somebody doubled it on the way; what it says is not in doubt, and debts are not doubled."""
    tried = 0
    for root, element, path in mistakes(every_segment):
        sound = read(root)
        for _ in beside(element, deepcopy(element)):
            if path in HEADER:
                assert refused(root) == "second_header", path
                continue
            report = read(root)
            assert without_issues(report) == without_issues(sound), path
            assert [(i.where, i.what) for i in report.issues if i not in sound.issues] == [
                (path, "repeated")
            ]
        tried += 1

    assert tried > 550


def test_of_different_twins_none_is_read(every_segment: bytes) -> None:
    """Their order must not matter: the first or the last one would be a guess."""
    for root, element, path in mistakes(every_segment):
        lists = any(oracle.repeats(str(child.tag)) for child in element) and "/" not in path
        found = []
        for _ in beside(element, other(element)):
            if path in HEADER | WHO:
                assert refused(root) == "second_header", path
            elif lists:
                assert refused(root) == "second_list", path
            elif path in WHICH:
                assert refused(root) == WHICH[path]
            else:
                report = read(root)
                assert (IssueKind.DUPLICATE, path, DIFFER) in {
                    (i.kind, i.where, i.what) for i in report.issues
                }
                found.append(without_issues(report))
        assert found == [] or found[0] == found[1], path


def test_a_unit_that_repeats_is_another_record(every_segment: bytes) -> None:
    """Two accounts that look alike are two until the merge has seen their numbers."""
    for root, element in oracle.one_of_each(etree.fromstring(every_segment)):
        if str(element.tag) in oracle.UNITS:
            before = read(root)
            element.addnext(deepcopy(element))
            assert len(read(root).records) == len(before.records) + 1, element.tag


def test_a_balance_said_twice_is_no_balance(every_segment: bytes) -> None:
    """480,000 or 999,999: the reader cannot know, and must not say the older one of PD01B."""
    root = etree.fromstring(every_segment)
    month = root.find("PDA/PD01[5]/PD01C")
    assert month is not None
    for tag in ("PD01CJ01", "PD01CD01"):
        said = month.find(tag)
        assert said is not None
        said.addnext(other(said))
    latest = etree.Element("PD01B")
    for tag, text in (("PD01BJ01", "999999"), ("PD01BD01", "1")):
        etree.SubElement(latest, tag).text = text
    month.addprevious(latest)
    account = of(read(root), "PDA/PD01[5]")

    assert (account.balance, account.status) == (None, AccountStatus.UNKNOWN)


def test_a_last_month_said_twice_does_not_let_the_older_one_speak(every_segment: bytes) -> None:
    """A doubtful arrear is not replaced by "paid", which was true once."""
    root = etree.fromstring(every_segment)
    month = root.find("PDA/PD01[5]/PD01C")
    assert month is not None
    month.addnext(other(month))
    latest = etree.Element("PD01B")
    for tag, text in (("PD01BJ01", "0"), ("PD01BD01", "3")):
        etree.SubElement(latest, tag).text = text
    month.addprevious(latest)
    account = of(read(root), "PDA/PD01[5]")

    assert (account.balance, account.status) == (None, AccountStatus.UNKNOWN)


def test_a_reference_said_twice_is_not_replaced(every_segment: bytes) -> None:
    """The number of the account in the report would tie it to another one elsewhere."""
    root = etree.fromstring(every_segment)
    said = root.find("PDA/PD01[1]/PD01A/PD01AI03")
    assert said is not None
    said.addnext(other(said))

    assert of(read(root), "PDA/PD01[1]").account_ref is None


def test_two_reports_in_one_are_refused(every_segment: bytes) -> None:
    """The second header would give the first one's debts another name."""
    root = etree.fromstring(every_segment)
    second = deepcopy(root[0])
    for tag, text in (("PA01A/PA01AI01", "2" * 22), ("PA01B/PA01BQ01", "测试乙")):
        leaf = second.find(f"PA01/{tag}")
        assert leaf is not None
        leaf.text = text
    root.append(second)

    with pytest.raises(SourceBrokeContract, match="second_header"):
        read(root)


@pytest.mark.parametrize("text", [TWICE, f" {TWICE}"])
def test_the_mark_of_twins_is_a_null_in_a_report(every_segment: bytes, text: str) -> None:
    """Whoever writes it gains nothing by it."""
    root = etree.fromstring(every_segment)
    leaf = root.find("PRH/PA01/PA01B/PA01BQ01")
    assert leaf is not None
    leaf.text = text
    (person,) = (r for r in read(root).records if isinstance(r, Identity))

    assert person.name is None


def test_two_same_cut_grids_are_one_and_two_others_none(every_segment: bytes) -> None:
    """Grids never become a tree, but are compared all the same."""
    root = etree.fromstring(every_segment)
    grids = root.findall("PDA/PD01[1]/PD01E")
    sound = of(read(root), "PDA/PD01[1]").grid
    grids[0].addnext(deepcopy(grids[0]))
    same = of(read(root), "PDA/PD01[1]").grid
    cell = grids[0].find("PD01EH[2]/PD01EJ01")
    assert cell is not None
    cell.text = "1"
    different = of(read(root), "PDA/PD01[1]").grid

    assert same == sound
    assert len(different) < len(sound)


@pytest.mark.parametrize("text", ["=0", "=99", "=abc", "="])
def test_a_number_of_a_cut_grid_cannot_be_forged(every_segment: bytes, text: str) -> None:
    """It is ours alone; in a report it is a text nobody reads."""
    root = etree.fromstring(every_segment)
    grid = root.find("PDA/PD01[1]/PD01D")
    assert grid is not None
    for row in list(grid):
        grid.remove(row)
    grid.text = text
    months = {cell.month for cell in of(read(root), "PDA/PD01[1]").grid}
    assert months <= {
        cell.month for cell in of(read(etree.fromstring(every_segment)), "PDA/PD01[1]").grid
    }
