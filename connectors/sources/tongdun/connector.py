"""Asking Tongdun, and telling a report from a failure and from nothing."""

import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from datetime import UTC, datetime

from connectors.base import SourceSettings
from connectors.errors import SourceBrokeContract, SourceUnavailable
from connectors.http import RawAnswer, SourceClient
from connectors.normalise import json_body, report_number
from connectors.normalise.issues import Issues
from connectors.normalise.json_body import Json
from connectors.partner import Door, door
from connectors.records import BureauScore, NoHit, Record, Report
from connectors.sources.tongdun import items
from connectors.sources.tongdun.reading import CHINA, NAME, TABLES, Reading
from consent.data_items import DataItem
from consent.decision import Permit
from consent.identity import Identity

VERSION = "tongdun/preloan"

_ITEMS = frozenset(
    {
        DataItem.CREDIT_SUMMARIES,
        DataItem.INQUIRY_SUMMARIES,
        DataItem.ENFORCEMENT,
        DataItem.BUREAU_SCORES,
        DataItem.WARNING_LISTS,
        DataItem.BEHAVIOUR_SUMMARIES,
    }
)
_DECISIONS = TABLES.words("decision")
_REASON = re.compile(r"\d{1,6}", re.ASCII)
_BODY = frozenset(
    {
        "success", "application_id", "report_id", "apply_time", "report_time", "final_decision",
        "final_score", "address_detect", "risk_items",
    }
)  # fmt: skip
_ADDRESSES = frozenset({"id_card_address", "mobile_address"})


@dataclass(frozen=True, slots=True)
class Tongdun:
    """The connector."""

    door: Door
    name: str = NAME
    items: frozenset[DataItem] = _ITEMS

    async def fetch(self, permit: Permit, subject: Identity, *, at: datetime) -> RawAnswer:  # noqa: ARG002 - the request carries no time
        """Order one report."""
        return await self.door.ask(permit, subject)

    def read(self, raw: RawAnswer) -> Report | NoHit:
        """Read a report, or the word that there is none."""
        body = json_body.parse(NAME, raw.content)
        if body.get("success") is False:
            code = body.get("reason_code")
            known = isinstance(code, str) and _REASON.fullmatch(code)
            raise SourceUnavailable(NAME, f"reason_{code}" if known else "reason_unlisted")
        report_id, found = report_number.read(body.get("report_id")), body.get("risk_items")
        if body.get("success") is not True or report_id is None:
            raise SourceBrokeContract(NAME, "missing", "success or report_id")
        as_of = _instant(body.get("report_time"))
        if found is None or found == []:
            return NoHit(source=NAME, as_of=as_of)
        reading = Reading(Issues(NAME), as_of.astimezone(CHINA).date())
        reading.known("", body, _BODY)
        address = reading.object("address_detect", body.get("address_detect"))
        reading.known("address_detect", address, _ADDRESSES)
        return Report(
            source=NAME,
            report_id=report_id,
            as_of=as_of,
            version=VERSION,
            records=(*_score(reading, body), *items.records(reading, found)),
            issues=reading.issues.drain(),
        )


def build(client: SourceClient, settings: SourceSettings) -> Tongdun:
    """Make the connector from its options and the secret `key`."""
    return Tongdun(door(client, settings))


def _instant(value: Json) -> datetime:
    if isinstance(value, int) and not isinstance(value, bool):
        try:
            return datetime.fromtimestamp(value // 1000, CHINA).astimezone(UTC)
        except (ValueError, OverflowError, OSError):  # no such instant, or no such day in China
            pass
    raise SourceBrokeContract(NAME, "missing", "report_time")


def _score(reading: Reading, body: Mapping[str, Json]) -> Iterator[Record]:
    value = reading.count("final_score", body.get("final_score"))
    decision = reading.text("final_decision", body.get("final_decision"))
    if decision is not None and decision not in _DECISIONS:
        reading.issues.unknown_code("final_decision", decision)
    factors = tuple(word for word in (_DECISIONS.get(decision or ""),) if word)
    if value is not None or factors:
        yield BureauScore(
            source=NAME,
            record_id="final_score",
            as_of=reading.day,
            product="preloan",
            value=value,
            percentile=None,
            factors=factors,
        )
