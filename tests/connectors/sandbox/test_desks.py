"""connectors.sandbox.desks: a wrong question gets the bureau's own refusal."""

import base64
from datetime import UTC, date, datetime

import orjson
import pytest
from lxml import etree

from connectors.sandbox.desks import Credentials, Desk
from connectors.sandbox.facts import Person
from connectors.sandbox.world import World

NOON = datetime(2026, 3, 15, 4, 0, tzinfo=UTC)
MEMBER = Credentials()
DESK = Desk(World(seed=3, today=date(2026, 3, 15), size=20), MEMBER)
STEADY = DESK.world.persona("steady").person
THIN = DESK.world.persona("thin-file").person
# SM3 of "sandbox-pboc", computed once with `openssl dgst -sm3`
PASSWORD = "26305134A89FF1FC0110100ADE370A11C9F3FEF4865190D7DD6F2FF3549A18BB"
HEADER = f"B2.0.0{MEMBER.org_code}B000000000000120260315120000D101{7:016d}{'0' * 10}"


def d101(person: Person, header: str = HEADER, **wrong: str) -> bytes:
    """A request for this person, with some fields replaced."""
    head = {
        "QueryOrgCode": MEMBER.org_code,
        "UserCode": MEMBER.user_code,
        "Password": PASSWORD,
    }
    msg = {
        "OriginateOrgCode": MEMBER.org_code,
        "OriginateUserCode": "gateway01",
        "Name": person.name,
        "IDType": "10",
        "IDNum": person.id_number,
        "QueryReason": "02",
        "ServiceCode": MEMBER.service_code,
    }
    root = etree.Element("Document")
    for tag, fields in (("Head", head), ("Msg", msg)):
        part = etree.SubElement(root, tag)
        for name, value in fields.items():
            etree.SubElement(part, name).text = wrong.get(name, value)
    body = etree.tostring(root, encoding="UTF-8", xml_declaration=True)
    return header.encode() + b"\r\n" + body


def result(frame: bytes) -> str | None:
    """The result code PBOC gave."""
    return etree.fromstring(
        DESK.pboc(frame, NOON).body.partition(b"\r\n")[2].partition(b"{S:")[0]
    ).findtext("Msg/ResultCode")


def test_pboc_answers_the_right_question() -> None:
    """Everything in order: AAA000 and a report."""
    assert result(d101(STEADY)) == "AAA000"


def test_pboc_accepts_a_signed_request() -> None:
    """The trailer after the document is the member's signature, not XML."""
    assert result(d101(STEADY) + b"{S:c2lnbmF0dXJl:S}") == "AAA000"


@pytest.mark.parametrize(
    ("field", "value", "code"),
    [
        ("Password", "0" * 64, "ABE001"),
        ("UserCode", "nobody", "ABE002"),
        ("QueryOrgCode", "A9999999999999", "DBE008"),
        ("OriginateOrgCode", "A9999999999999", "DBE009"),
        ("Name", "", "DBE002"),
        ("IDType", "Q", "DBE003"),
        ("IDNum", "999999197301190014", "DBE004"),
        ("IDNum", "12", "DBE004"),
        ("QueryReason", "77", "DBE001"),
        ("ServiceCode", "FW_QYXYBG_0043", "DBE014"),
        ("Name", "甲不存在", "AAA001"),
    ],
)
def test_pboc_refuses_with_its_own_code(field: str, value: str, code: str) -> None:
    """The gateway maps codes to outcomes, so each must be producible."""
    assert result(d101(STEADY, **{field: value})) == code


@pytest.mark.parametrize(
    ("header", "code"),
    [
        (HEADER[:-1], "ABM001"),
        ("A" + HEADER[1:], "ABM003"),
        (HEADER.replace("2.0.0", "1.0.0"), "ABM004"),
        (HEADER.replace("B0000000000001", "B0000000000002"), "ABM006"),
        (HEADER.replace("D101", "D103"), "ABM008"),
    ],
)
def test_pboc_reads_the_header_by_offset(header: str, code: str) -> None:
    """A frame one character off would shift every field of a real one."""
    assert result(d101(STEADY, header=header)) == code


def test_pboc_never_expands_an_entity() -> None:
    """The sandbox parses XML from outside too."""
    bomb = b'<!DOCTYPE d [<!ENTITY a "x">]><Document><Msg>&a;</Msg></Document>'

    assert result(HEADER.encode() + b"\r\n" + bomb) == "DBE008"


def authorization(text: str) -> str:
    """A Basic header."""
    return f"Basic {base64.b64encode(text.encode()).decode()}"


RIGHT = authorization(f"{MEMBER.baihang_user}:{MEMBER.baihang_password}")


def baihang(person: Person, who: str = RIGHT) -> tuple[int, dict[str, object]]:
    """Status and body of a report query about this person."""
    asked = {
        "name": person.name,
        "pid": person.id_number,
        "mobile": person.mobile,
        "queryReason": 1,
    }
    reply = DESK.baihang(who, orjson.dumps(asked), NOON)
    return reply.status, orjson.loads(reply.body)


def test_baihang_wants_basic_authentication() -> None:
    """The documented error, and no report with it."""
    for who in ("", "Bearer x", authorization("creditgate:wrong"), "Basic ???"):
        status, body = baihang(STEADY, who)
        assert (status, body["errorCode"]) == (401, "ERR-20001")


def test_baihang_knows_who_it_knows() -> None:
    """A report for one, empty blocks for the other."""
    known = DESK.world.persona("many-lenders").person

    assert baihang(known)[1]["personalProfile"]
    assert "personalProfile" not in baihang(THIN)[1]
    assert baihang(THIN)[1]["queryHistory"] == []


def bairong(person: Person, **wrong: object) -> dict[str, str]:
    """The flat answer about this person, with some fields of the question replaced."""
    asked: dict[str, object] = {
        "api_code": MEMBER.bairong_api_code,
        "products": ["ApplyLoanStr"],
        "id": person.id_number,
        "cell": person.mobile,
        "name": person.name,
    }
    found: dict[str, str] = orjson.loads(DESK.bairong(orjson.dumps(asked | wrong), NOON).body)
    return found


def test_bairong_answers_by_flag() -> None:
    """Flag 1 with keys, flag 0 without: both are code 00."""
    known = DESK.world.persona("many-lenders").person

    hit, miss = bairong(known), bairong(THIN)
    assert (hit["code"], hit["flag_applyloanstr"]) == ("00", "1")
    assert int(hit["als_m3_id_nbank_allnum"]) >= 8
    assert (miss["code"], miss["flag_applyloanstr"]) == ("00", "0")
    assert not any(name.startswith("als_") for name in miss)


@pytest.mark.parametrize(
    ("field", "value", "code"),
    [("api_code", "0", "100004"), ("products", [], "100012"), ("products", "x", "100012")],
)
def test_bairong_refuses_with_its_own_code(field: str, value: object, code: str) -> None:
    """Wrong member and empty order are told apart."""
    assert bairong(STEADY, **{field: value})["code"] == code


def test_strangers_are_nobody_anywhere() -> None:
    """The no-hit fault needs no special life."""
    blind = Desk(DESK.world, MEMBER, strangers=True)
    body = blind.pboc(d101(STEADY), NOON).body.partition(b"\r\n")[2]

    assert etree.fromstring(body).findtext("Msg/ResultCode") == "AAA001"
