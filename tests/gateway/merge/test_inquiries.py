"""gateway.merge.inquiries: one application is one inquiry, and two applications are never one."""

from collections import defaultdict
from collections.abc import Callable, Iterable, Mapping, Sequence
from datetime import date
from random import Random

import pytest
from hypothesis import given
from hypothesis import strategies as st

from connectors.records import Inquiry, InquiryKind, LenderType, Record
from gateway.merge.inquiries import inquiries
from gateway.merge.rules import ranking
from gateway.profile import ProfileInquiry
from gateway.profile.concluded import Evidence, Held
from gateway.profile.rule_names import ONE_APPLICATION
from tests.gateway.reports import CONFIG, JUZI, day, inquiries_of, inquiry, pulled

QINGCHUAN = "示例晴川消费金融有限公司"  # by its own name, which any source may call it
CARD, LOAN = InquiryKind.CARD_APPLICATION, InquiryKind.LOAN_APPLICATION
RANK = ranking(("pboc", "baihang"))


def asked(source: str, *dates: str, **facts: object) -> list[Inquiry]:
    """晴川 asked this source on these dates, as was told a month later."""
    known = {"institution": QINGCHUAN, "as_of": date(2026, 4, 30), **facts}
    return [
        inquiry(source, f"Q{n}-{facts.get('kind', LOAN)}", on=day(on), **known)
        for n, on in enumerate(dates)
    ]


def found(told: Iterable[Inquiry]) -> tuple[ProfileInquiry, ...]:
    """What these records are made into."""
    held = [Held(Evidence(one.source, f"R-{one.source}", one.record_id), one) for one in told]
    return inquiries(held, CONFIG.institutions, RANK)


def dates(some: Iterable[ProfileInquiry]) -> list[str]:
    """When each was asked."""
    return [str(one.on) for one in some]


def test_an_application_seen_by_two_bureaus_counts_once() -> None:
    """The lender asked both; the person applied once."""
    both = inquiries_of(pulled(inquiry("pboc"), inquiry("baihang")))

    assert [(one.institution, len(one.records)) for one in both] == [("X0000000000014", 2)]


def test_bureaus_may_name_one_application_differently() -> None:
    """PBOC says card, Baihang has one word for all credit: still one lender asked once."""
    card = inquiry("pboc", kind=CARD)

    assert len(inquiries_of(pulled(card, inquiry("baihang")))) == 1


@pytest.mark.parametrize("on", ["2026-03-10", "2026-03"])
@pytest.mark.parametrize("newest", ["baihang", "pboc"])
def test_an_application_is_called_what_its_newest_record_calls_it(newest: str, on: str) -> None:
    """Whichever source stands first, and however precisely it dates it."""
    kinds = {"baihang": LOAN, "pboc": CARD}
    told = [
        inquiry(source, kind=kinds[source], on=day(when), as_of=date(2026, 3, seen))
        for source, when in (("baihang", "2026-03-10"), ("pboc", on))
        for seen in (16 if source == newest else 15,)
    ]
    (one,) = inquiries_of(pulled(*told))

    assert one.kind is kinds[newest]


@pytest.mark.parametrize("on", ["2026-03-10", "2026-03"])
@pytest.mark.parametrize(
    "other",
    [
        inquiry("baihang", on=day("2026-03-09")),
        inquiry("baihang", kind=InquiryKind.ACCOUNT_REVIEW),
        inquiry("baihang", institution=JUZI["baihang"]),
        inquiry("baihang", institution=None),
        inquiry("baihang", institution="AN"),  # what pboc calls it, not baihang
        inquiry("baihang", on=day("2026-02-28")),
        inquiry("baihang", on=day("2025-03-10")),
        inquiry("baihang", on=day("2026")),
    ],
    ids=["day", "a review", "who", "nobody", "foreign alias", "month", "year", "a year"],
)
def test_inquiries_that_differ_are_two(other: Inquiry, on: str) -> None:
    """Another day, month or institution, or no application; what is unknown is not guessed."""
    if (on, str(other.on)) == ("2026-03", "2026-03-09"):
        return  # a day of that month

    assert len(inquiries_of(pulled(inquiry("pboc", on=day(on)), other))) == 2


@pytest.mark.parametrize("on", ["2026-03-10", "2026-03"])
def test_whom_nobody_names_is_nobody_twice(on: str) -> None:
    """Two askers without a name, or under a mask, may be two."""
    for nobody in (None, "**"):
        told = [
            inquiry(source, institution=nobody, on=day(date))
            for source, date in (("pboc", "2026-03-10"), ("baihang", on))
        ]
        assert len(found(told)) == 2


def test_reviews_of_two_kinds_are_two() -> None:
    """Only applications are one whatever they are called."""
    review = asked("pboc", "2026-03-10", kind=InquiryKind.ACCOUNT_REVIEW)
    other = asked("baihang", "2026-03-10", kind=InquiryKind.OTHER)

    assert len(found([*review, *other])) == 2


