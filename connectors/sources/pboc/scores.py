"""Scores (数字解读) by the file: F501 asks, F502 answers, F201 and F202 say how far it is.

Sources: CCRC's query interface as far as its samples show it, and the client of a vendor of bank
front-ends. Up to 1,000,000 records (FBO003); scores run from 0 to 985 and are new each month.
"""

from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass, field
from datetime import date
from typing import Annotated, BinaryIO

from lxml import etree

from connectors import asking
from connectors.errors import SourceBrokeContract, SourceRejectedAsk
from connectors.records import BureauScore, Issue, IssueKind
from connectors.sources.pboc import batch, dictionary, elements
from connectors.sources.pboc.batch import FileHeader
from connectors.sources.pboc.elements import Tag
from connectors.sources.pboc.frame import Frame
from connectors.sources.pboc.issues import Issues
from connectors.sources.pboc.outcomes import REPORT, expect, outcome, settle
from connectors.sources.pboc.values import CODES, NULLS, Raw, Reading, read_of, vouched
from connectors.sources.pboc.walk import Element, parse
from consent.decision import Permit
from consent.identity import Identity
from consent.subject import Scope

REQUEST_FILE, RESULT_FILE = "F501", "F502"
STATE_REQUEST, STATE = "F201", "F202"
MOST_RECORDS = 1_000_000  # FBO003; for report queries by file, which we do not make, 2,000 (DBO003)

_LEAVES = dictionary.group("PSM/PC01").leaves  # the same values as in a report
_SCORE, _POSITION, _FACTOR = (read_of(_LEAVES[tag]) for tag in ("PC010Q01", "PC010Q02", "PC010D01"))
_DECLARATION = b'<?xml version="1.0" encoding="UTF-8"?>'
_RESULTS = CODES.words("F.x-SCORE")
_ID_CODES = {word: code for code, word in CODES.words("A.2").items()}
_KNOWN = frozenset(
    {
        *("RequestId", "ResultCode", "ResultDesc", "OriginateOrgCode", "OriginateUserCode"),
        *("Name", "IDType", "IDNum", "QueryReason", "ServiceCode", "ProductDate", "ResultType"),
        *("Score", "FactorNum", "FactorRecs", "Position", "ScoreDate"),
    }
)


@dataclass(frozen=True, slots=True, kw_only=True)
class Asker:
    """What all records of an F501 share. `reasons` maps purposes to codes A.4."""

    source: str
    originate_org: str
    originate_user: str
    service_code: str
    reasons: Mapping[str, str]

    def record(self, number: int, permit: Permit, subject: Identity) -> bytes:
        """One document of the file; SourceRejectedAsk when it may not or cannot be asked."""
        if Scope.SCORES not in permit.ask.scopes:
            raise SourceRejectedAsk(self.source, "scope_not_permitted", "the permit has no scores")
        reason = asking.reason(self.source, permit, self.reasons)
        id_type = _ID_CODES.get(subject.id_type)
        if id_type is None:
            raise SourceRejectedAsk(self.source, "id_type_unknown", "to list A.2")
        document = etree.Element("Document")
        message = etree.SubElement(document, "Msg")
        try:
            for tag, text in (
                ("RequestId", str(number)),
                ("OriginateOrgCode", self.originate_org),
                ("OriginateUserCode", self.originate_user),
                ("Name", subject.name),
                ("IDType", id_type),
                ("IDNum", subject.id_number),
                ("QueryReason", reason),
                ("ServiceCode", self.service_code),
            ):
                etree.SubElement(message, tag).text = text
        except ValueError:  # lxml quotes nothing, but the cause would hold the text
            raise SourceRejectedAsk(self.source, "name_unwritable", "in XML") from None
        return _DECLARATION + etree.tostring(document, encoding="utf-8")


@dataclass(frozen=True, slots=True, kw_only=True)
class ScoreAnswer:
    """One record of F502.

    `request_id` is the number of the ask in its file, as CCRC repeats it. `outcome` is our word
    for the result code, None for an unknown one; `result` says why there is a score or none.
    """

    request_id: str
    code: str
    outcome: str | None
    result: str | None
    name: str = field(repr=False)
    id_number: str = field(repr=False)
    score: BureauScore | None
    issues: tuple[Issue, ...] = ()


@dataclass(frozen=True, slots=True, kw_only=True)
class StateAsk:
    """F201: how far CCRC is with a file."""

    file_name: Annotated[str, Tag("FileName")]


@dataclass(frozen=True, slots=True, kw_only=True)
class FileState:
    """F202: the state of a file (codes 8.3); `file_name` is the result's once there is one."""

    file_name: Annotated[str | None, Tag("FileName")]
    state: Annotated[str | None, Tag("StateCode", table="8.3")]
    description: Annotated[str | None, Tag("StateDesc")]


def write_asks(
    file: BinaryIO, header: FileHeader, asker: Asker, asks: Iterable[tuple[Permit, Identity]]
) -> int:
    """Write an F501 and return how many records it has; SourceRejectedAsk beyond `MOST_RECORDS`.

    Records are numbered from 1. What cannot be asked stops the file: a caller drops it and
    writes another. The header comes first and counts the records, so the caller knows them.
    """
    if header.file_type != REQUEST_FILE:
        raise ValueError(f"the header is not one of {REQUEST_FILE}")
    return batch.write(file, header, _documents(asker, asks))


