"""connectors.sandbox.render.pboc: the bytes are a PBOC report, and it agrees with itself.

Everything here is read with a few lines of lxml, never with our parser.
"""

import base64
import gzip
from collections.abc import Callable
from dataclasses import replace
from datetime import UTC, date, datetime

from hypothesis import given
from hypothesis import strategies as st
from lxml import etree

from connectors.records import InquiryKind
from connectors.sandbox import bureaus
from connectors.sandbox.facts import Life, Query
from connectors.sandbox.lenders import LENDERS
from connectors.sandbox.life import life
from connectors.sandbox.noise import NONE
from connectors.sandbox.render.pboc import message
from connectors.sandbox.render.pboc.ink import yuan
from connectors.sandbox.render.pboc.message import Envelope
from connectors.sandbox.render.pboc.person import Ask
from connectors.sandbox.render.pboc.report import CHAPTERS, report
from connectors.sandbox.temperament import STRETCHED

TODAY = date(2026, 3, 15)
NOON = datetime(2026, 3, 15, 4, 0, tzinfo=UTC)
MEMBER = "A1000000000001"
NULLS = {"", "null", "--", None}
GONE = {
    "D1": {"3", "4", "5"},
    "R4": {"3", "4"},
    "R1": {"3", "4"},
    "R2": {"4", "5"},
    "R3": {"4", "5"},
}


def ask(one: Life) -> Ask:
    """The query the report answers."""
    return Ask(MEMBER, "02", one.person.name, "10", one.person.id_number)


def for_every_report(check: Callable[[etree._Element], None]) -> Callable[[], None]:
    """Run `check` over the reports of ordinary and of stretched lives."""

    @given(index=st.integers(0, 10**6), stretched=st.booleans())
    def test(index: int, *, stretched: bool) -> None:
        one = life(7, index, TODAY, STRETCHED if stretched else None)
        text = report(one, ask(one), number="1", at=NOON)
        check(etree.fromstring(text.encode()))

    test.__name__, test.__doc__ = check.__name__, check.__doc__
    return test


def text(node: etree._Element | None, path: str) -> str | None:
    """The text at `path`, None for any of the four spellings of null."""
    found = None if node is None else node.findtext(path)
    return None if found in NULLS else found


def number(node: etree._Element | None, path: str) -> int:
    """The whole number at `path`."""
    found = text(node, path)
    assert found is not None
    return int(float(found))


def live(root: etree._Element, kind: str) -> list[etree._Element]:
    """The PD01 of this type that are neither settled nor sold nor charged off."""
    return [
        unit
        for unit in root.iterfind("PDA/PD01")
        if text(unit, "PD01A/PD01AD01") == kind and text(unit, "PD01B/PD01BD01") not in GONE[kind]
    ]


@for_every_report
def test_chapters_stand_in_order(root: etree._Element) -> None:
    """Missing chapters come as empty tags, so all 24 are always there."""
    assert tuple(str(node.tag) for node in root) == CHAPTERS


@for_every_report
def test_summaries_of_loans_are_sums_of_the_details(root: etree._Element) -> None:
    """PC02E, F and G count what PD01 says of accounts of their type."""
    for kind, tag in (("D1", "PC02E"), ("R4", "PC02F"), ("R1", "PC02G")):
        units, summary = live(root, kind), root.find(f"PCO/PC02/{tag}")
        granted = "PD01A/PD01AJ02" if kind == "R1" else "PD01A/PD01AJ01"

        assert (summary is not None) == bool(units)
        if units:
            assert number(summary, f"{tag}S01") == len({text(u, "PD01A/PD01AI02") for u in units})
            assert number(summary, f"{tag}S02") == len(units)
            assert number(summary, f"{tag}J01") == sum(number(u, granted) for u in units)
            assert number(summary, f"{tag}J02") == sum(number(u, "PD01B/PD01BJ01") for u in units)


@for_every_report
def test_summaries_of_cards_are_sums_of_the_details(root: etree._Element) -> None:
    """PC02H and I: limits by bank and what is used of them."""
    for kind, tag in (("R2", "PC02H"), ("R3", "PC02I")):
        units, summary = live(root, kind), root.find(f"PCO/PC02/{tag}")
        banks: dict[str | None, int] = {}
        for unit in units:
            bank = text(unit, "PD01A/PD01AI02")
            banks[bank] = banks.get(bank, 0) + number(unit, "PD01A/PD01AJ02")

        assert (summary is not None) == bool(units)
        if units:
            assert number(summary, f"{tag}S01") == len(banks)
            assert number(summary, f"{tag}S02") == len(units)
            assert number(summary, f"{tag}J01") == sum(banks.values())
            assert number(summary, f"{tag}J02") == max(banks.values())
            assert number(summary, f"{tag}J03") == min(banks.values())
            assert number(summary, f"{tag}J04") == sum(number(u, "PD01B/PD01BJ01") for u in units)


