"""One borrower measured: what came out of the real path, beside what is so.

Everything is counted into one `Tally`; tallies of two processes add up to that of both.
"""

from collections import Counter
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass, field
from datetime import UTC, datetime
from itertools import combinations

import orjson

from benchmarks.quality.readers import readers, settings
from connectors.records import Report, Tradeline
from connectors.sandbox import alarms, export, truth
from connectors.sandbox.alarms import Say
from connectors.sandbox.facts import Life, Person
from connectors.sandbox.households import household
from connectors.sandbox.mixups import NAMING
from connectors.sandbox.render import platform
from connectors.sandbox.world import Opened, World
from consent import identity
from consent.identity import Identity as Subject
from gateway.merge import merge
from gateway.profile import BorrowerProfile, Heard, Outcome, SignalState, SourceLine, Verdict
from gateway.profile.concluded import Evidence

CONTRARY = frozenset({(Say.FIRE, SignalState.QUIET), (Say.QUIET, SignalState.FIRED)})
"""What is so, and a signal that says it is not."""
KEPT_FAILURES = 50
"""Of each sort; the counts say how many there were."""
_LISTERS = frozenset({*truth.LISTING, "baihang"})

Account = tuple[int, int]
"""A true account: whose it is, and its number in that life."""


@dataclass(frozen=True, slots=True)
class Failure:
    """A pair or a report that came out wrong, with what there was to see."""

    index: int
    what: str
    evidence: tuple[str, ...]
    facts: tuple[Mapping[str, object], ...]


@dataclass(slots=True)
class Tally:
    """Counts by topic, and the first failures."""

    counts: Counter[tuple[str, ...]] = field(default_factory=Counter)
    failures: list[Failure] = field(default_factory=list)

    def add(self, *topic: str, by: int = 1) -> None:
        """Count something."""
        self.counts[topic] += by

    def fail(self, failure: Failure) -> None:
        """Keep it, unless there are enough of the sort."""
        if sum(one.what == failure.what for one in self.failures) < KEPT_FAILURES:
            self.failures.append(failure)

    def join(self, other: "Tally") -> None:
        """Add another population's counts and failures."""
        self.counts.update(other.counts)
        for one in other.failures:
            self.fail(one)


def borrower(world: World, index: int, tally: Tally) -> None:
    """Ask every source about this borrower, merge, and compare."""
    life, at = world.life(index), export.answered_at(world).astimezone(UTC)
    reports = dict(_reports(world, life, at))
    opened = {source: world.opened(life, source) for source in reports}
    heard = [Heard(_asked(source), report) for source, report in reports.items()]
    profile = merge(heard, _subject(life.person), settings().merging, at=at, jurisdiction="CN")
    tally.add("borrowers")
    lines = {line.source: line for line in profile.sources.lines} if profile.sources else {}
    merged = {source for source in reports if not lines[source].quarantined}
    _persons(life, opened, lines, tally)
    _loans(life, {s: reports[s] for s in merged}, opened, profile, tally)
    _signals(life, profile, tally)
    if all(opened[s].form is None and s in merged for s in _LISTERS & reports.keys()):
        _attributes(life, merged, profile, tally)


def _asked(source: str) -> SourceLine:
    return SourceLine(source=source, outcome=Outcome.REPORT, scopes=readers()[source].scopes)


def _reports(world: World, life: Life, at: datetime) -> Iterator[tuple[str, Report]]:
    for source, body in (*export.answers(world, life, at), *_kept(life)):
        report = readers()[source].read(body, at)
        if report is not None:
            yield source, report


def _kept(life: Life) -> Iterator[tuple[str, bytes]]:
    """What was pushed about somebody, as it is kept: the batches of each source."""
    batches: dict[str, list[object]] = {}
    for source, _, body in platform.pushes(life):
        batches.setdefault(source, []).append(orjson.loads(body)["events"])
    for source, some in batches.items():
        yield source, orjson.dumps({"batches": some})


def _subject(person: Person) -> Subject:
    return identity.check(
        name=person.name,
        id_type="CN_RIC",
        id_number=person.id_number,
        mobile=person.mobile,
        allow_test_region=True,
    )


# -- persons ---------------------------------------------------------------------------------


def _persons(
    life: Life, opened: Mapping[str, Opened], lines: Mapping[str, SourceLine], tally: Tally
) -> None:
    """Reports of sources that name somebody: whose are merged?"""
    home = household(life.seed, life.index, life.noise)
    for source in sorted(opened):
        file, line = opened[source], lines[source]
        if source not in NAMING and source not in truth.LISTING:
            continue
        verdict = line.judgement.verdict if line.judgement else Verdict.MATCH
        became = verdict.value if line.quarantined else "merged"
        if file.form is None:
            tally.add("person", "own", source, became)
        else:
            other = file.life.index
            who = {home.twin: "twin", home.spouse: "spouse"}.get(other, "stranger")
            tally.add("person", file.form, who, became)
        if (file.form is None) == line.quarantined:
            reasons = line.judgement.reasons if line.judgement else ()
            tally.fail(
                Failure(
                    life.index,
                    "report left out" if file.form is None else f"{file.form} report merged",
                    (source,),
                    ({r.field: r.level for r in reasons},),
                )
            )


# -- loans -----------------------------------------------------------------------------------


