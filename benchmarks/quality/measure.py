"""One borrower measured: what came out of the real path, beside what is so."""

from collections.abc import Iterator, Mapping
from datetime import UTC, datetime

import orjson

from benchmarks.quality import loans, sheet
from benchmarks.quality.loans import Listed
from benchmarks.quality.readers import readers, settings
from benchmarks.quality.tally import Failure, Tally
from connectors.records import Report
from connectors.sandbox import alarms, export, truth
from connectors.sandbox.alarms import Say
from connectors.sandbox.borrowing import FEN
from connectors.sandbox.facts import Life, Person
from connectors.sandbox.households import household
from connectors.sandbox.mixups import NAMING
from connectors.sandbox.render import platform
from connectors.sandbox.world import Opened, World
from consent import identity
from consent.identity import Identity as Subject
from gateway.merge import merge
from gateway.profile import BorrowerProfile, Heard, Outcome, SignalState, SourceLine, Verdict

CONTRARY = frozenset({(Say.FIRE, SignalState.QUIET), (Say.QUIET, SignalState.FIRED)})
"""What is so, and a signal that says it is not."""
_LISTERS = frozenset({*truth.LISTING, "baihang"})


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
    listed = Listed.of({source: reports[source] for source in merged}, opened)
    accounts = profile.tradelines.lines if profile.tradelines else ()
    loans.pairs(life.index, listed, accounts, tally)
    loans.moved(life.index, listed, accounts, tally)
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
    """Against what these sources told, to the fen, and against the whole life."""
    given = {one.name: one.value for one in profile.attributes.values} if profile.attributes else {}
    for against, right in (("told", sheet.told(life, merged)), ("life", sheet.whole(life))):
        for family, values in right.items():
            for name, true in values.items():
                value = given[name]
                same = value == true or (against == "life" and _nearly(name, value, true))
                tally.add("attribute", family, name, against, "all")
                tally.add("attribute", family, name, against, "right", by=same)
                if against == "told" and not same:
                    facts = {"is": value, "should be": true}
                    tally.fail(Failure(life.index, name, (), (facts,)))


_ROUNDING = 20 * FEN
"""PBOC tells whole yuan: up to half a yuan on each of some forty accounts."""


def _nearly(name: str, value: int | None, true: int | None) -> bool:
    """Right but for rounding to whole yuan; parts of such amounts in basis points."""
    if value is None or true is None:
        return False
    if name.endswith("_cny"):
        return abs(value - true) <= _ROUNDING
    return name.endswith(("utilisation", "utilisation_6m", "share")) and abs(value - true) <= 1
