"""benchmarks.quality: the real path over a simulated population, and the arithmetic over it."""

import functools
from collections.abc import Callable, Mapping
from dataclasses import replace
from datetime import date

import pytest
from rich.console import Console

from benchmarks.quality import loans, measure, sheet, table
from benchmarks.quality.measure import borrower
from benchmarks.quality.readers import readers, settings
from benchmarks.quality.tally import Tally
from connectors.sandbox import alarms
from connectors.sandbox.alarms import Alarm, Say
from connectors.sandbox.facts import Life
from connectors.sandbox.noise import DEFAULT, HEAVY, NONE, Noise
from connectors.sandbox.personas import SIGNALS
from connectors.sandbox.world import World
from gateway.merge import whole
from gateway.merge.config import MergeConfig, MergeRules
from gateway.profile import BorrowerProfile, SignalState
from gateway.profile.relations import LinkKind


def measured(noise: Noise, size: int) -> Tally:
    world, tally = World(3, date(2026, 3, 1), size, noise=noise), Tally()
    for index in range(size):
        borrower(world, index, tally)
    return tally


@pytest.fixture(scope="module")
def population() -> Callable[[Noise], Tally]:
    """What sixty borrowers told under this noise, measured once for the tests that only read it."""
    return functools.cache(lambda noise: measured(noise, 60))


@pytest.mark.parametrize("noise", [DEFAULT, HEAVY], ids=["default", "heavy"])
def test_no_two_loans_become_one(noise: Noise, population: Callable[[Noise], Tally]) -> None:
    """Two records are better than one wrong merge; the whole benchmark says how often."""
    tally = population(noise)

    assert tally.counts["loan", "all", "true"] > 100
    assert table.precision(tally) == 1
    assert table.recall(tally) > 0.9


def test_every_pair_left_apart_is_a_failure_to_look_at(
    population: Callable[[Noise], Tally],
) -> None:
    """A number that nobody can look behind cannot be improved."""
    tally = population(HEAVY)
    missed = tally.counts["loan", "all", "true"] - tally.counts["loan", "all", "right"]
    kept = [one for one in tally.failures if one.what == "pair missed"]

    assert missed
    assert len(kept) == missed
    assert all(len(one.evidence) == len(one.facts) == 2 for one in kept)


@pytest.mark.parametrize("noise", [DEFAULT, HEAVY], ids=["default", "heavy"])
def test_every_signal_of_every_life_is_held_against_the_truth(
    noise: Noise, population: Callable[[Noise], Tally]
) -> None:
    """Not the staged ones alone: each life counts once under each signal, none to the contrary."""
    tally = population(noise)

    for name in SIGNALS:
        counts = {key[2:]: n for key, n in tally.counts.items() if key[:2] == ("signal", name)}
        assert sum(counts.values()) == 60
        assert counts[Say.FIRE, SignalState.FIRED] > 0
        assert table.contradicted(tally, name) == 0


def test_a_signal_to_the_contrary_is_a_failure_to_look_at(monkeypatch: pytest.MonkeyPatch) -> None:
    """Fired where the truth is quiet, or quiet where it fires; a borderline contradicts nothing."""
    turned = {Say.FIRE: Say.QUIET, Say.QUIET: Say.FIRE, Say.BORDERLINE: Say.BORDERLINE}
    so = alarms.signals

    def contrary(life: Life) -> dict[str, Alarm]:
        return {name: replace(one, say=turned[one.say]) for name, one in so(life).items()}

    monkeypatch.setattr(alarms, "signals", contrary)
    tally = measured(DEFAULT, 20)
    wrong = sum(table.contradicted(tally, name) for name in SIGNALS)
    kept = [one for one in tally.failures if " is " in one.what]

    assert wrong > 100
    assert len(kept) == wrong
    assert "regional_risk: quiet is fired" in {one.what for one in kept}


def test_a_strangers_answer_in_a_profile_costs_precision(
    capsys: pytest.CaptureFixture[str],
) -> None:
    """Nine of ten answers merged are about the subject, and one of theirs waits: both are told."""
    world, tally = World(3, date(2026, 3, 1), 60, noise=HEAVY), Tally()
    tally.add("person", "own", "pboc", "merged", by=9)
    tally.add("person", "own", "pboc", "review")
    tally.add("person", "crossed", "stranger", "merged")

    assert (table.right_person(tally), table.own_merged(tally)) == (0.9, 0.9)
    assert table.show(Console(), world, tally)
    assert "nobody else's answer in a profile" in capsys.readouterr().out


def test_a_wrong_signal_is_a_goal_missed(capsys: pytest.CaptureFixture[str]) -> None:
    """Whoever runs the benchmark in a pipeline looks at nothing but how it ended."""
    world, good, bad = World(3, date(2026, 3, 1), 60, noise=HEAVY), Tally(), Tally()
    for tally in (good, bad):
        tally.add("signal", "income_drop", Say.FIRE, SignalState.FIRED)
    bad.add("signal", "income_drop", Say.QUIET, SignalState.FIRED)

    assert not table.show(Console(), world, good)
    assert table.show(Console(), world, bad)
    assert "no income_drop to the contrary" in capsys.readouterr().out


