"""A life as a Tongdun pre-loan report (china.md 2.4): rules that found something, and a score.

A rule on many platforms fires from two on, in windows of which only the name tells. Matching by
mobile finds the applications made with the number known now.
"""

from collections import Counter
from collections.abc import Iterator, Sequence
from datetime import datetime, timedelta

import orjson

from connectors.records import LenderType
from connectors.sandbox import bureaus
from connectors.sandbox.facts import CHINA, Account, Application, Life
from connectors.sandbox.lenders import Lender

ID_FIELD = "id_number"
_WINDOWS = (("7天", 7), ("1个月", 30), ("3个月", 90), ("6个月", 180), ("12个月", 360))
_CLASSES = {
    LenderType.CONSUMER_FINANCE: "大型消费金融公司",
    LenderType.MICROLENDER: "小额贷款公司",
    LenderType.AUTO_FINANCE: "厂商汽车金融",
    LenderType.LEASING: "融资租赁",
    LenderType.OTHER: "一般消费分期平台",
}
_MANY = 5
_WEIGHTS = {"high": 30, "medium": 15, "low": 5}
_REVIEW, _REJECT = 30, 80
_Json = dict[str, object]


def answer(life: Life, at: datetime) -> bytes:
    """The report."""
    items = list(_items(life))
    score = min(sum(_WEIGHTS[str(item["risk_level"])] for item in items), 100)
    decision = "Reject" if score >= _REJECT else "Review" if score >= _REVIEW else "Accept"
    return _report(life.index, at, items, score, decision)


def no_hit(at: datetime) -> bytes:
    """A person nothing is known of: a report without an item."""
    return _report(0, at, [], 0, "Accept")


def _report(number: int, at: datetime, items: list[_Json], score: int, decision: str) -> bytes:
    local, stamp = at.astimezone(CHINA), int(at.timestamp()) * 1000
    return orjson.dumps(
        {
            "success": True,
            "application_id": f"{local:%y%m%d%H%M%S}{number:020X}",
            "report_id": f"ER{local:%Y%m%d%H%M%S}{number:08d}",
            "apply_time": stamp,
            "report_time": stamp,
            "final_decision": decision,
            "final_score": score,
            "address_detect": {"id_card_address": "示例省示例市", "mobile_address": "示例省示例市"},
            "risk_items": [{"item_id": 1_000_000 + n} | item for n, item in enumerate(items)],
        }
    )


def _items(life: Life) -> Iterator[_Json]:
    applied, accounts = bureaus.platform_uses(life)
    yield from _platforms(life, applied, accounts)
    week = [one for one in applied if one.on > life.today - timedelta(days=7)]
    if len(week) >= bureaus.FEW:
        yield _item(
            "7天内设备或身份证或手机号申请次数过多",
            "客户行为检测",
            "low",
            {
                "type": "frequency_detail",
                "frequency_detail_list": [{"detail": f"7天内身份证申请次数：{len(week)}"}],
            },
        )
    late = [one for one in accounts if bureaus.late_now(one)]
    if late:
        yield _item(
            "身份证命中信贷逾期名单",
            "不良信息扫描",
            "medium",
            {
                "type": "discredit_count",
                "discredit_times": len(late),
                "overdue_details": [_overdue(one) for one in late],
            },
        )
    if bureaus.enforced(life):
        yield _item("身份证命中法院执行名单", "不良信息扫描", "high", _court(life))


def _platforms(
    life: Life, applied: Sequence[Application], accounts: Sequence[Account]
) -> Iterator[_Json]:
    for window, days in _WINDOWS:
        since = life.today - timedelta(days=days)
        by_id = {one.lender.code: one.lender for one in applied if one.on > since}
        by_cell = {
            one.lender.code: one.lender
            for one in applied
            if one.on > since and one.mobile == life.person.mobile
        }
        if len(by_id) >= bureaus.FEW:
            detail = _detail(by_id) | {
                "platform_detail_dimension": [
                    {"dimension": name, "count": len(found), "detail": _classes(found)}
                    for name, found in (("借款人手机详情", by_cell), ("借款人身份证详情", by_id))
                    if found
                ]
            }
            level = "high" if len(by_id) >= _MANY else "medium"
            yield _item(f"{window}内申请人在多个平台申请借款", "多平台借贷申请检测", level, detail)
        lent = {one.lender.code: one.lender for one in accounts if one.opened > since}
        if len(lent) >= bureaus.FEW:
            name = f"{window}内申请人在多个平台被放款_不包含本合作方"
            yield _item(name, "多平台借贷负债检测", "medium", _detail(lent))


def _item(name: str, group: str, level: str, detail: _Json) -> _Json:
    return {"item_name": name, "group": group, "risk_level": level, "item_detail": detail}


def _detail(found: dict[str, Lender]) -> _Json:
    return {
        "type": "platform_detail",
        "platform_count": len(found),
        "platform_detail": _classes(found),
    }


def _classes(found: dict[str, Lender]) -> list[str]:
    counts = Counter(_CLASSES[lender.type] for lender in found.values())
    return [f"{name}:{count}" for name, count in sorted(counts.items())]


def _overdue(account: Account) -> _Json:
    row = account.last
    if row is None:
        raise ValueError("nothing overdue on an account without a month")
    return {
        "overdue_amount": row.overdue // 100,
        "overdue_count": row.terms_overdue,
        "overdue_day": 30 * row.months_late,
    }


def _court(life: Life) -> _Json:
    hit: _Json = {
        "type": "black_list",
        "description": "身份证命中法院执行名单",
        "fraud_type": "法院执行",
        "hit_type_displayname": "借款人身份证",
        "court_details": [
            {
                "fraud_type": "法院执行",
                "name": life.person.name,
                "court_name": fact.authority,
                "case_number": f"（{fact.on.year}）示0101执{life.index:04d}号",
                "filing_time": f"{fact.on.year}年{fact.on.month}月{fact.on.day}日",
            }
            for fact in bureaus.enforced(life)
        ],
    }
    return {"fraud_type": "法院执行", "namelist_hit_details": [hit]}
