"""past.history: what changed, and who changed it; never that a report numbers itself anew."""

from collections.abc import Callable, Mapping
from dataclasses import replace
from datetime import date
from typing import Any

from hypothesis import given
from hypothesis import strategies as st

from connectors.records import AccountStatus, Annotation, InquiryKind, PublicRecord, Record
from gateway.past import history
from gateway.past.history import Change, What, changes, pairs
from gateway.past.items import Fact, Item, items_of
from gateway.profile import BorrowerProfile, to_sections
from tests.gateway.reports import (
    NEWEST,
    card,
    cny,
    contribution,
    day,
    grid,
    inquiry,
    loan,
    metric,
    phone,
    pulled,
)

Sections = Mapping[str, Mapping[str, Any]]


def seen(profile: BorrowerProfile) -> Sections:
    """A profile as a caller sees it."""
    return to_sections(profile)


def told(old: BorrowerProfile, new: BorrowerProfile, section: str) -> list[Change]:
    return [one for one in changes(seen(old), seen(new)) if one.section == section]


def test_a_new_balance_names_its_source() -> None:
    """The question risk operations ask: what moved, from where to where, and who says so."""
    old = pulled(loan("pboc", balance=cny(6_000)))
    new = pulled(loan("pboc", balance=cny(4_000)))

    (change,) = told(old, new, "tradelines")

    assert (change.what, change.field) == (What.CHANGED, "balance")
    assert (change.old["minor"], change.new["minor"]) == (600_000, 400_000)
    assert change.sources == ("pboc",)
    assert "晴川" in change.label


def test_records_numbered_anew_are_no_change() -> None:
    """A report counts its accounts from one each time; the loan behind a number may be another."""
    first, second = (
        loan("pboc", "A1", account_ref="X"),
        card("pboc", "A2", account_ref="Y"),
    )
    swapped = (
        card("pboc", "A1", account_ref="Y"),
        loan("pboc", "A2", account_ref="X"),
    )

    assert told(pulled(first, second), pulled(*swapped), "tradelines") == []


def test_statements_numbered_and_dated_anew_are_no_change() -> None:
    """The same pension told again by a later report, under another number and day."""
    old = pulled(contribution(record_id="K1"))
    new = pulled(contribution(record_id="K9", as_of=date(2026, 3, 20)))

    assert told(old, new, "contributions") == []


def test_an_account_without_a_number_is_known_again() -> None:
    """Lender, kind, opening day and amount tell it from the others."""
    old = pulled(loan("pboc", "A1", account_ref=None, balance=cny(6_000)))
    new = pulled(loan("pboc", "A7", account_ref=None, balance=cny(5_000)))

    assert [one.field for one in told(old, new, "tradelines")] == ["balance"]


def test_which_of_two_alike_is_left_is_not_guessed() -> None:
    """Two loans that nothing tells apart, and one of them moved: both went, and one came."""
    told = [loan("pboc", f"A{n}", account_ref=None, balance=cny(n * 1_000)) for n in (3, 5)]
    left = loan("pboc", "A9", account_ref=None, balance=cny(4_000))
    two, one = seen(pulled(*told)), seen(pulled(left))

    for old, new, went, came in ((two, one, 2, 1), (one, two, 1, 2)):
        found = sorted(each.what for each in pairs(old, new) if each.section == "tradelines")
        assert found == [*[What.ADDED] * came, *[What.REMOVED] * went]


def test_what_came_and_what_went_is_told_whole() -> None:
    """A loan that is new and a card that is gone, fact by fact."""
    old, new = pulled(card("pboc", account_ref="C")), pulled(loan("pboc", account_ref="L"))
    found = told(old, new, "tradelines")

    came = {one.field for one in found if one.what is What.ADDED}
    went = {one.field for one in found if one.what is What.REMOVED}
    assert {"balance", "opened", "kind"} <= came
    assert {"balance", "credit_limit", "kind"} <= went
    assert all(one.old is None for one in found if one.what is What.ADDED)
    assert all(one.new is None for one in found if one.what is What.REMOVED)


