"""connectors.sandbox.restating: months that one bureau tells otherwise than they were."""

from collections import Counter
from collections.abc import Iterator
from dataclasses import replace
from datetime import date

import pytest

from connectors.records import AccountKind, PaymentStatus
from connectors.sandbox import alarms, bureaus
from connectors.sandbox.alarms import Loss, Say
from connectors.sandbox.facts import Row, Stage
from connectors.sandbox.lenders import BAIHANG, PBOC, XINGTU
from connectors.sandbox.life import life
from connectors.sandbox.noise import NONE, Noise
from connectors.sandbox.personas import CARD_OVERDUE, ORDER, persona
from connectors.sandbox.restating import MONTHS
from connectors.sandbox.temperament import SPIRAL, STRETCHED

TODAY = date(2026, 3, 15)
ALWAYS = replace(NONE, missing_month=0.0, restated=1.0)
NEVER = replace(ALWAYS, restated=0.0)


def told(noise: Noise, bureau: str) -> Iterator[bureaus.Seen]:
    """What a bureau knows of the accounts of forty people who are often late."""
    for index in range(40):
        yield from bureaus.accounts(life(7, index, TODAY, STRETCHED, noise=noise), bureau)


@pytest.mark.parametrize("bureau", [PBOC, XINGTU, BAIHANG])
def test_settled_months_are_told_a_month_better_or_worse(bureau: str) -> None:
    """Nothing else of the account changes, nor anything that its status hangs on."""
    steps: Counter[int] = Counter()
    for so, seen in zip(told(NEVER, bureau), told(ALWAYS, bureau), strict=True):
        rows, others = so.account.rows, seen.account.rows
        changed = [at for at, row in enumerate(rows) if row != others[at]]

        assert seen == replace(so, account=replace(so.account, rows=others))
        assert all(max(0, len(rows) - MONTHS - 1) < at < len(rows) - 2 for at in changed)
        assert not changed or changed[-1] - changed[0] < 3
        for at in changed:
            steps[_step(rows[at], others[at])] += 1

    assert all(steps[step] > 10 for step in (-1, 1))
    assert set(steps) == {-1, 1}


def _step(so: Row, said: Row) -> int:
    """How many months later it is told; amounts follow, and nothing else does."""
    assert said == replace(so, months_late=said.months_late, overdue=said.overdue)
    assert (said.overdue > 0) == (said.months_late > 0)
    assert (said.overdue > so.overdue) == (said.months_late > so.months_late)
    assert so.due
    assert so.stage is Stage.RUNNING
    return said.months_late - so.months_late


def test_months_of_arrears_go_first() -> None:
    """What was on time is told as late only of accounts that have nothing to correct."""
    for so, seen in zip(told(NEVER, PBOC), told(ALWAYS, PBOC), strict=True):
        rows = so.account.rows
        late = any(
            row.months_late and row.stage is Stage.RUNNING
            for row in rows[max(1, len(rows) - MONTHS) : -2]
        )
        changed = [row for row, said in zip(rows, seen.account.rows, strict=True) if row != said]
        assert not changed or changed[0].months_late or not late


def test_bureaus_contradict_each_other_in_every_way_that_matters() -> None:
    """Late and on time, late by one band and by another: what merging grids has to settle."""
    pairs: set[frozenset[PaymentStatus]] = set()
    for index in range(40):
        one = life(7, index, TODAY, STRETCHED, noise=ALWAYS)
        grids = {
            bureau: {
                (seen.account.number, row.month): mark
                for seen in bureaus.accounts(one, bureau)
                for row, mark in seen.marks(MONTHS)
            }
            for bureau in (PBOC, XINGTU)
        }
        both = grids[PBOC].keys() & grids[XINGTU].keys()
        pairs |= {frozenset({grids[PBOC][key], grids[XINGTU][key]}) for key in both}

    assert {
        frozenset({PaymentStatus.CURRENT, PaymentStatus.DPD_1_30}),
        frozenset({PaymentStatus.DPD_1_30, PaymentStatus.DPD_31_60}),
    } <= pairs


def test_bought_debts_and_personas_are_told_as_they_are() -> None:
    """No bureau has months of the one, and the other shows what it is cast for."""
    moving = replace(ALWAYS, sold=1.0)
    for seen in told(moving, XINGTU):
        if seen.account.kind is AccountKind.COLLECTION:
            assert not any(row.months_late for row in seen.account.rows)
    for name in ORDER:
        so, noisy = (persona(name, 7, TODAY, noise=noise) for noise in (NEVER, ALWAYS))
        for bureau in (PBOC, XINGTU, BAIHANG):
            assert bureaus.accounts(so, bureau) == bureaus.accounts(noisy, bureau)


def test_a_signal_that_hangs_on_a_month_told_otherwise_is_a_borderline() -> None:
    """Was the card late three months ago? The life and a bureau differ, and noise is why."""
    said = [
        alarms.signals(life(7, index, TODAY, SPIRAL, noise=ALWAYS))[CARD_OVERDUE]
        for index in range(40)
    ]
    before = [
        alarms.signals(life(7, index, TODAY, SPIRAL, noise=NEVER))[CARD_OVERDUE]
        for index in range(40)
    ]

    assert any(one.say is Say.BORDERLINE and Loss.NOISE in one.why for one in said)
    assert all(one.say in {two.say, Say.BORDERLINE} for one, two in zip(said, before, strict=True))
    assert not any(Loss.NOISE in one.why for one in before)
