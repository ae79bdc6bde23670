"""What a result code means: every code of every list, and those of no public list."""

import csv
from pathlib import Path

import pytest

from connectors.errors import (
    SourceBrokeContract,
    SourceError,
    SourceLockedUs,
    SourceRejectedAsk,
    SourceUnavailable,
)
from connectors.sources.pboc import frame
from connectors.sources.pboc.outcomes import DONE, expect, outcome, settle

HEADER = b"B2.0.0B0000000000001A100000000000120200615103000%b0000000000000001" + b"0" * 10


def test_every_published_code_has_an_outcome(shared: Path) -> None:
    """A code nobody thought about would stop a borrower for no reason."""
    with (shared / "sources" / "pboc_codes.csv").open(encoding="utf-8", newline="") as lines:
        published = [
            row["code"] for row in csv.DictReader(lines) if row["table_id"] in ("9.2", "D.x-RPT")
        ]

    assert len(published) == 85
    for code in published:
        assert outcome(code) in DONE | {"unavailable", "locked_us", "rejected_ask"}


@pytest.mark.parametrize(
    ("code", "kind"),
    [
        ("FBO003", SourceLockedUs),
        ("FBE001", SourceLockedUs),
        ("GBE007", SourceLockedUs),
        ("GTO003", SourceUnavailable),
        ("ATF077", SourceLockedUs),
        ("DBE004", SourceRejectedAsk),
    ],
)
def test_a_code_of_no_public_list_is_read_by_its_structure(
    code: str, kind: type[SourceError]
) -> None:
    """Only a technical failure may pass by itself; the rest is for a person to look at."""
    with pytest.raises(kind) as caught:
        settle("pboc", code)

    assert caught.value.reason == f"result_{code}"


@pytest.mark.parametrize("code", ["FAA009", "XBE001", "FZO001", "FBO3", "", "测试甲"])
def test_what_has_no_structure_breaks_the_contract(code: str) -> None:
    """An unknown success is not a success we know how to read."""
    with pytest.raises(SourceBrokeContract) as caught:
        settle("pboc", code)

    assert caught.value.reason == "unknown_result_code"


@pytest.mark.parametrize("kind", ["D103", "D104", "G151", "G152", "G154", "G158", "G160", "G161"])
def test_a_message_about_an_enterprise_is_named_as_one(kind: str) -> None:
    """It is no damage: somebody asked for what creditgate does not do."""
    opened = frame.decode("pboc", HEADER % kind.encode() + b"\r\n<a/>")

    with pytest.raises(SourceBrokeContract) as caught:
        expect("pboc", opened, "D102")
    assert caught.value.reason == "enterprise_message"
