"""What each record behind a profile says itself, as its caller may see it.

A record is laid out as the conclusions that would rest on it alone, so that what it says goes
through the same masks as the profile: a client that may not know who it is about learns no more
from an explanation than from the value explained.
"""

from collections.abc import Iterable, Mapping
from types import MappingProxyType
from typing import Any

import orjson
from pydantic import TypeAdapter

from connectors.records import Identity, Inquiry, Phone, Record, Tradeline, scope_of
from consent import canonical
from gateway.past.witness import Told
from gateway.profile import Heard
from gateway.profile.concluded import Evidence
from gateway.sections import without_identities

_CONCLUDED = (Identity, Inquiry, Phone, Tradeline)  # merged by their fields; others stand whole
_ADAPTERS: Mapping[type, TypeAdapter[Any]] = {one: TypeAdapter(one) for one in _CONCLUDED}
_ORIGIN = frozenset({"source", "record_id", "as_of"})
_SEVERAL = MappingProxyType(
    {"account_ref": "account_refs", "agreement_ref": "agreement_refs", "number": "phones"}
)
"""Fields whose values stand side by side under another name in a profile."""
_CALLED = MappingProxyType({"institution_type": "lender_type"})
"""Other fields with another name there."""


class Sayings:
    """The records of a snapshot, by the text of their evidence."""

    def __init__(self, heard: Iterable[Heard], *, identified: bool) -> None:
        self._identified = identified
        self._records = {
            str(Evidence(report.source, report.report_id, record.record_id)): record
            for report in (one.report for one in heard)
            if report is not None
            for record in report.records
        }

    def __call__(self, evidence: str) -> Told | None:
        """The day of the record, and what it says by the fields of the profile."""
        record = self._records.get(evidence)
        if record is None:
            return None
        if not isinstance(record, _CONCLUDED):
            return Told(record.as_of)
        scope = scope_of(record).value
        section = {scope: canonical.encode(_laid_out(record))}
        seen = section if self._identified else without_identities(section)
        return Told(record.as_of, orjson.loads(seen[scope]))


def _laid_out(record: Record) -> dict[str, Any]:
    """Each field as the conclusion, or the conclusions side by side, from this record alone."""
    body: dict[str, Any] = {}
    for name, value in _ADAPTERS[type(record)].dump_python(record, mode="json").items():
        if name in _ORIGIN or value is None or value == []:
            continue
        if name == "grid":
            body[name] = {"value": {"months": value}}
        elif name in _SEVERAL:
            body[_SEVERAL[name]] = [{"value": value}]
        elif isinstance(value, list):
            body[name] = [{"value": one} for one in value]
        else:
            body[_CALLED.get(name, name)] = {"value": value}
    return body
