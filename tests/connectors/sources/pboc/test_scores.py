"""Scores by the file: asked under permits, read one record at a time."""

import tracemalloc
from collections.abc import Iterator
from dataclasses import replace
from datetime import UTC, date, datetime, timedelta
from io import BytesIO, RawIOBase
from itertools import islice
from uuid import UUID

import pytest
from hypothesis import given
from hypothesis import strategies as st
from lxml import etree

from connectors.errors import SourceBrokeContract, SourceRejectedAsk, SourceUnavailable
from connectors.records import BureauScore
from connectors.sources.pboc import frame, scores
from connectors.sources.pboc.batch import FileHeader, FileName
from connectors.sources.pboc.scores import (
    Asker,
    FileState,
    ScoreAnswer,
    StateAsk,
    read_answers,
    read_state,
    write_asks,
    write_state_ask,
)
from consent.decision import Grant, Jurisdiction, Permit, State, decide
from consent.identity import Identity
from consent.subject import Ask, Scope, SubjectRef

NOON = datetime(2026, 3, 1, 4, tzinfo=UTC)
PERSON = Identity(name="测试甲", id_type="CN_RIC", id_number="999999199003071234")
NAME = FileName("A1000000000001", date(2026, 3, 1), "F501", 1)
REQUEST = FileHeader(NAME, NOON, "F501", "0000001")
RESULT = FileHeader(NAME, NOON, "F502", "0000001").encode()
ASKER = Asker(
    source="pboc",
    originate_org="A1000000000001",
    originate_user="officer7",
    service_code="FW_SZJD_0001",
    reasons={"loan_origination": "02"},
)
SCORED = {
    "RequestId": "1",
    "ResultCode": "AAA000",
    "ResultDesc": "查询成功",
    "Name": "测试甲",
    "IDType": "10",
    "IDNum": "999999199003071234",
    "ResultType": "40",
    "Score": "702",
    "FactorNum": "2",
    "FactorRecs": "<Factor>01</Factor><Factor>02</Factor>",
    "Position": ">60%",
    "ScoreDate": "2026-02-28",
}


def record(**changed: str | None) -> bytes:
    """One document of an F502, with elements changed or, by None, left out."""
    parts = {tag: text for tag, text in {**SCORED, **changed}.items() if text is not None}
    inner = "".join(f"<{tag}>{text}</{tag}>" for tag, text in parts.items())
    return f'<?xml version="1.0" encoding="UTF-8"?><Document><Msg>{inner}</Msg></Document>'.encode()


def answers(*documents: bytes) -> list[ScoreAnswer]:
    """What a whole file says."""
    _, found = read_answers("pboc", BytesIO(RESULT + b"\r\n".join(documents)))
    return list(found)


def permit(
    scopes: frozenset[Scope], purpose: str = "loan_origination", source: str = "pboc"
) -> Permit:
    """Earned from a grant of exactly `scopes`."""
    who = SubjectRef(UUID(int=1))
    grant = Grant(
        id=UUID(int=2),
        member="lender",
        subject=who,
        state=State.ACTIVE,
        seq=1,
        epoch=1,
        purpose=purpose,
        sources=frozenset({source}),
        scopes=scopes,
        separate_consents=frozenset(),
        consequence_notice=None,
        not_before=NOON - timedelta(days=1),
        expires_at=NOON + timedelta(days=1),
    )
    ask = Ask("lender", who, source, purpose, scopes)
    rules = {"CN": Jurisdiction("CN", sources=frozenset({source}))}
    verdict = decide(grant, ask, at=NOON, rules=rules)
    assert isinstance(verdict, Permit)
    return verdict


SCORES = permit(frozenset({Scope.SCORES}))


def test_a_request_file_numbers_its_records() -> None:
    """CCRC repeats the number, which is how a score finds its borrower."""
    file = BytesIO()
    other = replace(PERSON, name="测试<乙>")

    assert write_asks(file, REQUEST, ASKER, [(SCORES, PERSON), (SCORES, other)]) == 2
    head, *records, end = file.getvalue().split(b"\r\n")
    assert head + b"\r\n" == REQUEST.encode()
    assert end == b""
    parsed = [etree.fromstring(one) for one in records]
    assert [one.findtext("Msg/RequestId") for one in parsed] == ["1", "2"]
    assert [one.findtext("Msg/Name") for one in parsed] == ["测试甲", "测试<乙>"]
    assert [element.tag for element in parsed[0][0]] == [
        "RequestId", "OriginateOrgCode", "OriginateUserCode", "Name", "IDType", "IDNum",
        "QueryReason", "ServiceCode",
    ]  # fmt: skip


