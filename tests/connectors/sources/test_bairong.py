"""Bairong: keys are read by their grammar, codes and flags say what to do next."""

from collections.abc import Callable
from dataclasses import replace
from datetime import UTC, date, datetime
from pathlib import Path
from typing import Any

import httpx
import orjson
import pytest
import respx
from hypothesis import given
from hypothesis import strategies as st

from connectors.base import Connector, SourceSettings
from connectors.errors import (
    SourceBrokeContract,
    SourceError,
    SourceLockedUs,
    SourceRejectedAsk,
    SourceUnavailable,
)
from connectors.http import RawAnswer, SourceClient
from connectors.records import (
    Issue,
    IssueKind,
    ListHit,
    Metric,
    NoHit,
    PublicRecord,
    Report,
    scope_of,
)
from connectors.sources import bairong
from consent import identity
from consent.data_items import DataItem
from consent.decision import Permit
from consent.errors import ConfigError
from consent.subject import Scope

FIXTURES = Path(__file__).parents[1] / "fixtures"
NOON = datetime(2026, 3, 1, 12, tzinfo=UTC)
LATER = datetime(2026, 3, 1, 13, tzinfo=UTC)
SETTINGS = SourceSettings(
    name="bairong",
    reasons={"loan_origination": "-"},
    options={},
    secrets={"api_code": "CANARY"},
)
BOTH = replace(SETTINGS, options={"products": ["ApplyLoanStr", "SpecialList_c"]})
_NO_NETWORK = SourceClient(
    source="bairong",
    http=httpx.MockTransport(lambda _: httpx.Response(500)),
    url="https://source.invalid",
    timeout_s=1.0,
    max_body_bytes=1 << 20,
)
OK = {"code": "00", "swift_number": "3000001_20260301_200000_7", "flag_applyloanstr": "1"}


@pytest.fixture
def connector(client_of: Callable[[str], SourceClient]) -> Connector:
    """Bairong with both products ordered."""
    return bairong.build(client_of("bairong"), BOTH)


def say(connector: Connector, body: object) -> Report | NoHit:
    """What the connector reads in `body`, which arrived at 13:00."""
    return connector.read(RawAnswer(orjson.dumps(body), LATER))


def read(connector: Connector, more: dict[str, object]) -> Report:
    """A good answer with `more` keys, as a report."""
    said = say(connector, {**OK, "flag_specialList_c": "1", **more})
    assert isinstance(said, Report)
    return said


async def test_the_ask_carries_what_the_products_match_on(
    connector: Connector,
    router: respx.MockRouter,
    permit_for: Callable[..., Permit],
    subject: identity.Identity,
) -> None:
    """Number and mobile are matched apart, so both go; the mobile only when it is known."""
    route = router.post("https://source.invalid/base/query").respond(200)
    full = {
        "api_code": "CANARY",
        "products": ["ApplyLoanStr", "SpecialList_c"],
        "id": "999999199001010016",
        "name": "示例甲",
        "cell": "10012345678",
    }

    await connector.fetch(permit_for("bairong"), subject, at=NOON)
    assert orjson.loads(route.calls.last.request.content) == full
    await connector.fetch(permit_for("bairong"), replace(subject, mobile=None), at=NOON)
    del full["cell"]
    assert orjson.loads(route.calls.last.request.content) == full


@pytest.mark.parametrize(
    ("source", "purpose"), [("baihang", "loan_origination"), ("bairong", "subject_access")]
)
async def test_the_permit_must_be_for_this_source_and_a_purpose_it_knows(
    *,
    connector: Connector,
    router: respx.MockRouter,
    permit_for: Callable[..., Permit],
    subject: identity.Identity,
    source: str,
    purpose: str,
) -> None:
    """Bairong is told no purpose, so nobody but us can hold to it."""
    with pytest.raises(SourceRejectedAsk):
        await connector.fetch(permit_for(source, purpose=purpose), subject, at=NOON)

    assert router.calls.call_count == 0


