"""Baihang's D2 and D3: what is sent of a loan, who may send it, what counts as accepted."""

from collections.abc import Callable
from dataclasses import replace
from datetime import UTC, date, datetime, timedelta
from typing import Any
from uuid import UUID

import orjson
import pytest
import respx
from pydantic import TypeAdapter, ValidationError

from connectors.base import SourceSettings
from connectors.errors import (
    SourceBrokeContract,
    SourceError,
    SourceLockedUs,
    SourceRejectedAsk,
    SourceUnavailable,
)
from connectors.http import SourceClient
from connectors.reporting import LoanIssued, Message, Reporter, Telling, TermPaid
from connectors.sandbox import takes_reports
from connectors.sources import baihang
from connectors.sources.baihang.connector import Baihang
from consent import identity
from consent.decision import Grant, Jurisdiction, Permit, State, decide
from consent.errors import ConfigError
from consent.subject import Act, Ask, Scope, SubjectRef

NOON = datetime(2026, 3, 1, 12, tzinfo=UTC)
SUBJECT = identity.Identity("测试甲", "CN_RIC", "999999199003071234", "8610012345678")
MESSAGE: TypeAdapter[LoanIssued | TermPaid] = TypeAdapter(Message)
ISSUED: dict[str, Any] = {
    "kind": "loan_issued", "loan_ref": "L-1", "guarantee_code": 1, "purpose_code": 10,
    "due_day_code": 1, "applied_at": "2026-02-27T09:00:00+08:00",
    "account_opened_at": "2026-02-27T10:00:00+08:00", "issued_at": "2026-02-28T23:30:00+08:00",
    "matures_on": "2026-05-28", "amount": 1_000_050, "terms": 3,
    "due_days": ["2026-03-28", "2026-04-28", "2026-05-28"], "first_due_on": "2026-03-28",
}  # fmt: skip
OVERDUE: dict[str, Any] = {
    "kind": "term_status", "loan_ref": "L-1", "term": 1, "due_on": "2026-03-28", "planned": 340_000,
    "due": 340_000, "paid": 0, "days_past_due": 12, "past_due": 340_000, "outstanding": 1_000_050,
    "loan_overdue": True, "confirmed_at": "2026-04-09T08:00:00Z",
}  # fmt: skip


def permit(act: Act = Act.REPORT, source: str = "baihang") -> Permit:
    """A permit to do this with a source."""
    who, scopes = SubjectRef(UUID(int=1)), frozenset({Scope.TRADELINES})
    grant = Grant(
        id=UUID(int=2), member="lender", subject=who, state=State.ACTIVE, seq=1, epoch=1,
        purpose="loan_origination", sources=frozenset({source}), scopes=scopes,
        separate_consents=frozenset(), consequence_notice=None,
        not_before=NOON - timedelta(days=1), expires_at=NOON + timedelta(days=1),
    )  # fmt: skip
    ask = Ask("lender", who, source, "loan_origination", scopes, act)
    verdict = decide(
        grant, ask, at=NOON, rules={"CN": Jurisdiction("CN", sources=frozenset({source}))}
    )
    assert isinstance(verdict, Permit)
    return verdict


@pytest.fixture
def reporter(client_of: Callable[[str], SourceClient]) -> Reporter:
    """Baihang, as something that takes reports."""
    settings = SourceSettings(
        name="baihang",
        reasons={"loan_origination": "1"},
        options={"guarantee_type": 1, "loan_purpose": 10, "custom_type": 3},
        secrets={"user": "member", "password": "s:ecret"},
    )
    found = baihang.build(client_of("baihang"), settings)
    assert isinstance(found, Reporter)
    return found


def telling(body: dict[str, Any], **changed: Any) -> Telling:
    """A message on its way."""
    message = MESSAGE.validate_json(orjson.dumps({**body, **changed}))
    return Telling(request_id=UUID(int=7), message=message, amends=False, at=NOON)


