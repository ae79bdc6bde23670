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
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from heapq import nsmallest
from itertools import product
from types import MappingProxyType

from connectors.records import AccountKind, Tradeline
from gateway.profile.concluded import Evidence, Held
from gateway.profile.relations import Match
from gateway.profile.rule_names import JUDGED, SAME_LOAN
from gateway.resolve.account import Account, Lines, Once
from gateway.resolve.institutions import Institutions
from gateway.resolve.judged import NOTHING_JUDGED, Judgements, account_name, bearers
from gateway.resolve.likeness import Candidate, LoanRules, likeness
from gateway.resolve.pairing import Pairing, Pairs

Group = tuple[Held[Tradeline], ...]

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
    lines = Lines.of(held, institutions)
    work = _Work(lines, rules, judged)
    once = Once(lines)
    told = {block: once.accounts(some) for block, some in _blocks(lines).items()}
    work.apply(told)
    families: defaultdict[str, list[Account]] = defaultdict(list)
    for (_, family), accounts in told.items():
        families[family] += work.joined(accounts)
    found = [one for accounts in families.values() for one in work.unmasked(accounts)]
    groups = sorted([once.group(account) for account in found])
    evidence = [one.evidence for one in lines.held]
    home = {one: group for group in groups for one in group}
    matches: defaultdict[int, list[Match]] = defaultdict(list)
    for (one, other), (rule, score) in sorted(work.pairs.matches.items()):
        matches[home[one][0]].append(Match(evidence[one], evidence[other], rule, score))
    doubts = [
        (-score, two)
        for two, score in work.pairs.likely.items()
        if home[two[0]] is not home[two[1]]
    ]
    return Grouping(
        groups=tuple([tuple([lines.held[one] for one in group]) for group in groups]),
        matches={evidence[first]: tuple(some) for first, some in matches.items()},
        doubts=tuple(
            Match(evidence[one], evidence[other], SAME_LOAN, -score)
            for score, (one, other) in nsmallest(rules.doubts, doubts)
        ),
        copies=tuple([evidence[one] for one in once.copies]),
        repeated=tuple([evidence[one] for one in once.repeated]),
        crowded=tuple([evidence[one] for one in sorted(work.pairs.crowded)]),
        unclear=tuple([evidence[one] for one in sorted(work.unclear)]),
    )


_Block = tuple[str, str]
"""What tells the lender apart, and the family."""


def _blocks(lines: Lines) -> Mapping[_Block, list[int]]:
    """The records by lender and family."""
    blocks: defaultdict[_Block, list[int]] = defaultdict(list)
    for place, (one, lender) in enumerate(zip(lines.held, lines.lenders, strict=True)):
        blocks[lender, FAMILY[one.record.kind]].append(place)
    return blocks


class _Work:
    """What the steps share, and what they notice on the way."""

    def __init__(self, lines: Lines, rules: LoanRules, judged: Judgements) -> None:
        self._lines = lines
        self._rules = rules
        self._judged = judged
        self.pairs = Pairs()
        self.unclear: set[int] = set()

    def apply(self, told: dict[_Block, list[Account]]) -> None:
        """(2) Join what a person said is one account, and the blocks it is in."""
        names = self._judged.names
        if not names:
            return
        block = {one: key for key, accounts in told.items() for (one,) in accounts}
        account: dict[int, Account] = {one: (one,) for one in block}
        known, nameless = bearers(block, self._lines, names)
        self.unclear.update(nameless)
        for name, other in self._judged.different:
            pairs = product(known.get(name, ()), known.get(other, ()))
            self.pairs.barred |= {(min(two), max(two)) for two in pairs}
        for name, other in sorted(self._judged.same):
            if name not in known or other not in known:
                continue
            some = {account[one] for one in (*known[name], *known[other])}
            if len(some) == 1:
                continue
            whole = tuple(sorted([one for part in some for one in part]))
            if len({block[one][1] for one in whole}) > 1 or self._parted(whole):
                self.unclear |= {part[0] for part in some}
                continue
            self._say(min(known[name]), min(known[other]))
            keys = sorted({block[one] for one in whole})
            rest = [a for key in keys for a in told.pop(key) if a not in some]
            told[keys[0]] = sorted([whole, *rest])
            block |= {one: keys[0] for a in told[keys[0]] for one in a}
            account |= dict.fromkeys(whole, whole)

    def _parted(self, records: Iterable[int]) -> bool:
        """Somebody also said that two of these are not the same."""
        names = {account_name(self._lines.held[one].record) for one in records}
        return any(names.issuperset(two) for two in self._judged.different)

    def _say(self, *two: int) -> None:
        """These are one account, and so alike."""
        lines = self._lines
        one, other = (Candidate.of(lines.held[n].record, lines.institutions[n]) for n in two)
        self.pairs.matches[min(two), max(two)] = JUDGED, likeness(one, other, self._rules)

    def unmasked(self, accounts: list[Account]) -> list[Account]:
        """(4) The accounts of a family; one whose lender is not known may be any of them."""
        listed = self._lines.institutions
        if None not in {listed[one] for account in accounts for one in account}:
            return accounts
        return self.joined(sorted(accounts), unlisted=True)

    def joined(self, accounts: list[Account], *, unlisted: bool = False) -> list[Account]:
        """(3) The accounts of one block, those that are one joined."""
        pairing = Pairing(accounts, self._lines, self._rules, self.pairs, unlisted=unlisted)
        return pairing.joined()