@for_every_report
def test_the_overdue_summary_is_that_of_the_grids(root: etree._Element) -> None:
    """PC02D: accounts, months, highest amount and longest arrears of the five-year history."""
    late: dict[str, list[tuple[str, str, int]]] = {}
    for unit in root.iterfind("PDA/PD01"):
        kind = text(unit, "PD01A/PD01AD01") or ""
        for month in unit.iterfind("PD01E/PD01EH"):
            symbol = text(month, "PD01ED01") or ""
            if symbol in set("1234567B"):
                ref, months = text(unit, "PD01A/PD01AI01") or "", symbol.replace("B", "7")
                late.setdefault(kind, []).append((ref, months, number(month, "PD01EJ01")))
    groups = {
        text(group, "PC02DD01"): [
            number(group, f"PC02D{tag}") for tag in ("S02", "S03", "J01", "S04")
        ]
        for group in root.iterfind("PCO/PC02/PC02D/PC02DH")
    }

    assert groups == {
        {"D1": "1", "R4": "2", "R1": "3", "R2": "4", "R3": "5"}[kind]: [
            len({ref for ref, _, _ in found}),
            len(found),
            max(amount for _, _, amount in found),
            max(int(symbol) for _, symbol, _ in found),
        ]
        for kind, found in late.items()
    }


@for_every_report
def test_the_opening_tip_counts_every_account(root: etree._Element) -> None:
    """PC02A: one group a business type, adding up to all accounts shown."""
    shown = len(root.findall("PDA/PD01"))
    if shown:
        tips = root.find("PCO/PC02/PC02A")
        assert number(tips, "PC02AS01") == shown
        assert sum(number(g, "PC02AS03") for g in root.iterfind("PCO/PC02/PC02A/PC02AH")) == shown


@for_every_report
def test_query_counters_agree_with_the_query_records(root: etree._Element) -> None:
    """PC05B counts the loan and card approvals of PH01 since this day last month."""
    month_ago = date(2026, 2, 15)
    rows = [
        (date.fromisoformat(text(r, "PH010R01") or ""), text(r, "PH010Q02"), text(r, "PH010Q03"))
        for r in root.iterfind("POQ/PH01")
    ]
    recent = [row for row in rows if row[0] > month_ago]
    counters = root.find("PQO/PC05/PC05B")

    for reason, orgs, calls in (("02", "PC05BS01", "PC05BS03"), ("03", "PC05BS02", "PC05BS04")):
        found = [row for row in recent if row[2] == reason]
        assert number(counters, calls) == len(found)
        assert number(counters, orgs) == len({row[1] for row in found})
    assert number(counters, "PC05BS06") == sum(row[2] == "01" for row in rows)
    assert [row[0] for row in rows] == sorted((row[0] for row in rows), reverse=True)


@for_every_report
def test_grid_and_latest_figures_tell_one_story(root: etree._Element) -> None:
    """The last symbol of D, the terms of C and the status of B are one standing."""
    for unit in root.iterfind("PDA/PD01"):
        kind, status = text(unit, "PD01A/PD01AD01"), text(unit, "PD01B/PD01BD01")
        cells = [text(cell, "PD01DD01") for cell in unit.iterfind("PD01D/PD01DH")]
        if kind == "C1" or not cells:
            continue
        symbol, monthly = cells[-1] or "", unit.find("PD01C")

        assert len(cells) == 24
        assert text(unit, "PD01B/PD01BD04") == symbol
        if monthly is not None:
            assert text(monthly, "PD01CD01") == status
            assert symbol.isdigit() == (number(monthly, "PD01CS02") > 0)
            assert symbol.isdigit() == (number(monthly, "PD01CJ06") > 0)
            if kind in {"D1", "R1", "R4"}:
                assert (status == "2") == symbol.isdigit()
        else:
            assert symbol in {"C", "B", "G"}


def test_two_queries_of_one_lender_are_one_asker() -> None:
    """PC05B tells institutions from queries."""
    one = life(7, 0, TODAY)
    twice = Query(
        bureau="pboc",
        on=date(2026, 3, 10),
        kind=InquiryKind.LOAN_APPLICATION,
        lender=LENDERS[0],
    )
    asked = replace(one, queries=(twice, replace(twice, on=date(2026, 3, 9))))
    root = etree.fromstring(report(asked, ask(one), number="1", at=NOON).encode())
    counters = root.find("PQO/PC05/PC05B")

    assert (number(counters, "PC05BS01"), number(counters, "PC05BS03")) == (1, 2)


def test_amounts_round_half_a_yuan_up() -> None:
    """Cutting off would understate every debt by half a yuan on average."""
    assert [yuan(fen) for fen in (0, 49, 50, 99, 149, 150)] == [0, 0, 1, 1, 1, 2]


