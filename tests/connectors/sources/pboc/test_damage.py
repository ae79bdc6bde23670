"""Reports with parts lost or turned odd: read with issues, or refused, never anything else."""

import random
import time
from datetime import UTC, datetime

import pytest
from hypothesis import given
from hypothesis import strategies as st
from lxml import etree

from connectors.errors import SourceBrokeContract
from connectors.records import IssueKind, Report, Tradeline
from connectors.sources.pboc.report import read_report

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
