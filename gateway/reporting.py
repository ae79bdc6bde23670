"""Reporting to a bureau: what the member says about its own loans, under a consent to say it.

(1) adverse information needs the notice that told the subject before (征信业管理条例 art. 15)
(2) consent is decided for `Act.REPORT`: art. 29 wants a consent of its own for it
(3) the intent is durable before a socket opens, with the message sealed in its entry
(4) the bureau is told, once; how that came out is durable before the reply leaves

Between (3) and (4) the consent is asked again: a withdrawal shares commits with others. What has
left cannot be called back. A crash there leaves an intent without an end, and the caller repeats
the message.
"""

import asyncio
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import timedelta
from uuid import UUID

import structlog

from connectors.base import Connector
from connectors.errors import (
    SourceBrokeContract,
    SourceError,
    SourceLockedUs,
    SourceRejectedAsk,
    SourceUnavailable,
)
from connectors.reporting import AdverseNotice, Reporter, Telling
from connectors.resilience import Breaker
from consent import canonical
from consent.audit.catalogue import EventType, Trail
from consent.clock import Clock, stamp
from consent.decision import Permit, Refusal, RefusalReason
from consent.errors import InvalidInput
from consent.identity import Identity
from consent.ids import uuid7
from consent.journal import Journal, Tx
from consent.ledger import Ledger
from consent.register import Register
from consent.subject import Ask
from consent.vault.record import Vault
from gateway import entries
from gateway.fetching import Gate
from gateway.logs import places
from gateway.pipeline import ConsentRefused
from gateway.store import reported
from gateway.store.reported import MessageKey

_ACCEPTED = "accepted"
_FAILURES: Mapping[type[SourceError], str] = {
    SourceRejectedAsk: "refused",
    SourceLockedUs: "locked_out",
    SourceUnavailable: "unavailable",
    SourceBrokeContract: "broke_contract",
}

_log = structlog.get_logger("gateway.reporting")


@dataclass(frozen=True, slots=True, kw_only=True)
class ReportRequest:
    """One message to one source about one subject, whom the log calls `name`."""

    trail: Trail
    ask: Ask
    consent: UUID
    name: str
    telling: Telling
    notice: AdverseNotice | None
    key: MessageKey


@dataclass(frozen=True, slots=True)
class Reported:
    """How it came out: `outcome` and reason code, and the audit entry that says so."""

    outcome: str
    reason: str | None
    entry: UUID


