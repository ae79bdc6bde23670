"""Sources that change their documents, as the sandbox plays them: both versions are read."""

from dataclasses import replace
from datetime import UTC, date, datetime

import pytest

from connectors.http import RawAnswer
from connectors.records import Inquiry, IssueKind, LenderType, Metric, Record, Report, Tradeline
from connectors.sandbox.facts import Life
from connectors.sandbox.life import life
from connectors.sandbox.noise import DEFAULT, HEAVY, NONE, Noise
from connectors.sandbox.render import bairong
from connectors.sandbox.render.pboc import revision
from connectors.sandbox.render.pboc.person import Ask
from connectors.sandbox.render.pboc.report import report as written
from connectors.sources.pboc.report import read_report
from tests.connectors.test_sources_read_the_sandbox import ORDER, connector

TODAY = date(2026, 3, 15)
NOON = datetime(2026, 3, 15, 4, tzinfo=UTC)
OLD = replace(NONE, revision_2017=1.0)
LIVES = range(40)
ADDED = {"bank.tra", "bank.week", "nbank.nsloan", "rel", "af"}


def pboc(one: Life) -> Report:
    """What PBOC says of this life, as it is read."""
    ask = Ask("A1000000000001", "02", one.person.name, "10", one.person.id_number)
    xml = written(one, ask, number="1", at=NOON).encode()
    return read_report(xml, source="pboc", received_at=NOON)


def test_the_form_of_2017_is_read_as_2017_and_says_the_same() -> None:
    """What is odd about it has no published meaning; everything else is what later ones say.

    With one tag of 2019 left in, nearly all of them were read as reports of 2019.
    """
    odd, statuses = set(), 0
    for index in LIVES:
        old, new = (pboc(life(7, index, TODAY, noise=noise)) for noise in (OLD, NONE))
        assert old.version == "second generation 2017"
        odd |= {(issue.kind, issue.where) for issue in old.issues}
        assert [line.grid for line in lines(old)] == [line.grid for line in lines(new)]
        assert [line.balance for line in lines(old)] == [line.balance for line in lines(new)]
        statuses += sum(len(line.grid) for line in lines(old))
        for before, after in zip(inquiries(old), inquiries(new), strict=True):
            bank = after.institution_type is LenderType.BANK
            assert before.institution_type is (None if bank else after.institution_type)
            assert (before.on.year, before.on.month) == (after.on.year, after.on.month)
            assert before.on.day is None

    assert statuses
    assert odd == {(IssueKind.UNKNOWN_CODE, "PH010D01"), (IssueKind.UNKNOWN_CODE, "PD03AD02")}


def test_some_files_of_2017_hold_the_status_elsewhere() -> None:
    """PD01ES01 held it in one sample; a grid of unknown months would look like a good payer."""
    odd = [
        index
        for index in LIVES
        if "<PD01ER03>" in (text := written_by(life(7, index, TODAY, noise=OLD)))
        and "<PD01ED01>" not in text
    ]

    assert 0 < len(odd) < len(LIVES)


def written_by(one: Life) -> str:
    """The report as text."""
    return written(one, Ask("A", "02", "甲", "10", "1"), number="1", at=NOON)


def test_without_noise_no_report_is_old_or_contradicts_itself() -> None:
    """The renderer and the reader agree on which tags came with 2019."""
    for index in LIVES:
        report = pboc(life(7, index, TODAY))
        assert report.version in {"second generation 2019", "second generation"}
        assert report.issues == ()


@pytest.mark.parametrize("level", [DEFAULT, HEAVY], ids=lambda level: level.name)
def test_a_population_has_old_reports_at_the_rate(level: Noise) -> None:
    """A drift that never happens by default tests nobody's monitoring."""
    template, many = life(7, 0, TODAY, noise=level), 6000
    old = sum(revision.of_2017(replace(template, index=index)) for index in range(many))
    rate = level.revision_2017

    assert rate > 0
    assert abs(old - many * rate) <= 4 * (many * rate) ** 0.5


def test_bairong_adds_classes_and_keeps_the_old_ones() -> None:
    """A source that grows is read further, and what it said before it still says."""
    reader, found = connector("bairong"), set()
    for index in LIVES:
        new = life(7, index, TODAY, noise=replace(NONE, added_classes=1.0))
        read = [
            reader.read(RawAnswer(bairong.answer(one, ORDER, NOON), NOON))
            for one in (replace(new, noise=NONE), new)
        ]
        before, after = (metrics(r.records) if isinstance(r, Report) else {} for r in read)
        assert all(not r.issues for r in read if isinstance(r, Report))
        assert before.items() <= after.items()
        added = {after[name].segment for name in after.keys() - before.keys()}
        assert added <= ADDED
        found |= added

    assert found >= ADDED - {"af"}  # hardly anybody here bought a car within the year


def metrics(records: tuple[Record, ...]) -> dict[str, Metric]:
    """The metrics by the key they came from."""
    return {record.record_id: record for record in records if isinstance(record, Metric)}


def lines(report: Report) -> list[Tradeline]:
    """The accounts, in the order of the report."""
    return [record for record in report.records if isinstance(record, Tradeline)]


def inquiries(report: Report) -> list[Inquiry]:
    """The inquiries, in the order of the report."""
    return [record for record in report.records if isinstance(record, Inquiry)]
