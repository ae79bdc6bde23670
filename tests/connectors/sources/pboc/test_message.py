"""D101 and D102: what we say, and what each of CCRC's answers means."""

import base64
import contextlib
import gzip
from collections.abc import Callable

import pytest
from hypothesis import given
from hypothesis import strategies as st
from lxml import etree

from connectors.errors import (
    SourceBrokeContract,
    SourceError,
    SourceLockedUs,
    SourceRejectedAsk,
    SourceUnavailable,
)
from connectors.normalise import codes
from connectors.sources.pboc import frame, message
from connectors.sources.pboc.message import Answer, Ask

Pack = Callable[..., bytes]
# SM3 of b"secret", from OpenSSL 3 as well as from `cryptography`.
PASSWORD_SM3 = "20638AF3353FA5BD39A93300CF525EC1E86E82F52B965E20671461CC8D357DBA"
ASK = Ask(
    query_org="A1000000000001",
    user_code="gateway01",
    password="secret",
    originate_org="A1000000000001",
    originate_user="gateway01",
    name="测试<甲>&乙",
    id_type="10",
    id_number="999999199003071234",
    reason="02",
    service_code="FW_GRXYBG_0074",
)


def opened(content: bytes) -> Answer:
    """Frame and message taken off."""
    return message.read_answer("pboc", frame.decode("pboc", content))


def test_a_request_names_its_parts_in_order() -> None:
    """A live client's order; CCRC's schema is a sequence."""
    root = etree.fromstring(message.write_request(ASK))

    assert [child.tag for child in root] == ["Head", "Msg"]
    assert [child.tag for child in root[0]] == ["QueryOrgCode", "UserCode", "Password"]
    assert [child.tag for child in root[1]] == [
        "OriginateOrgCode", "OriginateUserCode", "Name", "IDType", "IDNum", "QueryReason",
        "ServiceCode",
    ]  # fmt: skip


def test_the_password_travels_as_upper_case_sm3() -> None:
    """In clear it would stand in every log between us and CCRC."""
    sent = message.write_request(ASK)

    assert etree.fromstring(sent).findtext("Head/Password") == PASSWORD_SM3
    assert b"secret" not in sent


def test_a_name_cannot_add_an_element() -> None:
    """Written by hand into the XML, a name could ask for another person's report."""
    root = etree.fromstring(message.write_request(ASK))

    assert root.findtext("Msg/Name") == ASK.name


def test_a_name_xml_cannot_hold_is_not_sent() -> None:
    """Better no ask than one about somebody else."""
    with pytest.raises(ValueError, match="XML"):
        message.write_request(Ask(**{**_fields(ASK), "name": "甲\0乙"}))


def _fields(ask: Ask) -> dict[str, str]:
    return {name: getattr(ask, name) for name in Ask.__dataclass_fields__}


def test_no_personal_value_is_in_the_repr() -> None:
    """Tracebacks print their locals."""
    assert not {"secret", ASK.name, ASK.id_number} & set(repr(ASK).replace("'", " ").split())


@pytest.mark.parametrize("zipped", [False, True])
@pytest.mark.parametrize("charset", ["utf-8", "gb18030"])
def test_a_report_comes_out_in_utf_8(d102: Pack, charset: str, *, zipped: bool) -> None:
    """Both charsets and both packings were seen in samples, without a declaration."""
    text = "<Document>龘测试</Document>"
    answer = opened(d102(text.encode(charset), zipped=zipped))

    assert answer == Answer(text.encode(), partial=False)


def test_no_result_is_an_answer(d102: Pack) -> None:
    """AAA001: CCRC has no file, which is news and not an error."""
    assert opened(d102(code="AAA001")) == Answer(None)


def test_a_report_cut_for_its_length_is_partial(d102: Pack) -> None:
    """Counts over half a report are not this person's counts."""
    assert opened(d102(b"<a/>", "DBO004")) == Answer(b"<a/>", partial=True)


@pytest.mark.parametrize(
    ("code", "kind"),
    [
        *((code, SourceUnavailable) for code in ("ATO001", "ATO002", "ATO999", "ABO001")),
        *((code, SourceLockedUs) for code in ("ATO006", "ATO009", "ABE001", "ABE004", "ABE009")),
        *((code, SourceRejectedAsk) for code in ("DBE001", "DBE002", "DBE003", "DBE004")),
        *((code, SourceLockedUs) for code in ("DBE008", "DBE016", "DBO001", "DBO005")),
        *((code, SourceLockedUs) for code in ("ABM001", "ABN005", "ABH001", "ABF003", "ATF001")),
        ("AAA002", SourceBrokeContract),
    ],
)
def test_each_result_code_says_what_to_do_next(
    d102: Pack, code: str, kind: type[SourceError]
) -> None:
    """Retrying a wrong password locks the interface user (ABE004)."""
    with pytest.raises(SourceError) as caught:
        opened(d102(code=code))

    assert type(caught.value) is kind
    assert caught.value.reason == f"result_{code}"


