"""`creditgate audit replay`: what it writes, and what it says of what it may not show."""

from dataclasses import replace
from datetime import UTC, datetime
from pathlib import Path
from uuid import UUID

import pytest
import typer

from consent.audit.catalogue import ConsentStamp, EventType
from gateway.cli import replay, session
from gateway.past.disclosures import Disclosure, Value
from gateway.past.replay import Replayed
from gateway.profile import Withheld
from gateway.reply import reply_of

REPLY = reply_of(b"{}")
DONE = Replayed(
    Disclosure(
        id=UUID(int=1),
        type=EventType.PROFILE_EXPLAINED,
        at=datetime(2026, 1, 1, tzinfo=UTC),
        shown_at=datetime(2026, 1, 1, tzinfo=UTC),
        member="lender",
        consent=ConsentStamp(UUID(int=2), 1, 1),
        purpose="loan_origination",
        scopes=frozenset(),
        snapshots=(),
        of=Value("/identity/name", dated=True),
        sources=(),
        sections=frozenset(),
        identified=True,
        again=frozenset(),
        reply_sha256=REPLY.sha256,
        code="creditgate 0",
        origin="gateway/audit/lender/2026",
        index=5,
    ),
    snapshots=(),
    sha256=REPLY.sha256,
    reply=REPLY,
)
OVER = (Withheld("pboc", "cn_adverse/2", "art. 16", 3),)


def test_a_file_that_came_meanwhile_is_not_written_over(tmp_path: Path) -> None:
    """Between the first look and the end of the replay anybody may have made it."""
    file = tmp_path / "reply.json"
    file.write_bytes(b"theirs")
    with pytest.raises(typer.Exit) as ended:
        replay._write(file, b"ours")

    assert ended.value.exit_code == session.WRONG
    assert file.read_bytes() == b"theirs"


def test_a_link_that_came_meanwhile_is_not_followed(tmp_path: Path) -> None:
    """Else a reply could be sent to wherever somebody points."""
    file, elsewhere = tmp_path / "reply.json", tmp_path / "elsewhere"
    file.symlink_to(elsewhere)
    with pytest.raises(typer.Exit):
        replay._write(file, b"ours")

    assert not elsewhere.exists()


def test_the_file_is_its_owners_alone(tmp_path: Path) -> None:
    """It is personal data from its first byte on."""
    replay._write(tmp_path / "reply.json", b"ours")

    assert (tmp_path / "reply.json").stat().st_mode & 0o777 == 0o600


@pytest.mark.parametrize(
    ("done", "wanted"),
    [
        (DONE, "the same bytes: the explanation shown"),
        (replace(DONE, over=OVER), "3 records of pboc, over by cn_adverse/2 (art. 16)"),
        (replace(DONE, over=OVER, reply=None), "shown today nothing"),
        (replace(DONE, over=OVER, reply=reply_of(b"[]")), reply_of(b"[]").sha256),
    ],
)
def test_what_is_over_is_counted_and_its_rule_named(
    done: Replayed, wanted: str, capsys: pytest.CaptureFixture[str]
) -> None:
    """Whoever reads it knows that the proof holds, and why less is shown."""
    replay._told(done, as_json=False)

    told = capsys.readouterr().out
    assert wanted in told
    assert ("may not be shown today" in told) == bool(done.over)
