"""gateway.merge.rules and grids: which word wins, and what it beat."""

from dataclasses import replace
from datetime import date
from itertools import permutations
from random import Random

import pytest
from hypothesis import example, given
from hypothesis import strategies as st

from connectors.money import Money, Month
from connectors.records import AccountStatus, GridMonth, PaymentStatus, Tradeline
from gateway.merge import grids
from gateway.merge.rules import RULES, conclude, latest_first, ranking, side_by_side
from gateway.profile import PaymentGrid
from gateway.profile.concluded import Concluded, Evidence, Held
from tests.gateway.reports import cny, day, grid, loan

RANK = ranking(("pboc", "baihang"))


def held(record: Tradeline) -> Held[Tradeline]:
    """A record in hand."""
    return Held(Evidence(record.source, f"R-{record.source}", record.record_id), record)


def chosen(rule: str, field: str, *records: Tradeline) -> tuple[Concluded[object], bool]:
    """What a rule makes of one field of these records."""
    ordered = sorted([held(one) for one in records], key=RULES[rule].order(RANK))
    return conclude(RULES[rule], ordered, [getattr(one.record, field) for one in ordered])


def sources(concluded: Concluded[object]) -> tuple[list[str], list[str]]:
    """Who is for it and who against."""
    return (
        [one.source for one in concluded.basis],
        [one.evidence.source for one in concluded.against],
    )


OCTOBER = Month(2025, 10)
JANUARY, FEBRUARY = date(2026, 1, 31), date(2026, 2, 28)


def test_the_latest_beats_rank() -> None:
    """What is owed changes; whoever looked last knows best."""
    got, _ = chosen(
        "latest_then_rank/1",
        "balance",
        loan("pboc", as_of=JANUARY, balance=cny(7)),
        loan("baihang", as_of=FEBRUARY, balance=cny(6)),
    )

    assert got.value == cny(6)
    assert got.rule == "latest_then_rank/1"
    assert sources(got) == (["baihang"], ["pboc"])
    assert got.against[0].value == cny(7)


def test_what_the_newest_record_does_not_state_says_of_which_day_it_is() -> None:
    """Else a used limit of January would read as if it stood beside February's balance."""
    older = loan("pboc", as_of=JANUARY, used=cny(7), terms=24)
    newer = loan("baihang", as_of=FEBRUARY, used=None, terms=None)

    assert chosen("latest_then_rank/1", "used", older, newer)[0].as_of == JANUARY
    assert chosen("latest_then_rank/1", "balance", older, newer)[0].as_of is None
    assert chosen("rank_then_latest/1", "terms", older, newer)[0].as_of is None


def test_rank_breaks_a_tie() -> None:
    """On one day the order in config decides."""
    got, contested = chosen(
        "latest_then_rank/1",
        "balance",
        loan("baihang", balance=cny(6)),
        loan("pboc", balance=cny(7)),
    )

    assert (got.value, contested) == (cny(7), True)


def test_an_older_record_is_out_of_date_not_in_contradiction() -> None:
    """Otherwise every balance would be a conflict."""
    _, contested = chosen(
        "latest_then_rank/1",
        "balance",
        loan("pboc", as_of=JANUARY, balance=cny(7)),
        loan("baihang", as_of=FEBRUARY, balance=cny(6)),
    )

    assert not contested


def test_rank_beats_the_latest_for_what_does_not_change() -> None:
    """What was lent is known best by the source believed most; the other contradicts it."""
    got, contested = chosen(
        "rank_then_latest/1",
        "original_amount",
        loan("pboc", as_of=JANUARY, original_amount=cny(7)),
        loan("baihang", as_of=FEBRUARY, original_amount=cny(6)),
    )

    assert (got.value, contested) == (cny(7), True)


def test_a_source_without_rank_comes_last() -> None:
    """A new source must not win by its name."""
    got, _ = chosen("rank_then_latest/1", "terms", loan("aaa", terms=1), loan("baihang", terms=2))

    assert got.value == 2


def test_sources_without_rank_come_by_name_and_the_records_of_one_newest_first() -> None:
    """Of several new sources one is believed first, whatever day each speaks of."""
    told = [
        loan("x", "1", as_of=JANUARY, terms=1), loan("x", "2", as_of=FEBRUARY, terms=2),
        loan("y", "3", as_of=date(2026, 3, 1), terms=3),
    ]  # fmt: skip

    for order in permutations(told):
        got, _ = chosen("rank_then_latest/1", "terms", *order)
        assert [got.value, *(one.value for one in got.against)] == [2, 1, 3]


