"""gateway.resolve.loan over whole populations: what the slow way says, and what must not matter."""

from collections.abc import Sequence
from dataclasses import replace
from typing import Any

from hypothesis import example, given, settings
from hypothesis import strategies as st

from connectors.records import AccountKind
from connectors.sandbox.dice import seeded
from gateway.profile.concluded import Evidence
from gateway.profile.rule_names import JUDGED
from gateway.resolve.institutions import Institutions
from gateway.resolve.judged import NOTHING_JUDGED, Judgements, account_name, pair
from gateway.resolve.loan import Grouping, same_loans
from tests.gateway.reports import CONFIG, cny, day, institution_rows
from tests.gateway.resolve.populations import Line, judgements, naive, population

RULES = CONFIG.rules.loan
SEEDS = st.integers(0, 2**32 - 1)
MANY = settings(max_examples=4 * settings().max_examples)


def resolved(held: Sequence[Line], judged: Judgements = NOTHING_JUDGED) -> Grouping:
    """By the shipped rules and directory."""
    return same_loans(held, RULES, CONFIG.institutions, judged)


def together(got: Grouping) -> list[list[Evidence]]:
    """Who is with whom."""
    return sorted(sorted(held.evidence for held in group) for group in got.groups)


@MANY
@given(SEEDS, st.sampled_from([9, 9, 18]), st.sampled_from([3, 5, 64]), st.sampled_from([2, 100]))
@example(10, 18, 64, 100)  # accounts of several records, out of order
@example(594, 18, 64, 100)  # two pairs alike to the bit, and only one can be
@example(682, 18, 3, 100)  # one of a crowd, and one that is not
def test_it_comes_to_what_comparing_all_with_all_comes_to(
    seed: int, size: int, crowd: int, doubts: int
) -> None:
    """Whoever has an unknown lender too: groups, pairs, doubts and every note of what was odd."""
    rnd = seeded("population", seed)
    held = population(rnd, size)
    judged = judgements(rnd, held)
    rules = replace(RULES, crowd=crowd, doubts=doubts)

    got = same_loans(held, rules, CONFIG.institutions, judged)
    want = naive(held, rules, CONFIG.institutions, judged)
    assert together(got) == want.groups
    assert [(one.one, one.other, one.score) for one in got.doubts] == want.doubts
    made = [one for some in got.matches.values() for one in some]
    pairs = [
        sorted((m.one, m.other) for m in made if (m.rule == JUDGED) is j) for j in (False, True)
    ]
    assert pairs == [want.paired, want.said]
    assert sorted([*got.copies, *got.repeated]) == want.told_again
    assert list(got.crowded) == want.crowded
    assert list(got.unclear) == sorted(want.unclear)


@MANY
@given(SEEDS)
def test_what_is_noted_is_what_it_is_called(seed: int) -> None:
    """Copies say what another says; matches name pairs of their group, doubts pairs apart, once.

    Everything stands in the order of evidence.
    """
    rnd = seeded("population", seed)
    held = population(rnd, 12)
    judged = judgements(rnd, held)
    got = resolved(held, judged)
    record = {one.evidence: one.record for one in held}
    home = {one: n for n, group in enumerate(together(got)) for one in group}

    assert sorted(home) == sorted(record)
    assert [[one.evidence for one in group] for group in got.groups] == together(got)
    for copy in got.copies:
        same = [
            one
            for one in record
            if replace(record[one], record_id=copy.record_id) == record[copy]
            and one.report_id == copy.report_id
            and one not in got.copies
        ]
        assert [home[one] for one in same] == [home[copy]]
    assert not set(got.copies) & set(got.repeated)
    doubts = [(one.one, one.other) for one in got.doubts]
    assert len(set(doubts)) == len(doubts)
    assert all(one < other and home[one] != home[other] for one, other in doubts)
    for first, matches in got.matches.items():
        (group,) = [group for group in together(got) if group[0] == first]
        assert list(matches) == sorted(matches)
        assert all(one.one < one.other and {one.one, one.other} <= set(group) for one in matches)
        for one in matches:
            names = pair(*(account_name(record[e]) or "" for e in (one.one, one.other)))
            assert one.rule != JUDGED or names in judged.same
            assert one.rule == JUDGED or (one.score is not None and one.score >= RULES.match)


@given(SEEDS)
def test_the_order_of_records_never_matters(seed: int) -> None:
    """Sources answer in any order."""
    rnd = seeded("population", seed)
    held = population(rnd, 12)
    judged = judgements(rnd, held)

    assert resolved(rnd.sample(held, len(held)), judged) == resolved(held, judged)


@given(SEEDS)
def test_what_institutions_are_called_in_our_directory_never_matters(seed: int) -> None:
    """Their ids are ours: another order of them changes no group, judged or not."""
    rnd = seeded("population", seed)
    held = population(rnd, 12)
    judged = judgements(rnd, held)
    renamed = Institutions.of(
        row.model_copy(update={"institution": f"z{row.institution[::-1]}"})
        for row in institution_rows()
    )

    assert same_loans(held, RULES, renamed, judged) == resolved(held, judged)


@given(SEEDS)
def test_what_cannot_be_the_same_changes_nobody_elses_group(seed: int) -> None:
    """Another family, another currency or another decade, from whichever report."""
    rnd = seeded("population", seed)
    held = population(rnd, 6)
    unrelated: list[dict[str, Any]] = [
        {"kind": AccountKind.COLLECTION},
        {"currency": "EUR"},
        {"opened": day("1999-03-05")},
        {"opened": None, "account_ref": None, "original_amount": cny(77)},
    ]
    known = rnd.choice(held)
    stranger = replace(known.record, record_id="Z", **rnd.choice(unrelated))
    more = replace(known, evidence=known.evidence._replace(record_id="Z"), record=stranger)
    currencies = {one.record.currency for one in held}

    got = together(resolved([*held, more]))
    if None not in currencies:  # an account without a currency may be of any
        assert got == sorted([*together(resolved(held)), [more.evidence]])


@given(SEEDS)
def test_a_persons_word_holds(seed: int) -> None:
    """What was said to be two is apart, however it looks, wherever the names are clear."""
    rnd = seeded("population", seed)
    held = population(rnd, 12)
    judged = judgements(rnd, held)
    got = resolved(held, judged)
    bearers: dict[str, set[int]] = {}
    for n, group in enumerate(got.groups):
        for line in group:
            name = account_name(line.record)
            if name and not any(one.evidence in got.unclear for one in group):
                bearers.setdefault(name, set()).add(n)

    for one, other in judged.different:
        assert bearers.get(one, set()).isdisjoint(bearers.get(other, set()))
    for one, other in judged.same:
        if one in bearers and other in bearers:
            assert len(bearers[one] | bearers[other]) == 1


@given(SEEDS)
def test_a_judgement_of_accounts_that_are_gone_changes_nothing(seed: int) -> None:
    """Nor one of an account that nobody tells of and one that somebody does."""
    rnd = seeded("population", seed)
    held = population(rnd)
    names = sorted({account_name(one.record) or "x" for one in held})
    gone = (pair(names[0], "gone|CNY|1"), pair("gone|CNY|1", "gone|CNY|2"))

    for judged in (Judgements(same=gone), Judgements(different=gone)):
        got = resolved(held, judged)
        assert replace(got, unclear=()) == resolved(held)