def test_every_known_result_code_has_an_outcome() -> None:
    """A code in the table without an outcome would be an unhandled case in production."""
    outcomes = set(codes.load("pboc").words("9.2", "D.x-RPT").values())

    assert outcomes == {
        "report", "partial_report", "no_hit", "password_change", "unavailable", "locked_us",
        "rejected_ask",
    }  # fmt: skip


@pytest.mark.parametrize(("code", "shown"), [("XYZ123", True), ("张三", False), ("", False)])
def test_only_what_looks_like_a_code_is_named(d102: Pack, code: str, *, shown: bool) -> None:
    """Whatever else stands there may be a person's."""
    with pytest.raises(SourceBrokeContract) as caught:
        opened(d102(code=code))

    assert ("XYZ123" in str(caught.value)) is shown
    assert "张三" not in str(caught.value)


@pytest.mark.parametrize("kind", [b"D104", b"D101", b"F502", b"ZZZZ"])
def test_another_message_type_is_refused(d102: Pack, kind: bytes) -> None:
    """An enterprise report read as a person's would be somebody else's debt."""
    content = d102(b"<a/>").replace(b"D102", kind, 1)
    with pytest.raises(SourceBrokeContract) as caught:
        opened(content)

    assert (caught.value.reason == "enterprise_message") is (kind == b"D104")


@pytest.mark.parametrize(
    ("packed", "reason"),
    [
        (b"", "no_report"),
        (b"!!!!", "bad_base64"),
        (base64.b64encode(b"<a>text</a>")[:-1], "bad_base64"),
        ("甲".encode(), "bad_base64"),
        (base64.b64encode(gzip.compress(b"<a/>" * 99)[:-9]), "bad_gzip"),
        (base64.b64encode(gzip.compress(b"<a/>") + b"more"), "bad_gzip"),
        (base64.b64encode(b"\x1f\x8bnot gzip at all"), "bad_gzip"),
        (base64.b64encode(b"<a>\xff\xff</a>"), "bad_charset"),
    ],
)
def test_a_damaged_report_is_not_read(d102: Pack, packed: bytes, reason: str) -> None:
    """Half a report read as a whole one hides debts."""
    with pytest.raises(SourceBrokeContract) as caught:
        opened(d102(message=packed))

    assert caught.value.reason == reason


def twice(answer: bytes, leaf: bytes, other: bytes) -> bytes:
    """A D102 with a second `leaf` after its first."""
    opening, closing = b"<%b>" % leaf, b"</%b>" % leaf
    return answer.replace(closing, closing + opening + other + closing)


@pytest.mark.parametrize("leaf", [b"ResultCode", b"ReportMessage"])
@pytest.mark.parametrize("other", [b"AAA000", b"PGEvPg==", b""])
def test_a_second_result_or_report_is_refused(d102: Pack, leaf: bytes, other: bytes) -> None:
    """The first of two reports may be somebody else's; so may the last."""
    with pytest.raises(SourceBrokeContract, match="said_twice"):
        opened(twice(d102(b"<a/>"), leaf, other))


def test_a_second_body_is_refused(d102: Pack) -> None:
    """It is a second answer in one message."""
    sent = d102(b"<a/>")
    body = sent[sent.index(b"<Msg>") : sent.index(b"</Document>")]

    with pytest.raises(SourceBrokeContract, match="said_twice"):
        opened(sent.replace(body, body + body))


def test_lines_in_base64_are_no_damage(d102: Pack) -> None:
    """MIME breaks lines after 76 characters."""
    packed = base64.encodebytes(b"<a>" + b"x" * 200 + b"</a>").replace(b"\n", b"\r\n")

    assert opened(d102(message=packed)).report == b"<a>" + b"x" * 200 + b"</a>"


@pytest.mark.parametrize("zipped", [False, True])
def test_a_report_has_a_bound(d102: Pack, monkeypatch: pytest.MonkeyPatch, *, zipped: bool) -> None:
    """A gzip bomb of a few kilobytes must not fill the memory."""
    monkeypatch.setattr(message, "MOST_REPORT_BYTES", 1000)
    with pytest.raises(SourceBrokeContract, match="too_large"):
        opened(d102(b" " * 100_000, zipped=zipped))


@pytest.mark.parametrize(
    "attack",
    [
        b'<!DOCTYPE a [<!ENTITY b "c">]><Document>&b;</Document>',
        b'<!DOCTYPE a SYSTEM "file:///etc/passwd"><Document/>',
        b"<Document><!DOCTYPE a></Document>",
        b"<Document><Msg></Document>",
        b"<a>" * 300 + b"</a>" * 300,
        b"<Document>&undefined;</Document>",
    ],
)
def test_dangerous_xml_is_refused(d102: Pack, attack: bytes) -> None:
    """No entity is resolved, no file opened, no host asked."""
    head = d102()[:80]
    with pytest.raises(SourceBrokeContract):
        opened(head + attack)


@given(st.binary(max_size=200))
def test_no_report_message_does_worse_than_break_the_contract(packed: bytes) -> None:
    """The text comes from outside, whatever the base64 says."""
    with contextlib.suppress(SourceBrokeContract):
        message.unpack("pboc", base64.b64encode(packed).decode())