def _loans(
    life: Life,
    reports: Mapping[str, Report],
    opened: Mapping[str, Opened],
    profile: BorrowerProfile,
    tally: Tally,
) -> None:
    """Pairs of records of two sources: one account in truth, one account in the profile?"""
    held = {
        Evidence(source, report.report_id, one.record_id): one
        for source, report in reports.items()
        for one in report.records
        if isinstance(one, Tradeline)
    }
    true = dict(_accounts(held, opened))
    wanted = set(_pairs(_grouped(true)))
    lines = profile.tradelines.lines if profile.tradelines else ()
    found = set(_pairs(line.records for line in lines))
    tally.add("loan", "records", by=len(held))
    tally.add("loan", "true", by=len(wanted))
    tally.add("loan", "found", by=len(found))
    tally.add("loan", "right", by=len(wanted & found))
    for what, pairs in (("pair missed", wanted - found), ("pair wrong", found - wanted)):
        for pair in sorted(pairs):
            tally.fail(
                Failure(
                    life.index,
                    what,
                    tuple(str(one) for one in pair),
                    tuple(_shown(held[one]) for one in pair),
                )
            )


def _accounts(
    held: Mapping[Evidence, Tradeline], opened: Mapping[str, Opened]
) -> Iterator[tuple[Evidence, Account]]:
    names: dict[tuple[str, str], Account] = {}
    for source in {one.source for one in held}:
        owner = opened[source].life
        for account in truth.accounts(owner, source):
            names[source, account.ref] = (owner.index, account.number)
    for one, record in held.items():
        yield one, names[one.source, record.account_ref or ""]


def _grouped(true: Mapping[Evidence, Account]) -> Iterable[list[Evidence]]:
    groups: dict[Account, list[Evidence]] = {}
    for one, account in true.items():
        groups.setdefault(account, []).append(one)
    return groups.values()


def _pairs(groups: Iterable[Iterable[Evidence]]) -> Iterator[tuple[Evidence, Evidence]]:
    for group in groups:
        for one, other in combinations(sorted(group), 2):
            if one.source != other.source:
                yield one, other


def _shown(record: Tradeline) -> Mapping[str, object]:
    """What a person would look at to tell two accounts apart."""
    amount = record.original_amount or record.credit_limit
    return {
        "lender": record.lender,
        "kind": record.kind,
        "status": record.status,
        "opened": str(record.opened),
        "matures": str(record.matures),
        "closed": str(record.closed),
        "amount": amount.minor if amount else None,
        "balance": record.balance.minor if record.balance else None,
        "terms": record.terms,
        "as_of": record.as_of.isoformat(),
    }


# -- signals and attributes ------------------------------------------------------------------


def _signals(life: Life, profile: BorrowerProfile, tally: Tally) -> None:
    """Every signal beside what is so; one that says the contrary is a failure to look at."""
    given = {one.id: one for one in profile.signals.results} if profile.signals else {}
    for name, true in alarms.signals(life).items():
        state = given[name].state if name in given else SignalState.UNDECIDED
        tally.add("signal", name, true.say, state)
        if (true.say, state) in CONTRARY:
            facts = {one.name: one.value for one in given[name].observed}
            what = f"{name}: {true.say} is {state}"
            tally.fail(Failure(life.index, what, (given[name].explanation,), (facts,)))


def _attributes(life: Life, merged: set[str], profile: BorrowerProfile, tally: Tally) -> None:
    """Against what these sources told, and against the whole life."""
    given = {one.name: one.value for one in profile.attributes.values} if profile.attributes else {}
    told = _named(truth.attributes(life, *merged))
    whole = _named(truth.attributes(life))
    for name in told:
        for against, right in (("told", told[name]), ("life", whole[name])):
            value = given.get(name)
            tally.add("attribute", name, against, "all")
            tally.add("attribute", name, against, "right", by=_same(name, value, right))
            if against == "told" and not _same(name, value, right):
                tally.fail(Failure(life.index, name, (), ({"is": value, "should be": right},)))


def _named(true: truth.Attributes) -> dict[str, int | None]:
    """The truth under the names of the catalogue."""
    limit = true.revolving_limit
    return {
        "open_tradelines": true.open_tradelines,
        "overdue_accounts_now": true.overdue_accounts,
        "total_balance_cny": true.total_balance,
        "total_past_due_cny": true.total_past_due,
        "revolving_utilisation": 10_000 * true.revolving_used // limit if limit else None,
        "max_dpd_24m": true.max_dpd_24m,
        "months_since_last_delinquency": true.months_since_delinquency,
        "age_of_oldest_tradeline_months": true.oldest_months,
        "new_tradelines_90d": true.opened[90],
        "hard_inquiries_90d": true.hard_inquiries[90],
        "lenders_90d": true.lenders[90],
    }


_ROUNDING = 2_000
"""PBOC tells whole yuan: up to half a yuan on each of some forty accounts."""
_HUNDREDTH = 1
"""And utilisation of them: a basis point."""


def _same(name: str, value: int | None, right: int | None) -> bool:
    """Right but for rounding; nothing there and nothing known are the same."""
    if value is None or right is None:
        return not (value or right)
    return abs(value - right) <= _ROUND.get(name, 0)


_ROUND = {
    "total_balance_cny": _ROUNDING,
    "total_past_due_cny": _ROUNDING,
    "revolving_utilisation": _HUNDREDTH,
}
