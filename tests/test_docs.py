"""The documents name what is there: files, commands, routes, codes and words of the code.

A sentence cannot be tested, its nouns can: these keep the documents from naming what was renamed
or removed, and the closed lists of the code from growing without a word for the reader.
"""

import json
import re
import sys
import tomllib
from datetime import UTC, datetime
from enum import StrEnum
from pathlib import Path
from types import ModuleType

import httpx
import pytest
import typer
from typer.core import TyperGroup
from typer.testing import CliRunner

from connectors.base import SourceSettings
from connectors.http import RawAnswer, SourceClient
from connectors.normalise import codes
from connectors.records import AccountStatus, IssueKind, Report, Tradeline
from connectors.sandbox import personas
from connectors.sandbox.world import World
from consent.audit.catalogue import EventType
from consent.decision import RefusalReason, State
from consent.errors import GatewayError
from consent.subject import Scope
from gateway.api.app import ROUTES
from gateway.api.problems import STATUS
from gateway.cli.app import app
from gateway.cli.sandbox import today
from gateway.clients import Role
from gateway.profile import Outcome, SignalState, Verdict

ROOT = Path(__file__).resolve().parents[1]
PAGES = sorted([ROOT / "README.md", ROOT / "CHANGELOG.md", *(ROOT / "docs").rglob("*.md")])
README = (ROOT / "README.md").read_text()
DICTIONARY = (ROOT / "docs" / "dictionary.md").read_text()
CHANGELOG = (ROOT / "CHANGELOG.md").read_text()
ADDING = (ROOT / "docs" / "sources" / "README.md").read_text()
EXAMPLE = "southbank"
"""The source that `docs/sources/README.md` invents; its files exist in no place but there."""

_QUOTED = re.compile(r"`([^`\n]+)`")
_PATH = re.compile(
    r"(?:(?:gateway|connectors|consent|config|docs|tests|benchmarks)/[\w./*-]*|pyproject\.toml|Makefile)"
)
_LINK = re.compile(r"\]\((?!https?:)([^)#]+)")
_MAKE = re.compile(r"\bmake ([a-z]+)")


def prose(text: str) -> str:
    """A page without its fenced blocks."""
    return re.sub(r"^```.*?^```", "", text, flags=re.MULTILINE | re.DOTALL)


def blocks(text: str, language: str) -> list[str]:
    """The fenced blocks of one language."""
    return re.findall(rf"^```{language}\n(.*?)^```", text, flags=re.MULTILINE | re.DOTALL)


def rows(text: str, heading: str) -> list[list[str]]:
    """The cells of the tables under a heading."""
    section = text.partition(f"\n## {heading}\n")[2].partition("\n## ")[0]
    lines = [line for line in section.splitlines() if line.startswith("| ")]
    return [[cell.strip() for cell in line.strip("|").split("|")] for line in lines]


def quoted(text: str) -> set[str]:
    """Everything in backticks."""
    return set(_QUOTED.findall(text))


@pytest.mark.parametrize("page", PAGES, ids=lambda p: str(p.relative_to(ROOT)))
def test_files_that_pages_name_exist(page: Path) -> None:
    """A path in a document is where a reader looks next."""
    named = {
        name
        for name in quoted(prose(page.read_text()))
        if _PATH.fullmatch(name) and EXAMPLE not in name
    }

    assert sorted(n for n in named if not any(ROOT.glob(n.rstrip("/")))) == []


@pytest.mark.parametrize("page", PAGES, ids=lambda p: str(p.relative_to(ROOT)))
def test_links_between_pages_lead_somewhere(page: Path) -> None:
    """A dead link is found by the one who needed it."""
    targets = _LINK.findall(prose(page.read_text()))

    assert [t for t in targets if not (page.parent / t).exists()] == []


def test_every_decision_record_is_in_the_index() -> None:
    """A record nobody finds decides nothing; its title stands in the index word for word."""
    folder = ROOT / "docs" / "adr"
    records = sorted(p for p in folder.glob("*.md") if p.name != "README.md")
    index = (folder / "README.md").read_text()
    for number, record in enumerate(records, start=1):
        head, _, rest = record.read_text().partition("\n")

        assert record.name.startswith(f"{number:04d}-")
        assert head.startswith(f"# {number:04d} ")
        assert f"]({record.name}) | {head[7:]} |" in index
        for part in (
            "Status: ",
            "## Context",
            "## Options",
            "## Outcome",
            "## Consequences",
            "- Bad:",
        ):
            assert part in rest, f"{record.name} lacks {part}"


def test_the_code_cites_decision_records_that_exist() -> None:
    """A comment that says ADR 0004 sends its reader there."""
    known = {p.name[:4] for p in (ROOT / "docs" / "adr").glob("[0-9]*.md")}
    cited = {
        number
        for package in ("gateway", "connectors", "consent")
        for source in (ROOT / package).rglob("*.py")
        for number in re.findall(r"(?:ADR |docs/adr/)(\d{4})", source.read_text())
    }

    assert cited
    assert cited <= known


def test_the_flow_of_a_request_has_eight_steps_with_files() -> None:
    """The README's table is the map of `gateway/pipeline.py`."""
    steps = rows(README, "The flow of a request")[2:]

    assert [cells[0] for cells in steps] == [str(n) for n in range(1, 9)]
    assert all(any(_PATH.fullmatch(name) for name in quoted(cells[2])) for cells in steps)


