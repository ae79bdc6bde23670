"""The report itself: every chapter in the order of the samples, empty ones as empty tags."""

from collections.abc import Iterable
from datetime import datetime
from functools import lru_cache

from lxml import etree

from connectors.sandbox.facts import Life
from connectors.sandbox.render.pboc import (
    accounts,
    others,
    person,
    remarks,
    revision,
    summaries,
)
from connectors.sandbox.render.pboc.ink import Blank, Ink, chapter
from connectors.sandbox.render.pboc.lines import lines
from connectors.sandbox.render.pboc.person import Ask

CHAPTERS = (
    "PRH", "PIM", "PMM", "PRM", "POM", "PSM", "PCO", "PNO", "PPO", "PQO", "PCA", "PDA", "PCR",
    "PND", "POT", "PCJ", "PCE", "PAP", "PHF", "PBS", "PPQ", "PAH", "POS", "POQ",
)  # fmt: skip


def report(life: Life, ask: Ask, *, number: str, at: datetime) -> str:
    """The report as XML text without a declaration; only its head depends on who asks and when."""
    content, disputes = _content(life)
    about = person.head(_ink(life), life, ask, number=number, at=at, disputes=disputes)
    head = chapter("PRH", [about])
    return f"<Document>{_text(head)}{content}</Document>"


@lru_cache(maxsize=256)  # a demo or a load test asks about the same people again and again
def _content(life: Life) -> tuple[str, int]:
    """All chapters but the head, and how many annotations in them are disputes."""
    ink, shown = _ink(life), lines(life)
    content: dict[str, Iterable[etree._Element]] = {
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
        "POS": remarks.on_the_report(ink, life),
        "POQ": others.queries(ink, life),
    } | {tag: others.public(ink, life, tag) for tag in others.PUBLIC_CHAPTERS}
    chapters = [chapter(tag, content.get(tag, ())) for tag in CHAPTERS[1:]]
    revision.put_back(life, chapters)
    return "".join(map(_text, chapters)), sum(map(remarks.disputes, chapters))


def _ink(life: Life) -> Ink:
    """Borrowers take turns in how their nulls are spelled."""
    return Ink(list(Blank)[life.index % len(Blank)])


def _text(node: etree._Element) -> str:
    return etree.tostring(node, encoding="unicode")
