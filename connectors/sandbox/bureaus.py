"""What a bureau got to know of a life, and when: coverage, lag, gaps and its own names.

The same life seen by two bureaus differs as it does in reality. A lender reports to some bureaus
and not to others; openings arrive within days, monthly figures a month or two late; now and then
a month is missing; each bureau has its own ids and aliases. Nothing here rounds or formats: that
is each renderer's.
"""

import hashlib
from collections.abc import Iterator
from dataclasses import dataclass, replace
from datetime import date, timedelta
from functools import lru_cache

from connectors.money import Month
from connectors.records import AccountKind, AccountStatus, LenderType, PaymentStatus
from connectors.sandbox.dice import happens, seeded
from connectors.sandbox.facts import (
    Account,
    Application,
    Life,
    PublicFact,
    PublicKind,
    Query,
    Row,
    Stage,
)
from connectors.sandbox.lenders import (
    BAIRONG,
    HOUSING_FUND,
    REGION_RISK,
    SOCIAL_INSURANCE,
    TELECOM,
    TONGDUN,
)
from connectors.sandbox.noise import Astray, astray
from connectors.sandbox.restating import restated

OPENING_LAG_DAYS = 2
BAIRONG_DAYS = 365
TONGDUN_DAYS = 360
FEW = 2  # platforms, or applications in a week, from which Tongdun's rules find something

ONLINE = frozenset(
    {
        LenderType.CONSUMER_FINANCE,
        LenderType.MICROLENDER,
        LenderType.AUTO_FINANCE,
        LenderType.LEASING,
        LenderType.OTHER,
    }
)
CARDS = frozenset({AccountKind.CREDIT_CARD, AccountKind.QUASI_CREDIT_CARD})
_SHOWN = 4  # digits of a masked number
_STOPPED_AFTER = 3  # months late until the issuer stops a card, and a lender calls a debt bad
_GIVEN_UP = frozenset({AccountStatus.CHARGED_OFF, AccountStatus.TRANSFERRED})

_BANDS = (
    PaymentStatus.DPD_1_30,
    PaymentStatus.DPD_31_60,
    PaymentStatus.DPD_61_90,
    PaymentStatus.DPD_91_120,
    PaymentStatus.DPD_121_150,
    PaymentStatus.DPD_151_180,
    PaymentStatus.DPD_181_PLUS,
)


@dataclass(frozen=True, slots=True, kw_only=True)
class Seen:
    """An account as a bureau knows it: rows up to its lag, one of them perhaps missing.

    Others may be told otherwise than they were (`restating`).

    `number` is the bureau's own for it, `own` the lender's where that one is shown. `alias` is
    what it calls the lender, `masked` that nobody is to read it.
    """

    account: Account
    bureau: str
    number: str
    own: str | None
    alias: str
    masked: bool
    missing: Month | None

    @property
    def ref(self) -> str:
        """The number it is listed under."""
        return self.own or self.number

    @property
    def named(self) -> str:
        """The lender as it stands in the list."""
        return self.account.lender.masked(self.bureau) if self.masked else self.alias

    @property
    def status(self) -> AccountStatus:
        """How the account stands, as far as the bureau knows."""
        return status(self.account)

    def marks(self, most: int) -> tuple[tuple[Row, PaymentStatus], ...]:
        """The last `most` months with their payment status, oldest first."""
        return tuple(
            (
                row,
                PaymentStatus.UNKNOWN
                if row.month == self.missing
                else mark(row, self.account.kind),
            )
            for row in self.account.rows[-most:]
        )


@lru_cache(maxsize=64)  # every renderer and every reckoning of one borrower asks for the same
def accounts(life: Life, bureau: str) -> tuple[Seen, ...]:
    """The accounts a bureau would show today, in the order they were opened."""
    if bureau in life.hidden_from:
        return ()
    known_since = life.today - timedelta(days=OPENING_LAG_DAYS)
    drawn = (
        (account, astray(seeded("astray", _key(life, account, bureau)), life.noise))
        for account in life.accounts
        if bureau in account.lender.reports_to
    )
    reported = ((_booked(account, wrong), wrong) for account, wrong in drawn)
    return tuple(
        _seen(life, account, bureau, wrong)
        for account, wrong in reported
        if account.opened <= known_since and not wrong.unreported
    )


