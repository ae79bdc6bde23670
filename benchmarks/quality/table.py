"""The counts as tables, and whether the goals are met.

Goals of the project, with default noise: precision at least 0.999 and recall at least 0.99 for
loans; with any noise, nobody else's answer merged, and no signal that says the contrary of what is
so. Two more, with default noise, are ours: nine in a thousand of a subject's own answers may wait
for a person to look at them, not more, so that nobody is kept from a wrong merge by merging
nothing; and links of sold debts have a precision of at least 0.99, and a recall of at least 0.90.
"""

from collections.abc import Iterable, Iterator
from itertools import chain, zip_longest

from rich.console import Console
from rich.table import Table

from benchmarks.quality.measure import CONTRARY
from benchmarks.quality.tally import Tally
from connectors.sandbox.alarms import Say
from connectors.sandbox.mixups import Form
from connectors.sandbox.noise import DEFAULT
from connectors.sandbox.world import World
from gateway.profile import SignalState
from gateway.profile.relations import LinkKind

PRECISION, RECALL = 0.999, 0.99
OWN_MERGED = 0.991
LINK_PRECISION, LINK_RECALL = 0.99, 0.90
LINKS_LEAST = 100  # of a dozen debts, as in a quick run, one is 8 %
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
    console.print(_loans(tally), _moved(tally), _persons(tally))
    console.print(_attributes(tally), _signals(tally))
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


def precision(tally: Tally, sort: str = "all") -> float:
    """Of the pairs merged, those that are one loan; 1 when none was merged."""
    return _share(tally.counts["loan", sort, "right"], tally.counts["loan", sort, "found"])


def recall(tally: Tally, sort: str = "all") -> float:
    """Of the pairs that are one loan, those merged; 1 when there is none."""
    return _share(tally.counts["loan", sort, "right"], tally.counts["loan", sort, "true"])


def wrongly_merged(tally: Tally) -> int:
    """Answers about somebody else that are in a profile."""
    return sum(
        count
        for topic, count in tally.counts.items()
        if topic[0] == "person" and topic[1] != "own" and topic[-1] == "merged"
    )


def right_person(tally: Tally) -> float:
    """Of the answers merged, those about the subject: the precision of same-person decisions."""
    merged = {t: n for t, n in tally.counts.items() if t[0] == "person" and t[-1] == "merged"}
    own = sum(n for topic, n in merged.items() if topic[1] == "own")
    return _share(own, sum(merged.values()))


def own_merged(tally: Tally) -> float:
    """Of the answers about the subject, those merged: the recall of same-person decisions."""
    own = {topic: n for topic, n in tally.counts.items() if topic[:2] == ("person", "own")}
    return _share(sum(n for topic, n in own.items() if topic[-1] == "merged"), sum(own.values()))


def link_precision(tally: Tally, kind: LinkKind) -> float:
    """Of the links made, those of one debt; 1 when none was made."""
    return _share(
        tally.counts["moved", kind, "linked right"], tally.counts["moved", kind, "linked"]
    )


def link_recall(tally: Tally, kind: LinkKind) -> float:
    """Of the debts told to have moved, those linked; 1 when there is none."""
    return _share(tally.counts["moved", kind, "found"], tally.counts["moved", kind, "told"])


def _missed(world: World, tally: Tally) -> Iterator[str]:
    if world.noise == DEFAULT:
        if precision(tally) < PRECISION:
            yield f"precision of loans {PRECISION}"
        if recall(tally) < RECALL:
            yield f"recall of loans {RECALL}"
        if own_merged(tally) < OWN_MERGED:
            yield f"{OWN_MERGED} of the subject's own answers merged ({own_merged(tally):.5f} are)"
        sold = LinkKind.SOLD_TO
        many = tally.counts["moved", sold, "told"] >= LINKS_LEAST
        if many and link_precision(tally, sold) < LINK_PRECISION:
            yield f"precision of links of sold debts {LINK_PRECISION}"
        if many and link_recall(tally, sold) < LINK_RECALL:
            yield f"recall of links of sold debts {LINK_RECALL}"
    if wrongly_merged(tally):
        yield _NOBODY_ELSE
    for name in _names(tally, "signal", 1):
        if wrong := contradicted(tally, name):
            yield f"no {name} to the contrary of what is so ({wrong} are)"


def _loans(tally: Tally) -> Table:
    title = f"one loan at two sources, of {tally.counts['records',]} records"
    table = _table(title, "", "pairs", "merged", "precision", "recall")
    for sort in _names(tally, "loan", 1):
        true, found, right = (
            tally.counts["loan", sort, word] for word in ("true", "found", "right")
        )
        table.add_row(
            sort,
            str(true),
            f"{found}, {found - right} wrong",
            f"{precision(tally, sort):.5f}",
            f"{recall(tally, sort):.5f}",
        )
    return table


def _moved(tally: Tally) -> Table:
    """Debts whose old and new account are both in the profile; `told`: the old one says it went."""
    columns = ("", "both sides seen", "of them told", "linked", "precision", "recall of told")
    table = _table("debts that moved", *columns)
    for kind in (LinkKind.SOLD_TO, LinkKind.TRANSFERRED_TO):
        seen, told, linked, right = (
            tally.counts["moved", kind, word] for word in ("seen", "told", "linked", "linked right")
        )
        table.add_row(
            kind.replace("_", " "),
            str(seen),
            str(told),
            f"{linked}, {linked - right} wrong",
            f"{link_precision(tally, kind):.5f}",
            f"{link_recall(tally, kind):.5f}",
        )
    return table


def _persons(tally: Tally, *, own: bool = True) -> Table:
    title = f"whose answer: precision {right_person(tally):.5f}, recall {own_merged(tally):.5f}"
    table = _table(title if own else "whose answer", "", "answers", *_BECAME)
    topics = {topic[1:3] for topic in tally.counts if topic[0] == "person"}
    if not own:
        topics = {topic for topic in topics if topic[0] != "own"}
    for form, who in sorted(topics, key=lambda topic: (topic[0] != "own", topic)):
        became = [tally.counts["person", form, who, word] for word in _BECAME]
        name = f"own, {who}" if form == "own" else f"{Form(form)}, {who}'s"
        table.add_row(name, str(sum(became)), *map(str, became))
    return table


def _attributes(tally: Tally) -> Table:
    """By family, two in a row: how often right by what was told, and by the life."""
    topics = {topic[1:3] for topic in tally.counts if topic[0] == "attribute"}
    title = f"{len(topics)} attributes: right by what was told, right by the life"
    table = _table(title, "", "told", "life", "", "told", "life")
    for family in dict.fromkeys(family for family, _ in sorted(topics)):
        table.add_row(f"[bold]{family}[/]")
        names = sorted(name for one, name in topics if one == family)
        for one, other in zip_longest(names[::2], names[1::2]):
            cells = [(name, *_right(tally, family, name)) for name in (one, other) if name]
            table.add_row(*chain.from_iterable(cells))
    return table


def _right(tally: Tally, family: str, name: str) -> Iterator[str]:
    for against in ("told", "life"):
        every = tally.counts["attribute", family, name, against, "all"]
        right = tally.counts["attribute", family, name, against, "right"]
        yield f"{right / every:.4f}" if every else "-"


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