def _documents(asker: Asker, asks: Iterable[tuple[Permit, Identity]]) -> Iterator[bytes]:
    for number, (permit, subject) in enumerate(asks, 1):
        if number > MOST_RECORDS:
            raise SourceRejectedAsk(asker.source, "too_many", f"over {MOST_RECORDS} (FBO003)")
        yield asker.record(number, permit, subject)


def read_answers(source: str, file: BinaryIO) -> tuple[FileHeader, Iterator[ScoreAnswer]]:
    """Open an F502: its header now, its records one by one as they are asked for.

    A record CCRC could not answer says so and the next one follows. SourceBrokeContract, then
    or later, when the file itself is not what it should be; what came before it counts.
    """
    header = batch.read_header(source, file)
    if header.file_type != RESULT_FILE:
        raise SourceBrokeContract(source, "wrong_message_type", f"expected {RESULT_FILE}")
    return header, _answers(source, file, header.sent_at.date())


def _answers(source: str, file: BinaryIO, today: date) -> Iterator[ScoreAnswer]:
    for number, document in enumerate(batch.read_documents(source, file), 1):
        if number > MOST_RECORDS:
            raise SourceBrokeContract(source, "too_many", f"over {MOST_RECORDS} records (FBO003)")
        message = elements.message_of(source, parse(source, document))
        yield _answer(source, message, number, today)


def _answer(source: str, message: Element, number: int, today: date) -> ScoreAnswer:
    issues = Issues(source)
    raw = _texts(message, issues)
    code = _text(raw, "ResultCode")
    word = outcome(code)
    if word is None:
        issues.unknown_code("ResultCode", code)
    kind = _text(raw, "ResultType")
    result = _RESULTS.get(kind)
    if kind and result is None:
        issues.unknown_code("ResultType", kind)
    score = None
    if word == REPORT and result == "scored":
        reading = Reading(source, today, today.isoformat(), issues)
        score = _score(reading, message, raw, f"Msg[{number}]")
    elif _text(raw, "Score"):
        issues.add(IssueKind.CONTRADICTION, "Score", "although there should be none")
    return ScoreAnswer(
        request_id=_text(raw, "RequestId"),
        code=code,
        outcome=word,
        result=result,
        name=_text(raw, "Name"),
        id_number=_text(raw, "IDNum"),
        score=score,
        issues=issues.drain(),
    )


def _texts(message: Element, issues: Issues) -> Raw:
    """The texts in `message` by tag; what is said twice is not said."""
    raw: dict[str, str | None] = {}
    for child in message:
        tag = str(child.tag)
        if tag not in _KNOWN:
            issues.unknown_field("Msg", tag)
        elif tag in raw and tag != "FactorRecs":
            issues.add(IssueKind.DUPLICATE, tag, "repeated")
            raw[tag] = None
        else:
            raw[tag] = child.text
    return raw


def _score(reading: Reading, message: Element, raw: Raw, record_id: str) -> BureauScore | None:
    """The score; None, counted, when it is missing or not from 0 to 985."""
    issues = reading.issues
    value = reading.one("Score", raw.get("Score"), _SCORE)
    if value is None:
        issues.add(IssueKind.MISSING, "Score", "although the result says there is one")
        return None
    texts = [factor.text for factor in message.iterfind("FactorRecs/Factor")]
    said = _text(raw, "FactorNum")
    if said and said != str(len(texts)):
        issues.add(IssueKind.CONTRADICTION, "FactorNum", "not the number of Factor")
    factors = [reading.one("Factor", text, _FACTOR) for text in texts]
    made = reading.one("ScoreDate", raw.get("ScoreDate"), vouched)
    if made is not None and made > reading.today:
        issues.bad_value("ScoreDate", _text(raw, "ScoreDate"), "a day up to the file's")
        made = None
    return BureauScore(
        source=reading.source,
        record_id=record_id,
        as_of=made or reading.today,
        product="digital_interpretation",
        value=value,
        percentile=reading.one("Position", raw.get("Position"), _POSITION),
        factors=tuple(factor for factor in factors if factor is not None),
    )


def _text(raw: Raw, tag: str) -> str:
    bare = (raw.get(tag) or "").strip()
    return "" if bare in NULLS else bare


def write_state_ask(query_org: str, user_code: str, password: str, ask: StateAsk) -> bytes:
    """The body of an F201."""
    document = etree.Element("Document")
    elements.login(document, "QueryOrgCode", query_org, user_code, password)
    elements.write(etree.SubElement(document, "Msg"), ask)
    return etree.tostring(document, encoding="UTF-8", xml_declaration=True)


def read_state(source: str, frame: Frame) -> tuple[FileState, tuple[Issue, ...]]:
    """Open an F202; a result code that says no is a SourceError of `outcomes`."""
    expect(source, frame, STATE)
    body = elements.message_of(source, parse(source, frame.body))
    settle(source, elements.take_result(source, body))
    issues = Issues(source)
    return elements.read(source, body, FileState, issues), issues.drain()
