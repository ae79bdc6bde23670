"""How a borrower behaves: rates, and what a persona forces.

Everything a persona is, it is as a `Temperament`: data, not code. Probabilities are per month
unless they say otherwise, in parts per one.
"""

from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from enum import IntEnum, StrEnum

from connectors.money import Month
from connectors.records import AccountKind
from connectors.sandbox.dice import Random, happens
from consent.identity import TEST_REGION

LOANS = frozenset({AccountKind.INSTALMENT_LOAN, AccountKind.REVOLVING_SUBACCOUNT})
CARDS = frozenset({AccountKind.CREDIT_CARD, AccountKind.QUASI_CREDIT_CARD})


class Strain(IntEnum):
    """How tight money is in a month; a Markov chain over the person's life."""

    CALM = 0
    TIGHT = 1
    BROKE = 2


class Effort(StrEnum):
    """What somebody does about one account in one month."""

    FULL = "full"  # everything due, on the day
    LATE = "late"  # everything due, after the day but within the month
    ONE = "one"  # one instalment, the oldest
    NONE = "none"


@dataclass(frozen=True, slots=True, kw_only=True)
class Forced:
    """From `since` to `until` months before the last finished month (both in), this `effort`.

    Falls on `accounts` accounts of the kinds, in the order they were opened.
    """

    kinds: frozenset[AccountKind]
    since: int
    until: int
    effort: Effort
    accounts: int = 99


@dataclass(frozen=True, slots=True, kw_only=True)
class Burst:
    """`count` applications for `product`, spread over the days `since` to `until` ago.

    Every one goes to another lender while there are any. `granted` is the share that leads to
    an account.
    """

    product: str
    count: int
    since: int
    until: int
    granted: float


@dataclass(frozen=True, slots=True, kw_only=True)
class Churn:
    """`loans` small loans, one every `months_each` months up to today.

    Each is taken out when the one before was repaid early; with `terms`, each for so many months
    and repaid as agreed, so that the next one comes on top of it.
    """

    product: str
    loans: int
    months_each: int
    terms: int | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class PayCut:
    """`months` before the last finished month a new job begins that pays `percent` of the old."""

    months: int
    percent: int


@dataclass(frozen=True, slots=True, kw_only=True)
class Temperament:
    """The rates of one sort of borrower.

    `holdings` are the number of accounts of each product over the years: (fewest, most).
    `misses` is the chance not to pay what is due when calm, tight and broke; `worsens` and
    `recovers` move the strain by one; `cures` the chance to clear arrears in a month.
    `refusals` is applications without an account per year. `spends` is the share of a card's
    limit drawn in a month (least, most), `idles` the chance of a month without spending,
    `transacts` the chance that a card is repaid in full each month, `dormant` that it is never
    activated, `shifts_bill` that its statement day once moves, `closes` that it is given back,
    `settles_early` that a loan is. Nothing is opened in the last `quiet_days` but what a burst
    or churn says. `pays_fund` is the chance that an employer pays into the housing fund,
    `jobless` the finished months without work up to now, `pay_cut` a worse job taken. `region` is
    the one inside the identity number (`regions`).
    """

    name: str
    holdings: Mapping[str, tuple[int, int]]
    misses: tuple[float, float, float] = (0.002, 0.05, 0.5)
    worsens: float = 0.01
    recovers: float = 0.25
    cures: float = 0.6
    late: float = 0.02
    refusals: float = 0.4
    spends: tuple[float, float] = (0.02, 0.3)
    idles: float = 0.15
    transacts: float = 0.6
    dormant: float = 0.05
    shifts_bill: float = 0.1
    closes: float = 0.2
    settles_early: float = 0.15
    quiet_days: int = 0
    credit_years: tuple[int, int] = (2, 10)
    loses_job: float = 0.003
    pays_fund: float = 0.7
    jobless: int = 0
    pay_cut: PayCut | None = None
    forced: tuple[Forced, ...] = ()
    bursts: tuple[Burst, ...] = ()
    churn: Churn | None = None
    public_rate: float = 0.02
    guarantor_rate: float = 0.08
    hidden_from: frozenset[str] = field(default_factory=frozenset)
    region: str = TEST_REGION


_EVERYDAY = {"card": (1, 3), "consumer": (0, 2), "mortgage": (0, 1), "line": (0, 1)}