@dataclass(frozen=True, slots=True)
class Reporting:
    """The flow above."""

    journal: Journal
    ledger: Ledger
    register: Register
    vault: Vault
    connectors: Mapping[str, Connector]
    timeouts_s: Mapping[str, float]
    breakers: Mapping[str, Breaker]
    gate: Gate
    clock: Clock

    def takers(self) -> Mapping[str, Reporter]:
        """The sources that take reports."""
        return {n: one for n, one in self.connectors.items() if isinstance(one, Reporter)}

    async def tell(self, request: ReportRequest) -> Reported:
        """Send one message; that it failed is a value.

        Raises `ConsentRefused`, `InvalidInput` without the notice an adverse message needs,
        `Conflict` for the request id of another message or of one under way, `AuditUnavailable`.
        """
        _check_notice(request)
        begun = await self.journal.commit(lambda tx: self._begin(tx, request))
        if isinstance(begun, Refusal):
            raise ConsentRefused({request.ask.source: (begun.reason, begun.explanation)})
        if isinstance(begun, Reported):
            return begun
        permit, subject = begun
        ended = self.gate(permit, self.clock())
        if ended is not None:
            return await self.journal.commit(lambda tx: self._drop(tx, request, permit, ended))
        failure = await self._send(permit, subject, request.telling)
        return await self.journal.commit(lambda tx: self._end(tx, request, permit, failure))

    def _begin(
        self, tx: Tx, request: ReportRequest
    ) -> tuple[Permit, Identity] | Reported | Refusal:
        source = request.ask.source
        permit = self.ledger.weigh(tx.conn, request.consent, request.ask, at=tx.at)
        if isinstance(permit, Refusal):
            kind = EventType.REPORT_DENIED
            tx.note(entries.refused(request.trail, permit, request.name, kind, tx.at))
            if permit.grant is not None:
                self.ledger.settle(tx, request.trail, permit.grant)
            return permit
        earlier = reported.accepted(tx, request.key)
        if earlier is not None:
            return Reported(_ACCEPTED, "accepted_before", earlier)
        closed = self.breakers[source].admit(tx.at)
        if closed is not None:
            outcome = "locked_out" if closed.locked else "skipped"
            return self._note(tx, request, permit, outcome, closed.reason)
        reported.begin(tx, request.key, timedelta(seconds=2 * self.timeouts_s[source]))
        self._intend(tx, request, permit)
        return permit, self.register.identity(tx.conn, permit)

    async def _send(
        self, permit: Permit, subject: Identity, telling: Telling
    ) -> SourceError | None:
        source = permit.ask.source
        try:
            async with asyncio.timeout(self.timeouts_s[source]):
                await self.takers()[source].report(permit, subject, telling)
        except TimeoutError:
            return SourceUnavailable(source, "timeout")
        except SourceError as failure:
            return failure
        except Exception as defect:  # noqa: BLE001 - no intent stays without an end
            _log.error("source.reporter_failed", source=source, where=places(defect))
            return SourceBrokeContract(source, "reporter_failed")
        return None

    def _end(
        self, tx: Tx, request: ReportRequest, permit: Permit, failure: SourceError | None
    ) -> Reported:
        self.breakers[permit.ask.source].record(failure, tx.at)
        outcome = _ACCEPTED if failure is None else _FAILURES[type(failure)]
        reason = None if failure is None else failure.reason
        done = self._note(tx, request, permit, outcome, reason)
        reported.end(tx, request.key, done.entry if failure is None else None)
        return done

    def _drop(
        self, tx: Tx, request: ReportRequest, permit: Permit, ended: RefusalReason
    ) -> Reported:
        """The consent ended before anything left."""
        reported.end(tx, request.key, None)
        return self._note(tx, request, permit, "refused", ended)

    # -- on record ------------------------------------------------------------------------------

    def _intend(self, tx: Tx, request: ReportRequest, permit: Permit) -> None:
        id_ = uuid7(tx.at)
        said = request.telling.message.model_dump(mode="json", exclude_none=True)
        if request.notice is not None:
            said = {**said, "adverse_notice": request.notice.model_dump(mode="json")}
        detail = self.vault.seal_detail(
            tx.conn,
            member=permit.ask.member,
            subject=permit.ask.subject,
            entry_id=id_,
            plaintext=canonical.encode(said),
        )
        tx.note(
            entries.under(
                request.trail, permit, request.name, EventType.REPORT_INTENDED, tx.at,
                id_=id_, facts=_facts(request), detail=detail,
            )
        )  # fmt: skip

    def _note(
        self, tx: Tx, request: ReportRequest, permit: Permit, outcome: str, reason: str | None
    ) -> Reported:
        id_ = uuid7(tx.at)
        kind = EventType.REPORT_OK if outcome == _ACCEPTED else EventType.REPORT_FAILED
        tx.note(
            entries.under(
                request.trail, permit, request.name, kind, tx.at,
                id_=id_, facts={**_facts(request), "outcome": outcome}, reason=reason,
            )
        )  # fmt: skip
        return Reported(outcome, reason, id_)


def _check_notice(request: ReportRequest) -> None:
    """(1) Whoever tells a bureau of arrears has told the subject before."""
    if not request.telling.message.adverse:
        return
    if request.notice is None:
        expected = "the notice that told the subject of it before (征信业管理条例 art. 15)"
        raise InvalidInput("/adverse_notice", expected)
    if request.notice.given_at > request.telling.at:
        raise InvalidInput("/adverse_notice/given_at", "an instant before this report")


def _facts(request: ReportRequest) -> dict[str, str | int]:
    telling, notice = request.telling, request.notice
    facts: dict[str, str | int] = {
        "kind": telling.message.kind,
        "request": str(telling.request_id),
    }
    if notice is not None:
        facts["notice_channel"] = notice.channel
        facts["notice_at"] = stamp(notice.given_at)
        facts["notice_sha256"] = notice.content_sha256
    return facts
