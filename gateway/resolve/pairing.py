"""Which of the records that could be one account are: pairs, one to one, then groups.

Pairs at or above `match` are taken best first, one to one between any two reports, and only where
the choice is clear: if another candidate comes within `margin`, both stay apart, and the pair is
a doubt for a person to look at. Groups grow transitively, and never hold two records of one
report or a pair the evidence speaks against. Accounts joined before (by a person, by a clearer
comparison) stay joined.

More than `crowd` accounts opened about the same time are not compared at all, so that work stays
linear. Every step works in the order of evidence, so the order of arrival never matters.
"""

from bisect import bisect_right
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from itertools import combinations

from gateway.profile.rule_names import SAME_LOAN
from gateway.resolve.account import Account, Lines
from gateway.resolve.choosing import Pair, clear
from gateway.resolve.likeness import Candidate, LoanRules, likeness

_FEW = 8  # records that are compared with each other sooner than sorted

_Side = tuple[int, tuple[str, str]]


@dataclass(slots=True)
class Pairs:
    """Pairs of records, the lesser first, as they come to be known.

    Those in `barred` are two, whatever they look like. Those in `likely` may be one, with how alike
    they are, and those in `matches` were joined by a rule. Records in `crowded` were not compared.
    """

    barred: set[Pair] = field(default_factory=set)
    likely: dict[Pair, int] = field(default_factory=dict)
    matches: dict[Pair, tuple[str, int | None]] = field(default_factory=dict)
    crowded: set[int] = field(default_factory=set)


class Pairing:
    """Accounts to join where they are one, given in order; what is found of pairs goes to `known`.

    With `unlisted` only pairs are compared of which one has a lender nobody lists.
    """

    def __init__(
        self,
        accounts: list[Account],
        lines: Lines,
        rules: LoanRules,
        known: Pairs,
        *,
        unlisted: bool = False,
    ) -> None:
        self._accounts = accounts
        self._lines = lines
        self._records = [one for account in accounts for one in account]
        self._reports = lines.reports
        self._told_by = {lines.reports[one] for one in self._records}
        self._rules = rules
        self._known = known
        self._listed: set[int] = set()
        if unlisted:
            self._listed = {one for one in self._records if lines.institutions[one]}
        self._candidates: dict[int, Candidate] = {}

    def joined(self) -> list[Account]:
        """The accounts, those that are one joined."""
        if len(self._accounts) == 1 or len(self._told_by) == 1:
            return self._accounts  # nothing to compare: a report tells its accounts apart
        held, institutions = self._lines.held, self._lines.institutions
        self._candidates = {
            one: Candidate.of(held[one].record, institutions[one]) for one in self._records
        }
        likely, known = self._likely(), self._known
        known.likely |= likely
        home = {one: account for account in self._accounts for one in account}
        for two in self._chosen(likely):
            mine, theirs = home[two[0]], home[two[1]]
            alone = len(mine) == len(theirs) == 1
            if mine is theirs or not (alone or self._agree(mine, theirs, likely)):
                continue
            known.matches[two] = SAME_LOAN, likely[two]
            whole = tuple(sorted(mine + theirs))
            for one in whole:
                home[one] = whole
        return list(dict.fromkeys(home.values()))

    def _likely(self) -> dict[Pair, int]:
        """Pairs that may be one account, or stand in the way of one, with their scores."""
        least = self._rules.match - self._rules.margin
        found: dict[Pair, int] = {}
        for two in self._compared():
            score = self._score(two)
            if score is not None and score >= least:
                found[two] = score
        return found

    def _compared(self) -> Iterable[Pair]:
        """Pairs of two reports opened about the same time, except where there is a crowd.

        Of few records all pairs: `likeness` sees for itself which were opened too far apart.
        """
        few = len(self._records) <= min(_FEW, self._rules.crowd)
        pairs = combinations(self._records, 2) if few else self._opened_together()
        reports, listed = self._reports, self._listed
        return [
            (one, other) if one < other else (other, one)
            for one, other in pairs
            if reports[one] != reports[other] and not (one in listed and other in listed)
        ]

    def _chosen(self, likely: Mapping[Pair, int]) -> list[Pair]:
        """The clear choices, best first."""
        match, margin = self._rules.match, self._rules.margin
        if len(self._told_by) == len(self._records):  # no report offers a second choice
            best = [two for two, score in likely.items() if score >= match]
            return sorted(best, key=likely.__getitem__, reverse=True)
        settled = {
            side
            for account in self._accounts
            for two in combinations(account, 2)
            for side in self._sides(two)
        }
        return clear(likely, self._sides, match=match, margin=margin, settled=settled)

    def _opened_together(self) -> Iterable[Pair]:
        """In the order of the records, as all pairs would be."""
        records = self._records
        spans = [self._candidates[one].opened for one in records]
        dated = sorted((span, at) for at, span in enumerate(spans) if span)
        firsts = [opened[0] for opened, _ in dated]
        ends = [bisect_right(firsts, last + self._rules.apart_days) for (_, last), _ in dated]
        crowd: set[int] = set()
        crowd_ends = 0
        for at, end in enumerate(ends):
            crowd_ends = max(crowd_ends, end if end - at > self._rules.crowd else 0)
            if at < crowd_ends:
                crowd.add(dated[at][1])
        self._known.crowded |= {records[at] for at in crowd} - self._listed
        pairs = [
            (one, other) if one < other else (other, one)
            for at, end in enumerate(ends)
            if (one := dated[at][1]) not in crowd
            for _, other in dated[at + 1 : end]
            if other not in crowd
        ]
        return [(records[one], records[other]) for one, other in sorted(pairs)]

    def _sides(self, two: Pair) -> tuple[_Side, _Side]:
        """What a pair settles: for each of its records, the choice in the other's report."""
        one, other = two
        return (one, self._reports[other]), (other, self._reports[one])

    def _agree(self, mine: Account, theirs: Account, likely: Mapping[Pair, int]) -> bool:
        """No two records of one report, and no pair the evidence speaks against."""
        for one in mine:
            for other in theirs:
                if self._reports[one] == self._reports[other]:
                    return False
                two = (one, other) if one < other else (other, one)
                score = likely[two] if two in likely else self._score(two)
                if score is None or score < 0:
                    return False
        return True

    def _score(self, two: Pair) -> int | None:
        if two in self._known.barred:
            return None
        return likeness(self._candidates[two[0]], self._candidates[two[1]], self._rules)
