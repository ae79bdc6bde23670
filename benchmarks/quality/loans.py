"""Accounts of one profile beside the true ones: which records are one, and which debt went where.

Pairs are records of two sources: one account in truth, one account in the profile? Debts that
moved are links between accounts: does the profile have those that both sides are told of?
"""

from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass
from functools import cached_property
from itertools import combinations

from benchmarks.quality.tally import Failure, Tally
from connectors.records import PaymentStatus, Report, Tradeline
from connectors.sandbox import bureaus, truth
from connectors.sandbox.bureaus import Seen
from connectors.sandbox.facts import Life
from connectors.sandbox.products import COLLECTION
from connectors.sandbox.world import Opened
from gateway.profile import ProfileTradeline
from gateway.profile.concluded import Evidence
from gateway.profile.relations import LinkKind

Key = tuple[int, int]
"""A true account: whose it is, and its number in that life."""
DIFFERENT = "months told differently"
"""Pairs of whatever sort, counted once more."""


@dataclass(frozen=True)
class Listed:
    """Every tradeline of some reports, and what it was written from."""

    records: Mapping[Evidence, Tradeline]
    seen: Mapping[Evidence, Seen]
    lives: Mapping[str, Life]

    @classmethod
    def of(cls, reports: Mapping[str, Report], opened: Mapping[str, Opened]) -> "Listed":
        """A report lists accounts in the order its source knows them in; ValueError if not."""
        records: dict[Evidence, Tradeline] = {}
        seen: dict[Evidence, Seen] = {}
        lives = {source: opened[source].life for source in reports}
        for source, report in reports.items():
            told = [one for one in report.records if isinstance(one, Tradeline)]
            known = bureaus.accounts(lives[source], source) if told else ()
            for record, account in zip(told, known, strict=True):
                if record.account_ref != account.ref:
                    raise ValueError(f"{source} lists an account out of its order")
                one = Evidence(source, report.report_id, record.record_id)
                records[one], seen[one] = record, account
        return cls(records, seen, lives)

    @cached_property
    def true(self) -> Mapping[Evidence, Key]:
        """The account each record is of."""
        return {
            one: (self.lives[one.source].index, account.account.number)
            for one, account in self.seen.items()
        }


# -- pairs -----------------------------------------------------------------------------------


def pairs(index: int, listed: Listed, lines: Iterable[ProfileTradeline], tally: Tally) -> None:
    """Pairs that are one account beside pairs that were taken for one."""
    groups: dict[Key, list[Evidence]] = {}
    for one, key in listed.true.items():
        groups.setdefault(key, []).append(one)
    wanted = set(_pairs(groups.values()))
    found = set(_pairs(line.records for line in lines))
    tally.add("records", by=len(listed.records))
    for some, word in ((wanted, "true"), (found, "found"), (wanted & found, "right")):
        for pair in some:
            tally.add("loan", "all", word)
            tally.add("loan", _told_by(listed, *pair), word)
            if _differ(*(listed.records[one] for one in pair)):
                tally.add("loan", DIFFERENT, word)
    for what, some in (("pair missed", wanted - found), ("pair wrong", found - wanted)):
        for pair in sorted(some):
            names, facts = _shown(listed, pair)
            tally.fail(Failure(index, what, names, facts))


def _pairs(groups: Iterable[Iterable[Evidence]]) -> Iterator[tuple[Evidence, Evidence]]:
    for group in groups:
        for one, other in combinations(sorted(group), 2):
            if one.source != other.source:
                yield one, other


def _differ(one: Tradeline, other: Tradeline) -> bool:
    """Some month that both know is told as another."""
    mine, theirs = (
        {
            cell.month: cell.status
            for cell in record.grid
            if cell.status is not PaymentStatus.UNKNOWN
        }
        for record in (one, other)
    )
    return any(mine[month] is not theirs[month] for month in mine.keys() & theirs.keys())


def _told_by(listed: Listed, one: Evidence, other: Evidence) -> str:
    """What two records leave to tell them by: both lenders, and the number the lender gave?"""
    mine, theirs = listed.seen[one], listed.seen[other]
    lender = "a lender masked" if mine.masked or theirs.masked else "lenders named"
    return f"{lender}, its number shown" if mine.own and theirs.own else lender


def _shown(
    listed: Listed, some: Iterable[Evidence]
) -> tuple[tuple[str, ...], tuple[Mapping[str, object], ...]]:
    """Their names, and what a person would look at to tell accounts apart."""
    here = tuple(some)
    return tuple(map(str, here)), tuple(_facts(listed.records[one]) for one in here)


def _facts(record: Tradeline) -> Mapping[str, object]:
    amount = record.original_amount or record.credit_limit
    return {
        "lender": record.lender,
        "number": record.account_ref,
        "kind": record.kind,
        "status": record.status,
        "opened": str(record.opened),
        "matures": str(record.matures),
        "closed": str(record.closed),
        "moved": [str(record.transferred), *(str(one.on) for one in record.transactions)],
        "amount": amount.minor if amount else None,
        "balance": record.balance.minor if record.balance else None,
        "terms": record.terms,
        "as_of": record.as_of.isoformat(),
    }


# -- debts that moved ------------------------------------------------------------------------


@dataclass(frozen=True, slots=True)
class Move:
    """A debt that left one account and is with another; `told`: a record says it was given up."""

    origin: Key
    successor: Key
    kind: LinkKind
    told: bool


def moved(index: int, listed: Listed, lines: Iterable[ProfileTradeline], tally: Tally) -> None:
    """Links of the profile beside the debts of which both accounts are in it."""
    held = {line.id: line for line in lines}
    keys = {id_: {listed.true[one] for one in line.records} for id_, line in held.items()}
    moves = list(_moves(listed, held.values()))
    right: set[Move] = set()
    for line in held.values():
        for link in line.links:
            if not link.away:
                continue
            meant = {
                move
                for move in moves
                if move.origin in keys[line.id] and move.successor in keys[link.line]
            }
            tally.add("moved", link.kind, "linked")
            tally.add("moved", link.kind, "linked right", by=bool(meant))
            right |= meant
            if not meant:
                names, facts = _shown(listed, link.basis)
                tally.fail(Failure(index, "debt linked wrong", names, facts))
    for move in moves:
        tally.add("moved", move.kind, "seen")
        tally.add("moved", move.kind, "told", by=move.told)
        tally.add("moved", move.kind, "found", by=move in right)
        if move.told and move not in right:
            sides = {move.origin, move.successor}
            names, facts = _shown(listed, (e for e, key in listed.true.items() if key in sides))
            tally.fail(Failure(index, "debt not linked", names, facts))


def _moves(listed: Listed, lines: Iterable[ProfileTradeline]) -> Iterator[Move]:
    shown = [one for line in lines for one in line.records]
    here = {listed.true[one] for one in shown}
    gone = {listed.true[one] for one in shown if listed.seen[one].status in truth.GIVEN_UP}
    lives = {life.index: life for life in listed.lives.values()}
    for index, number in sorted(here):
        account = lives[index].accounts[number]
        if account.origin is None or (index, account.origin) not in here:
            continue
        origin = (index, account.origin)
        sold = account.product == COLLECTION
        kind = LinkKind.SOLD_TO if sold else LinkKind.TRANSFERRED_TO
        yield Move(origin, (index, number), kind, origin in gone)
