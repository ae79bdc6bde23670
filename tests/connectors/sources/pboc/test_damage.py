"""Reports with parts lost or turned odd: read with issues, or refused, never anything else."""

import random
import time
from collections.abc import Iterator
from dataclasses import replace
from datetime import UTC, datetime
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st
from lxml import etree

from benchmarks import pboc
from connectors.errors import SourceBrokeContract
from connectors.records import IssueKind, Report, Tradeline
from connectors.sources.pboc.dictionary import LEAVES
from connectors.sources.pboc.report import read_report
from tests.fuzz import oracle

FIXTURES = Path(__file__).parents[2] / "fixtures"
RECEIVED_AT = datetime(2020, 6, 16, tzinfo=UTC)
ODD = (
    "", " ", "null", "--", "-5", "0", "1e9", "9" * 40, "2034-01-01", "0000-00-00", "2020-13",
    "١٢", "１２", "张三", "\u200b", "N", "D1", "*", "#", "/", "1.005", "1,000", "<", "&", "NaN",
)  # fmt: skip
CANARY = "CANARY甲乙丙"


def read(root: etree._Element) -> Report | None:
    """What becomes of a damaged report; None when it is refused."""
    try:
        return read_report(
            etree.tostring(root, encoding="utf-8"), source="pboc", received_at=RECEIVED_AT
        )
    except SourceBrokeContract as refused:
        told(str(refused))
        return None


def told(text: str) -> None:
    """Whatever operators see is free of the payload."""
    if CANARY in text:
        raise AssertionError("a value of the payload is in what operators see")


def check(report: Report | None) -> None:
    """What holds for every report that was read at all."""
    if report is None:
        return
    ids = [record.record_id for record in report.records]
    assert len(set(ids)) == len(ids)
    for issue in report.issues:
        told(f"{issue.where} {issue.what}")
    for record in report.records:
        if isinstance(record, Tradeline):
            months = [cell.month for cell in record.grid]
            assert months == sorted(set(months), reverse=True)


@given(seed=st.integers(0, 2**32), share=st.sampled_from([0.01, 0.1, 0.5]))
def test_any_tags_may_be_lost(every_segment: bytes, seed: int, share: float) -> None:
    """A proxy that cuts, a revision that drops: the rest is still evidence."""
    rng = random.Random(seed)  # noqa: S311 - hypothesis hands out the seed
    root = etree.fromstring(every_segment)
    for element in list(root.iter()):
        parent = element.getparent()
        if parent is not None and rng.random() < share:
            parent.remove(element)

    check(read(root))


@given(seed=st.integers(0, 2**32), share=st.sampled_from([0.01, 0.2, 1.0]))
def test_any_value_may_be_odd(every_segment: bytes, seed: int, share: float) -> None:
    """One bad number costs itself, not the report."""
    rng = random.Random(seed)  # noqa: S311 - hypothesis hands out the seed
    root = etree.fromstring(every_segment)
    for element in root.iter():
        if len(element) == 0 and rng.random() < share:
            element.text = rng.choice((*ODD, CANARY))

    check(read(root))


@given(seed=st.integers(0, 2**32))
def test_any_tags_may_change_places(every_segment: bytes, seed: int) -> None:
    """A known tag elsewhere is not read as if it stood in its place, and is counted."""
    rng = random.Random(seed)  # noqa: S311 - hypothesis hands out the seed
    root = etree.fromstring(every_segment)
    elements = [e for e in root.iter() if e.getparent() is not None]
    for moved in rng.sample(elements, 3):
        into = rng.choice(elements)
        if moved not in into.iterancestors() and moved is not into:
            into.append(moved)

    check(read(root))


def test_a_value_in_the_wrong_place_is_not_read(every_segment: bytes) -> None:
    """An account's status among the facts of another segment means nothing."""
    root = etree.fromstring(every_segment)
    balance, header = root.find("PDA/PD01[1]/PD01C/PD01CJ01"), root.find("PRH/PA01/PA01B")
    assert balance is not None
    assert header is not None
    header.append(balance)
    report = read(root)

    assert report is not None
    assert [(i.kind, i.where) for i in report.issues if "PD01CJ01" in i.where] == [
        (IssueKind.UNKNOWN_TAG, "PRH/PA01/PA01B/PD01CJ01")
    ]
    assert next(r for r in report.records if isinstance(r, Tradeline)).balance is None


