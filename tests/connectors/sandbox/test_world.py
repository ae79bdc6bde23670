"""connectors.sandbox.world and personas: everybody can be found, and shows their story."""

import csv
import os
import subprocess
import sys
from dataclasses import replace
from datetime import date, timedelta
from itertools import islice, pairwise
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from connectors.records import AccountKind
from connectors.sandbox import bureaus, people, personas, truth
from connectors.sandbox.facts import Account, Life
from connectors.sandbox.lenders import BAIHANG, BAIRONG, BY_CODE, LENDERS, PBOC, code_for
from connectors.sandbox.personas import ORDER, persona
from connectors.sandbox.world import World

SEEDS = st.integers(0, 10**6)
TODAYS = st.dates(date(2024, 1, 1), date(2030, 12, 31))


def test_personas_come_first_and_in_order() -> None:
    """A demo can name its people without searching for them."""
    world = World(seed=3, today=date(2026, 3, 15), size=len(ORDER) + 2)

    assert [life.persona for life in world.lives()] == [*ORDER, None, None]


def test_people_of_the_list_are_those_of_the_lives() -> None:
    """The listing skips the lives for speed; it must name the same persons."""
    world = World(seed=3, today=date(2026, 3, 15), size=40)

    listed = [(index, name, person) for index, name, person in world.people()]
    assert listed == [(life.index, life.persona, life.person) for life in world.lives()]


def test_a_world_of_millions_is_entered_anywhere() -> None:
    """Nothing before the borrower is made, and nothing is kept."""
    world = World(seed=3, today=date(2026, 3, 15), size=people.CAPACITY)
    number = people.id_number(3, people.CAPACITY - 1)
    found = world.find(number)

    assert found is not None
    assert found.index == people.CAPACITY - 1
    assert len(list(islice(world.people(), 3))) == 3


def test_strangers_are_not_found() -> None:
    """An id number beyond the size of the world is nobody's."""
    world = World(seed=3, today=date(2026, 3, 15), size=20)

    assert world.find(people.id_number(3, 20)) is None
    assert world.find("110101199003070038") is None
    with pytest.raises(IndexError):
        world.life(20)


def test_the_same_seed_gives_the_same_bytes_in_any_process() -> None:
    """A truth table written yesterday must describe the payloads rendered today."""
    program = (
        "from datetime import UTC, date, datetime; import hashlib;"
        "from connectors.sandbox.render import baihang, bairong; "
        "from connectors.sandbox.render.pboc import message; "
        "from connectors.sandbox.render.pboc.person import Ask; "
        "from connectors.sandbox.world import World; "
        "at, total = datetime(2026, 3, 15, tzinfo=UTC), hashlib.sha256()\n"
        "for life in World(seed=3, today=date(2026, 3, 15), size=20).lives():\n"
        "    ask = Ask('A' * 14, '02', life.person.name, '10', life.person.id_number)\n"
        "    order = bairong.Order(customer='1', products=bairong.PRODUCTS, mobile='1')\n"
        "    total.update(message.answer(life, ask, message.Envelope('A' * 14, at)))\n"
        "    total.update(baihang.answer(life, at) + bairong.answer(life, order, at))\n"
        "print(total.hexdigest())"
    )
    digests = {
        subprocess.run(  # noqa: S603 - our own program and interpreter
            [sys.executable, "-c", program],
            env={"PYTHONHASHSEED": hash_seed, "PYTHONPATH": os.pathsep.join(sys.path)},
            capture_output=True,
            check=True,
        ).stdout
        for hash_seed in ("1", "2")
    }

    assert len(digests) == 1


def test_lender_aliases_name_one_lender_each() -> None:
    """Resolving accounts across bureaus needs to know who is who."""
    assert len(BY_CODE) == len(LENDERS) >= 40
    for lender in LENDERS:
        assert lender.name.startswith("示例")
        for bureau, alias in lender.aliases.items():
            assert code_for(bureau, alias) == lender.code


def test_the_gateway_is_told_every_alias() -> None:
    """A lender missing from the directory of the demo would count once per bureau."""
    path = Path(__file__).parents[3] / "config" / "institutions.csv"
    with path.open(encoding="utf-8", newline="") as lines:
        told = {
            (row["institution"], row["type"], row["source"], row["alias"])
            for row in csv.DictReader(lines)
        }

    assert told >= {
        (lender.code, lender.type.value, bureau, alias)
        for lender in LENDERS
        for bureau, alias in lender.aliases.items()
    }


def late_cards(life: Life, months_ago: int) -> int:
    """Cards with something overdue at the end of that month."""
    return sum(
        a.kind is AccountKind.CREDIT_CARD
        and len(a.rows) > months_ago
        and a.rows[-1 - months_ago].months_late > 0
        for a in life.accounts
    )


@given(SEEDS, TODAYS)
def test_card_overdue_goes_from_none_to_three(seed: int, today: date) -> None:
    """Three months ago no card was overdue; now three of four are."""
    life = persona("card-overdue", seed, today)

    assert [late_cards(life, ago) for ago in (3, 2, 1, 0)] == [0, 1, 3, 3]
    assert truth.attributes(life, PBOC).max_dpd_24m >= 1


@given(SEEDS, TODAYS)
def test_many_lenders_ask_in_a_short_time(seed: int, today: date) -> None:
    """Thirteen lenders in three months, ten of them in the last, and nobody overdue."""
    life = persona("many-lenders", seed, today)
    seen = truth.attributes(life)

    assert (seen.hard_inquiries[30], seen.hard_inquiries[90]) == (10, 13)
    assert (seen.lenders[30], seen.lenders[90]) == (10, 13)
    assert seen.max_dpd_24m == 0
    assert truth.attributes(life, PBOC).lenders[30] >= 6


