"""gateway.merge.oddities: absurd records are counted and kept, and cost bounded work."""

from datetime import date
from typing import Any

import pytest

from connectors.money import Money, Month
from connectors.records import (
    AccountKind,
    AccountStatus,
    ContributionMonth,
    IssueKind,
    PublicRecord,
    Record,
)
from gateway.merge import merge
from gateway.profile import BorrowerProfile
from gateway.resolve.judged import Judgements, Whose
from tests.gateway.reports import (
    AT,
    CONFIG,
    SUBJECT,
    TODAY,
    card,
    cny,
    contribution,
    day,
    grid,
    heard,
    income,
    inquiry,
    lines_of,
    loan,
    merged,
    pulled,
    who,
)


def test_absurd_records_are_counted_and_kept() -> None:
    """Nothing is repaired and nothing is dropped."""
    profile = pulled(
        loan("pboc", "A1", opened=day("2025-03-05"), closed=day("2024-01-01")),
        loan("pboc", "A2", opened=day("2027-01-01")),
        card("pboc", "A3", credit_limit=Money(-1, "CNY")),
        inquiry("pboc", on=day("2026-12-01")),
    )

    assert profile.issues is not None
    assert {
        (one.where, one.what)
        for one in profile.issues.issues
        if one.kind is IssueKind.CONTRADICTION
    } == {
        ("tradelines.closed", "before the opening date"),
        ("tradelines.opened", "in the future"),
        ("tradelines.credit_limit", "below zero"),
        ("inquiries.on", "in the future"),
    }
    assert len(lines_of(profile)) == 3


def public(**facts: Any) -> PublicRecord:
    """A judgment of last year, unless `facts` say otherwise."""
    known: dict[str, Any] = {
        "record_id": "P1", "as_of": TODAY, "kind": "civil_judgment", "authority": None,
        "subject_matter": None, "amount": None, "filed": day("2025-03-05"), "ended": None,
        "status": None,
    }  # fmt: skip
    return PublicRecord(source="pboc", **{**known, **facts})


NEXT_MONTH = Month.of(TODAY).plus(1)


@pytest.mark.parametrize(
    ("record", "where", "what"),
    [
        (public(filed=day("2099-01-01")), "public_records.filed", "in the future"),
        (public(filed=day("9999-12-31")), "public_records.filed", "in the future"),
        (public(ended=day("2025-03-04")), "public_records.ended", "before the filing date"),
        (public(ended=day("2024")), "public_records.ended", "before the filing date"),
        (public(amount=cny(-1)), "public_records.amount", "below zero"),
        (public(outcome_amount=cny(-1)), "public_records.outcome_amount", "below zero"),
        (who(birth_date=day("2090-01-01"), documents=()), "identity.birth_date", "in the future"),
        (contribution(paid_to=Month(2099, 1)), "contributions.paid_to", "in the future"),
        (contribution(first_paid=NEXT_MONTH), "contributions.first_paid", "in the future"),
        (contribution(enrolled=day("2099")), "contributions.enrolled", "in the future"),
        (
            contribution(
                months=tuple(ContributionMonth(month=NEXT_MONTH.plus(-ago)) for ago in (0, 1))
            ),
            "contributions.months",
            "in the future",
        ),
        (contribution(base=cny(-1)), "contributions.base", "below zero"),
        (contribution(monthly_amount=cny(-1)), "contributions.monthly_amount", "below zero"),
        (income(9_000, 9_000, newest=NEXT_MONTH), "incomes.months", "in the future"),
        (income(9_000, -1), "incomes.months", "below zero"),
        (loan(balance=cny(-500)), "tradelines.balance", "below zero"),
        (loan(closed=day("2025-03-04")), "tradelines.closed", "before the opening date"),
        (loan(transferred=day("2025-02")), "tradelines.transferred", "before the opening date"),
        (loan(matures=day("2025-03-04")), "tradelines.matures", "before the opening date"),
        (loan(last_payment=day("2026-03-18")), "tradelines.last_payment", "in the future"),
        (loan(transferred=day("2026-04")), "tradelines.transferred", "in the future"),
        (loan(grid=grid("N", NEXT_MONTH)), "tradelines.grid", "in the future"),
        (loan(as_of=date(2026, 3, 18)), "tradelines.as_of", "in the future"),
        (public(as_of=date(2099, 1, 1)), "public_records.as_of", "in the future"),
        (loan(scheduled_payment=cny(-5)), "tradelines.scheduled_payment", "below zero"),
        (card(credit_limit=cny(-5)), "tradelines.credit_limit", "below zero"),
    ],
)
def test_every_kind_of_absurd_record_is_an_issue(record: Record, where: str, what: str) -> None:
    """Whoever reads the profile sees that a source contradicts itself, and where."""
    assert contradictions(pulled(record)) == {(where, what)}


