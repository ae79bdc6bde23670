"""A stored snapshot's profile, merged again from the evidence it was made of.

What the sources sent is opened and read again, judged against the identity told with the
consent, and merged by the rules of the configuration that is handed in: with that of the snapshot
the very same profile comes out. Nothing of the sealed sections is used, so what comes out can be
held against them. Everything opens under a permit of now; whoever shows the result notes it.

    gathered = Gathering(store, register).gather(conn, permit, stored)
    profile = rebuild(gathered, rules)
"""

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from datetime import datetime

from sqlalchemy import Connection

from connectors.errors import SourceBrokeContract, SourceError
from connectors.records import NoHit
from consent.decision import Permit
from consent.errors import ConfigError, GatewayError, VaultError
from consent.identity import Identity
from consent.register import Register
from gateway.evidence import READER_FAILED, brought, failure
from gateway.merge import MergeConfig, merge
from gateway.profile import BorrowerProfile, Heard, Outcome
from gateway.reading import Read, understand
from gateway.resolve.person import PersonRules
from gateway.store.inputs import Inputs, RawRef, Told
from gateway.store.snapshots import Snapshot, Store, StoredSnapshot


@dataclass(frozen=True, slots=True)
class Missing:
    """One thing a rebuild needs and does not have: `what` is a code, `which` an id or a digest."""

    what: str
    which: str
    why: str


class CannotRebuild(GatewayError):
    """Something the past answer rests on is gone or was altered; `missing` names all of it."""

    code = "cannot_rebuild"

    def __init__(self, missing: tuple[Missing, ...]) -> None:
        super().__init__("; ".join(f"{one.what} {one.which}: {one.why}" for one in missing))
        self.missing = missing


@dataclass(frozen=True, slots=True)
class Rules:
    """How answers are read and merged: one configuration, in the hands of this build.

    `other_tables` are its code tables that are not the ones this build reads with.
    """

    merging: MergeConfig
    readers: Mapping[str, Read]
    other_tables: tuple[str, ...] = ()


RulesFor = Callable[[Connection, str], Rules | None]
"""How the configuration of a digest reads and merges; None when it is not kept here."""


@dataclass(frozen=True, slots=True)
class Gathered:
    """What a merge was made from, opened: `contents` maps sources to the bytes they sent."""

    inputs: Inputs
    subject: Identity = field(repr=False)
    contents: Mapping[str, bytes] = field(repr=False)


@dataclass(frozen=True, slots=True)
class Gathering:
    """Opens stored evidence under a permit."""

    store: Store
    register: Register

    def gather(self, conn: Connection, permit: Permit, stored: StoredSnapshot) -> Gathered:
        """The evidence of one snapshot; `CannotRebuild` names everything that is not there."""
        try:
            inputs = Inputs.decode(self.store.open_inputs(conn, permit, stored))
        except VaultError as broken:
            id_ = str(stored.snapshot.id)
            raise CannotRebuild((Missing("snapshot", id_, str(broken)),)) from None
        missing: list[Missing] = []
        subject = None
        try:
            subject = self.register.identity(conn, permit, told_with=inputs.identity)
        except VaultError as broken:
            missing.append(Missing("identity", str(inputs.identity), str(broken)))
        contents: dict[str, bytes] = {}
        for told in inputs.told:
            found = None if told.raw is None else self._bytes(conn, permit, told.source, told.raw)
            if isinstance(found, Missing):
                missing.append(found)
            elif found is not None:
                contents[told.source] = found
        if missing or subject is None:
            raise CannotRebuild(tuple(missing))
        return Gathered(inputs, subject, contents)

    def _bytes(self, conn: Connection, permit: Permit, source: str, ref: RawRef) -> bytes | Missing:
        def missing(why: str) -> Missing:
            return Missing("raw_answer", f"{source}/{ref.id}", why)

        try:
            kept = self.store.report(conn, permit, ref.id)
        except VaultError as broken:
            return missing(f"it was altered ({broken})")
        if kept is None:
            return missing(f"it is gone; its SHA-256 was {ref.sha256}")
        if kept.raw.sha256 != ref.sha256:
            return missing("another answer stands in its place")
        return kept.raw.content


def rules_by(rules_for: RulesFor, conn: Connection, snapshot: Snapshot) -> Rules:
    """The rules of the configuration the snapshot was made by, or `CannotRebuild`."""
    digest = snapshot.config
    try:
        rules = rules_for(conn, digest)
    except ConfigError as wrong:
        why = f"{wrong}; {snapshot.code} made the snapshot by it"
        raise CannotRebuild((Missing("configuration", digest, why),)) from None
    if rules is None:
        why = "it is not kept here; give the folder it was read from (--config-of)"
        raise CannotRebuild((Missing("configuration", digest, why),))
    return rules


def rebuild(
    gathered: Gathered, rules: Rules, *, shown_at: datetime | None = None
) -> BorrowerProfile:
    """The whole profile, all scopes that were asked for; what may be shown of it is not decided.

    But for its age: what the law lets nobody show at `shown_at` is left out.
    """
    told, inputs = handed(gathered, rules), gathered.inputs
    return merge(
        told,
        gathered.subject,
        rules.merging,
        at=inputs.at,
        shown_at=shown_at,
        judgements=inputs.judgements,
        jurisdiction=inputs.jurisdiction,
        attribute_set=inputs.attribute_set,
        plan=inputs.plan,
    )


def handed(gathered: Gathered, rules: Rules) -> tuple[Heard, ...]:
    """What merging was handed for each source; `CannotRebuild` for a source nobody can read."""
    unread = sorted(gathered.contents.keys() - rules.readers.keys())
    if unread:
        why = "this build, or that configuration, has no such source"
        raise CannotRebuild(tuple(Missing("source", source, why) for source in unread))
    place = gathered.inputs.jurisdiction
    person = rules.merging.person.get(place)
    if person is None:
        why = "that configuration does not say how to tell its people apart"
        raise CannotRebuild((Missing("jurisdiction", place, why),))
    return tuple(
        _heard(told, gathered.contents.get(told.source), gathered.subject, rules, person)
        for told in gathered.inputs.told
    )


def _heard(
    told: Told, content: bytes | None, subject: Identity, rules: Rules, person: PersonRules
) -> Heard:
    """One source's part as merging was handed it."""
    if told.raw is None or content is None:
        return Heard(told.line(told.outcome, told.reason))
    try:
        said = rules.readers[told.source](told.raw.answer(content))
        found = understand(said, subject, frozenset(told.scopes), person)
    except SourceError as error:
        return Heard(told.line(*failure(error)))
    except Exception:  # noqa: BLE001 - as when it was fetched: a reader's defect costs its source
        return Heard(told.line(*failure(SourceBrokeContract(told.source, READER_FAILED))))
    answered = Outcome.REUSED if told.reused else Outcome.REPORT
    word = Outcome.NO_HIT if isinstance(found.said, NoHit) else answered
    return brought(told.line(word), found.said, found.judgement)
