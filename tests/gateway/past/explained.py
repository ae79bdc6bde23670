"""A profile with everything that can be explained, and ways to ask why."""

from collections.abc import Iterator, Mapping
from datetime import date
from typing import Any

from pydantic import TypeAdapter

from connectors.money import Month
from connectors.records import (
    AccountStatus,
    Annotation,
    InquiryKind,
    PublicRecord,
    Record,
)
from gateway.merge import merge
from gateway.past import explain as explaining
from gateway.past.said import Sayings
from gateway.past.witness import Explanation, Lookup, Told, Witness
from gateway.profile import to_sections
from gateway.profile.concluded import Evidence
from gateway.resolve.judged import Judgements, Whose, account_name, pair
from tests.gateway.reports import (
    AT,
    COLLECTED,
    CONFIG,
    SOLD,
    SUBJECT,
    TODAY,
    card,
    cny,
    day,
    grid,
    heard,
    inquiry,
    loan,
    metric,
    phone,
    who,
)

WORDS_OF_THE_SUBJECT = "本人声明此笔有误"
DISPUTE = Annotation(kind="dispute", text=None, added=None)
STATEMENT = Annotation(kind="subject_statement", text=WORDS_OF_THE_SUBJECT, added=None)


def case(source: str, **facts: Any) -> PublicRecord:
    """An enforcement of 8,000 yuan, unless `facts` say otherwise."""
    known: dict[str, Any] = {
        "as_of": TODAY,
        "kind": "enforcement",
        "authority": "示例市星河区人民法院",
        "subject_matter": None,
        "amount": cny(8_000),
        "filed": day("2025-06-03"),
        "ended": None,
        "status": "running",
    }
    return PublicRecord(source=source, record_id="E1", **{**known, **facts})


NEWER = loan(
    "pboc",
    balance=cny(6_000),
    as_of=date(2026, 2, 28),
    grid=grid("1NNNNN"),
    annotations=(DISPUTE, STATEMENT),
)
OLDER = loan(
    "baihang", balance=cny(6_500), as_of=date(2026, 1, 31), grid=grid("N2NN", Month(2026, 1))
)
TWINS = [
    loan(source, name, original_amount=cny(7_700), opened=day("2024-04-04"))
    for source in ("pboc", "baihang")
    for name in ("T1", "T2")
]
ONE, OTHER = (
    loan(source, "J1", original_amount=cny(amount), opened=day(opened), grid=())
    for source, amount, opened in (("pboc", 3_300, "2023-01-09"), ("baihang", 4_400, "2023-08-09"))
)
CASES = [
    case("pboc", as_of=date(2026, 1, 1), annotations=(DISPUTE,)),
    case("telecom", as_of=date(2026, 1, 2)),
    case("baihang", status="ended", ended=day("2026-02-01")),
]
RECORDS: list[Record] = [
    NEWER, OLDER, *TWINS, ONE, OTHER, SOLD, COLLECTED, *CASES,
    card(status=AccountStatus.OVERDUE, past_due=cny(900), annotations=(DISPUTE,)),
    inquiry(), inquiry("baihang", kind=InquiryKind.CARD_APPLICATION, reason="03"),
    metric("baihang", "n", 3),
    who("pboc", email="one@example.com"), who("baihang", name="甲云", email="two@example.com"),
    phone("10000000001"), phone("10000000001", "baihang"), phone("10000000002", "baihang"),
]  # fmt: skip
HEARD = [
    heard(source, *(one for one in RECORDS if one.source == source))
    for source in ("baihang", "pboc", "telecom")
]
NAMED_ACCOUNTS = [account_name(one) for one in (ONE, OTHER)]
JUDGEMENTS = Judgements(
    same=(pair(*filter(None, NAMED_ACCOUNTS)),),
    reports=tuple(Whose(one.line.source, f"R-{one.line.source}", True) for one in HEARD),
)
PROFILE = to_sections(
    merge(HEARD, SUBJECT, CONFIG, at=AT, jurisdiction="CN", judgements=JUDGEMENTS)
)
SAYINGS = Sayings(HEARD, identified=True)
NAMES: dict[str, dict[str, Any]] = {one["name"]: {} for one in PROFILE["attributes"]["values"]}
LOAN = next(
    place for place, line in enumerate(PROFILE["tradelines"]["lines"])
    if "pboc/R-pboc/A1" in line["records"]
)  # fmt: skip


def why(path: str, profile: Mapping[str, Any] = PROFILE, told: Lookup = SAYINGS) -> Explanation:
    return explaining.explain(profile, path, told=told, definitions=NAMES)


def gone(_: str) -> Told | None:
    """The stored answers were deleted."""
    return None


def text(one: Witness) -> str:
    """The evidence a witness is."""
    return str(Evidence(one.source, one.report, one.record))


def places(node: Any, path: str = "") -> Iterator[str]:
    """Every pointer into a document."""
    yield path
    items = (
        node.items() if isinstance(node, dict)
        else enumerate(node) if isinstance(node, list) else ()
    )  # fmt: skip
    for key, value in items:
        token = str(key).replace("~", "~0").replace("/", "~1")
        yield from places(value, f"{path}/{token}")


def conclusions(node: Any, path: str = "") -> Iterator[str]:
    """Every pointer to a value that has a rule and a basis."""
    for pointer in places(node, path):
        found = node
        for token in pointer.split("/")[1:]:
            key = token.replace("~1", "/").replace("~0", "~")
            found = found[int(key)] if isinstance(found, list) else found[key]
        if isinstance(found, dict) and {"rule", "basis", "value"} <= found.keys():
            yield pointer


ORIGINAL = {
    str(Evidence(report.source, report.report_id, record.record_id)): record
    for report in (one.report for one in HEARD)
    if report is not None
    for record in report.records
}


def plain(value: Any, kind: Any) -> Any:
    return TypeAdapter(kind).dump_python(value, mode="json")
