"""Reporting to a bureau over real HTTP: its own consent, the notice before, once and on record."""

import asyncio
from datetime import timedelta
from typing import Any
from uuid import uuid4

import orjson
import pytest

from consent.clock import stamp, utc_now
from consent.decision import RefusalReason
from consent.ledger import Ledger
from gateway.clients import Role
from tests.scenarios.given import Answer, Stage

pytestmark = pytest.mark.asyncio(loop_scope="module")

PATH = "/v1/reporting/baihang"
ISSUED: dict[str, Any] = {
    "kind": "loan_issued", "loan_ref": "CANARY-LOAN", "guarantee_code": 1, "purpose_code": 10,
    "due_day_code": 1, "applied_at": "2026-02-27T09:00:00+08:00",
    "account_opened_at": "2026-02-27T10:00:00+08:00", "issued_at": "2026-02-28T10:00:00+08:00",
    "matures_on": "2026-08-28", "amount": 600_000, "terms": 6, "term_days": 30,
    "first_due_on": "2026-03-28",
}  # fmt: skip
OVERDUE: dict[str, Any] = {
    "kind": "term_status", "loan_ref": "CANARY-LOAN", "term": 1, "due_on": "2026-03-28",
    "planned": 100_000, "due": 100_000, "paid": 0, "days_past_due": 12, "past_due": 100_000,
    "outstanding": 600_000, "loan_overdue": True, "confirmed_at": "2026-04-09T08:00:00Z",
}  # fmt: skip
NOTICE = {
    "id": "N-1", "given_at": "2026-04-07T08:00:00Z", "channel": "sms", "content_sha256": "a" * 64,
}  # fmt: skip


async def agreed(
    stage: Stage, *, separate: tuple[str, ...] = ("report_to_bureau",), **terms: Any
) -> Any:
    """A consent of somebody, with these separate consents and terms."""
    return await stage.consented(
        stage.somebody(), separate_consents=["income_and_assets", *separate], **terms
    )


async def tell(stage: Stage, consent: Any, message: Any = None, **changed: Any) -> Answer:
    """One message about the subject of `consent`."""
    key = changed.pop("key", None)
    body = {
        "subject": {"ref": consent["subject"]},
        "consent_id": consent["id"],
        "request_id": str(uuid4()),
        "message": message or ISSUED,
        **changed,
    }
    return await stage.call("POST", PATH, body, key=key)


async def test_a_loan_is_reported_and_on_record(stage: Stage) -> None:
    """Intent before the socket, end before the reply, nothing personal in clear."""
    consent = await agreed(stage)
    answer = await tell(stage, consent)
    told = [one for one in stage.wire.exchanges if one.url.endswith("/credit/loan/issue")]

    assert (answer.status, answer.json["outcome"]) == (200, "accepted")
    assert len(told) == 1
    assert orjson.loads(told[0].asked)["loanId"] == "CANARY-LOAN"
    entries = await stage.entries(req=answer.req)
    assert [one["type"] for one in entries] == ["report.intended", "report.ok"]
    assert entries[0]["detail"]
    assert entries[1]["id"] == answer.json["entry"]
    assert b"CANARY-LOAN" not in orjson.dumps(entries)


async def test_without_its_own_consent_nothing_is_reported(stage: Stage) -> None:
    """Who agreed to be looked up has not agreed to be reported (征信业管理条例 art. 29)."""
    answer = await tell(stage, await agreed(stage, separate=()))

    assert (answer.status, answer.json["code"]) == (403, "consent_refused")
    assert answer.json["refusals"]["baihang"]["reason"] == "separate_consent_missing"
    assert "art. 29" in answer.json["refusals"]["baihang"]["explanation"]
    assert not stage.wire.exchanges
    assert await stage.kinds(answer.req) == ["report.denied"]


async def test_a_withdrawn_consent_reports_nothing_more(stage: Stage) -> None:
    """A withdrawal counts from its commit on, in both directions."""
    consent = await agreed(stage)
    await stage.withdraw(consent)
    answer = await tell(stage, consent)

    assert answer.json["refusals"]["baihang"]["reason"] == "withdrawn"
    assert not stage.wire.exchanges


