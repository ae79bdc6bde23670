"""The messages D101 (ask for one personal report) and D102 (its answer), inside their frame.

D101 has no field for the authorisation of the subject: holding it is the asking institution's
duty, which here is the consent floor. Element order as a live bank's client builds it.
"""

import base64
import binascii
import re
import zlib
from dataclasses import dataclass, field

from lxml import etree

from connectors.errors import SourceBrokeContract
from connectors.sources.pboc.elements import only
from connectors.sources.pboc.frame import Frame
from connectors.sources.pboc.outcomes import NO_HIT, PARTIAL, REPORT, expect, settle
from connectors.sources.pboc.walk import parse
from consent.vault.digest import sm3_hex

REQUEST = "D101"
RESULT = "D102"
MOST_REPORT_BYTES = 8 * 1024 * 1024  # unpacked: some 2,000 accounts; CCRC cuts long ones (DBO004)

_GZIP = b"\x1f\x8b"
_GZIP_WBITS = 31  # zlib: gzip header and trailer required
_BLANK = re.compile(rb"[ \t\r\n]+")


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
    """Open a D102; whatever is not one report or the news that there is none is a SourceError."""
    expect(source, frame, RESULT)
    document = parse(source, frame.body)
    code = only(source, document, "Msg/ResultCode")
    word = settle(source, code)
    if word == NO_HIT:
        return Answer(None)
    if word not in (REPORT, PARTIAL):
        raise SourceBrokeContract(source, f"result_{code}", "not the answer to a report query")
    packed = only(source, document, "Msg/ReportMessage")
    return Answer(unpack(source, packed), partial=word == PARTIAL)


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
