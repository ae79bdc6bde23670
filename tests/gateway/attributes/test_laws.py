"""gateway.attributes: what must hold for any borrower, whatever the numbers are."""

import gc
import re
from dataclasses import replace
from datetime import timedelta
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from connectors.money import Money, Month, PartialDate
from connectors.records import (
    AccountStatus,
    ContributionMonth,
    IncomeMonth,
    InquiryKind,
    LenderType,
    Record,
)
from gateway.profile import AttributeSection, BorrowerProfile, Heard
from tests.gateway.attributes.borrower import BASES, BORROWER, PENSION, public
from tests.gateway.reports import (
    CONFIG,
    QINGCHUAN,
    TODAY,
    card,
    contribution,
    grid,
    heard,
    income,
    inquiry,
    loan,
    merged,
    pulled,
)

_WINDOWED = re.compile(r"(.+?)_(\d+)([dm])(_cny)?")
_GROWING = frozenset(
    {
        "inquiries", "askers", "lenders", "lenders_of_type", "new_accounts", "lent",
        "accounts_closed", "short_loans", "without_account", "max_dpd", "accounts_late",
        "months_late", "late_payments", "longest_run", "worst_overdue", "months_known",
        "contribution_months", "longest_paid_run", "kinds_paid", "public_records_since",
    }
)  # fmt: skip
"""Measures of which a longer window can only hold more."""


def section(profile: BorrowerProfile) -> AttributeSection:
    assert profile.attributes is not None
    return profile.attributes


def numbers(profile: BorrowerProfile) -> dict[str, int | None]:
    return {one.name: one.value for one in section(profile).values}


def days_ago(ago: int) -> PartialDate:
    then = TODAY - timedelta(days=ago)
    return PartialDate(then.year, then.month, then.day)


agos = st.integers(min_value=-40, max_value=800)
inquiries = st.lists(
    st.builds(
        lambda ago, kind, who: {"on": days_ago(ago), "kind": kind, "institution": who},
        agos,
        st.sampled_from(list(InquiryKind)),
        st.sampled_from(["AA", "AN", "AU", "BI", None]),
    ),
    max_size=8,
)
accounts = st.lists(
    st.builds(
        lambda ago, who, letters: {"opened": days_ago(ago), "lender": who, "grid": grid(letters)},
        agos,
        st.sampled_from(["AA", "AN", "AU"]),
        st.text("N*1237B#", min_size=1, max_size=30),
    ),
    max_size=5,
)


def records(asked: list[dict[str, Any]], held: list[dict[str, Any]]) -> list[Record]:
    """What PBOC tells of them."""
    return [
        *(inquiry("pboc", f"Q{n}", **facts) for n, facts in enumerate(asked)),
        *(
            (card if n % 2 else loan)("pboc", f"A{n}", account_ref=f"ref{n}", **facts)
            for n, facts in enumerate(held)
        ),
    ]


@given(inquiries, accounts)
def test_a_longer_window_never_holds_less(asked: list[Any], held: list[Any]) -> None:
    """An inquiry of the last 30 days is one of the last 90; so is a late payment."""
    got = numbers(pulled(*records(asked, held)))
    lengths: dict[tuple[str, ...], list[tuple[int, str]]] = {}
    for one in CONFIG.attributes.default.attributes:
        found = _WINDOWED.fullmatch(one.name)
        if one.measure in _GROWING and found:
            about = (one.measure, found[1], found[3])
            lengths.setdefault(about, []).append((int(found[2]), one.name))

    assert sum(len(names) > 1 for names in lengths.values()) > 15
    for names in lengths.values():
        known = [value for _, name in sorted(names) if (value := got[name]) is not None]
        assert known == sorted(known), names


