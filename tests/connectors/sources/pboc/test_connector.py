"""The connector: the right bytes out once, and a refusal before any socket."""

from collections.abc import Callable, Mapping
from datetime import UTC, date, datetime
from typing import Any, cast

import httpx
import pytest
from lxml import etree

from connectors.base import SourceSettings
from connectors.errors import SourceRejectedAsk
from connectors.http import RawAnswer, SourceClient
from connectors.records import NoHit, Report
from connectors.sources import pboc
from connectors.sources.pboc import frame
from consent.decision import Permit
from consent.errors import ConfigError
from consent.identity import Identity

NOON = datetime(2026, 3, 1, 4, tzinfo=UTC)
PERSON = Identity(name="测试甲", id_type="CN_RIC", id_number="999999199003071234")
SECRETS = {"password": "dummy"}
OPTIONS = {
    "sender_org": "A1000000000001",
    "receiver_org": "B0000000000001",
    "user_code": "gateway01",
    "originate_org": "A1000000000002",
    "originate_user": "officer7",
    "service_code": "FW_GRXYBG_0074",
}


class Ccrc:
    """A peer that keeps what it was sent and gives one answer."""

    def __init__(self, answer: bytes = b"") -> None:
        self.answer = answer
        self.requests: list[httpx.Request] = []

    def __call__(self, request: httpx.Request) -> httpx.Response:
        self.requests.append(request)
        return httpx.Response(200, content=self.answer)


def client(peer: Ccrc, attempts: int = 1) -> SourceClient:
    """A client whose network is `peer`."""
    return SourceClient(
        source="pboc",
        http=httpx.MockTransport(peer),
        url="http://ccrc.invalid/query",
        timeout_s=1.0,
        max_body_bytes=1_000_000,
        attempts=attempts,
    )


def settings(
    options: Mapping[str, Any] = OPTIONS,
    reasons: Mapping[str, str] | None = None,
    secrets: Mapping[str, str] = SECRETS,
) -> SourceSettings:
    """As `gateway.wiring` would hand it over."""
    return SourceSettings(
        name="pboc",
        reasons={"loan_origination": "02"} if reasons is None else reasons,
        options=options,
        secrets=secrets,
    )


Earn = Callable[..., Permit]


async def test_asks_once_with_the_purpose_as_reason(permit_for: Earn) -> None:
    """The reason code is what CCRC shows the borrower about us."""
    peer = Ccrc(b"answer")
    raw = await pboc.build(client(peer), settings()).fetch(permit_for("pboc"), PERSON, at=NOON)

    (request,) = peer.requests
    sent = frame.decode("pboc", request.content)
    assert raw.content == b"answer"
    assert request.headers["content-type"] == "text/xml; charset=utf-8"
    assert (sent.header.sender, sent.header.message_type) == ("A1000000000001", "D101")
    assert sent.header.sent_at == NOON
    assert {e.tag: e.text for e in etree.fromstring(sent.body)[1]} == {
        "OriginateOrgCode": "A1000000000002",
        "OriginateUserCode": "officer7",
        "Name": "测试甲",
        "IDType": "10",
        "IDNum": "999999199003071234",
        "QueryReason": "02",
        "ServiceCode": "FW_GRXYBG_0074",
    }


async def test_two_messages_have_two_ids(permit_for: Earn) -> None:
    """CCRC answers a repeated id with the first answer, perhaps another borrower's."""
    peer = Ccrc()
    source = pboc.build(client(peer), settings())
    for _ in range(2):
        await source.fetch(permit_for("pboc"), PERSON, at=NOON)

    ids = {frame.decode("pboc", r.content).header.message_id for r in peer.requests}
    assert len(ids) == 2


async def test_a_passport_has_its_own_code(permit_for: Earn) -> None:
    """List A.2; asked under 10 it would be the wrong person or nobody."""
    peer = Ccrc()
    person = Identity(name="TEST A", id_type="PASSPORT", id_number="T00000001")
    await pboc.build(client(peer), settings()).fetch(permit_for("pboc"), person, at=NOON)

    body = etree.fromstring(frame.decode("pboc", peer.requests[0].content).body)
    assert body.findtext("Msg/IDType") == "2"