@pytest.mark.parametrize(
    ("key", "text", "name", "window", "match", "segment", "value", "unit"),
    [
        ("als_d7_id_bank_allnum", "3", "allnum", "d7", "id", "bank", 3, "count"),
        ("als_m12_cell_nbank_mc_orgnum", "12", "orgnum", "m12", "cell", "nbank.mc", 12, "count"),
        ("als_m3_id_pdl_allnum", "2", "allnum", "m3", "id", "pdl", 2, "count"),
        ("als_m1_id_nbank_selfnum", "0", "selfnum", "m1", "id", "nbank", 0, "count"),
        ("als_m6_id_tot_mons", "4", "tot_mons", "m6", "id", "", 4, "months"),
        ("als_m6_id_max_inteday", "21", "max_inteday", "m6", "id", "", 21, "days"),
        ("als_m6_id_bank_min_inteday", "1", "min_inteday", "m6", "id", "bank", 1, "days"),
        ("als_m6_id_max_monnum", "5", "max_monnum", "m6", "id", "", 5, "count"),
        ("als_m3_id_avg_monnum", "3.67", "avg_monnum", "m3", "id", "", 367, "count_hundredths"),
        ("als_m3_id_avg_monnum", "3.6", "avg_monnum", "m3", "id", "", 360, "count_hundredths"),
        ("als_m3_id_avg_monnum", "3", "avg_monnum", "m3", "id", "", 300, "count_hundredths"),
        ("als_fst_id_bank_inteday", "344", "inteday", "fst", "id", "bank", 344, "days"),
        ("als_lst_cell_nbank_consnum", "4", "consnum", "lst", "cell", "nbank", 4, "count"),
        ("als_lst_id_nbank_csinteday", "9", "csinteday", "lst", "id", "nbank", 9, "days"),
        ("als_d15_id_nbank_p2p_allnum", "1", "allnum", "d15", "id", "nbank.p2p", 1, "count"),
    ],
)
def test_an_application_key_is_read_by_its_grammar(
    *,
    connector: Connector,
    key: str,
    text: str,
    name: str,
    window: str,
    match: str,
    segment: str,
    value: int,
    unit: str,
) -> None:
    """Seven days taken for twelve months, or lenders for applications, misjudges a person."""
    report = read(connector, {key: text})

    assert report.records == (
        Metric(
            source="bairong",
            record_id=key,
            as_of=date(2026, 3, 1),
            scope=Scope.INQUIRIES,
            name=name,
            window=window,
            value=value,
            unit=unit,
            key=match,
            segment=segment,
        ),
    )
    assert report.issues == ()


@pytest.mark.parametrize(
    ("key", "reason", "matched_on", "kept_by"),
    [
        ("sl_id_bank_overdue", "overdue", "id", "bank"),
        ("sl_cell_nbank_mc_bad", "bad", "cell", "nbank.mc"),
        ("sl_id_nbank_p2p_refuse", "refuse", "id", "nbank.p2p"),
        ("sl_id_p2p_fraud", "fraud", "id", "p2p"),
        ("sl_cell_phone_overdue", "overdue", "cell", "phone"),
        ("sl_id_bank_lost", "lost", "id", "bank"),
        ("sl_id_abnormal", "abnormal", "id", None),
    ],
)
def test_the_subject_on_a_list_is_a_list_hit(
    *, connector: Connector, key: str, reason: str, matched_on: str, kept_by: str | None
) -> None:
    """Whose list, what for and by what the person was found: all of it stands in the key."""
    report = read(connector, {key: "0"})

    assert report.records == (
        ListHit(
            source="bairong",
            record_id=key,
            as_of=date(2026, 3, 1),
            list_kind="special",
            reason=reason,
            matched_on=matched_on,
            kept_by=kept_by,
        ),
    )
    assert report.issues == ()


