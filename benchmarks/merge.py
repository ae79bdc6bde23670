"""What one merge costs: resolve, merge, attributes and signals, in CPU time of this process.

The main case is 60 tradelines from four sources, 24 months of grid each: 24 accounts, most of
them known to two or three bureaus under that bureau's own name for the lender. Two more show the
edges: every record an account of its own, and every account known to all four. Beside them, in
the same run, two floors: what it costs pydantic (compiled) only to make the same profile again
from its JSON, and `json.loads` to read that JSON as plain data. Then growth from 10 to 10,000
records, and 10,000 records of one lender and one day.
Run as `python -m benchmarks.merge [--quick]`.
"""

import argparse
import csv
import json
import time
import tomllib
from collections.abc import Callable, Sequence
from datetime import UTC, date, datetime, timedelta
from pathlib import Path
from platform import python_version

from pydantic import TypeAdapter

from connectors.money import Money, Month, PartialDate
from connectors.records import (
    AccountKind,
    AccountStatus,
    GridMonth,
    IdDocument,
    Identity,
    LenderType,
    PaymentStatus,
    Record,
    Report,
    Tradeline,
)
from consent.identity import Identity as Subject
from consent.subject import Scope
from gateway.attributes import Catalogue, Catalogues
from gateway.merge import MergeConfig, merge
from gateway.merge.config import MergeRules
from gateway.merge.retention import Retention
from gateway.profile import BorrowerProfile, Heard, Outcome, SourceLine, encoded
from gateway.reasons import ReasonRules
from gateway.resolve.institutions import InstitutionRow, Institutions
from gateway.resolve.person import PersonRules
from gateway.serving import settle_memory
from gateway.signals import SignalRules

CONFIG = Path(__file__).resolve().parents[1] / "config"
AT = datetime(2026, 3, 17, 4, tzinfo=UTC)
TODAY = date(2026, 3, 17)
SOURCES = ("pboc", "baihang", "north", "south")
SUBJECT = Subject("甲云帆", "CN_RIC", "999999199001010016", None, date(1990, 1, 1))
ROUNDS = 7
BAR_MS = 2.0
PROFILE = TypeAdapter(BorrowerProfile)


def config() -> MergeConfig:
    """The shipped rules, and a directory whose names every source uses."""

    def table(name: str) -> dict[str, object]:
        return tomllib.loads((CONFIG / name).read_text())

    with (CONFIG / "institutions.csv").open(newline="") as file:
        rows = [InstitutionRow.model_validate(row) for row in csv.DictReader(file)]
    return MergeConfig(
        MergeRules.model_validate(table("merge.toml")),
        Institutions.of(rows),
        Catalogues.of((Catalogue.model_validate(table("attributes/core-1.toml")),), "core/1"),
        ReasonRules.model_validate(table("reasons.toml")),
        SignalRules.model_validate(table("signals.toml")),
        {"CN": PersonRules.model_validate(table("person/cn.toml"))},
        dict.fromkeys(
            SOURCES, Retention.model_validate(table("jurisdictions/cn.toml")["retention"])
        ),
    )


