"""JSON bodies: strict outside, distrustful inside."""

import pytest

from connectors.errors import SourceBrokeContract
from connectors.normalise.issues import Issues
from connectors.normalise.json_body import Json, Walk, parse
from connectors.records import IssueKind


def test_an_object_is_read_as_it_stands() -> None:
    """Names in Chinese included."""
    assert parse("x", '{"名": ["甲", 1, null]}'.encode()) == {"名": ["甲", 1, None]}


@pytest.mark.parametrize(
    ("content", "reason"),
    [
        (b"", "not_json"),
        (b'{"a": NaN}', "not_json"),
        (b'{"a": 1,}', "not_json"),
        (b'{"a": "\\ud800"}', "not_json"),
        (b'{"a": "CANARY', "not_json"),
        ("{}".encode("utf-16"), "not_json"),
        (b"[{}]", "not_an_object"),
        (b'"CANARY"', "not_an_object"),
    ],
)
def test_anything_else_breaks_the_contract(content: bytes, reason: str) -> None:
    """And is not quoted, neither in the message nor in a cause."""
    with pytest.raises(SourceBrokeContract) as caught:
        parse("x", content)

    assert str(caught.value) == f"x: {reason}"
    assert caught.value.__cause__ is None
    assert caught.value.__suppress_context__ or caught.value.__context__ is None


def kinds(issues: Issues) -> list[tuple[IssueKind, str]]:
    """What was remarked, and where."""
    return [(issue.kind, issue.where) for issue in issues.drain()]


@pytest.mark.parametrize("value", ["x", 1, True, []])
def test_what_is_no_object_is_empty_and_counted(value: Json) -> None:
    """The rest of the report goes on."""
    walk = Walk(Issues("x"))

    assert walk.object("w", value) == {}
    assert kinds(walk.issues) == [(IssueKind.BAD_VALUE, "w")]


def test_list_items_keep_their_place() -> None:
    """Record ids come from it, so an odd item must not move the ones behind it."""
    walk = Walk(Issues("x"))

    assert list(walk.items("w", [{"a": 1}, 7, {"b": 2}])) == [
        ("w[0]", {"a": 1}),
        ("w[2]", {"b": 2}),
    ]
    assert kinds(walk.issues) == [(IssueKind.BAD_VALUE, "w")]


def test_absent_is_not_odd() -> None:
    """Null, a missing field and an empty text say nothing, and cost nothing."""
    walk = Walk(Issues("x"))

    assert (walk.object("w", None), list(walk.items("w", None))) == ({}, [])
    assert (walk.text("w", None), walk.text("w", "  ")) == (None, None)
    assert kinds(walk.issues) == []