@given(SEEDS, TODAYS)
def test_small_loans_follow_one_another(seed: int, today: date) -> None:
    """Each small loan is repaid early and the next is taken within the month, up to now."""
    life = persona("small-loan-churn", seed, today)
    small = [a for a in life.accounts if a.product == "small"]

    assert len(small) == 9
    for before, after in pairwise(small):
        assert before.settled_early
        assert before.ended is not None
        assert 0 <= (after.opened - before.ended).days <= 31
    assert small[-1].ended is None
    assert today - small[-1].opened <= timedelta(days=62)
    assert sum(_in_last_year(a, today) for a in small) >= 6


def _in_last_year(account: Account, today: date) -> bool:
    return account.opened > today - timedelta(days=365)


@given(SEEDS, TODAYS)
def test_steady_gives_no_reason_for_alarm(seed: int, today: date) -> None:
    """The persona that must stay silent is clean in every attribute."""
    seen = truth.attributes(persona("steady", seed, today))

    assert (seen.max_dpd_24m, seen.months_since_delinquency) == (0, None)
    assert (seen.hard_inquiries[180], seen.lenders[90]) == (0, 0)
    assert seen.open_tradelines >= 2


@given(SEEDS, TODAYS)
def test_thin_file_is_known_to_pboc_alone(seed: int, today: date) -> None:
    """One bureau's report and two no-hits must still make a profile."""
    life = persona("thin-file", seed, today)

    assert len(bureaus.accounts(life, PBOC)) == 1
    assert not bureaus.knows(life, BAIHANG)
    assert not bureaus.knows(life, BAIRONG)


def test_every_persona_says_what_must_and_must_not_fire() -> None:
    """Truth is data: a signal is expected, forbidden, or unknown to the sandbox."""
    for name, shape in personas.PERSONAS.items():
        life = persona(name, 1, date(2026, 3, 15))
        assert life.fires == shape.fires
        assert life.fires | life.silent == personas.SIGNALS
        assert not life.fires & life.silent


def test_the_page_says_what_personas_show() -> None:
    """docs/sandbox.md is where a tester looks up which alarm is the right one."""
    page = (Path(__file__).parents[3] / "docs" / "sandbox.md").read_text(encoding="utf-8")
    table = page.partition("| persona | shows | must fire |")[2].partition("\n\n")[0]
    rows = [row.strip("|").split("|") for row in table.splitlines()[2:]]

    assert {name.strip(" `"): set(fires.replace("`", "").split()) for name, _, fires in rows} == {
        name: set(one.fires) for name, one in personas.PERSONAS.items()
    }


def test_every_signal_is_shown_by_a_persona() -> None:
    """A signal nobody's life shows is tested on made-up records only."""
    shown = set().union(*(one.fires for one in personas.PERSONAS.values()))

    assert shown == personas.SIGNALS


@given(SEEDS, TODAYS)
def test_small_loans_pile_up_on_one_another(seed: int, today: date) -> None:
    """Seven, a month apart, none repaid and none late; three by instalment are no pile."""
    life = persona("unpaid-churn", seed, today)
    small = [a for a in life.accounts if a.product == "small"]

    assert len(small) == 7
    assert not any(a.ended or (a.last and a.last.overdue) for a in small)
    for bureau in (PBOC, BAIHANG):
        assert truth.piled(life, bureau).loans >= 4
        assert truth.piled(life, bureau).fires
    few = truth.piled(persona("small-instalments", seed, today))
    assert (few.loans, few.fires) == (1, False)


def test_a_new_persona_changes_no_life_but_those_it_takes_over(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    """A population of yesterday must not be another one because somebody wrote a new story."""
    world = World(seed=3, today=date(2026, 3, 15), size=3000, cast=(), staged=0.1)
    now = [shape for _, shape, _ in islice(world.people(), 3000)]
    monkeypatch.setattr(personas, "ORDER", ORDER[:-1])
    before = [shape for _, shape, _ in islice(world.people(), 3000)]

    changed = {one for one, other in zip(now, before, strict=True) if one != other}
    assert changed == {ORDER[-1]}


def test_an_opening_reaches_a_bureau_two_days_later() -> None:
    """Yesterday's loan is the one a bureau cannot know of."""
    today = date(2026, 3, 15)
    life = persona("steady", 1, today)
    account = next(a for a in life.accounts if PBOC in a.lender.reports_to)

    for age, shown in ((0, 0), (1, 0), (2, 1)):
        fresh = replace(account, opened=today - timedelta(days=age), rows=())
        assert len(bureaus.accounts(replace(life, accounts=(fresh,)), PBOC)) == shown


def test_bureaus_know_different_parts_of_one_life() -> None:
    """Coverage, lag and gaps make the same life look different, as it does in reality."""
    lives = list(World(seed=3, today=date(2026, 3, 15), size=100).lives())
    known = [ref for life in lives for ref in truth.same_account(life).values()]
    gaps = [s for life in lives for s in bureaus.accounts(life, PBOC) if s.missing]
    behind = [
        s
        for life in lives
        for s in bureaus.accounts(life, PBOC)
        if len(s.account.rows) < len(life.accounts[s.account.number].rows)
    ]

    assert {frozenset(refs) for refs in known} >= {
        frozenset({PBOC}),
        frozenset({BAIHANG}),
        frozenset({PBOC, BAIHANG}),
    }
    assert all(refs.get(PBOC) != refs.get(BAIHANG) for refs in known if refs)
    assert gaps
    assert behind
