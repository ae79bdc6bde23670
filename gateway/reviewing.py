"""A person looks at a profile and rules: these are one account, these are not, this is not mine.

Each call is one unit of the journal, under whichever consent of today covers the snapshot that
was looked at: the ruling and its entry become durable together, and count from the next pull on.
What was ruled is read from the sealed snapshot, never from the caller: which accounts the records
are of, and how alike the facts were at the time. What the law lets nobody show any more is not
there to be ruled on; a ruling of before names records and holds nothing they say.
"""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from typing import Any, TypeVar
from uuid import UUID

import orjson

from connectors.money import Money, PartialDate
from connectors.records import AccountKind
from consent import canonical
from consent.audit.catalogue import EventType, Trail
from consent.decision import Permit, Refusal
from consent.errors import Conflict, InvalidInput, NotFound
from consent.ids import uuid7
from consent.journal import Tx
from consent.subject import Act, Ask, Scope, SubjectRef
from consent.vault.record import Vault
from gateway import entries
from gateway.disclosing import Disclosing
from gateway.profile.concluded import Evidence
from gateway.resolve.judged import name_of
from gateway.resolve.loan import FAMILY
from gateway.store.rulings import About, Done, RuledFor, Ruling, Rulings, UndoneFor
from gateway.store.snapshots import Store, StoredSnapshot

T = TypeVar("T")


@dataclass(frozen=True, slots=True, kw_only=True)
class ReviewRequest:
    """Who looks at what of one subject, and what for. `name` is the subject's in the audit log."""

    trail: Trail
    subject: SubjectRef
    name: str
    purpose: str


@dataclass(frozen=True, slots=True, kw_only=True)
class RuleRequest(ReviewRequest):
    """What is ruled: about two `records` or one `report`. `snapshot` is the one looked at."""

    same: bool
    reason: RuledFor
    records: tuple[Evidence, Evidence] | None = field(default=None, repr=False)
    report: tuple[str, str] | None = field(default=None, repr=False)
    snapshot: UUID | None = None
    reviewer: str | None = None


