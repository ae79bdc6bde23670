"""gateway.attributes: what must hold for any borrower, whatever the numbers are."""

import re
from datetime import timedelta
from typing import Any

from hypothesis import given, settings
from hypothesis import strategies as st

from connectors.money import PartialDate
from connectors.records import InquiryKind, Record
from gateway.profile import AttributeSection, BorrowerProfile, Heard
from tests.gateway.attributes.borrower import BORROWER
from tests.gateway.reports import (
    CONFIG,
    QINGCHUAN,
    TODAY,
    card,
    grid,
    heard,
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


@settings(max_examples=25, deadline=None)
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


@settings(max_examples=25, deadline=None)
@given(st.randoms(use_true_random=False))
def test_order_never_changes_a_number(rng: Any) -> None:
    """Neither the order of sources nor of their records; evidence included."""
    sources = sorted({record.source for record in BORROWER})
    told: list[Heard] = []
    for source in rng.sample(sources, len(sources)):
        own = [record for record in BORROWER if record.source == source]
        told.append(heard(source, *rng.sample(own, len(own))))

    assert section(merged(*told)) == section(pulled(*BORROWER))


@settings(max_examples=25, deadline=None)
@given(inquiries, accounts, st.integers(min_value=1, max_value=400))
def test_nothing_of_the_future_counts(asked: list[Any], held: list[Any], ahead: int) -> None:
    """A model trained on a day must not know what was told of the days after it."""
    told = records(asked, held)
    later = inquiry("pboc", "QX", on=days_ago(-ahead))

    assert numbers(pulled(*told, later)) == numbers(pulled(*told))


@settings(max_examples=25, deadline=None)
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


def test_evidence_is_written_once_and_under_its_own_scopes() -> None:
    """A reader who may see the attribute sees its evidence, and nobody sees another's."""
    got = section(pulled(*BORROWER))
    scopes = {one.id: one.scopes for one in got.bases}

    assert len({(one.scopes, one.records) for one in got.bases}) == len(got.bases)
    assert {one.basis for one in got.values if one.basis} == scopes.keys()
    assert all(scopes[one.basis] == one.scopes for one in got.values if one.basis)
