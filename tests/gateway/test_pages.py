"""Pages in the terminal: all that is said stands there, and nothing else happens."""

from typing import Any

import pytest
import typer
from hypothesis import example, given
from hypothesis import strategies as st
from rich.cells import cell_len

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


ACCOUNT = {
    "institution": "示例一家名字很长的消费金融股份有限公司",
    "kind": {"value": "instalment_loan"},
    "status": {"value": "suspended"},
    "opened": {"value": "2021-10-06"},
    "credit_limit": {"value": {"minor": 12_345_678_00, "currency": "CNY"}},
    "balance": {"value": {"minor": 9_876_543_00, "currency": "CNY"}},
    "past_due": {"value": {"minor": 1_234_567_00, "currency": "CNY"}},
    "grid": {"value": {"months": [month(f"2026-{n:02d}", "dpd_1_30") for n in range(1, 11)]}},
}


@pytest.mark.parametrize("width", [80, 100, 160])
def test_no_number_of_an_account_is_cut_or_wrapped(
    width: int, monkeypatch: pytest.MonkeyPatch
) -> None:
    """A balance that ends in an ellipsis is read as another one; so is a grid without a month."""
    monkeypatch.setattr(session.out, "width", width)
    closed = {**ACCOUNT, "status": {"value": "closed"}}
    reply = {
        "snapshot": SNAPSHOT, "subject": "s", "purpose": "p", "consent": {"id": "c"},
        "scopes": ["tradelines"], "profile": {"tradelines": {"lines": [closed, ACCOUNT]}},
    }  # fmt: skip
    with session.out.capture() as said:
        page.draw(session.out, reply)
    lines = said.get().splitlines()

    for number in ("12,345,678", "9,876,543", "1,234,567", "1" * 10, "2021-10-06"):
        assert sum(number in line for line in lines) == 2
    assert "…" not in said.get()
    assert max(cell_len(line) for line in lines) <= width
    assert [line.split()[0] for line in lines if "9,876,543" in line] == ["1", "0"]  # for explain


def test_a_reason_tells_its_number_in_its_unit() -> None:
    """23527 is nothing to anybody; 235.3 % is."""
    attribute = {"name": "scheduled_payments_to_base", "unit": "bp", "value": 23_527}
    reason = {"code": "R13", "zh": "高", "en": "high", "cause": attribute["name"], "value": 23_527}
    reply = {
        "snapshot": SNAPSHOT, "subject": "s", "purpose": "p", "consent": {"id": "c"}, "scopes": [],
        "profile": {
            "attributes": {"catalogue": "core/1", "values": [attribute]},
            "reasons": {"reasons": [{**reason, "sources": ["pboc"]}]},
        },
    }  # fmt: skip
    with session.out.capture() as said:
        page.draw(session.out, reply)

    assert "23527" not in said.get()
    assert said.get().count("scheduled_payments_to_base 235.3 %") == 2


def test_a_history_tells_sources_words_first_and_an_attribute_in_one_line() -> None:
    """Two hundred attributes that follow from one account would bury it."""
    changed = {"what": "changed", "item": "a", "kind": "attribute", "sources": ["pboc"]}
    attribute = {**changed, "section": "attributes", "label": "balance"}
    changes = [
        {**attribute, "field": "missing", "old": "no_file", "sources": []},
        {**attribute, "field": "value", "new": 5},
        {
            **changed,
            "section": "tradelines",
            "label": "bank",
            "field": "balance",
            "old": 1,
            "new": 2,
        },
    ]
    line = {**SNAPSHOT, "purpose": "p", "sources": [], "config": "c" * 64, "changes": changes}
    with session.out.capture() as said:
        history_page.draw(session.out, {"snapshots": [line], "after": None})
    rows = [row.split() for row in said.get().splitlines()[3:]]

    assert rows == [
        ["tradelines", "bank", "balance", "1", "2", "pboc"],
        ["attributes", "balance", "no_file", "5", "pboc"],
    ]


def test_an_inquiry_is_explained_with_the_names_of_its_fields() -> None:
    """`no` alone does not say that it was a soft one."""
    said = drawn({"path": "/i", "kind": "inquiry", "value": {"hard": False, "on": "2026-11-13"}})

    assert "hard no" in said


def test_a_reason_is_explained_in_its_unit() -> None:
    """The number and the threshold it met, alike."""
    details = {"cause": "share", "threshold": 7_000, "unit": "bp"}
    said = drawn({"path": "/r", "kind": "reason", "value": 23_527, "details": details})

    assert "235.27 %" in said
    assert "70.00 %" in said
