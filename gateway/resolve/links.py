"""Where a debt went: sold, taken over, or claimed by a guarantor who paid. Linked, never merged.

A collection account (PBOC's C1, 催收账户: what an asset manager bought or a guarantor advanced,
china.md list A.19) and the account it came from are two accounts of two creditors with one debt.
So is a loan that another lender took over. Both stay in the profile, each says where its debt
went or came from, and whoever adds up balances counts it once, where it is now.

The same caution as in `loan`: a wrong link hides a debt, a missing one counts it twice and can
be seen. Only an account that says it was given up (transferred, charged off, paid by somebody
else) can have lost its debt; only one opened after it can have it; each has one origin and one
successor; and where a second candidate comes within `margin`, there is no link. Successors are
opened later than origins, so links never run in a circle, whatever a source claims.
"""

from collections import defaultdict
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field

from pydantic import BaseModel, ConfigDict

from connectors.money import Money, PartialDate
from connectors.records import AccountKind, AccountStatus, LenderType, PaymentStatus
from gateway.profile import ProfileTradeline
from gateway.profile.concluded import Evidence
from gateway.profile.relations import Link, LinkKind, Weighed
from gateway.profile.rule_names import MOVED_DEBT
from gateway.resolve.choosing import Pair, clear

_GIVEN_UP = frozenset({AccountStatus.TRANSFERRED, AccountStatus.CHARGED_OFF})
_MOVED = frozenset({"guarantor_paid", "asset_stripping", "asset_transfer"})  # list A.37: 2, 12, 13
_TAKEN_OVER = "transferred_in"  # list A.23: 5, 其他机构转入
_ADVANCED = "subrogated_debt"  # list A.20: B1, 代偿债务
_ALL = 10_000  # all of an amount, in 1/10000


class MovedRules(BaseModel):
    """`[moved]` of `config/merge.toml`: scores in milli-bits, tolerances in days and 1/10000.

    A creditor books a debt on the day it is said to have moved or at most `after_days` later, and
    seldom more than `prompt_days`. What is booked differs from what was owed by interest and costs,
    `near_bp` at most to be nearly the same, and is never more than `most_bp` of what was lent.
    Where only the arrears are told any more, as after a sale, all that was owed is at least those.
    """

    model_config = ConfigDict(frozen=True, extra="forbid")

    match: int
    margin: int
    crowd: int
    prompt_days: int
    after_days: int
    near_bp: int
    most_bp: int
    rounding_minor: int
    transferred: int
    charged_off: int
    day: int
    month: int
    later: int
    amount_same: int
    amount_near: int
    amount_other: int
    agreement: int


@dataclass(frozen=True, slots=True)
class Linked:
    """The links of accounts, by id; and the records of those that were too many to compare."""

    links: Mapping[str, tuple[Link, ...]] = field(default_factory=dict)
    crowded: tuple[Evidence, ...] = ()


_NONE = Linked()


def moved_debts(lines: Sequence[ProfileTradeline], rules: MovedRules) -> Linked:
    """Link each account whose debt left it to the account that has the debt now."""
    origins = [line for line in lines if line.opened and _left(line)]
    successors = [line for line in lines if line.opened and _took_over(line)] if origins else []
    if not successors:
        return _NONE
    if max(len(origins), len(successors)) > rules.crowd:
        return Linked(crowded=tuple(sorted({o.records[0] for o in (*origins, *successors)})))
    weighed: dict[Pair, tuple[Weighed, ...]] = {}
    for one, origin in enumerate(origins):
        for other, successor in enumerate(successors):
            facts = _weighed(origin, successor, rules)
            if facts:
                weighed[one, other] = facts
    scores = {move: sum(fact.weight for fact in facts) for move, facts in weighed.items()}
    links: defaultdict[str, list[Link]] = defaultdict(list)
    for move in clear(scores, _sides, match=rules.match, margin=rules.margin):
        origin, successor = origins[move[0]], successors[move[1]]
        basis = tuple(sorted((*origin.records, *successor.records)))
        for line, kind, there in (
            (origin, _how(successor), successor),
            (successor, LinkKind.CAME_FROM, origin),
        ):
            links[line.id].append(
                Link(
                    kind=kind,
                    line=there.id,
                    rule=MOVED_DEBT,
                    score=scores[move],
                    facts=weighed[move],
                    basis=basis,
                )
            )
    return Linked({id_: tuple(some) for id_, some in links.items()})


def _sides(move: Pair) -> tuple[tuple[str, int], tuple[str, int]]:
    return ("origin", move[0]), ("successor", move[1])


def _left(line: ProfileTradeline) -> bool:
    """The account says that its debt left its lender, or was given up."""
    return line.status.value in _GIVEN_UP or any(_moves(line))


def _moves(line: ProfileTradeline) -> Iterator[PartialDate]:
    """The days on which a debt is said to have left the account."""
    if line.transferred:
        yield line.transferred.value
    for one in line.transactions:
        if one.value.kind in _MOVED and one.value.on:
            yield one.value.on


def _took_over(line: ProfileTradeline) -> bool:
    """A collection, or a loan that was not lent anew."""
    taken = line.issuance is not None and line.issuance.value == _TAKEN_OVER
    return taken or line.kind.value is AccountKind.COLLECTION