async def test_a_report_after_its_time_ends_a_consent(stage: Stage) -> None:
    """The log says when it was over, whichever way it was to be used."""
    consent = await agreed(stage, expires_at=stamp(utc_now() + timedelta(hours=1)))
    with stage.clock.ahead(hours=2):
        answer = await tell(stage, consent)

    assert answer.json["refusals"]["baihang"]["reason"] == "expired"
    assert await stage.kinds(answer.req) == ["report.denied", "consent.expired"]


@pytest.mark.parametrize(
    ("notice", "field"),
    [
        (None, "/adverse_notice"),
        ({**NOTICE, "given_at": "2999-01-01T00:00:00Z"}, "/adverse_notice/given_at"),
        ({**NOTICE, "content_sha256": "x"}, "/adverse_notice/content_sha256"),
    ],
)
async def test_arrears_are_reported_after_a_notice_only(
    stage: Stage, notice: Any, field: str
) -> None:
    """The subject hears it before the bureau does (art. 15)."""
    answer = await tell(stage, await agreed(stage), OVERDUE, adverse_notice=notice)

    assert answer.status == 422
    assert answer.json["errors"][0]["field"] == field
    assert not stage.wire.exchanges
    assert await stage.kinds(answer.req) == ["report.denied"]


async def test_the_notice_is_on_record_with_what_followed(stage: Stage) -> None:
    """A supervisor asks for exactly this: told when, how, and what was said."""
    answer = await tell(stage, await agreed(stage), OVERDUE, adverse_notice=NOTICE)
    (begun, end) = await stage.entries(req=answer.req)

    assert answer.json["outcome"] == "accepted"
    assert end["facts"]["notice_sha256"] == "a" * 64
    assert end["facts"]["notice_at"].startswith("2026-04-07")
    assert begun["detail"]  # the notice's id is the member's own and stands sealed
    assert b"N-1" not in orjson.dumps([begun["facts"], end["facts"]])


async def test_a_withdrawal_in_the_same_commit_wins(stage: Stage) -> None:
    """Units share commits: what is withdrawn by then must not leave, whoever came first."""
    for _ in range(10):
        consent = await agreed(stage)
        told, withdrawn = await asyncio.gather(tell(stage, consent), stage.withdraw(consent))
        sent = [one for one in stage.wire.exchanges if one.source == "baihang"]
        stage.wire.clear()

        assert withdrawn.status == 200
        if told.status == 200 and told.json["outcome"] == "refused":
            assert told.json["reason"] == "withdrawn"
        assert len(sent) == (told.status == 200 and told.json["outcome"] == "accepted")


