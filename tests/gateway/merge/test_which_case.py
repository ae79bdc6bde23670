"""gateway.merge.cases: which records hang together, which of them stands, and what tells a case."""

from dataclasses import replace
from datetime import date
from itertools import permutations
from typing import Any

import pytest

from connectors.records import PublicRecord
from gateway.merge.cases import public_records
from gateway.merge.rules import ranking
from gateway.profile.concluded import Evidence, Held, Stated
from gateway.profile.rule_names import KIND_ONLY
from tests.gateway.reports import CONFIG, TODAY, cny, day, pulled

COURT = "示例市星河区人民法院"
NUMBER = (("case_number", "（2025）示01执99号"),)
RANK = ranking(("pboc", "baihang"))


def record(source: str = "pboc", name: str = "E1", **facts: Any) -> PublicRecord:
    """An enforcement of which nothing but the kind is told, unless `facts` say more."""
    known: dict[str, Any] = {
        "as_of": TODAY, "kind": "enforcement", "authority": None, "subject_matter": None,
        "amount": None, "filed": None, "ended": None, "status": None,
    }  # fmt: skip
    return PublicRecord(source=source, record_id=name, **{**known, **facts})


def told(*records: PublicRecord) -> tuple[Stated[PublicRecord], ...]:
    """The public records of a profile."""
    section = pulled(*records).public_records
    assert section is not None
    return section.records


FILED = day("2025-06-03")


def test_a_record_that_bridges_two_makes_one_case_of_three() -> None:
    """One tells the court, one the amount, one both; whichever of them is looked at last."""
    facts: tuple[dict[str, Any], ...] = (
        {"authority": COURT},
        {"amount": cny(8_000)},
        {"authority": COURT, "amount": cny(8_000)},
    )
    for days in permutations((1, 2, 3)):
        some = [
            record(source, filed=FILED, as_of=date(2026, 3, seen), **own)
            for source, seen, own in zip(("pboc", "baihang", "telecom"), days, facts, strict=True)
        ]
        (one,) = told(*some)
        assert sorted(e.source for e in one.basis) == ["baihang", "pboc", "telecom"]


def test_what_is_surely_one_is_joined_before_what_may_be() -> None:
    """The case has two amounts by its number: who tells the first and who the second mean it."""
    known: dict[str, Any] = {"authority": COURT, "filed": FILED}
    first = record("pboc", amount=cny(1_000), **known)
    second = record("telecom", amount=cny(2_000), **known)
    case = [
        record("baihang", "E1", amount=cny(1_000), details=NUMBER, **known),
        record("north", "E2", amount=cny(2_000), filed=FILED, details=NUMBER),
    ]

    assert len(told(first, second)) == 2
    assert len(told(*case)) == 1
    assert len(told(first, second, *case)) == 1


def test_one_number_of_two_kinds_is_two_cases() -> None:
    """A judgment and what is enforced of it are two."""
    kinds = ("civil_judgment", "enforcement")

    assert len(told(*(record("pboc", kind, kind=kind, details=NUMBER) for kind in kinds))) == 2


def test_two_reports_of_one_source_may_tell_one_case() -> None:
    """Within one report two records without a number are two."""
    newer = record(authority=COURT, filed=FILED, status="ended")
    older = replace(newer, as_of=date(2026, 1, 1), status="running")
    reports = (
        [Held(Evidence("pboc", report, "E1"), newer), Held(Evidence("pboc", other, "E2"), older)]
        for report, other in (("R1", "R2"), ("R1", "R1"))
    )

    assert [len(public_records(held, RANK)) for held in reports] == [1, 2]


def test_of_one_day_the_fullest_stands_then_the_rank() -> None:
    """Who says more is believed sooner than who ranks first; of two who say as much, the rank."""
    short = record("pboc", authority=COURT, filed=FILED)
    full = replace(short, source="baihang", status="running")
    (fullest,) = told(short, full)
    (first,) = told(replace(short, status="ended"), full)

    assert (fullest.record, first.record.source) == (full, "pboc")
    assert [s for s in CONFIG.rules.rank if s in ("pboc", "baihang")] == ["pboc", "baihang"]


def test_cases_stand_in_the_order_of_their_newest_records() -> None:
    """However old the other records of a case are."""
    one = record(authority=COURT, filed=FILED)
    other = replace(one, source="baihang", status="running")
    between = record("pboc", "E2", authority=COURT, filed=day("2025-08-08"))
    days = date(2026, 3, 10), date(2026, 3, 9), date(2026, 3, 8)
    newest, middle, oldest = (
        replace(some, as_of=seen) for some, seen in zip((one, between, other), days, strict=True)
    )

    assert [some.record for some in told(oldest, middle, newest)] == [newest, middle]


@pytest.mark.parametrize(
    "facts",
    [
        {"authority": COURT},
        {"subject_matter": "买卖合同"},
        {"amount": cny(1)},
        {"filed": FILED},
        {"ended": day("2026-03-10")},
        {"outcome": "执行完毕"},
        {"outcome_amount": cny(1)},
        {"details": (("claim", "货款"),)},
    ],
    ids=lambda facts: next(iter(facts)),
)
def test_whoever_tells_one_thing_of_a_case_tells_a_case(facts: dict[str, Any]) -> None:
    """So a newer hit on a list is no further one, and what is told is counted."""
    case = record(as_of=date(2026, 3, 9), **facts)
    rules = {one.record.source: one.rule for one in told(case, record("bairong"))}

    assert rules["pboc"] is None
    assert rules["bairong"] == (None if "ended" in facts else KIND_ONLY)


def test_a_case_without_its_day_may_have_begun_long_ago() -> None:
    """A hit of whatever day may be about it."""
    hit = record("bairong", as_of=date(2010, 1, 1))

    assert [one.rule for one in told(record(authority=COURT), hit)] == [None, KIND_ONLY]
