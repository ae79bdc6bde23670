"""Everything that is not a tradeline: the identity, inquiries, and records kept as stated."""

from collections.abc import Sequence
from dataclasses import fields
from typing import Any, TypeVar

from connectors.records import Address, BureauScore, Employment, Identity, Inquiry, Phone
from gateway.merge.config import MergeRules
from gateway.merge.lines import chosen
from gateway.merge.rules import Group, Rank, latest_first, side_by_side
from gateway.profile import IdentitySection, ProfileInquiry
from gateway.profile.concluded import Held, Stated
from gateway.profile.rule_names import ONE_APPLICATION
from gateway.resolve.institutions import Institutions

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
    return type(record), *stated


def inquiries(
    held: Sequence[Held[Inquiry]], institutions: Institutions, rank: Rank
) -> tuple[ProfileInquiry, ...]:
    """Applications and reviews, newest first. One whose day or asker is unknown stands alone."""
    together: dict[object, list[Held[Inquiry]]] = {}
    for one in sorted(held, key=latest_first(rank)):
        record = one.record
        who = institutions.key(record.source, record.institution)
        alone = who is None or record.on.day is None
        why = "application" if record.kind.hard else record.kind
        key: object = one.evidence if alone else (who, why, record.on)
        together.setdefault(key, []).append(one)
    found = [_inquiry(group, institutions) for group in together.values()]
    return tuple(sorted(found, key=lambda one: (-one.on.latest().toordinal(), one.id)))


def _inquiry(group: Sequence[Held[Inquiry]], institutions: Institutions) -> ProfileInquiry:
    records = tuple(sorted(held.evidence for held in group))
    first = group[0].record
    listed = institutions.find(first.source, first.institution)
    return ProfileInquiry(
        id=records[0].local,
        on=first.on,
        kind=first.kind,
        hard=first.kind.hard,
        rule=ONE_APPLICATION,
        records=records,
        reasons=tuple(sorted({held.record.reason for held in group})),
        institution=listed.id if listed else None,
        lender=listed.name if listed else first.institution,
        lender_type=listed.type if listed else first.institution_type,
    )
