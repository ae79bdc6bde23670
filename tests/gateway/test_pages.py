"""Pages in the terminal: all that is said stands there, and nothing else happens."""

from typing import Any

import pytest
import typer
from hypothesis import example, given
from hypothesis import strategies as st

from consent.errors import InvalidInput
from gateway.cli import explain_page, history_page, page, session
from gateway.cli.values import legible

SNAPSHOT = {"id": "s1", "at": "2026-11-25T00:00:00.000000Z"}
PLAIN = ":bank:示例[/red]银行 [bold]"
HOSTILE = f"{PLAIN}\x1b[2J\x9b\u202e\u2066\u200b\ufeff\u2028\u2029\U000e0041"
UNSEEN = st.characters(categories=["Cc", "Cf", "Zl", "Zp"])
SEEN = st.characters(exclude_categories=["Cc", "Cf", "Zl", "Zp", "Cs"])


@pytest.fixture(autouse=True)
def wide(monkeypatch: pytest.MonkeyPatch) -> None:
    """So that nothing is wrapped."""
    monkeypatch.setattr(session.out, "width", 200)


def drawn(why: dict[str, Any]) -> str:
    whole: dict[str, Any] = {
        "value": None,
        "rule": None,
        "words": "why",
        "evidence": [],
        "details": {},
    }
    with session.out.capture() as said:
        explain_page.draw(session.out, {"explanation": {**whole, **why}, "snapshot": SNAPSHOT})
    return said.get()


def witness(**more: Any) -> dict[str, Any]:
    return {
        "source": "baihang", "report": "R" * 150, "record": "loans[0]", "against": False,
        "disputed": False, "as_of": None, "says": None, **more,
    }  # fmt: skip


def month(name: str, status: str) -> dict[str, str]:
    return {"month": name, "status": status}


def test_what_a_source_says_is_no_markup_and_moves_no_cursor() -> None:
    """A lender's name is the source's to choose: it may not hide, colour or break the page."""
    said = drawn(
        {
            "path": "/tradelines/lines/0/lender",
            "kind": "conclusion",
            "value": HOSTILE,
            "evidence": [witness(says=HOSTILE, record=HOSTILE)],
            "details": {"annotations": [{"kind": "x", "text": HOSTILE, "records": [HOSTILE]}]},
        }
    )

    assert said.count(PLAIN) == 5
    assert not set(HOSTILE) & set(said) - set(PLAIN + "2J")


def test_a_history_is_no_markup_either() -> None:
    """The old value, the new one and the label are the source's words."""
    change = {
        "section": "tradelines", "label": HOSTILE, "what": "changed", "item": "a", "kind": "t",
        "field": "lender", "old": HOSTILE, "new": HOSTILE, "sources": ["baihang"],
    }  # fmt: skip
    line = {
        **SNAPSHOT, "purpose": "p", "sources": [], "config": "c" * 64, "changes": [change],
    }  # fmt: skip
    with session.out.capture() as said:
        history_page.draw(session.out, {"snapshots": [line], "after": None})

    assert said.get().count(PLAIN) == 3
    assert not set(HOSTILE) & set(said.get()) - set(PLAIN + "2J")


def test_a_profile_is_no_markup_either() -> None:
    """A name is what its document says, in whatever signs."""
    name = {"value": HOSTILE, "basis": ["baihang:R:identity"]}
    reply = {
        "snapshot": SNAPSHOT, "subject": "s", "purpose": "p", "consent": {"id": "c"},
        "scopes": ["identity"], "profile": {"identity": {"name": name}},
    }  # fmt: skip
    with session.out.capture() as said:
        page.draw(session.out, reply)

    assert said.get().count(PLAIN) == 1
    assert not set(HOSTILE) & set(said.get()) - set(PLAIN + "2J")


@given(st.lists(st.tuples(st.booleans(), SEEN, UNSEEN)))
@example(
    [(True, "a", sign) for sign in "\u061c\u200b\u200e\u2028\u2029\u202e\u2069\ufeff\U000e0041"]
)
def test_what_cannot_be_seen_is_a_space_and_all_else_stays(
    signs: list[tuple[bool, str, str]],
) -> None:
    """A mark that turns or hides the letters about it would show an operator another name."""
    said = "".join(unseen if hidden else seen for hidden, seen, unseen in signs)
    shown = "".join(" " if hidden else seen for hidden, seen, _ in signs)

    assert legible({"a": [said]}) == {"a": [shown]}


def test_an_error_says_the_name_as_it_was_given(capsys: pytest.CaptureFixture[str]) -> None:
    """A file may be called anything; what would have been right may have brackets in it."""
    with pytest.raises(typer.Exit):
        session.fail(InvalidInput("a[/b].csv", "delivers = { scope = [its data items] }"))

    said = capsys.readouterr().err
    assert "a[/b].csv" in said
    assert "[its data items]" in said


def test_lines_of_a_text_stay_lines() -> None:
    """Only what is no sign at all goes; a document is otherwise as it was."""
    plain = {"a": ["银行 é", 1, None, {"b": True}], "c": "two\tcolumns"}

    assert legible(plain) == {**plain, "c": "two columns"}


def test_a_grid_is_told_whole_in_stretches_without_a_gap() -> None:
    """Months that say the same stand together, but none that nobody told stands between them."""
    months = [
        month("2026-02", "current"), month("2026-01", "current"), month("2025-12", "current"),
        month("2025-10", "current"), month("2025-09", "dpd_1_30"),
    ]  # fmt: skip
    said = drawn({"path": "/x", "kind": "conclusion", "value": {"months": months, "told": []}})

    for line in ("2025-12 to 2026-02  current", "2025-10  current", "2025-09  dpd_1_30"):
        assert line in said


def test_evidence_and_values_are_never_cut_short() -> None:
    """Who takes a report id or a statement to the bureau needs all of it."""
    said = drawn({"path": "/x", "kind": "statement", "value": ["W" * 100], "evidence": [witness()]})

    assert said.count("W") == 100
    assert said.count("R") == 150
    assert "…" not in said


def test_a_reason_without_a_number_names_its_cause() -> None:
    """A warning that fired is why, not nothing."""
    said = drawn({"path": "/r", "kind": "reason", "details": {"cause": "multi_lender_surge"}})

    assert "nothing" not in said
