"""The payment grid: two segments, two ways of reading, one grid."""

from collections.abc import Callable
from datetime import UTC, datetime

import pytest
from hypothesis import given
from hypothesis import strategies as st
from lxml import etree

from connectors.money import Money, Month
from connectors.records import GridMonth, IssueKind, PaymentStatus, Report, Tradeline
from connectors.sources.pboc.issues import Issues
from connectors.sources.pboc.report import read_report
from connectors.sources.pboc.walk import Walk

Edit = Callable[[etree._Element], None]
ReadEdited = Callable[[Edit], Report]
HEAD = (
    "<Document><PRH><PA01><PA01A><PA01AI01>1</PA01AI01><PA01AR01>2020-06-15T10:30:00</PA01AR01>"
    "</PA01A><PA01B><PA01BQ01>甲</PA01BQ01><PA01BD01>10</PA01BD01><PA01BI01>1</PA01BI01></PA01B>"
    "</PA01></PRH><PDA><PD01><PD01A><PD01AI01>1</PD01AI01><PD01AD01>{kind}</PD01AD01>"
    "<PD01AD02>11</PD01AD02><PD01AI02>AB</PD01AI02><PD01AR01>2010-01-01</PD01AR01></PD01A>"
    "<PD01C><PD01CD01>1</PD01CD01></PD01C>"
)
TAIL = "</PD01></PDA></Document>"
LAST = Month(2020, 5)

Row = tuple[str | None, ...]


def segment(letter: str, window: tuple[str, str], rows: list[Row], count: str | None) -> str:
    """PD01D or PD01E with these rows; None leaves a tag out."""
    tag = f"PD01{letter}"
    names = ("R03", "D01", "J01")
    lines = "".join(
        f"<{tag}H>"
        + "".join(
            f"<{tag}{n}>{v}</{tag}{n}>" for n, v in zip(names, row, strict=False) if v is not None
        )
        + f"</{tag}H>"
        for row in rows
    )
    counted = "" if count is None else f"<{tag}S01>{count}</{tag}S01>"
    return (
        f"<{tag}><{tag}R01>{window[0]}</{tag}R01><{tag}R02>{window[1]}</{tag}R02>{counted}"
        f"{lines}</{tag}>"
    )


def read(xml: str) -> Report:
    """The report of one account."""
    received = datetime(2020, 6, 16, tzinfo=UTC)
    return read_report(xml.encode(), source="pboc", received_at=received)


def grid(report: Report) -> tuple[GridMonth, ...]:
    """The grid of its one account."""
    (account,) = (r for r in report.records if isinstance(r, Tradeline))
    return account.grid


def months(n: int) -> list[str]:
    """The last `n` months, oldest first."""
    return [str(LAST.plus(-back)) for back in range(n - 1, -1, -1)]


def test_both_segments_become_one_grid_newest_first() -> None:
    """No month twice, and the amount of the one that has it."""
    d = segment(
        "D", ("2020-03", "2020-05"), [(m, s) for m, s in zip(months(3), "N1N", strict=True)], None
    )
    e = segment(
        "E",
        ("2020-02", "2020-04"),
        [("2020-02", "N", "0"), ("2020-03", "N", "0"), ("2020-04", "1", "900")],
        "3",
    )
    report = read(HEAD.format(kind="D1") + d + e + TAIL)

    assert report.issues == ()
    assert [(str(c.month), c.status.value, c.overdue) for c in grid(report)] == [
        ("2020-05", "current", None),
        ("2020-04", "dpd_1_30", Money(90_000, "CNY")),
        ("2020-03", "current", Money(0, "CNY")),
        ("2020-02", "current", Money(0, "CNY")),
    ]


def test_segments_that_disagree_are_an_issue() -> None:
    """One of them is wrong about a default; neither is silently believed."""
    d = segment("D", ("2020-05", "2020-05"), [("2020-05", "1")], None)
    e = segment("E", ("2020-05", "2020-05"), [("2020-05", "N", "0")], "1")
    report = read(HEAD.format(kind="D1") + d + e + TAIL)

    assert [(i.kind, i.where) for i in report.issues] == [(IssueKind.CONTRADICTION, "PD01ED01")]
    assert grid(report)[0].status is PaymentStatus.CURRENT


