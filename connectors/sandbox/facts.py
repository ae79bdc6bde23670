"""The words of a simulated life: what is so, before any bureau rounds, delays or misses it.

Amounts are integer fen (1/100 yuan), months calendar months, days the local calendar of China.
Shared words (`AccountKind`, `LenderType`, `InquiryKind`) are those of `connectors.records`.
"""

from dataclasses import dataclass, field
from datetime import date, timedelta, timezone
from enum import StrEnum

from connectors.money import Month
from connectors.records import AccountKind, InquiryKind
from connectors.sandbox.lenders import Lender
from connectors.sandbox.noise import NONE, Noise

CHINA = timezone(timedelta(hours=8))
"""The one time zone of mainland China; bureaus stamp their answers in it."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Home:
    """An address with the day the person moved in."""

    text: str = field(repr=False)
    since: date
    owned: bool


@dataclass(frozen=True, slots=True, kw_only=True)
class Person:
    """An invented person; the id number has region 999999, the mobile prefix 100."""

    name: str = field(repr=False)
    pinyin: str = field(repr=False)
    id_number: str = field(repr=False)
    born: date
    male: bool
    mobile: str = field(repr=False)
    former_mobile: str | None = field(repr=False)
    mobile_since: date
    email: str = field(repr=False)
    passport: str | None = field(repr=False)
    spouse: str | None = field(repr=False)
    homes: tuple[Home, ...]


@dataclass(frozen=True, slots=True, kw_only=True)
class Job:
    """One employment; `until` is the last month worked, None while it lasts."""

    employer: str = field(repr=False)
    address: str = field(repr=False)
    since: date
    until: Month | None
    salary: int
    housing_fund: bool

    def covers(self, month: Month) -> bool:
        """The person worked there in that month."""
        return Month.of(self.since) <= month and (self.until is None or month <= self.until)


class Stage(StrEnum):
    """How far an account has come."""

    RUNNING = "running"
    CHARGED_OFF = "charged_off"
    CLOSED = "closed"
    TRANSFERRED = "transferred"


class Way(StrEnum):
    """How a debt left an account that its lender keeps on its books."""

    SOLD = "sold"
    CLAIMED = "claimed"  # by a guarantor who paid


@dataclass(frozen=True, slots=True)
class Departure:
    """The day a debt left, and how."""

    on: date
    way: Way


@dataclass(frozen=True, slots=True)
class Row:
    """One account at the end of one month.

    `due` was asked for in the month (arrears included), `paid` came in. `terms_overdue`
    instalments adding up to `overdue` are unpaid; `months_late` counts months since the oldest
    of them fell due: 1 in the month itself. `aged` is unpaid principal whose instalments are
    2, 3, 4-6 and 7 or more months late (31-60, 61-90, 91-180, over 180 days).
    """

    month: Month
    balance: int
    due: int = 0
    paid: int = 0
    terms_overdue: int = 0
    overdue: int = 0
    months_late: int = 0
    late_within_month: bool = False
    billed: bool = True
    stage: Stage = Stage.RUNNING
    aged: tuple[int, int, int, int] = (0, 0, 0, 0)


@dataclass(frozen=True, slots=True, kw_only=True)
class InstalmentPlan:
    """A large instalment plan inside a card: `used` of `limit`, repaid evenly until `ends`."""

    limit: int
    used: int
    starts: date
    ends: date


@dataclass(frozen=True, slots=True, kw_only=True)
class Account:
    """One account, opened once, with a row for every finished month since.

    `number` is its place in the life. `amount` for loans, `limit` for revolving kinds.
    `agreement` is the number of the credit agreement it hangs on. `origin` is the account whose
    debt this one has now: bought, claimed or taken over; `left` how that of this account went,
    where its lender keeps it as written off. Due dates fall on `due_day` (5-25) of each month.
    """

    number: int
    product: str
    kind: AccountKind
    lender: Lender
    opened: date
    due_day: int
    rows: tuple[Row, ...]
    matures: date | None = None
    ended: date | None = None
    amount: int | None = None
    limit: int | None = None
    terms: int | None = None
    agreement: int | None = None
    origin: int | None = None
    left: Departure | None = None
    settled_early: bool = False
    activated: bool = True
    plan: InstalmentPlan | None = None
    disputed_in: Month | None = None

    @property
    def last(self) -> Row | None:
        """The latest finished month; None for an account opened this month."""
        return self.rows[-1] if self.rows else None

    @property
    def taken_over(self) -> bool:
        """A loan that another lender made, and this one has since."""
        return self.origin is not None and self.kind is not AccountKind.COLLECTION


@dataclass(frozen=True, slots=True, kw_only=True)
class Agreement:
    """A credit line agreed with a lender, under which accounts are opened."""

    number: int
    lender: Lender
    purpose: AccountKind
    limit: int
    since: date
    until: date


@dataclass(frozen=True, slots=True, kw_only=True)
class Application:
    """The person asked a lender for credit; `account` is what came of it, if anything.

    `mobile` is the number given, which may be one since abandoned.
    """

    on: date
    lender: Lender
    product: str
    kind: InquiryKind
    account_kind: AccountKind
    amount: int
    account: int | None
    mobile: str = field(repr=False)


@dataclass(frozen=True, slots=True, kw_only=True)
class Query:
    """Somebody (`lender`, or the person: None) asked `bureau` for the person's report."""

    bureau: str
    on: date
    kind: InquiryKind
    lender: Lender | None


