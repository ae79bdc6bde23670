"""The messages D101 (ask for one personal report) and D102 (its answer), inside their frame.

D101 has no field for the authorisation of the subject: holding it is the asking institution's
duty, which here is the consent floor. Element order as a live bank's client builds it.
"""

import base64
import binascii
import re
import zlib
from collections.abc import Mapping
from dataclasses import dataclass, field
from types import MappingProxyType

from lxml import etree

from connectors.errors import (
    SourceBrokeContract,
    SourceError,
    SourceLockedUs,
    SourceRejectedAsk,
    SourceUnavailable,
)
from connectors.sources.pboc.frame import Frame
from connectors.sources.pboc.values import CODES
from connectors.sources.pboc.walk import parse
from consent.vault.digest import sm3_hex

REQUEST = "D101"
RESULT = "D102"
MOST_REPORT_BYTES = 8 * 1024 * 1024  # unpacked: some 2,000 accounts; CCRC cuts long ones (DBO004)

_TYPES = CODES.words("MSGTYPE")
# 9.2 generic and D report-query result codes, with what each means for us.
_OUTCOMES = CODES.words("9.2", "D.x-RPT")
_CODE = re.compile(r"[A-Z]{3}[0-9]{3}")
_GZIP = b"\x1f\x8b"
_GZIP_WBITS = 31  # zlib: gzip header and trailer required
_BLANK = re.compile(rb"[ \t\r\n]+")

_FAILURES: Mapping[str, type[SourceError]] = MappingProxyType(
    {
        "unavailable": SourceUnavailable,
        "locked_us": SourceLockedUs,
        "rejected_ask": SourceRejectedAsk,
    }
)


@dataclass(frozen=True, slots=True, kw_only=True)
class Ask:
    """What a D101 says: who asks, as whom, about whom and why (codes A.2 and A.4)."""

    query_org: str
    user_code: str
    password: str = field(repr=False)
    originate_org: str
    originate_user: str
    name: str = field(repr=False)
    id_type: str
    id_number: str = field(repr=False)
    reason: str
    service_code: str


@dataclass(frozen=True, slots=True)
class Answer:
    """What a D102 says: the report as UTF-8 XML, None when CCRC has none on the subject."""

    report: bytes | None = field(repr=False)
    partial: bool = False


def write_request(ask: Ask) -> bytes:
    """The body of a D101; ValueError when a text cannot stand in XML."""
    document = etree.Element("Document")
    head = etree.SubElement(document, "Head")
    message = etree.SubElement(document, "Msg")
    for parent, tag, text in (
        (head, "QueryOrgCode", ask.query_org),
        (head, "UserCode", ask.user_code),
        (head, "Password", sm3_hex(ask.password.encode()).upper()),
        (message, "OriginateOrgCode", ask.originate_org),
        (message, "OriginateUserCode", ask.originate_user),
        (message, "Name", ask.name),
        (message, "IDType", ask.id_type),
        (message, "IDNum", ask.id_number),
        (message, "QueryReason", ask.reason),
        (message, "ServiceCode", ask.service_code),
    ):
        etree.SubElement(parent, tag).text = text
    return b'<?xml version="1.0" encoding="UTF-8"?>' + etree.tostring(document, encoding="utf-8")


def read_answer(source: str, frame: Frame) -> Answer:
    """Open a D102; whatever is not a report or the news that there is none is a SourceError."""
    _require_result(source, frame.header.message_type)
    document = parse(source, frame.body)
    code = (document.findtext("Msg/ResultCode") or "").strip()
    outcome = _OUTCOMES.get(code)
    if outcome is None:
        shown = f"unknown result code {code}" if _CODE.fullmatch(code) else "no result code"
        raise SourceBrokeContract(source, "unknown_result_code", shown)
    if outcome in _FAILURES:
        raise _FAILURES[outcome](source, f"result_{code}")
    if outcome == "no_hit":
        return Answer(None)
    if outcome not in ("report", "partial_report"):
        raise SourceBrokeContract(source, f"result_{code}", "not the answer to a report query")
    packed = document.findtext("Msg/ReportMessage") or ""
    return Answer(unpack(source, packed), partial=outcome == "partial_report")


def _require_result(source: str, message_type: str) -> None:
    if message_type == RESULT:
        return
    word = _TYPES.get(message_type, "")
    if word.startswith("enterprise"):
        raise SourceBrokeContract(source, "enterprise_message", "we ask for personal reports only")
    raise SourceBrokeContract(source, "wrong_message_type", f"expected {RESULT}")


def unpack(source: str, packed: str) -> bytes:
    """The report's XML as UTF-8 out of ReportMessage: base64, perhaps gzip, UTF-8 or GB18030."""
    try:
        data = base64.b64decode(_BLANK.sub(b"", packed.encode("ascii")), validate=True)
    except (UnicodeEncodeError, binascii.Error):
        raise SourceBrokeContract(source, "bad_base64", "ReportMessage is not base64") from None
    if data.startswith(_GZIP):
        data = _gunzip(source, data)
    if not data:
        raise SourceBrokeContract(source, "no_report", "the code says there is a report")
    if len(data) > MOST_REPORT_BYTES:
        raise SourceBrokeContract(source, "too_large", f"over {MOST_REPORT_BYTES} bytes")
    try:
        data.decode()
    except UnicodeDecodeError:
        pass
    else:
        return data
    try:
        return data.decode("gb18030").encode()
    except UnicodeDecodeError:
        raise SourceBrokeContract(source, "bad_charset", "neither UTF-8 nor GB18030") from None


def _gunzip(source: str, data: bytes) -> bytes:
    """Decompress at most what a report may have, so that a bomb stays small."""
    unzip = zlib.decompressobj(_GZIP_WBITS)
    try:
        out = unzip.decompress(data, MOST_REPORT_BYTES + 1)
    except zlib.error:
        raise SourceBrokeContract(source, "bad_gzip", "ReportMessage is not gzip") from None
    if len(out) > MOST_REPORT_BYTES:
        raise SourceBrokeContract(source, "too_large", f"over {MOST_REPORT_BYTES} bytes")
    if not unzip.eof or unzip.unused_data:
        raise SourceBrokeContract(source, "bad_gzip", "the gzip stream is cut or followed by more")
    return out