@pytest.mark.parametrize(
    ("purpose", "person"),
    [
        ("subject_access", PERSON),
        ("loan_origination", Identity(name="甲", id_type="SSN", id_number="078051120")),
        ("loan_origination", Identity(name="甲\0", id_type="CN_RIC", id_number="1")),
    ],
)
async def test_an_ask_ccrc_cannot_hold_opens_no_socket(
    permit_for: Earn, purpose: str, person: Identity
) -> None:
    """A query for a wrong reason stands in the borrower's report for two years."""
    peer = Ccrc()
    with pytest.raises(SourceRejectedAsk) as caught:
        await pboc.build(client(peer), settings()).fetch(
            permit_for("pboc", purpose=purpose), person, at=NOON
        )

    assert peer.requests == []
    assert person.id_number not in str(caught.value)


@pytest.mark.parametrize(
    ("wrong", "says"),
    [
        ({"sender_org": "short"}, "sender_org"),
        ({"surprise": "x"}, "surprise"),
        ({"service_code": "FW_QYXYBG_0043"}, "service_code"),
        ({"user_code": ""}, "user_code"),
    ],
)
def test_a_wrong_option_stops_the_start(wrong: Mapping[str, str], says: str) -> None:
    """At start-up an operator reads it; at night a borrower would."""
    with pytest.raises(ConfigError, match=says):
        pboc.build(client(Ccrc()), settings({**OPTIONS, **wrong}))


@pytest.mark.parametrize("missing", sorted(OPTIONS))
def test_a_missing_option_stops_the_start(missing: str) -> None:
    """Nothing about a bureau has a default."""
    with pytest.raises(ConfigError, match=missing):
        pboc.build(client(Ccrc()), settings({k: v for k, v in OPTIONS.items() if k != missing}))


def test_repeating_a_query_stops_the_start() -> None:
    """Every query is one more hard inquiry in the borrower's report."""
    with pytest.raises(ConfigError, match="attempts"):
        pboc.build(client(Ccrc(), attempts=2), settings())


def test_an_unknown_reason_or_no_password_stops_the_start() -> None:
    """CCRC would refuse every ask, and lock us out over the password."""
    with pytest.raises(ConfigError, match="77"):
        pboc.build(client(Ccrc()), settings(reasons={"loan_origination": "77"}))
    with pytest.raises(ConfigError, match="password"):
        pboc.build(client(Ccrc()), settings(secrets={}))


def test_secrets_are_not_in_the_repr() -> None:
    """Tracebacks print their locals."""
    assert "dummy" not in repr(pboc.build(client(Ccrc()), settings()))


def test_a_whole_answer_becomes_a_report(d102: Any, every_segment: bytes) -> None:
    """GB18030 and gzip, as in the sample that has both."""
    packed = d102(every_segment.decode().encode("gb18030"), zipped=True)
    source = pboc.build(client(Ccrc()), settings())
    report = cast("Report", source.read(RawAnswer(packed, NOON)))

    assert report == source.read(RawAnswer(d102(every_segment), NOON))
    assert report.as_of.date() == date(2020, 6, 15)
    assert len(report.records) > 100


def test_no_file_is_no_hit(d102: Any) -> None:
    """Dated by when we heard it: CCRC gives no time."""
    source = pboc.build(client(Ccrc()), settings())

    assert source.read(RawAnswer(d102(code="AAA001"), NOON)) == NoHit(source="pboc", as_of=NOON)


def test_a_partial_report_says_so(d102: Any, every_segment: bytes) -> None:
    """And its summaries are not held against what was left out."""
    source = pboc.build(client(Ccrc()), settings())
    report = source.read(RawAnswer(d102(every_segment, "DBO004"), NOON))

    assert isinstance(report, Report)
    assert report.partial
