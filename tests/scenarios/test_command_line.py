"""The command line as an operator uses it: real files, real exit codes."""

import json
import socket
import sqlite3
from contextlib import closing
from datetime import datetime, timedelta, timezone
from pathlib import Path
from typing import Any
from uuid import uuid4

import pytest
from rich.console import Console
from typer.testing import CliRunner, Result

from connectors.sandbox.personas import ORDER
from gateway.cli import demo, session
from gateway.cli.app import app
from gateway.cli.page import draw
from tests.scenarios.given import SECRETS, SOURCES, Stage


def creditgate(*args: str, data: Path | None = None, stdin: str | None = None) -> Result:
    """Run the command with a wide terminal, and the sandbox's secrets in its environment."""
    environment = {**SECRETS, "COLUMNS": "150", "CREDITGATE_DATA": str(data) if data else ""}
    session.out.width = session.err.width = 150
    return CliRunner().invoke(app, list(args), env=environment, input=stdin)


def answer(*args: str, data: Path, stdin: str | None = None) -> Any:
    done = creditgate(*args, "--json", data=data, stdin=stdin)
    assert done.exit_code == 0, done.stderr
    return json.loads(done.stdout)


@pytest.fixture
def data(tmp_path: Path) -> Path:
    """An initialised data folder."""
    folder = tmp_path / "data"
    done = creditgate("init", data=folder)
    assert done.exit_code == 0, done.stderr
    return folder


def granted(data: Path) -> dict[str, Any]:
    example = creditgate("consent", "example").stdout
    found: dict[str, Any] = answer("consent", "grant", "-", data=data, stdin=example)
    return found


def test_the_demo_ends_with_a_profile_and_a_verified_proof() -> None:
    """The first thing anybody runs: six sources, one profile, and the words at the end."""
    done = creditgate("demo", "--once")

    assert done.exit_code == 0, done.stderr
    for source in SOURCES:
        assert f"{source} " in done.stdout
    assert done.stdout.count(" report ") >= len(SOURCES)
    assert "the audit proof verified" in done.stdout


def test_the_demo_speaks_json() -> None:
    """One document on standard output and nothing else, for whoever scripts it."""
    done = creditgate("demo", "--once", "--json")

    document = json.loads(done.stdout)
    lines = document["profile"]["profile"]["sources"]["lines"]
    assert {line["outcome"] for line in lines} == {"report"}
    assert document["verified"]["size"] > 0


def test_an_unknown_persona_is_told_the_known_ones() -> None:
    """Exit 2: the call was wrong, and the message says what would have been right."""
    done = creditgate("demo", "--once", "--persona", "nobody")

    assert done.exit_code == 2
    assert "many-lenders" in done.stderr


def test_the_demo_leaves_the_data_of_the_environment_alone(data: Path) -> None:
    """Where real people are, nobody wants invented ones, nor a client with every role."""
    assert creditgate("demo", "--once", data=data).exit_code == 0
    assert answer("client", "list", data=data) == []


def test_calls_to_copy_are_printed_whole(capsys: pytest.CaptureFixture[str]) -> None:
    """The address of the demo's first call is longer than most terminals are wide."""
    session.err.width = 80
    stage = demo._Stage(None, "http://127.0.0.1:8600", "cg_k", "lender")  # type: ignore[arg-type]
    consent = {"subject": str(uuid4()), "purpose": "loan_origination"}
    demo._invite(stage, {"consent": consent})

    whole = f"/v1/borrowers/{consent['subject']}/profile?purpose=loan_origination'"
    assert whole in capsys.readouterr().err


def test_a_port_that_is_taken_is_said_to_be(data: Path) -> None:
    """Exit 2 and a sentence, no traceback: the set-up is wrong."""
    with closing(socket.create_server(("127.0.0.1", 0))) as taken:
        port = str(taken.getsockname()[1])
        for command in (("serve", "--port", port), ("sandbox", "--port", port)):
            done = creditgate(*command, data=data)

            assert done.exit_code == 2
            assert f"127.0.0.1:{port}: address already in use" in done.stderr


def test_all_variables_that_are_missing_are_named_at_once(data: Path) -> None:
    """Eleven starts to learn eleven names would be ten too many."""
    names = {*list(SECRETS)[:2], "CREDITGATE_LOAN_PURPOSES_SECRET"}
    unset = dict.fromkeys(names, "")
    done = CliRunner().invoke(
        app, ["serve"], env={**SECRETS, **unset, "CREDITGATE_DATA": str(data)}
    )

    assert done.exit_code == 2
    assert all(name in done.stderr for name in names)


