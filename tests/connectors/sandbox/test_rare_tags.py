"""Every tag of the field table is written for somebody, or is named here with the reason.

A tag that no simulated report has is a part of the reader that no population ever exercises.
"""

from collections.abc import Iterable, Iterator
from dataclasses import replace
from datetime import UTC, date, datetime

import pytest
from lxml import etree

from connectors.sandbox.facts import Life, PublicFact, PublicKind
from connectors.sandbox.life import life
from connectors.sandbox.noise import DEFAULT, NONE
from connectors.sandbox.render.pboc import remarks
from connectors.sandbox.render.pboc.ink import Blank, Ink, chapter
from connectors.sandbox.render.pboc.person import Ask
from connectors.sandbox.render.pboc.report import report
from connectors.sandbox.temperament import MIX
from connectors.sandbox.world import World
from connectors.sources.pboc.dictionary import LEAVES

TODAY = date(2026, 3, 15)
NOON = datetime(2026, 3, 15, 4, tzinfo=UTC)
NULLS = {"", "null", "--"}
NEVER = {
    "PCA/PD02/PD02A/PD02AI03": "shown to the agreement's own lender, and none of ours asks",
    "PDA/PD01/PD01F/PD01FH/PD01FS02": "of loans that are extended (A.37 code 1), and none is",
}


def of(one: Life) -> etree._Element:
    """The report as a tree."""
    ask = Ask("A1000000000001", "02", one.person.name, "10", one.person.id_number)
    return etree.fromstring(report(one, ask, number="1", at=NOON).encode())


def filled(node: etree._Element, path: str = "") -> Iterator[str]:
    """The places of all leaves that hold a value."""
    for child in node:
        here = f"{path}/{child.tag}" if path else str(child.tag)
        if len(child):
            yield from filled(child, here)
        elif (child.text or "") not in NULLS:
            yield here


def never(lives: Iterable[Life]) -> set[str]:
    """The places of the field table that hold nothing in any of their reports."""
    left = {leaf.path for leaf in LEAVES}
    for one in lives:
        left -= set(filled(of(one)))
    return left


def test_the_renderer_can_write_every_tag(monkeypatch: pytest.MonkeyPatch) -> None:
    """With everything rare made common, a few lives of each kind have it all."""
    for rate in ("ANNOTATED", "ALERTED", "REMARKED"):
        monkeypatch.setattr(remarks, rate, 0.5)
    noise = replace(NONE, revision_2017=0.3, own_number=0.3)
    lives = (
        replace(life(7, 10 * nth + n, TODAY, who, noise=noise), public=tuple(facts()))
        for nth, (who, _) in enumerate(MIX)
        for n in range(10)
    )

    assert never(lives) == NEVER.keys()


def facts() -> Iterator[PublicFact]:
    """One of each kind, over on two different days, and one that is not."""
    for kind in PublicKind:
        for day, ended in ((3, None), (4, date(2025, 5, 6)), (5, date(2025, 5, 7))):
            yield PublicFact(
                kind=kind,
                authority="示例机构",
                matter="示例事项",
                on=date(2024, 4, day),
                ended=ended,
                amount=100_000,
            )


@pytest.mark.slow
def test_a_population_has_every_tag() -> None:
    """At their own rates too, with the noise that is the default."""
    world = World(seed=7, today=TODAY, size=5000, noise=DEFAULT, cast=(), staged=0.05)

    assert never(map(world.life, range(world.size))) == NEVER.keys()


@pytest.mark.parametrize("tag", [leaf.tag for leaf in LEAVES if leaf.tag.endswith("ZD01")])
def test_a_dispute_of_any_unit_is_one(tag: str) -> None:
    """One that the count in the head leaves out is one nobody goes looking for."""
    notes = [
        remarks.annotation(Ink(Blank.EMPTY), tag.removesuffix("D01"), TODAY, code)
        for code in ("1", "3", "1")
    ]

    assert remarks.disputes(chapter("POS", notes)) == 2


def test_the_head_counts_the_disputes_of_all_chapters(monkeypatch: pytest.MonkeyPatch) -> None:
    """PA01ES01 is where a lender looks whether anything is disputed."""
    monkeypatch.setattr(remarks, "ANNOTATED", 0.5)
    counts = set()
    for index in range(30):
        root = of(life(7, index, TODAY))
        disputes = root.xpath("count(//*[substring(name(), 5) = 'ZD01' and . = '1'])")
        assert int(root.findtext("PRH/PA01/PA01E/PA01ES01") or 0) == disputes
        counts.add(disputes)

    assert len(counts) > 1


def test_rare_remarks_are_rare() -> None:
    """A fraud alert in every report would be overlooked like any alarm that always rings."""
    template = life(7, 0, TODAY)
    people = [replace(template, index=index) for index in range(4000)]
    ink = Ink(Blank.EMPTY)
    alerts = sum(bool(list(remarks.fraud_alert(ink, one))) for one in people)
    remarked = sum(bool(list(remarks.on_the_report(ink, one))) for one in people)

    assert 0 < alerts <= 2 * 4000 * remarks.ALERTED
    assert 0 < remarked <= 2 * 4000 * remarks.REMARKED