def test_a_dispute_and_a_late_month_are_facts_of_their_own() -> None:
    """The annotation of the bureau, and the month of the grid it is about."""
    old = pulled(loan("pboc", grid=grid("NNN")))
    disputed = Annotation(kind="subject_statement", text="异议处理中", added=day("2026-03-01"))
    new = pulled(loan("pboc", grid=grid("1NN"), annotations=(disputed,)))

    found = {one.field: (one.old, one.new) for one in told(old, new, "tradelines")}
    assert found["grid/2026-02"] == ("current", "dpd_1_30")
    was, now = found["annotations"]
    assert was is None
    assert [one["text"] for one in now] == ["异议处理中"]


def both(pboc: str, baihang: str, *, months_back: int = 0) -> BorrowerProfile:
    """One loan with a grid at each bureau; that of Baihang ends that many months earlier."""
    return pulled(
        loan("pboc", grid=grid(pboc)),
        loan("baihang", grid=grid(baihang, NEWEST.plus(-months_back))),
    )


def blamed(old: BorrowerProfile, new: BorrowerProfile) -> dict[str, tuple[str, ...]]:
    """The sources of each fact of an account that changed."""
    return {one.field: one.sources for one in told(old, new, "tradelines")}


def test_a_month_is_blamed_on_who_says_it() -> None:
    """Baihang goes on saying that all is well: it must not stand behind the arrears."""
    assert blamed(both("NNN", "NNN"), both("1NN", "NNN")) == {"grid/2026-02": ("pboc",)}
    assert blamed(both("NNN", "NNN"), both("NNN", "N1N")) == {"grid/2026-01": ("baihang",)}
    assert blamed(both("NNN", "NNN"), both("1NN", "1NN")) == {"grid/2026-02": ("baihang", "pboc")}


def test_a_month_is_not_blamed_on_who_does_not_tell_it() -> None:
    """Baihang's grid ends in December, or it cannot read the month."""
    back = 2
    assert blamed(both("NNN", "N", months_back=back), both("1NN", "N", months_back=back)) == {
        "grid/2026-02": ("pboc",)
    }
    assert blamed(both("NNN", "#NN"), both("1NN", "#NN")) == {"grid/2026-02": ("pboc",)}


def test_of_a_grid_stored_before_all_who_may_tell_a_month_are_named() -> None:
    """Those against it are not; which of the others report it was not kept then."""

    def stored(profile: BorrowerProfile) -> Sections:
        sections = to_sections(profile)
        del sections["tradelines"]["lines"][0]["grid"]["value"]["told"]
        return sections

    old = stored(both("NNN", "N", months_back=2))
    late = changes(old, stored(both("1NN", "N", months_back=2)))
    denied = changes(old, stored(both("1NN", "NNN")))

    assert [one.sources for one in late if one.field == "grid/2026-02"] == [("baihang", "pboc")]
    assert [one.sources for one in denied if one.field == "grid/2026-02"] == [("pboc",)]


def test_an_amount_past_due_is_a_fact_of_its_month() -> None:
    """The status stays and the debt grows; who states no amount has not said so."""

    def late(yuan: int, baihang: int | None = None) -> BorrowerProfile:
        month, *rest = grid("1NN")
        here = (replace(month, overdue=cny(yuan)), *rest)
        there = (replace(month, overdue=cny(baihang)), *rest)
        return pulled(loan("pboc", grid=here), loan("baihang", grid=there))

    (change,) = told(late(100), late(250), "tradelines")
    assert (change.field, change.sources) == ("grid/2026-02/overdue", ("pboc",))
    assert (change.old["minor"], change.new["minor"]) == (10_000, 25_000)

    assert blamed(late(100, 100), late(250, 250)) == {"grid/2026-02/overdue": ("baihang", "pboc")}
    assert blamed(late(100, 100), late(250, 100)) == {"grid/2026-02/overdue": ("pboc",)}


def test_what_stands_side_by_side_is_blamed_on_who_moved() -> None:
    """Both bureaus note something beside one loan; only one of them has a new note."""
    first, second = (
        Annotation(kind="subject_statement", text=text, added=day("2026-03-01"))
        for text in ("已还清", "异议处理中")
    )
    old = pulled(loan("pboc", annotations=(first,)), loan("baihang", annotations=(first,)))
    new = pulled(loan("pboc", annotations=(first, second)), loan("baihang", annotations=(first,)))

    assert blamed(old, new) == {"annotations": ("pboc",)}
    assert blamed(new, old) == {"annotations": ("pboc",)}


