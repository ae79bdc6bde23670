"""Made-up populations of tradelines, dense in near misses; and who is with whom, the slow way.

`naive` does in the plainest way what the docstrings of `gateway.resolve.loan` and `pairing`
promise: every pair is looked at, nothing is sorted ahead, remembered or skipped. Only `likeness`
and `account_name` are shared; they have tests of their own.
"""

from collections.abc import Sequence
from dataclasses import dataclass, replace
from datetime import date, timedelta
from itertools import combinations, product
from random import Random
from typing import Any

from connectors.money import Money, PartialDate
from connectors.records import AccountKind, AccountStatus, LenderType, Tradeline
from gateway.profile.concluded import Evidence, Held
from gateway.resolve.institutions import Institutions, named
from gateway.resolve.judged import Judgements, account_name, pair
from gateway.resolve.likeness import Candidate, LoanRules, likeness
from tests.gateway.reports import JUZI, QINGCHUAN, card, cny, day, grid, loan

Line = Held[Tradeline]

_REPORTS = (("pboc", "R1"), ("pboc", "R2"), ("baihang", "R1"), ("north", "R1"), ("telecom", "R9"))
_LISTED = (QINGCHUAN, JUZI)
_UNLISTED: tuple[str | None, ...] = (
    None, "ZZ", "示例新月小额贷款", "示例新月 小额贷款", "某小额贷款", "**公司",
    "示例新月小额贷款岚城分公司", "示例新月小额贷款**分公司", "示例新月银行岚城支行",
)  # fmt: skip
_FULL_NAMES = ("示例晴川消费金融有限公司", "示例橘子小额贷款有限公司岚城分公司")


def population(rnd: Random, size: int = 9) -> list[Line]:
    """Reports of a few loans, some of them twins, as sources tell them: late, rounded, masked."""
    truths = [_truth(rnd) for _ in range(rnd.randint(1, 3))]
    truths += [_twin(rnd, one) for one in truths if _often(rnd, 0.5)]
    told: list[Line] = []
    for number in range(rnd.randint(2, size)):
        source, report = rnd.choice(_REPORTS)
        if told and _often(rnd, 0.1):
            again = rnd.choice(told)
            source, report = again.evidence.source, again.evidence.report_id
            record = _again(rnd, again.record, f"A{number}")
        else:
            record = _told(rnd, rnd.choice(truths), source, f"A{number}")
        told.append(Held(Evidence(source, report, record.record_id), record))
    return rnd.sample(told, len(told))


def judgements(rnd: Random, held: Sequence[Line]) -> Judgements:
    """What people said of some of the accounts, sensibly or not."""
    names = sorted({name for one in held if (name := account_name(one.record))})
    pairs = [pair(*rnd.sample(names, 2)) for _ in range(rnd.randint(0, 4)) if len(names) > 1]
    some = rnd.randint(0, len(pairs))
    return Judgements(same=tuple(sorted({*pairs[:some]})), different=tuple(sorted({*pairs[some:]})))


def _often(rnd: Random, share: float) -> bool:
    return rnd.random() < share


def _truth(rnd: Random) -> Tradeline:
    make = card if _often(rnd, 0.2) else loan
    opened = date(2025, 3, 1) + timedelta(days=rnd.choice([0, 0, 1, 5, 9, 30, 40]))
    return make(
        opened=_day(opened),
        account_ref=rnd.choice(["622200001234", "622200005678", "699900001234"]),
        lender=rnd.choice("012"),  # which of two listed ones, or none
        lender_type=rnd.choice([LenderType.CONSUMER_FINANCE, LenderType.BANK, None]),
        grid=grid(rnd.choice(["NNNNNNNN", "NN21NNNN", "N321N21N", ""])),
        balance=cny(rnd.choice([0, 4_000, 6_000])),
    )


def _twin(rnd: Random, one: Tradeline) -> Tradeline:
    facts: list[dict[str, Any]] = [
        {"account_ref": "622200009999"},
        {"balance": cny(5_000)},
        {"grid": grid("NNNN1NNN")},
        {"opened": day("2025-03-02")},
        {"lender": "2"},
        {},
    ]
    return replace(one, **rnd.choice(facts))


