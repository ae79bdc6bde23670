"""A life as a report of 示例星图征信, an invented bureau with an invented format.

It lists accounts one by one: the second opinion that finding one loan at two bureaus needs. One
JSON object with a `subject` and `accounts`. Amounts are decimal yuan strings exact to the fen,
dates `YYYY-MM-DD` (birth dates may stop at month or year), months `YYYY-MM`. `idType` is 01 for the
resident id, 02 for the passport. Marks of a month: 0 on time, 1-7 months late, W late within the
month, n nothing due, x no bill, B charged off, C closed, T sold, ? not known.
"""

from datetime import date, datetime
from types import MappingProxyType

import orjson

from connectors.records import AccountKind, AccountStatus, PaymentStatus
from connectors.sandbox import bureaus
from connectors.sandbox.bureaus import Seen
from connectors.sandbox.facts import CHINA, Life
from connectors.sandbox.lenders import XINGTU
from connectors.sandbox.portraits import portrait

HISTORY_MONTHS = 36
_Json = dict[str, object]
_KIND = MappingProxyType(
    {
        AccountKind.INSTALMENT_LOAN: "loan",
        AccountKind.REVOLVING_SUBACCOUNT: "draw",
        AccountKind.REVOLVING_LOAN: "line",
        AccountKind.CREDIT_CARD: "card",
        AccountKind.QUASI_CREDIT_CARD: "quasi_card",
        AccountKind.COLLECTION: "collection",
    }
)
_STATUS = MappingProxyType(
    {
        AccountStatus.CURRENT: "normal",
        AccountStatus.OVERDUE: "overdue",
        AccountStatus.CLOSED: "settled",
        AccountStatus.CHARGED_OFF: "written_off",
        AccountStatus.TRANSFERRED: "sold",
        AccountStatus.SUSPENDED: "stopped",
        AccountStatus.NOT_ACTIVATED: "inactive",
        AccountStatus.IN_COLLECTION: "collecting",
    }
)
_MARK = MappingProxyType(
    {
        PaymentStatus.CURRENT: "0",
        PaymentStatus.DPD_1_30: "1",
        PaymentStatus.DPD_31_60: "2",
        PaymentStatus.DPD_61_90: "3",
        PaymentStatus.DPD_91_120: "4",
        PaymentStatus.DPD_121_150: "5",
        PaymentStatus.DPD_151_180: "6",
        PaymentStatus.DPD_181_PLUS: "7",
        PaymentStatus.LATE_WITHIN_MONTH: "W",
        PaymentStatus.NOTHING_DUE: "n",
        PaymentStatus.NO_BILL: "x",
        PaymentStatus.CHARGED_OFF: "B",
        PaymentStatus.CLOSED: "C",
        PaymentStatus.ENDED: "T",
        PaymentStatus.UNKNOWN: "?",
    }
)


def answer(life: Life, at: datetime) -> bytes:
    """The report."""
    person, local = portrait(life, XINGTU), at.astimezone(CHINA)
    known = person.id_number is not None
    return orjson.dumps(
        {
            "reportId": f"XT{local:%Y%m%d%H%M%S}{life.index:08d}",
            "reportTime": local.isoformat(),
            "subject": {
                "name": person.name,
                "idType": "01" if known else "02",
                "idNo": person.id_number if known else person.passport,
                "birthDate": person.born,
                "sex": "M" if life.person.male else "F",
                "mobiles": [number for number, _ in person.mobiles],
            },
            "accounts": [_account(one) for one in bureaus.accounts(life, XINGTU)],
        }
    )


def _account(seen: Seen) -> _Json:
    account, last = seen.account, seen.account.last
    balance = last.balance if last else account.amount or 0
    return {
        "accountNo": seen.ref,
        "institution": seen.named,
        "kind": _KIND[account.kind],
        "status": _STATUS[seen.status],
        "openDate": account.opened.isoformat(),
        "dueDate": _day(account.matures),
        "closeDate": _day(account.ended),
        "currency": "CNY",
        "amount": _yuan(account.amount),
        "limit": _yuan(account.limit),
        "terms": account.terms,
        "balance": _yuan(balance),
        "overdueAmount": _yuan(last.overdue if last else 0),
        "overdueTerms": last.terms_overdue if last else 0,
        "asOf": (bureaus.reported_on(last.month) if last else account.opened).isoformat(),
        "disputed": account.disputed_in is not None,
        "months": [
            {"month": str(row.month), "mark": _MARK[standing]}
            for row, standing in reversed(seen.marks(HISTORY_MONTHS))
        ],
    }


def _day(day: date | None) -> str | None:
    return None if day is None else day.isoformat()


def _yuan(fen: int | None) -> str | None:
    return None if fen is None else f"{fen // 100}.{fen % 100:02d}"
