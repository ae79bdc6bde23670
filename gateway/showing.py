"""A stored profile as the law lets it be shown now: step (7) of every later read.

A snapshot is never changed, the law goes on: adverse information whose term ended since it was
made may not be shown any more, nor counted. Such a snapshot is merged again from its evidence by
the configuration of its day, as of its instant, less what is over today; nothing else differs, as
far as this build merges as the one did that made it: which one merged what is shown is told. The
sealed section `withheld` says through which day a snapshot may be shown as it is.
"""

from collections.abc import Collection, Mapping
from dataclasses import dataclass, field
from datetime import date, datetime, timedelta

import orjson
from sqlalchemy import Connection

from consent.decision import Permit
from gateway.profile import encoded
from gateway.rebuild import Gathering, RulesFor, rebuild, rules_by
from gateway.store.snapshots import SALT, Store, StoredSnapshot, TakesLong

_WITHHELD = "withheld"


@dataclass(frozen=True, slots=True)
class Shown:
    """Sections, in clear. `merged_by` is the build that merged them again, None if none did.

    `secret` is what replies about the snapshot are salted by (`gateway.reply.salt_of`).
    """

    sections: Mapping[str, bytes] = field(repr=False)
    merged_by: str | None = None
    secret: bytes | None = field(default=None, repr=False)


@dataclass(frozen=True, slots=True)
class Showing:
    """Opens sections under a permit; `code` is the name of this build.

    The law's days begin `utc_offset_h` hours before UTC's.
    """

    store: Store
    gathering: Gathering
    rules_for: RulesFor
    utc_offset_h: int
    code: str

    def sections(
        self,
        conn: Connection,
        permit: Permit,
        stored: StoredSnapshot,
        names: Collection[str],
        *,
        at: datetime,
        brief: bool = False,
    ) -> Shown:
        """The named sections as they may be shown at the instant `at`.

        `CannotRebuild` when something of them may not and the evidence to do without is gone:
        nothing is shown then. `TakesLong` where it has to be `brief` and is to be merged again.
        """
        merged_by = None
        opened = self.store.open_sections(conn, permit, stored, {*names, _WITHHELD, SALT})
        secret = opened.get(SALT)
        until = _shown_until(opened.get(_WITHHELD, b"{}"))
        if until is not None and (at + timedelta(hours=self.utc_offset_h)).date() > until:
            if brief:
                raise TakesLong
            rules = rules_by(self.rules_for, conn, stored.snapshot)
            profile = rebuild(self.gathering.gather(conn, permit, stored), rules, shown_at=at)
            opened = encoded(profile)
            merged_by = self.code
        seen = {name: opened[name] for name in names if name in opened}
        return Shown(seen, merged_by, secret)


def _shown_until(withheld: bytes) -> date | None:
    said = orjson.loads(withheld).get("shown_until")
    return None if said is None else date.fromisoformat(said)