def test_who_says_what_it_said_before_is_not_blamed() -> None:
    """Baihang told the newer value all along: that PBOC came round, or fell silent, is PBOC's."""
    told = loan("baihang", balance=cny(6_500), grid=grid("NNN"))
    old = pulled(loan("pboc", balance=cny(6_000), grid=grid("1NN")), told)
    agreeing = pulled(loan("pboc", balance=cny(6_500), grid=grid("NNN")), told)
    silent = pulled(told, nothing_from=("pboc",))
    newer = pulled(
        loan("pboc", balance=cny(6_000), grid=grid("1NN")),
        replace(told, as_of=date(2026, 3, 10)),
    )

    for new in (agreeing, silent):
        found = blamed(old, new)
        assert (found["balance"], found["grid/2026-02"]) == (("pboc",), ("pboc",))
    assert blamed(old, newer) == {"balance": ("baihang",)}


def test_an_inquiry_is_blamed_on_who_knows_it_no_more() -> None:
    """PBOC goes on telling of the application that Baihang has dropped."""
    old = pulled(inquiry("pboc"), inquiry("baihang", reason="03"))
    found = told(old, pulled(inquiry("pboc")), "inquiries")

    assert {one.field: one.sources for one in found} == {
        "known_from": ("baihang",),
        "reasons": ("baihang",),
    }


def test_an_application_told_more_precisely_is_the_same_one() -> None:
    """PBOC knows its month; that Baihang comes to tell the day makes no new application of it."""
    by_month = inquiry("pboc", on=day("2026-03"))
    old, new = pulled(by_month), pulled(by_month, inquiry("baihang"))
    found = told(old, new, "inquiries")

    assert {one.what for one in found} == {What.CHANGED}
    assert {one.field: (one.old, one.new, one.sources) for one in found} == {
        "on": ("2026-03", "2026-03-10", ("baihang",)),
        "known_from": (["pboc"], ["baihang", "pboc"], ("baihang",)),
    }
    assert {one.what for one in told(new, old, "inquiries")} == {What.CHANGED}


def test_an_application_called_otherwise_is_the_same_one() -> None:
    """Baihang has one word for all credit; that PBOC calls it a card is no new application."""
    baihang = inquiry("baihang")
    old = pulled(baihang)
    new = pulled(baihang, inquiry("pboc", kind=InquiryKind.CARD_APPLICATION))
    found = told(old, new, "inquiries")

    assert {one.field for one in found} == {"kind", "known_from"}


def test_an_application_of_another_day_is_another() -> None:
    """One lender twice in a month: one went, one came. So with a review in place of it."""
    old = pulled(inquiry("pboc", on=day("2026-03-01")))
    review = inquiry("pboc", on=day("2026-03-01"), kind=InquiryKind.ACCOUNT_REVIEW)
    for other in (inquiry("pboc"), review, inquiry("pboc", on=day("2026"))):
        found = told(old, pulled(other), "inquiries")
        assert {one.what for one in found} == {What.ADDED, What.REMOVED}


def test_which_of_two_days_a_month_was_is_not_guessed() -> None:
    """Nothing tells which of them PBOC had meant: one went, two came."""
    new = pulled(inquiry("baihang", "Q1", on=day("2026-03-01")), inquiry("baihang", "Q2"))
    found = told(pulled(inquiry("pboc", on=day("2026-03"))), new, "inquiries")

    assert {one.what for one in found} == {What.ADDED, What.REMOVED}


def case(source: str, record_id: str = "PR1", **facts: Any) -> PublicRecord:
    """A judgment to be enforced, known by its court, day and amount."""
    known: dict[str, Any] = {
        "as_of": date(2026, 2, 28),
        "kind": "enforcement",
        "filed": day("2025-11-03"),
        "authority": "示例市第一人民法院",
        "subject_matter": None,
        "amount": cny(50_000),
        "ended": None,
        "status": "running",
    }
    return PublicRecord(source=source, record_id=record_id, **{**known, **facts})


