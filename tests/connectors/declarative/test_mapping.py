"""Sources without code: the example of their page is asked, read, damaged and misconfigured."""

import copy
import re
from collections.abc import Callable
from dataclasses import replace
from datetime import UTC, date, datetime
from functools import reduce
from typing import Any

import httpx
import orjson
import pytest
import respx
from hypothesis import given
from hypothesis import strategies as st

from connectors import registry
from connectors.base import Connector, Discreet, SourceSettings
from connectors.declarative import records
from connectors.declarative.values import Instant
from connectors.errors import (
    SourceBrokeContract,
    SourceError,
    SourceLockedUs,
    SourceRejectedAsk,
    SourceUnavailable,
)
from connectors.http import RawAnswer, SourceClient
from connectors.money import Money, PartialDate
from connectors.records import (
    AccountKind,
    AccountStatus,
    BureauScore,
    IdDocument,
    Identity,
    Inquiry,
    Issue,
    IssueKind,
    ListHit,
    Metric,
    NoHit,
    Report,
    Tradeline,
)
from consent import identity
from consent.data_items import DataItem
from consent.decision import Permit
from consent.errors import ConfigError
from consent.subject import Scope
from tests.connectors.test_contract import CONFIG, DECLARED, FIXTURES

NOON = datetime(2026, 3, 1, 12, tzinfo=UTC)
OPTIONS: dict[str, Any] = DECLARED["northstar"]["options"]
PAGE = (CONFIG.parent / "docs" / "sources" / "declarative.md").read_text()
ANSWER: dict[str, Any] = orjson.loads((FIXTURES / "northstar_every_rule.json").read_bytes())
_NO_NETWORK = SourceClient(
    source="northstar",
    http=httpx.MockTransport(lambda _: httpx.Response(500)),
    url="https://source.invalid",
    timeout_s=1.0,
    max_body_bytes=1 << 20,
)


def settings(options: dict[str, Any] = OPTIONS) -> SourceSettings:
    return SourceSettings(
        name="northstar",
        reasons={"loan_origination": "R1"},
        options=options,
        secrets={"key": "CANARY"},
    )


def changed(document: dict[str, Any], path: str, value: object) -> dict[str, Any]:
    """A copy with another value at a path such as `answer.records.0.each`; None takes it out."""
    new = copy.deepcopy(document)
    *steps, last = path.split(".")
    place: Any = reduce(lambda at, step: at[_key(at, step)], steps, new)
    if value is None:
        del place[_key(place, last)]
    else:
        place[_key(place, last)] = value
    return new


def _key(place: object, step: str) -> Any:
    return int(step) if isinstance(place, list) else step


def build(options: dict[str, Any] = OPTIONS, client: SourceClient = _NO_NETWORK) -> Connector:
    return registry.declared("northstar", client, settings(options))


def read(answer: object, options: dict[str, Any] = OPTIONS) -> Report | NoHit:
    return build(options).read(RawAnswer(orjson.dumps(answer), NOON))


def report(answer: object, options: dict[str, Any] = OPTIONS) -> Report:
    said = read(answer, options)
    assert isinstance(said, Report)
    return said


def test_the_page_shows_what_is_tested() -> None:
    """Its answer is the fixture, and it names every record a mapping can make."""
    shown = PAGE.partition("```json\n")[2].partition("```")[0]
    row = next(line for line in PAGE.splitlines() if line.startswith("| `record` |"))

    assert orjson.loads(shown) == ANSWER
    assert set(re.findall(r"`([A-Z]\w+)`", row)) == set(records.KINDS)


def test_every_rule_finds_its_record() -> None:
    """The mapping of the page, on the answer of the page: nothing odd, nothing left."""
    said = report(ANSWER)
    person, score, loan, card, asked, applied, listed = said.records

    assert isinstance(person, Identity)
    assert person.documents == (IdDocument(type="CN_RIC", number="999999********0016"),)
    assert isinstance(score, BureauScore)
    assert (score.product, score.value) == ("north_index", 612)
    assert isinstance(loan, Tradeline)
    assert (loan.kind, loan.status) == (AccountKind.INSTALMENT_LOAN, AccountStatus.OVERDUE)
    assert (loan.balance, loan.past_due) == (Money(1_709_250, "CNY"), Money(120_000, "CNY"))
    assert (loan.opened, loan.record_id) == (PartialDate(2025, 4, 6), "loans[0]")
    assert isinstance(card, Tradeline)
    assert card.balance == Money(368_300, "CNY")
    assert isinstance(asked, Inquiry)
    assert (asked.kind.hard, asked.reason) == (True, "A")
    assert isinstance(applied, Metric)
    assert (applied.value, applied.window, applied.scope) == (4, "d90", Scope.INQUIRIES)
    assert isinstance(listed, ListHit)
    assert (listed.list_kind, listed.as_of) == ("grey", date(2026, 3, 1))
    assert (said.issues, said.report_id, said.version) == ((), "NS-20260301-77", "northstar/2.1")
    assert said.as_of == datetime(2026, 3, 1, 11, 59, tzinfo=UTC)