PRIME = Temperament(
    name="prime",
    holdings=_EVERYDAY | {"car": (0, 1), "business": (0, 1), "fund_loan": (0, 1)},
    refusals=0.2,
)
ORDINARY = Temperament(
    name="ordinary",
    holdings=_EVERYDAY | {"instalment": (0, 3), "revolving": (0, 1), "quasi_card": (0, 1)},
    misses=(0.006, 0.1, 0.6),
    worsens=0.02,
)
STRETCHED = Temperament(
    name="stretched",
    holdings=_EVERYDAY
    | {"instalment": (1, 4), "small": (1, 6), "cash": (0, 3), "revolving": (0, 2), "lease": (0, 1)},
    misses=(0.02, 0.25, 0.75),
    worsens=0.06,
    recovers=0.15,
    cures=0.35,
    refusals=3.0,
    spends=(0.2, 0.8),
    loses_job=0.01,
    public_rate=0.1,
)
NOVICE = Temperament(
    name="novice",
    holdings={"card": (0, 1), "instalment": (0, 2), "small": (0, 1)},
    credit_years=(0, 2),
    guarantor_rate=0.0,
)
SHOCKED = replace(
    ORDINARY,
    name="shocked",
    pay_cut=PayCut(months=9, percent=60),
    forced=(Forced(kinds=LOANS, since=7, until=5, effort=Effort.NONE, accounts=1),),
)
"""Took a job that pays 60 percent nine months ago, fell behind with a loan, and caught up."""
JOBLESS = replace(ORDINARY, name="jobless", jobless=6)
"""Out of work for half a year: no income, no contributions, and most bills unpaid."""
SPIRAL = replace(
    STRETCHED,
    name="spiral",
    quiet_days=240,
    bursts=(
        Burst(product="small", count=5, since=230, until=120, granted=0.8),
        Burst(product="cash", count=5, since=170, until=40, granted=0.8),
        Burst(product="instalment", count=4, since=120, until=20, granted=0.5),
    ),
    forced=(Forced(kinds=LOANS | CARDS, since=1, until=0, effort=Effort.NONE),),
)
"""New lenders every fortnight to pay the old ones, then nothing is paid any more."""
CURED = replace(
    ORDINARY,
    name="cured",
    misses=(0.0, 0.02, 0.1),
    cures=1.0,
    forced=(Forced(kinds=LOANS | CARDS, since=20, until=17, effort=Effort.NONE, accounts=2),),
)
"""Four months of arrears a year and a half ago, paid up since."""
DEFAULTER = replace(
    STRETCHED,
    name="defaulter",
    quiet_days=400,
    forced=(Forced(kinds=LOANS | CARDS, since=15, until=0, effort=Effort.NONE),),
)
"""Nothing was paid for sixteen months: debts are written off, sold and collected."""
MIX: tuple[tuple[Temperament, float], ...] = (
    (PRIME, 0.33),
    (ORDINARY, 0.37),
    (STRETCHED, 0.12),
    (NOVICE, 0.08),
    (SHOCKED, 0.025),
    (JOBLESS, 0.015),
    (SPIRAL, 0.02),
    (CURED, 0.02),
    (DEFAULTER, 0.02),
)
"""The population and its shares."""


@dataclass(slots=True)
class Payer:
    """Decides, account by account and month by month, what gets paid."""

    rng: Random
    who: Temperament
    strain: Mapping[Month, Strain]
    last: Month

    def effort(self, kind: AccountKind, rank: int, month: Month, months_late: int) -> Effort:
        """What happens to the `rank`-th account of its kind in `month`."""
        chance = self.rng.random()
        ago = self.last.since(month)
        for rule in self.who.forced:
            if kind in rule.kinds and rank < rule.accounts and rule.until <= ago <= rule.since:
                return rule.effort
        if chance < self.who.misses[self.strain[month]]:
            return Effort.NONE
        if months_late and chance > self.who.cures:
            return Effort.ONE
        return Effort.LATE if chance > 1 - self.who.late else Effort.FULL

    def gives_up(self) -> bool:
        """After half a year unpaid: the lender writes the account off this month."""
        return happens(self.rng, 0.3)


def strains(rng: Random, who: Temperament, first: Month, last: Month) -> dict[Month, Strain]:
    """The chain of good and bad months from `first` to `last`, both in."""
    chain, strain, month = {}, Strain.CALM, first
    while month <= last:
        chance = rng.random()
        if chance < who.worsens:
            strain = Strain(min(strain + 1, Strain.BROKE))
        elif chance > 1 - who.recovers:
            strain = Strain(max(strain - 1, Strain.CALM))
        chain[month] = strain
        month = month.plus(1)
    return chain
