"""Housing fund 住房公积金, as aggregators bring it from the fund's own site (china.md 2.5).

Fields are those of the answer a lender's public program reads (field comments of its model
`MXGJJData`, undated). The envelope, units and forms of dates are in `connectors.normalise`.

What is read: the account (`user_info`), and the months paid (`bill_record`). A row of the bill is
a payment when it names what the employer or the person paid in, or is described as 缴 (paid in);
yearly interest and withdrawals are rows too, and none of them proves that anybody still pays.
Housing loans (`loan_info`, `loan_repay_record`) are not what this source is asked for: bureaus
report them under the lender's own terms, and a second account of the same loan would count twice.
They are counted as out of scope.

What the base is now becomes an `Income`, under the scope that needs the separate consent; the
fund keeps no history of it. The balance is a `Metric` under the same scope, in fen.

Unknown: how the request is made and signed, and the codes of failures; see `connectors.partner`.
The answer has no number and no time, so it is known by the digest of its bytes, as of its arrival.
"""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from datetime import datetime

from connectors.base import SourceSettings
from connectors.errors import SourceBrokeContract
from connectors.http import RawAnswer, SourceClient
from connectors.money import Money, Month, PartialDate
from connectors.normalise import aggregator, codes
from connectors.normalise.aggregator import Reading
from connectors.normalise.issues import Issues
from connectors.normalise.json_body import Json
from connectors.partner import Door, door
from connectors.records import (
    Contribution,
    Identity,
    Income,
    IncomeMonth,
    IssueKind,
    Metric,
    NoHit,
    Phone,
    Record,
    Report,
)
from consent.data_items import DataItem
from consent.decision import Permit
from consent.identity import Identity as Subject
from consent.subject import Scope

NAME = "housing_fund"
VERSION = "housing_fund/aggregator"
KIND = "housing_fund"

_ITEMS = frozenset(
    {
        DataItem.NAME,
        DataItem.ID_DOCUMENTS,
        DataItem.BIRTH_DATE,
        DataItem.SEX,
        DataItem.PHONE_NUMBERS,
        DataItem.EMAIL,
        DataItem.ADDRESSES,
        DataItem.HOUSING_FUND,
        DataItem.INCOME,
        DataItem.ASSET_BALANCES,
    }
)
_TABLES = codes.load(NAME)
_STATUSES = _TABLES.words("pay_status")
_SEXES = _TABLES.words("gender")

_DATA = frozenset(
    {"task_id", "city", "area_code", "user_info", "bill_record", "loan_info", "loan_repay_record"}
)
_ACCOUNT = frozenset(
    {
        "real_name", "id_card", "card_type", "mobile", "gender", "birthday", "email",
        "home_address", "corporation_name", "pay_status", "base_number", "monthly_total_income",
        "monthly_corporation_income", "monthly_customer_income", "corporation_ratio",
        "customer_ratio", "begin_date", "last_pay_date", "balance", "fund_balance",
        # Numbers of accounts and of the employer, and the part of the balance that is a subsidy:
        # known, and nothing we have a use for.
        "gjj_number", "customer_number", "corporation_number", "subsidy_balance",
        "subsidy_income", "subsidy_corporation_ratio", "subsidy_customer_ratio",
    }
)  # fmt: skip
_BILL = frozenset(
    {
        "month", "income", "outcome", "description", "balance", "deal_time", "corporation_name",
        "corporation_income", "customer_income", "corporation_ratio", "customer_ratio",
        "additional_income",
    }
)  # fmt: skip
_LOANS = ("loan_info", "loan_repay_record")
_PAID_IN = "缴"  # 汇缴, 补缴, 缴存: contributions of all sorts


@dataclass(frozen=True, slots=True)
class HousingFund:
    """The connector."""

    door: Door
    name: str = NAME
    items: frozenset[DataItem] = _ITEMS

    async def fetch(self, permit: Permit, subject: Subject, *, at: datetime) -> RawAnswer:  # noqa: ARG002 - the request carries no time
        """Ask for one person's fund."""
        return await self.door.ask(permit, subject)

    def read(self, raw: RawAnswer) -> Report | NoHit:
        """Read the account and its months."""
        body, data = aggregator.envelope(NAME, raw.content)
        if data is None:
            return NoHit(source=NAME, as_of=raw.received_at)
        account = data.get("user_info")
        if not isinstance(account, dict) or not account:
            raise SourceBrokeContract(NAME, "missing", "data.user_info")
        reading = Reading(Issues(NAME), aggregator.in_china(raw.received_at))
        reading.envelope(body)
        reading.known("data", data, _DATA)
        reading.known("user_info", account, _ACCOUNT)
        return Report(
            source=NAME,
            report_id=raw.sha256[:32],
            as_of=raw.received_at,
            version=VERSION,
            records=tuple(_records(reading, data, account)),
            issues=reading.issues.drain(),
        )


