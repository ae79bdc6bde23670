"""Tongdun, housing fund and social insurance: what is asked, what is read, what is never kept."""

from collections.abc import Callable
from dataclasses import replace
from datetime import UTC, date, datetime
from pathlib import Path
from typing import Any

import orjson
import pytest
import respx

from connectors import registry
from connectors.base import Connector, SourceSettings
from connectors.errors import SourceBrokeContract, SourceRejectedAsk, SourceUnavailable
from connectors.http import RawAnswer, SourceClient
from connectors.money import Money, Month, PartialDate
from connectors.records import (
    Contribution,
    Identity,
    Income,
    IssueKind,
    ListHit,
    Metric,
    NoHit,
    PublicRecord,
    Report,
)
from consent import identity
from consent.decision import Permit
from consent.errors import ConfigError
from consent.subject import Scope

FIXTURES = Path(__file__).parents[1] / "fixtures"
NOON = datetime(2026, 3, 1, 12, tzinfo=UTC)
PARTNERS = ("tongdun", "housing_fund", "social_insurance")


@pytest.fixture
def connector_of(client_of: Callable[[str], SourceClient]) -> Callable[..., Connector]:
    """A partner, with further options."""

    def make(source: str, **more: object) -> Connector:
        settings = SourceSettings(
            name=source,
            reasons={"loan_origination": "-"},
            options={"path": "/report", **more},
            secrets={"key": "s:ecret"},
        )
        return registry.build(source, client_of(source), settings)

    return make


@pytest.fixture
def read(connector_of: Callable[..., Connector]) -> Callable[[str, object], Report]:
    """The report in a body."""

    def reader(source: str, body: object) -> Report:
        said = connector_of(source).read(RawAnswer(orjson.dumps(body), NOON))
        assert isinstance(said, Report)
        return said

    return reader


Read = Callable[[str, object], Report]


def fixture(name: str) -> dict[str, Any]:
    """A recorded body, to be changed."""
    found: dict[str, Any] = orjson.loads((FIXTURES / f"{name}.json").read_bytes())
    return found


def metrics(report: Report, **facts: object) -> dict[str, int]:
    """The metrics with these facts, by name, key and segment."""
    return {
        " ".join(filter(None, (one.name, one.key, one.segment))): one.value
        for one in report.records
        if isinstance(one, Metric)
        and all(getattr(one, name) == value for name, value in facts.items())
    }


def issues(report: Report, kind: IssueKind) -> dict[str, int]:
    """Where issues of a kind are, and how many."""
    return {one.where: one.count for one in report.issues if one.kind is kind}


# -- how partners are asked -------------------------------------------------------------------


@pytest.mark.parametrize("source", PARTNERS)
async def test_the_request_form_is_configuration(
    source: str,
    connector_of: Callable[..., Connector],
    router: respx.MockRouter,
    permit_for: Callable[..., Permit],
    subject: identity.Identity,
) -> None:
    """Public material shows answers only, so every name in the request can be said otherwise."""
    route = router.post("https://source.invalid/base/report").respond(200)
    asking = connector_of(
        source,
        auth_header="X-Key",
        auth_scheme="",
        name_field="n",
        id_field="i",
        mobile_field="m",
        constants={"app": "lender"},
    )

    await asking.fetch(permit_for(source), subject, at=NOON)
    asked = orjson.loads(route.calls.last.request.content)
    assert route.calls.last.request.headers["X-Key"] == "s:ecret"
    assert (asked["n"], asked["i"], asked["m"], asked["app"]) == (
        "示例甲", "999999199001010016", "10012345678", "lender",
    )  # fmt: skip
    await asking.fetch(permit_for(source), replace(subject, mobile=None), at=NOON)
    assert "m" not in orjson.loads(route.calls.last.request.content)


