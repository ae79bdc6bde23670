"""gateway.merge.cases: a court's case is one, and two cases are never one."""

from collections.abc import Sequence
from dataclasses import replace
from datetime import date
from random import Random
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from connectors.records import PublicRecord
from gateway.profile.concluded import Stated
from tests.gateway.reports import TODAY, cny, day, pulled

NUMBER = (("case_number", "（2025）示01执99号"),)


def case(source: str = "pboc", record_id: str = "E1", **facts: Any) -> PublicRecord:
    """An enforcement of 8,000 yuan, unless `facts` say otherwise."""
    known: dict[str, Any] = {
        "as_of": TODAY,
        "kind": "enforcement",
        "authority": "示例市星河区人民法院",
        "subject_matter": None,
        "amount": cny(8_000),
        "filed": day("2025-06-03"),
        "ended": None,
        "status": "running",
    }
    return PublicRecord(source=source, record_id=record_id, **{**known, **facts})


def told(*records: PublicRecord) -> tuple[Stated[PublicRecord], ...]:
    """The public records of a profile."""
    section = pulled(*records).public_records
    assert section is not None
    return section.records


def test_a_case_two_sources_know_is_one() -> None:
    """The newest word on it stands, what the older one says differently is kept beside it."""
    older = case("pboc", as_of=date(2026, 1, 1))
    newer = case("baihang", status="ended", ended=day("2026-02-01"))
    (one,) = told(older, newer)

    assert one.rule == "same_case/1"
    assert one.record == newer
    assert [e.source for e in one.basis] == ["baihang", "pboc"]
    assert [(r.value, r.evidence.source) for r in one.against] == [(older, "pboc")]


def test_two_who_say_otherwise_are_both_named() -> None:
    """They say the very same of it, and each is evidence against."""
    older = [case(one, as_of=date(2026, 1, 1)) for one in ("pboc", "telecom")]
    (one,) = told(*older, case("baihang", status="ended", ended=day("2026-02-01")))

    assert {r.evidence for r in one.against} == set(one.basis) - {one.basis[0]}
    assert len(one.against) == 2


def test_the_number_tells_a_case_whatever_else_is_missing() -> None:
    """One writes 案号 with full-width brackets and no court, the other the rest."""
    bare = case(
        "baihang", authority=None, amount=None, details=(("case_number", "(2025)示01执99号"),)
    )
    (one,) = told(case("pboc", details=NUMBER), bare)

    assert one.rule == "same_case/1"
    assert one.record.source == "pboc"  # of one day the fuller record


@pytest.mark.parametrize(
    "other",
    [
        case("baihang", kind="civil_judgment"),
        case("baihang", authority="示例市银杏区人民法院"),
        case("baihang", filed=day("2025-06-04")),
        case("baihang", filed=day("2025-06")),
        case("baihang", amount=cny(8_001)),
        case("baihang", amount=None),
        case("baihang", authority=None),
        case("baihang", details=(("case_number", "（2025）示01执98号"),)),
    ],
    ids=["kind", "court", "day", "day unknown", "sum", "sum unknown", "no court", "number"],
)
def test_cases_that_differ_are_two(other: PublicRecord) -> None:
    """Prefer two records to one wrong merge: what is unknown is not guessed."""
    assert len(told(case("pboc", details=NUMBER, status="x"), other)) == 2


def test_two_cases_of_one_report_stay_apart_from_a_third() -> None:
    """Two enforcements of one day and sum: nobody knows which of them the other source means."""
    twins = [case("pboc", n, subject_matter=n) for n in ("E1", "E2")]

    assert len(told(*twins, case("baihang"))) == 3


def test_tax_arrears_without_a_day_are_each_their_own() -> None:
    """A year is no day."""
    arrears = [
        case(s, kind="tax_arrears", filed=day("2025"), status=s) for s in ("pboc", "baihang")
    ]

    assert len(told(*arrears)) == 2


CASES = st.builds(
    lambda source, n, filed, yuan, number, seen: case(
        source, f"E{n}", filed=day(filed), amount=cny(yuan), as_of=seen, status=f"s{n % 2}",
        details=(("case_number", number),) if number else (),
    ),
    st.sampled_from(["pboc", "baihang", "north"]),
    st.integers(0, 20),
    st.sampled_from([None, "2025-06-03", "2025-06"]),
    st.sampled_from([None, 8_000, 9_000]),
    st.sampled_from([None, "1", "2"]),
    st.sampled_from([date(2026, 1, 1), TODAY]),
)  # fmt: skip


@given(
    st.lists(CASES, max_size=10, unique_by=lambda r: (r.source, r.record_id)),
    st.randoms(use_true_random=False),
)
def test_no_case_is_lost_and_order_never_matters(
    records: Sequence[PublicRecord], rnd: Random
) -> None:
    """Every record is evidence of one case, no two numbers of one, in whatever order they came."""
    got = told(*records)
    evidence = [one.local for some in got for one in some.basis]

    assert sorted(evidence) == sorted(f"{r.source}:{r.record_id}" for r in records)
    for one in got:
        numbers = {r.details for r in (one.record, *(a.value for a in one.against)) if r.details}
        assert len(numbers) <= 1
    assert told(*rnd.sample(records, len(records))) == got


def test_equal_statements_of_one_report_need_no_rule() -> None:
    """They say the very same: one statement with two records."""
    (one,) = told(case("pboc", "E1"), replace(case("pboc"), record_id="E2"))

    assert (one.rule, len(one.basis)) == (None, 2)
