"""A reply made again from the evidence of the snapshots it showed, as of any day.

Its entries in the log say what it told of which snapshots, and to whom; the evidence says the
rest. Nothing here opens anything or knows the time.
"""

from collections import Counter
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field
from datetime import datetime

from consent.audit.catalogue import EventType
from consent.subject import SubjectRef
from gateway.past.disclosures import Disclosure, Page, Value
from gateway.past.explain import UnknownPath
from gateway.past.explaining import Behind, explained, rendered
from gateway.past.pages import Seen, Unseen, page
from gateway.profile import BorrowerProfile, Withheld, encoded
from gateway.rebuild import CannotRebuild, Gathered, Missing, Rules, handed, rebuild
from gateway.reply import Reply, render, salt_of, visible
from gateway.showing import Shown
from gateway.store.snapshots import Snapshot, StoredSnapshot

Over = tuple[Withheld, ...]
"""Records that the law lets nobody show any more: how many, of whom, by which rule."""


@dataclass(frozen=True, slots=True)
class Opened:
    """A snapshot, what it was merged from, and the disclosure that showed it."""

    disclosure: Disclosure
    stored: StoredSnapshot
    gathered: Gathered
    rules: Rules
    secret: bytes | None = field(repr=False)

    @property
    def snapshot(self) -> Snapshot:
        """What is known of it without opening it."""
        return self.stored.snapshot

    @property
    def shown_at(self) -> datetime:
        """The instant of whose law it was shown by. A release was merged just then."""
        released = self.disclosure.type is EventType.PROFILE_RELEASE
        return self.gathered.inputs.at if released else self.disclosure.shown_at

    @property
    def merged_by(self) -> str | None:
        """The build that merged it again to show it, None if none did."""
        return self.disclosure.code if self.snapshot.id in self.disclosure.again else None

    @property
    def behind(self) -> Behind:
        """What an explanation of it looks up."""
        return Behind(self.rules, handed(self.gathered, self.rules))

    def profile(self, shown_at: datetime) -> BorrowerProfile:
        """All of it that the law lets anybody show at that instant."""
        return rebuild(self.gathered, self.rules, shown_at=shown_at)

    def seen(self, profile: BorrowerProfile, merged_by: str | None) -> Seen:
        """What the caller of then may see of this profile."""
        was, whole = self.disclosure, self.snapshot.scopes
        scopes = whole & was.scopes
        sections = {name: body for name, body in encoded(profile).items() if name in was.sections}
        shown = Shown(visible(sections, scopes, whole=whole, identified=was.identified), merged_by)
        salt = salt_of(self.secret, scopes, identified=was.identified)
        return Seen(self.snapshot, was.consent, scopes, shown, salt)


@dataclass(frozen=True, slots=True)
class Again:
    """A reply to `subject`'s lender made again: one of its entries, and the snapshots it showed."""

    was: Disclosure
    subject: SubjectRef
    opened: tuple[Opened, ...]

    def as_it_left(self) -> Reply:
        """The reply as it was shown then.

        `CannotRebuild` when nothing can be explained where the explained value was.
        """
        return self._reply(
            [one.seen(one.profile(one.shown_at), one.merged_by) for one in self.opened]
        )

    def as_shown(self, at: datetime, build: str, left: Reply) -> tuple[Reply | None, Over]:
        """`left` as the law lets it be shown at `at`, and the records it lets nobody show.

        There are none while that is all of `left`, else this `build` merged what is shown. An
        explanation is shown whole or not at all: what its path leads to now may be another thing.
        """
        # Never more than was shown, whatever a clock says.
        profiles = [one.profile(max(at, one.shown_at)) for one in self.opened]
        both = list(zip(self.opened, profiles, strict=True))
        try:
            same = self._reply([one.seen(profile, one.merged_by) for one, profile in both])
        except CannotRebuild:
            same = None
        if same is not None and same.sha256 == left.sha256:
            return left, ()
        over = _over(profiles)
        if isinstance(self.was.of, Value):
            return None, over
        return self._reply([one.seen(profile, build) for one, profile in both]), over

    def _reply(self, seen: Sequence[Seen]) -> Reply:
        """The reply, had this been seen of the snapshots it showed."""
        of = self.was.of
        if isinstance(of, Page):
            by_id = {one.id: one for one in seen}
            looked = [Unseen(id_, why) if why else by_id[id_] for id_, why in of.looked.items()]
            return page(self.subject, self.was.purpose, looked, limit=of.limit)
        (one,), (opened,) = seen, self.opened
        about, shown = (one.snapshot, one.consent, one.scopes), one.shown
        if of is None:
            return render(*about, shown.sections, merged_by=shown.merged_by, salt=one.salt)
        try:
            why = explained(
                shown.sections,
                of.path,
                opened.behind if of.dated else None,
                identified=opened.disclosure.identified,
            )
        except UnknownPath:
            gone = Missing("value", of.path, "the profile made again has none there to explain")
            raise CannotRebuild((gone,)) from None
        return rendered(*about, why, merged_by=shown.merged_by, salt=one.salt)


def _over(profiles: Iterable[BorrowerProfile]) -> Over:
    """What is withheld of all of them."""
    found: Counter[tuple[str, str, str]] = Counter()
    for profile in profiles:
        for one in profile.withheld.records if profile.withheld else ():
            found[one.source, one.rule, one.article] += one.records
    return tuple(Withheld(*about, records) for about, records in sorted(found.items()))