async def test_health_insurance_is_never_asked_for(
    connector_of: Callable[..., Connector],
    router: respx.MockRouter,
    permit_for: Callable[..., Permit],
    subject: identity.Identity,
) -> None:
    """R-03: pension, work injury and unemployment, whatever the configuration says."""
    route = router.post("https://source.invalid/base/report").respond(200)
    await connector_of("social_insurance").fetch(permit_for("social_insurance"), subject, at=NOON)

    assert orjson.loads(route.calls.last.request.content)["insurance_codes"] == [1, 3, 5]
    with pytest.raises(ConfigError, match="insurance_codes"):
        connector_of("social_insurance", constants={"insurance_codes": [1, 2]})


@pytest.mark.parametrize("source", PARTNERS)
async def test_a_purpose_that_is_not_allowed_asks_nobody(
    source: str,
    connector_of: Callable[..., Connector],
    router: respx.MockRouter,
    permit_for: Callable[..., Permit],
    subject: identity.Identity,
) -> None:
    """Partners are told no purpose, so nobody but us can hold to it."""
    with pytest.raises(SourceRejectedAsk):
        await connector_of(source).fetch(
            permit_for(source, purpose="subject_access"), subject, at=NOON
        )

    assert router.calls.call_count == 0


# -- tongdun ----------------------------------------------------------------------------------


def test_windows_are_read_off_the_names_of_rules(read: Read) -> None:
    """`7天内` and `3个月内`: no field says it."""
    report = read("tongdun", fixture("tongdun_every_shape"))

    assert metrics(report, window="d7", scope=Scope.INQUIRIES) == {
        "platforms_applied 743498": 3,
        "platforms_applied_count": 4,
        "platforms_applied_count microlender": 3,
        "platforms_applied_count consumer_instalment": 1,
        "platforms_applied_count cell": 2,
        "platforms_applied_count cell microlender": 2,
        "platforms_applied_count id": 4,
        "platforms_applied_count id microlender": 3,
        "platforms_applied_count id consumer_instalment": 1,
    }
    assert metrics(report, window="m3", name="platforms_lending_count", key="") == {
        "platforms_lending_count": 2,
        "platforms_lending_count p2p": 2,
    }


@pytest.mark.parametrize(
    ("name", "window"),
    [
        ("12个月内申请人在多个平台申请借款", "m12"),
        ("近60个月以上申请", "m60"),
        ("2年内申请", "y2"),
        ("申请人在多个平台申请借款", "all"),
    ],
)
def test_a_window_is_a_number_and_a_unit(read: Read, name: str, window: str) -> None:
    """Members name their rules themselves."""
    body = fixture("tongdun_every_shape")
    body["risk_items"] = body["risk_items"][:1]
    body["risk_items"][0]["item_name"] = name

    assert metrics(read("tongdun", body), window=window, name="platforms_applied_count", key="id")


def test_overdue_and_frequencies_become_numbers(read: Read) -> None:
    """The unit of an overdue amount is nowhere public, so it is not called fen."""
    report = read("tongdun", fixture("tongdun_every_shape"))

    assert metrics(report, name="discredit_times") == {"discredit_times": 1}
    assert metrics(report, unit="unknown") == {"overdue_amount": 23232}
    assert metrics(report, unit="days") == {"overdue_day": 100}
    assert metrics(report, name="ids_of_cell", window="m3") == {"ids_of_cell": 2}
    assert metrics(report, name="applications_by_id", window="d7") == {"applications_by_id": 5}


def test_other_peoples_data_is_dropped_and_counted(read: Read) -> None:
    """The values behind a frequency, and people of a similar name, are not the subject's."""
    report = read("tongdun", fixture("tongdun_every_shape"))

    assert issues(report, IssueKind.OUT_OF_SCOPE) == {
        "frequency_detail_list.data": 2,
        "namelist_hit_details": 1,
    }
    assert "********0032" not in repr(report.records)


