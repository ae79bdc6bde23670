"""Baihang: what is asked, what a report says, and what public material leaves open."""

import base64
from collections.abc import Callable
from dataclasses import replace
from datetime import UTC, date, datetime
from pathlib import Path
from typing import Any

import orjson
import pytest
import respx

from connectors.base import Connector, SourceSettings
from connectors.errors import (
    SourceBrokeContract,
    SourceError,
    SourceLockedUs,
    SourceRejectedAsk,
    SourceUnavailable,
)
from connectors.http import RawAnswer, SourceClient
from connectors.money import PartialDate
from connectors.records import (
    Address,
    Employment,
    IdDocument,
    Identity,
    Inquiry,
    InquiryKind,
    Issue,
    IssueKind,
    Metric,
    NoHit,
    Report,
)
from connectors.sources import baihang
from consent import identity
from consent.decision import Permit
from consent.errors import ConfigError
from consent.subject import Scope

FIXTURES = Path(__file__).parents[1] / "fixtures"
NOON = datetime(2026, 3, 1, 12, tzinfo=UTC)
SETTINGS = SourceSettings(
    name="baihang",
    reasons={"loan_origination": "1"},
    options={"guarantee_type": 1, "loan_purpose": 10, "custom_type": 3},
    secrets={"user": "member", "password": "s:ecret"},
)


@pytest.fixture
def connector(client_of: Callable[[str], SourceClient]) -> Connector:
    """Baihang as configured above."""
    return baihang.build(client_of("baihang"), SETTINGS)


@pytest.fixture
def body() -> dict[str, Any]:
    """A full report, to be changed."""
    found: dict[str, Any] = orjson.loads((FIXTURES / "baihang_overdue_loan.json").read_bytes())
    return found


def read(connector: Connector, body: object) -> Report:
    """The report in `body`."""
    said = connector.read(RawAnswer(orjson.dumps(body), NOON))
    assert isinstance(said, Report)
    return said


def metric(report: Report, record_id: str) -> Metric:
    """The one metric at a path."""
    (found,) = (r for r in report.records if r.record_id == record_id)
    assert isinstance(found, Metric)
    return found


async def test_the_ask_is_what_the_interface_wants(
    connector: Connector,
    router: respx.MockRouter,
    permit_for: Callable[..., Permit],
    subject: identity.Identity,
) -> None:
    """A field under another name is a refusal, and the line in the history stays."""
    route = router.post("https://source.invalid/base/api/v1/credit/report").respond(200)

    await connector.fetch(permit_for("baihang"), subject, at=NOON)

    sent = route.calls.last.request
    assert orjson.loads(sent.content) == {
        "name": "示例甲",
        "pid": "999999199001010016",
        "mobile": "10012345678",
        "queryReason": 1,
        "guaranteeType": 1,
        "loanPurpose": 10,
        "customType": 3,
        "applyAmount": -1,
    }
    scheme, _, token = sent.headers["authorization"].partition(" ")
    assert (scheme, base64.b64decode(token)) == ("Basic", b"member:s:ecret")


@pytest.mark.parametrize(
    ("change", "reason"),
    [
        ({"id_type": "PASSPORT"}, "id_type_unknown_to_source"),
        ({"mobile": None}, "mobile_missing"),
        ({"mobile": "85212345678"}, "mobile_foreign"),
        ({"mobile": "861234"}, "mobile_foreign"),
    ],
)
async def test_a_hopeless_ask_opens_no_socket(
    *,
    connector: Connector,
    router: respx.MockRouter,
    permit_for: Callable[..., Permit],
    subject: identity.Identity,
    change: dict[str, Any],
    reason: str,
) -> None:
    """What we know to be refused is not asked: it would cost a footprint for nothing."""
    with pytest.raises(SourceRejectedAsk) as caught:
        await connector.fetch(permit_for("baihang"), replace(subject, **change), at=NOON)

    assert (caught.value.reason, router.calls.call_count) == (reason, 0)