@dataclass(frozen=True, slots=True)
class Reviewing:
    """Rules, lists and undoes."""

    disclosing: Disclosing
    store: Store
    rulings: Rulings
    vault: Vault

    def rule(self, tx: Tx, request: RuleRequest) -> Ruling | Refusal:
        """Keep a ruling.

        `InvalidInput` for what the snapshot does not hold, `Conflict` for a pair or a report that
        was ruled on before and not undone.
        """
        stored = self._looked_at(tx, request, request.snapshot)
        permit = self._permit(tx, request, stored)
        if isinstance(permit, Refusal):
            return permit
        about = self._about(tx, request, permit, stored)
        for earlier in self.rulings.of_subject(tx.conn, permit):
            if earlier.undone is None and _one_thing(earlier.about, about):
                raise Conflict(f"ruled on before, as {earlier.id}; undo that first")
        done = Done(tx.at, request.trail.actor.id, request.reason.value)
        ruling = Ruling(uuid7(tx.at), about, done)
        self.rulings.add(tx, permit, ruling)
        facts = {**_facts(ruling), "snapshot": str(stored.snapshot.id)}
        self._note(tx, request, permit, EventType.LINK_JUDGED, ruling, facts=facts)
        return ruling

    def listed(self, tx: Tx, request: ReviewRequest) -> list[Ruling] | Refusal:
        """The rulings about the subject, also those that were undone.

        Each only if consents of today cover what it is about, whatever the newest snapshot holds.
        Each consent that the reply rests on has its entry; the first is that of this snapshot.
        """
        permit = self._permit(tx, request, self._looked_at(tx, request, None))
        if isinstance(permit, Refusal):
            return permit
        shown: list[Ruling] = []
        rests_on = [(permit, "")]
        for ruling in self.rulings.of_subject(tx.conn, permit):
            permits = self._covered(tx, request, ruling.about)
            if isinstance(permits, Refusal):
                continue
            shown.append(ruling)
            rests_on += [(one, str(ruling.id)) for one in permits]
        self._note_read(tx, request, rests_on)
        return shown

    def undo(
        self, tx: Tx, request: ReviewRequest, id_: UUID, reason: UndoneFor
    ) -> Ruling | Refusal:
        """Take a ruling back: from the next pull on the facts decide again. Once only."""
        permit = self._permit(tx, request, self._looked_at(tx, request, None))
        if isinstance(permit, Refusal):
            return permit
        found = {one.id: one for one in self.rulings.of_subject(tx.conn, permit)}
        ruling = found[id_]
        permits = self._noted(tx, request, self._covered(tx, request, ruling.about))
        if isinstance(permits, Refusal):
            return permits
        first, *_ = permits
        if ruling.undone is not None:
            raise Conflict("undone before")
        done = Done(tx.at, request.trail.actor.id, reason.value)
        self.rulings.undo(tx, first, id_, done)
        undone = Ruling(id_, ruling.about, ruling.made, done)
        self._note(tx, request, first, EventType.LINK_UNDONE, undone, facts=_facts(ruling))
        others = [(one, str(id_)) for one in permits if one.grant.id != first.grant.id]
        self._note_read(tx, request, others)  # what was ruled is shown, too
        return undone

    # -- the parts ----------------------------------------------------------------------------

    def _looked_at(self, tx: Tx, request: ReviewRequest, id_: UUID | None) -> StoredSnapshot:
        member, subject = request.trail.member, request.subject
        if id_ is not None:
            found = self.store.snapshot(tx.conn, member, subject, id_)
        else:
            found = self.store.snapshot_as_of(tx.conn, member, subject, tx.at)
        if found is None:
            raise NotFound("no such profile of this subject")
        return found

    def _permit(self, tx: Tx, request: ReviewRequest, stored: StoredSnapshot) -> Permit | Refusal:
        return self._noted(tx, request, self.disclosing.covering(tx, stored, request.purpose))

    def _covered(
        self, tx: Tx, request: ReviewRequest, about: About
    ) -> tuple[Permit, ...] | Refusal:
        """A permit of today for each of the ruling's sources, the refusal if one lacks it."""
        member, subject, scopes = request.trail.member, request.subject, frozenset(about.scopes)
        verdicts = [
            self.disclosing.reading(
                tx, Ask(member, subject, source, request.purpose, scopes, Act.READ)
            )
            for source in sorted(about.sources)
        ]
        refusal = next((one for one in verdicts if isinstance(one, Refusal)), None)
        return refusal or tuple(one for one in verdicts if isinstance(one, Permit))

    def _noted(self, tx: Tx, request: ReviewRequest, verdict: T | Refusal) -> T | Refusal:
        """The verdict; a refusal is on record."""
        if isinstance(verdict, Refusal):
            kind = EventType.LINK_DENIED
            tx.note(entries.refused(request.trail, verdict, request.name, kind, tx.at))
        return verdict

    def _about(self, tx: Tx, request: RuleRequest, permit: Permit, stored: StoredSnapshot) -> About:
        if request.report is not None:
            lines = self._shown(tx, permit, stored, "sources")["lines"]
            named = ((one, (one["source"], one.get("report_id"))) for one in lines)
            judged = next((one for one, name in named if name == request.report), None)
            if judged is None:
                raise InvalidInput("/report", "a report of the snapshot: source/report_id")
            scopes = permit.ask.scopes.intersection(map(Scope, judged["scopes"]))
            if not scopes:
                raise InvalidInput("/report", "a report of a scope that the consent covers")
            return About(
                same=request.same,
                scopes=tuple(sorted(scopes)),
                report="/".join(request.report),
                score=judged.get("judgement", {}).get("score"),
                reviewer=request.reviewer,
            )
        if request.records is None:
            raise AssertionError("a request is about records or a report")
        if Scope.TRADELINES not in permit.ask.scopes:
            raise InvalidInput("/records", "records of a consent that covers tradelines")
        section = self._shown(tx, permit, stored, "tradelines")
        one, other = (_account(section, evidence) for evidence in request.records)
        if one.name == other.name:
            raise InvalidInput("/records", "records of two accounts; these have one name")
        if request.same and (one.family, one.currency) != (other.family, other.currency):
            raise InvalidInput("/records", "accounts of one family and currency")
        return About(
            same=request.same,
            scopes=(Scope.TRADELINES,),
            records=tuple(sorted(map(str, request.records))),
            names=tuple(sorted((one.name, other.name))),
            score=_score(section, request.records),
            reviewer=request.reviewer,
        )

    def _shown(
        self, tx: Tx, permit: Permit, stored: StoredSnapshot, name: str
    ) -> Mapping[str, Any]:
        """A section as the law lets it be shown now: nobody rules on what is over its term."""
        showing = self.disclosing.showing
        shown = showing.sections(tx.conn, permit, stored, [name], at=tx.at).sections
        section: Mapping[str, Any] = orjson.loads(shown.get(name, b"{}"))
        return section

    def _note_read(
        self, tx: Tx, request: ReviewRequest, rests_on: Iterable[tuple[Permit, str]]
    ) -> None:
        """An entry for each consent, with the ids of the rulings that were shown under it."""
        found: dict[UUID, tuple[Permit, dict[str, None], set[Scope]]] = {}
        for permit, id_ in rests_on:
            _, ids, scopes = found.setdefault(permit.grant.id, (permit, {}, set()))
            ids |= {id_: None} if id_ else {}
            scopes |= permit.ask.scopes
        for permit, ids, scopes in found.values():
            tx.note(
                entries.under(
                    request.trail, permit, request.name, EventType.LINK_READ, tx.at,
                    facts={"links": " ".join(ids)}, source=False, scopes=scopes,
                )
            )  # fmt: skip

    def _note(
        self,
        tx: Tx,
        request: ReviewRequest,
        permit: Permit,
        kind: EventType,
        ruling: Ruling,
        *,
        facts: Mapping[str, str | int],
    ) -> None:
        """The entry; which records it is about, and who looked, only in its sealed detail."""
        id_, about = uuid7(tx.at), ruling.about
        detail = self.vault.seal_detail(
            tx.conn,
            member=permit.ask.member,
            subject=permit.ask.subject,
            entry_id=id_,
            plaintext=canonical.encode(
                {"of": [*about.records] or [about.report], "reviewer": about.reviewer}
            ),
        )
        done = ruling.undone or ruling.made
        tx.note(
            entries.under(
                request.trail, permit, request.name, kind, tx.at,
                reason=done.reason, facts=facts, id_=id_, detail=detail, source=False,
            )
        )  # fmt: skip