def test_lists_and_courts_are_told_apart(read: Read) -> None:
    """A court's record is a public one; a list is somebody's opinion."""
    report = read("tongdun", fixture("tongdun_every_shape"))
    hits = [one for one in report.records if isinstance(one, ListHit)]
    (court,) = (one for one in report.records if isinstance(one, PublicRecord))

    assert [(h.list_kind, h.reason, h.matched_on) for h in hits] == [
        ("black", "法院执行", "id"),
        ("grey", "信用异常", "cell"),
    ]
    assert (court.kind, court.status, court.filed) == (
        "enforcement", "enforcement", PartialDate(2025, 6, 2),
    )  # fmt: skip
    assert dict(court.details)["case_number"] == "（2025）示0101执0042号"


def test_what_a_list_was_matched_on_is_a_code(read: Read) -> None:
    """The hit stays; that nobody knows how it was found is said."""
    body = fixture("tongdun_every_shape")
    hit = body["risk_items"][4]["item_detail"]["namelist_hit_details"][0]
    hit["hit_type_displayname"] = "借款人设备"
    report = read("tongdun", body)

    assert [h.matched_on for h in report.records if isinstance(h, ListHit)] == [None, "cell"]
    assert "namelist_hit_details.hit_type" in issues(report, IssueKind.UNKNOWN_CODE)


def test_a_court_before_anybodys_life_is_a_slip(read: Read) -> None:
    """The record stays, and its day is an issue."""
    body = fixture("tongdun_every_shape")
    hit = body["risk_items"][4]["item_detail"]["namelist_hit_details"][0]
    hit["court_details"][0]["filing_time"] = "1899年12月31日"
    report = read("tongdun", body)
    (court,) = (one for one in report.records if isinstance(one, PublicRecord))

    assert court.filed is None
    assert "court_details.filing_time" in issues(report, IssueKind.BAD_VALUE)


def test_nothing_found_is_no_hit(connector_of: Callable[..., Connector]) -> None:
    """Tongdun accepts everybody it does not know: that is no good sign, and no report."""
    body = orjson.dumps(fixture("tongdun_nothing_found"))

    assert isinstance(connector_of("tongdun").read(RawAnswer(body, NOON)), NoHit)


def test_a_failure_of_tongdun_is_named_by_its_code(
    connector_of: Callable[..., Connector],
) -> None:
    """A code is; the prose beside it never."""
    for code, reason in (("101", "reason_101"), ("示例甲", "reason_unlisted")):
        body = {"success": False, "reason_code": code, "reason_desc": "示例甲"}
        with pytest.raises(SourceUnavailable) as failed:
            connector_of("tongdun").read(RawAnswer(orjson.dumps(body), NOON))
        assert failed.value.reason == reason


# -- housing fund -----------------------------------------------------------------------------


def fund(report: Report) -> Contribution:
    """The one contribution of a fund's report."""
    (found,) = (one for one in report.records if isinstance(one, Contribution))
    return found


def test_only_payments_are_months_paid(read: Read) -> None:
    """Interest came in June and a withdrawal went out in May: neither shows an employer."""
    told = fund(read("housing_fund", fixture("housing_fund_sealed_account")))

    assert [(str(m.month), m.paid) for m in told.months] == [
        ("2025-11", Money(192_000, "CNY")),
        ("2025-10", Money(192_000, "CNY")),
        ("2025-04", Money(192_000, "CNY")),
    ]
    assert (told.status, told.paid_to) == ("suspended", Month(2025, 11))
    assert told.monthly_amount == Money(192_000, "CNY")


def test_the_base_stands_under_the_scope_of_income(read: Read) -> None:
    """Amounts are fen; what tells the income needs the separate consent."""
    report = read("housing_fund", fixture("housing_fund_sealed_account"))
    (income,) = (one for one in report.records if isinstance(one, Income))

    assert [(m.month, m.amount) for m in income.months] == [
        (Month(2025, 11), Money(1_200_000, "CNY"))
    ]
    assert fund(report).base is None
    assert metrics(report, scope=Scope.INCOME_AND_ASSETS) == {
        "balance": 5_120_000,
        "fund_balance": 5_120_000,
    }