async def test_the_template_is_filled_and_nothing_else_is_sent(
    client_of: Callable[[str], SourceClient],
    router: respx.MockRouter,
    permit_for: Callable[..., Permit],
    subject: identity.Identity,
) -> None:
    """The body names the person, the header only us; an unknown mobile takes its field along."""
    route = router.post("https://source.invalid/base/query").respond(200)
    asking = build(client=client_of("northstar"))
    await asking.fetch(permit_for("northstar"), subject, at=NOON)
    request = route.calls.last.request
    person = {"fullName": "示例甲", "certNo": "999999199001010016", "phone": "10012345678"}

    assert orjson.loads(request.content) == {
        "head": {"product": "P01", "reason": "R1"}, "person": person,
    }  # fmt: skip
    assert request.headers["X-App-Key"] == "CANARY"
    assert isinstance(asking, Discreet)
    assert asking.sends(subject) == {
        "name": "示例甲", "id_number": "999999199001010016", "mobile": "8610012345678",
    }  # fmt: skip
    await asking.fetch(permit_for("northstar"), replace(subject, mobile=None), at=NOON)
    assert "phone" not in orjson.loads(route.calls.last.request.content)["person"]


async def test_the_permit_must_be_for_this_source_and_a_purpose_it_knows(
    client_of: Callable[[str], SourceClient],
    router: respx.MockRouter,
    permit_for: Callable[..., Permit],
    subject: identity.Identity,
) -> None:
    """A mapping is no way around what every source in code does first."""
    asking = build(client=client_of("northstar"))
    for permit in (permit_for("pboc"), permit_for("northstar", purpose="subject_access")):
        with pytest.raises(SourceRejectedAsk):
            await asking.fetch(permit, subject, at=NOON)

    assert router.calls.call_count == 0


@pytest.mark.parametrize(
    ("code", "said"),
    [
        ("9001", SourceUnavailable),
        ("9101", SourceLockedUs),
        ("2001", SourceRejectedAsk),
        ("4711", SourceUnavailable),
        (None, SourceBrokeContract),
        ({}, SourceBrokeContract),
    ],
)
def test_a_code_says_what_to_do_next(code: object, said: type[SourceError]) -> None:
    """A failure is never a person nobody knows, and an unlisted code is not printed."""
    with pytest.raises(SourceError) as caught:
        read(changed(ANSWER, "head.code", code))

    assert type(caught.value) is said
    assert "4711" not in caught.value.reason


@pytest.mark.parametrize("path", ["head.code", "data"])
def test_nobody_known_is_a_no_hit(path: str) -> None:
    """By the source's code, or by what is not there."""
    said = read(changed(ANSWER, path, "1001" if path == "head.code" else {}))

    assert said == NoHit(source="northstar", as_of=datetime(2026, 3, 1, 11, 59, tzinfo=UTC))


def test_a_report_without_its_number_breaks_the_contract() -> None:
    """Evidence that cannot be named cannot be disputed."""
    with pytest.raises(SourceBrokeContract, match="report_id"):
        read(changed(ANSWER, "head.serial", None))


def test_an_unknown_code_is_unknown_where_the_vocabulary_says_so() -> None:
    """An account is kept with a status nobody understood; a made-up kind of account is not."""
    said = report(changed(ANSWER, "data.loans.0.state", 7))
    lost = report(changed(ANSWER, "data.loans.0.kind", "Z"))

    first = next(r for r in said.records if isinstance(r, Tradeline))
    assert first.status is AccountStatus.UNKNOWN
    assert said.issues == (
        Issue("northstar", IssueKind.UNKNOWN_CODE, "data.loans.state", "a JSON int", 1),
    )
    assert len([r for r in lost.records if isinstance(r, Tradeline)]) == 1
    assert [i.kind for i in lost.issues] == [IssueKind.MISSING, IssueKind.UNKNOWN_CODE]


