"""Made-up reports about a made-up person, and the shipped rules to merge them by."""

import csv
import tomllib
from dataclasses import replace
from datetime import UTC, date, datetime
from pathlib import Path
from typing import Any

from connectors.money import Money, Month, PartialDate
from connectors.records import (
    AccountKind,
    AccountStatus,
    Contribution,
    GridMonth,
    IdDocument,
    Identity,
    Income,
    IncomeMonth,
    Inquiry,
    InquiryKind,
    LenderType,
    Metric,
    PaymentStatus,
    Phone,
    Record,
    RegionIndex,
    RegionMonth,
    Report,
    Tradeline,
)
from consent.identity import Identity as Subject
from consent.subject import Scope
from gateway.attributes import Catalogue, Catalogues
from gateway.merge import MergeConfig, merge
from gateway.merge.config import MergeRules
from gateway.merge.retention import Retention
from gateway.profile import (
    BorrowerProfile,
    Heard,
    Outcome,
    ProfileInquiry,
    ProfileTradeline,
    SourceLine,
)
from gateway.reasons import ReasonRules
from gateway.resolve.institutions import InstitutionRow, Institutions
from gateway.resolve.person import PersonRules
from gateway.signals import SignalRules

CONFIG_DIR = Path(__file__).resolve().parents[2] / "config"

AT = datetime(2026, 3, 17, 4, tzinfo=UTC)
TODAY = date(2026, 3, 17)
NEWEST = Month(2026, 2)
SUBJECT = Subject("甲云帆", "CN_RIC", "999999199001010016", "8610012345678", date(1990, 1, 1))
ALL = tuple(Scope)


def table(name: str) -> dict[str, Any]:
    """One shipped TOML file."""
    return tomllib.loads((CONFIG_DIR / name).read_text())


def institution_rows() -> list[InstitutionRow]:
    """The shipped directory."""
    with (CONFIG_DIR / "institutions.csv").open(newline="") as file:
        return [InstitutionRow.model_validate(row) for row in csv.DictReader(file)]


CN = table("jurisdictions/cn.toml")
CONFIG = MergeConfig(
    MergeRules.model_validate(table("merge.toml")),
    Institutions.of(institution_rows()),
    Catalogues.of((Catalogue.model_validate(table("attributes/core-1.toml")),), "core/1"),
    ReasonRules.model_validate(table("reasons.toml")),
    SignalRules.model_validate(table("signals.toml")),
    {"CN": PersonRules.model_validate(table("person/cn.toml"))},
    dict.fromkeys(CN["sources"], Retention.model_validate(CN["retention"])),
)

# What two bureaus call the lenders 示例晴川消费金融有限公司 and 示例橘子小额贷款有限公司.
QINGCHUAN = {"pboc": "AN", "baihang": "示例晴川消金"}
JUZI = {"pboc": "AU", "baihang": "示例橘子小贷"}


def day(text: str | None) -> PartialDate | None:
    """A partial date from its text."""
    return None if text is None else PartialDate.parse(text)


def cny(yuan: int | None) -> Money | None:
    """Whole yuan."""
    return None if yuan is None else Money(yuan * 100, "CNY")


def grid(text: str, newest: Month = NEWEST) -> tuple[GridMonth, ...]:
    """A grid in the letters of list A.33, newest month first: N, *, 1-7, C, G, B, # and /."""
    return tuple(
        GridMonth(month=newest.plus(-back), status=_LETTERS[letter])
        for back, letter in enumerate(text)
    )


_LETTERS = {
    "N": PaymentStatus.CURRENT,
    "*": PaymentStatus.NOTHING_DUE,
    "1": PaymentStatus.DPD_1_30,
    "2": PaymentStatus.DPD_31_60,
    "3": PaymentStatus.DPD_61_90,
    "7": PaymentStatus.DPD_181_PLUS,
    "C": PaymentStatus.CLOSED,
    "G": PaymentStatus.ENDED,
    "B": PaymentStatus.CHARGED_OFF,
    "#": PaymentStatus.UNKNOWN,
    "/": PaymentStatus.NOT_YET_OPEN,
}


def loan(source: str = "pboc", record_id: str = "A1", **facts: Any) -> Tradeline:
    """An instalment loan of 12,000 yuan from 晴川, unless `facts` say otherwise."""
    known: dict[str, Any] = {
        "as_of": date(2026, 2, 28),
        "kind": AccountKind.INSTALMENT_LOAN,
        "status": AccountStatus.CURRENT,
        "lender": QINGCHUAN.get(source, "示例晴川消费金融有限公司"),
        "lender_type": LenderType.CONSUMER_FINANCE,
        "account_ref": f"{source}-{record_id}",
        "opened": day("2025-03-05"),
        "currency": "CNY",
        "matures": day("2027-03-15"),
        "original_amount": cny(12_000),
        "balance": cny(6_000),
        "terms": 24,
        "grid": grid("NNNNNNNNNNN"),
    }
    return Tradeline(source=source, record_id=record_id, **{**known, **facts})


def card(source: str = "pboc", record_id: str = "C1", **facts: Any) -> Tradeline:
    """A credit card with a limit of 20,000 yuan, half used, unless `facts` say otherwise."""
    known: dict[str, Any] = {
        "kind": AccountKind.CREDIT_CARD,
        "opened": day("2020-06-01"),
        "matures": None,
        "original_amount": None,
        "credit_limit": cny(20_000),
        "balance": cny(10_000),
        "used": cny(10_000),
        "terms": None,
        "lender_type": LenderType.BANK,
    }
    return loan(source, record_id, **{**known, **facts})


