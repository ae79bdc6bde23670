"""The parsers read what the sandbox writes: two readings of the same documents must agree.

Renderers and parsers share no table and no code, and the truth is computed from the life. A
mismatch means that one of them has misread the source's document.
"""

import functools
from collections import Counter
from collections.abc import Callable
from datetime import UTC, date, datetime, timedelta
from typing import TypeVar

import httpx
import pytest

from connectors import registry
from connectors.base import Connector, SourceSettings
from connectors.data_items import items_of
from connectors.http import RawAnswer, SourceClient
from connectors.money import Money, Month, PartialDate
from connectors.records import (
    AccountKind,
    BureauScore,
    Contribution,
    Identity,
    Income,
    Inquiry,
    IssueKind,
    ListHit,
    Metric,
    NoHit,
    PaymentStatus,
    PublicRecord,
    Record,
    RegionIndex,
    Report,
    Tradeline,
)
from connectors.sandbox import bureaus, truth
from connectors.sandbox.desks import PARTNERS, Credentials, Desk
from connectors.sandbox.facts import Life
from connectors.sandbox.lenders import (
    BAIHANG,
    BAIRONG,
    HOUSING_FUND,
    PBOC,
    REGION_RISK,
    SOCIAL_INSURANCE,
    TELECOM,
    TONGDUN,
)
from connectors.sandbox.noise import DEFAULT, HEAVY, Noise
from connectors.sandbox.render import baihang, bairong, region_risk, social_insurance, telecom
from connectors.sandbox.render.pboc import message
from connectors.sandbox.render.pboc.message import Envelope
from connectors.sandbox.render.pboc.person import Ask
from connectors.sandbox.truth import TrueAccount
from connectors.sandbox.world import World
from consent import identity
from consent.data_items import DataItem
from consent.decision import Permit
from tests.connectors.test_contract import DECLARED

T = TypeVar("T", bound=Record)

TODAY = date(2026, 3, 1)
NOON = datetime(2026, 3, 1, 12, tzinfo=UTC)
MEMBER = Credentials()
WORLD = World(seed=11, today=TODAY, size=200)
ORDER = bairong.Order(
    customer=MEMBER.bairong_api_code, products=frozenset(bairong.PRODUCTS), mobile=None
)
OPTIONS = {
    TONGDUN: {"path": "/preloan/report", "id_field": "id_number"},
    HOUSING_FUND: {"path": "/report"},
    SOCIAL_INSURANCE: {"path": "/report"},
    REGION_RISK: {},
    TELECOM: DECLARED[TELECOM]["options"],
}
SETTINGS = {
    PBOC: SourceSettings(
        name=PBOC,
        reasons={"loan_origination": "02"},
        options={
            "sender_org": MEMBER.org_code,
            "receiver_org": message.BUREAU_ORG,
            "user_code": MEMBER.user_code,
            "originate_org": MEMBER.org_code,
            "originate_user": MEMBER.user_code,
            "service_code": MEMBER.service_code,
        },
        secrets={"password": MEMBER.password},
    ),
    BAIHANG: SourceSettings(
        name=BAIHANG,
        reasons={"loan_origination": "1"},
        options={"guarantee_type": 1, "loan_purpose": 10, "custom_type": 3},
        secrets={"user": MEMBER.baihang_user, "password": MEMBER.baihang_password},
    ),
    BAIRONG: SourceSettings(
        name=BAIRONG,
        reasons={"loan_origination": "-"},
        options={"products": ["ApplyLoanStr", "SpecialList_c"]},
        secrets={"api_code": MEMBER.bairong_api_code},
    ),
} | {
    source: SourceSettings(
        name=source,
        reasons={"loan_origination": "-"},
        options=OPTIONS[source],
        secrets={"key": MEMBER.partner_keys[source]},
    )
    for source in OPTIONS
}