def test_what_one_segment_does_not_know_the_other_may() -> None:
    """`#` is no opinion, so there is no contradiction."""
    d = segment("D", ("2020-05", "2020-05"), [("2020-05", "1")], None)
    e = segment("E", ("2020-05", "2020-05"), [("2020-05", "#", "900")], "1")
    report = read(HEAD.format(kind="D1") + d + e + TAIL)

    assert report.issues == ()
    assert grid(report)[0] == GridMonth(
        month=LAST, status=PaymentStatus.DPD_1_30, overdue=Money(90_000, "CNY")
    )


@pytest.mark.parametrize(
    ("rows", "kind", "where"),
    [
        ([("2020-04", "N"), ("2020-04", "1")], IssueKind.DUPLICATE, "PD01DR03"),
        ([("2019-01", "N")], IssueKind.CONTRADICTION, "PD01DR03"),
        ([("2020-13", "N")], IssueKind.BAD_VALUE, "PD01DR03"),
        ([("2020-4", "N")], IssueKind.BAD_VALUE, "PD01DR03"),
        ([("2020-05", "A")], IssueKind.UNKNOWN_CODE, "PD01DD01"),
        ([("2020-05", "late")], IssueKind.UNKNOWN_CODE, "PD01DD01"),
    ],
)
def test_an_odd_row_is_named(rows: list[Row], kind: IssueKind, where: str) -> None:
    """`A` (no bill) is a symbol of cards and means nothing on a loan."""
    report = read(HEAD.format(kind="D1") + segment("D", ("2020-04", "2020-05"), rows, None) + TAIL)

    assert (kind, where) in {(i.kind, i.where) for i in report.issues}


def test_a_month_with_an_unknown_symbol_stays_in_the_grid() -> None:
    """A gap would read as a month before the account."""
    rows: list[Row] = [("2020-04", "N"), ("2020-05", "Q")]
    report = read(HEAD.format(kind="D1") + segment("D", ("2020-04", "2020-05"), rows, None) + TAIL)

    assert [c.status for c in grid(report)] == [PaymentStatus.UNKNOWN, PaymentStatus.CURRENT]


def test_rows_that_lack_cells_in_turn_do_not_shift() -> None:
    """One row without a status and one without a month are two odd rows, not one good one."""
    rows: list[Row] = [("2020-04", None), (None, "1"), ("2020-05", "N")]
    report = read(HEAD.format(kind="D1") + segment("D", ("2020-04", "2020-05"), rows, None) + TAIL)

    assert [(str(c.month), c.status.value) for c in grid(report)] == [
        ("2020-05", "current"),
        ("2020-04", "unknown"),
    ]


def test_the_stated_number_of_months_is_checked() -> None:
    """A history that lost its worst month looks better than it is."""
    e = segment("E", ("2020-05", "2020-05"), [("2020-05", "N", "0")], "2")
    report = read(HEAD.format(kind="D1") + e + TAIL)

    assert [(i.kind, i.where) for i in report.issues] == [(IssueKind.CONTRADICTION, "PD01ES01")]


def test_a_grid_in_a_comment_is_not_read() -> None:
    """Read as text, it would stand for the real one before it."""
    real = segment("D", ("2020-05", "2020-05"), [("2020-05", "7")], None)
    hidden = segment("D", ("2020-05", "2020-05"), [("2020-05", "N")], None)
    report = read(HEAD.format(kind="D1") + real + f"<!-- {hidden} -->" + TAIL)

    assert [c.status for c in grid(report)] == [PaymentStatus.DPD_181_PLUS]
    assert report.issues == ()


SYMBOLS = st.sampled_from(["N", "*", "1", "7", "C", "#", "/", "A", "Q", "", "--", " N", "张三"])
CELLS = st.one_of(st.none(), SYMBOLS)
WHEN = st.one_of(st.none(), st.sampled_from([*months(6), "2034-01", "2020-13", "", "null"]))
AMOUNTS = st.one_of(st.none(), st.sampled_from(["0", "900", "-1", "", "--", "null", "1.5", "x"]))
COUNTS = st.one_of(st.none(), st.sampled_from(["0", "1", "2", "x"]))