@pytest.mark.parametrize(("body", "path"), [(ISSUED, "issue"), (OVERDUE, "track")])
async def test_a_message_is_what_the_interface_lists(
    reporter: Reporter, router: respx.Router, body: dict[str, Any], path: str
) -> None:
    """Every listed field and no other, in its units: yuan, days and seconds of China."""
    route = router.post(f"https://source.invalid/base/api/v1/credit/loan/{path}")
    route.respond(json={"status": "success"})
    await reporter.report(permit(), SUBJECT, telling(body))
    sent = orjson.loads(route.calls.last.request.content)

    assert takes_reports.answer(path, orjson.dumps(sent)) == b'{"status":"success"}'
    assert (sent["reqID"], sent["opCode"], sent["uploadTs"]) == (
        str(UUID(int=7)),
        "A",
        "2026-03-01T20:00:00",
    )
    assert (sent["pid"], sent["mobile"]) == ("999999199003071234", "10012345678")
    if path == "issue":
        assert sent["loanAmount"] == "10000.50"
        assert sent["issueDate"] == "2026-02-28T23:30:00"
        assert (sent["termPeriod"], sent["totalTerm"]) == (-1, 3)
        assert sent["targetRepayDateList"] == "2026-03-28,2026-04-28,2026-05-28"
    else:
        assert (sent["termStatus"], sent["overdueStatus"], sent["loanStatus"]) == (
            "overdue", "D12", 2,
        )  # fmt: skip
        assert (sent["overdueAmount"], sent["realRepaymentDate"]) == ("3400.00", "")


def test_what_is_sent_says_nothing_of_devices() -> None:
    """imei, mac and IP tell about the subject what a loan report does not need (PIPL art. 6)."""
    fields = {name.lower() for checks in takes_reports.MESSAGES.values() for name in checks}

    assert not fields & {"device", "devicetype", "imei", "mac", "ipaddress", "osname"}


@pytest.mark.parametrize("allowed", [permit(Act.FETCH), permit(Act.READ), permit(source="pboc")])
async def test_only_a_permit_to_report_lets_a_message_out(
    reporter: Reporter, router: respx.Router, allowed: Permit
) -> None:
    """Whoever agreed to be looked up has not agreed to be reported (art. 29)."""
    with pytest.raises(SourceRejectedAsk):
        await reporter.report(allowed, SUBJECT, telling(ISSUED))
    assert not router.calls


async def test_a_permit_to_report_fetches_nothing(reporter: Reporter, router: respx.Router) -> None:
    """And the other way round: it would be an inquiry nobody agreed to."""
    assert isinstance(reporter, Baihang)
    with pytest.raises(SourceRejectedAsk):
        await reporter.fetch(permit(Act.REPORT), SUBJECT, at=NOON)
    assert not router.calls


@pytest.mark.parametrize(
    ("answer", "kind"),
    [
        ({"json": {"errorCode": "ERR-20001"}}, SourceLockedUs),
        ({"json": {"errorCode": "ERR-55555", "status": "success"}}, SourceUnavailable),
        ({"json": {"status": "failure"}}, SourceBrokeContract),
        ({"json": {}}, SourceBrokeContract),
        ({"json": []}, SourceBrokeContract),
        ({"status_code": 401}, SourceLockedUs),
        ({"status_code": 503}, SourceUnavailable),
    ],
)
async def test_nothing_but_success_is_accepted(
    reporter: Reporter, router: respx.Router, answer: dict[str, Any], kind: type[SourceError]
) -> None:
    """A report believed to have arrived is one nobody sends again."""
    router.post("https://source.invalid/base/api/v1/credit/loan/issue").respond(**answer)

    with pytest.raises(kind) as caught:
        await reporter.report(permit(), SUBJECT, telling(ISSUED))
    assert "测试甲" not in str(caught.value)


