"""Issues are counted and bounded, and show nobody's data."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from connectors.normalise.issues import Issues, shape
from connectors.records import Issue, IssueKind


def test_the_same_remark_is_counted() -> None:
    """A thousand inquiries with one unknown code are one line."""
    issues = Issues("x")
    for _ in range(3):
        issues.unknown_code("history.reason", "6")

    assert issues.drain() == (Issue("x", IssueKind.UNKNOWN_CODE, "history.reason", "code '6'", 3),)


@given(st.text(min_size=5))
def test_a_text_longer_than_a_code_is_not_shown(text: str) -> None:
    """It may be a name; what operators need is its class."""
    issues = Issues("x")
    issues.unknown_code("w", text)
    issues.bad_value("w", text, "a day")

    kinds = ("digits", "characters")
    said = {f"{len(text)} {kind}" for kind in kinds} | {
        f"{len(text)} {k}, not a day" for k in kinds
    }
    assert {issue.what for issue in issues.drain()} <= said


@pytest.mark.parametrize(
    ("name", "shown"),
    [
        ("newField_2", "block.newField_2"),
        ("示例", "block.another field"),
        ("x" * 65, "block.another field"),
        ("u13900000000", "block.another field"),
        ("a b", "block.another field"),
    ],
)
def test_only_what_looks_like_a_field_name_is_shown(name: str, shown: str) -> None:
    """A body keyed by people or numbers would otherwise name them."""
    issues = Issues("x")
    issues.unknown_field("block", name)

    assert [issue.where for issue in issues.drain()] == [shown]


def test_a_hostile_body_does_not_make_endless_issues() -> None:
    """A million new fields are told apart up to a bound, and all counted."""
    issues = Issues("x")
    for number in range(2000):
        issues.add(IssueKind.UNKNOWN_TAG, f"w{number}", "x")

    drained = issues.drain()
    assert len(drained) == 501
    assert sum(issue.count for issue in drained) == 2000


@pytest.mark.parametrize(
    ("value", "said"),
    [
        (None, "null"),
        (True, "a JSON bool"),
        ([1], "a JSON list"),
        ("12", "2 digits"),
        ("1x", "2 characters"),
        ("１２", "2 characters"),
    ],
)
def test_a_value_is_described_by_its_class(value: object, said: str) -> None:
    """Enough to repair a connector with, and no more."""
    assert shape(value) == said
