"""The identity, and records that are kept as they are stated."""

from collections.abc import Sequence
from dataclasses import fields
from typing import Any, TypeVar

from connectors.records import Address, BureauScore, Employment, Identity, Phone
from gateway.merge.config import MergeRules
from gateway.merge.lines import chosen
from gateway.merge.rules import Group, Rank, latest_first, side_by_side
from gateway.profile import IdentitySection
from gateway.profile.concluded import Held, Stated

R = TypeVar("R")


def identity(
    identities: Sequence[Held[Identity]],
    phones: Sequence[Held[Phone]],
    addresses: Sequence[Held[Address]],
    employments: Sequence[Held[Employment]],
    rules: MergeRules,
) -> tuple[IdentitySection, list[str]]:
    """Who the sources say it is; also the fields in which they contradict each other."""
    known, contested = chosen(Group(identities), rules.identity_lots)
    rank = rules.ranking
    identities = sorted(identities, key=latest_first(rank))
    phones = sorted(phones, key=latest_first(rank))
    section = IdentitySection(
        **known,
        documents=side_by_side(identities, [one.record.documents for one in identities]),
        phones=side_by_side(phones, [(one.record.number,) for one in phones]),
        addresses=as_stated(addresses, rank),
        employments=as_stated(employments, rank),
    )
    return section, contested


def as_stated(held: Sequence[Held[R]], rank: Rank) -> tuple[Stated[R], ...]:
    """Records that say the very same, by whichever source and day, are one; the newest stands.

    A bureau's score is its own: nobody else's can be the same.
    """
    alike: dict[object, list[Held[R]]] = {}
    for one in sorted(held, key=latest_first(rank)):
        alike.setdefault(_facts(one.record), []).append(one)
    return tuple(
        Stated(group[0].record, tuple(one.evidence for one in group)) for group in alike.values()
    )


_ORIGIN = frozenset({"source", "record_id", "as_of"})


def _facts(record: Any) -> tuple[object, ...]:  # noqa: ANN401 - any record type
    apart = _ORIGIN - {"source"} if isinstance(record, BureauScore) else _ORIGIN
    stated = (getattr(record, f.name) for f in fields(record) if f.name not in apart)
    return tuple(stated)
