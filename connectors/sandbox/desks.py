"""The counters of the bureaus: who may ask, was it asked properly, is the person known.

Pure: bytes in, bytes out. What comes back to a wrong question is what each bureau's document
says, in its own codes.
"""

import base64
import binascii
import hmac
from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from datetime import datetime
from types import MappingProxyType
from typing import Protocol

import orjson
from lxml import etree
from stdnum.cn import ric

from connectors.sandbox import bureaus, takes_reports
from connectors.sandbox.facts import Life
from connectors.sandbox.lenders import (
    BAIHANG,
    BAIRONG,
    HOUSING_FUND,
    PBOC,
    REGION_RISK,
    SOCIAL_INSURANCE,
    TELECOM,
    TONGDUN,
)
from connectors.sandbox.mixups import Form
from connectors.sandbox.render import (
    baihang,
    bairong,
    housing_fund,
    region_risk,
    social_insurance,
    telecom,
    tongdun,
)
from connectors.sandbox.render.pboc import codes, message
from connectors.sandbox.render.pboc.message import Envelope
from connectors.sandbox.render.pboc.person import Ask
from connectors.sandbox.render.platform import APP_LOGINS, LOAN_PURPOSES
from connectors.sandbox.world import Opened, World
from consent.vault.digest import sm3_hex


class Partner(Protocol):
    """How a partner without a published request form is rendered."""

    ID_FIELD: str

    def answer(self, life: Life, at: datetime) -> bytes:
        """What it says of a person it knows."""
        ...

    def no_hit(self, at: datetime) -> bytes:
        """What it says of anybody else."""
        ...


PARTNERS: Mapping[str, Partner] = MappingProxyType(
    {TONGDUN: tongdun, HOUSING_FUND: housing_fund, SOCIAL_INSURANCE: social_insurance}
)

_WITH_KEY = (*PARTNERS, REGION_RISK, TELECOM)
_ORG_CHARS = 14
_RESIDENT_ID = "10"


@dataclass(frozen=True, slots=True, kw_only=True)
class Credentials:
    """What the sandbox's bureaus gave the one member they know; the demo's gateway uses them."""

    org_code: str = "A1000000000001"
    user_code: str = "gateway01"
    service_code: str = "FW_GRXYBG_0074"
    password: str = field(default="sandbox-pboc", repr=False)
    baihang_user: str = "creditgate"
    baihang_password: str = field(default="sandbox-baihang", repr=False)
    bairong_api_code: str = field(default="3000001", repr=False)
    partner_keys: Mapping[str, str] = field(
        default_factory=lambda: {
            name: f"sandbox-{name}" for name in (*PARTNERS, REGION_RISK, TELECOM)
        },
        repr=False,
    )
    push_secrets: Mapping[str, str] = field(  # what the lender's own systems sign with
        default_factory=lambda: {
            APP_LOGINS: "whsec_c2FuZGJveC1hcHBfbG9naW5zLXNlY3JldC0x",
            LOAN_PURPOSES: "whsec_c2FuZGJveC1sb2FuX3B1cnBvc2VzLXNlY3JldA==",
        },
        repr=False,
    )


@dataclass(frozen=True, slots=True)
class Reply:
    """An HTTP answer before any fault is put on it."""

    body: bytes
    status: int = 200
    content_type: str = "application/json"


