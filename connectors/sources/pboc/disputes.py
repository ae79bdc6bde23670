"""The messages about disputes (G101 to G111, G199), both ways, for persons.

A member that reports to CCRC asks which disputes wait for it (G101), fetches attachments (G103),
answers with the result of its check (G105) and of its correction (G106), asks whether the
subject accepted the correction (G107), and adds or deletes annotations (G109, G111). CCRC
answers with G102, G104, G108 and G110, and with G199 where it has no more to say.

Source: the clients of two generations of one vendor's bank front-end (2020), which agree but for
two elements, marked `alias`. CCRC's own specification is not public. The numbers of enterprise
messages are 50 higher; they are refused, since creditgate serves persons only.
"""

from collections.abc import Mapping
from dataclasses import dataclass, field
from types import MappingProxyType
from typing import Annotated, TypeAlias

from lxml import etree

from connectors.errors import SourceBrokeContract
from connectors.money import PartialDate
from connectors.normalise.issues import Issues
from connectors.records import Issue
from connectors.sources.pboc import elements
from connectors.sources.pboc.elements import Tag
from connectors.sources.pboc.frame import Frame
from connectors.sources.pboc.outcomes import NO_HIT, expect, settle
from connectors.sources.pboc.walk import parse

GENERIC_REPLY = "G199"

Text: TypeAlias = str | None
Day: TypeAlias = PartialDate | None
Org: TypeAlias = Annotated[str, Tag("OriginateOrgCode")]
User: TypeAlias = Annotated[str, Tag("OriginateUserCode")]
DisputeId: TypeAlias = Annotated[str, Tag("ObjCheckID")]


@dataclass(frozen=True, slots=True, kw_only=True)
class Login:
    """Who reports the data under dispute, and as whom; the password is never repeated."""

    provider_org: str
    user_code: str
    password: str = field(repr=False)


@dataclass(frozen=True, slots=True, kw_only=True)
class PendingAsk:
    """G101: the disputes that came in between two days, both included."""

    org: Org
    user: User
    begins: Annotated[PartialDate, Tag("BeginDate")]
    ends: Annotated[PartialDate, Tag("EndDate")]


@dataclass(frozen=True, slots=True, kw_only=True)
class AttachmentAsk:
    """G103: the attachment of one dispute."""

    org: Org
    user: User
    dispute_id: DisputeId


@dataclass(frozen=True, slots=True, kw_only=True)
class CheckFeedback:
    """G105: what the member's own check found (codes G.x-CHECK)."""

    org: Org
    user: User
    phone: Annotated[str, Tag("PhoneNum")] = field(repr=False)
    dispute_id: DisputeId
    dispute_number: Annotated[str, Tag("ObjCheckNum")]
    result: Annotated[str, Tag("CheckResult", table="G.x-CHECK")]
    description: Annotated[Text, Tag("CheckResultDesc")] = field(repr=False)


@dataclass(frozen=True, slots=True, kw_only=True)
class CorrectionFeedback:
    """G106: what the member corrected. `result` is CCRC's code; its list is not public."""

    org: Org
    user: User
    dispute_id: DisputeId
    result: Annotated[str, Tag("CorrectResult", alias="CheckResult")]
    attachment: Annotated[bytes | None, Tag("EnclosureInf")] = field(repr=False)
    description: Annotated[Text, Tag("CorrectDesc")] = field(repr=False)


@dataclass(frozen=True, slots=True, kw_only=True)
class AcceptanceAsk:
    """G107: whether the correction was accepted."""

    org: Org
    user: User
    dispute_id: DisputeId


@dataclass(frozen=True, slots=True, kw_only=True)
class Location:
    """What part of the report is meant (codes G.x-LOC)."""

    kind: Annotated[Text, Tag("LocateInfType", table="G.x-LOC")]