@pytest.mark.parametrize(
    "record",
    [
        public(ended=day("2099-01-01"), kind="penalty"),  # it ends when it ends
        public(filed=day("2025"), ended=day("2025-01-01")),  # it may have been filed that day
        public(filed=day("2026-03")),
        contribution(paid_to=Month.of(TODAY)),
        card(balance=cny(-500), used=cny(-500)),  # overpaid
        card(kind=AccountKind.QUASI_CREDIT_CARD, balance=cny(-500), used=cny(-500)),
        public(filed=day("2026-03-17"), amount=cny(0), outcome_amount=cny(0)),
        inquiry(on=day("2026-03-17")),
        loan(balance=cny(0), past_due=cny(0)),
        loan(closed=day("2025-03")),  # it may have been opened and closed that month
        loan(last_payment=day("2026-03"), transferred=day("2026")),
        loan(grid=grid("N", Month.of(TODAY))),
    ],
)
def test_what_may_be_is_no_issue(record: Record) -> None:
    """Counting what is in order would bury what is not."""
    assert contradictions(pulled(record)) == set()


def contradictions(profile: BorrowerProfile) -> set[tuple[str, str]]:
    """Where records contradict themselves, and how."""
    assert profile.issues is not None
    return {
        (one.where, one.what)
        for one in profile.issues.issues
        if one.kind is IssueKind.CONTRADICTION
    }


def test_five_hundred_copies_are_one_line_with_little_to_read() -> None:
    """One institution reports the same loan 500 times: one account, 499 issues, a short line."""
    many = [loan("pboc", f"A{n:03}", account_ref="N1") for n in range(500)]
    profile = pulled(*many)

    (line,) = lines_of(profile)
    assert profile.issues is not None
    assert len(line.records) == 500
    assert line.balance is not None
    assert len(line.balance.basis) == 1
    assert [(i.what, i.count) for i in profile.issues.issues] == [("copy of another record", 499)]


def test_four_hundred_aliases_are_kept_and_bounded() -> None:
    """A person with 400 names, a lender with 400 words: nothing is averaged, nothing explodes."""
    names = [who("pboc", f"I{n}", name=f"甲云帆{n}") for n in range(400)]
    words = [loan("baihang", f"A{n}", lender=f"示例{n}号", account_ref=f"N{n}") for n in range(400)]
    said = merged(heard("pboc", who("pboc"), *names), heard("baihang", *words))

    assert len(lines_of(said)) == 400
    assert said.issues is not None
    assert said.issues.issues[-1].count == 400  # lenders not in the directory
    profile = merge(
        [heard("pboc", who("pboc"), *names, quarantined=False)],
        SUBJECT,
        CONFIG,
        at=AT,
        jurisdiction="CN",
        judgements=Judgements(reports=(Whose("pboc", "R-pboc", subject=True),)),
    )
    assert profile.identity is not None
    assert profile.identity.name is not None
    assert len(profile.identity.name.against) == 400


OVER = Month(2026, 4)


def test_absurd_dates_join_and_link_nothing() -> None:
    """Closed before opened, opened in the year 9999, negative limits: issues, no wrong merge."""
    absurd = [
        loan("pboc", "A1", opened=day("9999-12-31"), closed=day("0001-01-01")),
        loan("baihang", "B1", opened=day("0001-01-01"), past_due=cny(-5), grid=grid("NNN", OVER)),
        loan("pboc", "A2", transferred=day("9999-12"), status=AccountStatus.TRANSFERRED),
        loan("pboc", "A3", original_amount=Money(-5, "CNY"), kind=AccountKind.COLLECTION),
        card("pboc", "A4", credit_limit=cny(-5)),
        card("baihang", "B4", credit_limit=cny(-7)),
    ]
    profile = pulled(*absurd)

    assert len(lines_of(profile)) == 6
    assert all(line.links == () for line in lines_of(profile))
    assert profile.issues is not None
    found = {(one.where, one.what) for one in profile.issues.issues}
    assert found >= {
        ("tradelines.closed", "before the opening date"),
        ("tradelines.matures", "before the opening date"),
        ("tradelines.opened", "in the future"),
        ("tradelines.transferred", "in the future"),
        ("tradelines.grid", "in the future"),
        ("tradelines.original_amount", "below zero"),
        ("tradelines.past_due", "below zero"),
        ("tradelines.credit_limit", "below zero"),
    }
