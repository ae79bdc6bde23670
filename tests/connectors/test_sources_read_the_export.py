"""What `creditgate sandbox write` wrote, read by our connectors, is what its truth table says."""

from collections.abc import Iterator
from dataclasses import replace
from datetime import UTC, date, datetime
from pathlib import Path
from typing import Any

import orjson
import pytest

from connectors.http import RawAnswer
from connectors.records import Identity, NoHit, Report, Tradeline
from connectors.sandbox import export
from connectors.sandbox.desks import PARTNERS
from connectors.sandbox.lenders import BAIHANG, BAIRONG, PBOC
from connectors.sandbox.mixups import NAMING
from connectors.sandbox.noise import HEAVY
from connectors.sandbox.world import World
from tests.connectors.test_sources_read_the_sandbox import connector

NOON = datetime(2026, 3, 1, 4, tzinfo=UTC)
WORLD = World(
    seed=11,
    today=date(2026, 3, 1),
    size=60,
    noise=replace(HEAVY, crossed=0.1, mixed=0.1),
    staged=0.1,
)
Line = dict[str, Any]


@pytest.fixture(scope="module", name="written")
def _written(tmp_path_factory: pytest.TempPathFactory) -> tuple[Path, list[Line]]:
    directory = tmp_path_factory.mktemp("world")
    export.write(WORLD, directory, 0)
    lines = (directory / "truth" / "000000.jsonl").read_bytes().splitlines()
    return directory, [orjson.loads(line) for line in lines]


def reports(written: tuple[Path, list[Line]], source: str) -> Iterator[tuple[Line, Report]]:
    """Every payload of a source as its connector reads it, with the line of the borrower."""
    directory, lines = written
    reader = connector(source)
    folder = directory / "payloads" / source / "000000"
    for line in lines:
        path = folder / export.file_name(source, line["index"])
        assert path.is_file() == (source in line["answers"])
        if path.is_file():
            report = reader.read(RawAnswer(path.read_bytes(), NOON))
            assert isinstance(report, Report | NoHit)
            if isinstance(report, Report):
                yield line, report


@pytest.mark.parametrize("source", [PBOC, BAIHANG, BAIRONG, *PARTNERS])
def test_every_payload_can_be_read(written: tuple[Path, list[Line]], source: str) -> None:
    """A tester feeds these files to a gateway; one that breaks the contract would stop them."""
    assert list(reports(written, source))


def test_the_table_names_every_record(written: tuple[Path, list[Line]]) -> None:
    """Two records under one account are one loan: that is what merging is measured by."""
    _, lines = written
    for line, report in reports(written, PBOC):
        owner = lines[line["answers"][PBOC]["about"]]
        read = [one.account_ref for one in report.records if isinstance(one, Tradeline)]
        told = [a["records"][PBOC] for a in owner["accounts"] if PBOC in a["records"]]

        assert read == told


def test_the_table_says_whom_an_answer_names(written: tuple[Path, list[Line]]) -> None:
    """A crossed answer names another person; a mixed file names the one asked for."""
    _, lines = written
    seen = set()
    for line, report in reports(written, PBOC):
        answer = line["answers"][PBOC]
        named = lines[answer["about"]] if answer["wrong"] == "crossed" else line
        (who,) = (one for one in report.records if isinstance(one, Identity))
        born = lines[answer["about"]]["person"]["born"]

        assert who.name == named["person"]["name"]
        assert who.documents[0].number == named["person"]["id_number"]
        assert str(who.birth_date) == born
        seen.add(answer["wrong"])
    assert seen == {None, "crossed", "mixed"}


@pytest.mark.parametrize("source", sorted(NAMING - {PBOC}))
def test_wrong_answers_are_in_the_table(written: tuple[Path, list[Line]], source: str) -> None:
    """An identity in a payload that fits its owner's line only, whoever was asked for."""
    _, lines = written
    wrong = 0
    for line, report in reports(written, source):
        answer = line["answers"][source]
        owner = lines[answer["about"]]["person"]
        tails = {
            document.number[-1]
            for one in report.records
            if isinstance(one, Identity)
            for document in one.documents
        }

        assert tails <= {owner["id_number"][-1], owner["id_number"][-2]}
        wrong += answer["wrong"] is not None
    assert wrong