@pytest.mark.parametrize(
    ("noise", "counts", "missed"),
    [
        (DEFAULT, (1000, 900, 909), []),
        (DEFAULT, (1000, 899, 899), ["recall of links of sold debts 0.9"]),
        (DEFAULT, (1000, 980, 990), ["precision of links of sold debts 0.99"]),
        (DEFAULT, (100, 89, 89), ["recall of links of sold debts 0.9"]),
        (DEFAULT, (99, 50, 60), []),
        (HEAVY, (1000, 500, 600), []),
    ],
)
def test_links_of_sold_debts_have_a_goal(
    noise: Noise,
    counts: tuple[int, int, int],
    missed: list[str],
    capsys: pytest.CaptureFixture[str],
) -> None:
    """Of a hundred debts or more, with default noise; and each of both bars alone is heard of."""
    world, tally = World(3, date(2026, 3, 1), 60, noise=noise), Tally()
    told, right, linked = counts
    by = {"told": told, "found": right, "linked": linked, "linked right": right}
    for word, count in by.items():
        tally.add("moved", LinkKind.SOLD_TO, word, by=count)

    assert table.show(Console(), world, tally) == bool(missed)
    said = capsys.readouterr().out
    assert [line[8:] for line in said.splitlines() if line.startswith("missed: ")] == missed


def planted(monkeypatch: pytest.MonkeyPatch, **changed: object) -> None:
    """The real merge under other rules."""

    def merged(heard: object, subject: object, config: MergeConfig, **rest: object) -> object:
        rules = MergeRules.model_validate({**dict(config.rules), **changed})
        return whole.merge(heard, subject, replace(config, rules=rules), **rest)  # type: ignore[arg-type]

    monkeypatch.setattr(measure, "merge", merged)


def test_a_wrong_merge_shows(monkeypatch: pytest.MonkeyPatch) -> None:
    """A benchmark that finds nothing wrong must be one that could have."""
    rules = settings().merging.rules.loan
    loose = replace(rules, match=-(10**6), margin=0, apart_days=9999)
    planted(monkeypatch, loan=loose)
    tally = measured(HEAVY, 20)
    kept = [one for one in tally.failures if one.what == "pair wrong"]

    assert table.precision(tally) < 1
    assert len(kept) == tally.counts["loan", "all", "found"] - tally.counts["loan", "all", "right"]
    assert table.precision(tally, "lenders named") < 1


def test_a_debt_linked_to_another_shows(monkeypatch: pytest.MonkeyPatch) -> None:
    """Links are judged like merges: those that are not there, and those that are and should not."""
    rules = settings().merging.rules.moved
    planted(monkeypatch, moved=rules.model_copy(update={"match": 10**6}))
    never = measured(MOVING, 50)
    planted(monkeypatch, moved=rules.model_copy(update=ANYTHING))
    any_ = measured(MOVING, 50)
    told = sum(n for topic, n in never.counts.items() if topic[-1] == "told")

    assert told > 10
    assert sum(n for topic, n in never.counts.items() if topic[-1] == "linked") == 0
    assert sum(one.what == "debt not linked" for one in never.failures) == min(told, 50)
    assert any(one.what == "debt linked wrong" for one in any_.failures)
    assert sum(n for topic, n in any_.counts.items() if topic[-1] == "linked right") > 0


MOVING = replace(DEFAULT, sold=1.0, taken_over=0.5)
ANYTHING = {"match": -(10**6), "margin": 0, "prompt_days": 9999, "after_days": 9999}


def test_pairs_are_told_apart_by_what_they_show() -> None:
    """Masked lenders and numbers are few: without rows of their own they would drown."""
    counts = measured(replace(HEAVY, masked_lender=0.3, own_number=0.5), 60).counts
    sorts = {topic[1] for topic in counts if topic[0] == "loan"} - {"all", loans.DIFFERENT}

    assert len(sorts) == 4
    for word in ("true", "found", "right"):
        assert sum(counts["loan", sort, word] for sort in sorts) == counts["loan", "all", word]


def test_the_sheet_answers_every_attribute_of_the_catalogue() -> None:
    """An attribute that is measured against nothing may be anything.

    Of one that no life can tell, say so here by name, with the reason.
    """
    catalogue = settings().merging.attributes.by_name["core/1"]
    world = World(3, date(2026, 3, 1), 20)
    asked = {name for values in sheet.whole(world.life(15)).values() for name in values}
    heard = frozenset(readers())
    told = [name for values in sheet.told(world.life(15), heard).values() for name in values]

    assert sorted(told) == sorted(one.name for one in catalogue.attributes)
    assert asked < set(told)


def test_without_noise_every_attribute_is_what_was_told() -> None:
    """Two reckonings of one formula, made apart: one of them is wrong wherever they differ."""
    tally = measured(NONE, 60)
    names = {topic[:3] for topic in tally.counts if topic[0] == "attribute"}

    assert len(names) > 200
    for name in names:
        right, every = (tally.counts[(*name, "told", word)] for word in ("right", "all"))
        assert right == every > 50, name
    assert not tally.counts["loan", loans.DIFFERENT, "true"]