@pytest.mark.parametrize(
    ("key", "status"),
    [("sl_id_court_executed", "enforcement"), ("sl_cell_court_bad", "dishonest_judgment_debtor")],
)
def test_a_courts_list_is_a_public_record(connector: Connector, key: str, status: str) -> None:
    """Who consents to warning lists has not consented to court records."""
    (got,) = read(connector, {key: "0"}).records

    assert isinstance(got, PublicRecord)
    assert (got.kind, got.status) == ("enforcement", status)
    assert scope_of(got) is Scope.PUBLIC_RECORDS


@pytest.mark.parametrize(("text", "degree"), [("1", 1), ("2", 2)])
@pytest.mark.parametrize("key", ["sl_id_bank_bad", "sl_cell_court_executed", "sl_id_abnormal"])
def test_a_relative_on_a_list_is_no_hit_on_the_subject(
    connector: Connector, key: str, text: str, degree: int
) -> None:
    """Nobody may be taken for a defaulter because somebody they know is one."""
    (got,) = read(connector, {key: text}).records

    assert isinstance(got, Metric)
    assert (got.name, got.unit, got.value) == (
        f"related_{key.rsplit('_', maxsplit=1)[-1]}",
        "degree",
        degree,
    )


def test_a_count_of_list_entries_is_a_metric(connector: Connector) -> None:
    """Three entries are not three hits to add to another source's."""
    (got,) = read(connector, {"sl_id_nbank_bad_allnum": "3"}).records

    assert isinstance(got, Metric)
    assert (got.name, got.segment, got.value, got.unit) == ("bad_allnum", "nbank", 3, "count")
    assert got.scope is Scope.BEHAVIOUR


@pytest.mark.parametrize("key", ["sl_lm_cell_bank_bad", "sl_gid_nbank_mc_overdue"])
def test_what_is_about_a_contact_or_a_device_is_left_out(connector: Connector, key: str) -> None:
    """We sent neither, so it speaks of somebody else; that it was there is said."""
    report = read(connector, {key: "0"})

    assert report.records == ()
    assert [(i.kind, i.where) for i in report.issues] == [(IssueKind.OUT_OF_SCOPE, key)]


def test_a_new_class_of_list_is_kept_and_counted(connector: Connector) -> None:
    """A hit is evidence before we know the name of who keeps the list."""
    report = read(connector, {"sl_id_nbank_newkind_bad": "0"})

    assert [r.kept_by for r in report.records if isinstance(r, ListHit)] == ["nbank.newkind"]
    assert [i.what for i in report.issues] == ["segment not in the document"]


@given(
    key=st.sampled_from(["id", "cell", "lm_cell", "gid", "imei"]),
    segment=st.sampled_from(["", "bank", "court", "phone", "nbank_mc", "nbank_zz", "casino"]),
    event=st.sampled_from(["bad", "overdue", "fraud", "lost", "refuse", "executed", "won"]),
    value=st.sampled_from(["", "0", "1", "2", "3", "x", None, 0, True, [], {}, "9" * 40]),
)
def test_every_list_key_with_a_value_leaves_a_trace(
    key: str, segment: str, event: str, value: object
) -> None:
    """Nothing is silently dropped: a key becomes a record or an issue, unless it says nothing."""
    name = "_".join(part for part in ("sl", key, segment, event) if part)
    source = bairong.build(_NO_NETWORK, BOTH)
    report = read(source, {name: value})
    known = key != "imei" and segment != "casino" and event != "won"

    assert len(report.records) <= 1
    assert bool(report.records or report.issues) == (value not in ("", None) or not known)


