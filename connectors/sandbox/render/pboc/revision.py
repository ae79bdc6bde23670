"""What the revision of 2017 wrote differently (china.md 1.6), for the reports that still do.

Queries by month only, institution type 2010 on queries, the operator in the head, and tags: those
of 2019 are not there yet, four of its own are, and some files put the 60 months' status into
PD01ES01. No public source says what its own tags hold or whom 2010 stands for: here they hold
zeros, and banks ask as 2010.
"""

from collections.abc import Iterable
from datetime import date

from lxml import etree

from connectors.money import Month
from connectors.records import LenderType
from connectors.sandbox.dice import happens, seeded
from connectors.sandbox.facts import Life
from connectors.sandbox.render.pboc import codes

_OF_2019 = ("PD01BR04", "PD02AI04", "PD02AJ03", "PD02AJ04", "PD03AD08", "PD03AQ02")
_STATUS_IN_PD01ES01 = 0.25  # of reports of 2017; china.md 1.6 knows it from one file


def of_2017(life: Life) -> bool:
    """This person's report is written the old way."""
    return happens(seeded("revision", life.seed, life.index), life.noise.revision_2017)


def asked_on(life: Life, on: date) -> date | Month:
    """The day of a query, or its month."""
    return Month.of(on) if of_2017(life) else on


def institution(life: Life, kind: LenderType) -> str:
    """The type of the institution that asked."""
    if kind is LenderType.BANK and of_2017(life):
        return codes.BANK_2017
    return codes.INSTITUTION[kind]


def put_back(life: Life, chapters: Iterable[etree._Element]) -> None:
    """Turn the chapters of a report of 2017 into what that year wrote; leave others alone."""
    if not of_2017(life):
        return
    odd = happens(seeded("status", life.seed, life.index), _STATUS_IN_PD01ES01)
    for node in chapters:
        for later in list(node.iter(*_OF_2019)):
            _parent(later).remove(later)
        for summary in node.iter("PC02"):
            _add_ignored_summary(summary)
        for agreement in node.iter("PD02A"):
            for tag in ("PD02AJ02", "PD02AD05"):
                etree.SubElement(agreement, tag).text = "0"
        if odd:
            _move_status(node)


def _add_ignored_summary(summary: etree._Element) -> None:
    """PC02J, between the cards and the liabilities."""
    ours = etree.Element("PC02J")
    for tag in ("PC02JS01", "PC02JJ01"):
        etree.SubElement(ours, tag).text = "0"
    after = summary.find("PC02K")
    summary.insert(len(summary) if after is None else summary.index(after), ours)


def _move_status(chapter: etree._Element) -> None:
    """PD01ES01 holds the status of a month, where later the number of months stands."""
    for count in list(chapter.iter("PD01ES01")):
        _parent(count).remove(count)
    for status in chapter.iter("PD01ED01"):
        status.tag = "PD01ES01"


def _parent(node: etree._Element) -> etree._Element:
    found = node.getparent()
    if found is None:
        raise ValueError("a chapter is no tag of a revision")
    return found
