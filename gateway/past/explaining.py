"""Why a value of a stored profile is what it is, under a consent of today and on record.

What the caller may see is opened as for any read. The days of the records behind it, and what each
says itself, are not part of a profile: they are looked up in the stored answers, and left out when
these are gone. All of it is opened beside the writer (`gateway.beside`).
"""

from collections.abc import Mapping
from dataclasses import dataclass, field
from functools import partial
from typing import Any

import orjson
from pydantic import TypeAdapter
from sqlalchemy import Connection

from consent import canonical
from consent.audit.catalogue import ConsentStamp, EventType
from consent.decision import Permit, Refusal
from consent.errors import InvalidInput
from consent.ledger import stamp_of
from consent.subject import Scope
from gateway.disclosing import View
from gateway.looking import Looking, Told
from gateway.past.explain import UnknownPath, explain
from gateway.past.said import Sayings
from gateway.past.witness import Explanation
from gateway.profile import Heard
from gateway.rebuild import CannotRebuild, Gathering, Rules, RulesFor, handed, rules_by
from gateway.reply import Reply, render, reply_of, salt_of
from gateway.requests import ExplainRequest
from gateway.showing import Shown
from gateway.store.snapshots import Snapshot, StoredSnapshot

_PLAIN = TypeAdapter(Explanation)


@dataclass(frozen=True, slots=True)
class Behind:
    """What stands behind a profile: the rules it was merged by, and what each source told."""

    rules: Rules
    told: tuple[Heard, ...] = field(repr=False)


@dataclass(frozen=True, slots=True)
class Explaining:
    """Explains values of stored profiles."""

    looking: Looking
    gathering: Gathering
    rules_for: RulesFor

    async def explain(self, request: ExplainRequest) -> Reply | Refusal:
        """The explanation, in the place of the profile it is about.

        `InvalidInput` when there is nothing to explain at this path. The path leads into what this
        caller may see and nothing else, so what is there and hidden is answered as what is not
        there; and what is named are forms of paths, nothing that the profile holds. `VaultError`
        when the subject was erased.
        """
        tell = partial(self._tell, request)
        return await self.looking.told(request, tell, EventType.PROFILE_EXPLAINED)

    def _tell(
        self,
        request: ExplainRequest,
        view: View,
        stored: StoredSnapshot,
        permit: Permit,
        seen: Shown,
    ) -> Told:
        behind = self._behind(view.conn, stored, permit)
        try:
            found = explained(seen.sections, request.path, behind, identified=request.identified)
        except UnknownPath as unknown:
            forms = ", ".join(unknown.nearest)
            raise InvalidInput(
                "/explain", f"a JSON Pointer to what is in this profile; of such forms: {forms}"
            ) from None
        reply = rendered(
            stored.snapshot, stamp_of(permit.grant), permit.ask.scopes, found,
            merged_by=seen.merged_by,
            salt=salt_of(seen.secret, permit.ask.scopes, identified=request.identified),
        )  # fmt: skip
        return Told(reply, {"path": found.path, "dated": int(behind is not None)})

    def _behind(self, conn: Connection, stored: StoredSnapshot, permit: Permit) -> Behind | None:
        """None when the stored answers, or the configuration they were read by, are gone."""
        try:
            rules = rules_by(self.rules_for, conn, stored.snapshot)
            return Behind(rules, handed(self.gathering.gather(conn, permit, stored), rules))
        except CannotRebuild:
            return None


def explained(
    sections: Mapping[str, bytes], path: str, behind: Behind | None, *, identified: bool
) -> Explanation:
    """The explanation of what the path leads to in these sections, else `UnknownPath`.

    `identified` says whether the caller may see who it is about, as the sections do already.
    """
    plain: dict[str, Any] = {name: orjson.loads(body) for name, body in sections.items()}
    catalogue = plain.get("attributes", {}).get("catalogue")
    return explain(
        plain,
        path,
        told=Sayings(() if behind is None else behind.told, identified=identified),
        definitions={} if behind is None else _definitions(behind.rules, catalogue),
    )


def rendered(
    snapshot: Snapshot,
    consent: ConsentStamp,
    scopes: frozenset[Scope],
    found: Explanation,
    *,
    merged_by: str | None,
    salt: str | None,
) -> Reply:
    """The explanation in the place of the profile it is about."""
    empty = render(snapshot, consent, scopes, {}, merged_by=merged_by, salt=salt)
    plain = _PLAIN.dump_python(found, mode="json")
    return reply_of(canonical.encode({**orjson.loads(empty.body), "explanation": plain}))


def _definitions(rules: Rules, catalogue: str | None) -> dict[str, dict[str, Any]]:
    """What the attributes of the snapshot mean, by name."""
    found = rules.merging.attributes.by_name.get(catalogue or "")
    return {
        one.name: {
            "family": one.family,
            "unit": one.unit,
            "formula": one.formula,
            "window": one.window,
            "inputs": list(one.inputs),
            "missing": one.missing,
            "owner": one.owner,
        }
        for one in (() if found is None else found.attributes)
    }
