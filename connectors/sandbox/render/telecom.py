"""A life as a telephone check, in a form of the sandbox's own: no vendor's is public.

`consistency` 1 name, number and mobile belong together, 2 they do not, 3 the mobile is nobody's.
`status` 2 to 6 are those seen on one vendor's page (china.md 2.7: 停机, 未启用, 已销号, 其他,
预销号); 1, in use, is ours. `in_network` is a band of months: A under 3, B under 6, C under 12, D
under 24, E from 24.
"""

from datetime import datetime

import orjson

from connectors.sandbox.facts import CHINA, Life

_BANDS = ((3, "A"), (6, "B"), (12, "C"), (24, "D"))
_LONGEST = "E"
_MONTH_DAYS = 30
_STOPPED_AFTER = 1  # months of unpaid bills until the line is suspended


def answer(life: Life, mobile: str, at: datetime) -> bytes:
    """What the operator says of this mobile, asked for with the person's name and number."""
    person = life.person
    if mobile == person.mobile:
        days = (life.today - person.mobile_since).days
        result = {"consistency": "1", "status": _status(life), "in_network": _band(days)}
    elif mobile == person.former_mobile:
        result = {"consistency": "2", "status": "4"}
    else:
        result = {"consistency": "3"}
    return _told("200", at, life.index, result)


def no_hit(at: datetime) -> bytes:
    """Nobody of that name and number."""
    return _told("404", at, 0, None)


def _told(code: str, at: datetime, number: int, result: dict[str, str] | None) -> bytes:
    order = f"TC{at.astimezone(CHINA):%Y%m%d%H%M%S}{number:06d}"
    return orjson.dumps({"code": code, "order_no": order, "result": result})


def _status(life: Life) -> str:
    bill = life.phone_bill
    return "2" if bill and (bill.owed[0] or 0) >= _STOPPED_AFTER else "1"


def _band(days: int) -> str:
    months = days // _MONTH_DAYS
    return next((band for below, band in _BANDS if months < below), _LONGEST)