def test_a_month_the_bureau_missed_is_unknown() -> None:
    """A gap is `#` in both grids, never on time, and what never arrived states no amount.

    Any other month states one, if it is zero.
    """
    owing = 0
    for index in range(60):
        one = life(7, index, TODAY, STRETCHED, noise=replace(NONE, missing_month=1.0))
        root = etree.fromstring(report(one, ask(one), number="1", at=NOON).encode())
        for seen, unit in zip(
            bureaus.accounts(one, "pboc"), root.iterfind("PDA/PD01"), strict=True
        ):
            told = {str(row.month): row.overdue for row in seen.account.rows}
            recent = {cell.findtext("PD01DR03"): cell for cell in unit.iter("PD01DH")}
            for cell in unit.iter("PD01EH"):
                month = cell.findtext("PD01ER03") or ""
                gap = month == str(seen.missing)
                owing += gap and told[month] > 0
                assert (text(cell, "PD01ED01") == "#") == gap
                assert (text(cell, "PD01EJ01") is None) == gap
                assert month not in recent or (text(recent[month], "PD01DD01") == "#") == gap

    assert owing > 10  # such that an amount would have told of arrears


def test_both_sides_of_a_debt_that_moved_say_so() -> None:
    """What links rest on: A.37 or A.27 on the old side, A.20 or A.23 on the new."""
    moving = replace(NONE, sold=1.0, taken_over=1.0)
    said = set()
    for index in range(150):
        one = life(7, index, TODAY, noise=moving)
        if all(account.origin is None for account in one.accounts):
            continue
        root = etree.fromstring(report(one, ask(one), number="1", at=NOON).encode())
        units = {u.findtext("PD01A/PD01AI01"): u for u in root.iterfind("PDA/PD01")}
        shown = {seen.account.number: units[seen.number] for seen in bureaus.accounts(one, "pboc")}
        for account in one.accounts:
            if account.origin in shown and account.number in shown:
                old, new = shown[account.origin], shown[account.number]
                said.add(
                    (
                        text(old, "PD01F/PD01FH/PD01FD01") or text(old, "PD01B/PD01BD01"),
                        text(new, "PD01A/PD01AD03") if text(new, "PD01A/PD01AD01") == "C1" else "",
                        text(new, "PD01A/PD01AD08"),
                    )
                )

    # sold by a bank that keeps it, claimed by a guarantor, sold at once, taken over
    assert {("13", "A1", None), ("2", "B1", None), ("5", "A1", None), ("5", "", "5")} <= said


def test_masked_numbers_and_lenders_stand_in_the_list() -> None:
    """The bureau's own number stays; the lender's, as far as it is shown, has a tag of its own."""
    hidden = replace(NONE, own_number=1.0, masked_number=1.0, masked_lender=1.0)
    one = next(
        found for index in range(9) if (found := life(7, index, TODAY, noise=hidden)).accounts
    )
    root = etree.fromstring(report(one, ask(one), number="1", at=NOON).encode())
    for seen, unit in zip(bureaus.accounts(one, "pboc"), root.iterfind("PDA/PD01"), strict=True):
        own = text(unit, "PD01A/PD01AI03") or ""
        assert text(unit, "PD01A/PD01AI01") == seen.number
        assert own == seen.own
        assert own[:-4] == "*" * 16
        assert own[-4:].isdecimal()
        assert text(unit, "PD01A/PD01AI02") == "**"


def opened(frame: bytes) -> tuple[str, bytes]:
    """Header and report of a D102, opened the way china.md says."""
    header, _, body = frame.partition(b"\r\n")
    root = etree.fromstring(body.partition(b"{S:")[0])
    raw = base64.b64decode(root.findtext("Msg/ReportMessage") or "")
    return header.decode(), gzip.decompress(raw) if raw[:2] == b"\x1f\x8b" else raw


def test_frames_come_in_both_charsets_with_and_without_gzip() -> None:
    """Each borrower has one form; among a dozen all forms occur."""
    forms = set()
    for index in range(12):
        one = life(7, index, TODAY)
        frame = message.answer(one, ask(one), Envelope(MEMBER, NOON))
        header, raw = opened(frame)
        try:
            content, charset = raw.decode(), "utf-8"
        except UnicodeDecodeError:
            content, charset = raw.decode("gb18030"), "gb18030"
        plain = base64.b64encode(raw) in frame
        forms.add((charset, plain))

        assert (len(header), header[:6], header[48:52]) == (78, "B2.0.0", "D102")
        assert (header[20:34], header[34:48]) == (MEMBER, "20260315120000")
        assert one.person.name in content
        assert frame == message.answer(one, ask(one), Envelope(MEMBER, NOON))

    assert len(forms) == 4
