"""A life as an aggregator's answer about social insurance (china.md 2.5); amounts in fen.

Every tenth city's site sends health data although nobody asked for it, as some do: medical
insurance, its balance, and where it was spent. A sound gateway keeps none of it.
"""

from collections.abc import Iterator
from datetime import datetime

from connectors.money import Month
from connectors.sandbox.facts import Life
from connectors.sandbox.lenders import SOCIAL_INSURANCE
from connectors.sandbox.portraits import portrait
from connectors.sandbox.render.housing_fund import enveloped
from consent.identity import TEST_REGION

ID_FIELD = "id_card"
# Code, name, and what person and employer pay, in parts per thousand of the base.
_INSURANCES = ((1, "养老保险", 80, 160), (3, "工伤保险", 0, 4), (5, "失业保险", 5, 5))
_MEDICAL = (2, "医疗保险", 20, 90)
_TALKATIVE = 10
_Json = dict[str, object]


def answer(life: Life, at: datetime) -> bytes:  # noqa: ARG001 - the answer carries no time
    """Base data, the kinds of insurance, and every month paid in three years."""
    person, last = portrait(life, SOCIAL_INSURANCE), life.pension_months[-1]
    job = next(job for job in reversed(life.jobs) if job.covers(last))
    stopped = last < Month.of(life.today).plus(-1)
    talks = tells_of_health(life)
    kinds = (*_INSURANCES, _MEDICAL) if talks else _INSURANCES
    base: _Json = {
        "social_security_no": f"99{life.index:010d}",
        "real_name": person.name,
        "id_card": person.id_number or person.passport,
        "phone": person.mobile,
        "birth_day": person.born,
        "sex": "男" if life.person.male else "女",
        "insured_unit": job.employer,
        "pay_status": "停缴" if stopped else "正常缴费",
        "personnel_status": "离职" if stopped else "在职",
        "base_number": job.salary,
        "first_insured_date": life.jobs[0].since.isoformat(),
        "last_pay_date": f"{last}-12",
    }
    data: _Json = {
        "task_id": f"{life.index:032d}",
        "city": "示例市",
        "area_code": TEST_REGION,
        "base_info": base | ({"medical_insurance_balance": 420_000} if talks else {}),
        "insurances": [
            {"insurance_code": code, "insurance_type": name, "base_number": job.salary}
            for code, name, _, _ in kinds
        ],
        "insurance_record": [row for kind in kinds for row in _rows(life, *kind)],
    }
    if talks:
        visit = {"organization_name": "示例市样例医院", "type": "门诊", "money": 30_000}
        data["medical_insurance_record"] = [visit | {"settlement_time": f"{last}-20"}]
    return enveloped(data)


def no_hit(at: datetime) -> bytes:  # noqa: ARG001 - the answer carries no time
    """Nobody of that name and number."""
    return enveloped(None)


def tells_of_health(life: Life) -> bool:
    """This person's city sends health data unasked."""
    return life.index % _TALKATIVE == 0


def _rows(life: Life, code: int, name: str, personal: int, employer: int) -> Iterator[_Json]:
    """A payment for every month with an income, newest first; the base is the pay."""
    for month, pay in reversed(life.income):
        if not pay:
            continue
        mine, theirs = pay * personal // 1000, pay * employer // 1000
        yield {
            "insurance_code": code,
            "insurance_type": name,
            "month": str(month),
            "month_end": str(month),
            "base_number": pay,
            "personal_payment": mine,
            "corporation_payment": theirs,
            "amount": mine + theirs,
            "deal_time": f"{month}-12",
            "description": "正常应缴",
        }
