"""The frame around a report: 78-character header, XML document, signature trailer.

Header: `B`, version `2.0.0`, sender (14), receiver (14), time of China (14), type (4), message
id (16), ten zeros, CRLF (china.md 1.1). The report travels base64 inside `ReportMessage`, for
some borrowers gzipped, for some in GB18030, as the samples do.
"""

import base64
import gzip
import hashlib
from dataclasses import dataclass
from datetime import datetime

from lxml import etree

from connectors.sandbox.facts import CHINA, Life
from connectors.sandbox.render.pboc.person import Ask
from connectors.sandbox.render.pboc.report import report

BUREAU_ORG = "B0000000000001"
HEADER_CHARS = 78
ENCODINGS = (("utf-8", False), ("utf-8", True), ("gb18030", False), ("gb18030", True))

OK = ("AAA000", "查询成功")
NO_RESULT = ("AAA001", "处理成功，但无查询结果")


@dataclass(frozen=True, slots=True)
class Envelope:
    """Whom an answer goes to, and when (aware)."""

    receiver: str
    at: datetime


def answer(life: Life, ask: Ask, to: Envelope) -> bytes:
    """D102 with the report of this life."""
    number = f"{to.at.astimezone(CHINA):%Y%m%d%H%M%S}{life.index:08d}"
    text = report(life, ask, number=number, at=to.at)
    encoding, zipped = ENCODINGS[life.index // 3 % len(ENCODINGS)]
    body = text.encode(encoding)
    if zipped:
        body = gzip.compress(body, mtime=0)
    message = base64.b64encode(body).decode()
    return _framed(OK, to, name=f"{number}.xml", message=message, signed=life.index % 5 == 1)


def refusal(result: tuple[str, str], to: Envelope) -> bytes:
    """D102 without a report: `result` is a code and its text."""
    return _framed(result, to, name="", message="", signed=False)


def _framed(
    result: tuple[str, str], to: Envelope, *, name: str, message: str, signed: bool
) -> bytes:
    root = etree.Element("Document")
    msg = etree.SubElement(root, "Msg")
    for tag, text in (
        ("ResultCode", result[0]),
        ("ResultDesc", result[1]),
        ("ReportName", name),
        ("ReportMessage", message),
    ):
        etree.SubElement(msg, tag).text = text
    body = b'<?xml version="1.0" encoding="UTF-8"?>' + etree.tostring(root, encoding="utf-8")
    frame = _header(to, hashlib.sha256(body).hexdigest()) + b"\r\n" + body
    if not signed:
        return frame
    mark = base64.b64encode(hashlib.sha256(frame).digest())
    return frame + b"{S:" + mark + b":S}"


def _header(to: Envelope, digest: str) -> bytes:
    number = int(digest[:13], 16) % 10**16
    local = f"{to.at.astimezone(CHINA):%Y%m%d%H%M%S}"
    return f"B2.0.0{BUREAU_ORG}{to.receiver}{local}D102{number:016d}{'0' * 10}".encode("ascii")
