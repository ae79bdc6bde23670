"""One request, top to bottom.

(1) authenticate the client     `gateway.api`, before any of this
(2) resolve the subject         `consent.register`, by blind index
(3) decide consent              `asking`: per source and scope, on what the ledger holds
(4) write intents               `asking`: one durable commit for (3) and (4)
(5) fetch and normalise         `fetching`: side by side, each source inside its own deadline
(6) resolve and merge           `resolve`, `merge`: pure; same person, same loan, which value
(7) seal and store              `disclosing`: the snapshot and the raw answers
(8) write the disclosure        `disclosing`: one durable commit for (7) and (8), then the reply

What is stored is shown again, to who reads or repeats a pull, by `looking`.
"""

import asyncio
from dataclasses import dataclass
from datetime import datetime
from functools import partial
from typing import TypeVar
from uuid import UUID

from consent.clock import Clock, monotonic_s
from consent.decision import Refusal, RefusalReason
from consent.errors import AuditUnavailable, GatewayError
from consent.identity import Identity
from consent.journal import Journal, Tx
from gateway.asking import Asking, Begun
from gateway.disclosing import Disclosing
from gateway.evidence import NotAsked, heard
from gateway.fetching import Fetching
from gateway.looking import Looking
from gateway.merge import MergeConfig, merge
from gateway.metrics import Lap, Metrics
from gateway.profile import Heard, encoded
from gateway.reply import Reply
from gateway.requests import PullRequest, ReadRequest
from gateway.store import idempotency

_MERGE_INLINE_RECORDS = 1_000  # some tens of milliseconds of merging
_RESERVE_S = 0.05  # of the caller's time, kept for merging, sealing and the last commit


class ConsentRefused(GatewayError):
    """Nothing may be asked or shown. `refusals` maps each source to its reason and explanation."""

    code = "consent_refused"

    def __init__(self, refusals: dict[str, tuple[RefusalReason, str]]) -> None:
        super().__init__("; ".join(f"{source}: {why}" for source, (_, why) in refusals.items()))
        self.refusals = refusals


ON_RECORD = (ConsentRefused, AuditUnavailable)
"""Errors whose units noted them already, and the one that says nothing can be noted."""

T = TypeVar("T")


def allowed(found: T | Refusal) -> T:
    """What was found, or `ConsentRefused` for the refusal it turned out to be."""
    if isinstance(found, Refusal):
        raise ConsentRefused({found.ask.source: (found.reason, found.explanation)})
    return found


class NoSourceAsked(GatewayError):
    """Consent would allow it, but no source could be asked; `reasons` says why, by source."""

    code = "no_source_asked"

    def __init__(self, reasons: dict[str, str]) -> None:
        super().__init__("; ".join(f"{source}: {why}" for source, why in reasons.items()))
        self.reasons = reasons


@dataclass(frozen=True, slots=True)
class Pipeline:
    """The steps, handed in by `gateway.wiring`."""

    journal: Journal
    asking: Asking
    fetching: Fetching
    merging: MergeConfig
    disclosing: Disclosing
    looking: Looking
    clock: Clock
    metrics: Metrics

    async def pull(self, request: PullRequest) -> Reply:
        """Ask the sources, merge what they say, and release it; their failures are lines in it.

        Raises `ConsentRefused` when no source may be asked or the consent ended on the way,
        `NoSourceAsked` when it may but none can, `Conflict` for an Idempotency-Key in use (and as
        `read` does where that pull is repeated), `VaultError` and `AuditUnavailable`.
        """
        lap = Lap(self.metrics)
        ends = lap.began + request.deadline_s - _RESERVE_S
        begun = await self.journal.commit(lambda tx: self._begin(tx, request, ends))  # (3) (4)
        if isinstance(begun, UUID):
            return allowed(await self.looking.repeat(request, begun))
        for answer in begun.settled:
            if isinstance(answer.said, Refusal):
                self.metrics.refusal(answer.said.reason)
        if begun.subject is None:
            raise _nothing_to_do(begun)
        lap("ask")
        try:
            answers = await self.fetching.all(begun, ends=ends)  # (5)
            lap("fetch")
            at, told = self.clock(), [heard(one) for one in answers]
            sections = await self._merged(request, begun, begun.subject, told, at)  # (6)
            lap("merge")
        except Exception:
            permits = begun.to_fetch
            await self.journal.commit(lambda tx: self.disclosing.give_up(tx, request, permits))
            raise
        reply = await self.journal.commit(  # (7) (8)
            lambda tx: self.disclosing.release(
                tx, request, answers, sections, merged_at=at, judgements=begun.judgements
            )
        )
        lap("disclose")
        if isinstance(reply, RefusalReason):
            why = (reply, "the consent ended while sources were asked; nothing was kept")
            raise ConsentRefused(dict.fromkeys(request.sources, why))
        return reply

    async def read(self, request: ReadRequest) -> Reply:
        """Show a stored profile. Raises `ConsentRefused`, `NotFound`, and as `pull` does.

        `Conflict` when its consent changed over and over while it was opened.
        """
        return allowed(await self.looking.read(request))

    async def _merged(
        self,
        request: PullRequest,
        begun: Begun,
        subject: Identity,
        told: list[Heard],
        at: datetime,
    ) -> dict[str, bytes]:
        """The merged sections; in a thread when there is much, so that it holds nobody else up."""
        profile = partial(
            merge, told, subject, self.merging, at=at, plan=request.plan,
            judgements=begun.judgements, jurisdiction=begun.jurisdiction,
            attribute_set=request.attribute_set,
        )  # fmt: skip
        if sum(len(one.report.records) for one in told if one.report) <= _MERGE_INLINE_RECORDS:
            return encoded(profile())
        return await asyncio.to_thread(lambda: encoded(profile()))

    def _begin(self, tx: Tx, request: PullRequest, ends: float) -> Begun | UUID:
        """What the request may do, or the snapshot an earlier one with its key brought."""
        if monotonic_s() >= ends:  # waiting for the database took it all: use up nothing
            raise NoSourceAsked(dict.fromkeys(request.sources, "deadline"))
        if request.key is None:
            return self.asking.begin(tx, request)
        earlier = idempotency.claim(tx, request.key)
        if earlier is not None:
            return earlier
        begun = self.asking.begin(tx, request)
        if begun.subject is None:
            idempotency.release(tx, request.key)
        return begun


def _nothing_to_do(begun: Begun) -> ConsentRefused | NoSourceAsked:
    said = {answer.source: answer.said for answer in begun.settled}
    refused = {s: (r.reason, r.explanation) for s, r in said.items() if isinstance(r, Refusal)}
    if refused:
        return ConsentRefused(refused)
    return NoSourceAsked({s: r.reason for s, r in said.items() if isinstance(r, NotAsked)})