def test_who_asked_is_called_as_the_directory_does() -> None:
    """Each source has its own word; of a lender that is not listed, that one stands."""
    listed, other = found([inquiry("pboc", "Q1"), inquiry("pboc", "Q2", institution="YY")])

    assert (listed.lender, listed.lender_type) == (QINGCHUAN, LenderType.CONSUMER_FINANCE)
    assert (other.lender, other.institution) == ("YY", None)


def test_inquiries_of_one_day_stand_by_their_ids() -> None:
    """However new each of them is."""
    older, newer = (
        inquiry("pboc", name, institution=name, as_of=date(2026, 3, seen))
        for name, seen in (("Q1", 12), ("Q2", 15))
    )

    assert [one.id for one in found([older, newer])] == ["pboc:Q1", "pboc:Q2"]


def test_an_application_dated_by_its_month_and_by_its_day_is_one() -> None:
    """PBOC wrote months until 2019. The day stands, on both records, under a rule with words."""
    old_form = inquiry("pboc", on=day("2026-03"), reason="03")
    (one,) = inquiries_of(pulled(old_form, inquiry("baihang", reason="01")))

    assert (str(one.on), one.rule) == ("2026-03-10", ONE_APPLICATION)
    assert one.records == (Evidence("baihang", "R-baihang", "Q1"), Evidence("pboc", "R-pboc", "Q1"))
    assert one.reasons == ("01", "03")


@pytest.mark.parametrize(
    ("told", "count"),
    [
        ([("a", "2026-03-05", "2026-03-20"), ("b", "2026-03")], 2),
        ([("a", "2026-03-05"), ("b", "2026-03", "2026-03")], 2),
        ([("a", "2026-03-05", "2026-03-20"), ("b", "2026-03", "2026-03")], 2),
        ([("a", "2026-03-05"), ("b", "2026-03-20"), ("c", "2026-03")], 2),
        ([("a", "2026-03-05"), ("b", "2026-03-20"), ("c", "2026-03", "2026-03")], 2),
        ([("a", "2026-03-05"), ("b", "2026-03"), ("c", "2026-03")], 1),
        ([("a", "2026-03-05"), ("b", "2026-03-05"), ("c", "2026-03"), ("d", "2026-03")], 1),
        # One source does not date one application in two ways.
        ([("a", "2026-03-05", "2026-03")], 2),
        ([("a", "2026-03-05", "2026-03"), ("b", "2026-03-05")], 2),
        ([("a", "2026-03-05", "2026-03"), ("b", "2026-03-20")], 2),
        # A lender that asked twice on one day asked once; by month each of the two is told.
        ([("a", "2026-03-05", "2026-03-05"), ("b", "2026-03", "2026-03")], 1),
        ([("a", "2026-03-05", "2026-03-05"), ("b", "2026-03", "2026-03", "2026-03")], 2),
        ([("a", "2026-03-05"), ("c", "2026-03-05"), ("b", "2026-03", "2026-03")], 2),
        ([("a", "2026-03-05"), ("c", "2026-03-05", "2026-03-05"), ("b", "2026-03", "2026-03")], 1),
        # Two in one month may be two applications, where nobody tells a day.
        ([("a", "2026-03"), ("b", "2026-03")], 2),
        ([("a", "2026-03"), ("b", "2026-04-01")], 2),
        ([("a", "2026"), ("b", "2026-03-05"), ("c", "2026-03")], 2),
    ],
)
@pytest.mark.parametrize("kind", [LOAN, InquiryKind.ACCOUNT_REVIEW])
def test_as_many_are_counted_as_there_may_be(
    told: Sequence[tuple[str, ...]], count: int, kind: InquiryKind
) -> None:
    """One to one: a record by month is one inquiry more only where no day is left for it."""
    records = [one for source, *days in told for one in asked(source, *days, kind=kind)]

    assert len(found(records)) == count
    assert sum(len(one.records) for one in found(records)) == len(records)


def test_nobody_tells_of_a_day_to_come() -> None:
    """PBOC's report is of the 9th, and on the 10th the lender asked Baihang."""
    before, after = (
        dates(found([*asked("pboc", "2026-03", as_of=date(2026, 3, seen)), *by_day]))
        for by_day in [asked("baihang", "2026-03-10", as_of=date(2026, 3, 12))]
        for seen in (9, 10)
    )

    assert before == ["2026-03", "2026-03-10"]
    assert after == ["2026-03-10"]


def test_older_records_have_less_to_choose_from() -> None:
    """What was told on the 6th can be that of the 5th alone: the newer one is that of the 9th."""
    by_day = asked("baihang", "2026-03-05", "2026-03-09", as_of=date(2026, 3, 12))
    older, newer = (
        inquiry("pboc", name, institution=QINGCHUAN, on=day("2026-03"), as_of=date(2026, 3, seen))
        for name, seen in (("Q2", 6), ("Q1", 12))
    )

    assert dates(found([*by_day, older, newer])) == ["2026-03-09", "2026-03-05"]


