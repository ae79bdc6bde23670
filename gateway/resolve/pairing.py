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
from collections.abc import Collection, Iterable, Iterator, Mapping, Sequence
from itertools import combinations

from gateway.profile.rule_names import SAME_LOAN
from gateway.resolve.account import Account, Lines
from gateway.resolve.choosing import Pair, clear
from gateway.resolve.likeness import Candidate, LoanRules, likeness

_FEW = 8  # records that are compared with each other sooner than sorted

_Side = tuple[int, tuple[str, str]]


class Pairing:
    """Accounts to join where they are one, given in order: the places here are those in it.

    With `unlisted` only pairs are compared of which one has a lender nobody lists. Pairs of records
    in `barred` are two, whatever they look like. `matches` and `doubts` are pairs of records with
    their scores; those in `crowded` were not compared.
    """

    def __init__(
        self,
        accounts: Sequence[Account],
        lines: Lines,
        rules: LoanRules,
        *,
        barred: Collection[Pair] = (),
        unlisted: bool = False,
    ) -> None:
        held, reports, institutions = lines.held, lines.reports, lines.institutions
        self._accounts = accounts
        self._records = records = [one for account in accounts for one in account]
        self._reports = [reports[one] for one in records]
        self._candidates = [Candidate.of(held[one].record, institutions[one]) for one in records]
        self._asked: Collection[int] = range(len(records))
        if unlisted:
            self._asked = {n for n, one in enumerate(records) if institutions[one] is None}
        self._rules = rules
        self._barred = barred
        self._scores: dict[Pair, int | None] = {}
        self.crowded: list[int] = []
        self.matches: dict[Pair, tuple[str, int | None]] = {}
        self.doubts: dict[Pair, int] = {}

    def joined(self) -> list[Account]:
        """The accounts, those that are one joined."""
        likely = self._likely()
        members: list[list[int]] = []
        for account in self._accounts:
            places = list(range(len(members), len(members) + len(account)))
            members += [places] * len(account)
        for two in self._chosen(likely, members):
            mine, theirs = members[two[0]], members[two[1]]
            alone = len(mine) == len(theirs) == 1
            if mine is theirs or not (alone or self._agree(mine, theirs)):
                continue
            self.matches[self._named(two)] = SAME_LOAN, likely[two]
            mine += theirs
            for place in theirs:
                members[place] = mine
        self.doubts = {
            self._named(two): score
            for two, score in likely.items()
            if members[two[0]] is not members[two[1]]
        }
        records = self._records
        together = {id(places): places for places in members}.values()
        return [sorted([records[place] for place in places]) for places in together]

    def _chosen(self, likely: Mapping[Pair, int], members: Sequence[list[int]]) -> list[Pair]:
        """The clear choices, best first."""
        match, margin = self._rules.match, self._rules.margin
        if len(set(self._reports)) == len(self._reports):  # no report offers a second choice
            best = sorted([(-score, two) for two, score in likely.items() if score >= match])
            return [two for _, two in best]
        settled = {
            side
            for places in (members if len(members) > len(self._accounts) else ())
            for two in combinations(places, 2)
            for side in self._sides(two)
        }
        return clear(likely, self._sides, match=match, margin=margin, settled=settled)

    def _named(self, two: Pair) -> Pair:
        """The records at two places, the lesser first."""
        one, other = self._records[two[0]], self._records[two[1]]
        return (one, other) if one < other else (other, one)

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
        pairs = combinations(range(len(self._records)), 2) if few else self._opened_together()
        reports, asked = self._reports, self._asked
        found = [two for two in pairs if reports[two[0]] != reports[two[1]]]
        if len(asked) == len(reports):
            return found
        return [(one, other) for one, other in found if one in asked or other in asked]

    def _opened_together(self) -> Iterator[Pair]:
        dated = sorted(
            (c.opened, one) for one, c in enumerate(self._candidates) if c.opened is not None
        )
        firsts = [opened[0] for opened, _ in dated]
        ends = [bisect_right(firsts, last + self._rules.apart_days) for (_, last), _ in dated]
        crowd: set[int] = set()
        crowd_ends = 0
        for at, end in enumerate(ends):
            crowd_ends = max(crowd_ends, end if end - at > self._rules.crowd else 0)
            if at < crowd_ends:
                crowd.add(dated[at][1])
        self.crowded = [self._records[one] for one in crowd if one in self._asked]
        for at, end in enumerate(ends):
            one = dated[at][1]
            if one in crowd:
                continue
            for _, other in dated[at + 1 : end]:
                if other not in crowd:
                    yield (one, other) if one < other else (other, one)

    def _sides(self, two: Pair) -> tuple[_Side, _Side]:
        """What a pair settles: for each of its records, the choice in the other's report."""
        one, other = two
        return (one, self._reports[other]), (other, self._reports[one])

    def _agree(self, mine: Iterable[int], theirs: Sequence[int]) -> bool:
        """No two records of one report, and no pair the evidence speaks against."""
        for one in mine:
            for other in theirs:
                if self._reports[one] == self._reports[other]:
                    return False
                score = self._score((one, other) if one < other else (other, one))
                if score is None or score < 0:
                    return False
        return True

    def _score(self, two: Pair) -> int | None:
        if two not in self._scores:
            one, other = self._candidates[two[0]], self._candidates[two[1]]
            barred = self._barred and self._named(two) in self._barred
            self._scores[two] = None if barred else likeness(one, other, self._rules)
        return self._scores[two]
