"""gateway.fetching: side by side, each in its own time, and nothing opened after the end."""

import asyncio
import threading
from collections.abc import Callable
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from pathlib import Path
from uuid import UUID

import pytest

from connectors.base import Connector
from connectors.errors import (
    SourceBrokeContract,
    SourceLockedUs,
    SourceRejectedAsk,
    SourceUnavailable,
)
from connectors.http import RawAnswer
from connectors.money import PartialDate
from connectors.records import (
    IdDocument,
    Inquiry,
    InquiryKind,
    Issue,
    IssueKind,
    Metric,
    NoHit,
    Record,
    Report,
)
from connectors.records import Identity as IdentityRecord
from connectors.resilience import Breaker, Circuit
from consent.clock import monotonic_s
from consent.data_items import DataItem
from consent.decision import Grant, Jurisdiction, Permit, RefusalReason, State, decide
from consent.identity import Identity
from consent.subject import Ask, Scope, SubjectRef
from gateway import settings
from gateway.asking import Begun
from gateway.evidence import Answer, Discarded
from gateway.fetching import Fetching
from gateway.metrics import Metrics
from gateway.profile import Verdict
from gateway.store.snapshots import KeptAnswer

NOON = datetime(2026, 3, 1, 12, tzinfo=UTC)
ANNA = SubjectRef(UUID(int=1))
WHO = Identity("测试", "CN_RIC", "999999199001010016")
RULES = {"CN": Jurisdiction("CN", {}, frozenset({"a", "b", "c"}))}
PERSON = settings.load(Path(__file__).resolve().parents[2] / "config").merging.person
GRANT = Grant(
    id=UUID(int=2),
    member="lender",
    subject=ANNA,
    state=State.ACTIVE,
    seq=1,
    epoch=1,
    purpose="p",
    sources=frozenset({"a", "b", "c"}),
    scopes=frozenset({Scope.TRADELINES, Scope.INQUIRIES}),
    separate_consents=frozenset(),
    consequence_notice=None,
    not_before=NOON,
    expires_at=NOON + timedelta(days=1),
)


def permit(source: str, *scopes: Scope) -> Permit:
    wanted = frozenset(scopes or {Scope.INQUIRIES})
    made = decide(GRANT, Ask("lender", ANNA, source, "p", wanted), at=NOON, rules=RULES)
    assert isinstance(made, Permit)
    return made


def inquiry(source: str) -> Inquiry:
    return Inquiry(
        source=source,
        record_id="1",
        as_of=NOON.date(),
        on=PartialDate(2026, 2, 1),
        kind=InquiryKind.LOAN_APPLICATION,
        reason="02",
        institution=None,
        institution_type=None,
    )


def report(source: str, *records: Record) -> Report:
    return Report(source=source, report_id="r", as_of=NOON, version="1", records=records)


@dataclass
class FakeSource:
    """Follows a script, and refuses a permit that is not for it."""

    name: str
    said: Report | NoHit | Exception = field(default_factory=lambda: NoHit(source="a", as_of=NOON))
    failing: Exception | None = None
    hangs: bool = False
    opened: int = 0
    asked: int = 0
    items: frozenset[DataItem] = frozenset(DataItem)

    async def fetch(self, permit: Permit, subject: Identity, *, at: datetime) -> RawAnswer:
        assert permit.ask.source == self.name
        assert (subject, at) == (WHO, NOON)
        self.asked += 1
        if self.hangs:
            await asyncio.Event().wait()
        if self.failing is not None:
            raise self.failing
        return RawAnswer(b"{}", NOON)

    def read(self, raw: RawAnswer) -> Report | NoHit:
        assert raw.content == b"{}"
        self.opened += 1
        if isinstance(self.said, Exception):
            raise self.said
        return self.said


@dataclass
class SlowSource(FakeSource):
    """Is done reading once somebody else got on meanwhile."""

    slow_to_read: bool = True
    free: threading.Event = field(default_factory=threading.Event)

    def read(self, raw: RawAnswer) -> Report | NoHit:
        assert self.free.wait(timeout=2), "reading held up everybody"
        return super().read(raw)