def build(client: SourceClient, settings: SourceSettings) -> HousingFund:
    """Make the connector from its options and the secret `key`."""
    return HousingFund(door(client, settings))


def _records(
    reading: Reading, data: Mapping[str, Json], account: Mapping[str, Json]
) -> Iterator[Record]:
    yield from _person(reading, account)
    for block in _LOANS:
        for _ in reading.items(block, data.get(block)):
            reading.issues.add(IssueKind.OUT_OF_SCOPE, block, "a housing loan, not asked for")
    months = aggregator.paid_months(_paid(reading, data.get("bill_record")))
    last = reading.date("user_info.last_pay_date", account.get("last_pay_date"))
    paid_to = _latest(months[0].month if months else None, last)
    yield Contribution(
        source=NAME,
        record_id="user_info",
        as_of=reading.day,
        kind=KIND,
        status=_word(reading, _STATUSES, "user_info.pay_status", account.get("pay_status")),
        employer=reading.text("user_info.corporation_name", account.get("corporation_name")),
        region=reading.text("data.area_code", data.get("area_code")),
        enrolled=reading.date("user_info.begin_date", account.get("begin_date")),
        first_paid=None,
        paid_to=paid_to,
        monthly_amount=_monthly(reading, account),
        employer_rate=reading.rate("user_info.corporation_ratio", account.get("corporation_ratio")),
        personal_rate=reading.rate("user_info.customer_ratio", account.get("customer_ratio")),
        months=months,
    )
    base = reading.fen("user_info.base_number", account.get("base_number"))
    if base is not None and paid_to is not None:
        yield Income(
            source=NAME,
            record_id="user_info.base_number",
            as_of=reading.day,
            told_by=KIND,
            months=(IncomeMonth(month=paid_to, amount=base),),
        )
    for field in ("balance", "fund_balance"):
        balance = reading.fen(f"user_info.{field}", account.get(field))
        if balance is not None:
            yield Metric(
                source=NAME,
                record_id=f"user_info.{field}",
                as_of=reading.day,
                scope=Scope.INCOME_AND_ASSETS,
                name=field,
                window="all",
                value=balance.minor,
                unit="fen",
            )


def _person(reading: Reading, account: Mapping[str, Json]) -> Iterator[Record]:
    name = reading.text("user_info.real_name", account.get("real_name"))
    documents = reading.document("user_info.id_card", account.get("id_card"))
    if name is not None or documents:
        yield Identity(
            source=NAME,
            record_id="user_info.person",
            as_of=reading.day,
            name=name,
            documents=documents,
            birth_date=reading.date("user_info.birthday", account.get("birthday")),
            sex=_word(reading, _SEXES, "user_info.gender", account.get("gender")),
            email=reading.text("user_info.email", account.get("email")),
            mailing_address=reading.text("user_info.home_address", account.get("home_address")),
        )
    mobile = reading.text("user_info.mobile", account.get("mobile"))
    if mobile is not None:
        yield Phone(source=NAME, record_id="user_info.mobile", as_of=reading.day, number=mobile)


def _paid(reading: Reading, value: Json) -> Iterator[tuple[Month, Money | None]]:
    """The months of the bill in which contributions came in, and how much."""
    for _, row in reading.items("bill_record", value):
        reading.known("bill_record", row, _BILL)
        month = reading.month("bill_record.month", row.get("month"))
        parts = [
            reading.fen(f"bill_record.{field}", row.get(field))
            for field in ("corporation_income", "customer_income")
        ]
        total = reading.fen("bill_record.income", row.get("income"))
        described = reading.text("bill_record.description", row.get("description")) or ""
        named = sum(part.minor for part in parts if part)
        if not named and not (_PAID_IN in described and total and total.minor):
            continue  # interest, a withdrawal, a transfer
        if month is None:
            reading.issues.add(IssueKind.MISSING, "bill_record.month", "payment without a month")
            continue
        yield month, Money(named, "CNY") if named else total


def _monthly(reading: Reading, account: Mapping[str, Json]) -> Money | None:
    """Both parts together, as the site adds them up, else as they stand."""
    total = reading.fen("user_info.monthly_total_income", account.get("monthly_total_income"))
    parts = [
        reading.fen(f"user_info.{field}", account.get(field))
        for field in ("monthly_corporation_income", "monthly_customer_income")
    ]
    if total is not None or None in parts:
        return total
    return Money(sum(part.minor for part in parts if part), "CNY")


def _latest(month: Month | None, last: PartialDate | None) -> Month | None:
    """The site's own last day of payment may be newer than the bill it shows."""
    own = None if last is None else Month.of(last.earliest())
    return max((one for one in (month, own) if one is not None), default=None)


def _word(reading: Reading, table: Mapping[str, str], where: str, value: Json) -> str | None:
    text = reading.text(where, value)
    if text is not None and text not in table:
        reading.issues.unknown_code(where, text)
    return None if text is None else table.get(text)
