"""Which tradelines are the same account?

Records are blocked by institution and family of account; within a block a record is compared with
those of other reports opened about the same time (`likeness` scores each pair in milli-bits).
Pairs at or above `match` are taken best first, one to one between any two reports, and only where
the choice is clear: if another candidate comes within `margin`, both stay apart. Groups grow
transitively, and never hold two records of one report or a pair the evidence speaks against.
Exact copies inside a report are one record.

Every step works in the order of evidence, so the order of arrival never matters. More than
`crowd` accounts opened about the same time are not compared at all, so that work stays linear.
"""

import operator
from bisect import bisect_right
from collections import defaultdict
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass, fields
from types import MappingProxyType

from connectors.records import AccountKind, Tradeline
from gateway.concluded import Evidence, Held, in_place
from gateway.resolve.institutions import Institutions
from gateway.resolve.likeness import Candidate, LoanRules, likeness

# One bureau may file a draw under a line as a loan, or a card as a quasi card. A debt under
# collection is never the loan it came from: those are linked, not merged.
_FAMILY = MappingProxyType(
    {
        AccountKind.INSTALMENT_LOAN: "loan",
        AccountKind.REVOLVING_SUBACCOUNT: "loan",
        AccountKind.REVOLVING_LOAN: "line",
        AccountKind.CREDIT_CARD: "card",
        AccountKind.QUASI_CREDIT_CARD: "card",
        AccountKind.COLLECTION: "collection",
    }
)


Group = tuple[Held[Tradeline], ...]


@dataclass(frozen=True, slots=True)
class Grouping:
    """Every record in one group; which are mere copies, and which were too many to compare."""

    groups: tuple[Group, ...]
    copies: tuple[Evidence, ...] = ()
    crowded: tuple[Evidence, ...] = ()


def same_loans(
    held: Iterable[Held[Tradeline]], rules: LoanRules, institutions: Institutions
) -> Grouping:
    """Put the records of one account together; the rest stay alone."""
    blocks: defaultdict[tuple[str, str], list[Held[Tradeline]]] = defaultdict(list)
    names: dict[tuple[str, str | None], str] = {}
    for one in sorted(held, key=in_place):
        asked = (one.evidence.source, one.record.lender)
        if asked not in names:
            # Whoever does not name the lender is nobody else's lender either.
            names[asked] = institutions.key(*asked) or f"{one.evidence.source}:"
        blocks[names[asked], _FAMILY[one.record.kind]].append(one)
    groups: list[Group] = []
    repeated: list[Evidence] = []
    crowded: list[Evidence] = []
    for block in blocks.values():
        if len(block) == 1:
            groups.append((block[0],))
            continue
        reports = {(one.evidence.source, one.evidence.report_id) for one in block}
        copies = _copies(block) if len(reports) < len(block) else [(one,) for one in block]
        repeated += [one.evidence for group in copies for one in group[1:]]
        if len(reports) == 1:
            groups += copies
            continue
        found = _Block(copies, rules)
        groups += found.groups()
        crowded += [copies[place][0].evidence for place in sorted(found.crowded)]
    groups.sort(key=_first)
    return Grouping(tuple(groups), tuple(repeated), tuple(crowded))


_FACTS = operator.attrgetter(*(f.name for f in fields(Tradeline) if f.name != "record_id"))
_TELLING = operator.attrgetter("opened", "original_amount", "credit_limit", "balance", "as_of")


def _copies(block: Sequence[Held[Tradeline]]) -> list[Group]:
    """Records of one report that say the very same, together; in the order of evidence."""
    alike: defaultdict[object, list[Held[Tradeline]]] = defaultdict(list)
    for one in block:
        alike[one.evidence.source, one.evidence.report_id, _TELLING(one.record)].append(one)
    groups: list[Group] = []
    for some in alike.values():
        # A few facts tell most records apart; all of them are costly to hash.
        same: defaultdict[object, list[Held[Tradeline]]] = defaultdict(list)
        for one in some:
            same[_FACTS(one.record) if len(some) > 1 else None].append(one)
        groups += map(tuple, same.values())
    return sorted(groups, key=_first)