def fetching(
    *sources: FakeSource,
    gate: Callable[[Permit, datetime], RefusalReason | None] = lambda _permit, _at: None,
    timeout_s: float = 5.0,
) -> Fetching:
    connectors: dict[str, Connector] = {source.name: source for source in sources}
    return Fetching(
        connectors=connectors,
        timeouts_s=dict.fromkeys(connectors, timeout_s),
        breakers={name: Breaker() for name in connectors},
        gate=gate,
        person=PERSON,
        clock=lambda: NOON,
        metrics=Metrics(),
    )


async def ask(fetch: Fetching, *permits: Permit, within_s: float = 5.0) -> dict[str, Answer]:
    begun = Begun((), to_fetch=permits, subject=WHO)
    answers = await fetch.all(begun, ends=monotonic_s() + within_s)
    return {answer.source: answer for answer in answers}


async def test_one_hanging_source_costs_only_itself() -> None:
    """Its own deadline ends it; the others' answers are all there."""
    good = FakeSource("a", report("a", inquiry("a")))

    got = await ask(
        fetching(good, FakeSource("b", hangs=True), timeout_s=0.05), permit("a"), permit("b")
    )

    assert isinstance(got["a"].said, Report)
    assert isinstance(got["b"].said, SourceUnavailable)
    assert got["b"].said.reason == "timeout"


async def test_a_slow_reader_holds_nobody_up() -> None:
    """A signature over a small answer may take as long as a large one does to read."""
    source = SlowSource("a")
    asked = asyncio.create_task(ask(fetching(source), permit("a")))
    async with asyncio.timeout(5):
        while not source.asked:  # noqa: ASYNC110 - a fake that never waits has no event to offer
            await asyncio.sleep(0)
    source.free.set()

    assert isinstance((await asked)["a"].said, NoHit)


async def test_the_callers_deadline_is_said_as_such() -> None:
    """A caller that was in a hurry can tell that from a source that was slow."""
    got = await ask(fetching(FakeSource("a", hangs=True)), permit("a"), within_s=0.05)

    assert isinstance(got["a"].said, SourceUnavailable)
    assert got["a"].said.reason == "deadline"


async def test_no_time_left_opens_no_socket() -> None:
    """Past the deadline there is nothing to be asked for."""
    source = FakeSource("a", hangs=True)

    got = await ask(fetching(source), permit("a"), within_s=-1)

    assert isinstance(got["a"].said, SourceUnavailable)


@pytest.mark.parametrize("error", [SourceLockedUs("a", "http_401"), SourceUnavailable("a", "tls")])
async def test_a_failing_source_is_a_value(error: Exception) -> None:
    """Nothing a source does raises out of a request."""
    got = await ask(fetching(FakeSource("a", failing=error)), permit("a"))

    assert got["a"].said is error


async def test_a_defect_in_a_reader_costs_only_its_source() -> None:
    """An unforeseen payload that trips our own code is that source's broken contract."""
    source, other = FakeSource("a", KeyError("CANARY")), FakeSource("b")

    got = await ask(fetching(source, other), permit("a"), permit("b"))

    assert isinstance(got["a"].said, SourceBrokeContract)
    assert "CANARY" not in str(got["a"].said)
    assert isinstance(got["b"].said, NoHit)


async def test_what_arrives_after_a_withdrawal_stays_unopened() -> None:
    """R1: the body was on its way; nobody looks inside, nothing of it is kept."""
    source = FakeSource("a", report("a", inquiry("a")))

    said = iter((None, RefusalReason.WITHDRAWN))
    got = await ask(fetching(source, gate=lambda _permit, _at: next(said)), permit("a"))

    assert source.asked == 1
    assert got["a"].said == Discarded(RefusalReason.WITHDRAWN)
    assert got["a"].raw is None
    assert source.opened == 0


