"""One borrower's whole financial life, from a seed and an index, independent of all others.

`life(seed, index, today)` draws from a generator of its own, so a population can be
streamed, split over processes and entered anywhere. The order of things is that of a life: the
person, work and income, good and bad months, credit taken out and repaid, who asked about them.
"""

from dataclasses import replace
from datetime import date, timedelta

from connectors.money import Month
from connectors.records import InquiryKind
from connectors.sandbox import households, lenders, moves, people
from connectors.sandbox.borrowing import FEN, Borrowing
from connectors.sandbox.dice import Random, happens, seeded
from connectors.sandbox.facts import (
    Account,
    Application,
    Guarantee,
    HousingFund,
    Job,
    Life,
    PhoneBill,
    PublicFact,
    PublicKind,
    Query,
    Stage,
)
from connectors.sandbox.noise import NONE, Noise
from connectors.sandbox.temperament import MIX, Payer, Strain, Temperament, strains
from consent.identity import TEST_REGION

INCOME_MONTHS = 36
QUERY_DAYS = 730  # PBOC shows the queries of the last two years (china.md 1.2, POQ)
_YEAR = 365


def life(
    seed: int,
    index: int,
    today: date,
    who: Temperament | None = None,
    *,
    persona: str | None = None,
    fires: frozenset[str] = frozenset(),
    silent: frozenset[str] = frozenset(),
    noise: Noise = NONE,
) -> Life:
    """Borrower `index` of the world `seed` up to `today`; the same arguments, the same life."""
    rng = seeded(seed, index)
    person = people.person(rng, seed, index, today, who.region if who else TEST_REGION)
    person = households.at_home(person, seed, index, today, noise)
    who = who or rng.choices([t for t, _ in MIX], [share for _, share in MIX])[0]
    last = Month.of(today).plus(-1)
    since = _credit_since(rng, who, person.born, today)
    jobs = _jobs(rng, who, last)
    strain = strains(rng, who, Month.of(since), Month.of(today))
    for month in strain:
        if month >= Month.of(jobs[0].since) and not _working(jobs, month):
            strain[month] = Strain.BROKE
    borrowing = Borrowing(rng, who, person, today, Payer(rng, who, strain, last))
    _borrow(rng, borrowing, since)
    guarantees = _guarantees(rng, who, today)
    accounts = tuple(borrowing.accounts)
    if persona is None:  # whose accounts are what they are meant to show
        accounts = moves.moved(seed, index, accounts, last, noise)
    return Life(
        seed=seed,
        index=index,
        today=today,
        temperament=who.name,
        persona=persona,
        fires=fires,
        silent=silent,
        hidden_from=who.hidden_from,
        person=person,
        jobs=jobs,
        income=_income(jobs, last),
        housing_fund=_housing_fund(rng, jobs, last),
        pension_months=tuple(month for month, fen in _income(jobs, last) if fen),
        accounts=accounts,
        agreements=tuple(borrowing.agreements),
        applications=tuple(sorted(borrowing.applications, key=lambda a: (a.on, a.lender.code))),
        queries=_queries(rng, borrowing, guarantees, today),
        guarantees=guarantees,
        public=_public(rng, who, today),
        phone_bill=_phone_bill(rng, strain, last),
        noise=noise,
    )


def _credit_since(rng: Random, who: Temperament, born: date, today: date) -> date:
    fewest, most = who.credit_years
    wanted = today - timedelta(days=rng.randint(fewest * _YEAR + 120, most * _YEAR + _YEAR))
    return max(wanted, date(born.year + 20, 1, 1))


def _jobs(rng: Random, who: Temperament, last: Month) -> tuple[Job, ...]:
    """One employment after another, with a gap wherever one was lost."""
    month = last.plus(-rng.randrange(INCOME_MONTHS, 120))
    salary = rng.randrange(40, 260) * 100 * FEN
    jobs = []
    while month <= last:
        first = month
        while month <= last and not happens(rng, who.loses_job):
            month = month.plus(1)
        jobs.append(
            Job(
                employer=people.employer(rng),
                address=people.address(rng),
                since=date(first.year, first.month, 1),
                until=month if month <= last else None,
                salary=salary,
                housing_fund=happens(rng, who.pays_fund),
            )
        )
        month = month.plus(rng.randrange(2, 9))
        salary = salary * rng.randrange(70, 115) // 10000 * 100
    return _turned(rng, who, tuple(jobs), last)