@pytest.mark.parametrize(
    ("path", "value", "where"),
    [
        ("data.loans.0.owed", "1,000.00", "data.loans.owed"),
        ("data.loans.0.owed", "1.234", "data.loans.owed"),
        ("data.loans.0.owed", -5, "data.loans.owed"),
        ("data.loans.0.owed", 1e30, "data.loans.owed"),
        ("data.loans.0.late", "12.5", "data.loans.late"),
        ("data.loans.0.from", "2025-04-06", "data.loans.from"),
        ("data.loans.0.from", "2025046", "data.loans.from"),
        ("data.loans.0.from", "20250431", "data.loans.from"),
        ("data.score", "6.12", "data.score"),
        ("data.score", True, "data.score"),
        ("data.person.certNo", "not a number", "data.person.certNo"),
        ("head.time", "yesterday", "head.time"),
        ("data.lists", {"colour": "G"}, "data.lists"),
        ("data.lists", ["G"], "data.lists"),
        ("data.counts", 4, "data.counts"),
    ],
)
def test_an_odd_value_is_left_out_and_counted(path: str, value: object, where: str) -> None:
    """What is not written as the mapping says is not guessed at."""
    said = report(changed(ANSWER, path, value))

    assert [(i.kind, i.where) for i in said.issues] == [(IssueKind.BAD_VALUE, where)]


@pytest.mark.parametrize("seconds", [-(10**10), 10**10, 253_402_300_799])
def test_an_instant_far_from_any_report_is_an_odd_value(seconds: int) -> None:
    """Also the last hours of the calendar, which have no day in China."""
    when = Instant.model_validate({"at": "/t", "format": "epoch_s"})
    with pytest.raises(ValueError, match="an instant"):
        when.read(seconds)


def test_what_no_rule_reads_is_counted_wherever_it_stands() -> None:
    """Nothing is silently dropped: a mapping that misses a field of the document shows it."""
    without = changed(OPTIONS, "answer.records.2.fields.balance", None)
    said = report(ANSWER, without)

    assert said.issues == (
        Issue("northstar", IssueKind.UNKNOWN_TAG, "data.loans.owed", "not in the document", 2),
    )


def test_amounts_are_exact_in_either_unit() -> None:
    """Cents are not lost in a float, nor yuan taken for fen."""
    amounts = {"0.01": 1, 17092.5: 1_709_250, 17092: 1_709_200, 100.0: 10_000}
    for value, minor in amounts.items():
        loan = report(changed(ANSWER, "data.loans.0.owed", value)).records[2]

        assert isinstance(loan, Tradeline)
        assert loan.balance == Money(minor, "CNY")


JSON = st.recursive(
    st.none()
    | st.booleans()
    | st.integers(-(2**63), 2**63)
    | st.floats(allow_nan=False, allow_infinity=False)
    | st.text(max_size=9),
    lambda inner: (
        st.lists(inner, max_size=3) | st.dictionaries(st.text(max_size=5), inner, max_size=3)
    ),
    max_leaves=6,
)


@given(
    path=st.sampled_from(
        [
            "head", "head.time", "head.serial", "data", "data.person", "data.score", "data.loans",
            "data.loans.0", "data.loans.0.kind", "data.loans.0.owed", "data.loans.0.from",
            "data.asked.0.day", "data.counts", "data.lists.0.colour",
        ]
    ),
    value=JSON,
)  # fmt: skip
def test_whatever_stands_anywhere_is_an_outcome(path: str, value: object) -> None:
    """A source costs itself only: an answer is read, or a typed failure."""
    try:
        said = read(changed(ANSWER, path, value if value is not None else ""))
    except SourceError:
        return

    assert isinstance(said, Report | NoHit)


def test_a_deep_and_a_wide_answer_stay_bounded() -> None:
    """Issues are counted in kinds; what no rule names is not walked through."""
    deep: object = 0
    for _ in range(200):
        deep = {"x": deep}
    wide = [{"kind": "L", "state": 1, f"extra{n}": n} for n in range(5_000)]
    said = report({**changed(ANSWER, "data.loans", wide), "deep": deep})

    assert len(said.records) == 5_005
    assert len(said.issues) <= 501
    assert sum(i.count for i in said.issues) == 5_001


