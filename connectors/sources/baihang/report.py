"""A Baihang report, block by block, as records."""

import re
from collections.abc import Callable, Iterator, Mapping
from datetime import UTC, datetime
from types import MappingProxyType

from connectors.errors import SourceBrokeContract
from connectors.money import PartialDate
from connectors.normalise import codes, report_number
from connectors.normalise.issues import Issues
from connectors.normalise.json_body import Json
from connectors.records import (
    Address,
    Employment,
    IdDocument,
    Identity,
    Inquiry,
    InquiryKind,
    IssueKind,
    NoHit,
    Record,
    Report,
)
from connectors.sources.baihang import aggregates
from connectors.sources.baihang.reading import CHINA, NAME, Reading, code_of

VERSION = "baihang/2018-2021"

_REASON_WORDS = codes.load(NAME).words("reason")
_REASONS = MappingProxyType({c: InquiryKind(word) for c, word in _REASON_WORDS.items()})
_TIME = re.compile(r"\d{4}-\d{2}-\d{2}[T ]\d{2}:\d{2}:\d{2}", re.ASCII)
_EMPTY: tuple[Json, ...] = (None, "", [], {})
_RESIDENT_ID = re.compile(r"\d{17}[\dX]", re.ASCII)  # GB 11643
_HEADER = frozenset({"reportId", "reportTime", "queryResult"})
_HISTORY = frozenset({"tenantType", "tenantName", "userId", "date", "reason"})
# Not read: the ask repeated, a column of a member's own table, and what `connector` looked at.
_ASIDE = frozenset({"name", "pid", "createTime", "errorCode", "errorMessage"})


def read(body: Mapping[str, Json]) -> Report | NoHit:
    """Turn the body into records; `SourceBrokeContract` names a field without which it cannot."""
    header = body.get("reportHeader")
    if not isinstance(header, dict):
        raise SourceBrokeContract(NAME, "missing", "reportHeader")
    as_of = _instant(header.get("reportTime"))
    report_id = report_number.read(header.get("reportId"))
    if report_id is None:
        raise SourceBrokeContract(NAME, "missing", "reportHeader.reportId")
    if not any(_says(body.get(block)) for block in _BLOCKS if block != "personalProfile"):
        return NoHit(source=NAME, as_of=as_of)

    reading = Reading(Issues(NAME), as_of.astimezone(CHINA).date())
    reading.known("", body, {*_BLOCKS, *_ASIDE, "reportHeader"})
    reading.known("reportHeader", header, _HEADER)
    for block in _BLOCKS:
        if block not in body and block != "workInfo":
            reading.issues.add(IssueKind.MISSING, block, "block absent")
    records = tuple(
        record for block, part in _BLOCKS.items() for record in part(reading, body.get(block))
    )
    return Report(
        source=NAME,
        report_id=report_id,
        as_of=as_of,
        version=VERSION,
        records=records,
        issues=reading.issues.drain(),
    )


def _instant(value: Json) -> datetime:
    if isinstance(value, str) and _TIME.fullmatch(value):
        try:
            return datetime.fromisoformat(value).replace(tzinfo=CHINA).astimezone(UTC)
        except (ValueError, OverflowError):  # no such day, or none in UTC
            pass
    raise SourceBrokeContract(NAME, "missing", "reportHeader.reportTime")


def _says(block: Json) -> bool:
    """Whether anything stands in a block, however deep its empty shell is."""
    held = block.values() if isinstance(block, dict) else (block,)
    return any(part not in _EMPTY for part in held)


def _profile(reading: Reading, value: Json) -> Iterator[Record]:
    where = "personalProfile"
    found = reading.object(where, value)
    name = reading.text(f"{where}.name", found.get("name"))
    pid = reading.text(f"{where}.pid", found.get("pid"))
    documents: tuple[IdDocument, ...] = ()
    if pid is not None and _RESIDENT_ID.fullmatch(pid.upper()):
        documents = (IdDocument(type="CN_RIC", number=pid.upper()),)
    elif pid is not None:
        reading.issues.bad_value(f"{where}.pid", pid, "a resident identity number")
    if name is not None or documents:
        yield Identity(
            source=NAME, record_id=where, as_of=reading.day, name=name, documents=documents
        )
    counts = {field: held for field, held in found.items() if field not in ("name", "pid")}
    yield from aggregates.metrics(reading, where, counts, aggregates.PROFILE)


def _homes(reading: Reading, value: Json) -> Iterator[Record]:
    for where, found in reading.items("homeInfo", value):
        reading.known("homeInfo", found, {"homeAddress", "date"})
        text = reading.text("homeInfo.homeAddress", found.get("homeAddress"))
        as_of = reading.past("homeInfo.date", found.get("date")) or reading.day
        if text is not None:
            yield Address(source=NAME, record_id=where, as_of=as_of, text=text)


def _works(reading: Reading, value: Json) -> Iterator[Record]:
    for where, found in reading.items("workInfo", value):
        reading.known("workInfo", found, {"workName", "workAddress", "date"})
        employer = reading.text("workInfo.workName", found.get("workName"))
        address = reading.text("workInfo.workAddress", found.get("workAddress"))
        as_of = reading.past("workInfo.date", found.get("date")) or reading.day
        if employer is not None or address is not None:
            yield Employment(
                source=NAME, record_id=where, as_of=as_of, employer=employer, address=address
            )


def _history(reading: Reading, value: Json) -> Iterator[Record]:
    for where, found in reading.items("queryHistory", value):
        # Known and left alone: userId, a member's clerk, whom we have no reason to know.
        reading.known("queryHistory", found, _HISTORY)
        on = reading.past("queryHistory.date", found.get("date"))
        if on is None:
            reading.issues.add(IssueKind.MISSING, "queryHistory.date", "inquiry without a day")
            continue
        reason, tenant = code_of(found.get("reason")), code_of(found.get("tenantType"))
        if reason not in _REASONS:
            reading.issues.unknown_code("queryHistory.reason", reason)
        if tenant:
            reading.issues.unknown_code("queryHistory.tenantType", tenant)
        yield Inquiry(
            source=NAME,
            record_id=where,
            as_of=reading.day,
            on=PartialDate(on.year, on.month, on.day),
            kind=_REASONS.get(reason, InquiryKind.OTHER),
            reason=_REASON_WORDS.get(reason, "unknown"),
            institution=reading.text("queryHistory.tenantName", found.get("tenantName")),
            institution_type=None,
        )


_BLOCKS: Mapping[str, Callable[[Reading, Json], Iterator[Record]]] = MappingProxyType(
    {
        "personalProfile": _profile,
        "homeInfo": _homes,
        "workInfo": _works,
        "nonRevolvingLoan": aggregates.loans(
            "nonRevolvingLoan", "non_revolving", aggregates.SUMMARY, aggregates.WINDOWS
        ),
        "revolvingLoan": aggregates.loans(
            "revolvingLoan", "revolving", aggregates.REVOLVING_SUMMARY, aggregates.REVOLVING_WINDOWS
        ),
        "queryHistory": _history,
    }
)
