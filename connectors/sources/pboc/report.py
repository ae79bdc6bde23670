"""The report inside a D102 message: XML in, records and issues out; pure.

Source document: CCRC, personal credit report product description (second generation), 2017-08
to 2020-07. Amounts are whole yuan, times are China's (UTC+8), null has four spellings. What
goes where is `fields.csv`, printed in `docs/sources/pboc.md`.
"""

import re
from collections.abc import Callable, Iterator
from datetime import UTC, datetime, timedelta

from lxml import etree

from connectors.errors import SourceBrokeContract
from connectors.normalise import report_number
from connectors.records import IssueKind, Record, Report
from connectors.sources.pboc import dictionary
from connectors.sources.pboc.crosscheck import crosscheck
from connectors.sources.pboc.frame import CHINA
from connectors.sources.pboc.issues import Issues
from connectors.sources.pboc.summaries import metrics
from connectors.sources.pboc.units import Parts, Units
from connectors.sources.pboc.values import NULLS, Raw, Reading
from connectors.sources.pboc.walk import Element, Walk

_OLDEST_REPORT = 2006  # the year CCRC opened

_TIME = re.compile(r"[0-9]{4}-[0-9]{2}-[0-9]{2}T[0-9]{2}:[0-9]{2}:[0-9]{2}")
_CLOCKS_DIFFER = timedelta(hours=1)

# Where the report says what it is and about whom: a second one makes it two reports.
_SECOND_HEADER = etree.XPath(
    "boolean(PRH[2] | PRH/PA01[2] | PRH/PA01/PA01A[2] | PRH/PA01/PA01B[2])"
)
_ASKED = dictionary.group("PRH/PA01/PA01B")
_PERSON = frozenset({"PA01BQ01", "PA01BD01", "PA01BI01"})  # name, document and its number

_SUMMARIES = ("PCO/PC02", "PQO/PC05")  # units made of segments
_FLAT_SUMMARIES = ("PNO/PC03", "PPO/PC04")


def read_report(xml: bytes, *, source: str, received_at: datetime, partial: bool = False) -> Report:
    """Read the report `xml` (UTF-8); `partial` when the bureau cut it for its length.

    SourceBrokeContract when it is not XML, has no report header with number and time, or is two
    reports in one; any other oddity is an issue of the report.
    """
    issues = Issues(source)
    walk = Walk(source, xml, issues)
    _refuse_two(source, walk)
    chapters = walk.parts(walk.root, dictionary.ROOT)
    header = _single(walk, chapters, "PRH/PA01")
    if header is None:
        raise SourceBrokeContract(source, "no_header", "the report has no PRH/PA01")
    head = walk.parts(header, dictionary.group("PRH/PA01"))
    named = walk.leaves(head.get("PA01A"), dictionary.group("PRH/PA01/PA01A"))
    report_id = report_number.read(named.get("PA01AI01"))
    if report_id is None or report_id in NULLS:
        raise SourceBrokeContract(source, "no_report_number", "PA01AI01 is no number")
    made_at = _time(source, named)
    if made_at > received_at + _CLOCKS_DIFFER:
        issues.add(IssueKind.BAD_VALUE, "PA01AR01", "a time, but later than it was received")
    today = made_at.date()
    reading = Reading(source, today, today.isoformat(), issues)
    records = tuple(_records(Units(walk, reading), chapters, head))
    walk.finish()
    if not partial:
        crosscheck(records, today, issues)
    return Report(
        source=source,
        report_id=report_id,
        as_of=made_at.astimezone(UTC),
        version=f"second generation {walk.revision}".strip(),
        records=records,
        issues=issues.drain(),
        partial=partial,
    )


def _refuse_two(source: str, walk: Walk) -> None:
    """SourceBrokeContract when there are two headers, two persons, or two lists of one kind.

    Nobody knows whose debts a report about two people lists. Of two lists that differ neither
    is the whole, and without both the subject would seem to owe nothing.
    """
    if _SECOND_HEADER(walk.root):
        raise SourceBrokeContract(source, "second_header", "the report has two headers")
    asked = walk.root.find(_ASKED.path)
    if asked is not None and not _PERSON.isdisjoint(walk.twins(asked, _ASKED)):
        raise SourceBrokeContract(source, "second_header", "the report names two people")
    chapters = dictionary.ROOT.groups
    for tag in chapters.keys() & walk.twins(walk.root, dictionary.ROOT):
        if chapters[tag].lists:
            raise SourceBrokeContract(source, "second_list", f"two {tag} that differ")