def test_payments_of_one_month_add_up(read: Read) -> None:
    """An employer who pays in two parts paid once."""
    body = fixture("housing_fund_sealed_account")
    body["data"]["bill_record"].append(body["data"]["bill_record"][0])

    assert fund(read("housing_fund", body)).months[0].paid == Money(384_000, "CNY")


def test_a_masked_number_is_kept_as_it_is(read: Read) -> None:
    """Sites mask the middle; what is shown still tells two people apart."""
    report = read("housing_fund", fixture("housing_fund_sealed_account"))
    (who,) = (one for one in report.records if isinstance(one, Identity))

    assert [d.number for d in who.documents] == ["999999********0016"]
    assert issues(report, IssueKind.OUT_OF_SCOPE) == {"loan_info": 1}


@pytest.mark.parametrize("source", PARTNERS[1:])
def test_an_aggregator_tells_nothing_and_failure_apart(
    source: str, connector_of: Callable[..., Connector]
) -> None:
    """Nobody of that name is an answer; "it did not work" is none."""
    asking = connector_of(source)
    nothing = {"result": {"success": True, "message": "无记录"}, "data": None}
    failed = {"result": {"success": False, "message": "示例甲 登录失败"}, "data": None}

    assert isinstance(asking.read(RawAnswer(orjson.dumps(nothing), NOON)), NoHit)
    with pytest.raises(SourceUnavailable) as failure:
        asking.read(RawAnswer(orjson.dumps(failed), NOON))
    assert "示例甲" not in str(failure.value)
    with pytest.raises(SourceBrokeContract):
        asking.read(RawAnswer(b'{"data": {"user_info": {"real_name": "x"}}}', NOON))


# -- social insurance -------------------------------------------------------------------------

WITH_HEALTH = "social_insurance_with_medical_records"


def test_health_data_is_dropped_and_counted(read: Read) -> None:
    """R-03, also where a body came by another way than `fetch`: three places and two lists."""
    report = read("social_insurance", fixture(WITH_HEALTH))

    assert issues(report, IssueKind.FORBIDDEN) == {
        "medical": 2,
        "base_info.medical": 2,
        "base_info.maternity": 1,
        "insurances": 2,  # the second is known by its name alone
        "insurance_record": 2,
    }
    told = repr(report)
    assert not any(word in told for word in ("医院", "药房", "420042", "120042", "30042"))
    assert {one.kind for one in report.records if isinstance(one, Contribution)} == {
        "pension", "unemployment", "work_injury",
    }  # fmt: skip


async def test_health_data_is_gone_before_anybody_stores_it(
    connector_of: Callable[..., Connector],
    router: respx.MockRouter,
    permit_for: Callable[..., Permit],
    subject: identity.Identity,
    read: Read,
) -> None:
    """Raw answers are kept sealed for years; this part of them is not even that."""
    body = fixture(WITH_HEALTH)
    router.post("https://source.invalid/base/report").respond(200, content=orjson.dumps(body))
    asking = connector_of("social_insurance")
    raw = await asking.fetch(permit_for("social_insurance"), subject, at=NOON)
    kept = orjson.loads(raw.content)["data"]

    assert not any(word in raw.content.decode() for word in ("医", "生育", "药房", "balance"))
    assert kept["withheld_by_gateway"]["medical"] == 2
    said = asking.read(raw)
    assert isinstance(said, Report)
    assert said.records == read("social_insurance", body).records
    assert said.issues == read("social_insurance", body).issues


async def test_what_is_no_json_is_passed_on_as_it_came(
    connector_of: Callable[..., Connector],
    router: respx.MockRouter,
    permit_for: Callable[..., Permit],
    subject: identity.Identity,
) -> None:
    """The reader is the one who says that a contract is broken."""
    router.post("https://source.invalid/base/report").respond(200, content=b"<html>")
    asking = connector_of("social_insurance")
    raw = await asking.fetch(permit_for("social_insurance"), subject, at=NOON)

    assert raw.content == b"<html>"


