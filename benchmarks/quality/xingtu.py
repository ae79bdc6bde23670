"""Reads the reports of 示例星图征信, the invented bureau of the sandbox that lists accounts.

Its format stands in `connectors.sandbox.render.xingtu`. A reader of its own, and here: the gateway
ships no connector for a bureau that does not exist, and a mapping (`connectors.declarative`) cannot
read payment grids.
"""

from datetime import date, datetime
from types import MappingProxyType
from typing import Any

import orjson

from connectors.money import Money, Month, PartialDate
from connectors.records import (
    AccountKind,
    AccountStatus,
    Annotation,
    GridMonth,
    IdDocument,
    Identity,
    PaymentStatus,
    Phone,
    Record,
    Report,
    Tradeline,
)

NAME = "xingtu"
_KIND = MappingProxyType(
    {
        "loan": AccountKind.INSTALMENT_LOAN,
        "draw": AccountKind.REVOLVING_SUBACCOUNT,
        "line": AccountKind.REVOLVING_LOAN,
        "card": AccountKind.CREDIT_CARD,
        "quasi_card": AccountKind.QUASI_CREDIT_CARD,
        "collection": AccountKind.COLLECTION,
    }
)
_STATUS = MappingProxyType(
    {
        "normal": AccountStatus.CURRENT,
        "overdue": AccountStatus.OVERDUE,
        "settled": AccountStatus.CLOSED,
        "written_off": AccountStatus.CHARGED_OFF,
        "sold": AccountStatus.TRANSFERRED,
        "stopped": AccountStatus.SUSPENDED,
        "inactive": AccountStatus.NOT_ACTIVATED,
        "collecting": AccountStatus.IN_COLLECTION,
    }
)
_MARK = MappingProxyType(
    {
        "0": PaymentStatus.CURRENT,
        "1": PaymentStatus.DPD_1_30,
        "2": PaymentStatus.DPD_31_60,
        "3": PaymentStatus.DPD_61_90,
        "4": PaymentStatus.DPD_91_120,
        "5": PaymentStatus.DPD_121_150,
        "6": PaymentStatus.DPD_151_180,
        "7": PaymentStatus.DPD_181_PLUS,
        "W": PaymentStatus.LATE_WITHIN_MONTH,
        "n": PaymentStatus.NOTHING_DUE,
        "x": PaymentStatus.NO_BILL,
        "B": PaymentStatus.CHARGED_OFF,
        "C": PaymentStatus.CLOSED,
        "T": PaymentStatus.ENDED,
        "?": PaymentStatus.UNKNOWN,
    }
)
_DOCUMENT = MappingProxyType({"01": "CN_RIC", "02": "PASSPORT"})


def read(content: bytes) -> Report:
    """The report in records; anything unexpected is a KeyError, as it should be in a benchmark."""
    body = orjson.loads(content)
    at = datetime.fromisoformat(body["reportTime"])
    return Report(
        source=NAME,
        report_id=body["reportId"],
        as_of=at,
        version="1",
        records=(
            *_person(body["subject"], at.date()),
            *(_tradeline(n, one) for n, one in enumerate(body["accounts"], 1)),
        ),
    )


def _person(subject: dict[str, Any], day: date) -> list[Record]:
    document = IdDocument(type=_DOCUMENT[subject["idType"]], number=subject["idNo"])
    who = Identity(
        source=NAME,
        record_id="subject",
        as_of=day,
        name=subject["name"],
        documents=(document,),
        birth_date=PartialDate.parse(subject["birthDate"]),
        sex={"M": "male", "F": "female"}[subject["sex"]],
    )
    phones = enumerate(subject["mobiles"], 1)
    return [
        who,
        *(Phone(source=NAME, record_id=f"mobile[{n}]", as_of=day, number=m) for n, m in phones),
    ]


def _tradeline(number: int, account: dict[str, Any]) -> Tradeline:
    return Tradeline(
        source=NAME,
        record_id=f"accounts[{number}]",
        as_of=date.fromisoformat(account["asOf"]),
        kind=_KIND[account["kind"]],
        status=_STATUS[account["status"]],
        lender=account["institution"],
        lender_type=None,
        account_ref=account["accountNo"],
        opened=_day(account["openDate"]),
        currency=account["currency"],
        matures=_day(account["dueDate"]),
        closed=_day(account["closeDate"]) if account["status"] == "settled" else None,
        transferred=_day(account["closeDate"]) if account["status"] == "sold" else None,
        original_amount=_money(account["amount"]),
        credit_limit=_money(account["limit"]),
        balance=_money(account["balance"]),
        past_due=_money(account["overdueAmount"]),
        overdue_terms=account["overdueTerms"],
        terms=account["terms"],
        grid=tuple(
            GridMonth(month=Month.parse(one["month"]), status=_MARK[one["mark"]])
            for one in account["months"]
        ),
        annotations=(Annotation(kind="dispute", text=None, added=None),)
        if account["disputed"]
        else (),
    )


def _day(text: str | None) -> PartialDate | None:
    return None if text is None else PartialDate.parse(text)


def _money(text: str | None) -> Money | None:
    if text is None:
        return None
    yuan, fen = text.split(".")
    return Money(int(yuan) * 100 + int(fen), "CNY")
