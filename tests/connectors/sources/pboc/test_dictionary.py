"""The dictionary: every tag CCRC has published, each with a place or a reason."""

import csv
from pathlib import Path

import pytest
from lxml import etree

from connectors import records
from connectors.normalise import codes
from connectors.records import AccountStatus, InquiryKind, LenderType, PaymentStatus
from connectors.sources.pboc import dictionary, page
from connectors.sources.pboc.dictionary import LEAVES, Group
from connectors.sources.pboc.values import Key, plan

FIXTURES = Path(__file__).parents[2] / "fixtures"
DOCS = Path(__file__).parents[4] / "docs"
TYPES = ("", "D1", "R1", "R2", "R3", "R4", "C1", "TE", "UE")
_ENUMS = {"A.18": LenderType, "A.4-KIND": InquiryKind} | dict.fromkeys(
    ("A.27", "A.28", "A.29", "A.30", "A.31"), AccountStatus
) | dict.fromkeys(("A.33", "A.34", "A.35", "A.36", "A.33x"), PaymentStatus)  # fmt: skip


def rows(path: Path) -> list[dict[str, str]]:
    """A CSV file of the facts."""
    with path.open(encoding="utf-8", newline="") as lines:
        return list(csv.DictReader(lines))


def groups(group: Group) -> list[Group]:
    """All containers."""
    return [group, *(inner for below in group.groups.values() for inner in groups(below))]


def test_every_published_tag_is_known_at_its_place(shared: Path) -> None:
    """A tag we do not know is a fact of the borrower that nobody sees."""
    published = {r["xml_path"] for r in rows(shared / "sources" / "pboc_report_fields.csv")}

    assert len(published) == 356
    assert published <= {leaf.path for leaf in LEAVES}


def test_every_published_code_is_in_our_tables(shared: Path) -> None:
    """A code we do not know is an issue; a published one would be our own gap."""
    ours = {(table, code) for table, _, code in codes.load("pboc").rows}
    published = {(r["table_id"], r["code"]) for r in rows(shared / "sources" / "pboc_codes.csv")}

    assert len({table for table, _ in published}) == 76
    assert published <= ours


def test_each_tag_goes_somewhere_or_says_why_not() -> None:
    """`ignored` without a reason is forgotten with another name."""
    kinds = {kind.__name__ for kind in records.RECORD_TYPES}
    for leaf in LEAVES:
        if leaf.record == "ignored":
            assert leaf.note, leaf.tag
        else:
            assert leaf.record in kinds | {"Report", "check", "segment"}, leaf.tag


@pytest.mark.parametrize("account_type", TYPES)
def test_every_tag_fits_the_field_it_goes_to(account_type: str) -> None:
    """An amount in a field for text would be found by a model, months later."""
    for group in groups(dictionary.ROOT):
        if group.tag not in ("", "PA01A"):
            plan(group.path, Key(account_type=account_type))


def test_every_word_of_a_closed_list_is_one_of_ours() -> None:
    """A misspelt word in the data would stop the first report that has the code."""
    for (table, _, _), code in codes.load("pboc").rows.items():
        if table in _ENUMS:
            assert _ENUMS[table](code.word)


def test_the_fixtures_have_every_tag() -> None:
    """What no fixture has, no test of this source ever read."""
    shown = {
        str(element.tag)
        for path in FIXTURES.glob("pboc_*.xml")
        for element in etree.parse(path).iter()
    }

    assert {leaf.tag for leaf in LEAVES} <= shown


def test_the_page_is_up_to_date() -> None:
    """Run `python -m connectors.sources.pboc.page > docs/sources/pboc.md`."""
    assert (DOCS / "sources" / "pboc.md").read_text(encoding="utf-8") == page.markdown()


def test_the_page_names_every_tag() -> None:
    """An integrator looks a tag up there."""
    text = page.markdown()

    assert all(f"| {leaf.tag} |" in text for leaf in LEAVES)