def test_a_span_of_months_is_paid_month_by_month(read: Read) -> None:
    """`month` to `month_end`, both in; a row of nothing paid is a month owed."""
    report = read("social_insurance", fixture(WITH_HEALTH))
    pension = next(
        one for one in report.records if isinstance(one, Contribution) and one.kind == "pension"
    )

    assert [(str(m.month), m.paid) for m in pension.months] == [
        ("2025-12", Money(288_000, "CNY")),
        ("2025-11", Money(288_000, "CNY")),
        ("2025-10", Money(288_000, "CNY")),
    ]
    assert (pension.status, pension.paid_to) == ("suspended", Month(2025, 12))


def test_a_span_that_runs_backwards_is_one_month(read: Read) -> None:
    """A slip of a clerk must not become a loop."""
    body = fixture(WITH_HEALTH)
    body["data"]["insurance_record"][0]["month_end"] = "1925-01"
    report = read("social_insurance", body)

    assert "insurance_record.month_end" in issues(report, IssueKind.BAD_VALUE)


@pytest.mark.parametrize("month", ["2026-04", "2026-13", "1899-12", "26-01", "2026", 202601])
def test_a_month_that_cannot_be_is_no_month(read: Read, month: object) -> None:
    """The answer is of March 2026: a payment for April did not happen."""
    body = fixture("housing_fund_sealed_account")
    body["data"]["bill_record"][0]["month"] = month
    told = fund(read("housing_fund", body))

    assert [str(m.month) for m in told.months] == ["2025-10", "2025-04"]


def test_a_day_before_anybodys_life_is_a_slip(read: Read) -> None:
    """An account that old would be the oldest of all."""
    body = fixture(WITH_HEALTH)
    body["data"]["base_info"]["first_insured_date"] = "1899-12-31"
    report = read("social_insurance", body)

    assert "base_info.first_insured_date" in issues(report, IssueKind.BAD_VALUE)


@pytest.mark.parametrize("amount", [-1, 1.5, True, "1e3", 10**15, "12.50"])
def test_an_amount_that_is_no_fen_is_an_issue(read: Read, amount: object) -> None:
    """Yuan with decimals where fen are due would be read a hundred times too small."""
    body = fixture("housing_fund_sealed_account")
    body["data"]["user_info"]["base_number"] = amount
    report = read("housing_fund", body)

    assert "user_info.base_number" in issues(report, IssueKind.BAD_VALUE)
    assert not any(isinstance(one, Income) for one in report.records)


def test_the_day_of_an_answer_is_chinas(connector_of: Callable[..., Connector]) -> None:
    """Five in the afternoon UTC is already tomorrow where the fund is."""
    body = orjson.dumps(fixture("housing_fund_sealed_account"))
    said = connector_of("housing_fund").read(RawAnswer(body, NOON.replace(hour=17)))

    assert isinstance(said, Report)
    assert {one.as_of for one in said.records} == {date(2026, 3, 2)}


def test_the_bill_may_lag_behind_the_account_and_the_other_way(read: Read) -> None:
    """Whichever is newer says up to when contributions were paid."""
    body = fixture("housing_fund_sealed_account")
    for last, paid_to in (("2025-09-12", Month(2025, 11)), ("2026-01-12", Month(2026, 1))):
        body["data"]["user_info"]["last_pay_date"] = last

        assert fund(read("housing_fund", body)).paid_to == paid_to


@pytest.mark.parametrize("back_payment", [900_000, 1_500_000])
def test_of_two_bases_for_a_month_the_higher_counts(read: Read, back_payment: int) -> None:
    """A back payment repeats the month, in whichever order the rows come."""
    body = fixture(WITH_HEALTH)
    rows = body["data"]["insurance_record"]
    for told in (
        [*rows, {**rows[0], "base_number": back_payment}],
        [{**rows[0], "base_number": back_payment}, *rows],
    ):
        body["data"]["insurance_record"] = told
        report = read("social_insurance", body)
        pension = next(
            one for one in report.records if isinstance(one, Income) and one.told_by == "pension"
        )

        assert pension.months[0].amount == Money(max(1_200_000, back_payment), "CNY")
