"""How summaries are counted again: yuan only, and every reading CCRC leaves open is one."""

from collections.abc import Callable

import pytest
from lxml import etree

from connectors.records import IssueKind, Report

Edit = Callable[[etree._Element], None]
ReadEdited = Callable[[Edit], Report]


def contradicted(report: Report) -> set[str]:
    """The summary tags that the details contradict."""
    return {i.where for i in report.issues if i.kind is IssueKind.CONTRADICTION}


def setting(values: dict[str, str]) -> Edit:
    """An edit that writes these texts, also where there was no tag."""

    def edit(root: etree._Element) -> None:
        for path, text in values.items():
            place, _, tag = path.rpartition("/")
            parent = root.find(place)
            assert parent is not None, place
            leaf = parent.find(tag)
            if leaf is None:
                leaf = etree.SubElement(parent, tag)
            leaf.text = text

    return edit


ACCOUNT = "PDA/PD01"
LOAN, SUBACCOUNT, CARD = f"{ACCOUNT}[1]/PD01A", f"{ACCOUNT}[5]/PD01A", f"{ACCOUNT}[7]/PD01A"
SUMMARY = "PCO/PC02"


@pytest.mark.parametrize(
    ("account", "currency"), [("1", "USD"), ("5", "JPY"), ("6", "HKD"), ("7", "USD"), ("8", "EUR")]
)
def test_no_dollars_are_added_to_yuan(edited: ReadEdited, account: str, currency: str) -> None:
    """What CCRC converts at is not published, so such a sum is held against nothing."""
    everything = {
        f"{SUMMARY}/PC02{segment}/PC02{segment}J0{n}": "7"
        for segment, most in (("E", 3), ("F", 3), ("G", 3), ("H", 5), ("I", 5))
        for n in range(1, most + 1)
    }
    own = {"1": "E", "5": "F", "6": "G", "7": "H", "8": "I"}[account]
    found = contradicted(
        edited(setting({f"{ACCOUNT}[{account}]/PD01A/PD01AD04": currency} | everything))
    )

    assert not {tag for tag in found if tag.startswith(f"PC02{own}J")}
    assert {tag[:5] for tag in found} >= {f"PC02{s}" for s in "EFGHI" if s != own}


@pytest.mark.parametrize(
    ("stated", "shared", "fits"),
    [
        ("50000", "80000", True),  # the card's own limit
        ("80000", "80000", True),  # the limit it shares
        ("49999", "80000", False),
        ("80001", "80000", False),
        ("50000", "", True),
        ("50000", "0", True),
        ("80000", "", False),
    ],
)
def test_a_shared_limit_leaves_room_and_no_other_does(
    edited: ReadEdited, stated: str, shared: str, *, fits: bool
) -> None:
    """How cards share one is not published; a limit of one card only is plain."""
    limits = {f"{SUMMARY}/PC02H/PC02HJ0{n}": stated for n in (1, 2, 3)}
    found = contradicted(edited(setting({f"{CARD}/PD01AJ03": shared} | limits)))

    assert found == (set() if fits else {"PC02HJ01", "PC02HJ02", "PC02HJ03"})


def test_limits_are_those_of_a_lender(edited: ReadEdited) -> None:
    """Two cards of one bank are one limit of a bank, two of two banks are two."""
    two = {
        f"{ACCOUNT}[8]/PD01A/PD01AD01": "R2",
        f"{ACCOUNT}[8]/PD01C/PD01CD01": "1",
        f"{ACCOUNT}[8]/PD01A/PD01AJ03": "",
        f"{CARD}/PD01AJ03": "",
        f"{SUMMARY}/PC02H/PC02HJ01": "55000",
    }
    of_two = {f"{SUMMARY}/PC02H/PC02HJ02": "50000", f"{SUMMARY}/PC02H/PC02HJ03": "5000"}
    of_one = {f"{SUMMARY}/PC02H/PC02HJ02": "55000", f"{SUMMARY}/PC02H/PC02HJ03": "55000"}
    same_bank = {f"{ACCOUNT}[8]/PD01A/PD01AI02": "IJ"}
    limits = {"PC02HJ01", "PC02HJ02", "PC02HJ03"}

    assert not contradicted(edited(setting(two | of_two))) & limits
    assert not contradicted(edited(setting(two | same_bank | of_one))) & limits
    assert contradicted(edited(setting(two | of_one))) & limits == limits - {"PC02HJ01"}


@pytest.mark.parametrize(
    ("stated", "fits"),
    [("20000", True), ("50000", True), ("19999", False), ("50001", False)],
)
def test_subaccounts_have_what_was_drawn_or_agreed(
    edited: ReadEdited, stated: str, *, fits: bool
) -> None:
    """20,000 was drawn from a line of 50,000; which of them CCRC sums is not published."""
    edit = setting({f"{SUBACCOUNT}/PD01AI04": "LINE-1", f"{SUMMARY}/PC02F/PC02FJ01": stated})

    assert contradicted(edited(edit)) == (set() if fits else {"PC02FJ01"})


