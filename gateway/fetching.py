"""Step (5): ask the sources side by side, each inside its own deadline.

A source's failure is a value. Between the arrival of a body and its reading the consent is asked
again, so that what comes after a withdrawal is dropped unopened (race R1 of the trust format).
"""

import asyncio
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from datetime import datetime
from uuid import UUID

import structlog

from connectors.base import Connector, SlowToRead
from connectors.errors import (
    SourceBrokeContract,
    SourceError,
    SourceRejectedAsk,
    SourceUnavailable,
)
from connectors.http import RawAnswer
from connectors.records import NoHit, Report
from connectors.resilience import Breaker
from consent.clock import Clock, monotonic_s
from consent.decision import Permit, RefusalReason
from consent.identity import Identity
from gateway.asking import Begun
from gateway.evidence import READER_FAILED, Answer, Discarded, outcome
from gateway.logs import places
from gateway.metrics import Metrics
from gateway.reading import understand
from gateway.resolve.person import PersonRules

Gate = Callable[[Permit, datetime], RefusalReason | None]
"""Why a permit no longer holds at an instant, None when it does."""

_log = structlog.get_logger("gateway.fetching")
_DEADLINE = "deadline"
_READ_INLINE_BYTES = 64 * 1024  # a larger body is read in a thread, so it holds nobody up


@dataclass(frozen=True, slots=True)
class Fetching:
    """Opens the sockets a request has permits for."""

    connectors: Mapping[str, Connector]
    timeouts_s: Mapping[str, float]
    breakers: Mapping[str, Breaker]
    gate: Gate
    person: Mapping[str, PersonRules]
    clock: Clock
    metrics: Metrics

    async def all(self, begun: Begun, *, ends: float) -> tuple[Answer, ...]:
        """Every answer by `ends` (monotonic seconds); what is missing is said, never waited for."""
        if begun.subject is None:
            return begun.settled
        async with asyncio.TaskGroup() as group:
            asked = [
                group.create_task(self._one(permit, begun.subject, ends))
                for permit in begun.to_fetch
            ]
            reread = [
                group.create_task(self._read(permit, begun.subject, kept.raw, stored=kept.id))
                for permit, kept in begun.stored
            ]
        return (*begun.settled, *(task.result() for task in (*asked, *reread)))

    async def _one(self, permit: Permit, subject: Identity, ends: float) -> Answer:
        """One source, from the socket to the records."""
        source = permit.ask.source
        started = monotonic_s()
        answer = await self._ask(permit, subject, ends - started)
        latency_s = monotonic_s() - started
        self.metrics.fetch(source, outcome(answer)[0], latency_s)
        if _tells_of_the_source(answer):
            self.breakers[source].record(answer.said, self.clock())
        return answer.timed(latency_s)

    async def _ask(self, permit: Permit, subject: Identity, left_s: float) -> Answer:
        source = permit.ask.source
        budget_s = min(self.timeouts_s[source], left_s)
        try:
            async with asyncio.timeout(max(budget_s, 0)):
                # Before the socket, too: a withdrawal may have shared the commit of the intents.
                if ended := self.gate(permit, self.clock()):
                    return Answer(source, Discarded(ended), permit)
                raw = await self._fetch(permit, subject)
                if ended := self.gate(permit, self.clock()):
                    return Answer(source, Discarded(ended), permit)
                return await self._read(permit, subject, raw)
        except TimeoutError:
            reason = "timeout" if budget_s < left_s else _DEADLINE
            return Answer(source, SourceUnavailable(source, reason), permit)
        except SourceError as failure:
            return Answer(source, failure, permit)

    async def _fetch(self, permit: Permit, subject: Identity) -> RawAnswer:
        source = permit.ask.source
        try:
            return await self.connectors[source].fetch(permit, subject, at=self.clock())
        except (SourceError, TimeoutError):
            raise
        except Exception as defect:  # noqa: BLE001 - a connector's defect costs its source, no other
            _log.error("source.connector_failed", source=source, exc_info=defect)
            raise SourceBrokeContract(source, "connector_failed") from None

    async def _read(
        self, permit: Permit, subject: Identity, raw: RawAnswer, *, stored: UUID | None = None
    ) -> Answer:
        """Bytes to records, as `gateway.reading` does again from what is stored."""
        source = permit.ask.source
        try:
            said = await self._opened(source, raw)
            rules = self.person[permit.grant.jurisdiction]
            found = understand(said, subject, permit.ask.scopes, rules)
        except SourceError as failure:
            return Answer(source, failure, permit, raw, stored=stored)
        except Exception as defect:  # noqa: BLE001 - a reader's defect costs its source, no other
            _log.error("source.reader_failed", source=source, where=places(defect))
            broken = SourceBrokeContract(source, READER_FAILED)
            return Answer(source, broken, permit, raw, stored=stored)
        if isinstance(found.said, Report):
            for issue in found.said.issues:
                self.metrics.issue(issue.source, issue.kind, issue.count)
        return Answer(source, found.said, permit, raw, stored=stored, judgement=found.judgement)

    async def _opened(self, source: str, raw: RawAnswer) -> Report | NoHit:
        connector = self.connectors[source]
        slow = isinstance(connector, SlowToRead) and connector.slow_to_read
        if slow or len(raw.content) > _READ_INLINE_BYTES:
            return await asyncio.to_thread(connector.read, raw)
        return connector.read(raw)


def _tells_of_the_source(answer: Answer) -> bool:
    """Neither the caller's haste nor an ask that was wrong, perhaps before any socket, does."""
    said = answer.said
    if isinstance(said, SourceUnavailable):
        return said.reason != _DEADLINE
    return not isinstance(said, SourceRejectedAsk | Discarded)