@pytest.mark.parametrize(
    "command",
    [
        ("init",),
        ("audit", "export", "{file}/log"),
        ("export-training", "{rows}", "{file}/x.parquet", "--purpose", "loan_origination"),
    ],
)
def test_a_place_that_cannot_be_written_to_is_said_to_be(
    data: Path, tmp_path: Path, command: tuple[str, ...]
) -> None:
    """Exit 2 and the place; a traceback says neither."""
    granted(data)
    (tmp_path / "file").touch()
    (tmp_path / "rows.csv").write_text("subject,at\n")
    places = {"file": tmp_path / "file", "rows": tmp_path / "rows.csv"}
    asked = [part.format(**places) for part in command]
    done = creditgate(*asked, data=tmp_path / "file" / "data" if command == ("init",) else data)

    assert done.exit_code == 2
    assert str(tmp_path / "file") in done.stderr


def test_an_exported_log_that_is_not_there_is_no_broken_one(data: Path) -> None:
    """Exit 2: 1 would say that somebody tampered with it."""
    gone = creditgate("audit", "verify", "--log", str(data / "none"), "--vkey", "x", data=data)

    assert gone.exit_code == 2


@pytest.mark.asyncio(loop_scope="module")
@pytest.mark.parametrize("persona", ORDER)
async def test_every_persona_draws(stage: Stage, persona: str, tmp_path: Path) -> None:
    """A page that trips over a thin file or an odd account is no page."""
    consent = await stage.consented(stage.world.persona(persona))
    reply = await stage.gateway.pull_profile(stage.pull_request(consent))

    with (tmp_path / "page").open("w") as file:
        draw(Console(file=file, width=140), reply)

    page = (tmp_path / "page").read_text()
    for part in ("borrower profile", "sources", "attributes", "signals"):
        assert part in page


def test_keys_are_private_and_survive_a_second_init(data: Path) -> None:
    """Losing or leaking them would be losing or leaking everybody."""
    before = {path.name: path.read_bytes() for path in (data / "keys").iterdir()}
    assert creditgate("init", data=data).exit_code == 0

    assert {path.name: path.read_bytes() for path in (data / "keys").iterdir()} == before
    assert (data / "keys").stat().st_mode & 0o077 == 0
    assert all(path.stat().st_mode & 0o077 == 0 for path in (data / "keys").iterdir())


def test_without_init_nothing_starts(tmp_path: Path) -> None:
    """Exit 2 and the command to run; no store is made by accident."""
    done = creditgate("client", "list", data=tmp_path / "none")

    assert done.exit_code == 2
    assert "creditgate init" in done.stderr
    assert not (tmp_path / "none").exists()


def test_a_client_lives_and_ends(data: Path) -> None:
    """Added, listed, revoked; the key is shown once."""
    new = answer("client", "add", "scoring", "--role", "profile:read", data=data)
    assert new["key"].startswith(f"cg_{new['id']}_")

    answer("client", "revoke", new["id"], data=data)
    (listed,) = answer("client", "list", data=data)
    assert listed["revoked_at"] is not None
    assert "key" not in listed
    assert creditgate("client", "add", "x", "--role", "admin", data=data).exit_code == 2


def test_a_consent_lives_and_ends(data: Path) -> None:
    """Granted from standard input, shown, withdrawn; after that the answer is no, exit 1."""
    consent = granted(data)
    assert answer("consent", "show", consent["id"], data=data)["state"] == "ACTIVE"

    assert answer("consent", "withdraw", consent["id"], data=data)["state"] == "WITHDRAWN"
    again = creditgate("consent", "withdraw", consent["id"], data=data)
    assert again.exit_code == 1
    refused = creditgate("profile", "pull", consent["id"], data=data)
    assert refused.exit_code == 1
    assert "withdrew" in refused.stderr


def test_a_pull_without_a_reachable_source_says_so(data: Path) -> None:
    """Nobody answers at the configured addresses: a profile all the same, that knows nothing."""
    consent = granted(data)

    reply = answer("profile", "pull", consent["id"], "--source", "bairong", data=data)

    (line,) = reply["profile"]["sources"]["lines"]
    assert (line["outcome"], line["reason"]) == ("unavailable", "connect")
    show = ("profile", "show", consent["subject"], "--purpose", "loan_origination")
    assert answer(*show, data=data)["profile"] == reply["profile"]
    assert answer(*show, "--as-of", "2999-01-01", data=data)["profile"] == reply["profile"]
    assert creditgate(*show, "--as-of", "2000-01-01", data=data).exit_code == 2


