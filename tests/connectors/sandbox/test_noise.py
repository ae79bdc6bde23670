"""connectors.sandbox.noise and what draws from it: every rate shows, and none touches the life."""

from collections import Counter
from collections.abc import Callable
from dataclasses import replace
from datetime import UTC, date, datetime

import pytest
from lxml import etree

from connectors.sandbox import bureaus, people
from connectors.sandbox.desks import filed
from connectors.sandbox.dice import seeded
from connectors.sandbox.facts import Life, Person
from connectors.sandbox.households import at_home, household
from connectors.sandbox.lenders import BAIHANG, BAIRONG, PBOC, TONGDUN, XINGTU
from connectors.sandbox.life import life
from connectors.sandbox.mixups import NAMING, Form, mixup
from connectors.sandbox.noise import DEFAULT, HEAVY, LEVELS, NONE, Noise, astray
from connectors.sandbox.portraits import Portrait, portrait
from connectors.sandbox.render.pboc.person import Ask
from connectors.sandbox.render.pboc.report import report
from connectors.sandbox.temperament import PRIME
from connectors.sandbox.world import World

TODAY = date(2026, 3, 15)
NOON = datetime(2026, 3, 15, 4, tzinfo=UTC)
MANY = 4000
ONE = life(7, 0, TODAY, PRIME)
PERSON = replace(
    ONE.person, name="甲云帆", pinyin="jia yunfan", passport="XX0000000", born=date(1980, 2, 3)
)
TEMPLATE = replace(ONE, person=PERSON)
"""One person seen again and again: each index draws anew, and no life has to be made."""


def seen_by(source: str, noise: Noise) -> list[Portrait]:
    """What this source writes down about many such people."""
    lives = (replace(TEMPLATE, index=index, noise=noise) for index in range(MANY))
    return [portrait(one, source) for one in lives]


def about(count: int, rate: float, of: int = MANY) -> bool:
    """Within four standard deviations of what the rate promises."""
    return bool(abs(count - rate * of) <= 4 * (of * rate * (1 - rate)) ** 0.5 + 1)


@pytest.mark.parametrize(
    ("rate", "shows"),
    [
        ("pinyin", lambda p: p.name.isascii()),
        ("variant", lambda p: "雲" in p.name),
        ("spaced", lambda p: p.name[1] in " ·　"),
        ("masked_id", lambda p: p.id_number is not None and "*" in p.id_number),
        ("old_id", lambda p: p.id_number is not None and len(p.id_number) == 15),
        ("other_id", lambda p: p.id_number is None),
        ("partial_birth", lambda p: len(p.born) < 10),
        ("old_mobile", lambda p: p.mobile != PERSON.mobile),
    ],
)
@pytest.mark.parametrize("level", [DEFAULT, HEAVY])
def test_identities_vary_at_their_rate(
    rate: str, shows: Callable[[Portrait], bool], level: Noise
) -> None:
    """A benchmark over a noise that does not happen measures nothing."""
    alone = replace(NONE, **{rate: getattr(level, rate)})

    assert about(sum(map(shows, seen_by(XINGTU, alone))), alone.rates()[rate])


def test_without_noise_a_source_writes_what_is_so() -> None:
    """The demo and every exact test rest on it."""
    for seen in seen_by(XINGTU, NONE):
        assert (seen.name, seen.id_number) == (PERSON.name, PERSON.id_number)
        assert (seen.born, seen.mobile) == (PERSON.born.isoformat(), PERSON.mobile)


def test_a_mistyped_number_is_nobodys() -> None:
    """One wrong digit, or it would be another person's number."""
    always = replace(NONE, mistyped_id=1.0)
    for seen in seen_by(XINGTU, always)[:200]:
        assert seen.id_number is not None
        assert sum(a != b for a, b in zip(seen.id_number, PERSON.id_number, strict=True)) == 1


def test_sources_that_repeat_the_question_never_misspell() -> None:
    """PBOC and Baihang send back the name and number they were asked for."""
    for source in (PBOC, BAIHANG):
        assert {(p.name, p.id_number) for p in seen_by(source, HEAVY)} == {
            (PERSON.name, PERSON.id_number)
        }


@pytest.mark.parametrize("level", [DEFAULT, HEAVY])
def test_accounts_go_astray_at_their_rate(level: Noise) -> None:
    """Gaps, delays and dates are drawn for every account and bureau apart."""
    drawn = [astray(seeded("test", n), level) for n in range(MANY)]

    assert about(sum(one.unreported for one in drawn), level.unreported)
    assert about(sum(one.months_late > 0 for one in drawn), level.late)
    assert about(sum(one.days_shifted > 0 for one in drawn), level.shifted)
    assert about(sum(one.branch is not None for one in drawn), level.branch)


def test_one_account_in_a_hundred_is_in_dispute() -> None:
    """The annotation travels with the record, so there must be some, in every report of it."""
    accounts = [
        account
        for index in range(200)
        for account in life(7, index, TODAY, PRIME).accounts
        if account.rows
    ]

    assert about(sum(a.disputed_in is not None for a in accounts), 0.01, len(accounts))