def queries(life: Life, bureau: str, days: int) -> tuple[Query, ...]:
    """Who asked this bureau in the last `days` days, newest first."""
    if bureau in life.hidden_from:
        return ()
    since = life.today - timedelta(days=days)
    return tuple(q for q in life.queries if q.bureau == bureau and q.on > since)


def applications(life: Life, days: int = BAIRONG_DAYS) -> tuple[Application, ...]:
    """The applications Bairong saw in the last `days` days, today included."""
    if BAIRONG in life.hidden_from:
        return ()
    since = life.today - timedelta(days=days)
    return tuple(a for a in life.applications if BAIRONG in a.lender.asks and a.on > since)


def platform_uses(life: Life) -> tuple[tuple[Application, ...], tuple[Account, ...]]:
    """What Tongdun saw in a year: applications to online lenders, and accounts opened there.

    Online lenders are those that are not banks; all of them send their applications to it.
    """
    if TONGDUN in life.hidden_from:
        return (), ()
    since = life.today - timedelta(days=TONGDUN_DAYS)
    return (
        tuple(a for a in life.applications if a.lender.type in ONLINE and a.on > since),
        tuple(
            a
            for a in life.accounts
            if a.lender.type in ONLINE and (a.opened > since or late_now(a))
        ),
    )


def listed(life: Life) -> frozenset[tuple[str, str]]:
    """The adverse lists Bairong has the person on: who keeps it, and what for.

    Kept by each type of lender that works with Bairong (bad: given up, sold or months late;
    overdue: late), by courts (executed) and by telephone companies (overdue).
    """
    if BAIRONG in life.hidden_from:
        return frozenset()
    shared = [one for one in life.accounts if BAIRONG in one.lender.asks]
    found = {(str(one.lender.type), event) for one in shared for event in _events(one)}
    if enforced(life):
        found.add(("court", "executed"))
    if life.phone_bill and life.phone_bill.arrears:
        found.add(("phone", "overdue"))
    return frozenset(found)


def _events(account: Account) -> Iterator[str]:
    last = account.last
    if status(account) in _GIVEN_UP or (last and last.months_late > _STOPPED_AFTER):
        yield "bad"
    elif last and last.months_late:
        yield "overdue"


def enforced(life: Life) -> tuple[PublicFact, ...]:
    """Court enforcements that still run."""
    return tuple(f for f in life.public if f.kind is PublicKind.ENFORCEMENT and not f.ended)


def late_now(account: Account) -> bool:
    """Something on it is overdue."""
    return bool(account.last and account.last.months_late)


def _risky(life: Life) -> bool:
    """Tongdun's rules find something; a person without a hit is nobody to it."""
    if TONGDUN in life.hidden_from:
        return False
    applied, accounts = platform_uses(life)
    since = life.today - timedelta(days=TONGDUN_DAYS)
    return (
        len({one.lender.code for one in applied}) >= FEW
        or len({one.lender.code for one in accounts if one.opened > since}) >= FEW
        or sum(one.on > life.today - timedelta(days=7) for one in applied) >= FEW
        or any(map(late_now, accounts))
        or bool(enforced(life))
    )


def knows(life: Life, bureau: str) -> bool:
    """The bureau has a file on the person at all."""
    if bureau == BAIRONG:
        return bool(applications(life) or listed(life))
    if bureau == TONGDUN:
        return _risky(life)
    if bureau == HOUSING_FUND:
        return life.housing_fund is not None
    if bureau in (REGION_RISK, TELECOM):
        return True  # regions whoever is asked for, and everybody has a telephone
    if bureau == SOCIAL_INSURANCE:
        return bool(life.pension_months)
    return bool(accounts(life, bureau) or queries(life, bureau, 10**4))


def status(account: Account) -> AccountStatus:
    """How an account stands after its last row."""
    last = account.last
    if last is not None and last.stage is not Stage.RUNNING:
        return {
            Stage.CLOSED: AccountStatus.CLOSED,
            Stage.CHARGED_OFF: AccountStatus.CHARGED_OFF,
            Stage.TRANSFERRED: AccountStatus.TRANSFERRED,
        }[last.stage]
    if account.kind is AccountKind.COLLECTION:
        return AccountStatus.IN_COLLECTION
    late = last.months_late if last else 0
    if account.kind in CARDS:
        if not account.activated:
            return AccountStatus.NOT_ACTIVATED
        return AccountStatus.SUSPENDED if late >= _STOPPED_AFTER else AccountStatus.CURRENT
    return AccountStatus.OVERDUE if late else AccountStatus.CURRENT


