"""The reporting messages of the same interface: D2 loan issued, D3 post-loan (china.md 2.1).

Field names are those of public code. Not public, and treated so: what of a message is mandatory
(everything is sent but the device fields, which say more about the subject than a loan report
needs, PIPL art. 6), the codes of `targetRepayDateType` (the contract's), how an amount is written
(decimal yuan with two places, as in reports), what an answer says beyond `status: "success"` and
`errorCode`.
"""

from datetime import date, datetime
from types import MappingProxyType

import orjson

from connectors.reporting import LoanIssued, Telling, TermPaid
from connectors.sources.baihang.naming import FieldCipher, naming
from connectors.sources.baihang.reading import CHINA
from consent.identity import Identity

PATHS = MappingProxyType(
    {
        "loan_issued": "/api/v1/credit/loan/issue",
        "term_status": "/api/v1/credit/loan/track",
    }
)
_FIXED_DATES = -1  # termPeriod when every due day is listed
_NORMAL, _OVERDUE = 1, 2  # loanStatus


def write(subject: Identity, telling: Telling, cipher: FieldCipher | None = None) -> bytes:
    """The message as JSON; `SourceRejectedAsk` for a subject Baihang has no way to name."""
    message = telling.message
    facts = _issued(message) if isinstance(message, LoanIssued) else _tracked(message)
    return orjson.dumps(
        {
            "reqID": str(telling.request_id),
            "opCode": "M" if telling.amends else "A",
            "uploadTs": _instant(telling.at),
            **naming(subject, cipher),
            "loanId": message.loan_ref,
            **facts,
        }
    )


def _issued(message: LoanIssued) -> dict[str, object]:
    return {
        "originalLoanId": message.original_loan_ref or "",
        "guaranteeType": message.guarantee_code,
        "loanPurpose": message.purpose_code,
        "applyDate": _instant(message.applied_at),
        "accountOpenDate": _instant(message.account_opened_at),
        "issueDate": _instant(message.issued_at),
        "dueDate": message.matures_on.isoformat(),
        "loanAmount": _yuan(message.amount),
        "totalTerm": message.terms,
        "targetRepayDateType": message.due_day_code,
        "termPeriod": _FIXED_DATES if message.term_days is None else message.term_days,
        "targetRepayDateList": ",".join(day.isoformat() for day in message.due_days),
        "firstRepaymentDate": message.first_due_on.isoformat(),
        "gracePeriod": message.grace_days,
    }


def _tracked(message: TermPaid) -> dict[str, object]:
    days = message.days_past_due
    return {
        "termNo": message.term,
        "termStatus": "overdue" if days else "normal",
        "targetRepaymentDate": message.due_on.isoformat(),
        "realRepaymentDate": _day(message.paid_on),
        "plannedPayment": _yuan(message.planned),
        "targetRepayment": _yuan(message.due),
        "realRepayment": _yuan(message.paid),
        "overdueStatus": f"D{days}" if days else "",
        "statusConfirmAt": _instant(message.confirmed_at),
        "overdueAmount": _yuan(message.past_due),
        "remainingAmount": _yuan(message.outstanding),
        "loanStatus": _OVERDUE if message.loan_overdue else _NORMAL,
    }


def _yuan(fen: int) -> str:
    return f"{fen // 100}.{fen % 100:02d}"


def _day(day: date | None) -> str:
    return "" if day is None else day.isoformat()


def _instant(at: datetime) -> str:
    return at.astimezone(CHINA).strftime("%Y-%m-%dT%H:%M:%S")
