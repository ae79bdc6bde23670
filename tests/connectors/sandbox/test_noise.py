"""connectors.sandbox.noise and what draws from it: every rate shows, and none touches the life."""

from collections import Counter
from collections.abc import Callable
from dataclasses import replace
from datetime import UTC, date, datetime, timedelta

import pytest
from lxml import etree

from connectors.money import Month
from connectors.records import AccountKind, LenderType
from connectors.sandbox import bureaus, people
from connectors.sandbox.desks import filed
from connectors.sandbox.dice import seeded
from connectors.sandbox.facts import Life, Person, Way
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
    assert about(sum(one.masked_lender for one in drawn), level.masked_lender)
    assert about(sum(one.masked_number for one in drawn), level.masked_number)
    assert about(sum(one.days_booked_late > 0 for one in drawn), level.booked_late)
    assert about(sum(one.percent_costs > 0 for one in drawn), level.costs)
    assert about(sum(one.restated for one in drawn), level.restated)


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
    """The truth is one but for who lives with whom and where a debt went in the end."""
    still = replace(level, sold=0.0, taken_over=0.0)
    for index in range(30):
        quiet, noisy = life(7, index, TODAY), life(7, index, TODAY, noise=still)
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


def test_a_masked_lender_could_be_any_of_its_sort() -> None:
    """Neither bureau lets the name be told, so no directory can list what they write."""
    hidden = replace(NONE, masked_lender=1.0)
    lives = [life(7, index, TODAY, noise=hidden) for index in range(40)]
    for bureau, words in ((PBOC, {"**"}), (XINGTU, {"示例**银行股份有限公司"})):
        seen = [s for one in lives for s in bureaus.accounts(one, bureau)]
        banks = [one for one in seen if one.account.lender.type is LenderType.BANK]
        longer = [one for one in banks if one.account.lender.stem == "云帆村镇"]
        assert len({one.account.lender.code for one in banks}) > 3
        assert {one.named for one in banks if one not in longer} == words
        assert all(one.named not in one.account.lender.aliases.values() for one in seen)


def test_the_lenders_own_number_is_one_at_all_bureaus() -> None:
    """Masked at one and whole at the other it still ends alike: what links can be made of."""
    told = replace(NONE, own_number=0.5, masked_number=0.5)
    lives = [life(7, index, TODAY, noise=told) for index in range(60)]
    both = [
        (one, other)
        for a_life in lives
        for one in bureaus.accounts(a_life, PBOC)
        for other in bureaus.accounts(a_life, XINGTU)
        if one.account.number == other.account.number
    ]
    shown = [(one.own, other.own) for one, other in both if one.own and other.own]

    assert about(len(shown), 0.5, len(both))
    assert all((one.own is None) == (other.own is None) for one, other in both)
    assert all(mine[-4:] == theirs[-4:] and len(mine) == len(theirs) for mine, theirs in shown)
    assert about(sum("*" in mine for mine, _ in shown), 0.5, len(shown))
    assert all(one.number != other.number for one, other in both)


def test_a_debt_that_moved_is_owed_once() -> None:
    """What its new creditor books is what the old one lost, some days later."""
    moving = replace(NONE, sold=1.0, taken_over=1.0)
    lives = [life(7, index, TODAY, noise=moving) for index in range(150)]
    pairs = [
        (one.accounts[account.origin], account)
        for one in lives
        for account in one.accounts
        if account.origin is not None
    ]
    ways = Counter(
        origin.left.way if origin.left else "taken over" if new.taken_over else "sold at once"
        for origin, new in pairs
    )

    assert all(one.number == place for a_life in lives for place, one in enumerate(a_life.accounts))
    assert all(ways[way] > 3 for way in (Way.SOLD, Way.CLAIMED, "taken over", "sold at once"))
    for origin, new in pairs:
        on = origin.left.on if origin.left else origin.ended
        assert on is not None
        assert new.opened - on == timedelta(days=3)
        assert new.lender != origin.lender
        before = [row.balance for row in origin.rows if row.month < Month.of(on)]
        assert 0 < (new.amount or 0) <= max(before)
        if new.taken_over:
            assert sum(row.paid for row in (*origin.rows, *new.rows)) > 0
            assert (new.matures, new.product) == (origin.matures, origin.product)


def test_what_a_buyer_books_late_and_dear_is_told_so() -> None:
    """The life has the sale as it was; a bureau has it as the buyer reported it."""
    plain = replace(NONE, sold=1.0)
    noisy = replace(plain, booked_late=1.0, costs=1.0)
    for index in range(80):
        before, after = (
            {s.account.number: s.account for s in bureaus.accounts(one, PBOC)}
            for one in (life(7, index, TODAY, noise=n) for n in (plain, noisy))
        )
        for number, booked in after.items():
            quiet = before[number]
            if quiet.kind is AccountKind.COLLECTION:
                assert timedelta(days=14) <= booked.opened - quiet.opened <= timedelta(days=105)
                assert 1.04 < (booked.amount or 0) / (quiet.amount or 1) < 1.19
            else:
                assert booked == quiet


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
