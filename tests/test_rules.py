"""docs/rules.md: every rule has its line, and what the line names is there."""

import re
import tomllib
from pathlib import Path

import pytest

from consent.routes import RouteKind

ROOT = Path(__file__).resolve().parents[1]
PAGE = (ROOT / "docs" / "rules.md").read_text()
LINES = {
    cells[0]: cells
    for line in PAGE.splitlines()
    if re.match(r"\| [RPN]-\d\d ", line)
    and (cells := [cell.strip() for cell in line.strip("|").split("|")])
}
IDS = [
    *(f"R-{n:02d}" for n in range(1, 18)),
    *(f"P-{n:02d}" for n in range(1, 17)),
    *(f"N-{n:02d}" for n in range(1, 7)),
]


def test_every_rule_has_its_line() -> None:
    """A rule nobody wrote down is a rule nobody keeps."""
    assert list(LINES) == IDS


@pytest.mark.parametrize("rule", IDS)
def test_what_shows_a_rule_is_there(rule: str) -> None:
    """A test that was renamed shows nothing; a rule without one says why it is not enforced."""
    _, _, _, kept, shown = LINES[rule]
    named = re.findall(r"`(tests/[\w/]+\.py)::(\w+)`", shown)
    for path, name in named:
        assert f"def {name}(" in (ROOT / path).read_text(), f"{path} has no {name}"

    assert named or kept.startswith("not enforced: ")


@pytest.mark.parametrize("rule", IDS)
def test_what_keeps_a_rule_is_there(rule: str) -> None:
    """The reader of the line looks into the module next."""
    named = re.findall(r"`((?:consent|connectors|gateway|config)/[^`]+)`", LINES[rule][3])

    assert [path for path in named if not (ROOT / path).exists()] == []


def test_the_table_of_routes_is_the_one_of_the_law() -> None:
    """Every route has its line, and what the law lets it carry is what is said."""
    law = tomllib.loads((ROOT / "config" / "jurisdictions" / "cn.toml").read_text())["routes"]
    told = {
        found[1]: [cell.strip() for cell in line.strip("|").split("|")]
        for line in PAGE.splitlines()
        if (found := re.match(r"\| `(\w+)(?::<id>)?` \|", line))
    }

    assert set(told) == set(law) == set(RouteKind)
    for kind, rule in law.items():
        _, carries, needs, _ = told[kind]
        assert (carries == "nothing") == (not rule["scopes"])
        assert re.findall(r"`(\w+)`", needs) == rule.get("licenses", [])