@pytest.mark.parametrize("level", LEVELS.values(), ids=LEVELS)
def test_noise_never_touches_the_life(level: Noise) -> None:
    """The truth is one; only what sources make of it and who lives with whom may differ."""
    for index in range(30):
        quiet, noisy = life(7, index, TODAY), life(7, index, TODAY, noise=level)
        assert (quiet.accounts, quiet.queries) == (noisy.accounts, noisy.queries)
        assert quiet.person.id_number == noisy.person.id_number


def test_an_account_lost_on_the_way_is_missing_at_one_bureau_only() -> None:
    """A coverage gap makes bureaus differ; it does not make the account disappear."""
    lossy = replace(NONE, unreported=0.5)
    lives = [life(7, index, TODAY, noise=lossy) for index in range(60)]
    both = {PBOC, XINGTU}
    known = Counter(
        len({b for b in both if account.number in _numbers(one, b)})
        for one in lives
        for account in one.accounts
        if both <= account.lender.reports_to.keys()
    )

    assert set(known) == {0, 1, 2}
    assert about(known[1], 0.5, known.total())


def _numbers(one: Life, bureau: str) -> set[int]:
    return {seen.account.number for seen in bureaus.accounts(one, bureau)}


def person(index: int, noise: Noise) -> Person:
    """A borrower with their family."""
    alone = people.person(seeded(7, index), 7, index, TODAY)
    return at_home(alone, 7, index, TODAY, noise)


def test_twins_share_name_birth_and_address() -> None:
    """The hardest negative: only the last digits of the id number and the given name differ."""
    elder, younger = person(10, replace(NONE, twins=1.0)), person(11, replace(NONE, twins=1.0))

    assert (elder.name[:2], elder.born) == (younger.name[:2], younger.born)
    assert elder.homes == younger.homes
    assert elder.name != younger.name
    assert elder.id_number != younger.id_number


def test_spouses_name_one_another() -> None:
    """Who lives with whom must be told the same way from both sides."""
    together = replace(NONE, couples=1.0)
    for index in range(40):
        spouse = household(7, index, together).spouse
        assert spouse is not None
        assert household(7, spouse, together).spouse == index
        one, other = person(index, together), person(spouse, together)
        assert (one.spouse, other.spouse) == (other.name, one.name)
        assert one.homes == other.homes
        assert one.male != other.male


def test_answers_are_crossed_at_their_rate() -> None:
    """Injected wrong reports are what the promise about persons is measured with."""
    answers = [mixup(7, index, PBOC, HEAVY, MANY) for index in range(MANY)]
    found = [wrong for wrong in answers if wrong is not None]
    crossed = sum(wrong.form is Form.CROSSED for wrong in found)

    assert about(crossed, HEAVY.crossed)
    assert about(len(found) - crossed, HEAVY.mixed)
    assert not any(
        mixup(7, index, source, HEAVY, MANY)
        for index in range(MANY)
        for source in (BAIRONG, TONGDUN)
    )
    assert NAMING.isdisjoint({BAIRONG, TONGDUN})


def test_a_mixed_file_names_the_person_asked_for() -> None:
    """A crossed answer betrays itself in its head, a mixed file only in its facts."""
    mixed = replace(NONE, mixed=1.0)
    world = World(seed=7, today=TODAY, size=40, noise=mixed)
    one = world.life(20)
    opened = world.opened(one, PBOC)
    ask = Ask("A1000000000001", "02", one.person.name, "10", one.person.id_number)

    assert opened.life.index != 20
    assert filed(ask, opened) == ask
    crossed = replace(opened, form=Form.CROSSED)
    assert filed(ask, crossed).id_number == opened.life.person.id_number


def test_the_cast_is_told_of_without_noise() -> None:
    """A persona shows its story whatever the population looks like."""
    noisy = World(seed=7, today=TODAY, size=40, noise=HEAVY)
    quiet = World(seed=7, today=TODAY, size=40)

    assert [noisy.persona(name) for name in noisy.cast] == [
        quiet.persona(name) for name in quiet.cast
    ]


def test_staged_lives_are_spread_over_the_population() -> None:
    """Signals need lives that must fire them beyond the first few."""
    world = World(seed=7, today=TODAY, size=2000, cast=(), staged=0.1)
    shapes = [shape for _, shape, _ in world.people() if shape]

    assert about(len(shapes), 0.1, 2000)
    assert set(shapes) == set(World(seed=7, today=TODAY).cast)
    first = next(index for index, shape, _ in world.people() if shape)
    assert world.life(first).persona is not None


def test_the_revision_of_2017_tells_months_only() -> None:
    """Reports drift between versions, and a reader must not need to know which one it has."""
    old = next(
        one
        for index in range(99)
        if (one := life(7, index, TODAY, noise=replace(NONE, revision_2017=1.0))).queries
    )
    ask = Ask("A1000000000001", "02", old.person.name, "10", old.person.id_number)
    for one, digits in ((old, 7), (replace(old, noise=NONE), 10)):
        root = etree.fromstring(report(one, ask, number="1", at=NOON).encode())
        days = [node.text or "" for node in root.iter("PH010R01")]
        assert days
        assert {len(day) for day in days} == {digits}