def _turned(rng: Random, who: Temperament, jobs: tuple[Job, ...], last: Month) -> tuple[Job, ...]:
    """The same career with the turn the persona takes at its end."""
    *before, job = jobs
    if who.jobless:
        return (*before, replace(job, until=last.plus(-who.jobless)))
    if who.pay_cut:
        since = last.plus(-who.pay_cut.months)
        worse = replace(
            job,
            employer=people.employer(rng),
            since=date(since.year, since.month, 1),
            salary=job.salary * who.pay_cut.percent // 10000 * 100,
        )
        return (*before, replace(job, until=since.plus(-1)), worse)
    return jobs


def _working(jobs: tuple[Job, ...], month: Month) -> bool:
    return any(job.covers(month) for job in jobs)


def _income(jobs: tuple[Job, ...], last: Month) -> tuple[tuple[Month, int], ...]:
    months = [last.plus(-ago) for ago in reversed(range(INCOME_MONTHS))]
    return tuple(
        (month, next((job.salary for job in jobs if job.covers(month)), 0)) for month in months
    )


def _housing_fund(rng: Random, jobs: tuple[Job, ...], last: Month) -> HousingFund | None:
    """The fund of the latest job that pays into one; sealed once nobody pays any more."""
    job = next((job for job in reversed(jobs) if job.housing_fund), None)
    if job is None or Month.of(job.since) > last:
        return None
    percent = rng.randrange(5, 13)
    return HousingFund(
        employer=job.employer,
        region=TEST_REGION,
        enrolled=job.since,
        first=Month.of(job.since),
        paid_to=min(job.until or last, last),
        monthly=2 * (job.salary * percent // 100),
        percent=percent,
        sealed=job.until is not None and job.until < last,
    )


def _borrow(rng: Random, borrowing: Borrowing, since: date) -> None:
    """Fill the years since `since` with credit, oldest first, then what the persona forces."""
    who, today = borrowing.who, borrowing.today
    days = max((today - since).days - who.quiet_days, 1)
    wishes = [
        (since + timedelta(days=rng.randrange(days)), product)
        for product, (fewest, most) in who.holdings.items()
        for _ in range(rng.randint(fewest, most))
    ]
    for opened, product in sorted(wishes):
        borrowing.hold(product, opened)
    for ago in range(0, QUERY_DAYS, 30):
        if happens(rng, who.refusals) * 30 / _YEAR:
            product = rng.choice(tuple(who.holdings))
            on = today - timedelta(days=min(ago + rng.randrange(30), QUERY_DAYS))
            borrowing.be_refused("drawdown" if product == "line" else product, on)
    for burst in who.bursts:
        borrowing.burst(burst)
    if who.churn:
        borrowing.churn(who.churn)


def _guarantees(rng: Random, who: Temperament, today: date) -> tuple[Guarantee, ...]:
    if not happens(rng, who.guarantor_rate):
        return ()
    opened = today - timedelta(days=rng.randrange(60, 900))
    liability = rng.randrange(5, 80) * 10_000 * FEN
    return (
        Guarantee(
            lender=rng.choice(lenders.LENDERS[:12]),
            company=happens(rng, 0.5),
            opened=opened,
            matures=opened + timedelta(days=1095),
            liability=liability,
            balance=liability * rng.randrange(10, 100) // 100,
            months_late=rng.choices((0, 1, 2, 3), (90, 5, 3, 2))[0],
            contract=f"BZ{rng.randrange(10**8):08d}",
        ),
    )


_MATTERS = {
    PublicKind.TAX_ARREARS: ("示例市税务局", "个人所得税"),
    PublicKind.CIVIL_JUDGMENT: ("示例市人民法院", "借款合同纠纷"),
    PublicKind.ENFORCEMENT: ("示例市人民法院", "民间借贷纠纷执行"),
    PublicKind.PENALTY: ("示例市市场监督管理局", "未按规定公示信息"),
    PublicKind.RELIEF: ("示例市民政局", "最低生活保障"),
    PublicKind.LICENCE: ("示例市人力资源局", "示例工程师执业资格"),
    PublicKind.AWARD: ("示例市人民政府", "示例市先进个人"),
}
_ADVERSE = (
    PublicKind.TAX_ARREARS,
    PublicKind.CIVIL_JUDGMENT,
    PublicKind.ENFORCEMENT,
    PublicKind.PENALTY,
)


def _public(rng: Random, who: Temperament, today: date) -> tuple[PublicFact, ...]:
    facts = []
    for kind, (authority, matter) in _MATTERS.items():
        if not happens(rng, who.public_rate if kind in _ADVERSE else 0.01):
            continue
        on = today - timedelta(days=rng.randrange(100, 1400))
        ended = on + timedelta(days=rng.randrange(40, 600))
        facts.append(
            PublicFact(
                kind=kind,
                authority=authority,
                matter=matter,
                on=on,
                ended=ended if ended <= today else None,
                amount=rng.randrange(5, 900) * 100 * FEN,
            )
        )
    return tuple(facts)


def _phone_bill(rng: Random, strain: dict[Month, Strain], last: Month) -> PhoneBill | None:
    """About every third telephone account is reported."""
    if not happens(rng, 0.35):
        return None
    months = rng.randrange(6, 80)
    owed: list[int | None] = []
    unpaid, bill = 0, rng.randrange(30, 200) * FEN
    for ago in reversed(range(24)):
        if ago >= months:
            owed.append(None)
            continue
        broke = strain.get(last.plus(-ago), Strain.CALM) is Strain.BROKE
        unpaid = unpaid + 1 if broke and happens(rng, 0.3) else 0
        owed.append(unpaid)
    opened = last.plus(-months)
    return PhoneBill(
        provider="示例移动通信有限公司",
        opened=date(opened.year, opened.month, 1),
        month=last,
        arrears=bill * unpaid,
        owed=tuple(reversed(owed)),
    )


def _queries(
    rng: Random, borrowing: Borrowing, guarantees: tuple[Guarantee, ...], today: date
) -> tuple[Query, ...]:
    """Who asked PBOC or Baihang about the person in the last two years, newest first."""
    since = today - timedelta(days=QUERY_DAYS)
    asked = {_asked(bureau, one) for one in borrowing.applications for bureau in one.lender.asks}
    asked |= {
        (lenders.PBOC, g.opened - timedelta(days=2), InquiryKind.GUARANTEE_REVIEW, g.lender.code)
        for g in guarantees
    }
    for account in borrowing.accounts:
        asked |= _reviews(rng, account, since, today)
    if happens(rng, 0.3):
        own = today - timedelta(days=rng.randrange(QUERY_DAYS))
        asked.add((lenders.PBOC, own, InquiryKind.SELF, ""))
    return tuple(
        Query(bureau=bureau, on=on, kind=kind, lender=lenders.BY_CODE.get(code))
        for bureau, on, kind, code in sorted(asked, key=lambda q: (q[1], q), reverse=True)
        if since <= on <= today and bureau != lenders.BAIRONG
    )


def _asked(bureau: str, one: Application) -> tuple[str, date, InquiryKind, str]:
    return bureau, one.on, one.kind, one.lender.code


def _reviews(
    rng: Random, account: Account, since: date, today: date
) -> set[tuple[str, date, InquiryKind, str]]:
    """Lenders look again at their borrowers every half year or so while the account lasts."""
    found = set()
    gone = account.rows and account.rows[-1].stage is not Stage.RUNNING
    until = (account.ended or account.opened) if gone else today
    on = max(account.opened, since) + timedelta(days=rng.randrange(60, 200))
    while on <= until:
        if lenders.PBOC in account.lender.asks:
            found.add((lenders.PBOC, on, InquiryKind.ACCOUNT_REVIEW, account.lender.code))
        on += timedelta(days=rng.randrange(120, 260))
    return found
