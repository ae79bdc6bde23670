"""What the lender's own systems saw of a life: logins to its app, and what its loans are for.

Drawn beside the life, from a generator of its own, so that lives stay as they are. Most people log
in every other day from one telephone at home, mistype now and then, travel with their telephone
and replace it once; none of that is odd. What is odd belongs to a persona.
"""

from collections.abc import Iterator
from dataclasses import dataclass, field
from datetime import date, datetime, time, timedelta

from connectors.records import LoanUse, LoginOutcome
from connectors.sandbox.borrowing import FEN
from connectors.sandbox.dice import Random, happens, seeded
from connectors.sandbox.facts import CHINA, Life
from connectors.sandbox.personas import ABNORMAL_LOGINS, RESTRICTED_PURPOSE
from connectors.sandbox.products import MARGIN

LOGIN_DAYS = 60
_HOMES = ("110000", "310000", "320500", "420100", "440300", "510100", "610100")  # GB/T 2260
_METHODS = (("biometric", 60), ("password", 25), ("sms_code", 15))
_USES = (
    LoanUse.CONSUMPTION, LoanUse.RENOVATION, LoanUse.EDUCATION, LoanUse.TRAVEL, LoanUse.MEDICAL,
    LoanUse.VEHICLE,
)  # fmt: skip


@dataclass(frozen=True, slots=True, kw_only=True)
class Attempt:
    """Somebody tried to log in."""

    at: datetime
    outcome: LoginOutcome
    method: str
    device: str = field(repr=False)
    region: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Declaration:
    """What one loan of the lender is said to be for, and the payees its money was seen to reach."""

    number: str
    on: date
    declared: LoanUse
    amount: int
    seen: tuple[tuple[date, LoanUse, int], ...]


def attempts(life: Life) -> tuple[Attempt, ...]:
    """The logins of the last `LOGIN_DAYS` days, oldest first; none of today, which is not over."""
    rng = seeded(life.seed, life.index, "logins")
    made = [*_usual(rng, life)]
    if ABNORMAL_LOGINS in life.fires:
        made += _stolen(rng, life, made[0].region)
    return tuple(sorted(made, key=lambda one: one.at))


def _usual(rng: Random, life: Life) -> Iterator[Attempt]:
    home = rng.choice(_HOMES)
    away = rng.choice([one for one in _HOMES if one != home])
    device, next_device = (f"dv-{rng.getrandbits(48):012x}" for _ in range(2))
    # Some have a new telephone since a day, the others were away for a few: never both.
    turn, renews = rng.randrange(5, LOGIN_DAYS), happens(rng, 0.2)
    for ago in range(LOGIN_DAYS, 0, -1):
        if not happens(rng, 0.5):
            continue
        moment = time(rng.randrange(8, 22), rng.randrange(60), rng.randrange(60))
        at = datetime.combine(life.today - timedelta(days=ago), moment, CHINA)
        method = rng.choices([m for m, _ in _METHODS], [share for _, share in _METHODS])[0]
        phone = next_device if renews and ago <= turn else device
        where = away if not renews and turn - 4 < ago <= turn else home
        if happens(rng, 0.06):
            slip = at - timedelta(seconds=rng.randrange(20, 90))
            yield Attempt(
                at=slip, outcome=LoginOutcome.FAILURE, method=method, device=phone, region=where
            )
        yield Attempt(
            at=at, outcome=LoginOutcome.SUCCESS, method=method, device=phone, region=where
        )


def _stolen(rng: Random, life: Life, home: str) -> Iterator[Attempt]:
    """Two nights ago somebody guessed, was blocked, and got in by a code sent as text."""
    device = f"dv-{rng.getrandbits(48):012x}"
    away = rng.choice([one for one in _HOMES if one != home])
    at = datetime.combine(life.today - timedelta(days=2), time(3, 10), CHINA)
    for number in range(9):
        outcome = LoginOutcome.FAILURE if number < 6 else LoginOutcome.BLOCKED  # noqa: PLR2004 - then the app's own rule steps in
        at += timedelta(seconds=rng.randrange(25, 70))
        yield Attempt(at=at, outcome=outcome, method="password", device=device, region=away)
    yield Attempt(
        at=at + timedelta(minutes=4),
        outcome=LoginOutcome.SUCCESS,
        method="sms_code",
        device=device,
        region=away,
    )


def declarations(life: Life) -> tuple[Declaration, ...]:
    """Loans of the lender, newest first; of the ordinary people not everybody has one."""
    rng = seeded(life.seed, life.index, "purposes")
    financed = any(one.product == MARGIN for one in life.accounts)
    misused = RESTRICTED_PURPOSE in life.fires and not financed  # that one the bureau tells
    return tuple(
        _declaration(rng, life, number, misused=misused and number == 0)
        for number in range(max(rng.randrange(3), int(life.persona is not None)))
    )


def _declaration(rng: Random, life: Life, number: int, *, misused: bool) -> Declaration:
    on = life.today - timedelta(days=rng.randrange(20, 40) + 90 * number)
    declared, amount = rng.choice(_USES), rng.randrange(20, 900) * 100 * FEN
    paid = on + timedelta(days=rng.randrange(1, 15))
    used = LoanUse.SECURITIES if misused else declared
    return Declaration(
        number=f"AP-{life.index:07d}-{number}",
        on=on,
        declared=declared,
        amount=amount,
        seen=((paid, used, amount * rng.randrange(50, 100) // 100),) if misused or happens(rng, 0.6)
        else (),
    )  # fmt: skip
