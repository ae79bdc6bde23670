"""gateway.merge.cases: a court's case is one, and two cases are never one."""

from collections.abc import Sequence
from dataclasses import replace
from datetime import date
from itertools import permutations
from random import Random
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from connectors.money import PartialDate
from connectors.records import PublicRecord
from gateway.merge.cases import marked
from gateway.profile.concluded import Stated
from gateway.profile.rule_names import KIND_ONLY, ONE_CASE
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

    assert one.rule == ONE_CASE
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

    assert one.rule == ONE_CASE
    assert one.record.source == "pboc"  # of one day the fuller record


@pytest.mark.parametrize(
    "other",
    [
        case("baihang", kind="civil_judgment"),
        case("baihang", authority="示例市银杏区人民法院"),
        case("baihang", filed=day("2025-06-04")),
        case("baihang", filed=day("2025-06")),
        case("baihang", amount=cny(8_001)),
        case("baihang", filed=None),
        case("baihang", amount=None, authority=None),
        case("baihang", details=(("case_number", "（2025）示01执98号"),)),
    ],
    ids=["kind", "court", "day", "day unknown", "sum", "no day", "day alone", "number"],
)
def test_cases_that_differ_are_two(other: PublicRecord) -> None:
    """Prefer two records to one wrong merge: what is unknown is not guessed."""
    assert len(told(case("pboc", details=NUMBER, status="x"), other)) == 2


SPELLED = "示例市星河区（高新区）人民法院"


@pytest.mark.parametrize(
    ("court", "same"),
    [
        ("示例市星河区(高新区)人民法院", True),
        ("示例市 星河区〔高新区〕 人民法院", True),
        ("示例市星河區（高新區）人民法院", True),
        ("星河区（高新区）人民法院", False),
        ("另例市星河区（高新区）人民法院", False),
        ("示例市星河区人民法院", False),
        ("示例市星河区（高新区）法院", False),
        ("示例市星河区（高新区）人民检察院", False),
        ("示例市中级人民法院", False),
        ("示例市星河新区（高新区）人民法院", False),
    ],
)
def test_a_court_is_the_same_by_its_whole_name(court: str, same: bool) -> None:  # noqa: FBT001
    """However it is written; a word less may be the court of another city."""
    got = told(case("pboc", authority=SPELLED, amount=None), case("tongdun", authority=court))

    assert len(got) == 2 - same


@pytest.mark.parametrize(
    ("number", "same"),
    [
        ("(2025)示01执99号", True),
        ("〔2025〕示01执99号", True),
        ("［２０２５］示０１執９９號", True),
        ("【2025】 示01执 99号", True),
        ("（2025）示01执99号之一", False),
        ("（2025）示01民初99号", False),
        ("（2024）示01执99号", False),
        ("（2025）示01执9号", False),
    ],
)
def test_a_number_is_the_same_by_all_its_signs(number: str, same: bool) -> None:  # noqa: FBT001
    """Courts put the year into brackets of many sorts; each sign within them counts."""
    other = case("tongdun", authority=None, amount=None, details=(("case_number", number),))

    assert len(told(case("pboc", details=NUMBER), other)) == 2 - same


@pytest.mark.parametrize(
    "other",
    [
        case("tongdun", amount=None, details=NUMBER),
        case("tongdun", amount=cny(0)),
        case("tongdun", authority=None),
    ],
    ids=["sum", "sum of zero", "court"],
)
def test_what_one_leaves_out_tells_no_cases_apart(other: PublicRecord) -> None:
    """One day with one court or one sum is no coincidence."""
    (one,) = told(case("pboc", status="x"), other)

    assert one.rule == ONE_CASE


def test_one_number_is_one_case_whatever_is_told_of_it() -> None:
    """A report has it on two lists, and another one with interest on the sum."""
    lists = [case("tongdun", n, status=n, details=NUMBER) for n in ("E1", "E2")]
    other = case("pboc", amount=cny(9_000), filed=day("2025-07-01"), details=NUMBER)
    (one,) = told(*lists, other)

    assert (one.rule, len(one.basis)) == (ONE_CASE, 3)


@pytest.mark.parametrize(
    "text", ["-", "无", "0", "（2025）示01执＊＊号", "（2025）某01执99号", "（2025）示01执××号"]
)
def test_a_number_that_tells_nothing_is_none(text: str) -> None:
    """Else every case without one would be the same."""
    number = (("case_number", text),)
    two = [case("tongdun", n, authority=n, amount=None, details=number) for n in ("E1", "E2")]

    assert len(told(*two)) == 2


@pytest.mark.parametrize("court", ["某市某区人民法院", "**区人民法院", "××法院", " "])
def test_a_masked_court_is_none(court: str) -> None:
    """Two courts may have one mask, and one court two."""
    masked = [case(s, authority=court, amount=None, status=s) for s in ("pboc", "baihang")]
    known = case("tongdun")

    assert len(told(*masked)) == 2
    assert len(told(known, case(authority=court))) == 1