def test_a_fact_of_a_public_case_is_blamed_on_who_says_it() -> None:
    """Two bureaus tell one case; that it is done is said by one of them."""
    old = pulled(case("pboc"), case("baihang"))
    done = case("pboc", as_of=date(2026, 3, 10), status="completed", ended=day("2026-03-09"))
    found = told(old, pulled(done, case("baihang")), "public_records")

    assert {one.field: one.sources for one in found} == {"status": ("pboc",), "ended": ("pboc",)}


def test_a_case_another_source_comes_to_stand_for_is_the_same_case() -> None:
    """The newest record stands; that it is another bureau's makes no new case of it."""
    old = pulled(case("pboc"), case("baihang", status="filed"))
    newer = case("baihang", as_of=date(2026, 3, 10), status="filed")
    found = told(old, pulled(case("pboc"), newer), "public_records")

    assert {one.what for one in found} == {What.CHANGED}
    assert {one.field for one in found} == {"status"}


def test_who_says_the_very_same_of_a_case_is_blamed_too() -> None:
    """`against` names one record of those that say otherwise; the others follow it in `basis`."""
    done = case("pboc", as_of=date(2026, 3, 10), status="completed")
    new = pulled(done, case("baihang"), case("bairong"))
    (item,) = items_of("public_records", seen(new)["public_records"])

    assert item.facts["status"].sources == ("pboc",)
    assert item.facts["amount"].sources == ("baihang", "bairong", "pboc")


def test_a_conclusion_moves_because_of_those_that_told_something_new() -> None:
    """Two bureaus stand behind a total; the one whose balance moved moved it."""
    old = pulled(loan("pboc", balance=cny(6_000)), card("baihang", balance=cny(1_000)))
    new = pulled(loan("pboc", balance=cny(4_000)), card("baihang", balance=cny(1_000)))

    (total,) = (one for one in told(old, new, "attributes") if one.item.startswith("total_balance"))
    assert total.sources == ("pboc",)


def test_what_was_not_asked_for_is_no_change() -> None:
    """A pull for fewer scopes does not make accounts disappear."""
    whole = seen(pulled(loan("pboc"), inquiry("pboc")))
    narrow = {name: body for name, body in whole.items() if name != "tradelines"}

    assert changes(whole, narrow) == ()
    assert "tradelines" not in history.compared(whole, narrow)


def test_a_silent_source_is_a_change_of_the_source() -> None:
    """What it alone reported is gone, and the line beside it says why."""
    old = pulled(loan("pboc"), loan("baihang", "B1", account_ref="only", opened=day("2024-01-01")))
    new = pulled(loan("pboc"), nothing_from=("baihang",))

    outcomes = {
        one.item: (one.old, one.new) for one in told(old, new, "sources") if one.field == "outcome"
    }
    assert outcomes == {"baihang": ("report", "unavailable")}
    gone = [one for one in told(old, new, "tradelines") if one.what is What.REMOVED]
    assert gone
    assert {one.sources for one in gone} == {("baihang",)}


def test_a_report_set_aside_is_a_change_of_the_source() -> None:
    """It answered as before, but it is not known any more whose report that is."""
    old, new = (seen(pulled(loan("pboc"))) for _ in range(2))
    (line,) = [one for one in new["sources"]["lines"] if one["source"] == "pboc"]
    line["quarantined"] = True

    assert [(one.field, one.old, one.new, one.sources) for one in changes(old, new)] == [
        ("quarantined", None, True, ("pboc",))
    ]


def test_counts_of_two_sources_are_two_counts() -> None:
    """Both call it by one name; each moved by itself."""
    old, new = (
        pulled(metric("bairong", "n", first), metric("tongdun", "n", second))
        for first, second in ((1, 5), (2, 6))
    )

    assert [(one.what, one.old, one.new, one.sources) for one in told(old, new, "inquiries")] == [
        (What.CHANGED, 1, 2, ("bairong",)),
        (What.CHANGED, 5, 6, ("tongdun",)),
    ]


def test_how_a_profile_was_made_is_not_compared() -> None:
    """Nobody is told that its issues were looked at for changes."""
    whole = seen(pulled(loan("pboc")))

    assert {"issues", "conflicts", "withheld"} <= whole.keys()
    assert history.compared(whole, whole) == tuple(
        sorted(whole.keys() - {"issues", "conflicts", "withheld"})
    )