@pytest.mark.parametrize(
    "key",
    [
        "als_m2_id_bank_allnum",
        "als_m3_gid_bank_allnum",
        "als_m3_id_bank_sum",
        "als_m3_id_bank_inteday",
        "als_fst_id_bank_allnum",
        "als_m3_id_allnum_",
        "sl_id_casino_bad",
        "sl_id_bank_won",
        "sl_imei_bank_bad",
        "scoreafrevoloan",
        "flag_score",
    ],
)
def test_a_key_outside_the_grammar_is_one_counted_issue(connector: Connector, key: str) -> None:
    """A near miss must not be read as its neighbour, nor vanish."""
    report = read(connector, {key: "1"})

    assert report.records == ()
    assert report.issues == (
        Issue("bairong", IssueKind.UNKNOWN_TAG, key, "fits no product ordered", 1),
    )


def test_a_new_lender_class_is_kept_and_counted(connector: Connector) -> None:
    """Bairong adds classes; the number is evidence before we know its name."""
    report = read(connector, {"als_m3_id_nbank_newkind_allnum": "2"})

    assert [r.segment for r in report.records if isinstance(r, Metric)] == ["nbank.newkind"]
    assert [i.what for i in report.issues] == ["segment not in the document"]


@pytest.mark.parametrize("empty", ["", None])
def test_empty_means_none(connector: Connector, empty: object) -> None:
    """No application is not a record and not an issue."""
    report = read(connector, {"als_m3_id_bank_allnum": empty})

    assert (report.records, report.issues) == ((), ())


@pytest.mark.parametrize("odd", ["-1", "1.0", "many", "1234567", 3, True, ["3"]])
def test_an_odd_value_is_left_out_and_counted(connector: Connector, odd: object) -> None:
    """All values are texts of digits; anything else came from somewhere else."""
    report = read(connector, {"als_m3_id_bank_allnum": odd})

    assert report.records == ()
    assert [i.kind for i in report.issues] == [IssueKind.BAD_VALUE]


def test_an_unknown_hit_is_not_a_hit_on_the_subject(connector: Connector) -> None:
    """0 is the subject; a new value must not be taken for it."""
    report = read(connector, {"sl_id_bank_bad": "3"})

    assert report.records == ()
    assert report.issues == (
        Issue("bairong", IssueKind.UNKNOWN_CODE, "sl_id_bank_bad", "code '3'", 1),
    )


def test_only_what_was_ordered_is_read(client_of: Callable[[str], SourceClient]) -> None:
    """What is declared follows from the order; more must not slip in."""
    only = bairong.build(client_of("bairong"), SETTINGS)
    report = say(only, {**OK, "flag_specialList_c": "1", "sl_id_bank_bad": "0"})

    assert only.items == {DataItem.INQUIRY_SUMMARIES}
    assert isinstance(report, Report)
    assert (report.records, report.issues[0].where) == ((), "sl_id_bank_bad")


@pytest.mark.parametrize(
    ("code", "kind"),
    [
        ("100001", SourceUnavailable),
        ("100003", SourceRejectedAsk),
        ("100005", SourceLockedUs),
        ("100007", SourceLockedUs),
        ("100010", SourceUnavailable),
        ("1000015", SourceRejectedAsk),
    ],
)
def test_a_code_says_what_to_do_next(
    connector: Connector, code: str, kind: type[SourceError]
) -> None:
    """A wrong password is not asked with again, a wrong number not repeated."""
    with pytest.raises(SourceError) as caught:
        say(connector, {"code": code})

    assert (type(caught.value), caught.value.reason) == (kind, f"code_{code}")


def test_an_unlisted_code_is_not_printed(connector: Connector) -> None:
    """It may be anything, also somebody's number."""
    with pytest.raises(SourceUnavailable) as caught:
        say(connector, {"code": "13900000000"})

    assert caught.value.reason == "code_unlisted"


@pytest.mark.parametrize("code", [None, "", 0, ["00"]])
def test_an_answer_without_a_code_breaks_the_contract(connector: Connector, code: object) -> None:
    """Without the first thing the document promises nothing else can be trusted."""
    with pytest.raises(SourceBrokeContract, match="missing: code"):
        say(connector, {**OK, "code": code})


