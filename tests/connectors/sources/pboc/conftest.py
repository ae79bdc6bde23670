"""A D102 as CCRC would send it, built here and not by the sandbox."""

import base64
import gzip
from collections.abc import Callable
from datetime import UTC, datetime
from pathlib import Path
from typing import Protocol

import pytest
from lxml import etree

from connectors.records import Report
from connectors.sources.pboc.report import read_report

FIXTURES = Path(__file__).parents[2] / "fixtures"
RECEIVED_AT = datetime(2020, 6, 16, tzinfo=UTC)
HEADER = b"B2.0.0B0000000000001A100000000000120200615103000D1020000000000000001" + b"0" * 10

Edit = Callable[[etree._Element], None]
ReadEdited = Callable[[Edit], Report]


class Pack(Protocol):
    """Makes a whole answer: `message` stands in ReportMessage as it is, `report` packed."""

    def __call__(
        self,
        report: bytes = b"",
        code: str = "AAA000",
        *,
        zipped: bool = False,
        message: bytes | None = None,
    ) -> bytes: ...


@pytest.fixture(scope="session")
def d102() -> Pack:
    """The bytes of a D102."""

    def pack(
        report: bytes = b"",
        code: str = "AAA000",
        *,
        zipped: bool = False,
        message: bytes | None = None,
    ) -> bytes:
        packed = base64.b64encode(gzip.compress(report) if zipped else report)
        return (
            HEADER
            + b'\r\n<?xml version="1.0" encoding="UTF-8"?><Document><Msg><ResultCode>'
            + code.encode()
            + b"</ResultCode><ResultDesc>x</ResultDesc><ReportMessage>"
            + (packed if message is None else message)
            + b"</ReportMessage></Msg></Document>"
        )

    return pack


@pytest.fixture(scope="session")
def every_segment() -> bytes:
    """A report of 2020 with all six account types and every segment, free of oddities."""
    return (FIXTURES / "pboc_every_segment.xml").read_bytes()


@pytest.fixture
def edited(every_segment: bytes) -> ReadEdited:
    """Read the complete report after an edit of its tree."""

    def read(edit: Edit) -> Report:
        root = etree.fromstring(every_segment)
        edit(root)
        xml = etree.tostring(root, encoding="utf-8")
        return read_report(xml, source="pboc", received_at=RECEIVED_AT)

    return read