def _first(group: Group) -> tuple[str, ...]:
    return in_place(group[0])


_Pair = tuple[int, int]
_Scores = dict[_Pair, int]
_Side = tuple[int, int]
_ROUNDS = 16  # chains of choices longer than that are left apart, so that work stays bounded


class _Block:
    """The records of one institution and family; a record is its place in the block."""

    def __init__(self, copies: Sequence[Group], rules: LoanRules) -> None:
        self._copies = copies
        self._candidates = [Candidate.of(group[0].record) for group in copies]
        origins = [(g[0].evidence.source, g[0].evidence.report_id) for g in copies]
        numbers = {origin: number for number, origin in enumerate(dict.fromkeys(origins))}
        self._reports = [numbers[origin] for origin in origins]
        self._rules = rules
        self._known: dict[_Pair, int | None] = {}
        self.crowded: set[int] = set()

    def groups(self) -> Iterator[Group]:
        """The records of each account, all copies included."""
        members = [[one] for one in range(len(self._copies))]
        for one, other in self._clear(self._likely()):
            mine, theirs = members[one], members[other]
            if mine is theirs or not self._agree(mine, theirs):
                continue
            mine += theirs
            for moved in theirs:
                members[moved] = mine
        for one, together in enumerate(members):
            if one == min(together):
                held = [copy for member in together for copy in self._copies[member]]
                yield tuple(sorted(held, key=in_place))

    def _likely(self) -> _Scores:
        """Pairs that may be one account, or stand in the way of one, with their scores."""
        least = self._rules.match - self._rules.margin
        found: _Scores = {}
        for pair in self._compared():
            score = self._score(*pair)
            if score is not None and score >= least:
                found[pair] = score
        return found

    def _compared(self) -> Iterator[_Pair]:
        """Pairs of two reports opened about the same time, except where there is a crowd."""
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
        for at, end in enumerate(ends):
            one = dated[at][1]
            if one in self.crowded:
                continue
            for _, other in dated[at + 1 : end]:
                if other not in self.crowded and self._reports[one] != self._reports[other]:
                    yield (one, other) if one < other else (other, one)

    def _clear(self, likely: _Scores) -> list[_Pair]:
        """Pairs one to one between any two reports, best first; ambiguous ones are left out."""
        clear: _Scores = {}
        for _ in range(_ROUNDS):  # a settled pair may leave another without a rival
            found = self._without_rival(likely)
            clear |= found
            settled = {side for pair in found for side in self._sides(pair)}
            likely = {p: s for p, s in likely.items() if settled.isdisjoint(self._sides(p))}
            if not found or not likely:
                break
        return sorted(clear, key=lambda pair: (-clear[pair], pair))

    def _without_rival(self, likely: _Scores) -> _Scores:
        """Pairs good enough by themselves, whose records have no other choice in that report."""
        choices: defaultdict[_Side, list[int]] = defaultdict(list)
        for pair, score in likely.items():
            for side in self._sides(pair):
                choices[side].append(score)
        # To be chosen, a score must stand `margin` above the second best on either side.
        least = {
            side: sorted(scores)[-2] + self._rules.margin if len(scores) > 1 else 0
            for side, scores in choices.items()
        }
        return {
            pair: score
            for pair, score in likely.items()
            if score >= self._rules.match
            and all(score >= least[side] for side in self._sides(pair))
        }

    def _sides(self, pair: _Pair) -> tuple[_Side, _Side]:
        """What a pair settles: for each of its records, the choice in the other's report."""
        one, other = pair
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
        pair = (one, other) if one < other else (other, one)
        if pair not in self._known:
            mine, theirs = self._candidates[pair[0]], self._candidates[pair[1]]
            self._known[pair] = likeness(mine, theirs, self._rules)
        return self._known[pair]
