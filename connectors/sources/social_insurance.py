"""Social insurance 社会保险, as aggregators bring it from the city's own site (china.md 2.5).

Fields are those of the answer a lender's public program reads (its model `MXSBData`, undated) and
of the shared notes. The envelope, units and forms of dates are in `connectors.normalise`.

**Health data is forbidden** (rule R-03; 征信业管理条例 art. 14(1): disease and medical history).
Medical (2), maternity (4) and serious-illness insurance (6), their balances, and what was spent on
them at which hospital are never asked for: the request names pension, unemployment and work
injury insurance and nothing else. Where they come all the same, `fetch` takes them out of the
answer before anybody stores it, and leaves how many there were; `read` counts them as forbidden.
So the digest in the audit log is that of the answer without them.

What is read: for each of the three insurances one `Contribution` (status, employer, months paid)
and one `Income`, the base of each month, under the scope that needs the separate consent.
A month that is paid twice counts once, with the higher base: back payments repeat a month.

Unknown: how the request is made and signed, the codes of failures and the meaning of
`insurance_status`. `pay_status` is prose that differs by city; what the table does not list is
an issue. Nation, household registration and the like are known and left alone.
"""

from collections import Counter
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass, replace
from datetime import datetime

import orjson

from connectors.base import SourceSettings
from connectors.errors import SourceError
from connectors.http import RawAnswer, SourceClient
from connectors.money import Money, Month, PartialDate
from connectors.normalise import aggregator, codes, json_body
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
    NoHit,
    Phone,
    Record,
    Report,
)
from consent.data_items import DataItem
from consent.decision import Permit
from consent.identity import Identity as Subject

NAME = "social_insurance"
VERSION = "social_insurance/aggregator"
WITHHELD = "withheld_by_gateway"
"""Where `fetch` leaves, in `data`, how many entries of what it took out."""

_ITEMS = frozenset(
    {
        DataItem.NAME,
        DataItem.ID_DOCUMENTS,
        DataItem.BIRTH_DATE,
        DataItem.SEX,
        DataItem.PHONE_NUMBERS,
        DataItem.ADDRESSES,
        DataItem.SOCIAL_INSURANCE,
        DataItem.INCOME,
    }
)
_TABLES = codes.load(NAME)
_INSURANCES = _TABLES.words("insurance_code")
_STATUSES = _TABLES.words("pay_status")
_SEXES = _TABLES.words("sex")
_FORBIDDEN, _OTHER, _PENSION = "forbidden", "other", "pension"
_KINDS = tuple(sorted(set(_INSURANCES.values()) - {_FORBIDDEN, _OTHER}))
_ASKED = tuple(sorted(int(code) for code, word in _INSURANCES.items() if word in _KINDS))
_HEALTH = ("medical", "maternity")  # how the fields about it begin
_HEALTH_NAMES = ("医疗", "生育", "大病")  # and what the insurances are called
_LISTS = ("insurances", "insurance_record")
_PLACES = frozenset({*_HEALTH, *(f"base_info.{one}" for one in _HEALTH), *_LISTS})
_MOST = 10**6  # entries of one sort; no answer we read can hold more
_MOST_MONTHS = 60  # in one row: a back payment of more than five years is a slip

_DATA = frozenset({"task_id", "city", "area_code", "base_info", *_LISTS, WITHHELD})
_BASE = frozenset(
    {
        "real_name", "id_card", "phone", "address", "birth_day", "sex", "insured_unit",
        "pay_status", "base_number", "last_pay_date", "first_insured_date",
        # Known and left alone: numbers of the site's own, what is not ours to know, and what the
        # lists below say better.
        "social_security_no", "personal_no", "user_info_id", "insured_unit_code", "id_type",
        "nation", "household_registration", "personnel_status", "unit_type", "work_time",
        "begin_date", "fetch_time", "industrial_insurance", "unemployment_insurance",
        "endowment_insurance",
    }
)  # fmt: skip
_INSURED = frozenset(
    {
        "insurance_id", "insurance_type", "insurance_code", "insurance_status", "base_number",
        "first_insured_date", "this_insured_date", "corporation_name", "monthly_customer_income",
        "total_months",
    }
)  # fmt: skip
_PAYMENT = frozenset(
    {
        "insurance_type", "insurance_code", "deal_time", "month", "month_end", "base_number",
        "personal_payment", "corporation_payment", "amount", "status", "corporation_name",
        "description",
    }
)  # fmt: skip