@given(
    d=st.lists(st.tuples(WHEN, CELLS), max_size=4),
    e=st.lists(st.tuples(WHEN, CELLS, AMOUNTS), max_size=4),
    count=COUNTS,
    kind=st.sampled_from(["D1", "R2", "C1"]),
)
def test_text_and_tree_give_the_same_grid(
    d: list[Row], e: list[Row], count: str | None, kind: str
) -> None:
    """The quick way must not be a second opinion, whatever the rows look like."""
    window = (months(6)[0], months(6)[-1])
    xml = (
        HEAD.format(kind=kind)
        + segment("D", window, d, None)
        + segment("E", window, e, count)
        + TAIL
    )
    by_text = read(xml)
    by_tree = read(xml.replace("</PDA>", "<!-- text is not taken at its word --></PDA>"))

    assert by_text == by_tree
    seen = [c.month for c in grid(by_text)]
    assert seen == sorted(set(seen), reverse=True)


@pytest.mark.parametrize("amount", ["0", "900", "", "--", "null"])
@pytest.mark.parametrize(
    "before", ["", "\ufeff", '<?xml version="1.0" encoding="UTF-8"?>\n', "\n<?xml version='1.0'?>"]
)
def test_usual_grids_are_taken_as_text(before: str, amount: str) -> None:
    """A declaration, and an amount nobody states, are usual: a tree would cost three times more."""
    rows: list[Row] = [(when, "N", amount) for when in months(6)]
    e = segment("E", (months(6)[0], months(6)[-1]), rows, "6")
    walk = Walk("pboc", (before + HEAD.format(kind="D1") + e + TAIL).encode(), Issues("pboc"))
    (found,) = walk.root.iter("PD01E")

    assert walk.cut_out(found) is not None


@given(st.lists(st.sampled_from("N*1234567BCGZM#/D"), min_size=1, max_size=24))
def test_every_symbol_survives_in_its_month(symbols: list[str]) -> None:
    """As many months come out as went in, each with its own."""
    when = months(len(symbols))
    rows: list[Row] = list(zip(when, symbols, strict=True))
    report = read(HEAD.format(kind="D1") + segment("D", (when[0], when[-1]), rows, None) + TAIL)

    assert report.issues == ()
    assert [str(c.month) for c in grid(report)] == when[::-1]
    assert PaymentStatus.UNKNOWN not in {
        c.status for c, s in zip(grid(report), reversed(symbols), strict=True) if s != "#"
    }


USUAL = segment("D", ("2020-05", "2020-05"), [("2020-05", "7")], None)


@pytest.mark.parametrize(
    ("second", "own_months"),
    [
        ("<PD01D>=0</PD01D>", 0),
        ("<PD01D>&#61;0</PD01D>", 0),
        ("<PD01D>&#x3d;0</PD01D>", 0),
        ("<PD01D x=''>=0</PD01D>", 0),
        ("<PD01D> =0</PD01D>", 0),
        ("<PD01D><PD01DR01>=0</PD01DR01></PD01D>", 0),
        (USUAL + USUAL, 1),
        (f"<PD01Z>{USUAL}</PD01Z>", 0),
        (f"{USUAL}<PD01D/>", 0),
        (USUAL.replace("<PD01DH>", "<PD01DH/><PD01DH>"), 1),
        (USUAL.replace("</PD01D>", "<PD01E>=0</PD01E></PD01D>"), 1),
    ],
)
def test_an_account_cannot_name_the_grid_of_another(second: str, own_months: int) -> None:
    """Numbers stand for grids that were cut out; a source that writes one gets nobody's history."""
    first = HEAD.format(kind="D1") + USUAL + "</PD01>"
    account = HEAD.format(kind="D1").partition("<PDA>")[2]
    xml = first + account + second + TAIL
    by_text = read(xml)
    by_tree = read(xml.replace("</PDA>", "<!-- text is not taken at its word --></PDA>"))

    assert by_text == by_tree
    one, other = (r.grid for r in by_text.records if isinstance(r, Tradeline))
    assert [c.status for c in one] == [PaymentStatus.DPD_181_PLUS]
    assert len(other) == own_months