def test_the_most_precise_date_wins() -> None:
    """A day says more than a month, whoever says it."""
    got, _ = chosen(
        "most_precise_then_rank/1",
        "opened",
        loan("pboc", opened=day("2025-03")),
        loan("baihang", opened=day("2025-03-07")),
    )

    assert got.value == day("2025-03-07")


def test_the_longest_text_wins() -> None:
    """An address with a house number says more."""
    got, _ = chosen(
        "most_complete_then_rank/1",
        "product",
        loan("pboc", product="car"),
        loan("baihang", product="car_new"),
    )

    assert got.value == "car_new"


def test_an_unread_code_never_outweighs_a_read_one() -> None:
    """`unknown` means our table lacks the code, not that the account is in a state unknown."""
    got, contested = chosen(
        "latest_then_rank/1",
        "status",
        loan("pboc", as_of=FEBRUARY, status=AccountStatus.UNKNOWN),
        loan("baihang", as_of=JANUARY, status=AccountStatus.OVERDUE),
    )

    assert (got.value, got.against, contested) == (AccountStatus.OVERDUE, (), False)


def test_two_currencies_are_chosen_between_never_compared() -> None:
    """The amounts differ, whatever the numbers: equal digits are no agreement."""
    got, _ = chosen(
        "latest_then_rank/1",
        "balance",
        loan("pboc", balance=Money(700, "CNY")),
        loan("baihang", balance=Money(700, "USD")),
    )

    assert got.value == Money(700, "CNY")
    assert got.against[0].value == Money(700, "USD")


RECORDS = st.lists(
    st.builds(
        lambda source, n, seen, yuan, opened: loan(
            source, f"A{n}", as_of=seen, balance=cny(yuan), opened=day(opened)
        ),
        st.sampled_from(["pboc", "baihang", "north"]),
        st.integers(0, 5),
        st.sampled_from([JANUARY, FEBRUARY]),
        st.sampled_from([None, 6, 7]),
        st.sampled_from(["2025", "2025-03", "2025-03-07"]),
    ),
    min_size=1,
    max_size=6,
    unique_by=lambda record: (record.source, record.record_id),
).filter(lambda records: any(one.balance for one in records))


@given(RECORDS, st.sampled_from(sorted(RULES)), st.randoms(use_true_random=False))
def test_no_rule_depends_on_the_order_of_records(
    records: list[Tradeline], rule: str, rnd: Random
) -> None:
    """Sources answer in any order."""
    for field in ("balance", "opened"):
        again = rnd.sample(records, len(records))
        assert chosen(rule, field, *again) == chosen(rule, field, *records)


@given(RECORDS, st.sampled_from(sorted(RULES)))
def test_every_word_is_for_or_against(records: list[Tradeline], rule: str) -> None:
    """Nothing a record says is lost."""
    got, _ = chosen(rule, "balance", *records)

    told = [*got.basis, *(one.evidence for one in got.against)]
    assert sorted(told) == sorted(held(r).evidence for r in records if r.balance is not None)


def test_the_names_of_rules_are_pinned() -> None:
    """Stored conclusions name them: another meaning is another name. If one moves, write an ADR."""
    assert [*RULES, *grids.GRID_RULES] == [
        "latest_then_rank/1",
        "rank_then_latest/1",
        "most_precise_then_rank/1",
        "most_complete_then_rank/1",
        "fullest_record_then_rank/1",
        "worst_by_month/1",
        "latest_by_month/1",
    ]


def merged_grid(rule: str, *records: Tradeline) -> Concluded[PaymentGrid]:
    """One grid of these records."""
    ordered = sorted([held(one) for one in records], key=latest_first(RANK))
    got, contested = grids.merged(rule, ordered)
    assert got is not None
    assert contested == bool(got.against)
    return got


def letters(months: tuple[GridMonth, ...]) -> list[tuple[str, str]]:
    """Month and status, as text."""
    return [(str(entry.month), entry.status.value) for entry in months]


def test_grids_are_joined_by_calendar_month() -> None:
    """One bureau knows February, the other the months before November."""
    newer = loan("pboc", as_of=FEBRUARY, grid=grid("NNN"))
    older = loan("baihang", as_of=JANUARY, grid=grid("NNNN", Month(2026, 1)))

    got = merged_grid("worst_by_month/1", newer, older)

    assert [str(entry.month) for entry in got.value.months] == [
        "2026-02", "2026-01", "2025-12", "2025-11", "2025-10",
    ]  # fmt: skip
    assert [one.source for one in got.basis] == ["pboc", "baihang"]