def _told(rnd: Random, truth: Tradeline, source: str, record_id: str) -> Tradeline:
    opened, ref = truth.opened, truth.account_ref or ""
    listed = int(truth.lender or "2")
    facts: dict[str, Any] = {
        "source": source,
        "record_id": record_id,
        "lender": rnd.choice(_UNLISTED)
        if listed >= len(_LISTED) or _often(rnd, 0.25)
        else _LISTED[listed].get(source, _FULL_NAMES[listed]),
        "as_of": rnd.choice([date(2026, 1, 31), date(2026, 2, 28)]),
    }
    if _often(rnd, 0.5):
        facts["account_ref"] = rnd.choice([None, "********" + ref[-4:], f"{source}-{ref}"])
    if opened and _often(rnd, 0.25):
        facts["opened"] = rnd.choice(
            [None, PartialDate(opened.year), replace(opened, day=None), day("2025-03-08")]
        )
    noise: dict[str, list[Any]] = {
        "original_amount": [None, Money(1_200_050, "CNY"), Money(1_200_000, "USD")],
        "currency": [None, "USD"],
        "balance": [None, cny(4_000)],
        "grid": [(), grid("NN21NNNN"), grid("NNNNNN")],
        "terms": [None, 12],
        "matures": [None, day("2027-03-20"), day("2028-03")],
        "closed": [day("2025-11-05"), day("2026-02")],
        "kind": [AccountKind.INSTALMENT_LOAN, AccountKind.REVOLVING_SUBACCOUNT],
    }
    facts |= {name: rnd.choice(some) for name, some in noise.items() if _often(rnd, 0.12)}
    return replace(truth, **facts)


def _again(rnd: Random, record: Tradeline, record_id: str) -> Tradeline:
    """The same account once more: a copy, or what it was at another time."""
    facts: list[dict[str, Any]] = [
        {},
        {"as_of": date(2025, 12, 31), "balance": cny(7_000)},
        {"status": AccountStatus.OVERDUE},
    ]
    return replace(record, record_id=record_id, **rnd.choice(facts))


def _day(day_: date) -> PartialDate:
    return PartialDate(day_.year, day_.month, day_.day)


FAMILY = {
    AccountKind.INSTALMENT_LOAN: "loan",
    AccountKind.REVOLVING_SUBACCOUNT: "loan",
    AccountKind.CREDIT_CARD: "card",
}


@dataclass(frozen=True)
class Naive:
    """What `same_loans` must come to."""

    groups: list[list[Evidence]]
    doubts: list[tuple[Evidence, Evidence, int]]
    paired: list[tuple[Evidence, Evidence]]
    said: list[tuple[Evidence, Evidence]]
    told_again: list[Evidence]
    crowded: list[Evidence]
    unclear: set[Evidence]


_Account = list[list[Line]]
"""An account, report by report; the first record of a part speaks for it."""


def naive(
    held: Sequence[Line], rules: LoanRules, directory: Institutions, judged: Judgements
) -> Naive:
    """Every pair of records against every other."""
    slow = _Slow(rules, directory, judged)
    parts = slow.parts(sorted(held, key=lambda one: one.evidence))
    accounts = [account for block in slow.blocks(parts) for account in slow.joined(block)]
    families = sorted({_family(a[0][0]) for a in accounts})
    accounts = [
        account
        for family in families
        for account in slow.joined([a for a in accounts if _family(a[0][0]) == family], last=True)
    ]
    home = {one.evidence: n for n, a in enumerate(accounts) for part in a for one in part}
    doubts = [two for two in slow.doubts if home[two[0]] != home[two[1]]]
    return Naive(
        groups=sorted(sorted(one.evidence for part in a for one in part) for a in accounts),
        doubts=sorted(doubts, key=lambda two: (-two[2], two))[: rules.doubts],
        paired=sorted(slow.paired),
        said=sorted(slow.said),
        told_again=sorted(one.evidence for part in parts for one in part[1:]),
        crowded=sorted(slow.crowded),
        unclear=slow.unclear,
    )


_Side = tuple[int, tuple[str, str]]
"""A speaker, and the report in which it has its choice."""