REFS = st.sampled_from(["1", "2", "3", None])
LOANS = st.builds(
    lambda source, number, ref, balance, status: loan(
        source, f"A{number}", account_ref=ref, balance=cny(balance), status=status
    ),
    st.sampled_from(["pboc", "baihang"]),
    st.integers(1, 4),
    REFS,
    st.sampled_from([1_000, 2_000]),
    st.sampled_from([AccountStatus.CURRENT, AccountStatus.OVERDUE]),
)
OTHERS: st.SearchStrategy[Record] = st.one_of(
    st.builds(
        lambda source, number, when: inquiry(source, f"Q{number}", on=day(when)),
        st.sampled_from(["pboc", "baihang"]),
        st.integers(1, 4),
        st.sampled_from(["2026-03-01", "2026-03-02", "2026-03"]),
    ),
    st.builds(lambda value: metric("baihang", "allnum", value), st.integers(0, 3)),
    st.builds(phone, st.sampled_from(["10010001000", "10020002000"])),
    st.builds(
        lambda number, status: contribution(record_id=f"K{number}", status=status),
        st.integers(1, 2),
        st.sampled_from(["paying", "stopped"]),
    ),
)
_key: Callable[[Record], tuple[str, str]] = lambda one: (one.source, one.record_id)  # noqa: E731
PROFILES = st.lists(st.one_of(LOANS, OTHERS), max_size=7, unique_by=_key).map(
    lambda records: seen(pulled(*records))
)


def keyed(old: Sections, new: Sections) -> list[tuple[str, Item | None, Item | None]]:
    return [(pair.section, pair.old, pair.new) for pair in pairs(old, new)]


def facts(item: Item | None) -> dict[str, Any]:
    found: Mapping[str, Fact] = {} if item is None else item.facts
    return {name: fact.value for name, fact in found.items()}


@given(PROFILES)
def test_nothing_changed_between_equals(profile: Sections) -> None:
    """A history full of noise is a history nobody reads."""
    assert changes(profile, profile) == ()


@given(PROFILES, PROFILES)
def test_every_item_is_told_once(old: Sections, new: Sections) -> None:
    """Nothing of either version is lost or paired twice."""
    found = keyed(old, new)
    for section in history.compared(old, new):
        for version, place in ((old, 1), (new, 2)):
            names = sorted(one[place].name for one in found if one[0] == section and one[place])  # type: ignore[union-attr]
            laid = sorted(item.name for item in items_of(section, version[section]))
            assert names == laid


@given(PROFILES, PROFILES)
def test_applying_the_changes_gives_the_newer_version(old: Sections, new: Sections) -> None:
    """The changes are complete: the old facts and they make the new facts."""
    for pair in pairs(old, new):
        result = facts(pair.old)
        for change in history.differences(pair):
            assert result.get(change.field) == change.old
            result[change.field] = change.new
        assert {k: v for k, v in result.items() if v is not None} == facts(pair.new)


@given(PROFILES, PROFILES)
def test_looking_back_is_the_mirror_of_looking_forward(old: Sections, new: Sections) -> None:
    """What came in one direction went in the other; no direction hides anything."""
    mirror = {What.ADDED: What.REMOVED, What.REMOVED: What.ADDED, What.CHANGED: What.CHANGED}

    def bare(one: Change, *, back: bool) -> str:
        what = mirror[one.what] if back else one.what
        values = (one.new, one.old) if back else (one.old, one.new)
        return repr((one.section, one.kind, one.field, what, values))

    forward = sorted(bare(one, back=False) for one in changes(old, new))
    backward = sorted(bare(one, back=True) for one in changes(new, old))
    assert forward == backward


def turned(sections: Sections) -> Sections:
    """The same profile with every list the other way round."""
    return {
        name: {key: part[::-1] if isinstance(part, list) else part for key, part in body.items()}
        for name, body in sections.items()
    }


@given(PROFILES, PROFILES)
def test_no_order_decides(old: Sections, new: Sections) -> None:
    """Lists are written in some order; what changed does not depend on it."""
    assert changes(turned(old), turned(new)) == changes(old, new)
