"""Why a value of a stored profile is what it is, under a consent of today and on record.

What the caller may see is opened as for any read. The days of the records behind it are not part
of a profile: they are looked up in the stored answers, and left out when these are gone.
"""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date
from typing import Any

import orjson
from pydantic import TypeAdapter
from sqlalchemy import Connection

from consent import canonical
from consent.audit.catalogue import EventType
from consent.decision import Permit, Refusal
from consent.errors import InvalidInput, NotFound
from consent.journal import Tx
from consent.ledger import stamp_of
from gateway import entries
from gateway.disclosing import Disclosing
from gateway.past.explain import Explanation, UnknownPath, explain
from gateway.profile import Heard
from gateway.profile.concluded import Evidence
from gateway.rebuild import CannotRebuild, Gathering, Rules, RulesFor, handed, rules_by
from gateway.reply import Reply, render, reply_of
from gateway.requests import ExplainRequest
from gateway.store.snapshots import Store, StoredSnapshot

_PLAIN = TypeAdapter(Explanation)


@dataclass(frozen=True, slots=True)
class Explaining:
    """Explains values of stored profiles."""

    disclosing: Disclosing
    store: Store
    gathering: Gathering
    rules_for: RulesFor

    def explain(self, tx: Tx, request: ExplainRequest) -> Reply | Refusal:
        """The explanation, in the place of the profile it is about.

        `InvalidInput` when there is nothing to explain at this path. The path leads into what this
        caller may see and nothing else, so what is there and hidden is answered as what is not
        there; and what is named are forms of paths, nothing that the profile holds.
        """
        member = request.trail.member
        stored = self.store.snapshot_as_of(tx.conn, member, request.subject, request.as_of)
        if stored is None:
            raise NotFound("no profile of this subject at that instant")
        permit = self.disclosing.covering(tx, stored, request.purpose)
        if isinstance(permit, Refusal):
            return self.disclosing.deny(tx, request, permit)
        seen = self.disclosing.seen(tx, request, stored, permit)
        found = self._explained(tx.conn, request, stored, permit, seen)
        empty = render(stored.snapshot, stamp_of(permit.grant), permit.ask.scopes, {})
        plain = _PLAIN.dump_python(found, mode="json")
        reply = reply_of(canonical.encode({**orjson.loads(empty.body), "explanation": plain}))
        facts: dict[str, str | int] = {
            "snapshot": str(stored.snapshot.id),
            "path": found.path,
            "identified": int(request.identified),
            "reply_sha256": reply.sha256,
        }
        tx.note(
            entries.under(
                request.trail, permit, request.name, EventType.PROFILE_EXPLAINED, tx.at,
                facts=facts, source=False,
            )
        )  # fmt: skip
        return reply

    def _explained(
        self,
        conn: Connection,
        request: ExplainRequest,
        stored: StoredSnapshot,
        permit: Permit,
        seen: Mapping[str, bytes],
    ) -> Explanation:
        sections: dict[str, Any] = {name: orjson.loads(body) for name, body in seen.items()}
        try:
            rules = rules_by(self.rules_for, conn, stored.snapshot.config)
            told = handed(self.gathering.gather(conn, permit, stored), rules)
        except CannotRebuild:
            rules, told = None, ()
        catalogue = sections.get("attributes", {}).get("catalogue")
        try:
            return explain(
                sections,
                request.path,
                dated=_days(told),
                definitions=_definitions(rules, catalogue),
            )
        except UnknownPath as unknown:
            forms = ", ".join(unknown.nearest)
            raise InvalidInput("/explain", f"what the profile holds, by {forms}") from None


def _days(told: tuple[Heard, ...]) -> dict[str, date]:
    """The day of every record, by its evidence."""
    return {
        str(Evidence(report.source, report.report_id, record.record_id)): record.as_of
        for report in (one.report for one in told)
        if report is not None
        for record in report.records
    }


def _definitions(rules: Rules | None, catalogue: str | None) -> dict[str, dict[str, Any]]:
    """What the attributes of the snapshot mean, by name."""
    found = None if rules is None else rules.merging.attributes.by_name.get(catalogue or "")
    return {
        one.name: {
            "family": one.family,
            "formula": one.formula,
            "window": one.window,
            "inputs": list(one.inputs),
            "missing": one.missing,
            "owner": one.owner,
        }
        for one in (() if found is None else found.attributes)
    }