def test_the_http_table_is_the_router() -> None:
    """A route that is served is documented with its role, and no other is promised."""
    served = {
        f"{r.method} {re.sub(r':[^}]*', '', r.path)} {r.role or 'a secret of the source'}"
        for r in ROUTES
    } | {f"GET /{name} none" for name in ("healthz", "readyz", "openapi.json")}
    documented = {
        f"{cells[0].replace('`', '')} {cells[2].replace('`', '')}"
        for cells in rows(README, "HTTP")
        if cells[0].startswith(("GET", "POST"))
    }

    assert documented == served


def test_the_command_table_is_the_command_line() -> None:
    """A command that exists is documented, and no other is promised."""
    root = typer.main.get_command(app)
    assert isinstance(root, TyperGroup)
    there = set()
    for name, command in root.commands.items():
        inner = list(command.commands) if isinstance(command, TyperGroup) else [""]
        if isinstance(command, TyperGroup) and command.invoke_without_command:
            inner.append("")
        there |= {f"creditgate {name} {sub}".strip() for sub in inner}
    table = "".join(cells[0] for cells in rows(README, "Command line"))

    assert {name for name in quoted(table) if name.startswith("creditgate")} == there


def test_make_targets_that_pages_name_exist() -> None:
    """`make demo` is the first thing anybody types."""
    targets = set(re.findall(r"^([a-z]+):", (ROOT / "Makefile").read_text(), re.MULTILINE))
    named = {
        name for page in PAGES for span in quoted(page.read_text()) for name in _MAKE.findall(span)
    }

    assert {"demo", "test"} <= set(_MAKE.findall(README))
    assert named <= targets


def family(root: type[GatewayError]) -> set[type[GatewayError]]:
    """A class and all that come from it, as far as they are ours."""
    found = {root}.union(*(family(child) for child in root.__subclasses__()))
    return {
        one for one in found if one.__module__.split(".")[0] in ("consent", "connectors", "gateway")
    }


def test_every_error_code_stands_in_the_changelog() -> None:
    """Integrators switch on codes; a new one is news."""
    assert {one.code for one in family(GatewayError)} - quoted(CHANGELOG) == set()


def test_every_problem_is_in_the_readme_with_its_status() -> None:
    """The table says what a caller does next."""
    table = {
        (code, cells[0])
        for cells in rows(README, "HTTP")
        if cells[0].isdigit()
        for code in quoted(cells[1])
    }
    replies = {(kind.code, str(status.value)) for kind, status in STATUS.items()}

    assert replies | {("unknown_route", "404"), ("internal", "500")} == table


@pytest.mark.parametrize(
    "words",
    [EventType, Outcome, RefusalReason, State, Scope, Role, IssueKind, SignalState, Verdict],
    ids=lambda words: words.__name__,
)
def test_every_public_word_is_in_the_dictionary(words: type[StrEnum]) -> None:
    """Closed vocabularies are part of the contract."""
    assert sorted({word.value for word in words} - quoted(DICTIONARY)) == []


def test_events_and_refusals_are_told_to_integrators() -> None:
    """They read the changelog, not the code."""
    assert sorted({word.value for word in (*EventType, *RefusalReason)} - quoted(CHANGELOG)) == []


def test_refusals_are_listed_in_the_order_they_are_tested() -> None:
    """Which objection a caller is told first is part of the contract."""
    listed = DICTIONARY.partition("in the order they are tested:")[2].partition("\n\n")[0]

    assert _QUOTED.findall(listed) == [reason.value for reason in RefusalReason]


def test_the_person_of_the_walk_lives_in_the_sandbox() -> None:
    """Otherwise the walk through the API ends in three no-hits."""
    printed = CliRunner().invoke(app, ["consent", "example", "--persona", "many-lenders"]).stdout
    subject = json.loads(printed)["subject"]

    assert "consent example --persona many-lenders" in README
    assert World(seed=1, today=today()).find(subject["id_number"]) is not None


def test_personas_and_secrets_are_those_of_the_code() -> None:
    """The demo's options and the variables to set before `serve`."""
    config = tomllib.loads((ROOT / "config" / "gateway.toml").read_text())
    variables = {v for source in config["sources"].values() for v in source["secrets"].values()}

    assert set(personas.ORDER) - quoted(README) == {"card-overdue"}  # named with its command
    assert "--persona card-overdue" in README
    assert {v for v in variables if f"{v}=" not in README} == set()


def test_the_example_source_reads_its_example(monkeypatch: pytest.MonkeyPatch) -> None:
    """An example that does not run teaches the wrong thing."""
    table, body, section = (blocks(ADDING, kind)[0] for kind in ("csv", "json", "toml"))
    monkeypatch.setattr(codes, "load", lambda name: codes.parse(name, table.splitlines()))
    module = ModuleType("example_source")
    monkeypatch.setitem(sys.modules, module.__name__, module)
    exec(compile(blocks(ADDING, "python")[0], "docs/sources/README.md", "exec"), vars(module))  # noqa: S102 - our own page
    settings = tomllib.loads(section)["sources"][EXAMPLE]
    client = SourceClient(
        source=EXAMPLE,
        http=httpx.MockTransport(lambda _: httpx.Response(500)),
        url=settings["url"],
        timeout_s=settings["timeout_s"],
        max_body_bytes=settings["max_body_bytes"],
        attempts=settings["attempts"],
    )
    source = module.build(
        client, SourceSettings(EXAMPLE, {}, {}, dict.fromkeys(settings["secrets"], "x"))
    )

    said = source.read(RawAnswer(body.encode(), datetime(2026, 3, 1, 12, tzinfo=UTC)))

    assert isinstance(said, Report)
    assert [type(record) for record in said.records] == [Tradeline]
    assert said.issues == ()
    assert [r.status for r in said.records if isinstance(r, Tradeline)] == [AccountStatus.OVERDUE]