def connector(source: str) -> Connector:
    """The real connector of a source, whose network is the sandbox's desk and no socket."""
    desk = Desk(WORLD, MEMBER)

    def answer(request: httpx.Request) -> httpx.Response:
        match source:
            case "pboc":
                reply = desk.pboc(request.content, NOON)
            case "baihang":
                who = request.headers.get("Authorization", "")
                reply = desk.baihang(who, request.content, NOON)
            case "bairong":
                reply = desk.bairong(request.content, NOON)
            case "region_risk":
                who = request.headers.get("Authorization", "")
                reply = desk.region_risk(who, request.content, NOON)
            case "telecom":
                who = request.headers.get("Authorization", "")
                reply = desk.telecom(who, request.content, NOON)
            case _:
                who = request.headers.get("Authorization", "")
                reply = desk.partner(source, who, request.content, NOON)
        return httpx.Response(reply.status, content=reply.body)

    client = SourceClient(
        source=source,
        http=httpx.MockTransport(answer),
        url="https://sandbox.invalid",
        timeout_s=5.0,
        max_body_bytes=1 << 22,
        clock=lambda: NOON,
    )
    build = registry.declared if source in DECLARED else registry.build
    return build(source, client, SETTINGS[source])


def rendered(source: str, life: Life) -> bytes:
    """The bytes of this source about this life."""
    match source:
        case "pboc":
            person = life.person
            ask = Ask(MEMBER.org_code, "02", person.name, "10", person.id_number)
            return message.answer(life, ask, Envelope(MEMBER.org_code, NOON))
        case "baihang":
            return baihang.answer(life, NOON)
        case "bairong":
            return bairong.answer(life, ORDER, NOON)
        case "region_risk":
            return region_risk.answer(life.person.id_number[:6], life.today, NOON)
        case "telecom":
            return telecom.answer(life, life.person.mobile, NOON)
        case _:
            return PARTNERS[source].answer(life, NOON)


Told = list[tuple[Life, Report]]


@pytest.fixture(scope="module")
def reports() -> Callable[[str], Told]:
    """Every life of the world a source knows, with its report as the connector reads it."""

    @functools.cache
    def told(source: str) -> Told:
        reader, found = connector(source), []
        for life in WORLD.lives():
            if bureaus.knows(life, source):
                report = reader.read(RawAnswer(rendered(source, life), NOON))
                assert isinstance(report, Report), life
                found.append((life, report))
        return found

    return told


@pytest.fixture(name="pboc")
def _pboc(reports: Callable[[str], Told]) -> Told:
    return reports(PBOC)


@pytest.fixture(name="baihang_reports")
def _baihang(reports: Callable[[str], Told]) -> Told:
    return reports(BAIHANG)


@pytest.fixture(name="bairong_reports")
def _bairong(reports: Callable[[str], Told]) -> Told:
    return reports(BAIRONG)


@pytest.fixture(name="tongdun_reports")
def _tongdun(reports: Callable[[str], Told]) -> Told:
    return reports(TONGDUN)


@pytest.fixture(name="fund_reports")
def _fund(reports: Callable[[str], Told]) -> Told:
    return reports(HOUSING_FUND)


@pytest.fixture(name="insurance_reports")
def _insurance(reports: Callable[[str], Told]) -> Told:
    return reports(SOCIAL_INSURANCE)


def of(kind: type[T], report: Report) -> list[T]:
    """The records of one kind, in order."""
    return [record for record in report.records if isinstance(record, kind)]


@pytest.mark.parametrize("source", SETTINGS)
async def test_question_and_answer_fit(source: str, permit_for: Callable[..., Permit]) -> None:
    """The desk understands what the connector asks, and knows exactly those it should."""
    asking = connector(source)
    for name in WORLD.cast:
        life = WORLD.persona(name)
        subject = identity.check(
            name=life.person.name,
            id_type="CN_RIC",
            id_number=life.person.id_number,
            mobile=life.person.mobile,
            allow_test_region=True,
        )
        raw = await asking.fetch(permit_for(source), subject, at=NOON)
        got = asking.read(raw)

        known = bureaus.knows(life, source)
        assert isinstance(got, Report if known else NoHit), (name, source)


