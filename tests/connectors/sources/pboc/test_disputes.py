"""Dispute messages: the same words out and in, both ways, and nothing guessed."""

from contextlib import suppress
from dataclasses import replace
from datetime import UTC, datetime
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st
from lxml import etree

from connectors.errors import (
    SourceBrokeContract,
    SourceError,
    SourceLockedUs,
    SourceUnavailable,
)
from connectors.money import PartialDate
from connectors.records import IssueKind
from connectors.sources.pboc import disputes, elements, frame
from connectors.sources.pboc.disputes import (
    REPLIES,
    REPLY_TO,
    REQUESTS,
    Acceptance,
    AcceptanceAsk,
    Accepted,
    AnnotationAdd,
    AnnotationAdded,
    AnnotationDelete,
    Attachment,
    AttachmentAsk,
    CheckFeedback,
    CorrectionFeedback,
    Dispute,
    Location,
    Login,
    PastCheck,
    Pending,
    PendingAsk,
    Reply,
    Request,
)
from connectors.sources.pboc.frame import Frame, Header
from connectors.sources.pboc.values import CODES

NOON = datetime(2026, 3, 1, 4, tzinfo=UTC)
LOGIN = Login(provider_org="A1000000000001", user_code="gateway01", password="s3cret")
US: dict[str, Any] = {"org": "A1000000000001", "user": "officer7"}
DAY = PartialDate(2026, 3, 1)

ASKED: list[Request] = [
    PendingAsk(**US, begins=DAY, ends=PartialDate(2026, 3, 2)),
    AttachmentAsk(**US, dispute_id="01234567890123456789"),
    CheckFeedback(
        **US,
        phone="8610012345678",
        dispute_id="01234567890123456789",
        dispute_number="100022",
        result="data_missing",
        description="已确认 <数据遗漏>",
    ),
    CorrectionFeedback(
        **US, dispute_id="0123", result="1", attachment=b"\x00\xff", description=None
    ),
    AcceptanceAsk(**US, dispute_id="0123"),
    AnnotationAdd(
        **US,
        name="测试甲",
        id_type="CN_RIC",
        id_number="999999199003071234",
        business_code="A1",
        locations=(Location(kind="mobile"), Location(kind="loan_account")),
        occurred_at="A1000000000001",
        description="异议说明",
    ),
    AnnotationDelete(**US, receipt="0123456789"),
]
DISPUTE = Dispute(
    dispute_id="0123",
    dispute_number="1",
    begun=DAY,
    name="测试甲",
    id_type="CN_RIC",
    id_number="999999199003071234",
    phone="8610012345678",
    item="x",
    description="不是本人的账户",
    provider_org="A1000000000001",
    occurred_at=None,
    business_code="A1",
    business_type="11",
    due=PartialDate(2026, 3, 21),
    occurred_on=None,
    amount="100",
    has_attachment=True,
    past_checks=(
        PastCheck(
            at="2026-02-01",
            result="data_right",
            description=None,
            org="A1000000000001",
            user="officer7",
            phone="8610012345678",
            accepted=False,
            opinion="不同意",
        ),
    ),
)
SAID: list[Reply] = [
    Pending(disputes=(DISPUTE, DISPUTE)),
    Pending(disputes=()),
    Attachment(dispute_id="0123", exists=True, content=b"%PDF"),
    Acceptance(dispute_id="0123", accepted=True, opinion="同意"),
    Acceptance(dispute_id=None, accepted=None, opinion=None),
    AnnotationAdded(receipt="0123456789"),
    Accepted(),
]


def framed(kind: str, body: bytes) -> Frame:
    """`body` as it arrives, through the bytes of its frame."""
    header = Header("A1000000000001", "B0000000000001", NOON, kind, "0000000000000001")
    return frame.decode("pboc", frame.encode(header, body))


def asking(reply: Reply) -> str:
    """A request that `reply` may answer."""
    kind = disputes.message_type(reply)
    return next(request for request, answer in REPLY_TO.items() if answer == kind)