async def test_what_ended_before_the_socket_may_be_sent_anew(
    stage: Stage, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Nothing left, so nothing is under way: under a new consent the same id is free at once."""
    consent = await agreed(stage)
    same = str(uuid4())
    with monkeypatch.context() as late:
        late.setattr(Ledger, "gate", lambda *_, **__: RefusalReason.WITHDRAWN)
        dropped = await tell(stage, consent, request_id=same)
    sent = len(stage.wire.exchanges)
    again = await tell(stage, consent, request_id=same)

    assert (dropped.json["outcome"], dropped.json["reason"]) == ("refused", "withdrawn")
    assert await stage.kinds(dropped.req) == ["report.intended", "report.failed"]
    assert (sent, again.json["outcome"]) == (0, "accepted")


@pytest.mark.parametrize(
    ("message", "notice", "field"),
    [
        ({**OVERDUE, "confirmed_at": "9999-12-31T23:59:59Z"}, NOTICE, "/message/"),
        (OVERDUE, {**NOTICE, "given_at": "0001-01-01T00:00:00+08:00"}, "/adverse_notice/given_at"),
    ],
)
async def test_an_instant_at_the_end_of_the_calendar_is_refused(
    stage: Stage, message: Any, notice: Any, field: str
) -> None:
    """It is no day in every time zone, and would be a defect of ours on the way."""
    answer = await tell(stage, await agreed(stage), message, adverse_notice=notice)

    assert answer.status == 422
    assert answer.json["errors"][0]["field"].startswith(field)


async def test_a_request_id_says_nobodys_number(stage: Stage) -> None:
    """It stands in the log and the database in clear, for ever."""
    answer = await tell(stage, await agreed(stage), request_id="999999198601210025")

    assert (answer.status, answer.json["errors"][0]["field"]) == (422, "/request_id")


async def test_a_message_is_accepted_once(stage: Stage) -> None:
    """A caller that lost our reply repeats itself; the bureau hears it once."""
    consent = await agreed(stage)
    same = str(uuid4())
    first = await tell(stage, consent, request_id=same)
    again = await tell(stage, consent, request_id=same)
    other = await tell(stage, consent, {**ISSUED, "amount": 700_000}, request_id=same)
    stranger = await tell(stage, await agreed(stage), request_id=same)

    assert again.json == {
        **first.json, "reason": "accepted_before", "at": again.json["at"],
    }  # fmt: skip
    assert (other.status, other.json["code"]) == (409, "conflict")
    assert (stranger.status, stranger.json["code"]) == (409, "conflict")  # the bureau knows it too
    assert len(stage.wire.exchanges) == 1


async def test_two_at_once_are_one(stage: Stage) -> None:
    """One goes out; the other is told that it may be under way, or that it was accepted."""
    consent = await agreed(stage)
    same = str(uuid4())
    answers = await asyncio.gather(*(tell(stage, consent, request_id=same) for _ in range(6)))

    assert len(stage.wire.exchanges) == 1
    assert {answer.status for answer in answers} <= {200, 409}
    assert any(answer.status == 200 for answer in answers)


@pytest.mark.parametrize("kind", ["http_error", "drop", "garbage"])
async def test_a_failure_is_said_and_the_message_may_go_again(stage: Stage, kind: str) -> None:
    """Nothing is lost: the same request_id is free at once."""
    consent = await agreed(stage)
    same = str(uuid4())
    await stage.fault("baihang", kind)
    failed = await tell(stage, consent, request_id=same)
    again = await tell(stage, consent, request_id=same)

    assert failed.json["outcome"] in {"unavailable", "broke_contract"}
    assert failed.json["reason"]
    assert await stage.kinds(failed.req) == ["report.intended", "report.failed"]
    assert again.json["outcome"] == "accepted"


async def test_a_bureau_that_is_down_is_left_alone(stage: Stage) -> None:
    """Reports open the circuit as queries do, and an open one holds them back unasked."""
    consent = await agreed(stage)
    for _ in range(5):
        await stage.fault("baihang", "drop")
        assert (await tell(stage, consent)).json["outcome"] == "unavailable"
    sent = len(stage.wire.exchanges)
    held = await tell(stage, consent)

    assert (held.json["outcome"], held.json["reason"]) == ("skipped", "circuit_open")
    assert await stage.kinds(held.req) == ["report.failed"]
    assert len(stage.wire.exchanges) == sent


async def test_reporting_needs_a_role_and_a_source_that_takes_it(stage: Stage) -> None:
    """A scoring service has no business writing into files of credit bureaus."""
    consent = await agreed(stage)
    scoring = await stage.new_client(Role.PROFILE_PULL, Role.PROFILE_READ)
    denied = await tell(stage, consent, key=scoring)
    elsewhere = await stage.call(
        "POST",
        "/v1/reporting/pboc",
        {
            "subject": {"ref": consent["subject"]},
            "consent_id": consent["id"],
            "request_id": str(uuid4()),
            "message": ISSUED,
        },
    )

    assert (denied.status, denied.json["code"]) == (403, "not_allowed")
    assert elsewhere.status == 404
    assert "known: baihang" in elsewhere.json["detail"]
