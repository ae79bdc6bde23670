"""A life as a Baihang credit report (interface of 2018-2021, china.md 2.1).

Amounts are decimal yuan strings with two places, counts are integers, dates `YYYY-MM-DD`. A loan
block holds a `summary` and the windows `D30` ... `D360`. Overdue status is `D` and days, empty
when there is none, as in the D3 reporting message. Finance leases are not rendered, the block's
field list is not public; what the codes of `tenantType` mean is not either, ours are invented.
"""

from collections.abc import Iterable, Sequence
from datetime import date, datetime, timedelta

import orjson

from connectors.records import AccountKind, InquiryKind, LenderType
from connectors.sandbox import bureaus
from connectors.sandbox.bureaus import Seen
from connectors.sandbox.facts import CHINA, Application, Life, Row, Stage
from connectors.sandbox.lenders import BAIHANG
from connectors.sandbox.portraits import portrait

WINDOWS = (30, 90, 180, 360)
HISTORY_DAYS = 365
_STATUS_MONTHS = 36
_HOMES = 5
_WORK_DAYS = 730
_REVOLVING = frozenset({AccountKind.REVOLVING_LOAN})
_NON_REVOLVING = frozenset({AccountKind.INSTALMENT_LOAN, AccountKind.REVOLVING_SUBACCOUNT})
_TENANT_TYPE = {
    LenderType.BANK: "1",
    LenderType.CONSUMER_FINANCE: "2",
    LenderType.MICROLENDER: "3",
    LenderType.LEASING: "4",
}
_APPROVAL, _OTHER_REASON = 1, 2  # 1 = 授信审批; what 2, 3 and 6 mean is not public

Json = dict[str, object]


def answer(life: Life, at: datetime) -> bytes:
    """The report as UTF-8 JSON."""
    return orjson.dumps(report(life, at))


def no_hit(at: datetime) -> bytes:
    """A person Baihang has no file on: a report with a head and empty blocks."""
    number = f"BH{at.astimezone(CHINA):%Y%m%d%H%M%S}00000000"
    blocks: Json = {"homeInfo": [], "workInfo": [], "queryHistory": []}
    blocks |= {"nonRevolvingLoan": {}, "revolvingLoan": {}}
    return orjson.dumps({"reportHeader": _header(number, at, found=False)} | blocks)


def report(life: Life, at: datetime) -> Json:
    """All blocks; windows end today."""
    person, seen = portrait(life, BAIHANG), bureaus.accounts(life, BAIHANG)
    number = f"BH{at.astimezone(CHINA):%Y%m%d%H%M%S}{life.index:08d}"
    return {
        "reportHeader": _header(number, at, found=True),
        "personalProfile": {
            "name": person.name,
            "pid": person.id_number,
            "mobileCount": len(person.mobiles),
        },
        "homeInfo": [
            {"homeAddress": home.text, "date": home.since.isoformat()}
            for home in life.person.homes[:_HOMES]
        ],
        "workInfo": [
            {"workName": job.employer, "workAddress": job.address, "date": job.since.isoformat()}
            for job in reversed(life.jobs)
            if job.until is None or bureaus.reported_on(job.until) > _ago(life, _WORK_DAYS)
        ],
        "nonRevolvingLoan": _non_revolving(life, seen),
        "revolvingLoan": _revolving(life, seen),
        "queryHistory": _history(life),
    }


def _header(number: str, at: datetime, *, found: bool) -> Json:
    return {
        "reportId": number,
        "queryResult": 1 if found else 2,
        "reportTime": f"{at.astimezone(CHINA):%Y-%m-%dT%H:%M:%S}",
    }