def _facts(ruling: Ruling) -> dict[str, str | int]:
    about = ruling.about
    facts: dict[str, str | int] = {
        "link": str(ruling.id),
        "about": "report" if about.report else "records",
        "verdict": "same" if about.same else "different",
    }
    return facts if about.score is None else {**facts, "score": about.score}


def _one_thing(one: About, other: About) -> bool:
    return one.report == other.report if one.report or other.report else one.pair == other.pair


@dataclass(frozen=True, slots=True)
class _Account:
    name: str
    family: str
    currency: str | None


def _account(section: Mapping[str, Any], evidence: Evidence) -> _Account:
    """What the source of a record calls its account, read from what the profile keeps of it."""
    text = str(evidence)
    line = next((one for one in section.get("lines", ()) if text in one["records"]), None)
    kind = None if line is None else _said(line.get("kind"), text)
    if line is None or kind is None:
        raise InvalidInput("/records", "records of the snapshot's tradelines that are no mere copy")
    refs = (_said(one, text) for one in line.get("account_refs", ()))
    amount, opened = _said(line.get("original_amount"), text), _said(line.get("opened"), text)
    currency = _said(line.get("currency"), text)
    name = name_of(
        evidence.source,
        currency=currency,
        ref=next((ref for ref in refs if ref), None),
        opened=PartialDate.parse(opened) if opened else None,
        amount=Money(**amount) if amount else None,
    )
    if name is None:
        raise InvalidInput("/records", "records with an account number or an opening date")
    return _Account(name, FAMILY[AccountKind(kind)], currency)


def _said(concluded: Mapping[str, Any] | None, evidence: str) -> Any:  # noqa: ANN401 - any value
    """What one record said, which a conclusion keeps whether it was chosen or rejected."""
    if concluded is None:
        return None
    if evidence in concluded["basis"]:
        return concluded["value"]
    rejected = concluded.get("against", ())
    return next((one["value"] for one in rejected if one["evidence"] == evidence), None)


def _score(section: Mapping[str, Any], records: tuple[Evidence, Evidence]) -> int | None:
    """How alike the facts were, where these two were compared."""
    wanted = {str(one) for one in records}
    matches = [one for line in section.get("lines", ()) for one in line.get("matches", ())]
    for match in (*matches, *section.get("doubts", ())):
        if {match["one"], match["other"]} == wanted:
            score: int | None = match.get("score")
            return score
    return None