@dataclass(frozen=True, slots=True, kw_only=True)
class AnnotationAdd:
    """G109: mark what the subject disputes, before anything is decided."""

    org: Org
    user: User
    name: Annotated[str, Tag("Name")] = field(repr=False)
    id_type: Annotated[str, Tag("IDType", table="A.2")]
    id_number: Annotated[str, Tag("IDNum")] = field(repr=False)
    business_code: Annotated[str, Tag("BusinessCode")] = field(repr=False)
    locations: Annotated[tuple[Location, ...], Tag("LocateInf", count="LocateInfNm")]
    occurred_at: Annotated[str, Tag("DataOccurOrgCode")]
    description: Annotated[Text, Tag("ObjDesc")] = field(repr=False)


@dataclass(frozen=True, slots=True, kw_only=True)
class AnnotationDelete:
    """G111: take an annotation back, by the receipt it was added under."""

    org: Org
    user: User
    receipt: Annotated[str, Tag("ServiceReturnCode")]


@dataclass(frozen=True, slots=True, kw_only=True)
class PastCheck:
    """An earlier check of the same dispute."""

    at: Annotated[Text, Tag("CheckTime")]
    result: Annotated[Text, Tag("CheckResult", table="G.x-CHECK")]
    description: Annotated[Text, Tag("CheckResultDesc")] = field(repr=False)
    org: Annotated[Text, Tag("CheckOrgCode")]
    user: Annotated[Text, Tag("CheckUserCode")]
    phone: Annotated[Text, Tag("PhoneNum")] = field(repr=False)
    accepted: Annotated[bool | None, Tag("CheckAcceptFlag")]
    opinion: Annotated[Text, Tag("CheckOpinion")] = field(repr=False)


@dataclass(frozen=True, slots=True, kw_only=True)
class Dispute:
    """One dispute that waits for the member's check. `due` is the last day for it.

    `item` is a document in a form that is not public; the unit of `amount` is not either.
    """

    dispute_id: DisputeId
    dispute_number: Annotated[Text, Tag("ObjCheckNum")]
    begun: Annotated[Day, Tag("CheckBeginDate")]
    name: Annotated[Text, Tag("Name")] = field(repr=False)
    id_type: Annotated[Text, Tag("IDType", table="A.2")]
    id_number: Annotated[Text, Tag("IDNum")] = field(repr=False)
    phone: Annotated[Text, Tag("PhoneNum")] = field(repr=False)
    item: Annotated[Text, Tag("ObjItemInf")] = field(repr=False)
    description: Annotated[Text, Tag("ObjItemDesc")] = field(repr=False)
    provider_org: Annotated[Text, Tag("DataProviderOrgCode")]
    occurred_at: Annotated[Text, Tag("DataOccurOrgCode")]
    business_code: Annotated[Text, Tag("BusinessCode")] = field(repr=False)
    business_type: Annotated[Text, Tag("BusinessType")]
    due: Annotated[Day, Tag("CheckFinalDate")]
    occurred_on: Annotated[Day, Tag("DataOccurDate")]
    amount: Annotated[Text, Tag("DataOccurAmount")] = field(repr=False)
    has_attachment: Annotated[bool | None, Tag("EnclosureFlag")]
    past_checks: Annotated[tuple[PastCheck, ...], Tag("HistoricalCheckInf")]


@dataclass(frozen=True, slots=True, kw_only=True)
class Pending:
    """G102: the disputes that wait."""

    disputes: Annotated[tuple[Dispute, ...], Tag("ToCheckInf", count="ToCheckNm")]


@dataclass(frozen=True, slots=True, kw_only=True)
class Attachment:
    """G104: the file the subject handed in."""

    dispute_id: DisputeId
    exists: Annotated[bool | None, Tag("EnclosureFlag")]
    content: Annotated[bytes | None, Tag("EnclosureInf")] = field(repr=False)


@dataclass(frozen=True, slots=True, kw_only=True)
class Acceptance:
    """G108: whether the subject accepted the correction, None while nobody has said."""

    dispute_id: Annotated[Text, Tag("ObjCheckID")]
    accepted: Annotated[bool | None, Tag("CorrectAcceptFlag", alias="EnclosureFlag")]
    opinion: Annotated[Text, Tag("CorrectOpinion", alias="EnclosureInf")] = field(repr=False)