def tradeline(source: str, account: int, lender: str, *, spread: bool = True) -> Tradeline:
    """Account number `account` as `source` tells it; `spread` gives each its own day."""
    opened = date(2022, 1, 1) + timedelta(days=account * 41 % 1500 if spread else 0)
    newest = Month(2026, 2).plus(-(len(source) % 2))
    late = account % 7 == 0
    amount = Money((5_000 + account * 100) * 100, "CNY")
    return Tradeline(
        source=source,
        record_id=f"A{account}",
        as_of=date(newest.year, newest.month, 28),
        kind=AccountKind.CREDIT_CARD if account % 4 == 0 else AccountKind.INSTALMENT_LOAN,
        status=AccountStatus.CURRENT,
        lender=lender,
        lender_type=LenderType.CONSUMER_FINANCE,
        account_ref=f"{source}-{account:018d}",
        opened=PartialDate(opened.year, opened.month, opened.day),
        currency="CNY",
        product="other_consumer",
        matures=PartialDate(opened.year + 3, opened.month, 15),
        original_amount=None if account % 4 == 0 else amount,
        credit_limit=amount if account % 4 == 0 else None,
        balance=Money(amount.minor // 2 + len(source), "CNY"),
        used=Money(amount.minor // 2, "CNY"),
        payment_due=PartialDate(newest.year, newest.month, 15),
        scheduled_payment=Money(50_000, "CNY"),
        actual_payment=Money(50_000, "CNY"),
        last_payment=PartialDate(newest.year, newest.month, 14),
        last_payment_amount=Money(50_000, "CNY"),
        past_due=Money(0, "CNY"),
        overdue_terms=0,
        five_class="normal",
        payment_status=PaymentStatus.CURRENT,
        repayment_method="annuity",
        repayment_frequency="monthly",
        terms=36,
        remaining_terms=12,
        guarantee="unsecured",
        issuance="new",
        joint="none",
        grid=tuple(
            GridMonth(
                month=newest.plus(-back),
                status=PaymentStatus.DPD_1_30
                if late and back == account % 24
                else PaymentStatus.CURRENT,
            )
            for back in range(24)
        ),
    )


def reports(records: Sequence[Tradeline]) -> list[Heard]:
    """One report a source, with who it is about."""
    heard = []
    for source in SOURCES:
        who: Record = Identity(
            source=source,
            record_id="PB01",
            as_of=TODAY,
            name=SUBJECT.name,
            documents=(IdDocument(type=SUBJECT.id_type, number=SUBJECT.id_number),),
            birth_date=PartialDate(1990, 1, 1),
        )
        own = tuple(one for one in records if one.source == source)
        line = SourceLine(source=source, outcome=Outcome.REPORT, scopes=tuple(Scope))
        report = Report(
            source=source, report_id=f"R{source}", as_of=AT, version="1", records=(who, *own)
        )
        heard.append(Heard(line, report))
    return heard


def shared(accounts: int, known_to: Callable[[int], int], names: Sequence[str]) -> list[Tradeline]:
    """`accounts` accounts, each known to so many sources."""
    return [
        tradeline(SOURCES[(account + nth) % 4], account, names[account % len(names)])
        for account in range(accounts)
        for nth in range(known_to(account))
    ]


def cpu_ms(call: Callable[[], object], repeats: int) -> float:
    """CPU milliseconds of one call: the best of several rounds."""
    best = float("inf")
    for _ in range(ROUNDS):
        started = time.process_time()
        for _ in range(repeats):
            call()
        best = min(best, (time.process_time() - started) / repeats * 1000)
    return best


def main() -> None:
    """Print the tables."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--quick", action="store_true", help="the main cases only")
    quick = parser.parse_args().quick
    rules = config()
    names = sorted({one.name for one in rules.institutions.by_alias.values()})

    def merged(heard: list[Heard]) -> object:
        return merge(heard, SUBJECT, rules, at=AT, jurisdiction="CN")

    cases = {
        "60 records, 24 accounts": shared(24, lambda n: 3 if n % 2 else 2, names),
        "60 records, 60 accounts": shared(60, lambda _: 1, names),
        "60 records, 15 accounts": shared(15, lambda _: 4, names),
    }
    settle_memory()  # as the server does
    print(f"CPython {python_version()}; milliseconds are those of this interpreter")
    print(
        f"{'case':26} {'accounts':>8} {'CPU ms':>7} {'bar ms':>7}   x pydantic   x json.loads"
        "   sections"
    )
    for name, records in cases.items():
        heard = reports(records)
        profile = merge(heard, SUBJECT, rules, at=AT, jurisdiction="CN")
        cost = cpu_ms(lambda h=heard: merged(h), 20)  # type: ignore[misc]
        sections = encoded(profile)
        parts = (b'"%s":%s' % (name.encode(), body) for name, body in sections.items())
        document = b"{" + b",".join(parts) + b"}"
        again = cpu_ms(lambda d=document: PROFILE.validate_json(d), 10)  # type: ignore[misc]
        read = cpu_ms(lambda d=document: json.loads(d), 50)  # type: ignore[misc]
        writing = cpu_ms(lambda p=profile: encoded(p), 10)  # type: ignore[misc]
        found = len(profile.tradelines.lines) if profile.tradelines else 0
        print(
            f"{name:26} {found:8} {cost:7.2f} {BAR_MS:7.1f}   {cost / again:10.2f}   "
            f"{cost / read:12.2f}   "
            f"{len(document) // 1024} KiB, {writing:.2f} ms"
        )

    if quick:
        return
    print(f"\n{'records':>8} {'CPU ms':>9} {'us a record':>12}")
    for count in (10, 100, 1_000, 10_000):
        heard = reports(shared(count // 2, lambda _: 2, names))
        cost = cpu_ms(lambda h=heard: merged(h), max(1, 200 // count))  # type: ignore[misc]
        print(f"{count:8} {cost:9.2f} {cost / count * 1000:12.1f}")
    alike = [tradeline(SOURCES[n % 4], n, names[0], spread=False) for n in range(10_000)]
    heard = reports(alike)
    cost = cpu_ms(lambda: merged(heard), 1)
    print(f"{'alike':>8} {cost:9.2f} {cost / 10:12.1f}")


if __name__ == "__main__":
    main()