async def test_what_the_permit_does_not_cover_is_dropped() -> None:
    """A report brings more than was granted; neither it nor its number reaches the profile."""
    scores = Metric(
        source="a", record_id="2", as_of=NOON.date(), scope=Scope.SCORES, name="n", window="all",
        value=1, unit="count",
    )  # fmt: skip
    source = FakeSource("a", report("a", inquiry("a"), scores))

    got = (await ask(fetching(source), permit("a", Scope.INQUIRIES)))["a"].said

    assert isinstance(got, Report)
    assert got.records == (inquiry("a"),)
    assert got.issues == (Issue("a", IssueKind.OUT_OF_SCOPE, "", "records outside the consent"),)


async def test_failures_open_the_circuit_and_no_hits_do_not() -> None:
    """A bureau without a file on somebody is a bureau that works."""
    down = fetching(FakeSource("a", failing=SourceUnavailable("a", "connect")))
    for _ in range(5):
        await ask(down, permit("a"))
    assert down.breakers["a"].circuit is Circuit.OPEN

    fine = fetching(FakeSource("a"))
    for _ in range(9):
        await ask(fine, permit("a"))
    assert fine.breakers["a"].circuit is Circuit.CLOSED


async def test_a_deadline_of_the_caller_is_not_the_sources_failure() -> None:
    """Callers in a hurry must not open the circuit for everybody else."""
    hasty = fetching(FakeSource("a", hangs=True))
    for _ in range(6):
        await ask(hasty, permit("a"), within_s=0.01)

    assert hasty.breakers["a"].circuit is Circuit.CLOSED


async def test_kept_answers_are_read_again_without_a_socket() -> None:
    """Reuse goes through the same reading and the same cut to the permit."""
    source = FakeSource("a", report("a", inquiry("a")), failing=AssertionError("asked"))
    kept = KeptAnswer(UUID(int=7), RawAnswer(b"{}", NOON))
    begun = Begun((), stored=((permit("a"), kept),), subject=WHO)

    (answer,) = await fetching(source).all(begun, ends=monotonic_s() + 1)

    assert answer.reused
    assert isinstance(answer.said, Report)


@pytest.mark.parametrize(
    ("name", "number", "verdict"),
    [
        ("测试", "999999199001010016", Verdict.MATCH),
        ("别人", "999999198512120013", Verdict.MISMATCH),
    ],
)
async def test_a_report_is_judged_before_it_is_cut(
    name: str, number: str, verdict: Verdict
) -> None:
    """Without the scope of identity the profile holds none, but whose report it is still counts.

    Cut first, another person's debts would have nothing left that speaks against them.
    """
    somebody = IdentityRecord(
        source="a", record_id="0", as_of=NOON.date(), name=name,
        documents=(IdDocument(type="CN_RIC", number=number),),
    )  # fmt: skip
    source = FakeSource("a", report("a", somebody, inquiry("a")))

    answer = (await ask(fetching(source), permit("a", Scope.INQUIRIES)))["a"]

    assert isinstance(answer.said, Report)
    assert answer.said.records == (inquiry("a"),)
    assert answer.judgement is not None
    assert answer.judgement.verdict is verdict


async def test_what_ended_before_the_socket_opens_none() -> None:
    """Units share commits: a withdrawal may be durable by the time the intents are."""
    source = FakeSource("a")
    got = await ask(
        fetching(source, gate=lambda _permit, _at: RefusalReason.WITHDRAWN), permit("a")
    )

    assert got["a"].said == Discarded(RefusalReason.WITHDRAWN)
    assert source.asked == 0


async def test_a_wrong_ask_says_nothing_of_the_source() -> None:
    """Refused before any socket, perhaps: it must not end the cool-down of a source that fails."""
    made = fetching(FakeSource("a", failing=SourceRejectedAsk("a", "mobile_missing")))
    breaker = made.breakers["a"]
    breaker.record(SourceLockedUs("a", "http_401"), NOON - timedelta(hours=2))
    assert breaker.admit(NOON) is None  # the one trial after the lockout
    await ask(made, permit("a"))

    assert breaker.circuit is not Circuit.CLOSED
