"""What a profile was merged from, so that it can be merged again years later.

Sealed beside the snapshot's sections, under the key of raw answers. With the stored answers, the
identity told with the consent and the configuration it holds everything `merge` was handed:
whoever gives merging another input adds it here, or replays will differ.
"""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import datetime
from uuid import UUID

from pydantic import TypeAdapter, ValidationError

from connectors.http import RawAnswer
from consent import canonical
from consent.errors import VaultError
from consent.subject import Scope
from gateway.evidence import Answer, heard
from gateway.plans import Plan
from gateway.profile import Outcome, SourceLine
from gateway.profile.concluded import Given
from gateway.resolve.judged import NOTHING_JUDGED, Judgements


@dataclass(frozen=True, slots=True, kw_only=True)
class RawRef:
    """A stored raw answer, and what about it is not in its bytes."""

    id: UUID
    sha256: str
    received_at: datetime
    status: int

    @classmethod
    def of(cls, id_: UUID, raw: RawAnswer) -> "RawRef":
        """The reference of an answer stored as `id_`."""
        return cls(id=id_, sha256=raw.sha256, received_at=raw.received_at, status=raw.status)

    def answer(self, content: bytes) -> RawAnswer:
        """The answer as it came; the columns beside the stored bytes are not believed."""
        return RawAnswer(content, self.received_at, self.status)


@dataclass(frozen=True, slots=True, kw_only=True)
class Told:
    """One source's part. With `raw` the outcome follows from its bytes, else it stands here."""

    source: str
    outcome: Outcome
    scopes: tuple[Scope, ...]
    latency_ms: int
    reason: Given[str] = None
    reused: bool = False
    raw: Given[RawRef] = None

    def line(self, outcome: Outcome, reason: str | None = None) -> SourceLine:
        """The source's line, had it come out so."""
        return SourceLine(
            source=self.source,
            outcome=outcome,
            scopes=self.scopes,
            reason=reason,
            latency_ms=self.latency_ms,
        )


@dataclass(frozen=True, slots=True, kw_only=True)
class Inputs:
    """Everything one merge was handed. `at` is its instant.

    `identity` is the consent with which the subject's identity was told, `jurisdiction` that of
    the consent (by its rules a report is told to be the subject's), `judgements` what people had
    decided by then, `plan` the one that was asked by, `attribute_set` the version of the
    catalogue.
    """

    at: datetime
    identity: UUID
    jurisdiction: str
    told: tuple[Told, ...]
    attribute_set: str
    judgements: Judgements = NOTHING_JUDGED
    plan: Given[Plan] = None

    def encode(self) -> bytes:
        """Canonical JSON, to be sealed."""
        return canonical.encode(_ADAPTER.dump_python(self, mode="json"))

    @classmethod
    def decode(cls, body: bytes) -> "Inputs":
        """The inverse of `encode`; `VaultError` when another build wrote it."""
        try:
            return _ADAPTER.validate_json(body)
        except ValidationError:  # its text would show what it was given
            raise VaultError("the inputs of this snapshot are of another form") from None


_ADAPTER = TypeAdapter(Inputs)


def inputs_of(
    answers: Iterable[Answer],
    refs: Mapping[str, UUID],
    *,
    identity: UUID,
    jurisdiction: str,
    at: datetime,
    judgements: Judgements,
    attribute_set: str,
    plan: Plan | None,
) -> Inputs:
    """The inputs of a merge of `answers`; `refs` maps sources to where their bytes were stored."""
    told = []
    for answer in answers:
        line = heard(answer).line
        told.append(
            Told(
                source=line.source,
                outcome=line.outcome,
                scopes=line.scopes,
                latency_ms=line.latency_ms,
                reason=line.reason,
                reused=answer.reused,
                raw=None if answer.raw is None else RawRef.of(refs[answer.source], answer.raw),
            )
        )
    return Inputs(
        at=at,
        identity=identity,
        jurisdiction=jurisdiction,
        told=tuple(told),
        attribute_set=attribute_set,
        judgements=judgements,
        plan=plan,
    )