@pytest.mark.parametrize(
    ("path", "value", "says"),
    [
        ("answer.records.0.record", "Person", "no record 'Person'; known: .*Tradeline"),
        ("answer.records.0.record", "Statement", "no record 'Statement'"),
        ("answer.records.2.fields.amount", "1", "takes no amount; it takes .*balance"),
        ("answer.records.2.fields.kind", None, "also needs kind"),
        ("answer.records.2.fields.kind", "loan", "no word 'loan'; known: instalment_loan"),
        ("answer.records.2.fields.status.codes.1", "fine", "no word 'fine'; known: current"),
        ("answer.records.1.fields.value.type", "text", "a text does not fit; type is .*count"),
        ("answer.records.4.fields.value", 4, "nothing of it stands in the answer"),
        ("answer.records.4.fields.scope", None, "also needs scope"),
        ("answer.records.2.fields.balance", 5, "give the place it stands at"),
        ("answer.records.2.fields.balance.unit", "yuan", "unit .literal_error"),
        ("answer.records.2.fields.opened.format", "%d", "format .literal_error"),
        ("answer.records.1.name", "person", "two rules of one name"),
        ("answer.records.2.each", "data", "each .value_error"),
        ("answer.ignore", ["/data"], "/data is read or ignored as a whole"),
        ("answer.outcome.no_hit", ["0000"], "outcome .value_error"),
        ("answer.records", [], "records .too_short"),
        ("answer.surprise", 1, "answer.surprise .extra_forbidden"),
        ("request.body.head.reason", "{why}", "{why} is no placeholder; known.*{purpose}"),
        ("request.body.head.reason", "is {name}", "{name} is no placeholder.*alone"),
        ("request.body.head.reason", "{secret:other}", "secrets: other is missing"),
        ("request.headers.X-App-Key", "{name}", "headers .value_error"),
        ("request.path", "/query?id={id_number}", "path .string_pattern"),
        ("version", "", "version .string_pattern"),
    ],
)
def test_a_mapping_that_cannot_work_stops_the_start(path: str, value: object, says: str) -> None:
    """Found before the first person is asked about, with what would have been right."""
    with pytest.raises(ConfigError, match=f"sources.northstar.*{says}"):
        build(changed(OPTIONS, path, value))


@pytest.mark.parametrize(
    ("record", "telling", "items"),
    [
        ("PublicRecord", "award", {DataItem.AWARDS}),
        ("PublicRecord", {"J": "civil_judgment", "E": "enforcement", "X": "enforcement"},
         {DataItem.COURT_JUDGMENTS, DataItem.ENFORCEMENT}),
        ("Contribution", {"P": "pension", "H": "housing_fund"},
         {DataItem.SOCIAL_INSURANCE, DataItem.HOUSING_FUND, DataItem.CONTRIBUTION_BASE}),
    ],
)  # fmt: skip
def test_its_items_follow_from_the_mapping(
    record: str, telling: str | dict[str, str], items: set[DataItem]
) -> None:
    """What a source without code collects is known before anybody is asked about."""
    kind = {"at": "/k", "type": "code", "codes": telling} if isinstance(telling, dict) else telling
    money = {"at": "/a", "type": "money", "unit": "minor", "currency": "CNY"}
    amount = "base" if record == "Contribution" else "amount"
    rule = {"name": "r", "record": record, "fields": {"kind": kind, amount: money}}

    assert build(changed(OPTIONS, "answer.records", [rule])).items == items


@pytest.mark.parametrize(
    ("kind", "says"),
    [
        ("divorce", "no word divorce; known: tax_arrears, civil_judgment"),
        ({"at": "/k", "type": "code", "codes": {"D": "divorce"}}, "no word divorce; known: tax_"),
        ({"at": "/k", "type": "text"}, "say it here, or by its codes"),
    ],
)
def test_a_record_about_anything_stops_the_start(kind: object, says: str) -> None:
    """A mapping that takes whatever comes has no items to declare."""
    amount = {"at": "/a", "type": "money", "unit": "minor", "currency": "CNY"}
    rule = {"name": "r", "record": "PublicRecord", "fields": {"kind": kind, "amount": amount}}
    with pytest.raises(ConfigError, match=rf"records.r.fields.kind: {says}"):
        build(changed(OPTIONS, "answer.records", [rule]))


@pytest.mark.parametrize("name", ["bairong", "pboc", "region_risk"])
def test_a_source_with_code_cannot_be_described(name: str) -> None:
    """Whoever writes the configuration cannot put a mapping in the place of what was reviewed."""
    with pytest.raises(ConfigError, match="code of its own"):
        registry.declared(name, _NO_NETWORK, settings())


def test_the_connector_prints_no_secret() -> None:
    """Its repr ends up in tracebacks."""
    assert "CANARY" not in repr(build())