def test_the_worst_of_a_month_wins_and_the_conflict_is_kept() -> None:
    """Late at one bureau, on time at the other."""
    here, there = loan("pboc", grid=grid("NNN")), loan("baihang", grid=grid("N2N"))

    got = merged_grid("worst_by_month/1", here, there)

    assert letters(got.value.months)[1] == ("2026-01", "dpd_31_60")
    (against,) = got.against
    assert against.evidence.source == "pboc"
    assert letters(against.value.months) == [("2026-01", "current")]


def test_the_latest_of_a_month_may_win_instead() -> None:
    """A member may trust corrections more than first reports."""
    here = loan("pboc", as_of=FEBRUARY, grid=grid("NNN"))
    there = loan("baihang", as_of=JANUARY, grid=grid("2N", Month(2026, 1)))

    got = merged_grid("latest_by_month/1", here, there)

    assert letters(got.value.months)[1] == ("2026-01", "current")
    assert letters(got.against[0].value.months) == [("2026-01", "dpd_31_60")]


def test_an_amount_is_not_lost_to_a_record_that_agrees_and_states_none() -> None:
    """Both say a month late; how much, only the older one."""
    owing = tuple(replace(entry, overdue=cny(700)) for entry in grid("1N"))
    got = merged_grid(
        "worst_by_month/1",
        loan("pboc", as_of=JANUARY, grid=owing),
        loan("baihang", as_of=FEBRUARY, grid=grid("1N")),
    )

    assert [entry.overdue for entry in got.value.months] == [cny(700), cny(700)]
    assert got.against == ()


def test_a_month_nobody_could_read_gives_way() -> None:
    """An unknown sign is neither good nor bad, and contradicts nobody."""
    here, there = loan("pboc", grid=grid("##N")), loan("baihang", grid=grid("N#N"))

    for rule in grids.GRID_RULES:
        got = merged_grid(rule, here, there)

        assert [e.status for e in got.value.months] == [
            PaymentStatus.CURRENT, PaymentStatus.UNKNOWN, PaymentStatus.CURRENT,
        ]  # fmt: skip
        assert got.against == ()


def test_a_grid_with_a_gap_is_joined_by_month_too() -> None:
    """A missing month shifts nothing."""
    whole = grid("N2NN")
    gap = (whole[0], *whole[2:])

    got = merged_grid("worst_by_month/1", loan("pboc", grid=gap), loan("baihang", grid=whole))

    assert got.value.months == whole
    assert got.against == ()


WHOLE = grid("N" * 9 + "2" + "N" * 30)
windows = st.lists(
    st.tuples(st.integers(0, 12), st.integers(1, 8), st.sampled_from([0, 0, 0, 1, 5])),
    min_size=3,
    max_size=4,
)
"""Of each record where it begins, how much of `WHOLE` it tells, and then a gap, if any."""


def tellers(seen: list[tuple[int, int, int]]) -> list[Tradeline]:
    """Records that tell a part of one history: a stretch, or two with a gap between them."""
    parts = [
        WHOLE[start : start + long] + (WHOLE[start + long + gap :][:long] if gap else ())
        for start, long, gap in seen
    ]
    return [loan(f"s{at}", grid=part) for at, part in enumerate(parts)]


@given(windows)
@example([(2, 3, 0), (0, 3, 0), (1, 3, 0)])  # each begins where the ones before it do not
@example([(0, 3, 0), (4, 1, 0), (4, 2, 0)])  # the second tells one month, past one nobody tells
def test_grids_of_one_history_tell_as_much_of_it_as_any(seen: list[tuple[int, int, int]]) -> None:
    """Wherever they begin, end or have a gap, also where they leave months between them."""
    records = tellers(seen)
    got = merged_grid("worst_by_month/1", *records)
    known = {entry.month for record in records for entry in record.grid}

    assert got.value.months == tuple(entry for entry in WHOLE if entry.month in known)
    assert got.against == ()
    for one, record in zip(got.value.told, records, strict=True):
        assert record.grid == tuple(
            e for run in one.months for e in WHOLE if run.oldest <= e.month <= run.newest
        )


@given(windows, st.integers(0, 11))
def test_one_month_told_worse_stands_against_all_others(
    seen: list[tuple[int, int, int]], place: int
) -> None:
    """Whichever month of whichever record it is."""
    *others, last = tellers(seen)
    worse = list(last.grid)
    at = place % len(worse)
    worse[at] = replace(worse[at], status=PaymentStatus.DPD_91_120)
    got = merged_grid("worst_by_month/1", *others, replace(last, grid=tuple(worse)))
    told_too = {r.source for r in others if worse[at].month in {e.month for e in r.grid}}

    assert worse[at] in got.value.months
    assert {one.evidence.source for one in got.against} == told_too