def test_a_vague_record_joins_none_of_two_and_parts_none() -> None:
    """Two sources agree on two cases of one day; a third does not say which it means."""
    sure = [case(s, f"E{n}", amount=cny(n), status=s) for s in ("pboc", "baihang") for n in (8, 9)]
    got = told(*sure, case("tongdun", amount=None))

    assert sorted(len(one.basis) for one in got) == [1, 2, 2]


def test_a_report_has_no_two_records_of_a_case_without_a_number() -> None:
    """One fits by its court, one by its sum: nobody knows which it is."""
    fitting = [case("tongdun", "E1", amount=None), case("tongdun", "E2", authority=None)]

    assert len(told(case("pboc", status="x"), *fitting)) == 3


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
    lambda source, court, filed, ended, yuan, number, seen: case(
        source, authority=court, filed=day(filed), ended=day(ended), amount=cny(yuan), as_of=seen,
        details=(("case_number", number),) if number else (),
    ),
    st.sampled_from(["pboc", "baihang", "north"]),
    st.sampled_from([None, "示例市星河区人民法院", "某区人民法院"]),
    st.sampled_from([None, "2025-06-03", "2025-06", "2026-01-10", "2026-01"]),
    st.sampled_from([None, None, "2026-01-15"]),
    st.sampled_from([None, 8_000, 9_000]),
    st.sampled_from([None, None, "1", "2"]),
    st.sampled_from([date(2026, 1, 1), TODAY]),
)  # fmt: skip
PILES = st.lists(CASES, max_size=8).map(
    lambda some: [replace(one, record_id=f"E{n}", status=f"s{n}") for n, one in enumerate(some)]
)


def records_of(one: Stated[PublicRecord]) -> list[PublicRecord]:
    """All that are one case."""
    return [one.record, *(rejected.value for rejected in one.against)]


@given(PILES, st.randoms(use_true_random=False))
def test_no_case_is_lost_and_order_never_matters(
    records: Sequence[PublicRecord], rnd: Random
) -> None:
    """Every record is evidence of one case, in whatever order they came."""
    got = told(*records)
    evidence = [one.local for some in got for one in some.basis]

    assert sorted(evidence) == sorted(f"{r.source}:{r.record_id}" for r in records)
    assert told(*rnd.sample(records, len(records))) == got


@given(PILES, st.permutations(["pboc", "baihang", "north"]))
def test_which_records_are_one_does_not_depend_on_whose_they_are(
    records: Sequence[PublicRecord], names: Sequence[str]
) -> None:
    """The rank of a source says which record stands, never what is one case."""
    called = dict(zip(["pboc", "baihang", "north"], names, strict=True))
    other = [replace(one, source=called[one.source]) for one in records]

    assert {frozenset(e.record_id for e in one.basis) for one in told(*records)} == {
        frozenset(e.record_id for e in one.basis) for one in told(*other)
    }


@given(PILES)
def test_what_differs_is_never_one_and_one_number_is(records: Sequence[PublicRecord]) -> None:
    """No two numbers in a case and no number in two; without one, no report and no sum twice."""
    got = told(*records)

    for one in got:
        assert len({r.details for r in records_of(one)} - {()}) <= 1
        bare = [r for r in records_of(one) if not r.details]
        assert len({r.source for r in bare}) == len(bare)
        assert len({r.amount for r in bare} - {None}) <= 1
    numbers = [n for one in got for n in {r.details for r in records_of(one)} - {()}]
    assert len(numbers) == len(set(numbers))


@given(PILES)
def test_a_kind_that_is_told_is_counted(records: Sequence[PublicRecord]) -> None:
    """What counts is all that tells more than its kind, and one hit when none of that went on."""
    got = told(*records)
    cases = [one for one in got if any(map(tells_more, records_of(one)))]
    hits = [one for one in got if one not in cases]
    days = [hit.record.as_of for hit in hits]
    alone = any(not any(begun(one, on) and not over(one, on) for one in cases) for on in days)

    assert sum(one.rule != KIND_ONLY for one in got) == len(cases) + alone


def begun(one: Stated[PublicRecord], on: date) -> bool:
    """It may have been filed by then, by the word of any source or of none."""
    filed = [record.filed for record in records_of(one) if record.filed]
    return not filed or any(day.earliest() <= on for day in filed)


def over(one: Stated[PublicRecord], on: date) -> bool:
    """Somebody tells that it had ended before that day."""
    return any(record.ended and record.ended.latest() < on for record in records_of(one))


def tells_more(record: PublicRecord) -> bool:
    """It tells something of the case that a hit on a list does not."""
    facts = (record.authority, record.amount, record.filed, record.ended, record.details)
    return any(facts)


def hit(record_id: str = "sl_id_court_executed", **facts: Any) -> PublicRecord:
    """A hit on a court's list: nothing is known of the case."""
    nothing: dict[str, Any] = {"authority": None, "amount": None, "filed": None}
    return case("bairong", record_id, **{**nothing, "status": "enforcement", **facts})