NOT_SIMULATED = {
    (PBOC, DataItem.STATEMENTS): "nobody objects to a whole report",
    (BAIRONG, DataItem.ENFORCEMENT): "rare: the world may hold nobody the courts pursue",
    (BAIRONG, DataItem.PUBLIC_RECORD_SUMMARIES): "courts' entries are not counted",
    (BAIRONG, DataItem.BEHAVIOUR_SUMMARIES): "lists name nobody's relations",
    (TONGDUN, DataItem.ENFORCEMENT): "rare: the world may hold nobody the courts pursue",
    (TONGDUN, DataItem.WARNING_LISTS): "only those whom courts pursue stand on one",
    (HOUSING_FUND, DataItem.ADDRESSES): "the fund's site shows none",
    (SOCIAL_INSURANCE, DataItem.ADDRESSES): "the city's site shows none",
}
"""Items a source declares that no simulated report need hold, and why not; fixtures do."""


@pytest.mark.parametrize("source", SETTINGS)
def test_a_report_holds_the_items_its_source_declares(
    source: str, reports: Callable[[str], Told]
) -> None:
    """What a borrower was told is collected, no more, and as good as no less."""
    declared = connector(source).items
    found = frozenset(
        item
        for _, report in reports(source)
        for record in report.records
        for item in items_of(record)
    )

    assert found <= declared
    assert {(source, item) for item in declared - found} <= NOT_SIMULATED.keys()


def test_pboc_reports_raise_no_issue(pboc: list[tuple[Life, Report]]) -> None:
    """Every tag and code is known, and the summaries agree with the details."""
    found = Counter(
        (issue.kind, issue.where, issue.what) for _, report in pboc for issue in report.issues
    )

    assert not found


@pytest.mark.parametrize("size", [50, pytest.param(120, marks=pytest.mark.slow)])
@pytest.mark.parametrize("noise", [DEFAULT, HEAVY], ids=lambda noise: noise.name)
def test_noise_makes_no_summary_contradict_the_details(noise: Noise, size: int) -> None:
    """A bureau that knows less, or later, sums what it knows: that is no contradiction."""
    reader, world = connector(PBOC), World(seed=13, today=TODAY, size=size, noise=noise)
    said = [
        reader.read(RawAnswer(rendered(PBOC, life), NOON))
        for life in world.lives()
        if bureaus.knows(life, PBOC)
    ]

    assert len(said) > 0.8 * size
    assert not [
        (issue.where, issue.what)
        for report in said
        if isinstance(report, Report)
        for issue in report.issues
        if issue.kind is IssueKind.CONTRADICTION
    ]


def test_pboc_accounts_are_the_true_ones(pboc: list[tuple[Life, Report]]) -> None:
    """All of them, in order, with kind, standing, dates and amounts."""
    for life, report in pboc:
        lines, answers = of(Tradeline, report), truth.accounts(life, PBOC)
        assert [line.account_ref for line in lines] == [answer.ref for answer in answers]
        for line, answer in zip(lines, answers, strict=True):
            _check_account(line, answer)


def _check_account(line: Tradeline, answer: TrueAccount) -> None:
    granted = line.credit_limit if line.original_amount is None else line.original_amount
    assert (line.kind, line.status) == (answer.kind, answer.status)
    assert line.lender == answer.lender
    assert line.opened == _day(answer.opened)
    assert line.balance == Money(answer.balance, "CNY")
    assert granted == Money(answer.granted, "CNY")
    if line.status in {"closed", "transferred"}:
        assert answer.ended is not None
        assert line.closed == _day(answer.ended) or line.transferred is not None
    if line.past_due is not None:  # only accounts with monthly figures
        assert line.past_due == Money(answer.past_due, "CNY")
        assert line.overdue_terms == answer.terms_overdue