def _non_revolving(life: Life, seen: Sequence[Seen]) -> Json:
    loans = [one for one in seen if one.account.kind in _NON_REVOLVING]
    running = [one for one in loans if _owing(one)]
    late = [one for one in running if _late(one)]
    summary: Json = {
        "loanCount": len(loans),
        "openLoanCount": len(running),
        "remainingAmount": _yuan(_balance(one) for one in running),
        "remainingOverdueLoanCount": len(late),
        "remainingOverdueAmount": _yuan(_overdue(one) for one in late),
        "remainingMaxOverdueStatus": _worst_now(late),
        "overdueCount": _times_overdue(loans),
        "maxOverdueStatus": _worst_ever(loans),
        "lastCompensationDate": "",
    }
    block: Json = {"summary": summary}
    for days in WINDOWS:
        since = _ago(life, days)
        issued = [one for one in loans if one.account.opened > since]
        lent = [one.account.amount or 0 for one in issued]
        block[f"D{days}"] = {
            "applyTenantCount": _tenants(_applications(life, _NON_REVOLVING, since)),
            "loanCount": len(issued),
            "loanAmount": _yuan(lent),
            "loanTenantCount": len({one.alias for one in issued}),
            "maxLoanAmount": _yuan([max(lent, default=0)]),
            "averageLoanAmount": _yuan([sum(lent) // len(lent) if lent else 0]),
            "overdueLoanCount": sum(_was_late(one, since) for one in loans),
            "compensationCount": 0,
            "compensationTimes": 0,
            "compensationAmount": _yuan([]),
        }
    return block


def _revolving(life: Life, seen: Sequence[Seen]) -> Json:
    lines = [one for one in seen if one.account.kind in _REVOLVING]
    valid = [one for one in lines if _owing(one)]
    late = [one for one in valid if _late(one)]
    by_tenant: dict[str, int] = {}
    for one in valid:
        by_tenant[one.alias] = by_tenant.get(one.alias, 0) + (one.account.limit or 0)
    summary: Json = {
        "accountCount": len(lines),
        "validAccountCount": len(valid),
        "creditLimitSum": _yuan(by_tenant.values()),
        "maxCreditLimitPerTenant": _yuan([max(by_tenant.values(), default=0)]),
        "remainingAmount": _yuan(_balance(one) for one in valid),
        "remainingOverdueAccountCount": len(late),
        "remainingOverdueAmount": _yuan(_overdue(one) for one in late),
        "remainingMaxOverdueStatus": _worst_now(late),
        "overdueCount": _times_overdue(lines),
        "maxOverdueStatus": _worst_ever(lines),
        "revolvingLastCompensationDate": "",
    }
    block: Json = {"summary": summary}
    for days in WINDOWS:
        since = _ago(life, days)
        opened = [one for one in lines if one.account.opened > since]
        block[f"D{days}"] = {
            "applyTenantCount": _tenants(_applications(life, _REVOLVING, since)),
            "accountCount": len(opened),
            "creditLimitSum": _yuan(one.account.limit or 0 for one in opened),
            "lendingAmount": _yuan(_drawn(one, since) for one in lines),
            "overdueAccountCount": sum(_was_late(one, since) for one in lines),
            "revolvingCompensationCount": 0,
            "revolvingCompensationTimes": 0,
            "revolvingCompensationAmount": _yuan([]),
        }
    return block


def _history(life: Life) -> list[Json]:
    """Twelve months, newest first."""
    return [
        {
            "tenantType": _TENANT_TYPE.get(query.lender.type, "9"),
            "tenantName": query.lender.aliases[BAIHANG],
            "userId": f"u{query.lender.code[-4:]}",
            "date": query.on.isoformat(),
            "reason": _OTHER_REASON if query.kind is InquiryKind.ACCOUNT_REVIEW else _APPROVAL,
        }
        for query in bureaus.queries(life, BAIHANG, HISTORY_DAYS)
        if query.lender
    ]


def _ago(life: Life, days: int) -> date:
    return life.today - timedelta(days=days)


def _yuan(fen: Iterable[int]) -> str:
    total = sum(fen)
    return f"{total // 100}.{total % 100:02d}"


def _owing(one: Seen) -> bool:
    last = one.account.last
    return last is None or last.stage in {Stage.RUNNING, Stage.CHARGED_OFF}


def _balance(one: Seen) -> int:
    last = one.account.last
    return last.balance if last else one.account.amount or 0


def _overdue(one: Seen) -> int:
    last = one.account.last
    return last.overdue if last else 0


def _late(one: Seen) -> bool:
    return _overdue(one) > 0


def _days(one: Seen, row: Row) -> int:
    """Days past due at the end of the month of `row`."""
    if not row.months_late:
        return 0
    oldest = row.month.plus(1 - row.months_late)
    due = date(oldest.year, oldest.month, one.account.due_day)
    return (bureaus.reported_on(row.month) - due).days


def _shown(one: Seen) -> list[Row]:
    """The rows of three years that reached the bureau."""
    return [row for row in one.account.rows[-_STATUS_MONTHS:] if row.month != one.missing]


def _worst_now(late: Iterable[Seen]) -> str:
    return _status(_days(one, one.account.rows[-1]) for one in late)


def _worst_ever(loans: Iterable[Seen]) -> str:
    return _status(_days(one, row) for one in loans for row in _shown(one))


def _status(days: Iterable[int]) -> str:
    worst = max(days, default=0)
    return f"D{worst}" if worst else ""


def _times_overdue(loans: Iterable[Seen]) -> int:
    """How often an account fell behind: months in which it was late for the first time."""
    return sum(
        row.months_late > 0 and (n == 0 or rows[n - 1].months_late == 0)
        for one in loans
        for rows in [_shown(one)]
        for n, row in enumerate(rows)
    )


def _was_late(one: Seen, since: date) -> bool:
    return any(row.months_late and bureaus.reported_on(row.month) > since for row in _shown(one))


def _drawn(one: Seen, since: date) -> int:
    """What was newly drawn: the rise of the balance beyond what was repaid, month by month."""
    rows, total, before = one.account.rows, 0, 0
    for row in rows:
        if bureaus.reported_on(row.month) > since:
            total += row.balance - before + row.paid
        before = row.balance
    return total


def _applications(life: Life, kinds: frozenset[AccountKind], since: date) -> Iterable[Application]:
    return (
        one
        for one in life.applications
        if BAIHANG in one.lender.asks and one.account_kind in kinds and one.on > since
    )


def _tenants(found: Iterable[Application]) -> int:
    return len({one.lender.code for one in found})