def test_an_application_two_bureaus_date_differently_is_measured() -> None:
    """PBOC's reports of 2017 tell the month where Baihang tells the day: nothing is counted twice.

    The sheet knows from the life which of them are one, and the merge from what is told.
    """
    tally = measured(replace(NONE, revision_2017=1.0), 20)
    asked = {topic[2] for topic in tally.counts if topic[:2] == ("attribute", "inquiries")}

    assert {"hard_inquiries_30d", "hard_inquiries_365d", "days_since_hard_inquiry"} < asked
    for name in asked:
        right, every = (
            tally.counts["attribute", "inquiries", name, "told", word] for word in ("right", "all")
        )
        assert right == every > 10, name


def test_where_bureaus_tell_months_differently_every_attribute_is_what_was_told(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    """Of each month the worst that is told, and the amount of whoever tells that."""
    loan = settings().merging.rules.loan  # records of one account are found whatever months say
    planted(monkeypatch, loan=replace(loan, grid=replace(loan.grid, conflict=0)))
    tally = measured(replace(NONE, restated=0.9), 60)

    assert table.recall(tally) == 1
    assert tally.counts["loan", loans.DIFFERENT, "right"] > 100
    assert not tally.failures


Given = Mapping[str, int | None]


def mistaken(monkeypatch: pytest.MonkeyPatch, wrong: Callable[[str, Given], int | None]) -> None:
    """The real merge, and each attribute is what `wrong` makes of its name and of all values."""

    def merged(*args: object, **rest: object) -> BorrowerProfile:
        profile = whole.merge(*args, **rest)  # type: ignore[arg-type]
        assert profile.attributes
        given = {one.name: one.value for one in profile.attributes.values}
        values = tuple(
            replace(one, value=wrong(one.name, given)) for one in profile.attributes.values
        )
        return replace(profile, attributes=replace(profile.attributes, values=values))

    monkeypatch.setattr(measure, "merge", merged)


SWAPPED = {
    "open_unsecured": "open_tradelines",
    "unbilled_instalments_cny": "balance_cards_cny",
    "most_remaining_terms": "open_instalment_loans",
    "cards_peak_utilisation": "cards_usual_utilisation_6m",
    "cards_utilisation_change_6m": "cards_utilisation",
    "worst_overdue_60m_cny": "largest_past_due_cny",
    "past_due_31plus_cny": "past_due_61plus_cny",
    "past_due_61plus_cny": "past_due_91plus_cny",
    "loans_classed_below_normal": "loans_classed_bad",
    "loans_classed_bad": "written_off_accounts",
    "baihang_non_revolving_lenders_d30": "baihang_non_revolving_lenders_d180",
    "baihang_revolving_overdue_cny": "baihang_non_revolving_overdue_cny",
    "pboc_lenders_loan_approval_m1": "loan_inquiries_30d",
    "scheduled_payments_to_base": "scheduled_payments_cny",
    "contradicted_tradelines": "disputed_tradelines",
}


def test_an_attribute_mistaken_for_its_neighbour_shows(monkeypatch: pytest.MonkeyPatch) -> None:
    """The next band of days, the other summary: what a slip of one line would look like."""
    mistaken(monkeypatch, lambda name, given: given[SWAPPED.get(name, name)])
    tally = measured(NONE, 60)

    assert {one.what for one in tally.failures} == set(SWAPPED)


def test_an_attribute_that_is_off_by_one_shows(monkeypatch: pytest.MonkeyPatch) -> None:
    """One fen or one month too many, in any attribute, is a failure with both values."""
    stated = set[str]()

    def one_more(name: str, given: Given) -> int | None:
        value = given[name]
        if value is None:
            return None
        stated.add(name)
        return value + 1

    mistaken(monkeypatch, one_more)
    counts = measured(NONE, 20).counts
    always = {topic[1:3] for topic in counts if topic[0] == "attribute"}
    right = {one[1] for one in always if counts["attribute", *one, "told", "right"] == 20}

    assert len(stated) > 200
    assert stated.isdisjoint(right)  # right are those that no profile states


def test_tallies_of_two_processes_add_up() -> None:
    """Half a population in each process is the whole population."""
    world = World(3, date(2026, 3, 1), 20, noise=HEAVY)
    whole, halves = Tally(), [Tally(), Tally()]
    for index in range(20):
        borrower(world, index, whole)
        borrower(world, index, halves[index % 2])
    halves[0].join(halves[1])

    assert halves[0].counts == whole.counts


def test_shares_of_nothing_are_whole() -> None:
    """A population without a shared loan is no failure."""
    assert (table.precision(Tally()), table.recall(Tally())) == (1, 1)
    assert (table.right_person(Tally()), table.own_merged(Tally())) == (1, 1)
    for kind in LinkKind:
        assert (table.link_precision(Tally(), kind), table.link_recall(Tally(), kind)) == (1, 1)
    assert table.wrongly_merged(Tally()) == 0