@dataclass(frozen=True, slots=True)
class SocialInsurance:
    """The connector."""

    door: Door
    name: str = NAME
    items: frozenset[DataItem] = _ITEMS

    async def fetch(self, permit: Permit, subject: Subject, *, at: datetime) -> RawAnswer:  # noqa: ARG002 - the request carries no time
        """Ask for one person's insurance; health data is gone from what is returned."""
        raw = await self.door.ask(permit, subject)
        return replace(raw, content=_without_health(raw.content))

    def read(self, raw: RawAnswer) -> Report | NoHit:
        """Read base data, the kinds of insurance, and the months paid."""
        body, whole = aggregator.envelope(NAME, raw.content)
        if whole is None:
            return NoHit(source=NAME, as_of=raw.received_at)
        data, withheld = _withhold(whole)
        reading = Reading(Issues(NAME), aggregator.in_china(raw.received_at))
        for what, count in withheld.items():
            reading.issues.add(IssueKind.FORBIDDEN, what, "health data, dropped (R-03)", count)
        reading.envelope(body)
        reading.known("data", data, _DATA)
        return Report(
            source=NAME,
            report_id=raw.sha256[:32],
            as_of=raw.received_at,
            version=VERSION,
            records=tuple(_records(reading, data)),
            issues=reading.issues.drain(),
        )


def build(client: SourceClient, settings: SourceSettings) -> SocialInsurance:
    """Make the connector from its options and the secret `key`."""
    return SocialInsurance(door(client, settings, {"insurance_codes": _ASKED}))


# -- health data ------------------------------------------------------------------------------


def _without_health(content: bytes) -> bytes:
    """The answer without health data; what cannot be read is returned as it came."""
    try:
        body = json_body.parse(NAME, content)
    except SourceError:
        return content
    data = body.get("data")
    if not isinstance(data, dict):
        return content
    kept, withheld = _withhold(data)
    return orjson.dumps({**body, "data": {**kept, WITHHELD: withheld}}) if withheld else content


def _withhold(data: Mapping[str, Json]) -> tuple[dict[str, Json], dict[str, int]]:
    """What may be kept of `data`, and how many entries of what may not."""
    withheld: Counter[str] = Counter()
    before = data.get(WITHHELD)
    if isinstance(before, dict):
        found = {what: n for what, n in before.items() if what in _PLACES}
        withheld.update({k: n for k, n in found.items() if type(n) is int and 0 < n < _MOST})
    kept = _decent("", data, withheld)
    base = kept.get("base_info")
    if isinstance(base, dict):
        kept["base_info"] = _decent("base_info.", base, withheld)
    for block in _LISTS:
        entries = kept.get(block)
        if isinstance(entries, list):
            decent = [one for one in entries if not _about_health(one)]
            withheld[block] += len(entries) - len(decent)
            kept[block] = decent
    return kept, dict(+withheld)


def _decent(where: str, found: Mapping[str, Json], withheld: Counter[str]) -> dict[str, Json]:
    """An object without its fields about health."""
    for name, value in found.items():
        if name.startswith(_HEALTH):
            about = next(word for word in _HEALTH if name.startswith(word))
            withheld[f"{where}{about}"] += len(value) if isinstance(value, list) else 1
    return {name: value for name, value in found.items() if not name.startswith(_HEALTH)}


def _about_health(entry: Json) -> bool:
    """An insurance, or a payment to one, that tells of illness or birth; by code or by name."""
    if not isinstance(entry, dict):
        return False
    if _INSURANCES.get(_code(entry.get("insurance_code"))) == _FORBIDDEN:
        return True
    name = entry.get("insurance_type")
    return isinstance(name, str) and any(word in name for word in _HEALTH_NAMES)


# -- contributions ----------------------------------------------------------------------------


def _records(reading: Reading, data: Mapping[str, Json]) -> Iterator[Record]:
    base = reading.object("base_info", data.get("base_info"))
    reading.known("base_info", base, _BASE)
    yield from _person(reading, base)
    region = reading.text("data.area_code", data.get("area_code"))
    status = _word(reading, "base_info.pay_status", base.get("pay_status"))
    employer = reading.text("base_info.insured_unit", base.get("insured_unit"))
    first = reading.date("base_info.first_insured_date", base.get("first_insured_date"))
    last = reading.date("base_info.last_pay_date", base.get("last_pay_date"))
    now = reading.fen("base_info.base_number", base.get("base_number"))
    entries = dict(_insured(reading, data.get("insurances")))
    rows = list(_rows(reading, data.get("insurance_record")))
    for kind in _KINDS:
        mine = [row for row in rows if row.kind == kind]
        entry = entries.get(kind)
        if entry is None and not mine:
            continue
        months = aggregator.paid_months((m, row.paid) for row in mine for m in row.months)
        # The day of the last payment is not told by insurance; pension is the one all have.
        site = Month.of(last.earliest()) if last is not None and kind == _PENSION else None
        known = [*(one.month for one in months[:1]), *([site] if site else [])]
        yield Contribution(
            source=NAME,
            record_id=f"contribution.{kind}",
            as_of=reading.day,
            kind=kind,
            status=status,
            employer=(entry.employer if entry else None) or employer,
            region=region,
            enrolled=(entry.enrolled if entry else None) or first,
            first_paid=None,
            paid_to=max(known, default=None),
            monthly_amount=months[0].paid if months else None,
            months=months,
        )
        bases = _bases(mine)
        if now is not None and kind == _PENSION and known:
            bases.setdefault(max(known), now)
        if bases:
            yield Income(
                source=NAME,
                record_id=f"income.{kind}",
                as_of=reading.day,
                told_by=kind,
                months=tuple(
                    IncomeMonth(month=m, amount=bases[m]) for m in sorted(bases, reverse=True)
                ),
            )