@dataclass(frozen=True, slots=True, kw_only=True)
class Guarantee:
    """The person answers for somebody else's loan. `company` tells whose."""

    lender: Lender
    company: bool
    opened: date
    matures: date
    liability: int
    balance: int
    months_late: int
    contract: str


class PublicKind(StrEnum):
    """What sort of public record."""

    TAX_ARREARS = "tax_arrears"
    CIVIL_JUDGMENT = "civil_judgment"
    ENFORCEMENT = "enforcement"
    PENALTY = "penalty"
    RELIEF = "relief"
    LICENCE = "licence"
    AWARD = "award"


@dataclass(frozen=True, slots=True, kw_only=True)
class PublicFact:
    """A court, tax, penalty, relief, licence or award fact; `amount` where money is at stake."""

    kind: PublicKind
    authority: str
    matter: str
    on: date
    ended: date | None
    amount: int


@dataclass(frozen=True, slots=True, kw_only=True)
class PhoneBill:
    """A post-paid telephone account: `owed[i]` is how many months the bill i months ago is unpaid.

    Newest first, 24 months at most; None before the service was opened.
    """

    provider: str
    opened: date
    month: Month
    arrears: int
    owed: tuple[int | None, ...]


@dataclass(frozen=True, slots=True, kw_only=True)
class HousingFund:
    """Contributions to the housing fund: paid from `first` to `paid_to`.

    `percent` of the salary comes from each of employer and person.
    """

    employer: str = field(repr=False)
    region: str
    enrolled: date
    first: Month
    paid_to: Month
    monthly: int
    percent: int
    sealed: bool


@dataclass(frozen=True, slots=True, kw_only=True, repr=False)
class Life:
    """One borrower up to `today`, and what should be noticed about them.

    `fires` are the signals that a sound gateway raises, `silent` those it must not; a life that
    is nobody's persona promises neither. `hidden_from` are bureaus that never heard of them,
    `noise` is how far sources stray from this life.
    """

    seed: int
    index: int
    today: date
    temperament: str
    persona: str | None
    fires: frozenset[str]
    silent: frozenset[str]
    hidden_from: frozenset[str]
    person: Person
    jobs: tuple[Job, ...]
    income: tuple[tuple[Month, int], ...]
    housing_fund: HousingFund | None
    pension_months: tuple[Month, ...]
    accounts: tuple[Account, ...]
    agreements: tuple[Agreement, ...]
    applications: tuple[Application, ...]
    queries: tuple[Query, ...]
    guarantees: tuple[Guarantee, ...]
    public: tuple[PublicFact, ...]
    phone_bill: PhoneBill | None
    noise: Noise = NONE

    def __repr__(self) -> str:
        return f"Life(seed={self.seed}, index={self.index}, {self.persona or self.temperament})"

    def __hash__(self) -> int:
        """What it was made from; walking a whole life would cost more than remaking it."""
        return hash((self.seed, self.index, self.today, self.persona))