@given(st.randoms(use_true_random=False))
def test_order_never_changes_a_number(rng: Any) -> None:
    """Neither the order of sources nor of their records; evidence included."""
    sources = sorted({record.source for record in BORROWER})
    told: list[Heard] = []
    for source in rng.sample(sources, len(sources)):
        own = [record for record in BORROWER if record.source == source]
        told.append(heard(source, *rng.sample(own, len(own))))

    assert section(merged(*told)) == section(pulled(*BORROWER))


@given(inquiries, accounts, st.integers(min_value=1, max_value=400))
def test_nothing_of_the_future_counts(asked: list[Any], held: list[Any], ahead: int) -> None:
    """A model trained on a day must not know what was told of the days after it."""
    told = records(asked, held)
    later = inquiry("pboc", "QX", on=days_ago(-ahead))

    assert numbers(pulled(*told, later)) == numbers(pulled(*told))


THIS_MONTH = Month.of(TODAY)
IN_TIME = [
    one.name
    for one in CONFIG.attributes.default.attributes
    if one.window or one.unit in {"days", "months"}
]
"""Attributes with a window, and those that say how long ago something is."""


def told_ahead(days: int, letters: str) -> list[Record]:
    """Of every kind of record one whose dates lie so many days, or some months, ahead."""
    then = days_ago(-days)
    month = THIS_MONTH.plus(1 + days // 31)
    later = {"opened": then, "grid": grid(letters, THIS_MONTH.plus(len(letters)))}
    return [
        loan("pboc", "X1", account_ref="x1", **later),
        card("pboc", "X2", account_ref="x2", **later),
        loan("pboc", "X3", account_ref="x3", closed=then, status=AccountStatus.CLOSED, **later),
        public("X4", "enforcement", str(then), 500),
        contribution(
            record_id="X5",
            kind="unemployment",
            first_paid=month,
            paid_to=month,
            months=(ContributionMonth(month=month),),
        ),
        income(1_000, newest=month, record_id="X6", told_by="unemployment"),
    ]


@given(
    inquiries,
    accounts,
    st.integers(min_value=1, max_value=400),
    st.text("N*1237B#", min_size=1, max_size=30),
)
def test_what_lies_ahead_is_in_no_window(
    asked: list[Any], held: list[Any], ahead: int, letters: str
) -> None:
    """Accounts, public records and contributions: told with dates to come, they are not old yet.

    They are told all the same, so what has no window may count them.
    """
    court = public("E1", "enforcement", "2025-12-01", 7)
    told = [*records(asked, held), loan("pboc", "L1"), court, PENSION, BASES]
    before, after = numbers(pulled(*told)), numbers(pulled(*told, *told_ahead(ahead, letters)))

    assert len(IN_TIME) > 120
    assert {name: after[name] for name in IN_TIME} == {name: before[name] for name in IN_TIME}
    assert (after["adverse_public_records"], before["adverse_public_records"]) == (2, 1)


@pytest.mark.parametrize("month", [THIS_MONTH.plus(1), Month(9999, 12)])
def test_a_base_of_months_to_come_is_no_base_yet(month: Month) -> None:
    """The newest base is the newest one that is due: a model saw nothing newer on that day."""
    future = IncomeMonth(month=month, amount=Money(100, "CNY"))
    ahead = replace(BASES, months=(future, *BASES.months))

    assert numbers(pulled(ahead)) == numbers(pulled(BASES))


def test_what_is_all_ahead_is_not_known() -> None:
    """Whose only account was opened in 2099 has no age: missing, and not the youngest there is."""
    got = section(pulled(*told_ahead(27_000, "N")))
    missing = {one.name: one.missing for one in got.values if one.value is None}

    assert missing["age_of_oldest_tradeline_months"] == "no_tradeline"
    assert missing["months_since_adverse_public_record"] == "undated"
    assert missing["months_since_last_contribution"] == "no_contribution"
    assert missing["months_since_first_contribution"] == "no_contribution"
    assert missing["contribution_base_cny"] == "no_amount"
    assert numbers(pulled(*told_ahead(27_000, "N")))["total_balance_cny"] == 1_600_000


amounts = st.integers(min_value=-(10**9), max_value=10**9).map(lambda minor: Money(minor, "CNY"))


@given(st.lists(st.fixed_dictionaries(dict.fromkeys(
    ("balance", "used", "credit_limit", "original_amount", "past_due", "scheduled_payment"), amounts
)), min_size=1, max_size=4))  # fmt: skip
def test_no_amount_lowers_another(stated: list[dict[str, Money]]) -> None:
    """What is below zero counts as zero: what one lender owes the subject pays no other lender."""
    floored = [
        {name: Money(max(one.minor, 0), "CNY") for name, one in facts.items()} for facts in stated
    ]

    got, same = numbers(pulled(*records([], stated))), numbers(pulled(*records([], floored)))
    assert {name: got[name] for name in SUMS} == {name: same[name] for name in SUMS}
    assert min(value for name in SUMS if (value := got[name]) is not None) >= 0


SUMS = [
    one.name
    for one in CONFIG.attributes.default.attributes
    if one.measure in {
        "total", "largest", "share", "concentration", "unpaid_part", "utilisation", "lent",
        "highest_utilisation", "accounts_drawn", "accounts_undrawn", "available", "debt_to_base",
    }
]  # fmt: skip


@given(inquiries, inquiries)
def test_another_source_never_takes_evidence_away(one: list[Any], other: list[Any]) -> None:
    """What PBOC said of applications still counts when Baihang answers too."""
    told = records(one, [])
    more = [
        inquiry("baihang", f"Q{n}", **{**facts, "institution": QINGCHUAN["baihang"]})
        for n, facts in enumerate(other)
    ]
    before, after = section(pulled(*told)), section(pulled(*told, *more))

    for name in ("hard_inquiries_90d", "hard_inquiries_730d", "lenders_90d", "self_inquiries_180d"):
        assert set(before.evidence(name)) <= set(after.evidence(name))


def test_evidence_stands_for_every_number() -> None:
    """Whatever is not zero rests on records of the reports, each named once."""
    got = section(pulled(*BORROWER))
    known = {(record.source, record.record_id) for record in BORROWER}

    for one in got.values:
        basis = got.evidence(one.name)
        assert basis or not one.value, one.name
        assert len(set(basis)) == len(basis), one.name
        assert {(record.source, record.record_id) for record in basis} <= known, one.name


def test_what_was_worked_out_of_a_person_is_gone_with_the_merge() -> None:
    """A file that holds on to itself, and all that is in it, waits for the garbage collector."""
    pulled(*BORROWER)  # what is worked out once, of the rules
    gc.collect()
    gc.disable()
    try:
        pulled(*BORROWER)

        assert gc.collect() == 0
    finally:
        gc.enable()


def test_selections_that_begin_alike_rest_on_their_own_accounts() -> None:
    """Two accounts each, the first of them the same."""
    bank, other = LenderType.BANK, LenderType.CONSUMER_FINANCE
    got = section(
        pulled(
            card("pboc", "A1", lender="AA", lender_type=bank),
            card("pboc", "A2", lender="AN", lender_type=other),
            loan("pboc", "A3", lender="AB", lender_type=bank),
        )
    )

    assert [one.record_id for one in got.evidence("open_credit_cards")] == ["A1", "A2"]
    assert [one.record_id for one in got.evidence("open_bank_accounts")] == ["A1", "A3"]


def test_evidence_is_written_once_and_under_its_own_scopes() -> None:
    """A reader who may see the attribute sees its evidence, and nobody sees another's."""
    got = section(pulled(*BORROWER))
    scopes = {one.id: one.scopes for one in got.bases}

    assert len({(one.scopes, one.records) for one in got.bases}) == len(got.bases)
    assert {one.basis for one in got.values if one.basis} == scopes.keys()
    assert all(scopes[one.basis] == one.scopes for one in got.values if one.basis)
