"""`creditgate sandbox write`: a population and its truth in files."""

from pathlib import Path

import orjson
import pytest
from typer.testing import CliRunner, Result

from gateway.cli.app import app


def write(directory: Path, *options: str) -> Result:
    call = ["sandbox", "write", "--borrowers", "20", "--out", str(directory), "--jobs", "1"]
    return CliRunner().invoke(app, [*call, "--today", "2026-03-01", *options])


def test_a_population_is_written_and_described(tmp_path: Path) -> None:
    """A tester finds payloads, truth, and what they were made from."""
    done = write(tmp_path / "new", "--seed", "5", "--noise", "heavy", "--json")

    assert done.exit_code == 0, done.output
    manifest = orjson.loads((tmp_path / "new" / "world.json").read_bytes())
    assert (manifest["seed"], manifest["borrowers"]) == (5, 20)
    assert manifest["noise"]["level"] == "heavy"
    assert len((tmp_path / "new" / "truth" / "000000.jsonl").read_bytes().splitlines()) == 20
    assert any((tmp_path / "new" / "payloads" / "pboc" / "000000").iterdir())


def test_a_directory_that_holds_something_is_left_alone(tmp_path: Path) -> None:
    """Two populations in one place would be one wrong truth table."""
    (tmp_path / "kept.txt").write_text("mine")
    refused = write(tmp_path)

    assert refused.exit_code == 2
    assert "new or empty directory" in refused.output
    assert [path.name for path in tmp_path.iterdir()] == ["kept.txt"]


def test_a_file_in_the_place_is_said_to_be_no_directory(tmp_path: Path) -> None:
    """The answer to a wrong path is a sentence, not a traceback."""
    (tmp_path / "file").write_text("mine")
    refused = write(tmp_path / "file")

    assert refused.exit_code == 2
    assert "a directory that can be written to" in refused.output


@pytest.mark.parametrize("noise", ["loud", ""])
def test_an_unknown_noise_is_told_the_known_ones(tmp_path: Path, noise: str) -> None:
    """What would have been right stands in the error."""
    refused = write(tmp_path, "--noise", noise)

    assert refused.exit_code == 2
    assert "none, default, heavy" in refused.output