def _day(day: date) -> PartialDate:
    return PartialDate(day.year, day.month, day.day)


def test_pboc_grids_are_the_true_ones(pboc: list[tuple[Life, Report]]) -> None:
    """Month by month; the month the bureau missed is unknown and not on time."""
    for life, report in pboc:
        answers = truth.accounts(life, PBOC)
        for line, answer in zip(of(Tradeline, report), answers, strict=True):
            if line.kind is AccountKind.COLLECTION:
                continue
            read = {cell.month: cell.status for cell in line.grid}
            assert {month: read.get(month) for month in answer.grid} == dict(answer.grid)
            before = {s for m, s in read.items() if m < min(answer.grid, default=m)}
            assert PaymentStatus.UNKNOWN not in before or len(line.grid) > truth.GRID_MONTHS


def test_pboc_inquiries_are_the_true_ones(pboc: list[tuple[Life, Report]]) -> None:
    """Who asked, when and whether it was a hard inquiry."""
    for life, report in pboc:
        asked = [q for q in bureaus.queries(life, PBOC, 730) if q.lender]

        assert [(i.on, i.kind, i.institution) for i in of(Inquiry, report)] == [
            (_day(q.on), q.kind, q.lender and q.lender.aliases[PBOC]) for q in asked
        ]


def test_pboc_tells_the_person_and_their_fund(pboc: list[tuple[Life, Report]]) -> None:
    """Identity and housing fund arrive in both charsets."""
    for life, report in pboc:
        (who,) = of(Identity, report)
        assert who.name == life.person.name
        assert life.person.id_number in {document.number for document in who.documents}
        assert who.birth_date == _day(life.person.born)
        paid = [one.paid_to for one in of(Contribution, report)]
        assert paid == ([life.housing_fund.paid_to] if life.housing_fund else [])


def test_baihang_raises_no_issue_but_the_unpublished_codes(
    baihang_reports: list[tuple[Life, Report]],
) -> None:
    """Tenant types and reasons beyond 1 have no public meaning; nothing else may be odd."""
    where = {issue.where for _, report in baihang_reports for issue in report.issues}

    assert where <= {"queryHistory.tenantType", "queryHistory.reason"}


def test_baihang_metrics_are_the_true_ones(
    baihang_reports: list[tuple[Life, Report]],
) -> None:
    """Counts and sums of instalment loans, recomputed from the answer sheet."""
    loans = {AccountKind.INSTALMENT_LOAN, AccountKind.REVOLVING_SUBACCOUNT}
    for life, report in baihang_reports:
        held = [a for a in truth.accounts(life, BAIHANG) if a.kind in loans]
        owing = [a for a in held if a.status.open]
        metrics = _metrics(report, segment="non_revolving", window="all")

        assert metrics.get("loanCount", 0) == len(held)
        assert metrics.get("openLoanCount", 0) == len(owing)
        assert metrics.get("remainingAmount", 0) == sum(a.balance for a in owing)
        assert metrics.get("remainingOverdueAmount", 0) == sum(a.past_due for a in owing)


def test_bairong_metrics_are_the_true_ones(
    bairong_reports: list[tuple[Life, Report]],
) -> None:
    """Applications and institutions in three months, banks and others."""
    for life, report in bairong_reports:
        assert not report.issues
        made = bureaus.applications(life, 90)
        metrics = _metrics(report, segment="bank", window="m3") | {
            f"nbank_{k}": v for k, v in _metrics(report, segment="nbank", window="m3").items()
        }
        banks = [a for a in made if a.lender.type == "bank"]

        assert metrics.get("allnum", 0) == len(banks)
        assert metrics.get("nbank_allnum", 0) == len(made) - len(banks)
        assert metrics.get("orgnum", 0) == len({a.lender.code for a in banks})


