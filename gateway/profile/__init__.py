"""What we conclude about a subject: each value, the rule that chose it, and its evidence.

A profile is sections. Those named like a scope hold what that scope covers and stand alone under
its key; `attributes`, `signals` and `conflicts` rest on several and name the scopes of each item,
`sources` and `issues` say how the profile came about. Identity data stands in `identity` only.
There are no floats; amounts are `Money`, dates keep their precision, and None is left out of the
JSON form, whose schema pydantic derives from these very classes.
"""

from collections.abc import Collection, Mapping
from dataclasses import dataclass
from typing import Any

import orjson
from pydantic import TypeAdapter

from consent import canonical
from consent.subject import Scope
from gateway.profile.accounts import (
    GridTold,
    InquirySection,
    MonthRun,
    PaymentGrid,
    ProfileInquiry,
    ProfileTradeline,
    TradelineSection,
)
from gateway.profile.concluded import Given
from gateway.profile.derived import (
    AdverseReason,
    AttributeSection,
    AttributeValue,
    Observed,
    ReasonSection,
    SharedBasis,
    SignalResult,
    SignalSection,
    SignalState,
)
from gateway.profile.making import (
    Conflict,
    ConflictSection,
    Heard,
    IssueSection,
    Judgement,
    Outcome,
    Reason,
    SourceLine,
    SourceSection,
    Verdict,
    Withheld,
    WithheldSection,
)
from gateway.profile.stated import (
    BehaviourSection,
    ContributionSection,
    IdentitySection,
    IncomeSection,
    PublicRecordSection,
    RegionSection,
    ScoreSection,
)

__all__ = [
    "AdverseReason",
    "AttributeSection",
    "AttributeValue",
    "BehaviourSection",
    "BorrowerProfile",
    "Conflict",
    "ConflictSection",
    "ContributionSection",
    "GridTold",
    "Heard",
    "IdentitySection",
    "IncomeSection",
    "InquirySection",
    "IssueSection",
    "Judgement",
    "MonthRun",
    "Observed",
    "Outcome",
    "PaymentGrid",
    "ProfileInquiry",
    "ProfileTradeline",
    "PublicRecordSection",
    "Reason",
    "ReasonSection",
    "RegionSection",
    "ScoreSection",
    "SharedBasis",
    "SignalResult",
    "SignalSection",
    "SignalState",
    "SourceLine",
    "SourceSection",
    "TradelineSection",
    "Verdict",
    "Withheld",
    "WithheldSection",
    "encoded",
    "project",
    "to_sections",
]


@dataclass(frozen=True, slots=True, kw_only=True, repr=False)
class BorrowerProfile:
    """The merged profile. A section is absent when nobody was asked for it or may see it."""

    identity: Given[IdentitySection] = None
    tradelines: Given[TradelineSection] = None
    inquiries: Given[InquirySection] = None
    public_records: Given[PublicRecordSection] = None
    scores: Given[ScoreSection] = None
    income_and_assets: Given[IncomeSection] = None
    contributions: Given[ContributionSection] = None
    behaviour: Given[BehaviourSection] = None
    region: Given[RegionSection] = None
    attributes: Given[AttributeSection] = None
    signals: Given[SignalSection] = None
    reasons: Given[ReasonSection] = None
    sources: Given[SourceSection] = None
    issues: Given[IssueSection] = None
    conflicts: Given[ConflictSection] = None
    withheld: Given[WithheldSection] = None


_ADAPTER = TypeAdapter(BorrowerProfile)

_RESTING_ON_SCOPES = {
    "attributes": ("values", "bases"),
    "signals": ("results",),
    "conflicts": ("conflicts",),
    "reasons": ("reasons",),
}
"""Sections whose items name the scopes they rest on, and where these items stand."""


def to_sections(profile: BorrowerProfile) -> dict[str, dict[str, Any]]:
    """Each section as plain data for `consent.canonical`; the same profile, the same data."""
    plain: dict[str, dict[str, Any]] = _ADAPTER.dump_python(profile, mode="json")
    return plain


def encoded(profile: BorrowerProfile) -> dict[str, bytes]:
    """Each section in its one byte form, as it is sealed and shown."""
    return {name: canonical.encode(plain) for name, plain in to_sections(profile).items()}


def project(sections: Mapping[str, bytes], scopes: Collection[Scope]) -> dict[str, bytes]:
    """Of encoded sections, the part that rests on these scopes alone.

    An attribute, signal or conflict that rests on more is left out whole, and so are the issues
    and what is said of withheld records: they speak of all that every source said.
    """
    allowed = {scope.value for scope in scopes}
    hidden = {scope.value for scope in Scope} - allowed
    if hidden:
        hidden |= {"issues", "withheld"}
    seen: dict[str, bytes] = {}
    for name, body in sections.items():
        lists = _RESTING_ON_SCOPES.get(name)
        if lists is not None:
            plain = orjson.loads(body)
            for items in lists:
                plain[items] = [item for item in plain[items] if allowed.issuperset(item["scopes"])]
            seen[name] = canonical.encode(plain)
        elif name not in hidden:
            seen[name] = body
    return seen