@pytest.mark.parametrize(
    ("als", "sl", "failure"),
    [
        ("99", "0", SourceUnavailable),
        ("98", "99", SourceUnavailable),
        ("98", "0", SourceRejectedAsk),
        ("7", "0", SourceBrokeContract),
        (None, "0", SourceBrokeContract),
        (1, "0", SourceBrokeContract),
    ],
)
def test_a_failed_product_is_not_a_no_hit(
    connector: Connector, als: object, sl: object, failure: type[SourceError]
) -> None:
    """No output because of an error must never read as a person nobody knows."""
    with pytest.raises(failure):
        say(connector, {**OK, "flag_applyloanstr": als, "flag_specialList_c": sl})


@pytest.mark.parametrize(
    "body",
    [
        {**OK, "flag_applyloanstr": "0", "flag_specialList_c": "0"},
        {**OK, "flag_ApplyLoanStr": "0", "flag_applyloanstr": "0", "flag_speciallist_c": "0"},
        {"code": "100002", "swift_number": OK["swift_number"]},
    ],
)
def test_no_match_is_a_no_hit(connector: Connector, body: dict[str, str]) -> None:
    """Nobody known is a value, dated by the source."""
    assert say(connector, body) == NoHit(source="bairong", as_of=NOON)


@pytest.mark.parametrize("flag", ["98", "99", "x", None])
def test_half_an_order_is_said_to_be_half(connector: Connector, flag: object) -> None:
    """What one product says stands; that the other said nothing must not look like "clean"."""
    report = read(connector, {"flag_specialList_c": flag, "als_m3_id_bank_allnum": "1"})

    assert (report.partial, len(report.records)) == (True, 1)
    assert [(i.kind, i.where) for i in report.issues] == [(IssueKind.MISSING, "flag_SpecialList_c")]


@pytest.mark.parametrize(
    "swift", ["3000001", "3000001_20260230_200000_1", "3000001_00010101_000000_1"]
)
def test_an_answer_without_a_time_is_dated_by_its_arrival(connector: Connector, swift: str) -> None:
    """A wrong day would move windows; ours is right to the second, and said to be ours."""
    report = read(connector, {"swift_number": swift})

    assert (report.as_of, report.report_id) == (LATER, swift)
    assert [(i.kind, i.where) for i in report.issues] == [(IssueKind.BAD_VALUE, "swift_number")]


def test_a_report_without_a_number_breaks_the_contract(connector: Connector) -> None:
    """Evidence that cannot be named cannot be disputed."""
    with pytest.raises(SourceBrokeContract, match="missing: swift_number"):
        read(connector, {"swift_number": ""})


def test_the_fixture_reads_without_a_remark(connector: Connector) -> None:
    """Every key of a real shape is understood."""
    raw = orjson.loads((FIXTURES / "bairong_many_applications.json").read_bytes())
    report = read(connector, raw)

    said = [k for k, v in raw.items() if k.startswith("als_") and v]
    assert [r.record_id for r in report.records] == said
    assert report.issues == ()


@pytest.mark.parametrize(
    ("changes", "says"),
    [
        ({"options": {"products": []}}, "products"),
        ({"options": {"products": ["Score"]}}, "products"),
        ({"secrets": {"api_code": ""}}, "api_code"),
    ],
)
def test_a_wrong_setting_stops_the_start(
    client_of: Callable[[str], SourceClient], changes: dict[str, Any], says: str
) -> None:
    """An order nobody can read would be paid for every day."""
    with pytest.raises(ConfigError, match=says):
        bairong.build(client_of("bairong"), replace(SETTINGS, **changes))


def test_the_connector_prints_no_secret(connector: Connector) -> None:
    """Its repr ends up in tracebacks."""
    assert "CANARY" not in repr(connector)
