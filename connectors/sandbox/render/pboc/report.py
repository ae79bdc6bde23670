"""The report itself: every chapter in the order of the samples, empty ones as empty tags."""

from collections.abc import Iterable
from datetime import datetime

from lxml import etree

from connectors.sandbox.facts import Life
from connectors.sandbox.render.pboc import accounts, others, person, summaries
from connectors.sandbox.render.pboc.ink import Blank, Ink, chapter
from connectors.sandbox.render.pboc.lines import lines
from connectors.sandbox.render.pboc.person import Ask

CHAPTERS = (
    "PRH", "PIM", "PMM", "PRM", "POM", "PSM", "PCO", "PNO", "PPO", "PQO", "PCA", "PDA", "PCR",
    "PND", "POT", "PCJ", "PCE", "PAP", "PHF", "PBS", "PPQ", "PAH", "POS", "POQ",
)  # fmt: skip


def report(life: Life, ask: Ask, *, number: str, at: datetime) -> str:
    """The report as XML text without a declaration. Borrowers take turns in spelling nulls."""
    ink = Ink(list(Blank)[life.index % len(Blank)])
    shown = lines(life)
    content: dict[str, Iterable[etree._Element]] = {
        "PRH": [person.head(ink, life, ask, number, at)],
        "PIM": [person.identity(ink, life)],
        "PMM": [person.marriage(ink, life)],
        "PRM": person.residences(ink, life),
        "POM": person.occupations(ink, life),
        "PSM": person.score(ink, life, shown),
        "PCO": summaries.credit(ink, life, shown),
        "PNO": summaries.postpaid(ink, life),
        "PPO": summaries.public(ink, life),
        "PQO": summaries.queries(ink, life),
        "PCA": others.agreements(ink, life, shown),
        "PDA": accounts.units(ink, shown),
        "PCR": others.liabilities(ink, life),
        "PND": others.postpaid(ink, life),
        "PHF": others.housing_fund(ink, life),
        "POQ": others.queries(ink, life),
    } | {tag: others.public(ink, life, tag) for tag in others.PUBLIC_CHAPTERS}
    root = etree.Element("Document")
    root.extend([chapter(tag, content.get(tag, ())) for tag in CHAPTERS])
    return etree.tostring(root, encoding="unicode")