def _family(one: Line) -> str:
    return FAMILY[one.record.kind]


def _report(one: Line) -> tuple[str, str]:
    return one.evidence.source, one.evidence.report_id


def _two(one: Line, other: Line) -> tuple[Evidence, Evidence]:
    first, second = sorted((one.evidence, other.evidence))
    return first, second


def _speakers(accounts: Sequence[_Account]) -> list[Line]:
    return [part[0] for account in accounts for part in account]


class _Slow:
    def __init__(self, rules: LoanRules, directory: Institutions, judged: Judgements) -> None:
        self.rules, self.directory, self.judged = rules, directory, judged
        self.doubts: set[tuple[Evidence, Evidence, int]] = set()
        self.paired: list[tuple[Evidence, Evidence]] = []
        self.said: list[tuple[Evidence, Evidence]] = []
        self.crowded: set[Evidence] = set()
        self.unclear: set[Evidence] = set()
        self.nameless: set[str] = set()

    def listed(self, one: Line) -> str | None:
        found = self.directory.find(one.record.source, one.record.lender)
        return found.id if found else None

    def lender(self, one: Line) -> tuple[object, ...]:
        return _family(one), self.listed(one) or (one.record.source, named(one.record.lender))

    def score(self, one: Line, other: Line) -> int | None:
        names = [account_name(h.record) or "" for h in (one, other)]
        if pair(*names) in self.judged.different and self.nameless.isdisjoint(names):
            return None
        mine, theirs = (Candidate.of(h.record, self.listed(h)) for h in (one, other))
        return likeness(mine, theirs, self.rules)

    def parts(self, held: Sequence[Line]) -> list[list[Line]]:
        """Records of one report that are one account, the newest first."""
        parts: list[list[Line]] = []
        for one in held:
            home = next((p for p in parts if any(self._told_again(one, o) for o in p)), None)
            if home is None:
                parts.append([one])
            else:
                home.append(one)
        for part in parts:
            part.sort(key=lambda h: (-h.record.as_of.toordinal(), h.evidence))
        return parts

    def _told_again(self, one: Line, other: Line) -> bool:
        if _report(one) != _report(other) or self.lender(one) != self.lender(other):
            return False
        a, b = one.record, other.record
        numbered = a.account_ref is not None and "*" not in a.account_ref
        lasting = ("account_ref", "opened", "currency", "kind", "original_amount")
        return replace(a, record_id="") == replace(b, record_id="") or (
            numbered and all(getattr(a, name) == getattr(b, name) for name in lasting)
        )

    def blocks(self, parts: Sequence[list[Line]]) -> list[list[_Account]]:
        """Accounts by lender and family; lenders that a person says share an account are one."""
        accounts: list[_Account] = [[part] for part in parts]
        bearers: dict[str, list[tuple[str, str]]] = {}
        for part in parts:
            bearers.setdefault(account_name(part[0].record) or "", []).append(_report(part[0]))
        self.nameless = {n for n, some in bearers.items() if len(set(some)) < len(some)} | {""}
        said = {name for two in (*self.judged.same, *self.judged.different) for name in two}
        for one in _speakers(accounts):
            if (account_name(one.record) or "") in self.nameless & said:
                self.unclear.add(one.evidence)
        blocks = [{self.lender(part[0])} for part in parts]
        for two in sorted(self.judged.same):
            if self.nameless.intersection(two) or not bearers.keys() >= set(two):
                continue
            some = [a for a in accounts if self._names(a).intersection(two)]
            names = set().union(*map(self._names, some))
            if len(some) == 1:
                continue
            if len({_family(a[0][0]) for a in some}) > 1 or any(
                names.issuperset(other) for other in self.judged.different
            ):
                self.unclear |= {min(p[0].evidence for p in a) for a in some}
                continue
            whole = sorted((p for a in some for p in a), key=lambda part: part[0].evidence)
            accounts = [a for a in accounts if a not in some] + [whole]
            bearing = [
                [one for one in _speakers([whole]) if name in self._names([[one]])] for name in two
            ]
            self.said.append(_two(bearing[0][0], bearing[1][0]))
            lenders = {self.lender(part[0]) for a in some for part in a}
            touched = [b for b in blocks if b & lenders]
            blocks = [b for b in blocks if b not in touched] + [set().union(*touched)]
        return [
            [a for a in accounts if self.lender(a[0][0]) in block]
            for block in {frozenset(b) for b in blocks}
        ]

    def _names(self, account: _Account) -> set[str]:
        return {account_name(part[0].record) or "" for part in account}

    def joined(self, accounts: Sequence[_Account], *, last: bool = False) -> list[_Account]:
        """One step: the clear choices, best first, as far as no account comes to contradict.

        In the `last` one only pairs are compared of which one has a lender nobody lists.
        """
        accounts = sorted(accounts, key=lambda a: a[0][0].evidence)
        speakers = _speakers(accounts)
        if len(accounts) == 1 or len({_report(one) for one in speakers}) == 1:
            return accounts
        asked = {n for n, h in enumerate(speakers) if not last or not self.listed(h)}
        crowd = self._crowd(speakers) if asked else set()
        self.crowded |= {speakers[n].evidence for n in crowd & asked}
        likely: dict[tuple[int, int], int] = {}
        for (i, one), (j, other) in combinations(enumerate(speakers), 2):
            score = self.score(one, other)
            if score is None or score < self.rules.match - self.rules.margin:
                continue
            if _report(one) != _report(other) and asked & {i, j} and not crowd & {i, j}:
                likely[i, j] = score
        home = dict(enumerate(a for a in accounts for _ in a))
        taken = {
            side
            for two in combinations(range(len(speakers)), 2)
            if home[two[0]] is home[two[1]]
            for side in _sides(two, speakers)
        }
        for i, j in self._clear(likely, speakers, taken):
            mine, theirs = home[i], home[j]
            if mine is not theirs and self._agree(mine, theirs):
                whole = sorted(mine + theirs, key=lambda part: part[0].evidence)
                home = {n: whole if a in (mine, theirs) else a for n, a in home.items()}
                self.paired.append(_two(speakers[i], speakers[j]))
        self.doubts |= {
            (*_two(speakers[i], speakers[j]), score)
            for (i, j), score in likely.items()
            if home[i] is not home[j]
        }
        return list({id(a): a for a in home.values()}.values())

    def _crowd(self, speakers: Sequence[Line]) -> set[int]:
        """Whoever is among too many opened about the time of one of them, or after it."""
        spans = {
            n: (opened.earliest(), opened.latest())
            for n, one in enumerate(speakers)
            if (opened := one.record.opened)
        }
        reach = timedelta(days=self.rules.apart_days)
        windows = [
            {m for m, span in spans.items() if (span, m) >= (own, n) and span[0] <= own[1] + reach}
            for n, own in spans.items()
        ]
        return set().union(*(w for w in windows if len(w) > self.rules.crowd))

    def _agree(self, mine: _Account, theirs: _Account) -> bool:
        scores = [
            None if _report(a[0]) == _report(b[0]) else self.score(a[0], b[0])
            for a, b in product(mine, theirs)
        ]
        return all(score is not None and score >= 0 for score in scores)

    def _clear(
        self, likely: dict[tuple[int, int], int], speakers: Sequence[Line], taken: set[_Side]
    ) -> list[tuple[int, int]]:
        """What stands a margin above every other choice of either record in the other's report."""
        found: dict[tuple[int, int], int] = {}
        gone = set(taken)
        while True:
            left = {two: s for two, s in likely.items() if not _sides(two, speakers) & gone}
            clear = {
                two: score
                for two, score in left.items()
                if score >= self.rules.match
                and all(
                    score >= rival + self.rules.margin
                    for other, rival in left.items()
                    if other != two and _sides(other, speakers) & _sides(two, speakers)
                )
            }
            if not clear:
                return sorted(found, key=lambda two: (-found[two], two))
            found |= clear
            gone |= {side for two in clear for side in _sides(two, speakers)}


def _sides(two: tuple[int, int], speakers: Sequence[Line]) -> set[_Side]:
    i, j = two
    return {(i, _report(speakers[j])), (j, _report(speakers[i]))}
