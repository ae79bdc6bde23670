"""Which tradelines are the same account?

1. Inside a report, records that say the very same are copies, and records under one account
   number, of one day and sum, are one account told more than once (`account`).
2. What people judged to be one account is, whatever its lender is called (`judged`).
3. Records of one institution (its aliases are in the directory) and family of account are
   compared, and paired where the choice is clear (`likeness`, `pairing`).
4. A lender that a source masks, or that nobody listed, may be anyone: those records are compared
   with the accounts of their whole family, and need evidence that no stranger's loan would show
   (`[loan.lender]`).

Every step works in the order of evidence, so the order of arrival never matters.
"""

from collections import defaultdict
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from heapq import nsmallest
from itertools import combinations
from types import MappingProxyType

from connectors.records import AccountKind, Tradeline
from gateway.profile.concluded import Evidence, Held, in_place
from gateway.profile.relations import Match
from gateway.profile.rule_names import JUDGED
from gateway.resolve.account import Account, Group, Once, first, together
from gateway.resolve.choosing import Pair
from gateway.resolve.institutions import Institutions
from gateway.resolve.judged import NOTHING_JUDGED, Judgements, account_name, bearers, pair
from gateway.resolve.likeness import Candidate, LoanRules, likeness
from gateway.resolve.pairing import Pairing

# One bureau may file a draw under a line as a loan, or a card as a quasi card. A debt under
# collection is never the loan it came from: those are linked, not merged.
FAMILY = MappingProxyType(
    {
        AccountKind.INSTALMENT_LOAN: "loan",
        AccountKind.REVOLVING_SUBACCOUNT: "loan",
        AccountKind.REVOLVING_LOAN: "line",
        AccountKind.CREDIT_CARD: "card",
        AccountKind.QUASI_CREDIT_CARD: "card",
        AccountKind.COLLECTION: "collection",
    }
)


@dataclass(frozen=True, slots=True)
class Grouping:
    """Every record in one group, and why.

    `matches` are the pairs that made a group, by its first record; `doubts` are pairs left apart
    that a person may judge, the best first. `copies` and `repeated` are told more than once in
    one report, `crowded` were too many to compare, and `unclear` were judged, but the judgement
    fits several accounts or contradicts another.
    """

    groups: tuple[Group, ...]
    matches: Mapping[Evidence, tuple[Match, ...]] = field(default_factory=dict)
    doubts: tuple[Match, ...] = ()
    copies: tuple[Evidence, ...] = ()
    repeated: tuple[Evidence, ...] = ()
    crowded: tuple[Evidence, ...] = ()
    unclear: tuple[Evidence, ...] = ()


def same_loans(
    held: Iterable[Held[Tradeline]],
    rules: LoanRules,
    institutions: Institutions,
    judged: Judgements = NOTHING_JUDGED,
) -> Grouping:
    """Put the records of one account together; the rest stay alone."""
    work = _Work(rules, institutions, judged)
    once = Once()
    blocks: defaultdict[_Block, list[Held[Tradeline]]] = defaultdict(list)
    for one in sorted(held, key=in_place):
        blocks[work.lender(one.record)[0], FAMILY[one.record.kind]].append(one)
    told = {block: once.accounts(some) for block, some in blocks.items()}
    if work.names:
        work.apply(told)
    families: defaultdict[str, list[Account]] = defaultdict(list)
    for (_, family), accounts in told.items():
        families[family] += work.paired(accounts)
    found = [one for accounts in families.values() for one in work.unmasked(accounts)]
    groups = sorted(((one.group, one.matches) for one in found), key=lambda two: first(two[0]))
    doubts = _apart(set(work.doubts), groups) if work.doubts else []
    return Grouping(
        groups=tuple([group for group, _ in groups]),
        matches={group[0].evidence: tuple(sorted(made)) for group, made in groups if made},
        doubts=tuple(nsmallest(rules.doubts, doubts, key=lambda m: (-(m.score or 0), m))),
        copies=tuple(once.copies),
        repeated=tuple(once.repeated),
        crowded=tuple(sorted(set(work.crowded))),
        unclear=tuple(sorted(set(work.unclear))),
    )


def _apart(doubts: Iterable[Match], groups: Iterable[tuple[Group, object]]) -> list[Match]:
    """Those whose records are still apart: a later step may have joined them."""
    home = {one.evidence: number for number, (group, _) in enumerate(groups) for one in group}
    return [doubt for doubt in doubts if home[doubt.one] != home[doubt.other]]


_Block = tuple[str, str]
"""What tells the lender apart, and the family."""


