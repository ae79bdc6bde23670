"""A record its source marks as disputed says so wherever it counts (征信业管理条例 art. 25).

The mark and the subject's statement stay with the record, as its annotations; here everything
that was concluded from it names it once more, down to each signal and the basis of each attribute.
"""

from collections.abc import Collection, Iterable
from dataclasses import replace
from typing import Any, TypeVar

from connectors.records import Record
from gateway.profile import ProfileTradeline, SharedBasis, SignalResult
from gateway.profile.concluded import Evidence, Stated

Resting = TypeVar("Resting", Stated[Any], SignalResult)
Marked = TypeVar("Marked", Stated[Any], SignalResult, SharedBasis)

_DISPUTE = "dispute"


def disputed(record: Record) -> bool:
    """Its source says that the subject disputes it."""
    notes = getattr(record, "annotations", ())
    return bool(notes) and any(note.kind == _DISPUTE for note in notes)


def on_line(line: ProfileTradeline, marked: Collection[Evidence]) -> ProfileTradeline:
    """The account, with those of its records that are disputed; itself when none is."""
    found = tuple(one for one in line.records if one in marked)
    return ProfileTradeline.of({**vars(line), "disputed": found}) if found else line


def on_each(some: Iterable[Resting], marked: Collection[Evidence]) -> tuple[Resting, ...]:
    """Things that rest on records, each with those that are disputed."""
    return tuple(_on(one, one.basis, marked) for one in some) if marked else tuple(some)


def on_bases(some: Iterable[SharedBasis], marked: Collection[Evidence]) -> tuple[SharedBasis, ...]:
    """What attributes rest on, likewise."""
    return tuple(_on(one, one.records, marked) for one in some) if marked else tuple(some)


def _on(one: Marked, records: Iterable[Evidence], marked: Collection[Evidence]) -> Marked:
    found = tuple(evidence for evidence in records if evidence in marked)
    return replace(one, disputed=found) if found else one