@pytest.mark.parametrize(
    ("source", "purpose", "reason"),
    [
        ("pboc", "loan_origination", "permit_for_another_source"),
        ("baihang", "monitoring", "purpose_unknown_to_source"),
    ],
)
async def test_the_permit_must_be_for_this_source_and_a_purpose_it_knows(
    *,
    connector: Connector,
    router: respx.MockRouter,
    permit_for: Callable[..., Permit],
    subject: identity.Identity,
    source: str,
    purpose: str,
    reason: str,
) -> None:
    """A consent to ask one bureau is not one to ask another, or for something else."""
    with pytest.raises(SourceRejectedAsk) as caught:
        await connector.fetch(permit_for(source, purpose=purpose), subject, at=NOON)

    assert (caught.value.reason, router.calls.call_count) == (reason, 0)


def test_a_report_becomes_records(connector: Connector, body: dict[str, Any]) -> None:
    """Each block keeps its meaning, its day and its path."""
    report = read(connector, body)

    assert report.as_of == NOON
    assert report.records[:4] == (
        Identity(
            source="baihang",
            record_id="personalProfile",
            as_of=date(2026, 3, 1),
            name="示例甲",
            documents=(IdDocument(type="CN_RIC", number="999999199001010016"),),
        ),
        Metric(
            source="baihang",
            record_id="personalProfile.mobileCount",
            as_of=date(2026, 3, 1),
            scope=Scope.IDENTITY,
            name="mobileCount",
            window="all",
            value=2,
            unit="count",
        ),
        Address(
            source="baihang",
            record_id="homeInfo[0]",
            as_of=date(2026, 1, 15),
            text="示例省示例市虚构路1号",
        ),
        Address(
            source="baihang",
            record_id="homeInfo[1]",
            as_of=date(2023, 6, 2),
            text="示例省旧例市杜撰街22号",
        ),
    )
    (job,) = (r for r in report.records if isinstance(r, Employment))
    assert (job.employer, job.as_of) == ("示例无线电有限公司", date(2025, 8, 20))
    assert next(r for r in report.records if isinstance(r, Inquiry)) == Inquiry(
        source="baihang",
        record_id="queryHistory[0]",
        as_of=date(2026, 3, 1),
        on=PartialDate(2026, 2, 27),
        kind=InquiryKind.LOAN_APPLICATION,
        reason="loan_application",
        institution="示例消金",
        institution_type=None,
    )


@pytest.mark.parametrize(
    ("path", "value", "unit", "window", "segment", "scope"),
    [
        ("nonRevolvingLoan.summary.remainingAmount", 2184055, "fen", "all", "non_revolving", "t"),
        ("nonRevolvingLoan.summary.maxOverdueStatus", 43, "days", "all", "non_revolving", "t"),
        ("nonRevolvingLoan.summary.lastCompensationDate", 91, "days", "all", "non_revolving", "t"),
        ("nonRevolvingLoan.D90.applyTenantCount", 4, "count", "d90", "non_revolving", "i"),
        ("revolvingLoan.summary.creditLimitSum", 3000000, "fen", "all", "revolving", "t"),
        ("revolvingLoan.D360.lendingAmount", 1120000, "fen", "d360", "revolving", "t"),
    ],
)
def test_an_aggregate_keeps_unit_window_and_segment(
    *,
    connector: Connector,
    body: dict[str, Any],
    path: str,
    value: int,
    unit: str,
    window: str,
    segment: str,
    scope: str,
) -> None:
    """Yuan read as fen, or one window as another, would move a credit line."""
    got = metric(read(connector, body), path)

    assert (got.value, got.unit, got.window, got.segment) == (value, unit, window, segment)
    assert got.scope is {"t": Scope.TRADELINES, "i": Scope.INQUIRIES}[scope]