def test_bairong_lists_whom_lenders_and_courts_have_given_up(
    bairong_reports: list[tuple[Life, Report]],
) -> None:
    """Long overdue, on a list; on time everywhere, on none."""
    lists = Counter[str]()
    for life, report in bairong_reports:
        late = {
            one.lender.type
            for one in life.accounts
            if BAIRONG in one.lender.asks and one.last and one.last.months_late > 3
        }
        kept_by = {h.kept_by or "" for h in of(ListHit, report) if h.reason == "bad"}
        courts = {r.record_id for r in of(PublicRecord, report)}

        assert {_LISTS[kind] for kind in late} <= kept_by
        assert bool(courts) == bool(bureaus.enforced(life))
        assert bool(of(ListHit, report) or courts) == bool(bureaus.listed(life))
        lists.update(kept_by)
        if life.persona == "steady":
            assert not bureaus.listed(life)
    assert len(lists) > 2


_LISTS = {
    "bank": "bank",
    "microlender": "nbank.mc",
    "consumer_finance": "nbank.cf",
    "other": "nbank.ca",
    "auto_finance": "nbank.other",
    "leasing": "nbank.other",
}


def test_tongdun_counts_the_platforms_of_the_life(
    tongdun_reports: list[tuple[Life, Report]],
) -> None:
    """Windows read off the names of rules, platforms counted from the life; nothing is odd."""
    counted = 0
    for life, report in tongdun_reports:
        assert not report.issues
        applied, _ = bureaus.platform_uses(life)
        for window, days in (("d7", 7), ("m1", 30), ("m3", 90), ("m12", 360)):
            since = life.today - timedelta(days=days)
            lenders = len({one.lender.code for one in applied if one.on > since})
            found = _platforms(report, window)

            assert found == ({"": lenders, "id": lenders} if lenders >= bureaus.FEW else {})
            counted += len(found)
    assert counted


def _platforms(report: Report, window: str) -> dict[str, int]:
    """Platforms applied to in a window, by what was matched on; mobiles may have changed."""
    return {
        metric.key: metric.value
        for metric in of(Metric, report)
        if (metric.name, metric.window, metric.segment) == ("platforms_applied_count", window, "")
        and metric.key != "cell"
    }


def test_tongdun_tells_scores_and_courts(tongdun_reports: list[tuple[Life, Report]]) -> None:
    """A decision with every report, and each running enforcement as a public record."""
    for life, report in tongdun_reports:
        (score,) = of(BureauScore, report)
        courts = of(PublicRecord, report)

        assert score.value is not None
        assert score.factors
        assert [c.filed for c in courts] == [_day(f.on) for f in bureaus.enforced(life)]
        assert bool(of(ListHit, report)) == bool(courts)


def test_the_fund_tells_the_months_paid(fund_reports: list[tuple[Life, Report]]) -> None:
    """Interest is on the bill too and is nobody's contribution; the amounts are fen."""
    for life, report in fund_reports:
        assert not report.issues
        fund, (told,) = life.housing_fund, of(Contribution, report)
        assert fund is not None
        paid = [
            month
            for month, _ in life.income
            if any(job.housing_fund and job.covers(month) for job in life.jobs)
        ]

        assert [one.month for one in told.months] == paid[::-1]
        assert told.paid_to == fund.paid_to
        assert told.status == ("suspended" if fund.sealed else "paying")
        assert told.monthly_amount == Money(fund.monthly, "CNY")