@dataclass(frozen=True, slots=True, kw_only=True)
class AnnotationAdded:
    """G110: the receipt under which the annotation can be deleted."""

    receipt: Annotated[str, Tag("ServiceReturnCode")]


@dataclass(frozen=True, slots=True, kw_only=True)
class Accepted:
    """G199: done, and nothing more to say."""


Request: TypeAlias = (
    PendingAsk | AttachmentAsk | CheckFeedback | CorrectionFeedback | AcceptanceAsk
    | AnnotationAdd | AnnotationDelete
)  # fmt: skip
Reply: TypeAlias = Pending | Attachment | Acceptance | AnnotationAdded | Accepted

REQUESTS: Mapping[str, type[Request]] = MappingProxyType(
    {
        "G101": PendingAsk,
        "G103": AttachmentAsk,
        "G105": CheckFeedback,
        "G106": CorrectionFeedback,
        "G107": AcceptanceAsk,
        "G109": AnnotationAdd,
        "G111": AnnotationDelete,
    }
)
REPLIES: Mapping[str, type[Reply]] = MappingProxyType(
    {
        "G102": Pending,
        "G104": Attachment,
        "G108": Acceptance,
        "G110": AnnotationAdded,
        GENERIC_REPLY: Accepted,
    }
)
REPLY_TO: Mapping[str, str] = MappingProxyType(
    {
        "G101": "G102",
        "G103": "G104",
        "G105": GENERIC_REPLY,
        "G106": GENERIC_REPLY,
        "G107": "G108",
        "G109": "G110",
        "G111": GENERIC_REPLY,
    }
)
_NAMES = {kind: name for table in (REQUESTS, REPLIES) for name, kind in table.items()}


def message_type(message: Request | Reply) -> str:
    """The number that stands in the header of `message`."""
    return _NAMES[type(message)]


def write_request(login: Login, request: Request) -> bytes:
    """The body of a request; ValueError when a text cannot stand in XML."""
    document = etree.Element("Document")
    elements.login(
        document, "DataProviderOrgCode", login.provider_org, login.user_code, login.password
    )
    elements.write(etree.SubElement(document, "Msg"), request)
    return etree.tostring(document, encoding="UTF-8", xml_declaration=True)


def write_reply(reply: Reply, code: str = "AAA000", description: str = "") -> bytes:
    """The body of a reply, as CCRC would send it."""
    document = etree.Element("Document")
    body = etree.SubElement(document, "Msg")
    etree.SubElement(body, "ResultCode").text = code
    etree.SubElement(body, "ResultDesc").text = description
    elements.write(body, reply)
    return etree.tostring(document, encoding="UTF-8", xml_declaration=True)


def read_request(source: str, frame: Frame) -> tuple[Request, tuple[Issue, ...]]:
    """What a request asks, by the type in its header, and what was odd about it."""
    kind = REQUESTS.get(frame.header.message_type)
    if kind is None:
        raise SourceBrokeContract(source, "wrong_message_type", "expected a request on disputes")
    issues = Issues(source)
    message: Request = elements.read(
        source, elements.message_of(source, parse(source, frame.body)), kind, issues
    )
    return message, issues.drain()


def read_reply(source: str, frame: Frame, request_type: str) -> tuple[Reply, tuple[Issue, ...]]:
    """The reply to a request of `request_type`, and what was odd about it.

    A result code that says no is the SourceError of `outcomes`, whether it comes in the reply's
    own type or in G199. No result to G101 is an empty list.
    """
    expected = REPLY_TO[request_type]
    generic = frame.header.message_type == GENERIC_REPLY
    if not generic:
        expect(source, frame, expected)
    body = elements.message_of(source, parse(source, frame.body))
    word = settle(source, elements.take_result(source, body))
    if word == NO_HIT and expected == "G102":
        return Pending(disputes=()), ()
    if generic and expected != GENERIC_REPLY:
        raise SourceBrokeContract(source, "wrong_message_type", f"expected {expected}")
    issues = Issues(source)
    reply: Reply = elements.read(source, body, REPLIES[expected], issues)
    return reply, issues.drain()
