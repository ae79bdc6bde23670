"""The counts as tables, and whether the goals are met.

Goals of the project, with default noise: precision at least 0.999 and recall at least 0.99 for
loans; with any noise, nobody else's answer merged. And with default noise nine in a thousand of a
subject's own answers may wait for a person to look at them, not more: ours, so that nobody is kept
from a wrong merge by merging nothing.
"""

from collections.abc import Iterable, Iterator

from rich.console import Console
from rich.table import Table

from benchmarks.quality.measure import CONTRARY, Tally
from connectors.sandbox.alarms import Say
from connectors.sandbox.mixups import Form
from connectors.sandbox.noise import DEFAULT
from connectors.sandbox.world import World
from gateway.profile import SignalState

PRECISION, RECALL = 0.999, 0.99
OWN_MERGED = 0.991
_NOBODY_ELSE = "nobody else's answer in a profile"
_BECAME = ("merged", "review", "mismatch")


def show(console: Console, world: World, tally: Tally) -> bool:
    """Print everything about one population; True when a goal is missed."""
    counts = tally.counts
    console.rule(
        f"world {world.seed} of {world.today}: {counts['borrowers',]} borrowers, "
        f"{world.noise.name} noise",
        align="left",
    )
    console.print(_loans(tally), _persons(tally), _attributes(tally), _signals(tally))
    missed = list(_missed(world, tally))
    for goal in missed:
        console.print(f"[red]missed: {goal}[/]")
    return bool(missed)


def show_wrong(console: Console, world: World, tally: Tally) -> bool:
    """Print what became of the wrong answers of a larger population; True when one was merged."""
    console.rule(
        f"world {world.seed} of {world.today}: all wrong answers about {world.size} borrowers, "
        f"{world.noise.name} noise",
        align="left",
    )
    console.print(_persons(tally, own=False))
    merged = wrongly_merged(tally)
    if merged:
        console.print(f"[red]missed: {_NOBODY_ELSE} ({merged} are)[/]")
    return bool(merged)


def precision(tally: Tally) -> float:
    """Of the pairs merged, those that are one loan; 1 when none was merged."""
    return _share(tally.counts["loan", "right"], tally.counts["loan", "found"])


def recall(tally: Tally) -> float:
    """Of the pairs that are one loan, those merged; 1 when there is none."""
    return _share(tally.counts["loan", "right"], tally.counts["loan", "true"])


def wrongly_merged(tally: Tally) -> int:
    """Answers about somebody else that are in a profile."""
    return sum(
        count
        for topic, count in tally.counts.items()
        if topic[0] == "person" and topic[1] != "own" and topic[-1] == "merged"
    )


def own_merged(tally: Tally) -> float:
    """Of the answers about the subject, those merged: the recall of same-person decisions."""
    own = {topic: n for topic, n in tally.counts.items() if topic[:2] == ("person", "own")}
    return _share(sum(n for topic, n in own.items() if topic[-1] == "merged"), sum(own.values()))


def _missed(world: World, tally: Tally) -> Iterator[str]:
    if world.noise == DEFAULT:
        if precision(tally) < PRECISION:
            yield f"precision of loans {PRECISION}"
        if recall(tally) < RECALL:
            yield f"recall of loans {RECALL}"
        if own_merged(tally) < OWN_MERGED:
            yield f"{OWN_MERGED} of the subject's own answers merged ({own_merged(tally):.5f} are)"
    if wrongly_merged(tally):
        yield _NOBODY_ELSE


def _loans(tally: Tally) -> Table:
    counts = tally.counts
    table = _table("one loan at two sources", "records", "pairs", "merged", "precision", "recall")
    right = counts["loan", "right"]
    table.add_row(
        str(counts["loan", "records"]),
        str(counts["loan", "true"]),
        f"{counts['loan', 'found']}, {counts['loan', 'found'] - right} wrong",
        f"{precision(tally):.5f}",
        f"{recall(tally):.5f}",
    )
    return table


def _persons(tally: Tally, *, own: bool = True) -> Table:
    table = _table("whose answer", "", "answers", *_BECAME)
    topics = {topic[1:3] for topic in tally.counts if topic[0] == "person"}
    if not own:
        topics = {topic for topic in topics if topic[0] != "own"}
    for form, who in sorted(topics, key=lambda topic: (topic[0] != "own", topic)):
        became = [tally.counts["person", form, who, word] for word in _BECAME]
        name = f"own, {who}" if form == "own" else f"{Form(form)}, {who}'s"
        table.add_row(name, str(sum(became)), *map(str, became))
    return table


def _attributes(tally: Tally) -> Table:
    table = _table("attributes", "", "borrowers", "right by what was told", "right by the life")
    for name in _names(tally, "attribute", 1):
        every = tally.counts["attribute", name, "told", "all"]
        told, life = (
            _share(tally.counts["attribute", name, against, "right"], every)
            for against in ("told", "life")
        )
        table.add_row(name, str(every), f"{told:.4f}", f"{life:.4f}")
    return table


def _signals(tally: Tally) -> Table:
    """How often each said what, by what is so; `wrong` is a signal that says the contrary."""
    said = ", ".join(SignalState)
    table = _table(f"signals of all lives: {said}", "", *(f"truth: {say}" for say in Say), "wrong")
    for name in _names(tally, "signal", 1):
        cells = [
            ", ".join(str(tally.counts["signal", name, say, state]) for state in SignalState)
            for say in Say
        ]
        table.add_row(name, *cells, str(contradicted(tally, name)))
    return table


def contradicted(tally: Tally, name: str) -> int:
    """Lives of which a signal says the contrary of what is so; a borderline has none."""
    return sum(tally.counts["signal", name, *pair] for pair in CONTRARY)


def _names(tally: Tally, topic: str, place: int) -> Iterable[str]:
    return sorted({one[place] for one in tally.counts if one[0] == topic})


def _share(part: int, whole: int) -> float:
    return part / whole if whole else 1.0


def _table(title: str, *columns: str) -> Table:
    table = Table(title=title, title_justify="left", box=None, pad_edge=False)
    for column in columns:
        table.add_column(column, justify="right" if column else "left")
    return table