def mark(row: Row, kind: AccountKind) -> PaymentStatus:
    """One month of a payment grid. Cards have no "late within the month" (lists A.35, A.36)."""
    if row.stage is not Stage.RUNNING:
        return {
            Stage.CLOSED: PaymentStatus.CLOSED,
            Stage.CHARGED_OFF: PaymentStatus.CHARGED_OFF,
            Stage.TRANSFERRED: PaymentStatus.ENDED,
        }[row.stage]
    if not row.billed:
        return PaymentStatus.NO_BILL
    if row.months_late:
        return _BANDS[min(row.months_late, len(_BANDS)) - 1]
    if row.late_within_month and kind not in CARDS:
        return PaymentStatus.LATE_WITHIN_MONTH
    unused = row.due == 0 and (kind not in CARDS or row.balance == 0)
    return PaymentStatus.NOTHING_DUE if unused else PaymentStatus.CURRENT


def last_known(life: Life, account: Account, bureau: str) -> Month:
    """The last month of this account's figures the bureau has by now."""
    return Month.of(life.today).plus(-1 - account.lender.reports_to[bureau])


def reported_on(month: Month) -> date:
    """Figures of a month are as of its last day."""
    after = month.plus(1)
    return date(after.year, after.month, 1) - timedelta(days=1)


def _booked(account: Account, wrong: Astray) -> Account:
    """A bought debt as its buyer books it: late perhaps, and with costs; others as they are."""
    if account.kind is not AccountKind.COLLECTION:
        return account
    opened = account.opened + timedelta(days=wrong.days_booked_late)

    def asked_for(fen: int) -> int:
        return fen + fen * wrong.percent_costs // 100

    return replace(
        account,
        opened=opened,
        amount=asked_for(account.amount or 0),
        rows=tuple(
            replace(
                row,
                balance=asked_for(row.balance),
                due=asked_for(row.due),
                paid=asked_for(row.paid),
            )
            for row in account.rows
            if row.month >= Month.of(opened)
        ),
    )


def _seen(life: Life, account: Account, bureau: str, wrong: Astray) -> Seen:
    until = last_known(life, account, bureau).plus(-wrong.months_late)
    key = _key(life, account, bureau)
    rows = tuple(row for row in account.rows if row.month <= until)
    if wrong.restated and life.persona is None and account.kind is not AccountKind.COLLECTION:
        rows = restated(rows, seeded("restated", key))
    ended = rows and rows[-1].stage in {Stage.CLOSED, Stage.TRANSFERRED}
    rng, left = seeded(key), account.left
    # The first and last two months are never the missing one: no status hangs on the gap.
    gap = len(rows) > 4 and happens(rng, life.noise.missing_month)  # noqa: PLR2004 - see above
    lender, cards = account.lender, account.kind in CARDS
    return Seen(
        account=replace(
            account,
            opened=_shifted(account.opened, wrong.days_shifted) if rows else account.opened,
            rows=rows,
            ended=account.ended if ended else None,
            settled_early=bool(ended) and account.settled_early,
            left=left if left and Month.of(left.on) <= until else None,
        ),
        bureau=bureau,
        number=_number(key),
        own=_own_number(life, account, masked=wrong.masked_number),
        alias=lender.branch(bureau, wrong.branch, cards=cards)
        if wrong.branch
        else lender.alias(bureau),
        masked=wrong.masked_lender,
        missing=rows[rng.randrange(1, len(rows) - 2)].month if gap else None,
    )


def _key(life: Life, account: Account, bureau: str) -> str:
    return f"{life.seed}:{life.index}:{account.number}:{bureau}"


def _shifted(day: date, days: int) -> date:
    """Some days later, or earlier where that would be another month."""
    later = day + timedelta(days=days)
    return later if later.month == day.month else day - timedelta(days=days)


def _own_number(life: Life, account: Account, *, masked: bool) -> str | None:
    """The number its lender gave it, the same for all bureaus; None where they do not tell it."""
    key = f"own:{life.seed}:{life.index}:{account.number}"
    if not happens(seeded(key), life.noise.own_number):
        return None
    whole = _number(key)
    return "*" * (len(whole) - _SHOWN) + whole[-_SHOWN:] if masked else whole


def _number(key: str) -> str:
    """20 decimal digits that say nothing about the lender or the person."""
    return f"{int.from_bytes(hashlib.sha256(key.encode()).digest()[:9], 'big') % 10**20:020d}"