@pytest.mark.parametrize(
    ("held", "person", "reason"),
    [
        (permit(frozenset({Scope.TRADELINES})), PERSON, "scope_not_permitted"),
        (permit(frozenset({Scope.SCORES}), "monitoring"), PERSON, "purpose_unknown_to_source"),
        (permit(frozenset({Scope.SCORES}), source="baihang"), PERSON, "permit_for_another_source"),
        (SCORES, replace(PERSON, id_type="XX_NONE"), "id_type_unknown"),
        (SCORES, replace(PERSON, name="测试\x00甲"), "name_unwritable"),
    ],
)
def test_nobody_is_asked_about_without_a_fitting_permit(
    held: Permit, person: Identity, reason: str
) -> None:
    """A file of a million is a million questions, each with its own consent."""
    with pytest.raises(SourceRejectedAsk) as caught:
        write_asks(BytesIO(), REQUEST, ASKER, [(held, person)])

    assert caught.value.reason == reason
    assert person.id_number not in str(caught.value)


def test_a_request_file_has_a_bound(monkeypatch: pytest.MonkeyPatch) -> None:
    """CCRC refuses the whole file over one record too many (FBO003)."""
    monkeypatch.setattr(scores, "MOST_RECORDS", 2)
    write_asks(BytesIO(), REQUEST, ASKER, [(SCORES, PERSON)] * 2)

    with pytest.raises(SourceRejectedAsk, match="FBO003"):
        write_asks(BytesIO(), REQUEST, ASKER, [(SCORES, PERSON)] * 3)
    with pytest.raises(ValueError, match="F501"):
        write_asks(BytesIO(), replace(REQUEST, file_type="F502"), ASKER, [])


def test_a_scored_record_becomes_a_score() -> None:
    """Dated by the bureau's own date, in the words a report's score has."""
    (answer,) = answers(record())

    assert answer.issues == ()
    assert (answer.outcome, answer.result, answer.request_id) == ("report", "scored", "1")
    assert isinstance(answer.score, BureauScore)
    assert answer.score.record_id == "Msg[1]"
    assert answer.score.as_of == date(2026, 2, 28)
    assert (answer.score.value, answer.score.percentile) == (702, 60)
    assert len(answer.score.factors) == 2


def test_result_type_00_is_scored_too() -> None:
    """CCRC's sample shows it together with a score."""
    (answer,) = answers(record(ResultType="00"))
    assert answer.score is not None


@pytest.mark.parametrize("kind", ["10", "21", "22", "23", "24", "25", "26", "30"])
def test_without_a_score_the_reason_stays(kind: str) -> None:
    """No history is not a low score."""
    empty = dict.fromkeys(("Score", "FactorNum", "FactorRecs", "Position", "ScoreDate"))
    (answer,) = answers(record(ResultType=kind, **empty))

    assert (answer.score, answer.issues) == (None, ())
    assert answer.result not in (None, "scored")


@pytest.mark.parametrize("value", ["986", "-1", "702.5", "1e3", "１２", "", "null", "--"])
def test_what_is_no_score_is_none_and_an_issue(value: str) -> None:
    """Guessed, it would decide over somebody's loan."""
    (answer,) = answers(record(Score=value))

    assert answer.score is None
    assert answer.issues


@pytest.mark.parametrize("value", ["0", "985"])
def test_the_ends_of_the_range_are_scores(value: str) -> None:
    """0 to 985, both included."""
    (answer,) = answers(record(Score=value))
    assert answer.score is not None
    assert answer.score.value == int(value)


@pytest.mark.parametrize(
    "changed",
    [
        {"ResultType": "21"},
        {"ResultCode": "DBE004"},
        {"ResultCode": "ZZZ999"},
        {"ResultType": "99"},
    ],
)
def test_a_score_that_should_not_be_there_does_not_count(changed: dict[str, str]) -> None:
    """Two elements disagree; believing the nicer one is guessing."""
    (answer,) = answers(record(**changed))

    assert answer.score is None
    assert answer.issues


@pytest.mark.parametrize(
    ("changed", "where"),
    [
        ({"FactorNum": "3"}, "FactorNum"),
        ({"Position": "101%"}, "Position"),
        ({"ScoreDate": "2034-01-01"}, "ScoreDate"),
        ({"ScoreDate": "gestern"}, "ScoreDate"),
        ({"FactorRecs": "<Factor>Z9</Factor><Factor>01</Factor>"}, "Factor"),
        ({"Surprise": "x"}, "Msg.Surprise"),
    ],
)
def test_an_oddity_beside_the_score_is_named(changed: dict[str, str], where: str) -> None:
    """The score stands; what was odd is counted with its element."""
    (answer,) = answers(record(**changed))

    assert answer.score is not None
    assert [issue.where for issue in answer.issues] == [where]
    assert "999999" not in str(answer.issues)


def test_a_score_said_twice_is_none() -> None:
    """Taking the last of two would let whoever appends an element decide."""
    (answer,) = answers(record(Position=">60%</Position><Score>985</Score><Position>"))

    assert answer.score is None
    assert {issue.where for issue in answer.issues} == {"Position", "Score"}


def test_one_refused_record_does_not_stop_the_rest() -> None:
    """Somebody's wrong identity number is not the other borrowers' fault."""
    first, second = answers(record(ResultCode="DBE004", Score=None), record(RequestId="2"))

    assert (first.outcome, first.score) == ("rejected_ask", None)
    assert second.score is not None
    assert second.score.record_id == "Msg[2]"