def told(got: Concluded[PaymentGrid]) -> dict[str, tuple[list[str], list[str]]]:
    """Each source with the months, and the amounts, that it tells."""
    return {
        one.record.source: (
            [f"{run.newest}..{run.oldest}" for run in one.months],
            [f"{run.newest}..{run.oldest}" for run in one.amounts],
        )
        for one in got.value.told
    }


def test_a_grid_says_which_record_tells_which_months() -> None:
    """Gaps and unreadable signs are told by nobody; one record alone needs no such list."""
    newer = loan("pboc", as_of=FEBRUARY, grid=grid("N#NN"))
    priced = tuple(replace(entry, overdue=cny(0)) for entry in grid("NNNN"))
    older = loan("baihang", as_of=JANUARY, grid=(*priced[:2], priced[3], *grid("#", OCTOBER)))

    got = merged_grid("worst_by_month/1", newer, older)

    assert told(got) == {
        "pboc": (["2026-02..2026-02", "2025-12..2025-11"], []),
        "baihang": (
            ["2026-02..2026-01", "2025-11..2025-10"],
            ["2026-02..2026-01", "2025-11..2025-11"],
        ),
    }
    assert merged_grid("worst_by_month/1", newer).value.told == ()


@pytest.mark.parametrize("place", [0, 1, 2])
@pytest.mark.parametrize("telling", [0, 1])
def test_an_amount_of_any_one_month_is_kept_with_who_tells_it(place: int, telling: int) -> None:
    """The first or the last month of the newer or the older record, both telling one story."""
    both = [list(grid("1NN")), list(grid("1NN"))]
    both[telling][place] = replace(both[telling][place], overdue=cny(700))
    newer, older = (tuple(some) for some in both)
    got = merged_grid(
        "worst_by_month/1",
        loan("s0", as_of=FEBRUARY, grid=newer),
        loan("s1", as_of=JANUARY, grid=older),
    )

    month = str(newer[place].month)
    assert got.value.months == tuple(both[telling])
    assert got.against == ()
    assert [amounts for _, amounts in told(got).values()] == [
        [f"{month}..{month}"] if at == telling else [] for at in (0, 1)
    ]


@given(st.lists(st.text("N12#", min_size=1, max_size=6), min_size=2, max_size=4))
def test_each_month_of_a_grid_is_told_by_somebody(texts: list[str]) -> None:
    """Whoever tells a month and is not against it says what the grid says of it."""
    records = [loan(f"s{at}", grid=grid(text)) for at, text in enumerate(texts)]
    got = merged_grid("worst_by_month/1", *records)
    own = {r.source: {e.month: e.status for e in r.grid} for r in records}

    for entry in got.value.months:
        against = {
            r.evidence.source
            for r in got.against
            if entry.month in {e.month for e in r.value.months}
        }
        tell = {
            one.record.source
            for one in got.value.told
            if any(
                r.newest.since(entry.month) >= 0 <= entry.month.since(r.oldest) for r in one.months
            )
        }
        said = {source for source, months in own.items() if months.get(entry.month) is entry.status}
        assert tell - against == said != set()


def test_the_fullest_record_beats_rank() -> None:
    """Completeness: who says most of an account has seen its contract."""
    sparse = loan("pboc", terms=12, matures=None, grid=(), balance=None)
    got, contested = chosen("fullest_record_then_rank/1", "terms", sparse, loan("baihang"))

    assert (got.value, contested) == (24, True)
    assert sources(got) == (["baihang"], ["pboc"])


def test_an_empty_list_tells_as_little_as_nothing() -> None:
    """A record without a payment history leaves it unsaid."""
    got, _ = chosen(
        "fullest_record_then_rank/1", "terms", loan("pboc", terms=12, grid=()), loan("baihang")
    )

    assert got.value == 24


def test_what_a_record_says_twice_rests_on_it_once() -> None:
    """Side by side stands each value, with the records that say it."""
    one, other = held(loan("pboc")), held(loan("baihang"))
    got = side_by_side([one, other], [("a", "b", "a"), ("a",)])

    assert [(each.value, each.basis) for each in got] == [
        ("a", (one.evidence, other.evidence)), ("b", (one.evidence,)),
    ]  # fmt: skip


def test_rank_breaks_a_tie_of_completeness() -> None:
    """Equal records are told apart by who says it, never by who came first."""
    both = loan("baihang", terms=12), loan("pboc")
    got, _ = chosen("fullest_record_then_rank/1", "terms", *both)
    again, _ = chosen("fullest_record_then_rank/1", "terms", *reversed(both))

    assert got == again
    assert got.value == 24
