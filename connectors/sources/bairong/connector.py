"""Asking Bairong: its code first, then the flag of each product, then the values."""

import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta, timezone
from enum import StrEnum
from types import MappingProxyType
from typing import Annotated

import orjson
from pydantic import Field

from connectors import asking, options
from connectors.base import SourceSettings
from connectors.errors import (
    SourceBrokeContract,
    SourceError,
    SourceLockedUs,
    SourceRejectedAsk,
    SourceUnavailable,
)
from connectors.http import RawAnswer, SourceClient
from connectors.normalise import json_body, report_number
from connectors.normalise.issues import Issues
from connectors.normalise.json_body import Json
from connectors.records import IssueKind, NoHit, Record, Report
from connectors.sources.bairong.applications import APPLICATIONS
from connectors.sources.bairong.lists import LISTS
from connectors.sources.bairong.reading import NAME, TABLES, Grammar, Key
from consent.data_items import DataItem
from consent.decision import Permit
from consent.identity import Identity

VERSION = "bairong/flat"

_OUTCOMES = TABLES.words("code")
_FLAGS = TABLES.words("flag")
_CHINA = timezone(timedelta(hours=8))  # no summer time since 1991
_SWIFT = re.compile(r".{1,64}_(\d{8}_\d{6})_\w{1,32}", re.ASCII)


class Product(StrEnum):
    """What can be ordered, as Bairong writes it."""

    APPLY_LOAN = "ApplyLoanStr"
    SPECIAL_LIST = "SpecialList_c"


_FLAG_NAMES = frozenset(f"flag_{product}".lower() for product in Product)
_GRAMMARS: Mapping[Product, Grammar] = MappingProxyType(
    {Product.APPLY_LOAN: APPLICATIONS, Product.SPECIAL_LIST: LISTS}
)


class _Options(options.Options):
    path: str = "/query"
    products: Annotated[tuple[Product, ...], Field(min_length=1)] = (Product.APPLY_LOAN,)


@dataclass(frozen=True, slots=True)
class Bairong:
    """The connector."""

    client: SourceClient
    reasons: Mapping[str, str]
    options: _Options
    api_code: str = field(repr=False)
    name: str = NAME

    @property
    def items(self) -> frozenset[DataItem]:
        """What the ordered products tell."""
        return frozenset().union(*(_GRAMMARS[one].items for one in self.options.products))

    async def fetch(self, permit: Permit, subject: Identity, *, at: datetime) -> RawAnswer:  # noqa: ARG002 - the request carries no time
        """Order the products about one person."""
        asking.reason(NAME, permit, self.reasons)  # the purpose must be allowed; it is not sent
        ask = {
            "api_code": self.api_code,
            "products": self.options.products,
            "id": asking.resident_id(NAME, subject),
            "name": subject.name,
        }
        if subject.mobile is not None:
            ask["cell"] = asking.mobile(NAME, subject)
        return await self.client.post(
            self.options.path, orjson.dumps(ask), headers={"Content-Type": "application/json"}
        )

    def read(self, raw: RawAnswer) -> Report | NoHit:
        """Read an answer: its code first, then the flag of each product, then the values."""
        body = json_body.parse(NAME, raw.content)
        issues = Issues(NAME)
        as_of = _answered_at(body.get("swift_number"), issues) or raw.received_at
        if _outcome(body.get("code")) == "no_hit":
            return NoHit(source=NAME, as_of=as_of)
        flags = {one: _flag(body, one) for one in self.options.products}
        if "output" not in flags.values():
            return _nothing(flags, as_of)
        swift = report_number.read(body.get("swift_number"))
        if swift is None:
            raise SourceBrokeContract(NAME, "missing", "swift_number")
        for product, flag in flags.items():
            if flag not in ("output", "no_match"):
                issues.add(IssueKind.MISSING, f"flag_{product}", f"not delivered, {flag}")
        return Report(
            source=NAME,
            report_id=swift,
            as_of=as_of,
            version=VERSION,
            records=tuple(_records(body, flags, as_of, issues)),
            issues=issues.drain(),
            partial=any(flag not in ("output", "no_match") for flag in flags.values()),
        )


def build(client: SourceClient, settings: SourceSettings) -> Bairong:
    """Make the connector from its options and the secret `api_code`."""
    options.asked_once(client, settings, "a query is paid for and may count as an application")
    api_code = options.secret(settings, "api_code")
    return Bairong(client, settings.reasons, options.read(_Options, settings), api_code)


def _answered_at(swift: Json, issues: Issues) -> datetime | None:
    """The time in `swift_number`, None when there is none."""
    found = _SWIFT.fullmatch(swift) if isinstance(swift, str) else None
    if found is not None:
        try:
            local = datetime.strptime(found[1], "%Y%m%d_%H%M%S").replace(tzinfo=_CHINA)
            return local.astimezone(UTC)
        except (ValueError, OverflowError):  # no such day, or none in UTC
            pass
    issues.bad_value("swift_number", swift, "customer, day, time and number")
    return None


def _outcome(code: Json) -> str:
    """What `code` says: ok or no_hit; anything else is raised."""
    if not isinstance(code, str) or not code:
        raise SourceBrokeContract(NAME, "missing", "code")
    outcome = _OUTCOMES.get(code)
    match outcome:
        case "ok" | "no_hit":
            return outcome
        case "locked_out":
            raise SourceLockedUs(NAME, f"code_{code}")
        case "rejected":
            raise SourceRejectedAsk(NAME, f"code_{code}")
        case "unavailable":
            raise SourceUnavailable(NAME, f"code_{code}")
        case _:
            raise SourceUnavailable(NAME, "code_unlisted")


def _flag(body: Mapping[str, Json], product: Product) -> str:
    """What the flag of `product` says; its name is seen in more than one spelling of capitals."""
    name = f"flag_{product}".lower()
    value = next((value for key, value in body.items() if key.lower() == name), None)
    return _FLAGS.get(value, "unknown") if isinstance(value, str) else "missing"


def _nothing(flags: Mapping[Product, str], as_of: datetime) -> NoHit:
    """No product has an output: nobody known by that name and number, or a failure."""
    said = set(flags.values())
    failure: SourceError
    if said == {"no_match"}:
        return NoHit(source=NAME, as_of=as_of)
    if "system_error" in said:
        failure = SourceUnavailable(NAME, "flag_99")
    elif "insufficient_input" in said:
        failure = SourceRejectedAsk(NAME, "flag_98")
    else:
        failure = SourceBrokeContract(NAME, "missing", "flag of an ordered product")
    raise failure


def _records(
    body: Mapping[str, Json], flags: Mapping[Product, str], as_of: datetime, issues: Issues
) -> Iterator[Record]:
    grammars = [_GRAMMARS[product] for product in flags]
    day = as_of.astimezone(_CHINA).date()
    for name, value in body.items():
        if name in ("code", "swift_number") or name.lower() in _FLAG_NAMES:
            continue
        grammar = next((one for one in grammars if name.startswith(one.prefix)), None)
        found = grammar.pattern.fullmatch(name) if grammar else None
        if grammar is None or found is None:
            issues.unknown_field("", name, "fits no product ordered")
        elif value is not None and value != "":
            yield from grammar.read(found, Key(name, value, day, issues))