@pytest.mark.parametrize("seen", [TODAY, date(2026, 1, 1)])
def test_a_hit_on_a_courts_list_is_no_further_case(seen: date) -> None:
    """Newer or older, it stays to be seen, with its source and why it does not count."""
    known = case("pboc", as_of=date(2026, 2, 1))
    got = {one.record: (one.rule, len(one.basis)) for one in told(known, hit(as_of=seen))}

    assert got == {known: (None, 1), hit(as_of=seen): (KIND_ONLY, 1)}


ENDED = case("pboc", status="ended", ended=day("2026-01-31"))


@pytest.mark.parametrize(
    ("known", "seen", "rule"),
    [
        (ENDED, date(2026, 2, 1), None),
        (ENDED, date(2026, 1, 31), KIND_ONLY),
        (replace(ENDED, ended=day("2026-01")), date(2026, 2, 1), None),
        (replace(ENDED, ended=day("2026-01")), date(2026, 1, 31), KIND_ONLY),
        (replace(ENDED, ended=day("9999-12")), TODAY, KIND_ONLY),
    ],
    ids=["over", "on its last day", "month over", "in its last month", "never"],
)
def test_a_hit_after_the_end_of_every_case_is_one_more(
    known: PublicRecord, seen: date, rule: str | None
) -> None:
    """Who is on the list today is not there for what was settled: it would hide what goes on."""
    got = {one.record: one.rule for one in told(known, hit(as_of=seen))}

    assert got == {known: None, hit(as_of=seen): rule}


@pytest.mark.parametrize(
    ("filed", "rule"),
    [("2026-01-02", None), ("2026-02", None), ("2026-01-01", KIND_ONLY), ("2026", KIND_ONLY)],
)
def test_a_hit_before_every_case_was_filed_is_one_more(filed: str, rule: str | None) -> None:
    """An answer of ours may be months old: who was on the list then was there for another one."""
    known, early = case("pboc", filed=day(filed)), hit(as_of=date(2026, 1, 1))
    got = {one.record: one.rule for one in told(known, early)}

    assert got == {known: None, early: rule}


def test_a_case_has_begun_for_a_hit_when_any_source_says_so() -> None:
    """One number is one case, whichever day each source has for it."""
    cases = [case("pboc", filed=day("2025-06-03"), details=NUMBER),
             case("baihang", filed=day("2026-02-01"), details=NUMBER)]  # fmt: skip
    rules = {one.record.source: one.rule for one in told(*cases, hit(as_of=date(2026, 1, 1)))}

    assert {*rules.values()} == {KIND_ONLY, ONE_CASE}


def test_a_hit_beside_an_ended_case_and_one_that_goes_on_is_no_third() -> None:
    """It may be about the other, and a second hit about the first."""
    running = case("pboc", "E2", filed=day("2025-12-01"), amount=cny(9))
    hits = [hit(), hit("sl_id_court_bad", status="dishonest")]

    assert [one.rule for one in told(ENDED, running, *hits)].count(KIND_ONLY) == 2
    assert [one.rule for one in told(ENDED, *hits)].count(KIND_ONLY) == 1
    for some in permutations(replace(one, rule=None) for one in told(ENDED, running, hits[0])):
        assert {one.record: one.rule for one in marked(some)} == {
            ENDED: None, running: None, hits[0]: KIND_ONLY,
        }  # fmt: skip


@pytest.mark.parametrize("ended", [None, day("2026-06")])
def test_a_case_is_over_for_a_hit_when_any_source_says_so(ended: PartialDate | None) -> None:
    """As for the law; the newest record of a case may state no end, or a later one."""
    older, newer = replace(ENDED, as_of=date(2026, 2, 1)), case("baihang", ended=ended)
    got = told(older, newer, hit())

    assert [one.rule for one in got if one.record.source == "bairong"] == [None]
    assert len(got) == 2


def test_a_judgment_in_force_is_not_over() -> None:
    """What PBOC gives as its end is the day from which it binds."""
    judgment = replace(ENDED, kind="civil_judgment")
    got = {one.record.source: one.rule for one in told(judgment, hit(kind="civil_judgment"))}

    assert got == {"pboc": None, "bairong": KIND_ONLY}


def test_hits_alone_are_one_case() -> None:
    """Who is on the list of those who do not pay is on that of those made to pay, too."""
    rules = [one.rule for one in told(hit(), hit("sl_id_court_bad", status="dishonest"))]

    assert rules == [None, KIND_ONLY]


def test_a_hit_is_a_case_beside_one_of_another_kind() -> None:
    """That a judgment is known says nothing of what is enforced."""
    assert [one.rule for one in told(case(kind="civil_judgment"), hit())] == [None, None]


def test_equal_statements_of_one_report_need_no_rule() -> None:
    """They say the very same: one statement with two records."""
    (one,) = told(case("pboc", "E1"), replace(case("pboc"), record_id="E2"))

    assert (one.rule, len(one.basis)) == (None, 2)