def _bases(rows: Iterable["_Row"]) -> dict[Month, Money]:
    """The base of each month, the highest where there are several."""
    bases: dict[Month, Money] = {}
    for row in rows:
        for month in row.months:
            if row.base and (month not in bases or bases[month].minor < row.base.minor):
                bases[month] = row.base
    return bases


def _person(reading: Reading, base: Mapping[str, Json]) -> Iterator[Record]:
    name = reading.text("base_info.real_name", base.get("real_name"))
    documents = reading.document("base_info.id_card", base.get("id_card"))
    if name is not None or documents:
        yield Identity(
            source=NAME,
            record_id="base_info.person",
            as_of=reading.day,
            name=name,
            documents=documents,
            birth_date=reading.date("base_info.birth_day", base.get("birth_day")),
            sex=_word(reading, "base_info.sex", base.get("sex"), _SEXES),
            mailing_address=reading.text("base_info.address", base.get("address")),
        )
    phone = reading.text("base_info.phone", base.get("phone"))
    if phone is not None:
        yield Phone(source=NAME, record_id="base_info.phone", as_of=reading.day, number=phone)


@dataclass(frozen=True, slots=True)
class _Insured:
    """What the list of insurances says of one of them."""

    employer: str | None
    enrolled: PartialDate | None


def _insured(reading: Reading, value: Json) -> Iterator[tuple[str, _Insured]]:
    for _, entry in reading.items("insurances", value):
        reading.known("insurances", entry, _INSURED)
        kind = _kind(reading, "insurances.insurance_code", entry)
        employer = reading.text("insurances.corporation_name", entry.get("corporation_name"))
        first = reading.date("insurances.first_insured_date", entry.get("first_insured_date"))
        status = _code(entry.get("insurance_status"))
        if status:
            reading.issues.unknown_code("insurances.insurance_status", status)
        if kind is not None:
            yield kind, _Insured(employer, first)


@dataclass(frozen=True, slots=True)
class _Row:
    """One payment: the months it is for, what came in for each, and the base of each."""

    kind: str
    months: tuple[Month, ...]
    paid: Money | None
    base: Money | None


def _rows(reading: Reading, value: Json) -> Iterator[_Row]:
    for _, entry in reading.items("insurance_record", value):
        reading.known("insurance_record", entry, _PAYMENT)
        kind = _kind(reading, "insurance_record.insurance_code", entry)
        months = _span(reading, entry)
        parts = [
            reading.fen(f"insurance_record.{field}", entry.get(field))
            for field in ("personal_payment", "corporation_payment")
        ]
        total = reading.fen("insurance_record.amount", entry.get("amount"))
        base = reading.fen("insurance_record.base_number", entry.get("base_number"))
        if kind is None:
            continue
        if not months:
            reading.issues.add(IssueKind.MISSING, "insurance_record.month", "payment without one")
            continue
        paid = total.minor if total else sum(part.minor for part in parts if part)
        if paid:  # a row of nothing paid is a month that is owed
            yield _Row(kind, months, Money(paid // len(months), "CNY"), base)


def _span(reading: Reading, entry: Mapping[str, Json]) -> tuple[Month, ...]:
    """From `month` to `month_end`, both in."""
    first = reading.month("insurance_record.month", entry.get("month"))
    last = reading.month("insurance_record.month_end", entry.get("month_end"))
    if first is None or last is None:
        return () if first is None else (first,)
    if not 0 <= last.since(first) < _MOST_MONTHS:
        reading.issues.add(IssueKind.BAD_VALUE, "insurance_record.month_end", "no such span")
        return (first,)
    return tuple(first.plus(n) for n in range(last.since(first) + 1))


def _kind(reading: Reading, where: str, entry: Mapping[str, Json]) -> str | None:
    """Which of the three insurances it is; another is none of ours, an unlisted one an issue."""
    code = _code(entry.get("insurance_code"))
    word = _INSURANCES.get(code)
    if word is None:
        reading.issues.unknown_code(where, code)
    elif word == _OTHER:
        reading.issues.add(IssueKind.OUT_OF_SCOPE, where, "another insurance, not asked for")
    return word if word in _KINDS else None


def _code(value: Json) -> str:
    """A code, which some sites' programs write as a number."""
    return str(value) if isinstance(value, int | str) and not isinstance(value, bool) else ""


def _word(
    reading: Reading, where: str, value: Json, table: Mapping[str, str] = _STATUSES
) -> str | None:
    text = reading.text(where, value)
    if text is not None and text not in table:
        reading.issues.unknown_code(where, text)
    return None if text is None else table.get(text)