def _how(successor: ProfileTradeline) -> LinkKind:
    """Asset managers buy; a guarantor who paid, or another lender, has the debt without a sale."""
    product, buyer = successor.product, successor.lender_type
    if product and product.value == _ADVANCED:
        return LinkKind.TRANSFERRED_TO
    sold = buyer is not None and buyer.value is LenderType.ASSET_MANAGER
    return LinkKind.SOLD_TO if sold else LinkKind.TRANSFERRED_TO


def _weighed(
    origin: ProfileTradeline, successor: ProfileTradeline, rules: MovedRules
) -> tuple[Weighed, ...] | None:
    """What speaks for the debt of `origin` being that of `successor`; None when it cannot be."""
    if origin.opened is None or successor.opened is None or not _may_differ(origin, successor):
        return None
    began, booked = origin.opened.value, successor.opened.value
    if booked.earliest() <= began.earliest():
        return None
    timing = _timing(origin, booked, rules)
    amount = _amount(origin, successor, rules)
    if timing is None or amount is None:
        return None
    facts = [_status(origin, rules), timing, amount]
    agreements = {one.value for one in origin.agreement_refs}
    if agreements & {one.value for one in successor.agreement_refs}:
        facts.append(Weighed(fact="agreement", level="same", weight=rules.agreement))
    return tuple(facts)


def _may_differ(origin: ProfileTradeline, successor: ProfileTradeline) -> bool:
    """Two creditors, as far as anybody knows, and one currency."""
    if origin.id == successor.id:
        return False
    if origin.institution and origin.institution == successor.institution:
        return False
    here, there = origin.currency, successor.currency
    return here is None or there is None or here.value == there.value


def _status(origin: ProfileTradeline, rules: MovedRules) -> Weighed:
    if origin.status.value is AccountStatus.TRANSFERRED or any(_moves(origin)):
        return Weighed(fact="status", level="transferred", weight=rules.transferred)
    return Weighed(fact="status", level="charged_off", weight=rules.charged_off)


def _timing(origin: ProfileTradeline, booked: PartialDate, rules: MovedRules) -> Weighed | None:
    """Booked about the day the debt left; where nobody says when, after it was given up."""
    days = list(_moves(origin))
    for day in sorted(days, key=lambda one: (one.day is None, one.earliest())):
        late = (booked.earliest() - day.latest()).days
        if booked.latest() < day.earliest() or late > rules.after_days:
            continue
        if late > rules.prompt_days:
            return Weighed(fact="booked", level="later", weight=rules.later)
        exact = day.day is not None
        level, weight = ("day", rules.day) if exact else ("month", rules.month)
        return Weighed(fact="booked", level=level, weight=weight)
    given_up = [
        entry.month
        for entry in (origin.grid.value.months if origin.grid else ())
        if entry.status is PaymentStatus.CHARGED_OFF
    ]
    if days or (
        given_up
        and (booked.latest().year, booked.latest().month) < (given_up[-1].year, given_up[-1].month)
    ):
        return None
    return Weighed(fact="booked", level="undated", weight=0)


def _amount(
    origin: ProfileTradeline, successor: ProfileTradeline, rules: MovedRules
) -> Weighed | None:
    """What was booked, against what was owed before; None when it is more than a debt grows to."""
    taken = successor.original_amount or successor.balance
    lent = origin.original_amount or origin.credit_limit
    if taken is None:
        return _UNKNOWN_AMOUNT
    booked = taken.value
    if lent and _bp(booked, lent.value) > rules.most_bp:
        return None
    owed = [one for one in _owed(origin) if one.currency == booked.currency and one.minor > 0]
    if not owed:
        return _UNKNOWN_AMOUNT
    whole = origin.balance is not None and origin.balance.value.minor > 0
    return _grown(booked, owed, rules, whole=whole)


_UNKNOWN_AMOUNT = Weighed(fact="amount", level="unknown", weight=0)


def _grown(booked: Money, owed: Sequence[Money], rules: MovedRules, *, whole: bool) -> Weighed:
    """Is `booked` what any of these amounts became, one of which is the `whole` debt?"""
    if any(abs(one.minor - booked.minor) < rules.rounding_minor for one in owed):
        return Weighed(fact="amount", level="same", weight=rules.amount_same)
    if any(abs(_bp(booked, one) - _ALL) <= rules.near_bp for one in owed):
        return Weighed(fact="amount", level="near", weight=rules.amount_near)
    if not whole and all(_bp(booked, one) >= _ALL for one in owed):
        return Weighed(fact="amount", level="possible", weight=0)
    return Weighed(fact="amount", level="other", weight=rules.amount_other)


def _owed(line: ProfileTradeline) -> Iterator[Money]:
    """What was owed when the debt was given up, as far as the account still shows it."""
    for stated in (line.balance, line.past_due):
        if stated:
            yield stated.value
    overdue = (entry.overdue for entry in (line.grid.value.months if line.grid else ()))
    newest = next((amount for amount in overdue if amount and amount.minor), None)
    if newest:
        yield newest


def _bp(one: Money, other: Money) -> int:
    """`one` in 1/10000 of `other`; none of it where they do not compare."""
    if one.currency != other.currency or other.minor <= 0:
        return 0
    return _ALL * one.minor // other.minor
