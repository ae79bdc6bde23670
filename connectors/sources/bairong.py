"""Bairong 百融, multi-lender products: one flat JSON object of texts (shared notes china.md 2.3).

Two products, each read by the grammar of its keys, since new lender classes appear faster than
any list of keys is kept:

- ApplyLoanStr, applications for credit: `als_{window}_{key}[_{segment}]_{metric}`. Windows `d7`
  `d15` `m1` `m3` `m6` `m12` count back from the answer; `fst` and `lst` are the first and the
  last application. Keys say what was matched on, `id` number or `cell` (mobile).
- SpecialList_c, adverse lists: `sl_{key}[_{segment}]_{event}[_{count}]`. A hit is 0 for the
  subject, 1 and 2 for persons related to the subject in the first and second degree. Keys by
  what we do not send (a contact's number, a device) do not fit, and are counted.

Every number becomes a `Metric` under the product's own word, with `window`, `key` and `segment`
(`nbank.mc`). Applications overlap with those other sources count and are never added to them.
Units: counts; `tot_mons` months; `...inteday` days; `avg_monnum`, which has two decimals, in
hundredths of an application a month; hits as codes. Empty means none.

Codes and flags are in `config/codes/bairong.csv`. An unlisted `code` says that there is no
answer and no more, so it is "unavailable". The time of the answer stands in `swift_number`,
`<customer>_<yyyyMMdd>_<HHmmss>_<n>`, taken as China's [our inference].

The request is ours: public material shows answers only. It is a POST of JSON with `api_code`,
`products`, `id`, `cell` (left out when unknown) and `name`; a member whose contract says
otherwise puts an adapter of a few lines in front. One attempt: a query may count as an
application (`selfnum`).
"""

import re
from collections.abc import Callable, Iterator, Mapping
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
from connectors.normalise import codes, json_body
from connectors.normalise.issues import Issues
from connectors.normalise.json_body import Json
from connectors.records import IssueKind, Metric, NoHit, Report
from consent.decision import Permit
from consent.identity import Identity
from consent.subject import Scope

NAME = "bairong"
VERSION = "bairong/flat"

_CODES = codes.load(NAME)
_OUTCOMES = _CODES.words("code")
_FLAGS = _CODES.words("flag")
_HITS = _CODES.words("hit")
_SEGMENTS = _CODES.words("segment")
_CHINA = timezone(timedelta(hours=8))  # no summer time since 1991
_SWIFT = re.compile(r".{1,64}_(\d{8}_\d{6})_\w{1,32}", re.ASCII)
_COUNT = re.compile(r"\d{1,6}", re.ASCII)
_AVERAGE = re.compile(r"(\d{1,6})(?:\.(\d{1,2}))?", re.ASCII)
_HUNDREDTHS = "count_hundredths"

# The metric is told by the window, or `max_inteday` would read as segment `max`.
_WORDS = r"(?:p2p|[a-z]{1,12})(?:_(?:p2p|[a-z]{1,12})){0,2}?"
_ALS = re.compile(
    rf"als_(?:(?P<window>d7|d15|m1|m3|m6|m12)_(?P<key>id|cell)(?:_(?P<segment>{_WORDS}))?_"
    r"(?P<metric>selfnum|allnum|orgnum|tot_mons|(?:avg|max|min)_monnum|(?:max|min)_inteday)"
    rf"|(?P<edge>fst|lst)_(?P<edge_key>id|cell)(?:_(?P<edge_segment>{_WORDS}))?_"
    r"(?P<edge_metric>inteday|consnum|csinteday))"
)
_SL = re.compile(
    r"sl_(?P<key>id|cell)"
    r"(?:_(?P<segment>bank|p2p|court|phone|nbank(?:_(?:p2p|[a-z]{1,12}))?))?"
    r"_(?P<event>bad|overdue|fraud|lost|refuse|executed|abnormal)(?:_(?P<count>allnum|orgnum))?"
)
_SL_SCOPES = MappingProxyType({"court": Scope.PUBLIC_RECORDS, "phone": Scope.BEHAVIOUR})


class Product(StrEnum):
    """What can be ordered, as Bairong writes it."""

    APPLY_LOAN = "ApplyLoanStr"
    SPECIAL_LIST = "SpecialList_c"


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
    def scopes(self) -> frozenset[Scope]:
        """What the ordered products are about."""
        return frozenset().union(*(_GRAMMARS[one].scopes for one in self.options.products))

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
        swift = body.get("swift_number")
        if not isinstance(swift, str) or not swift:
            raise SourceBrokeContract(NAME, "missing", "swift_number")
        for product, flag in flags.items():
            if flag not in ("output", "no_match"):
                issues.add(IssueKind.MISSING, f"flag_{product}", f"not delivered, {flag}")
        return Report(
            source=NAME,
            report_id=swift,
            as_of=as_of,
            version=VERSION,
            records=tuple(_metrics(body, flags, as_of, issues)),
            issues=issues.drain(),
            partial=any(flag not in ("output", "no_match") for flag in flags.values()),
        )