@pytest.mark.parametrize(
    ("product", "housing", "others", "fits"),
    [
        ("13", "1", "5", True),  # a housing fund loan is a housing loan
        ("13", "0", "6", True),  # or it is not
        ("11", "0", "6", False),
        ("91", "0", "6", True),
        ("91", "1", "5", False),
        ("", "1", "5", True),
        ("", "0", "6", True),
        ("13", "2", "4", False),
    ],
)
def test_a_product_stands_in_its_row(
    edited: ReadEdited, product: str, housing: str, others: str, *, fits: bool
) -> None:
    """A row may hold what nobody published it does not hold, and nothing else."""
    rows = f"{SUMMARY}/PC02A/PC02AH"
    edit = setting(
        {
            f"{LOAN}/PD01AD03": product,
            f"{rows}[1]/PC02AS03": housing,
            f"{rows}[2]/PC02AS03": others,
            f"{rows}[1]/PC02AR01": "",
            f"{rows}[2]/PC02AR01": "",
        }
    )

    assert ("PC02AS03" not in contradicted(edited(edit))) == fits


@pytest.mark.parametrize(
    ("stated", "listed", "fits"),
    [
        ("2020-06-10", "2020-06-10", True),
        ("2020-06-11", "2020-06-10", True),  # a day's tolerance
        ("2020-06-12", "2020-06-10", False),  # PH01 should list it
        ("2020-06-09", "2020-06-10", False),  # there is a newer one
        ("2020-06-01", "2020-06-15", True),  # today's is our own ask
        ("2020-06-01", "2020-06-14", True),  # as is one before midnight
        ("2020-05-31", "2020-06-15", False),
        ("2020-06", "2020-06", True),
        ("2020-06", "2020-06-10", True),
        ("2020-05", "2020-06-10", False),
        ("2020-03", "2020-06-15", False),
    ],
)
def test_the_last_inquiry_is_the_newest_listed(
    edited: ReadEdited, stated: str, listed: str, *, fits: bool
) -> None:
    """Or the one before, when the newest is the ask for this report."""
    edit = setting({"PQO/PC05/PC05A/PC05AR01": stated, "POQ/PH01[1]/PH010R01": listed})

    assert ("PC05AR01" not in contradicted(edited(edit))) == fits


def test_without_inquiries_listed_the_last_is_two_years_ago(edited: ReadEdited) -> None:
    """PH01 goes back two years: what it does not list is older."""

    def ago(stated: str) -> Edit:
        def edit(root: etree._Element) -> None:
            setting({"PQO/PC05/PC05A/PC05AR01": stated})(root)
            chapter = root.find("POQ")
            assert chapter is not None
            del chapter[:]

        return edit

    assert "PC05AR01" in contradicted(edited(ago("2020-06-10")))
    assert "PC05AR01" not in contradicted(edited(ago("2018-03-01")))


def test_a_young_card_leaves_the_averages_alone(edited: ReadEdited) -> None:
    """Over how many months its use is averaged is not published."""
    average = {f"{SUMMARY}/PC02H/PC02HJ05": "1"}
    rows = f"{SUMMARY}/PC02A/PC02AH"
    young = {f"{CARD}/PD01AR01": "2020-01-02", f"{rows}[3]/PC02AR01": "2020-01"}

    assert contradicted(edited(setting(average))) == {"PC02HJ05"}
    assert contradicted(edited(setting(average | young))) == set()


def test_disputes_are_counted_wherever_they_stand(edited: ReadEdited) -> None:
    """On an account, a judgment or the report; other annotations are none."""
    third = {"POS/PG01/PG010H/PG010D03": "1"}

    assert contradicted(edited(setting(third))) == {"PA01ES01"}
    assert contradicted(edited(setting(third | {"PRH/PA01/PA01E/PA01ES01": "3"}))) == set()


def test_a_liability_belongs_to_borrower_and_role(edited: ReadEdited) -> None:
    """The same liability taken on in another role is in no row any more."""
    found = contradicted(edited(setting({"PCR/PD03[2]/PD03A/PD03AD03": "2"})))

    assert found == {"PC02KS02", "PC02KJ01", "PC02KJ02"}


@pytest.mark.parametrize("month", ["2016-06", "2016-08"])
def test_the_first_opening_is_that_of_the_row(edited: ReadEdited, month: str) -> None:
    """Neither a month before the oldest account of the row nor one after it."""
    edit = setting({f"{SUMMARY}/PC02A/PC02AH/PC02AR01": month})

    assert contradicted(edited(edit)) == {"PC02AR01"}


def test_what_is_used_of_a_card_is_not_its_balance(edited: ReadEdited) -> None:
    """PD01CJ02 and PD01CJ01 are two tags: what is used goes before what is owed."""
    owed = {f"{ACCOUNT}[7]/PD01C/PD01CJ01": "44000"}
    unsaid = {f"{ACCOUNT}[7]/PD01C/PD01CJ02": "", f"{SUMMARY}/PC02H/PC02HJ04": "44000"}

    assert contradicted(edited(setting(owed))) == set()
    assert contradicted(edited(setting(owed | unsaid))) == set()


def test_two_cards_that_share_have_at_least_the_larger_limit(edited: ReadEdited) -> None:
    """50,000 and 5,000 shared at one bank: 50,000 to 55,000, and nothing less."""
    sharing = {
        f"{ACCOUNT}[8]/PD01A/PD01AD01": "R2",
        f"{ACCOUNT}[8]/PD01C/PD01CD01": "1",
        f"{ACCOUNT}[8]/PD01A/PD01AI02": "IJ",
        f"{CARD}/PD01AJ03": "50000",
    }
    found = {
        total: "PC02HJ01"
        in contradicted(edited(setting(sharing | {f"{SUMMARY}/PC02H/PC02HJ01": total})))
        for total in ("49999", "50000", "55000", "55001")
    }

    assert found == {"49999": True, "50000": False, "55000": False, "55001": True}
