"""Taking out credit: from a wish (product, day) to an application, an account and its rows."""

from dataclasses import dataclass, field
from datetime import date, timedelta

from connectors.money import Month
from connectors.records import AccountKind, LenderType
from connectors.sandbox import lenders, repayment
from connectors.sandbox.dice import Random, happens
from connectors.sandbox.facts import (
    Account,
    Agreement,
    Application,
    InstalmentPlan,
    Person,
    Stage,
)
from connectors.sandbox.lenders import Lender
from connectors.sandbox.products import COLLECTION, PRODUCTS, Product
from connectors.sandbox.repayment import Course
from connectors.sandbox.temperament import Burst, Churn, Payer, Temperament

FEN = 100
_LOAN_KINDS = {AccountKind.INSTALMENT_LOAN, AccountKind.REVOLVING_SUBACCOUNT}


@dataclass(slots=True)
class Borrowing:
    """Everything one person borrows, collected while their life is being made."""

    rng: Random
    who: Temperament
    person: Person
    today: date
    payer: Payer
    accounts: list[Account] = field(default_factory=list)
    agreements: list[Agreement] = field(default_factory=list)
    applications: list[Application] = field(default_factory=list)

    def hold(self, product: str, opened: date) -> None:
        """Apply on or a little before `opened`, be granted it, and live with it since."""
        if product == "line":
            self._line(opened)
        else:
            one = PRODUCTS[product]
            self._open(one, self._lender(one), opened)

    def be_refused(self, product: str, on: date, lender: Lender | None = None) -> None:
        """An application that came to nothing."""
        one = PRODUCTS[product]
        self._apply(one, lender or self._lender(one), on, self._amount(one), account=None)

    def burst(self, burst: Burst) -> None:
        """Many applications in a short time, each to another lender while there are any."""
        product = PRODUCTS[burst.product]
        choice = list(lenders.of_types(*product.lenders))
        self.rng.shuffle(choice)
        for n in range(burst.count):
            ago = burst.until + (burst.since - burst.until) * n // max(burst.count - 1, 1)
            lender, on = choice[n % len(choice)], self.today - timedelta(days=ago)
            if n < burst.count * burst.granted:
                self._open(product, lender, on)
            else:
                self.be_refused(burst.product, on, lender)

    def churn(self, churn: Churn) -> None:
        """A chain of small loans: the next within days of repaying the one before, or on top of it.

        The first of them starts so that the last is taken out about a month before today.
        """
        product = PRODUCTS[churn.product]
        choice = [x for x in lenders.of_types(*product.lenders) if lenders.PBOC in x.reports_to]
        first = Month.of(self.today).plus(-1 - churn.months_each * (churn.loans - 1))
        for n in range(churn.loans):
            month = first.plus(n * churn.months_each)
            opened = date(month.year, month.month, 26)  # after the last due day of the loan before
            self._open(
                product,
                choice[n % len(choice)],
                opened,
                settles_after=None if churn.terms else churn.months_each,
                terms=churn.terms,
            )

    def _line(self, since: date) -> None:
        """A credit line drawn several times, each draw an account of its own."""
        product = PRODUCTS["drawdown"]
        lender, limit = self._lender(product), self.rng.randrange(20, 100) * 1000 * FEN
        agreement = self._agree(product, lender, since, limit)
        self._apply(product, lender, since, limit, account=len(self.accounts))
        drawn = since
        for _ in range(self.rng.randrange(1, 4)):
            if drawn > self.today:
                return
            free = limit - sum(
                _owed_in(account, Month.of(drawn).plus(-1))
                for account in self.accounts
                if account.agreement == agreement.number and account.kind is product.kind
            )
            amount = min(self._amount(product), free) // (100 * FEN) * (100 * FEN)
            if amount > 0:
                self._lend(product, lender, drawn, amount, agreement=agreement.number)
            drawn += timedelta(days=self.rng.randrange(40, 300))

    def _open(
        self,
        product: Product,
        lender: Lender,
        opened: date,
        *,
        settles_after: int | None = None,
        terms: int | None = None,
    ) -> None:
        amount = self._amount(product)
        asked = opened - timedelta(days=self.rng.randrange(4))
        self._apply(product, lender, asked, amount, account=len(self.accounts))
        if product.kind in _LOAN_KINDS:
            self._lend(product, lender, opened, amount, settles_after=settles_after, terms=terms)
        else:
            self._issue(product, lender, opened, amount)

    def _lend(
        self,
        product: Product,
        lender: Lender,
        opened: date,
        amount: int,
        *,
        agreement: int | None = None,
        settles_after: int | None = None,
        terms: int | None = None,
    ) -> None:
        terms, due_day = terms or self.rng.choice(product.terms), self._due_day()
        if settles_after is None and happens(self.rng, self.who.settles_early):
            settles_after = self.rng.randrange(1, terms)
        course = repayment.repay_loan(
            opened=opened,
            due_day=due_day,
            plan=repayment.schedule(amount, terms, product.percent),
            last=self.payer.last,
            pay=self._effort(product.kind),
            gives_up=self.payer.gives_up,
            sells=product.kind is AccountKind.INSTALMENT_LOAN
            and lender.type in {LenderType.CONSUMER_FINANCE, LenderType.BANK}
            and happens(self.rng, 0.5),
            settles_after=settles_after,
        )
        matures = Month.of(opened).plus(terms)
        self._keep(
            product,
            lender,
            opened,
            course,
            due_day=due_day,
            matures=date(matures.year, matures.month, due_day),
            amount=amount,
            terms=terms,
            agreement=agreement,
        )
        self._sell_on(self.accounts[-1])

    def _issue(self, product: Product, lender: Lender, opened: date, limit: int) -> None:
        """A card or revolving loan; the agreement names the same limit."""
        agreement = self._agree(product, lender, opened, limit) if product.agreement else None
        card = product.kind is AccountKind.CREDIT_CARD
        idle = card and happens(self.rng, self.who.dormant)
        due_day, last = self._due_day(), self.payer.last
        months = max(last.since(Month.of(opened)), 0)
        closes = (
            Month.of(opened).plus(self.rng.randrange(6, 60))
            if happens(self.rng, self.who.closes)
            else None
        )
        odd = card and months > 1 and happens(self.rng, self.who.shifts_bill)
        unbilled = Month.of(opened).plus(self.rng.randrange(1, months)) if odd else None
        transacts = happens(self.rng, self.who.transacts)
        quasi = product.kind is AccountKind.QUASI_CREDIT_CARD
        low, high = (0.0, 0.1) if quasi else self.who.spends

        def spend(month: Month, room: int) -> int:
            use = self.rng.uniform(low, high) * (1 + self.payer.strain[month] / 2)
            skip = idle or happens(self.rng, 0.7 if quasi else self.who.idles)
            return 0 if skip else min(int(limit * use), room)

        course = repayment.use_revolving(
            opened=opened,
            limit=limit,
            last=last,
            minimum_percent=100 if quasi else 10,
            spend=spend,
            pay=self._effort(product.kind),
            overpays=lambda: 1.0 if transacts else self.rng.uniform(0.0, 0.6),
            gives_up=self.payer.gives_up,
            due_day=due_day,
            closes_in=closes,
            unbilled_in=unbilled,
        )
        self._keep(
            product,
            lender,
            opened,
            course,
            due_day=due_day,
            limit=limit,
            agreement=agreement.number if agreement else None,
            activated=not idle,
            plan=self._plan(limit, opened) if card and not idle else None,
        )

    def _keep(
        self,
        product: Product,
        lender: Lender,
        opened: date,
        course: Course,
        *,
        due_day: int,
        matures: date | None = None,
        amount: int | None = None,
        limit: int | None = None,
        terms: int | None = None,
        agreement: int | None = None,
        activated: bool = True,
        plan: InstalmentPlan | None = None,
    ) -> None:
        disputed = course.rows and happens(self.rng, 0.01)
        self.accounts.append(
            Account(
                number=len(self.accounts),
                product=product.name,
                kind=product.kind,
                lender=lender,
                opened=opened,
                due_day=due_day,
                rows=course.rows,
                matures=matures,
                ended=course.ended,
                amount=amount,
                limit=limit,
                terms=terms,
                agreement=agreement,
                settled_early=course.settled_early,
                activated=activated,
                plan=plan,
                disputed_in=course.rows[-1].month if disputed else None,
            )
        )

    def _sell_on(self, account: Account) -> None:
        """A debt that was sold turns up at an asset manager, as a collection account."""
        if not account.rows or account.rows[-1].stage is not Stage.TRANSFERRED:
            return
        sold = account.ended or account.opened
        opened = sold + timedelta(days=3)
        amount = account.rows[-2].balance
        course = repayment.collect(
            opened=opened,
            amount=amount,
            last=self.payer.last,
            pays=lambda: happens(self.rng, 0.2),
        )
        self.accounts.append(
            Account(
                number=len(self.accounts),
                product=COLLECTION,
                kind=AccountKind.COLLECTION,
                lender=self.rng.choice(lenders.of_types(LenderType.ASSET_MANAGER)),
                opened=opened,
                due_day=repayment.LATEST_DUE,
                rows=course.rows,
                ended=course.ended,
                amount=amount,
                origin=account.number,
            )
        )

    def _apply(
        self, product: Product, lender: Lender, on: date, amount: int, account: int | None
    ) -> None:
        person = self.person
        former = person.former_mobile if on < person.mobile_since else None
        self.applications.append(
            Application(
                on=on,
                lender=lender,
                product=product.name,
                kind=product.inquiry,
                account_kind=product.kind,
                amount=amount,
                account=account,
                mobile=former or person.mobile,
            )
        )

    def _agree(self, product: Product, lender: Lender, since: date, limit: int) -> Agreement:
        agreement = Agreement(
            number=len(self.agreements),
            lender=lender,
            purpose=product.kind,
            limit=limit,
            since=since,
            until=self._renewed(since),
        )
        self.agreements.append(agreement)
        return agreement

    def _renewed(self, since: date) -> date:
        """Agreements last five years and are renewed while the world lasts."""
        years = 5 * ((self.today.year - since.year) // 5 + 1)
        return date(since.year + years, since.month, min(since.day, 28))

    def _plan(self, limit: int, opened: date) -> InstalmentPlan | None:
        if not happens(self.rng, 0.06):
            return None
        granted, starts = limit // 2, opened + timedelta(days=90)
        return InstalmentPlan(
            limit=granted,
            used=granted // 2,
            starts=starts,
            ends=starts + timedelta(days=1095),
        )

    def _effort(self, kind: AccountKind) -> repayment.Pay:
        rank = sum(1 for account in self.accounts if account.kind is kind)
        return lambda month, months_late: self.payer.effort(kind, rank, month, months_late)

    def _lender(self, product: Product) -> Lender:
        return self.rng.choice(lenders.of_types(*product.lenders))

    def _amount(self, product: Product) -> int:
        """Small amounts are more usual than large ones; loans are lent in hundreds of yuan."""
        low, high = product.yuan
        return int(low + (high - low) * self.rng.random() ** 2) // 100 * 100 * FEN

    def _due_day(self) -> int:
        return self.rng.randint(repayment.EARLIEST_DUE, repayment.LATEST_DUE)


def _owed_in(account: Account, month: Month) -> int:
    """What was owed at the end of `month`; the full amount when it was opened after that."""
    place = month.since(Month.of(account.opened))
    if not account.rows or place < 0:
        return account.amount or 0
    return account.rows[min(place, len(account.rows) - 1)].balance
