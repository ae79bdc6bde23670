"""A life as an aggregator's answer about the housing fund (china.md 2.5); amounts in fen."""

from collections.abc import Iterator
from datetime import date, datetime

import orjson

from connectors.money import Month
from connectors.sandbox.facts import HousingFund, Job, Life
from connectors.sandbox.lenders import HOUSING_FUND
from connectors.sandbox.life import INCOME_MONTHS
from connectors.sandbox.portraits import masked, portrait

ID_FIELD = "id_card"
_PAY_DAY = 12
_Json = dict[str, object]


def answer(life: Life, at: datetime) -> bytes:  # noqa: ARG001 - the answer carries no time
    """The account, and the months paid in the last three years."""
    fund, person = life.housing_fund, portrait(life, HOUSING_FUND)
    if fund is None:
        raise ValueError("no housing fund to tell of")
    bills = list(_bills(life, fund))
    balance = int(str(bills[0]["balance"])) if bills else 0
    job = next(job for job in reversed(life.jobs) if job.housing_fund)
    account: _Json = {
        "real_name": person.name,
        "id_card": masked(person.id_number) if person.id_number else person.passport,
        "card_type": "身份证" if person.id_number else "护照",
        "mobile": person.mobile,
        "gender": "1" if life.person.male else "2",
        "birthday": person.born,
        "email": life.person.email,
        "corporation_name": fund.employer,
        "pay_status": "SUSPENSE" if fund.sealed else "NORMAL",
        "base_number": job.salary,
        "monthly_corporation_income": fund.monthly // 2,
        "monthly_customer_income": fund.monthly // 2,
        "monthly_total_income": fund.monthly,
        "corporation_ratio": f"{fund.percent}%",
        "customer_ratio": f"{fund.percent}%",
        "begin_date": fund.enrolled.isoformat(),
        "last_pay_date": _paid_on(fund.paid_to).isoformat(),
        "balance": balance,
        "fund_balance": balance,
    }
    return enveloped(
        {
            "task_id": f"{life.index:032d}",
            "city": "示例市",
            "area_code": fund.region,
            "user_info": account,
            "bill_record": bills,
            "loan_info": [],
            "loan_repay_record": [],
        }
    )


def no_hit(at: datetime) -> bytes:  # noqa: ARG001 - the answer carries no time
    """Nobody of that name and number."""
    return enveloped(None)


def enveloped(data: _Json | None) -> bytes:
    """The aggregator's envelope, with nothing in it when there is nothing."""
    result = {"success": True, "message": "查询成功" if data else "无记录"}
    return orjson.dumps({"result": result, "data": data, "signature": "c2FuZGJveA=="})


def _bills(life: Life, fund: HousingFund) -> Iterator[_Json]:
    """Newest first; every June the fund adds interest, which nobody paid in."""
    rows: list[_Json] = []
    balance = 0
    for ago in reversed(range(INCOME_MONTHS)):
        month = Month.of(life.today).plus(-1 - ago)
        job = next((job for job in life.jobs if job.housing_fund and job.covers(month)), None)
        if job is not None:
            balance += 2 * (half := _half(job, fund))
            rows.append(
                _row(month, "汇缴", 2 * half, balance)
                | {
                    "corporation_name": job.employer,
                    "corporation_income": half,
                    "customer_income": half,
                }
            )
        if month.month == 6 and balance:  # noqa: PLR2004 - 30 June, when funds pay interest
            interest = balance * 15 // 1000
            balance += interest
            rows.append(_row(month, "年度结息", interest, balance))
    yield from reversed(rows)


def _half(job: Job, fund: HousingFund) -> int:
    return job.salary * fund.percent // 100


def _row(month: Month, description: str, income: int, balance: int) -> _Json:
    return {
        "month": str(month),
        "deal_time": _paid_on(month).isoformat(),
        "description": description,
        "income": income,
        "outcome": 0,
        "balance": balance,
    }


def _paid_on(month: Month) -> date:
    return date(month.year, month.month, _PAY_DAY)
