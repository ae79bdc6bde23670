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
from collections.abc import Collection, Iterable, Iterator, Sequence
from itertools import combinations

from connectors.records import Tradeline
from gateway.profile.concluded import Held
from gateway.profile.relations import Match
from gateway.resolve.account import Account, together
from gateway.resolve.choosing import Pair, clear
from gateway.resolve.likeness import Candidate, LoanRules, likeness

_FEW = 8  # records that are compared with each other sooner than sorted

_Scores = dict[Pair, int]
_Side = tuple[int, int]


class Pairing:
    """Accounts to join where they are one; a part of an account is its place in the order given.

    `institutions` are the lenders of the parts, where listed. Only pairs with one of `named` are
    compared, all when it is None; those in `barred` are two, whatever they look like.
    """

    def __init__(
        self,
        accounts: Sequence[Account],
        institutions: Sequence[str | None],
        rules: LoanRules,
        *,
        named: Collection[int] | None = None,
        barred: Collection[Pair] = (),
    ) -> None:
        self._accounts = accounts
        self._held = [part[0] for account in accounts for part in account.parts]
        self._candidates = [
            Candidate.of(held.record, institution)
            for held, institution in zip(self._held, institutions, strict=True)
        ]
        origins = [(one.evidence.source, one.evidence.report_id) for one in self._held]
        numbers = {origin: number for number, origin in enumerate(dict.fromkeys(origins))}
        self._reports = [numbers[origin] for origin in origins]
        self._rules = rules
        self._named = named
        self._barred = barred
        self._known: dict[Pair, int | None] = {}
        self.crowded: set[int] = set()
        self.doubts: list[Match] = []

    def joined(self) -> list[Account]:
        """The accounts, those that are one joined."""
        accounts = [account for account in self._accounts for _ in account.parts]
        members: list[list[int]] = []
        for account in self._accounts:
            places = list(range(len(members), len(members) + len(account.parts)))
            members += [places] * len(places)
        likely = self._likely()
        settled = {
            side
            for one, places in enumerate(members if len(members) > len(self._accounts) else ())
            for other in places
            if one < other
            for side in self._sides((one, other))
        }
        rules = self._rules
        for one, other in clear(
            likely, self._sides, match=rules.match, margin=rules.margin, settled=settled
        ):
            mine, theirs = members[one], members[other]
            alone = len(mine) == len(theirs) == 1
            if mine is theirs or not (alone or self._agree(mine, theirs)):
                continue
            whole = together((accounts[one], accounts[other]), self._match((one, other)))
            mine += theirs
            for place in mine:
                members[place], accounts[place] = mine, whole
        self.doubts = [
            self._match((one, other)) for one, other in likely if members[one] is not members[other]
        ]
        return list({id(account): account for account in accounts}.values())

    def held(self, place: int) -> Held[Tradeline]:
        """The record at a place."""
        return self._held[place]

    def _match(self, two: Pair) -> Match:
        one, other = sorted(self._held[place].evidence for place in two)
        return Match(one, other, score=self._score(*two))

    def _likely(self) -> _Scores:
        """Pairs that may be one account, or stand in the way of one, with their scores."""
        least = self._rules.match - self._rules.margin
        found: _Scores = {}
        for two in self._compared():
            score = self._score(*two)
            if score is not None and score >= least:
                found[two] = score
        return found

    def _compared(self) -> Iterator[Pair]:
        """Pairs of two reports opened about the same time, except where there is a crowd."""
        if len(self._candidates) <= min(_FEW, self._rules.crowd):
            yield from self._all_pairs()
            return
        dated = sorted(
            (c.opened, one) for one, c in enumerate(self._candidates) if c.opened is not None
        )
        firsts = [opened[0] for opened, _ in dated]
        ends = [bisect_right(firsts, last + self._rules.apart_days) for (_, last), _ in dated]
        crowd_ends = 0
        for at, end in enumerate(ends):
            crowd_ends = max(crowd_ends, end if end - at > self._rules.crowd else 0)
            if at < crowd_ends:
                self.crowded.add(dated[at][1])
        named = self._named
        for at, end in enumerate(ends):
            one = dated[at][1]
            if one in self.crowded:
                continue
            for _, other in dated[at + 1 : end]:
                if other in self.crowded or self._reports[one] == self._reports[other]:
                    continue
                if named is None or one in named or other in named:
                    yield (one, other) if one < other else (other, one)

    def _all_pairs(self) -> Iterator[Pair]:
        """Of few records: `likeness` sees for itself which were opened too far apart."""
        reports, named = self._reports, self._named
        for one, other in combinations(range(len(reports)), 2):
            if reports[one] != reports[other] and (named is None or one in named or other in named):
                yield one, other

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
                score = self._score(one, other)
                if score is None or score < 0:
                    return False
        return True

    def _score(self, one: int, other: int) -> int | None:
        two = (one, other) if one < other else (other, one)
        if two not in self._known:
            mine, theirs = self._candidates[two[0]], self._candidates[two[1]]
            barred = two in self._barred
            self._known[two] = None if barred else likeness(mine, theirs, self._rules)
        return self._known[two]