def test_an_instant_keeps_the_offset_it_is_given_with(data: Path) -> None:
    """Eight hours lost would show what was not known then, or find what is not asked for."""
    consent = granted(data)
    reply = answer("profile", "pull", consent["id"], "--source", "bairong", data=data)
    show = ("profile", "show", consent["subject"], "--purpose", "loan_origination", "--as-of")
    made = datetime.fromisoformat(reply["snapshot"]["at"])
    shanghai = timezone(timedelta(hours=8))
    before, after = (
        (made + timedelta(seconds=off)).astimezone(shanghai).isoformat() for off in (-1, 1)
    )

    assert answer(*show, after, data=data)["snapshot"] == reply["snapshot"]
    assert creditgate(*show, before, data=data).exit_code == 2
    since = ("audit", "search", "--type", "profile.release", "--since")
    assert len(answer(*since, before, data=data)) == 1
    assert answer(*since, after, data=data) == []
    for end in ("0001-01-01T00:00:00+08:00", "9999-12-31T23:00:00-08:00"):
        assert creditgate(*show, end, data=data).exit_code == 2


def test_a_plan_says_whom_a_pull_asks(data: Path) -> None:
    """A plan in place of sources and scopes, never beside them; an unknown one names the others."""
    consent = granted(data)

    reply = answer("profile", "pull", consent["id"], "--plan", "account_review", data=data)
    assert reply["profile"]["sources"]["plan"] == "account_review"
    assert len(reply["profile"]["sources"]["lines"]) == 3
    both = ("--plan", "account_review", "--source", "pboc")
    for wrong, said in ((both, "either --plan"), (("--plan", "x"), "account_review, origination")):
        refused = creditgate("profile", "pull", consent["id"], *wrong, data=data)
        assert refused.exit_code == 2
        assert said in refused.stderr


def test_the_log_verifies_and_a_tampered_export_does_not(data: Path, tmp_path: Path) -> None:
    """Exit 0 and the root, or exit 1 and the first bad index."""
    granted(data)
    assert answer("audit", "verify", data=data)["verified"] is True
    export = answer("audit", "export", str(tmp_path / "log"), data=data)
    log = ("--log", str(tmp_path / "log"), "--vkey", export["vkey"])
    assert answer("audit", "verify", *log, data=data)["verified"] is True

    (bundle,) = (path for path in (tmp_path / "log/tile/entries").rglob("*") if path.is_file())
    spoilt = bytearray(bundle.read_bytes())
    spoilt[-3] ^= 1
    bundle.write_bytes(bytes(spoilt))
    done = creditgate("audit", "verify", *log, "--json", data=data)
    assert done.exit_code == 1
    assert isinstance(json.loads(done.stdout)["index"], int)


def test_searching_the_log_is_on_record(data: Path) -> None:
    """Who looked at whom is itself a question of the auditor."""
    consent = granted(data)
    answer("audit", "search", "--subject", consent["subject"], data=data)

    newest = answer("audit", "search", "--type", "audit.read", data=data)[0]["entry"]
    assert newest["actor"]["kind"] == "operator"
    assert newest["subject"] is not None


@pytest.mark.parametrize("width", [80, 160])
def test_the_log_tells_who_looked_at_whom_when_and_why(data: Path, width: int) -> None:
    """An auditor reads it in any terminal: nothing cut off, and that there is more is said."""
    consent = granted(data)
    answer("profile", "pull", consent["id"], "--source", "social_insurance", data=data)
    (entry,) = answer("audit", "search", "--type", "profile.release", data=data)
    session.out.width = width
    environment = {"CREDITGATE_DATA": str(data)}
    page = CliRunner().invoke(app, ["audit", "search", "--limit", "5"], env=environment).stdout

    told = entry["entry"]
    when = told["ts"][:19].replace("T", " ")
    for part in (when, "profile.release", "social_insurance", told["subject"][:8], told["purpose"]):
        assert part in page
    assert told["actor"]["id"] in page
    assert "older ones" in page
    assert "…" not in page