def test_of_several_days_it_is_one_of_its_own_kind() -> None:
    """Else a loan by day and a card by day would be two cards, for PBOC's word goes first."""
    loan, card = asked("north", "2026-03-05"), asked("north", "2026-03-20", kind=CARD)
    (late, early) = found([*loan, *card, *asked("pboc", "2026-03", kind=CARD)])

    assert [(str(one.on), one.kind) for one in (early, late)] == [
        ("2026-03-05", LOAN), ("2026-03-20", CARD),
    ]  # fmt: skip
    assert (len(early.records), len(late.records)) == (1, 2)


def test_a_day_is_of_the_kind_its_newest_record_tells() -> None:
    """As it is shown."""
    days = [
        one
        for on, old, new in (("2026-03-05", CARD, LOAN), ("2026-03-20", LOAN, CARD))
        for source, kind, seen in (("north", old, 25), ("south", new, 26))
        for one in asked(source, on, kind=kind, as_of=date(2026, 3, seen))
    ]
    late, early = found([*days, *asked("pboc", "2026-03", kind=CARD)])

    assert (len(early.records), len(late.records)) == (2, 3)


def test_of_several_days_of_its_kind_it_is_the_earliest() -> None:
    """Which one it was nobody knows: any would do, and it is always the same."""
    late, early = found([*asked("north", "2026-03-20", "2026-03-05"), *asked("pboc", "2026-03")])

    assert (len(early.records), len(late.records)) == (2, 1)


# -- in general ----------------------------------------------------------------------------------

RECORDS = st.builds(
    lambda source, n, on, kind, seen: inquiry(
        source, f"Q{n}", institution=QINGCHUAN, on=day(on), kind=kind, as_of=date(2026, 3, seen)
    ),
    st.sampled_from(["pboc", "baihang", "north", "south"]),
    st.integers(0, 5),
    st.sampled_from(["2026-03", "2026-03", "2026-03-05", "2026-03-10", "2026-03-20"]),
    st.sampled_from([LOAN, CARD]),
    st.sampled_from([3, 8, 12, 31]),
)
TOLD = st.lists(RECORDS, max_size=14, unique_by=lambda one: (one.source, one.record_id))


def most(takers: Sequence[Inquiry], may: Callable[[Inquiry, date], bool], days: list[date]) -> int:
    """How many of them can have a day each, none of which has two (augmenting paths)."""
    has: dict[int, Inquiry] = {}

    def given(one: Inquiry, tried: set[int]) -> bool:
        for place, free in enumerate(days):
            if place not in tried and may(one, free):
                tried.add(place)
                if place not in has or given(has[place], tried):
                    has[place] = one
                    return True
        return False

    return sum(given(one, set()) for one in takers)


def rooms(told: Sequence[Inquiry], source: str) -> list[date]:
    """The days others tell and this source does not, each as often as one of them tells it."""
    told_of: defaultdict[date, defaultdict[str, int]] = defaultdict(lambda: defaultdict(int))
    for one in told:
        if one.on.day:
            told_of[one.on.earliest()][one.source] += 1
    others: Mapping[date, Mapping[str, int]] = {d: n for d, n in told_of.items() if source not in n}
    return [one for one, by in others.items() for _ in range(max(by.values()))]


@given(TOLD)
def test_no_other_way_to_join_them_leaves_fewer(told: Sequence[Inquiry]) -> None:
    """So whichever day a record joins, none is counted that need not be."""
    days = {one.on for one in told if one.on.day}
    alone = 0
    for source in {one.source for one in told}:
        by_month = [one for one in told if one.source == source and not one.on.day]
        joined = most(by_month, lambda one, free: free <= one.as_of, rooms(told, source))
        alone += len(by_month) - joined

    assert len(found(told)) == len(days) + alone


@given(TOLD)
def test_a_merged_inquiry_is_of_one_day(told: Sequence[Inquiry]) -> None:
    """Its records are of its day, or of its month by another source that may have known of it."""
    by_place = {(one.source, one.record_id): one for one in told}
    for one in found(told):
        records = [by_place[place.source, place.record_id] for place in one.records]
        by_day = {record.source for record in records if record.on.day}
        assert {record.on for record in records if record.on.day} <= {one.on}
        assert (one.on.day is None) == (not by_day)
        assert one.on.day is not None or len(records) == 1
        for record in records:
            assert record.on.day or record.source not in by_day
            assert record.on.day or one.on.day is None or record.as_of >= one.on.earliest()


@given(TOLD, st.randoms(use_true_random=False))
def test_the_order_of_records_never_matters(told: Sequence[Inquiry], rnd: Random) -> None:
    """Not of sources, nor of the records of one."""
    assert found(rnd.sample(told, len(told))) == found(told)


def test_five_hundred_inquiries_in_a_month_at_four_sources() -> None:
    """Absurd and quick: the days of a month bound what each of them is compared with."""
    by_day = [f"2026-03-{n % 17 + 1:02d}" for n in range(500)]
    by_month = ["2026-03"] * 500
    told = {"pboc": by_month, "baihang": by_day, "north": by_day, "south": by_month}
    records: list[Record] = [one for s, on in told.items() for one in asked(s, *on)]

    some = inquiries_of(pulled(*records))
    assert len(some) == 17
    assert sum(len(one.records) for one in some) == 2000