def test_the_report_of_a_good_day_has_only_known_gaps(
    connector: Connector, body: dict[str, Any]
) -> None:
    """What we cannot translate is said, and nothing else."""
    assert read(connector, body).issues == (
        Issue("baihang", IssueKind.UNKNOWN_CODE, "queryHistory.reason", "code '2'", 1),
        Issue("baihang", IssueKind.UNKNOWN_CODE, "queryHistory.tenantType", "code '2'", 1),
        Issue("baihang", IssueKind.UNKNOWN_CODE, "queryHistory.tenantType", "code '3'", 2),
    )


def test_a_new_field_is_counted_and_costs_nothing(
    connector: Connector, body: dict[str, Any]
) -> None:
    """A bureau adds fields without asking; the lender keeps its report and hears of it."""
    records = read(connector, body).records
    for window in ("D30", "D90"):
        body["nonRevolvingLoan"][window]["finLseCount"] = 1
    body["homeInfo"][0]["phone13900000000"] = "x"
    body["nonRevolvingLoan"]["Y2"] = {}
    got = read(connector, body)

    assert got.records == records
    assert {(i.where, i.count) for i in got.issues if i.kind is IssueKind.UNKNOWN_TAG} == {
        ("nonRevolvingLoan.D30.finLseCount", 1),
        ("nonRevolvingLoan.D90.finLseCount", 1),
        ("homeInfo.another field", 1),
        ("nonRevolvingLoan.Y2", 1),
    }


@pytest.mark.parametrize(
    ("status", "value", "unit"), [("D17", 17, "days"), ("3", 3, "code"), (3, 3, "code")]
)
def test_an_overdue_status_is_days_or_a_bare_code(
    connector: Connector, body: dict[str, Any], status: object, value: int, unit: str
) -> None:
    """Digits alone are a grade nobody published: reading them as days would be a guess."""
    body["revolvingLoan"]["summary"]["maxOverdueStatus"] = status
    got = metric(read(connector, body), "revolvingLoan.summary.maxOverdueStatus")

    assert (got.value, got.unit) == (value, unit)


def test_an_unpublished_overdue_status_is_an_issue(
    connector: Connector, body: dict[str, Any]
) -> None:
    """M1 may mean one thing at one bureau and another at the next."""
    body["revolvingLoan"]["summary"]["maxOverdueStatus"] = "M1"
    where = "revolvingLoan.summary.maxOverdueStatus"
    got = read(connector, body)

    assert where not in {r.record_id for r in got.records}
    assert Issue("baihang", IssueKind.UNKNOWN_CODE, where, "code 'M1'") in got.issues


@pytest.mark.parametrize("amount", ["1,204.10", "-1", "1204.105", "1e3", True, [], "九百"])
def test_an_odd_amount_is_left_out_and_counted(
    connector: Connector, body: dict[str, Any], amount: object
) -> None:
    """No amount is better than one that was bent into shape."""
    where = "nonRevolvingLoan.summary.remainingAmount"
    body["nonRevolvingLoan"]["summary"]["remainingAmount"] = amount
    got = read(connector, body)

    assert where not in {r.record_id for r in got.records}
    assert [i.kind for i in got.issues if i.where == where] == [IssueKind.BAD_VALUE]


@pytest.mark.parametrize("amount", ["1204.1", 1204.1, "1204.10"])
def test_an_amount_may_be_text_or_number(
    connector: Connector, body: dict[str, Any], amount: object
) -> None:
    """Both are seen; a float must not cost a fen."""
    body["nonRevolvingLoan"]["summary"]["remainingAmount"] = amount
    got = metric(read(connector, body), "nonRevolvingLoan.summary.remainingAmount")

    assert got.value == 120410