@dataclass(frozen=True, slots=True)
class Desk:
    """All counters, for one member. To `strangers` everybody is unknown (no-hit fault)."""

    world: World
    member: Credentials
    strangers: bool = False

    def pboc(self, frame: bytes, at: datetime) -> Reply:
        """D101 in, D102 out; errors are result codes, never HTTP."""
        sender = frame[6 : 6 + _ORG_CHARS].decode("ascii", errors="replace")
        to = Envelope(sender if sender.isalnum() else "0" * _ORG_CHARS, at)
        asked = _read_d101(frame, self.member)
        if isinstance(asked, _Wrong):
            body = message.refusal((asked.code, asked.text), to)
        else:
            life = None if asked.id_type != _RESIDENT_ID else self.world.find(asked.id_number)
            if life and asked.name == life.person.name and self._knows(life, PBOC):
                opened = self.world.opened(life, PBOC)
                body = message.answer(opened.life, filed(asked, opened), to)
            else:
                body = message.refusal(message.NO_RESULT, to)
        return Reply(body, content_type="text/xml")

    def baihang(self, authorization: str, content: bytes, at: datetime) -> Reply:
        """POST /api/v1/credit/report behind Basic authentication."""
        if not self._baihang_knows(authorization):
            return _problem("ERR-20001", "Not Authorized", status=401)
        asked = _json_object(content)
        if asked is None or not {"name", "pid", "mobile", "queryReason"} <= asked.keys():
            return _problem("ERR-10001", "Bad Request", status=400)
        life = self.world.find(str(asked["pid"]))
        if life and asked["name"] == life.person.name and self._knows(life, BAIHANG):
            return Reply(baihang.answer(self.world.opened(life, BAIHANG).life, at))
        return Reply(baihang.no_hit(at))

    def baihang_loan(self, authorization: str, kind: str, content: bytes) -> Reply:
        """POST /api/v1/credit/loan/issue or track: the member reports a loan of its own."""
        if not self._baihang_knows(authorization):
            return _problem("ERR-20001", "Not Authorized", status=401)
        return Reply(takes_reports.answer(kind, content))

    def bairong(self, content: bytes, at: datetime) -> Reply:
        """One JSON object in, one flat JSON object out."""
        asked = _json_object(content)
        if asked is None:
            return Reply(bairong.failure("1000016"))  # 捕获请求json异常
        code = str(asked.get("api_code", "")).encode()
        if not hmac.compare_digest(code, self.member.bairong_api_code.encode()):
            return Reply(bairong.failure("100004"))  # 商户不存在或用户名错误
        products, cell = asked.get("products"), asked.get("cell")
        if not isinstance(products, list) or not bairong.PRODUCTS.intersection(products):
            return Reply(bairong.failure("100012"))  # 请求套餐为空
        order = bairong.Order(
            customer=self.member.bairong_api_code,
            products=frozenset(map(str, products)),
            mobile=str(cell) if cell else None,
        )
        life = self.world.find(str(asked.get("id", "")))
        hit = life and asked.get("name") == life.person.name and self._knows(life, BAIRONG)
        return Reply(bairong.answer(life if hit else None, order, at))

    def partner(self, source: str, authorization: str, content: bytes, at: datetime) -> Reply:
        """Tongdun and the aggregators: a key in the header, one JSON object in, one out.

        How they really refuse is not public; HTTP's own codes are used.
        """
        if not self._admits(source, authorization):
            return Reply(b"{}", 401)
        asked, answer = _json_object(content), PARTNERS[source]
        if asked is None or not {answer.ID_FIELD, "name"} <= asked.keys():
            return Reply(b"{}", 400)
        life = self.world.find(str(asked[answer.ID_FIELD]))
        if not (life and asked["name"] == life.person.name and self._knows(life, source)):
            return Reply(answer.no_hit(at))
        return Reply(answer.answer(self.world.opened(life, source).life, at))

    def region_risk(self, authorization: str, content: bytes, at: datetime) -> Reply:
        """The lender's own table: asked for a region, by nobody's name."""
        if not self._admits(REGION_RISK, authorization):
            return Reply(b"{}", 401)
        asked = _json_object(content)
        if asked is None or asked.keys() != {"region"}:
            return Reply(b"{}", 400)
        if self.strangers:
            return Reply(region_risk.unheld(str(asked["region"]), at))
        return Reply(region_risk.answer(str(asked["region"]), self.world.today, at))

    def telecom(self, authorization: str, content: bytes, at: datetime) -> Reply:
        """The operators, through a bureau: what they say of a name, a number and a mobile."""
        if not self._admits(TELECOM, authorization):
            return Reply(b"{}", 401)
        asked = _json_object(content)
        if asked is None or asked.keys() != {"name", "id_card", "mobile"}:
            return Reply(b"{}", 400)
        life = self.world.find(str(asked["id_card"]))
        if not (life and asked["name"] == life.person.name and self._knows(life, TELECOM)):
            return Reply(telecom.no_hit(at))
        return Reply(telecom.answer(life, str(asked["mobile"]), at))

    def _admits(self, source: str, authorization: str) -> bool:
        expected = f"Bearer {self.member.partner_keys[source]}"
        return hmac.compare_digest(authorization.encode(), expected.encode())

    def _baihang_knows(self, authorization: str) -> bool:
        expected = f"{self.member.baihang_user}:{self.member.baihang_password}"
        return hmac.compare_digest(_basic(authorization).encode(), expected.encode())

    def _knows(self, life: Life, bureau: str) -> bool:
        return not self.strangers and bureaus.knows(life, bureau)


def filed(ask: Ask, opened: Opened) -> Ask:
    """Whose name and number PBOC's head repeats: those asked for, unless answers were crossed."""
    if opened.form is not Form.CROSSED:
        return ask
    person = opened.life.person
    return replace(ask, name=person.name, id_number=person.id_number)