@pytest.mark.parametrize("request_", ASKED, ids=lambda one: type(one).__name__)
def test_a_request_comes_back_as_it_was(request_: Request) -> None:
    """What CCRC reads is what the member meant."""
    kind = disputes.message_type(request_)
    body = disputes.write_request(LOGIN, request_)

    assert disputes.read_request("pboc", framed(kind, body)) == (request_, ())
    assert b"s3cret" not in body
    assert etree.fromstring(body).findtext("Head/DataProviderOrgCode") == "A1000000000001"


@pytest.mark.parametrize("reply", SAID, ids=lambda one: type(one).__name__)
def test_a_reply_comes_back_as_it_was(reply: Reply) -> None:
    """A dispute that loses its due day runs past the 20 days of the law."""
    kind = disputes.message_type(reply)
    body = disputes.write_reply(reply)

    assert disputes.read_reply("pboc", framed(kind, body), asking(reply)) == (reply, ())


def test_every_message_is_in_the_tables() -> None:
    """One that is not could neither be sent nor understood."""
    assert {type(one) for one in ASKED} == set(REQUESTS.values())
    assert {type(one) for one in SAID} == set(REPLIES.values())
    assert set(REPLY_TO) == set(REQUESTS)
    assert set(REPLY_TO.values()) == set(REPLIES)
    assert CODES.words("MSGTYPE").keys() >= {*REQUESTS, *REPLIES}


def test_an_annotation_says_how_many_places_it_means() -> None:
    """CCRC refuses another number (ABO002)."""
    message = etree.fromstring(disputes.write_request(LOGIN, ASKED[5])).find("Msg")

    assert message is not None
    assert message.findtext("LocateInfNm") == "2"
    assert [one.text for one in message.iterfind("LocateInf/LocateInfType")] == ["11", "20"]


def test_no_personal_value_is_in_the_repr() -> None:
    """Names, numbers, phones and free text of a dispute stay out of every log."""
    shown = repr([*ASKED, *SAID, LOGIN])
    for secret in ("测试甲", "999999", "861001", "不是本人", "数据遗漏", "s3cret", "PDF"):
        assert secret not in shown


def test_the_words_of_the_other_client_are_read() -> None:
    """Two public clients name two elements differently; we write one and read both."""
    body = disputes.write_reply(SAID[3])
    other = body.replace(b"CorrectAcceptFlag", b"EnclosureFlag")
    other = other.replace(b"CorrectOpinion", b"EnclosureInf")

    assert disputes.read_reply("pboc", framed("G108", other), "G107") == (SAID[3], ())


@pytest.mark.parametrize("kind", ["own", "generic"])
@pytest.mark.parametrize(
    ("code", "error"), [("ATO001", SourceUnavailable), ("ABE001", SourceLockedUs)]
)
def test_a_refusal_is_one_in_either_type(kind: str, code: str, error: type[SourceError]) -> None:
    """CCRC may answer G199 to anything it does not do."""
    body = disputes.write_reply(Accepted(), code)

    with pytest.raises(error):
        disputes.read_reply("pboc", framed("G102" if kind == "own" else "G199", body), "G101")


def test_nothing_pending_is_an_empty_list() -> None:
    """An error would page somebody every quiet day."""
    for kind in ("G102", "G199"):
        body = disputes.write_reply(Accepted(), "AAA001")
        assert disputes.read_reply("pboc", framed(kind, body), "G101")[0] == Pending(disputes=())


@pytest.mark.parametrize(
    ("kind", "asked", "reason"),
    [
        ("G104", "G101", "wrong_message_type"),
        ("G199", "G103", "wrong_message_type"),
        ("G152", "G101", "enterprise_message"),
    ],
)
def test_the_reply_to_something_else_is_refused(kind: str, asked: str, reason: str) -> None:
    """One dispute's attachment must not end up in another's file."""
    with pytest.raises(SourceBrokeContract) as caught:
        disputes.read_reply("pboc", framed(kind, disputes.write_reply(Accepted())), asked)
    assert caught.value.reason == reason