def test_a_pull_replays_and_says_what_is_missing(data: Path, tmp_path: Path) -> None:
    """Exit 0 and the very bytes in a private file; exit 1 with the thing that is gone."""
    consent = granted(data)
    reply = answer("profile", "pull", consent["id"], "--source", "bairong", data=data)
    snapshot = reply["snapshot"]["id"]
    file = tmp_path / "reply.json"

    done = creditgate("audit", "replay", snapshot, "--write", str(file), data=data)
    assert done.exit_code == 0, done.stderr
    assert "the same bytes" in done.stdout
    assert json.loads(file.read_bytes()) == reply
    assert file.stat().st_mode & 0o077 == 0
    assert answer("audit", "replay", reply["snapshot"]["entry"], data=data)["proven"] is True
    assert creditgate("audit", "replay", snapshot, "--write", str(file), data=data).exit_code == 2
    assert creditgate("audit", "replay", consent["id"], data=data).exit_code == 2

    with closing(sqlite3.connect(data / "creditgate.db")) as db, db:
        db.execute("DELETE FROM snapshot")
    done = creditgate("audit", "replay", snapshot, data=data)
    assert done.exit_code == 1
    assert f"snapshot {snapshot}: it is gone" in done.stderr
    lacking = json.loads(creditgate("audit", "replay", snapshot, "--json", data=data).stdout)
    assert [one["what"] for one in lacking["missing"]] == ["snapshot"]


def test_a_history_tells_versions_and_changes(data: Path) -> None:
    """Two pulls, one page each and both on one; the older one is the first that is shown."""
    consent = granted(data)
    pulls = [
        answer("profile", "pull", consent["id"], "--source", source, data=data)
        for source in ("bairong", "pboc")
    ]
    whose = ("profile", "history", consent["subject"], "--purpose", "loan_origination")
    newest, oldest = answer(*whose, data=data)["snapshots"]
    assert [oldest["id"], newest["id"]] == [pull["snapshot"]["id"] for pull in pulls]
    changed = {(one["item"], one["what"]) for one in newest["changes"] if one["kind"] == "source"}
    assert changed == {("bairong", "removed"), ("pboc", "added")}

    page = creditgate(*whose, "--limit", "1", data=data)
    assert page.exit_code == 0, page.stderr
    assert newest["id"] in page.stdout
    assert f"--after {newest['id']}" in page.stdout
    rest = creditgate(*whose, "--after", newest["id"], data=data)
    assert "the first that is shown" in rest.stdout
    answer("consent", "withdraw", consent["id"], data=data)
    assert creditgate(*whose, data=data).exit_code == 1


def test_a_value_is_explained_at_the_terminal(data: Path) -> None:
    """Why did this source bring nothing; and a path that is not there, with the nearest one."""
    consent = granted(data)
    answer("profile", "pull", consent["id"], "--source", "bairong", data=data)
    whose = (consent["subject"], "--purpose", "loan_origination")

    there = ("profile", "explain", whose[0], "/sources/lines/bairong")
    page = creditgate(*there, *whose[1:], data=data)
    assert page.exit_code == 0, page.stderr
    assert "unavailable" in page.stdout
    assert "connect" in page.stdout
    wrong = creditgate("profile", "explain", whose[0], "/sources/lines/x", *whose[1:], data=data)
    assert wrong.exit_code == 2
    assert "/sources/lines/{id}" in wrong.stderr


@pytest.mark.parametrize(
    ("command", "reason"),
    [
        (("explain", "{subject}", "/tradelines/lines/x"), "invalid_input"),
        (("explain", "{nobody}", "/tradelines/lines/0"), "not_found"),
        (("show", "{nobody}"), "not_found"),
        (("history", "{nobody}"), "not_found"),
        (("pull", "{nobody}"), "not_found"),
        (("show", "{withdrawn}"), "withdrawn"),
    ],
)
def test_what_is_asked_in_vain_about_a_person_is_on_record(
    data: Path, command: tuple[str, ...], reason: str
) -> None:
    """Guesses at the terminal are guesses too: one entry each, with the command and the reason."""
    consent = granted(data)
    answer("profile", "pull", consent["id"], "--source", "bairong", data=data)
    subject, nobody = consent["subject"], str(uuid4())
    if reason == "withdrawn":
        answer("consent", "withdraw", consent["id"], data=data)
    known = {"subject": subject, "nobody": nobody, "withdrawn": subject}
    asked = [part.format(**known) for part in command]
    purpose = () if command[0] == "pull" else ("--purpose", "loan_origination")

    assert creditgate("profile", *asked, *purpose, data=data).exit_code in {1, 2}
    (found,) = answer("audit", "search", "--type", "profile.denied", data=data)
    assert (found["entry"]["verdict"], found["entry"]["reason"]) == ("deny", reason)
    assert subject not in json.dumps(found)
    assert found["entry"]["rule"] in {f"cli.profile {command[0]}", "consent.decide"}