def build(client: SourceClient, settings: SourceSettings) -> Bairong:
    """Make the connector from its options and the secret `api_code`."""
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


def _metrics(
    body: Mapping[str, Json], flags: Mapping[Product, str], as_of: datetime, issues: Issues
) -> Iterator[Metric]:
    grammars = [_GRAMMARS[product] for product in flags]
    day = as_of.astimezone(_CHINA).date()
    for name, value in body.items():
        if name in ("code", "swift_number") or name.lower() in _FLAG_NAMES:
            continue
        grammar = next((one for one in grammars if name.startswith(one.prefix)), None)
        found = grammar.pattern.fullmatch(name) if grammar else None
        if grammar is None or found is None:
            issues.unknown_field("", name, "fits no product ordered")
            continue
        if value is None or value == "":
            continue
        try:
            term = grammar.read(found, value, name, issues)
        except KeyError:
            issues.unknown_code(name, value)
        except ValueError:
            issues.bad_value(name, value, "what this key holds")
        else:
            yield Metric(
                source=NAME,
                record_id=name,
                as_of=day,
                scope=term.scope,
                name=term.name,
                window=term.window,
                value=term.value,
                unit=term.unit,
                key=term.key,
                segment=term.segment,
            )


@dataclass(frozen=True, slots=True, kw_only=True)
class _Term:
    """A key and its value, understood."""

    scope: Scope
    name: str
    window: str
    value: int
    unit: str
    key: str
    segment: str


def _application(found: re.Match[str], value: Json, name: str, issues: Issues) -> _Term:
    segment = found["segment"] or found["edge_segment"] or ""
    if segment and segment not in _SEGMENTS:
        issues.unknown_field("", name, "segment not in the document")
    metric = found["metric"] or found["edge_metric"]
    number = _hundredths(value) if metric == "avg_monnum" else _count(value)
    return _Term(
        scope=Scope.INQUIRIES,
        name=metric,
        window=found["window"] or found["edge"],
        value=number,
        unit=_unit(metric),
        key=found["key"] or found["edge_key"],
        segment=_SEGMENTS.get(segment, segment.replace("_", ".")),
    )


def _unit(metric: str) -> str:
    if metric == "avg_monnum":
        return _HUNDREDTHS
    if metric == "tot_mons":
        return "months"
    return "days" if metric.endswith("inteday") else "count"


def _listed(found: re.Match[str], value: Json, _name: str, _issues: Issues) -> _Term:
    segment, counted = found["segment"] or "", found["count"]
    if not counted and (not isinstance(value, str) or value not in _HITS):
        raise KeyError
    scope = Scope.BEHAVIOUR if found["event"] == "abnormal" else Scope.TRADELINES
    return _Term(
        scope=_SL_SCOPES.get(segment, scope),
        name=f"{found['event']}_{counted}" if counted else found["event"],
        window="all",
        value=_count(value),
        unit="count" if counted else "code",
        key=found["key"],
        segment=segment.replace("_", "."),
    )


def _count(value: Json) -> int:
    if not isinstance(value, str) or not _COUNT.fullmatch(value):
        raise ValueError("not a count")
    return int(value)


def _hundredths(value: Json) -> int:
    found = _AVERAGE.fullmatch(value) if isinstance(value, str) else None
    if found is None:
        raise ValueError("not an average")
    return int(found[1]) * 100 + int((found[2] or "").ljust(2, "0"))


@dataclass(frozen=True, slots=True)
class _Grammar:
    """How the keys of one product are told and read."""

    prefix: str
    pattern: re.Pattern[str]
    read: Callable[[re.Match[str], Json, str, Issues], _Term]
    scopes: frozenset[Scope]


_FLAG_NAMES = frozenset(f"flag_{product}".lower() for product in Product)
_GRAMMARS: Mapping[Product, _Grammar] = MappingProxyType(
    {
        Product.APPLY_LOAN: _Grammar("als_", _ALS, _application, frozenset({Scope.INQUIRIES})),
        Product.SPECIAL_LIST: _Grammar(
            "sl_", _SL, _listed, frozenset({Scope.TRADELINES, *_SL_SCOPES.values()})
        ),
    }
)