def outcome(root: etree._Element) -> object:
    """All that a reader of the report can see: records, issues, or why it was refused."""
    try:
        found = read_report(
            etree.tostring(root, encoding="utf-8"), source="pboc", received_at=RECEIVED_AT
        )
    except SourceBrokeContract as refused:
        return refused.reason
    return found


def names(report: object, tag: str) -> bool:
    """Whether an issue names `tag`."""
    return isinstance(report, Report) and any(tag in issue.where for issue in report.issues)


def records(report: object) -> object:
    """All but the issues."""
    return replace(report, issues=()) if isinstance(report, Report) else report


def fixtures() -> Iterator[tuple[etree._Element, etree._Element]]:
    """Each kind of element of each sound report, in a small report of its own."""
    for path in sorted(FIXTURES.glob("pboc_*.xml")):
        yield from oracle.one_of_each(etree.parse(path).getroot())


def test_no_odd_value_is_lost_in_silence() -> None:
    """Each tag that is read shows in a record; what cannot, in an issue with its name."""
    read_ones = {leaf.path for leaf in LEAVES if leaf.record != "ignored" and leaf.detail != "else"}
    for root, element in fixtures():
        if oracle.read_as(element) is None:
            continue
        before, said = outcome(root), element.text
        element.text = CANARY
        after = outcome(root)
        element.text = said
        path = oracle.place(element)
        read_ones.discard(path)

        assert records(after) != records(before) or names(after, str(element.tag)), path

    assert read_ones == set()


def test_no_value_goes_missing_in_silence() -> None:
    """A tag the reader forgets looks just like a tag the report does not have."""
    tried = set()
    for root, element in fixtures():
        if not oracle.missed(element):
            continue
        before, path, parent = outcome(root), oracle.place(element), element.getparent()
        assert parent is not None
        at = parent.index(element)
        parent.remove(element)

        assert outcome(root) != before, path

        parent.insert(at, element)
        tried.add(path)

    assert len(tried) > 270


@pytest.mark.parametrize(
    "accounts", [2_000, pytest.param(10_000, marks=pytest.mark.slow)], ids=["most", "too_many"]
)
def test_thousands_of_full_accounts_are_read_in_seconds(accounts: int) -> None:
    """2,000 are about what a D102 may hold; five times as many take five times as long."""
    content = pboc.report(1, accounts)
    start = time.process_time()
    report = read_report(content, source="pboc", received_at=RECEIVED_AT)

    assert time.process_time() - start < accounts / 400
    assert sum(isinstance(r, Tradeline) and len(r.grid) > 23 for r in report.records) == accounts
    assert report.issues == ()


@pytest.mark.parametrize(
    "filler",
    [
        b"<PD01/>",
        b"<PD01><PD01A><PD01AD01>D1</PD01AD01></PD01A></PD01>",
        b"<X/>",
        b"<PD01><PD01D>" + b"<PD01DH/>" * 50 + b"</PD01D></PD01>",
    ],
)
def test_ten_thousand_of_anything_take_bounded_time(every_segment: bytes, filler: bytes) -> None:
    """A report made to be slow costs a second, not a worker."""
    count = 10_000 if len(filler) < 100 else 500
    content = every_segment.replace(b"</PDA>", filler * count + b"</PDA>")
    start = time.process_time()
    report = read_report(content, source="pboc", received_at=RECEIVED_AT)

    assert time.process_time() - start < 10
    assert len(report.issues) <= 501
    assert len([r for r in report.records if isinstance(r, Tradeline)]) >= 9


def test_comments_and_cdata_do_not_hide_or_add_anything(every_segment: bytes) -> None:
    """What stands in a comment is not said; what stands in CDATA is."""
    plain = read_report(every_segment, source="pboc", received_at=RECEIVED_AT)
    commented = every_segment.replace(
        b"<PD01AI01>1</PD01AI01>",
        b"<PD01AI01><![CDATA[1]]></PD01AI01><!-- <PD01><PD01D>x</PD01D></PD01> -->",
    )

    assert read_report(commented, source="pboc", received_at=RECEIVED_AT) == plain


def test_one_line_and_indented_are_the_same_report(every_segment: bytes) -> None:
    """CCRC sends one line; the fixture is indented for people."""
    root = etree.fromstring(every_segment, etree.XMLParser(remove_blank_text=True))
    flat = etree.tostring(root, encoding="utf-8")

    assert b"\n" not in flat
    assert read(root) == read_report(every_segment, source="pboc", received_at=RECEIVED_AT)