def test_no_personal_value_is_in_the_repr() -> None:
    """A log of one answer in a million would still name a borrower."""
    (answer,) = answers(record())
    assert "测试甲" not in repr(answer)
    assert "999999" not in repr(answer)


@pytest.mark.parametrize(
    ("content", "reason"),
    [
        (REQUEST.encode(), "wrong_message_type"),
        (RESULT + b"<Document></Document>", "no_body"),
        (RESULT + b"<Document><Msg></Document>", "not_xml"),
        (RESULT + b"<!DOCTYPE a><Document></Document>", "doctype"),
    ],
)
def test_another_file_is_not_read(content: bytes, reason: str) -> None:
    """What is damaged in one place cannot be trusted in the next."""
    with pytest.raises(SourceBrokeContract) as caught:
        list(read_answers("pboc", BytesIO(content))[1])
    assert caught.value.reason == reason


def test_a_result_file_has_a_bound(monkeypatch: pytest.MonkeyPatch) -> None:
    """No request of ours has more; somebody else wrote it."""
    monkeypatch.setattr(scores, "MOST_RECORDS", 2)

    with pytest.raises(SourceBrokeContract) as caught:
        answers(record(), record(), record())
    assert caught.value.reason == "too_many"


class Endless(RawIOBase):
    """A file of records without end, made as it is read."""

    def __init__(self) -> None:
        self._rest = RESULT
        self._record = record() + b"\r\n"

    def readline(self, size: int | None = -1, /) -> bytes:
        line, self._rest = self._rest[:size], b""
        return line

    def read(self, size: int = -1, /) -> bytes:
        while len(self._rest) < size:
            self._rest += self._record * 64
        chunk, self._rest = self._rest[:size], self._rest[size:]
        return chunk


def test_the_size_of_a_file_does_not_show_in_memory() -> None:
    """A million records are a gigabyte; a gateway that holds them stops serving."""

    def peak(records: int) -> int:
        _, found = read_answers("pboc", Endless())  # type: ignore[arg-type]
        tracemalloc.start()
        assert sum(answer.score is not None for answer in islice(found, records)) == records
        _, most = tracemalloc.get_traced_memory()
        tracemalloc.stop()
        return most

    peak(50)  # what is loaded once is not the file's

    assert peak(3000) < 1_000_000 < 3000 * len(record())
    assert peak(3000) < peak(300) + 100_000


def test_asks_are_taken_one_by_one() -> None:
    """A list of a million permits would not fit either."""
    file = BytesIO()

    def asks() -> Iterator[tuple[Permit, Identity]]:
        for number in range(1, 101):
            assert file.getvalue().count(b"\r\n") == number  # the header and all before it
            yield SCORES, PERSON

    assert write_asks(file, REQUEST, ASKER, asks()) == 100


@given(st.dictionaries(st.sampled_from(sorted(SCORED)), st.text(max_size=12)))
def test_no_value_does_worse_than_an_issue(changed: dict[str, str]) -> None:
    """Whatever stands in an element, the record is read or the file is refused."""
    escaped = {
        tag: etree.tostring(_holding(text), encoding="unicode")[3:-4]
        for tag, text in changed.items()
        if _writable(text)
    }
    (answer,) = answers(record(**escaped))

    assert answer.score is None or 0 <= (answer.score.value or 0) <= 985


def _holding(text: str) -> etree._Element:
    element = etree.Element("a")
    element.text = text + " "  # never self-closed
    return element


def _writable(text: str) -> bool:
    try:
        _holding(text)
    except ValueError:
        return False
    return True


def test_the_state_of_a_file_is_asked_and_read() -> None:
    """Poll while it runs; fetch the result under the name CCRC gives."""
    asked = etree.fromstring(
        write_state_ask("A1000000000001", "user", "secret", StateAsk(file_name=str(NAME)))
    )
    head = b"B2.0.0B0000000000001A100000000000120260301120000F2020000000000000001000000000000\r\n"
    body = (
        "<Document><Msg><ResultCode>AAA000</ResultCode><ResultDesc>x</ResultDesc>"
        "<FileName>A100000000000120260301F5010011</FileName><StateCode>05</StateCode>"
        "<StateDesc>处理中</StateDesc></Msg></Document>"
    ).encode()

    assert asked.findtext("Msg/FileName") == str(NAME)
    assert asked.findtext("Head/QueryOrgCode") == "A1000000000001"
    assert "secret" not in etree.tostring(asked, encoding="unicode")
    state, issues = read_state("pboc", frame.decode("pboc", head + body))
    assert (state.state, issues) == ("running", ())
    assert state == FileState(
        file_name="A100000000000120260301F5010011", state="running", description="处理中"
    )
    with pytest.raises(SourceUnavailable):
        read_state("pboc", frame.decode("pboc", head + body.replace(b"AAA000", b"ATO002")))