def test_a_dispute_without_its_number_is_refused() -> None:
    """There would be nothing to answer to."""
    body = disputes.write_reply(SAID[0]).replace(b"<ObjCheckID>0123</ObjCheckID>", b"", 1)

    with pytest.raises(SourceBrokeContract) as caught:
        disputes.read_reply("pboc", framed("G102", body), "G101")
    assert caught.value.reason == "missing_value"


@pytest.mark.parametrize(
    ("old", "new", "where"),
    [
        (b"<ToCheckNm>2<", b"<ToCheckNm>3<", "ToCheckNm"),
        (b"<CheckFinalDate>2026-03-21<", b"<CheckFinalDate>soon<", "CheckFinalDate"),
        (b"<IDType>10<", b"<IDType>77<", "IDType"),
        (b"<EnclosureFlag>Y<", b"<EnclosureFlag>1<", "EnclosureFlag"),
        (b"<BusinessType>", b"<Surprise/><BusinessType>", "ToCheckInf.Surprise"),
        (b"<BusinessType>", b"<BusinessType/><BusinessType>", "BusinessType"),
    ],
)
def test_an_oddity_is_an_issue(old: bytes, new: bytes, where: str) -> None:
    """Half-known messages from vendors' clients: what we did not know must show."""
    body = disputes.write_reply(SAID[0]).replace(old, new, 1)
    assert body != disputes.write_reply(SAID[0])

    _, issues = disputes.read_reply("pboc", framed("G102", body), "G101")

    assert [issue.where for issue in issues] == [where]
    assert "999999" not in str(issues)


def test_two_days_for_one_are_none() -> None:
    """The first would be late, or the last too early; the same day twice is that day."""
    said = b"<CheckFinalDate>2026-03-21</CheckFinalDate>"
    sound = disputes.write_reply(SAID[0])
    found = []
    for day in (b"2026-03-21", b"2026-04-21"):
        body = sound.replace(said, said + b"<CheckFinalDate>%b</CheckFinalDate>" % day, 1)
        reply, issues = disputes.read_reply("pboc", framed("G102", body), "G101")
        assert isinstance(reply, Pending)
        assert [(issue.kind, issue.where) for issue in issues] == [
            (IssueKind.DUPLICATE, "CheckFinalDate")
        ]
        found.append(str(reply.disputes[0].due))

    assert found == ["2026-03-21", "None"]


def test_a_second_result_is_refused() -> None:
    """One of them says it failed."""
    code = b"<ResultCode>AAA000</ResultCode>"
    body = disputes.write_reply(SAID[0]).replace(code, code + b"<ResultCode>DBE003</ResultCode>")

    with pytest.raises(SourceBrokeContract, match="said_twice"):
        disputes.read_reply("pboc", framed("G102", body), "G101")


def test_a_text_xml_cannot_hold_is_not_sent() -> None:
    """Half a message would be a message about something else."""
    with pytest.raises(ValueError):  # noqa: PT011 - lxml's own words
        disputes.write_request(LOGIN, AttachmentAsk(**US, dispute_id="a\x00b"))


def test_a_word_of_no_list_is_not_sent() -> None:
    """CCRC would read no code as no result."""
    asked = ASKED[2]
    assert isinstance(asked, CheckFeedback)

    with pytest.raises(ValueError, match=r"G\.x-CHECK"):
        disputes.write_request(LOGIN, replace(asked, result="perhaps"))


def test_a_field_without_a_kind_stops_the_first_use() -> None:
    """A field left out of a message in silence would be missed in a dispute."""

    class Odd:
        """No dataclass of ours."""

    with pytest.raises(TypeError):
        elements.write(etree.Element("Msg"), Odd())


@given(st.sampled_from(sorted(REPLY_TO)), st.binary(max_size=200))
def test_no_body_does_worse_than_break_the_contract(asked: str, inner: bytes) -> None:
    """A reply is somebody else's bytes."""
    body = b"<Document><Msg><ResultCode>AAA000</ResultCode>" + inner + b"</Msg></Document>"
    with suppress(SourceError):
        disputes.read_reply("pboc", framed(REPLY_TO[asked], body), asked)