@pytest.mark.parametrize("day", ["2026-03-02", "2026-02-30", "1899-12-31", "20260227", 20260227])
def test_an_inquiry_without_a_possible_day_is_no_inquiry(
    connector: Connector, body: dict[str, Any], day: object
) -> None:
    """Counting inquiries by window needs a day; tomorrow's is a typing error."""
    body["queryHistory"][0]["date"] = day
    got = read(connector, body)

    assert [r.record_id for r in got.records if isinstance(r, Inquiry)] == [
        "queryHistory[1]",
        "queryHistory[2]",
    ]
    assert {i.kind for i in got.issues if i.where == "queryHistory.date"} == {
        IssueKind.BAD_VALUE,
        IssueKind.MISSING,
    }


def test_a_missing_block_is_counted_unless_it_is_optional(
    connector: Connector, body: dict[str, Any]
) -> None:
    """Half a report and a remark serve a lender better than none."""
    del body["workInfo"], body["homeInfo"]
    got = read(connector, body)

    assert [i.where for i in got.issues if i.kind is IssueKind.MISSING] == ["homeInfo"]


@pytest.mark.parametrize(
    ("field", "value"),
    [
        *(("reportId", value) for value in (None, "", 7)),
        *(("reportTime", value) for value in (None, "", 7, "2026-03-01", "0001-01-01T00:00:00")),
    ],
)
def test_without_a_usable_header_there_is_no_report(
    connector: Connector, body: dict[str, Any], field: str, value: object
) -> None:
    """Evidence without a number and a time cannot be replayed or disputed."""
    body["reportHeader"][field] = value

    with pytest.raises(SourceBrokeContract, match=rf"missing: reportHeader\.{field}$"):
        read(connector, body)


@pytest.mark.parametrize("echo", [{}, {"personalProfile": {"name": "示例甲", "mobileCount": 0}}])
def test_empty_blocks_are_a_no_hit(connector: Connector, echo: dict[str, object]) -> None:
    """Nobody known is a value of its own: neither an error nor a clean record."""
    body = orjson.loads((FIXTURES / "baihang_no_file.json").read_bytes()) | echo
    said = connector.read(RawAnswer(orjson.dumps(body), NOON))

    assert said == NoHit(source="baihang", as_of=NOON)


def test_a_person_with_no_loans_but_a_history_is_a_hit(
    connector: Connector, body: dict[str, Any]
) -> None:
    """A thin file is a file."""
    body["nonRevolvingLoan"] = body["revolvingLoan"] = {}

    assert len(read(connector, body).records) > 0


@pytest.mark.parametrize(
    ("code", "kind", "reason"),
    [
        ("ERR-20001", SourceLockedUs, "error_ERR-20001"),
        ("ERR-99999", SourceUnavailable, "error_ERR-99999"),
        ("somebody's name", SourceUnavailable, "error_unlisted"),
        (7, SourceUnavailable, "error_unlisted"),
    ],
)
def test_an_error_code_says_what_to_do_next(
    connector: Connector, code: object, kind: type[SourceError], reason: str
) -> None:
    """Asking on with refused credentials locks the member out; the message may name people."""
    raw = orjson.dumps({"errorCode": code, "errorMessage": "somebody's name"})

    with pytest.raises(SourceError) as caught:
        connector.read(RawAnswer(raw, NOON))

    assert (type(caught.value), caught.value.reason) == (kind, reason)
    assert "somebody" not in str(caught.value)


@pytest.mark.parametrize(
    ("changes", "says"),
    [
        ({"options": {}}, "guarantee_type"),
        ({"options": {**SETTINGS.options, "amount": 1}}, "amount"),
        ({"secrets": {"user": "member"}}, "password"),
        ({"reasons": {"loan_origination": "-"}}, "queryReason"),
    ],
)
def test_a_wrong_setting_stops_the_start(
    client_of: Callable[[str], SourceClient], changes: dict[str, Any], says: str
) -> None:
    """What is declared about the credit asked for is the member's word, so it has no default."""
    with pytest.raises(ConfigError, match=says):
        baihang.build(client_of("baihang"), replace(SETTINGS, **changes))


def test_the_connector_prints_no_secret(connector: Connector) -> None:
    """Its repr ends up in tracebacks."""
    assert "Basic" not in repr(connector)