def test_insurance_tells_the_income(insurance_reports: list[tuple[Life, Report]]) -> None:
    """The base of each month is the pay of that month; months without pay are not there."""
    for life, report in insurance_reports:
        pays = [(m, Money(pay, "CNY")) for m, pay in reversed(life.income) if pay]
        kinds = {one.kind: one for one in of(Contribution, report)}
        (pension,) = (one for one in of(Income, report) if one.told_by == "pension")

        assert set(kinds) == {"pension", "unemployment", "work_injury"}
        assert [(one.month, one.amount) for one in pension.months] == pays
        assert [one.month for one in kinds["pension"].months] == [*reversed(life.pension_months)]
        stopped = life.pension_months[-1] < Month.of(TODAY).plus(-1)
        assert kinds["pension"].status == ("suspended" if stopped else "paying")


def test_a_region_is_told_by_the_number_of_whoever_is_from_there() -> None:
    """Two regions, two tables; whoever else is asked about in one hears the same of it."""
    reader = connector(REGION_RISK)
    told = {}
    for name in ("steady", "risky-region", "thin-file"):
        life = WORLD.persona(name)
        report = reader.read(RawAnswer(rendered(REGION_RISK, life), NOON))
        assert isinstance(report, Report)
        assert not report.issues
        (told[name],) = of(RegionIndex, report)

    assert told["steady"] == told["thin-file"]
    assert (told["steady"].region, told["risky-region"].region) == ("999999", "999998")
    assert max(m.index for m in told["steady"].months) < 40 < told["risky-region"].months[0].index


def test_a_telephone_is_told_as_it_is_and_names_nobody() -> None:
    """What the operator says is about the line; no word of it is merged as who somebody is."""
    reader = connector(TELECOM)
    words = Counter[str]()
    for life in WORLD.lives():
        person = life.person
        for mobile in (person.mobile, person.former_mobile):
            if mobile is None:
                continue
            report = reader.read(RawAnswer(telecom.answer(life, mobile, NOON), NOON))
            assert isinstance(report, Report)
            assert not report.issues
            told = {m.name: m for m in of(Metric, report)}
            current = mobile == person.mobile
            months = (life.today - person.mobile_since).days // 30

            assert len(told) == len(report.records)
            assert told["three_factor_agree"].value == int(current)
            assert told["phone_in_use"].value == int(told["phone_in_use"].segment == "in_use")
            assert ("months_in_network" in told) == current
            assert not current or told["months_in_network"].value <= months
            words[told["phone_in_use"].segment] += 1
    assert set(words) == {"in_use", "suspended", "cancelled"}


async def test_no_health_data_gets_past_the_door(permit_for: Callable[..., Permit]) -> None:
    """R-03: never asked for; sent unasked it is out of the bytes, and the report says how much."""
    asking = connector(SOCIAL_INSURANCE)
    talkative = next(
        life
        for life in WORLD.lives()
        if bureaus.knows(life, SOCIAL_INSURANCE) and social_insurance.tells_of_health(life)
    )
    subject = identity.check(
        name=talkative.person.name,
        id_type="CN_RIC",
        id_number=talkative.person.id_number,
        mobile=talkative.person.mobile,
        allow_test_region=True,
    )
    sent = rendered(SOCIAL_INSURANCE, talkative).decode()
    raw = await asking.fetch(permit_for(SOCIAL_INSURANCE), subject, at=NOON)
    got = asking.read(raw)

    assert all(word in sent for word in ("医院", "门诊", "医疗", "medical"))
    kept = raw.content.decode().replace('"medical":1', "").replace('"base_info.medical":1', "")
    assert not any(word in kept for word in ("医院", "门诊", "医疗", "medical", "420000"))
    assert isinstance(got, Report)
    counts = {i.where: i.count for i in got.issues if i.kind is IssueKind.FORBIDDEN}
    months = len(talkative.pension_months)
    assert counts == {
        "medical": 1, "base_info.medical": 1, "insurances": 1, "insurance_record": months,
    }  # fmt: skip


def _metrics(report: Report, *, segment: str, window: str) -> dict[str, int]:
    return {
        metric.name: metric.value
        for metric in of(Metric, report)
        if (metric.segment, metric.window) == (segment, window)
    }