def _time(source: str, named: Raw) -> datetime:
    """The report time PA01AR01, `YYYY-MM-DDThh:mm:ss` of China."""
    text = (named.get("PA01AR01") or "").strip()
    if _TIME.fullmatch(text) is None:
        raise SourceBrokeContract(source, "no_report_time", "PA01AR01 is no time")
    try:
        made_at = datetime.fromisoformat(text).replace(tzinfo=CHINA)
    except ValueError:
        raise SourceBrokeContract(source, "no_report_time", "PA01AR01 is no time") from None
    if made_at.year < _OLDEST_REPORT:
        raise SourceBrokeContract(source, "no_report_time", "PA01AR01 lies before CCRC")
    return made_at


def _single(walk: Walk, chapters: Parts, path: str) -> Element | None:
    """The one unit at `path`, None when the chapter or the unit is not there."""
    chapter, unit = path.split("/")
    if chapter not in chapters:
        return None
    return walk.parts(chapters[chapter], dictionary.group(chapter)).get(unit)


def _each(walk: Walk, chapters: Parts, path: str) -> Iterator[tuple[Element, str]]:
    """All units at `path` with their record ids, counted from 1 as XPath does."""
    chapter, unit = path.split("/")
    if chapter in chapters:
        for n, element in enumerate(chapters[chapter].iterchildren(unit), 1):
            walk.taken += 1
            yield element, f"{path}[{n}]"


def _records(units: Units, chapters: Parts, head: Parts) -> Iterator[Record]:
    """All records in the order of the report."""
    walk, reading = units.walk, units.reading
    about = _single(walk, chapters, "PIM/PB01")
    basic = {} if about is None else walk.parts(about, dictionary.group("PIM/PB01"))
    yield units.identity(head, basic, _single(walk, chapters, "PMM/PB02"))
    if "PA01D" in head:
        alert = units.fraud_alert(head["PA01D"], "PRH/PA01/PA01D")
        if alert is not None:
            yield alert
    if "PA01E" in head:
        yield from metrics(walk, reading, head["PA01E"], "PRH/PA01/PA01E")
    if "PB01B" in basic:
        yield from units.phones(basic["PB01B"], "PIM/PB01/PB01B")
    score = _single(walk, chapters, "PSM/PC01")
    if score is not None:
        yield units.score(score, "PSM/PC01")
    yield from _summaries(units, chapters)
    for path, read in _UNITS:
        for element, record_id in _each(walk, chapters, path):
            record = read(units, element, record_id)
            if record is not None:
                yield record


def _summaries(units: Units, chapters: Parts) -> Iterator[Record]:
    for path in (*_SUMMARIES, *_FLAT_SUMMARIES):
        unit = _single(units.walk, chapters, path)
        if unit is None:
            continue
        if path in _FLAT_SUMMARIES:
            yield from metrics(units.walk, units.reading, unit, path)
            continue
        group = dictionary.group(path)
        for tag, segment in units.walk.parts(unit, group).items():
            if tag in group.groups:
                yield from metrics(units.walk, units.reading, segment, f"{path}/{tag}")


_UNITS: tuple[tuple[str, Callable[[Units, Element, str], Record | None]], ...] = (
    ("PRM/PB03", Units.address),
    ("POM/PB04", Units.employment),
    ("PCA/PD02", Units.agreement),
    ("PDA/PD01", Units.account),
    ("PCR/PD03", Units.liability),
    ("PND/PE01", Units.postpaid),
    ("POT/PF01", Units.public_record),
    ("PCJ/PF02", Units.public_record),
    ("PCE/PF03", Units.public_record),
    ("PAP/PF04", Units.public_record),
    ("PHF/PF05", Units.contribution),
    ("PBS/PF06", Units.public_record),
    ("PPQ/PF07", Units.public_record),
    ("PAH/PF08", Units.public_record),
    ("POS/PG01", Units.statement),
    ("POQ/PH01", Units.inquiry),
)