@dataclass(frozen=True, slots=True)
class _Wrong:
    """A result code of lists 9.2 and D.x with its text."""

    code: str
    text: str


def _read_d101(frame: bytes, member: Credentials) -> Ask | _Wrong:
    """The checks of CCRC in the order of its codes: header, user, then the person asked about."""
    header, _, body = frame.partition(b"\r\n")
    wrong = _check_header(header, member)
    if wrong:
        return wrong
    parser = etree.XMLParser(resolve_entities=False, no_network=True, load_dtd=False)
    try:
        root = etree.fromstring(body.partition(b"{S:")[0], parser)
    except etree.XMLSyntaxError:
        return _Wrong("ABF003", "信息记录格式错误或报文体格式错误")
    found = {str(node.tag): (node.text or "").strip() for node in root.iter(etree.Element)}
    wrong = _check_user(found, member) or _check_question(found, member)
    if wrong:
        return wrong
    return Ask(
        org_code=found["QueryOrgCode"],
        reason=found["QueryReason"],
        name=found["Name"],
        id_type=found["IDType"],
        id_number=found["IDNum"],
    )


def _check_header(header: bytes, member: Credentials) -> _Wrong | None:
    text = header.decode("ascii", errors="replace")
    checks = (
        (len(header) == message.HEADER_CHARS, "ABM001", "报文头长度错误"),
        (text[:1] == "B", "ABM003", "报文头中起始标识校验错误"),
        (text[1:6] == "2.0.0", "ABM004", "报文头中报文格式版本号校验错误"),
        (text[6:20] == member.org_code, "ABM005", "报文头中报文发送机构代码校验错误"),
        (text[20:34] == message.BUREAU_ORG, "ABM006", "报文头中报文接收机构代码校验错误"),
        (text[34:48].isdigit(), "ABM007", "报文头中报文生成时间校验错误"),
        (text[48:52] == "D101", "ABM008", "报文头中报文类型校验错误"),
        (text[52:68].isalnum(), "ABM009", "报文头中报文标识号校验错误"),
    )
    return _first_failed(checks)


def _check_user(found: dict[str, str], member: Credentials) -> _Wrong | None:
    given = found.get("Password", "").encode()
    right = sm3_hex(member.password.encode()).upper().encode()
    checks = (
        (found.get("QueryOrgCode") == member.org_code, "DBE008", "查询机构校验错误"),
        (found.get("UserCode") == member.user_code, "ABE002", "接口用户在征信系统中不存在"),
        (hmac.compare_digest(given, right), "ABE001", "接口密码错误"),
    )
    return _first_failed(checks)


def _check_question(found: dict[str, str], member: Credentials) -> _Wrong | None:
    id_type, number = found.get("IDType", ""), found.get("IDNum", "")
    checks = (
        (found.get("OriginateOrgCode") == member.org_code, "DBE009", "发起机构校验错误"),
        (bool(found.get("OriginateUserCode")), "DBE016", "发起用户代码校验错误"),
        (bool(found.get("Name")), "DBE002", "信息主体名称校验错误"),
        (id_type in codes.ID_TYPES, "DBE003", "信息主体证件类型校验错误"),
        (_right_number(id_type, number), "DBE004", "信息主体证件号码校验错误"),
        (found.get("QueryReason") in codes.REASONS, "DBE001", "查询原因校验错误"),
        (found.get("ServiceCode") == member.service_code, "DBE014", "服务代码校验错误"),
    )
    return _first_failed(checks)


def _right_number(id_type: str, number: str) -> bool:
    """GB 11643 for resident ids: 17 digits and the right check digit."""
    if id_type != _RESIDENT_ID:
        return bool(number)
    shaped = len(number) == 18 and number[:17].isascii() and number[:17].isdigit()  # noqa: PLR2004
    return shaped and str(ric.calc_check_digit(number)) == number[17]


def _first_failed(checks: tuple[tuple[bool, str, str], ...]) -> _Wrong | None:
    return next((_Wrong(code, text) for holds, code, text in checks if not holds), None)


def _basic(authorization: str) -> str:
    scheme, _, value = authorization.partition(" ")
    if scheme.lower() != "basic":
        return ""
    try:
        return base64.b64decode(value, validate=True).decode()
    except (binascii.Error, UnicodeDecodeError):
        return ""


def _json_object(content: bytes) -> dict[str, object] | None:
    try:
        value = orjson.loads(content)
    except orjson.JSONDecodeError:
        return None
    return value if isinstance(value, dict) else None


def _problem(code: str, text: str, *, status: int) -> Reply:
    return Reply(orjson.dumps({"errorCode": code, "errorMessage": text}), status)