class _Work:
    """What the steps share, and what they notice on the way."""

    def __init__(self, rules: LoanRules, institutions: Institutions, judged: Judgements) -> None:
        self._rules = rules
        self._institutions = institutions
        self._judged = judged
        self._lenders: dict[tuple[str, str | None], tuple[str, str | None]] = {}
        self.names = judged.names
        self.doubts: list[Match] = []
        self.crowded: list[Evidence] = []
        self.unclear: list[Evidence] = []
        self._nameless: list[Evidence] = []

    def lender(self, record: Tradeline) -> tuple[str, str | None]:
        """What tells the lender apart, and its id when it is listed."""
        asked = (record.source, record.lender)
        if asked not in self._lenders:
            listed = self._institutions.find(*asked)
            if listed:
                self._lenders[asked] = listed.id, listed.id
            else:  # whoever does not name the lender is nobody else's lender either
                self._lenders[asked] = self._institutions.key(*asked) or f"{record.source}:", None
        return self._lenders[asked]

    def apply(self, told: dict[_Block, list[Account]]) -> None:
        """(2) Join what a person said is one account, and the blocks it is in."""
        place = {account: block for block, some in told.items() for account in some}
        known, self._nameless = bearers(place, self.names)
        self.unclear += self._nameless
        named = {name: min(some, key=_place).parts[0][0] for name, some in known.items()}
        for one, other in sorted(self._judged.same):
            some = list(dict.fromkeys([*known.get(one, ()), *known.get(other, ())]))
            if one not in known or other not in known or len(some) == 1:
                continue
            if len({place[account][1] for account in some}) > 1 or self._parted(some):
                self.unclear += [account.parts[0][0].evidence for account in some]
                continue
            whole = together(some, self._said(named[one], named[other]))
            blocks = sorted({place[account] for account in some})
            rest = [a for block in blocks for a in told.pop(block) if a not in some]
            told[blocks[0]] = [whole, *rest]
            place |= dict.fromkeys(told[blocks[0]], blocks[0])
            known = {n: [whole if a in some else a for a in found] for n, found in known.items()}

    def _parted(self, accounts: Sequence[Account]) -> bool:
        """Somebody also said that two of these are not the same."""
        names = {account_name(part[0].record) for one in accounts for part in one.parts}
        return any(names.issuperset(two) for two in self._judged.different)

    def _said(self, *two: Held[Tradeline]) -> Match:
        one, other = (Candidate.of(held.record, self.lender(held.record)[1]) for held in two)
        first_, second = sorted(held.evidence for held in two)
        return Match(first_, second, JUDGED, likeness(one, other, self._rules))

    def paired(self, accounts: list[Account]) -> list[Account]:
        """(3) The accounts of one block, those that are one joined."""
        if _settled(accounts):
            return accounts
        pairing = self._pairing(sorted(accounts, key=_place))
        joined = pairing.joined()
        self.doubts += pairing.doubts
        self.crowded += [pairing.held(place).evidence for place in pairing.crowded]
        return joined

    def unmasked(self, accounts: list[Account]) -> list[Account]:
        """(4) The accounts of a family; one whose lender is not known may be any of them."""
        accounts = sorted(accounts, key=_place)
        parts = [part[0] for account in accounts for part in account.parts]
        nobody = {place for place, held in enumerate(parts) if not self.lender(held.record)[1]}
        if not nobody or _settled(accounts):
            return accounts
        pairing = self._pairing(accounts, nobody)
        joined = pairing.joined()
        self.doubts += pairing.doubts
        self.crowded += [pairing.held(place).evidence for place in pairing.crowded & nobody]
        return joined

    def _pairing(self, accounts: list[Account], named: set[int] | None = None) -> Pairing:
        """Of accounts in their order: a place in it is what `named` and `barred` are given by."""
        parts = [part[0] for account in accounts for part in account.parts]
        listed = [self.lender(held.record)[1] for held in parts]
        barred = self._barred(parts) if self._judged.different else set()
        return Pairing(accounts, listed, self._rules, named=named, barred=barred)

    def _barred(self, parts: Sequence[Held[Tradeline]]) -> set[Pair]:
        """Pairs that a person said are two."""
        nameless = set(self._nameless)
        places: defaultdict[str, list[int]] = defaultdict(list)
        for place, held in enumerate(parts):
            name = account_name(held.record)
            if name in self.names and held.evidence not in nameless:
                places[name].append(place)
        return {
            two
            for two in combinations(sorted(p for some in places.values() for p in some), 2)
            if pair(*(account_name(parts[p].record) or "" for p in two)) in self._judged.different
        }


def _place(account: Account) -> tuple[str, ...]:
    return first(account.parts[0])


def _settled(accounts: Sequence[Account]) -> bool:
    """There is nothing to compare: one account, or one report, which tells its accounts apart."""
    places = (part[0].evidence for account in accounts for part in account.parts)
    return len(accounts) == 1 or len({(place.source, place.report_id) for place in places}) == 1