SOLD = loan(
    "pboc", "S1", status=AccountStatus.CHARGED_OFF, original_amount=cny(9_000),
    balance=cny(8_000), grid=grid("BBBB7"),
)  # fmt: skip
COLLECTED = loan(
    "pboc", "S2", kind=AccountKind.COLLECTION, status=AccountStatus.IN_COLLECTION, lender="BI",
    product="asset_disposal", opened=day("2025-11-18"), original_amount=cny(8_000),
    balance=cny(8_000), matures=None, terms=None, grid=(),
)  # fmt: skip
"""A debt that was written off, and what its buyer collects."""


def inquiry(source: str = "pboc", record_id: str = "Q1", **facts: Any) -> Inquiry:
    """晴川 asked about a loan application a week ago, unless `facts` say otherwise."""
    known: dict[str, Any] = {
        "as_of": TODAY,
        "on": day("2026-03-10"),
        "kind": InquiryKind.LOAN_APPLICATION,
        "reason": "02",
        "institution": QINGCHUAN.get(source),
        "institution_type": LenderType.CONSUMER_FINANCE,
    }
    return Inquiry(source=source, record_id=record_id, **{**known, **facts})


def contribution(
    source: str = "social_insurance", record_id: str = "K1", **facts: Any
) -> Contribution:
    """A pension paid every month up to the last, unless `facts` say otherwise."""
    known: dict[str, Any] = {
        "as_of": TODAY,
        "kind": "pension",
        "status": "paying",
        "employer": None,
        "region": None,
        "enrolled": None,
        "first_paid": None,
        "paid_to": NEWEST,
        "monthly_amount": None,
    }
    return Contribution(source=source, record_id=record_id, **{**known, **facts})


def income(*yuan: int | None, newest: Month = NEWEST, **facts: Any) -> Income:
    """Bases month by month, newest first; None for a month without one."""
    known: dict[str, Any] = {"as_of": TODAY, "told_by": "pension", "record_id": "I1"}
    months = tuple(
        IncomeMonth(month=newest.plus(-ago), amount=Money(pay * 100, "CNY"))
        for ago, pay in enumerate(yuan)
        if pay is not None
    )
    return Income(source="social_insurance", months=months, **{**known, **facts})


def region(*indexes: int | None, newest: Month = NEWEST, record_id: str = "region") -> RegionIndex:
    """A region month by month, newest first; None for a month that is not in the table."""
    return RegionIndex(
        source="region_risk",
        record_id=record_id,
        as_of=TODAY,
        region="999999",
        chosen_by="id_number",
        months=tuple(
            RegionMonth(month=newest.plus(-ago), index=index)
            for ago, index in enumerate(indexes)
            if index is not None
        ),
    )


def metric(source: str, name: str, value: int) -> Metric:
    """A count a source made itself."""
    return Metric(
        source=source, record_id=name, as_of=TODAY, scope=Scope.INQUIRIES, name=name,
        window="d30", value=value, unit="count",
    )  # fmt: skip


def who(source: str = "pboc", record_id: str = "ID", **facts: Any) -> Identity:
    """The subject as a source knows them, unless `facts` say otherwise."""
    known: dict[str, Any] = {
        "as_of": TODAY,
        "name": SUBJECT.name,
        "documents": (IdDocument(type="CN_RIC", number=SUBJECT.id_number),),
        "birth_date": day("1990-01-01"),
    }
    return Identity(source=source, record_id=record_id, **{**known, **facts})


def phone(number: str, source: str = "pboc") -> Phone:
    """A telephone number in a report."""
    return Phone(source=source, record_id=f"T{number}", as_of=TODAY, number=number)


def report(source: str, *records: Record) -> Report:
    """A report of these records and the subject's identity."""
    about: tuple[Record, ...] = (
        () if any(isinstance(r, Identity) for r in records) else (who(source),)
    )
    return Report(
        source=source, report_id=f"R-{source}", as_of=AT, version="1", records=about + records
    )


def heard(source: str, *records: Record, **facts: Any) -> Heard:
    """A source that answered with these records."""
    line = SourceLine(source=source, outcome=Outcome.REPORT, scopes=ALL)
    return Heard(replace(line, **facts), report(source, *records))


def silent(source: str, outcome: Outcome = Outcome.UNAVAILABLE) -> Heard:
    """A source that was asked for everything and brought no report."""
    return Heard(SourceLine(source=source, outcome=outcome, scopes=ALL))


def merged(*told: Heard) -> BorrowerProfile:
    """The profile of what was heard."""
    return merge(told, SUBJECT, CONFIG, at=AT, jurisdiction="CN")


def pulled(*records: Record, nothing_from: tuple[str, ...] = ()) -> BorrowerProfile:
    """The profile of these records, each source one report; PBOC and Baihang always answer."""
    sources = {"pboc", "baihang"} | {record.source for record in records}
    return merged(
        *(
            heard(source, *(record for record in records if record.source == source))
            for source in sorted(sources - set(nothing_from))
        ),
        *(silent(source) for source in nothing_from),
    )


def lines_of(profile: BorrowerProfile) -> tuple[ProfileTradeline, ...]:
    """The accounts."""
    assert profile.tradelines is not None
    return profile.tradelines.lines


def inquiries_of(profile: BorrowerProfile) -> tuple[ProfileInquiry, ...]:
    """The inquiries."""
    assert profile.inquiries is not None
    return profile.inquiries.inquiries
