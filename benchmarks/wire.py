"""The sources' wire formats as a first prototype would handle them: ask, and read to plain dicts.

The naive peers speak these, and the stand-in records with them. The requests are what the bureaus
accept; the answers become nested dicts and nothing more: no code tables, no units, no checks.
"""

import base64
import gzip
import json
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from typing import Any

from lxml import etree

from connectors.sandbox.desks import Credentials
from connectors.sandbox.world import World
from consent.vault.digest import sm3_hex

MEMBER = Credentials()
BAIHANG_AUTH = (
    "Basic "
    + base64.b64encode(f"{MEMBER.baihang_user}:{MEMBER.baihang_password}".encode()).decode()
)
XML_HEADERS = {"Content-Type": "text/xml; charset=utf-8"}
PATHS = {"pboc": "/pboc", "baihang": "/baihang/api/v1/credit/report", "bairong": "/bairong/query"}

_CHINA = timedelta(hours=8)
_BUREAU = "B0000000000001"
_PASSWORD = sm3_hex(MEMBER.password.encode()).upper()


@dataclass(frozen=True, slots=True)
class Borrower:
    """Whom a peer is asked about: it keeps no register, so its caller says it all.

    `mobile` has the eleven digits of China, without country code.
    """

    name: str
    id_number: str
    mobile: str


def borrowers(world: World) -> list[Borrower]:
    """Everybody in the sandbox, personas first."""
    return [Borrower(one.name, one.id_number, one.mobile) for _, _, one in world.people()]


def ask_pboc(who: Borrower) -> bytes:
    """A D101: header line and XML."""
    now = datetime.now(UTC)
    sent = f"{now + _CHINA:%Y%m%d%H%M%S}"
    head = f"B2.0.0{MEMBER.org_code}{_BUREAU}{sent}D101{now:%H%M%S%f}0000{'0' * 10}\r\n"
    body = (
        '<?xml version="1.0" encoding="UTF-8"?><Document><Head>'
        f"<QueryOrgCode>{MEMBER.org_code}</QueryOrgCode><UserCode>{MEMBER.user_code}</UserCode>"
        f"<Password>{_PASSWORD}</Password></Head><Msg>"
        f"<OriginateOrgCode>{MEMBER.org_code}</OriginateOrgCode>"
        f"<OriginateUserCode>{MEMBER.user_code}</OriginateUserCode>"
        f"<Name>{who.name}</Name><IDType>10</IDType><IDNum>{who.id_number}</IDNum>"
        f"<QueryReason>02</QueryReason><ServiceCode>{MEMBER.service_code}</ServiceCode>"
        "</Msg></Document>"
    )
    return (head + body).encode()


def ask_baihang(who: Borrower) -> dict[str, object]:
    """The JSON of a report query."""
    return {
        "name": who.name, "pid": who.id_number, "mobile": who.mobile, "queryReason": 1,
        "guaranteeType": 1, "loanPurpose": 10, "customType": 3, "applyAmount": -1,
    }  # fmt: skip


def ask_bairong(who: Borrower) -> dict[str, object]:
    """The JSON of an order for the multi-lender product."""
    return {
        "api_code": MEMBER.bairong_api_code, "products": ["ApplyLoanStr", "SpecialList_c"],
        "id": who.id_number, "name": who.name, "cell": who.mobile,
    }  # fmt: skip


def read_pboc(frame: bytes) -> dict[str, Any]:
    """A D102 as a dict: out of the frame, out of base64 and perhaps gzip, out of the XML."""
    _, _, body = frame.partition(b"\r\n")
    message = etree.fromstring(body.partition(b"{S:")[0]).find("Msg")
    packed = None if message is None else message.findtext("ReportMessage")
    if not packed:
        return {}
    report = base64.b64decode(packed)
    if report.startswith(b"\x1f\x8b"):
        report = gzip.decompress(report)
    try:
        report.decode()
    except UnicodeDecodeError:  # some answers are GB18030 and say UTF-8
        report = report.decode("gb18030").encode()
    found = _as_dict(etree.fromstring(report))
    return found if isinstance(found, dict) else {}


def read_json(body: bytes) -> dict[str, Any]:
    """A JSON object."""
    found: dict[str, Any] = json.loads(body)
    return found


def _as_dict(element: Any) -> dict[str, Any] | str | None:  # noqa: ANN401 - lxml's element
    if not len(element):
        text: str | None = element.text
        return text
    found: dict[str, Any] = {}
    for child in element:
        value = _as_dict(child)
        if child.tag not in found:
            found[child.tag] = value
        elif isinstance(found[child.tag], list):
            found[child.tag].append(value)
        else:
            found[child.tag] = [found[child.tag], value]
    return found
