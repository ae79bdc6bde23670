"""How far sources stray from what is so: rates, as data.

Nobody publishes such rates; all of these are invented (docs/sandbox.md says what each stands for).
Parts per one. What a rate applies to is said beside it; each source draws for itself.
"""

from collections.abc import Mapping
from dataclasses import dataclass, fields
from types import MappingProxyType

from connectors.sandbox.dice import Random, happens


@dataclass(frozen=True, slots=True, kw_only=True)
class Noise:
    """The rates of one level. `name` is what the command line calls it.

    Of accounts at a bureau: `missing_month` lack one month of history, `unreported` never
    arrived although the lender reports there, `late` are one to three months further behind,
    `shifted` were opened one to five days later (the day of payment, not of the contract),
    `branch` are filed under a branch of the lender, which no directory lists: in words where the
    bureau names lenders in words, else under a code of its own. `masked_lender` have what the
    lender's name is told by starred out. `restated` have months told otherwise than they were
    (`restating`); no persona's have. `own_number` of accounts stand under the number
    their lender gave them, at every bureau; where a bureau masks it (`masked_number` of those),
    only the last four digits show.

    Of debts: `sold` of written-off accounts are bought by an asset manager, or claimed by a
    guarantor who paid; `taken_over` of instalment loans pass to another lender. Of the accounts
    that bought debts become at a bureau, `booked_late` are opened weeks or months after the sale,
    and `costs` hold interest and costs on top of what was owed.

    Of people at a source that writes down whom it knows: `pinyin`, `variant` (another form of a
    character) and `spaced` (a space or dot in it) concern the name, `old_mobile` the number,
    `masked_id`, `old_id` (15 digits), `other_id` (the passport) and `mistyped_id` the document,
    `partial_birth` the birth date (month or year only).

    Of people: `twins` have a twin in the world, `couples` a spouse; both live with them.

    Of answers that say whom they are about: `crossed` are somebody else's altogether. Of PBOC's:
    `mixed` have the head of the person asked for on somebody else's file, and `revision_2017`
    are written the way of 2017. Of Bairong's: `added_classes` count by classes of lenders that
    its older field lists do not have.
    """

    name: str
    missing_month: float = 0.03
    unreported: float = 0.0
    late: float = 0.0
    shifted: float = 0.0
    branch: float = 0.0
    masked_lender: float = 0.0
    restated: float = 0.0
    own_number: float = 0.0
    masked_number: float = 0.0
    sold: float = 0.0
    taken_over: float = 0.0
    booked_late: float = 0.0
    costs: float = 0.0
    pinyin: float = 0.0
    variant: float = 0.0
    spaced: float = 0.0
    old_mobile: float = 0.0
    masked_id: float = 0.0
    old_id: float = 0.0
    other_id: float = 0.0
    mistyped_id: float = 0.0
    partial_birth: float = 0.0
    twins: float = 0.0
    couples: float = 0.0
    crossed: float = 0.0
    mixed: float = 0.0
    revision_2017: float = 0.0
    added_classes: float = 0.0

    def rates(self) -> dict[str, float]:
        """Every rate by name."""
        return {f.name: getattr(self, f.name) for f in fields(self) if f.name != "name"}


@dataclass(frozen=True, slots=True, kw_only=True)
class Astray:
    """What goes wrong between a lender and one bureau about one account.

    `days_booked_late` and `percent_costs` befall bought debts only.
    """

    unreported: bool
    months_late: int
    days_shifted: int
    branch: int | None
    masked_lender: bool
    masked_number: bool
    days_booked_late: int
    percent_costs: int
    restated: bool


def astray(rng: Random, noise: Noise) -> Astray:
    """Draw it; the same number of draws whatever the rates are."""
    unreported, late, shifted, branch = (
        happens(rng, rate) for rate in (noise.unreported, noise.late, noise.shifted, noise.branch)
    )
    months, days, number = rng.randint(1, 3), rng.randint(1, 5), rng.randint(1, 9)
    masked_lender, masked_number, booked_late, costs = (
        happens(rng, rate)
        for rate in (noise.masked_lender, noise.masked_number, noise.booked_late, noise.costs)
    )
    weeks, percent = rng.randint(2, 15), rng.randint(5, 18)
    restated = happens(rng, noise.restated)
    return Astray(
        unreported=unreported,
        months_late=months if late else 0,
        days_shifted=days if shifted else 0,
        branch=number if branch else None,
        masked_lender=masked_lender,
        masked_number=masked_number,
        days_booked_late=7 * weeks if booked_late else 0,
        percent_costs=percent if costs else 0,
        restated=restated,
    )


NONE = Noise(name="none")
"""Bureaus as they should be: lag, rounding, aliases, and now and then a month that is missing."""

DEFAULT = Noise(
    name="default",
    unreported=0.02,
    late=0.05,
    shifted=0.02,
    branch=0.001,
    masked_lender=0.001,
    restated=0.005,
    own_number=0.02,
    masked_number=0.9,
    sold=0.2,
    taken_over=0.005,
    booked_late=0.1,
    costs=0.1,
    pinyin=0.01,
    variant=0.01,
    spaced=0.02,
    old_mobile=0.1,
    masked_id=0.1,
    old_id=0.005,
    other_id=0.002,
    mistyped_id=0.001,
    partial_birth=0.01,
    twins=0.004,
    couples=0.3,
    crossed=0.001,
    mixed=0.0005,
    revision_2017=0.005,
    added_classes=0.02,
)
HEAVY = Noise(
    name="heavy",
    missing_month=0.12,
    unreported=0.08,
    late=0.2,
    shifted=0.1,
    branch=0.01,
    masked_lender=0.02,
    restated=0.04,
    own_number=0.2,
    masked_number=0.9,
    sold=0.5,
    taken_over=0.03,
    booked_late=0.3,
    costs=0.3,
    pinyin=0.05,
    variant=0.05,
    spaced=0.1,
    old_mobile=0.3,
    masked_id=0.3,
    old_id=0.03,
    other_id=0.02,
    mistyped_id=0.01,
    partial_birth=0.1,
    twins=0.02,
    couples=0.5,
    crossed=0.01,
    mixed=0.005,
    revision_2017=0.02,
    added_classes=0.2,
)
LEVELS: Mapping[str, Noise] = MappingProxyType({one.name: one for one in (NONE, DEFAULT, HEAVY)})