WRONG: list[tuple[dict[str, Any], dict[str, Any], str]] = [
    (ISSUED, {"amount": 0}, "amount"),
    (ISSUED, {"terms": 2}, "each of the terms"),
    (ISSUED, {"term_days": 30}, "either due_days or term_days"),
    (ISSUED, {"due_days": [], "term_days": None}, "either due_days or term_days"),
    (ISSUED, {"matures_on": "2026-06-28"}, "to matures_on"),
    (ISSUED, {"first_due_on": "2026-01-28"}, "first_due_on lies"),
    (ISSUED, {"applied_at": "2026-03-02T00:00:00Z"}, "issued_at is not before"),
    (ISSUED, {"issued_at": "2026-02-28T23:30:00"}, "timezone"),
    (ISSUED, {"kind": "loan"}, "loan_issued"),
    (ISSUED, {"imei": "1"}, "imei"),
    (OVERDUE, {"past_due": 0}, "both zero"),
    (OVERDUE, {"loan_overdue": False}, "makes loan_overdue true"),
    (OVERDUE, {"term": 36_001}, "term"),
    (OVERDUE, {"paid": 100}, "paid_on"),
    (OVERDUE, {"outstanding": -1}, "outstanding"),
]


@pytest.mark.parametrize(("body", "changed", "says"), WRONG)
def test_a_message_that_contradicts_itself_is_refused(
    body: dict[str, Any], changed: dict[str, Any], says: str
) -> None:
    """A bureau believes its members: what is wrong here is wrong in a file for years."""
    with pytest.raises(ValidationError, match=says):
        telling(body, **changed)


def test_arrears_anywhere_in_the_loan_are_adverse() -> None:
    """Also when this very term was paid: what is told of the loan is a breach (art. 44(3))."""
    paid = {"days_past_due": 0, "past_due": 0, "paid": 340_000, "paid_on": date(2026, 4, 1)}

    assert telling(OVERDUE).message.adverse
    assert telling(OVERDUE, **paid).message.adverse
    assert not telling(OVERDUE, **paid, loan_overdue=False).message.adverse
    assert not telling(ISSUED).message.adverse


class Mirror:
    """A cipher anybody can break."""

    def seal(self, field: str, value: str) -> str:
        """The value backwards, under its field."""
        return f"{field}:{value[::-1]}"


async def test_a_contracts_cipher_seals_who_it_is_about(
    client_of: Callable[[str], SourceClient], router: respx.Router
) -> None:
    """Baihang's own document decides how; here is where it does, for asks and for reports."""
    plain = baihang.build(
        client_of("baihang"),
        SourceSettings(
            name="baihang",
            reasons={"loan_origination": "1"},
            options={"guarantee_type": 1, "loan_purpose": 10, "custom_type": 3},
            secrets={"user": "member", "password": "s:ecret"},
        ),
    )
    route = router.post(url__startswith="https://source.invalid/")
    route.respond(json={"status": "success"})
    sealing = replace(plain, cipher=Mirror())
    await sealing.report(permit(), SUBJECT, telling(ISSUED))
    await sealing.fetch(permit(Act.FETCH), SUBJECT, at=NOON)

    for call in route.calls:
        sent = orjson.loads(call.request.content)
        assert (sent["name"], sent["mobile"]) == ("name:甲试测", "mobile:87654321001")
        assert sent["pid"] == "pid:" + SUBJECT.id_number[::-1]


def test_more_than_one_attempt_is_refused_at_the_start(
    client_of: Callable[[str], SourceClient],
) -> None:
    """Each repetition would be another inquiry, or the same loan reported twice."""
    settings = SourceSettings(
        name="baihang",
        reasons={"loan_origination": "1"},
        options={"guarantee_type": 1, "loan_purpose": 10, "custom_type": 3},
        secrets={"user": "member", "password": "s:ecret"},
    )

    with pytest.raises(ConfigError, match="attempts"):
        baihang.build(replace(client_of("baihang"), attempts=2), settings)
