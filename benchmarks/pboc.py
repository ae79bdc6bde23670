"""Normalising a PBOC report against parsing its XML with lxml, in one run.

The bar (issue 3): a report of 120 accounts, about 450 KB, costs at most 3 times the bare parse of
the same bytes, and memory at most 10 times the body. Every round normalises a report not seen
before, so that nothing but the small words it shares with other people's (dates, codes, rows of a
grid) can be remembered. Beside the plain form stand the usual others: an XML declaration in front,
and months without an amount. A report with comments or CDATA is read as a tree all through, at a
multiple of the cost, and is not measured: no sample of CCRC's has any.
"""

import random
import statistics
import time
from collections.abc import Callable
from datetime import UTC, date, datetime, timedelta
from pathlib import Path

from lxml import etree

from connectors.money import Month
from connectors.records import Report
from connectors.sources.pboc.report import read_report

ACCOUNTS = 120
ROUNDS = 60
WARM = 60
BAR = 3.0
RECEIVED_AT = datetime(2020, 6, 16, tzinfo=UTC)
LAST = Month(2020, 5)

_KINDS = ("D1", "D1", "R1", "R2", "R4")
_MARKS = "NNNNNNNNNNNN*M12"


def _leaves(prefix: str, **values: object) -> str:
    return "".join(f"<{prefix}{k}>{v}</{prefix}{k}>" for k, v in values.items())


def _day(rng: random.Random, first: int, span: int) -> date:
    return date(2020, 6, 1) - timedelta(days=first + rng.randrange(span))


def account(rng: random.Random, n: int) -> str:
    """One account in the middle of its life, every usual tag filled or null."""
    kind = rng.choice(_KINDS)
    card = kind == "R2"
    owed = rng.randrange(1000, 900_000)
    paid = rng.randrange(50, 9000)
    months = [LAST.plus(-back) for back in range(23, -1, -1)]
    grid = "".join(
        f"<PD01DH><PD01DR03>{m}</PD01DR03><PD01DD01>{rng.choice(_MARKS)}</PD01DD01></PD01DH>"
        for m in months
    ).replace("<PD01DD01>M" if card else "\0", "<PD01DD01>N")
    years = [LAST.plus(-back) for back in range(24 + n % 14, 23, -1)]
    past = rng.choices((0, rng.randrange(100, 9000)), (95, 5), k=len(years))
    late = "".join(
        f"<PD01EH><PD01ER03>{m}</PD01ER03><PD01ED01>{'1' if owing else 'N'}</PD01ED01>"
        f"<PD01EJ01>{owing}</PD01EJ01></PD01EH>"
        for m, owing in zip(years, past, strict=True)
    )
    basic = _leaves(
        "PD01A", I01=n, D01=kind, D02=rng.choice((11, 24, 51)), I02=f"O{rng.randrange(99):02d}",
        I03=f"ACC{rng.randrange(10**12):012d}", I04="", D03=81 if card else 91,
        R01=_day(rng, 900, 3000), D04="CNY", J01="" if card else owed, R02="2031-01-01",
        D05="null" if card else 11, D06="03", S01="--" if card else 36, D07=4, D08=1, D09=0,
        J02=owed if card else "", J03=owed if card else "",
    )  # fmt: skip
    month = _leaves(
        "PD01C", R01=LAST, D01=1, J01=owed // 2, D02="" if card else 1, S01=12,
        R02=_day(rng, 5, 25), J02=owed // 2 if card else "", J03="", J04=paid, J05=paid,
        R03=_day(rng, 5, 25), S02=0, J06=0, J07=0, J08=0, J09=0, J10=0, R04=_day(rng, 0, 9),
    )  # fmt: skip
    return (
        f"<PD01><PD01A>{basic}</PD01A><PD01C>{month}</PD01C>"
        f"<PD01D><PD01DR01>{months[0]}</PD01DR01><PD01DR02>{LAST}</PD01DR02>{grid}</PD01D>"
        f"<PD01E><PD01ER01>{LAST.plus(-59)}</PD01ER01><PD01ER02>{LAST}</PD01ER02>"
        f"<PD01ES01>{len(years)}</PD01ES01>{late}</PD01E></PD01>"
    )


def report(seed: int, accounts: int = ACCOUNTS) -> bytes:
    """A whole report: header, summary, `accounts` accounts and 60 inquiries."""
    rng = random.Random(seed)  # noqa: S311 - the same reports in every run
    inquiries = "".join(
        "<PH01>"
        + _leaves("PH010", R01=_day(rng, 10, 700), D01=24, Q02=f"O{n:02d}", Q03="02")
        + "</PH01>"
        for n in range(60)
    )
    body = "".join(account(rng, n) for n in range(accounts))
    return (
        "<Document><PRH><PA01><PA01A>"
        + _leaves("PA01A", I01=f"{seed:022d}", R01="2020-06-15T10:30:00")
        + "</PA01A><PA01B>"
        + _leaves("PA01B", Q01="测试", D01=10, I01="999999199003071234", I02="A", D02="02")
        + "</PA01B></PA01></PRH><PCO><PC02><PC02A>"
        + _leaves("PC02A", S01=accounts)
        + f"</PC02A></PC02></PCO><PDA>{body}</PDA><POQ>{inquiries}</POQ></Document>"
    ).encode()


def normalise(body: bytes) -> Report:
    """What is measured."""
    return read_report(body, source="pboc", received_at=RECEIVED_AT)


def _seconds(work: Callable[[bytes], object], body: bytes) -> float:
    start = time.thread_time()  # of this thread only: other processes wait in it for nothing
    work(body)
    return time.thread_time() - start


FORMS: dict[str, Callable[[bytes], bytes]] = {
    "plain": lambda body: body,
    "declared": lambda body: b'<?xml version="1.0" encoding="UTF-8"?>\n' + body,
    "without amounts": lambda body: body.replace(b">0</PD01EJ01>", b"></PD01EJ01>"),
}
"""How a report may come."""


def measure(form: Callable[[bytes], bytes], rounds: int = ROUNDS) -> tuple[float, float, float]:
    """Median seconds of the bare parse and of normalising, and the median of their ratios.

    They take turns, and a ratio is taken within a turn: the machine is fast and slow by turns too.
    """
    for seed in range(rounds, rounds + WARM):
        normalise(form(report(seed)))
    parse, whole = [], []
    for seed in range(rounds):
        body = form(report(seed))
        parse.append(_seconds(etree.fromstring, body))
        whole.append(_seconds(normalise, body))
    ratios = [two / one for one, two in zip(parse, whole, strict=True)]
    return statistics.median(parse), statistics.median(whole), statistics.median(ratios)


_PROCESS = Path("/proc/self")


def _resident(line: str) -> int:
    """Bytes of a line of `/proc/self/status`."""
    told = (_PROCESS / "status").read_text()
    return int(told.partition(f"{line}:")[2].split()[0]) * 1024


def peak(body: bytes) -> int | None:
    """By how many bytes the process grows at most while it normalises; None where Linux is not."""
    if not (_PROCESS / "clear_refs").exists():
        return None
    (_PROCESS / "clear_refs").write_text("5")  # the high-water mark begins anew: proc(5)
    before = _resident("VmRSS")
    normalise(body)
    return _resident("VmHWM") - before


def main() -> None:
    """Print the ratio of each form, and the growth of the process over its first report."""
    body = report(0)
    grown = peak(body)
    found = len(normalise(body).records)
    print(f"pboc report: {len(body) / 1000:.0f} KB, {ACCOUNTS} accounts, {found} records")
    print(f"  {'form':16} bare lxml parse   normalised   ratio (bar {BAR:.0f})")
    for name, form in FORMS.items():
        parse, whole, ratio = measure(form)
        print(f"  {name:16} {parse * 1000:12.2f} ms {whole * 1000:9.2f} ms {ratio:7.2f}")
    told = "not known here" if grown is None else f"{grown / len(body):.1f} times its bytes"
    print(f"  at its peak the first report grew the process by {told} (bar 10)")


if __name__ == "__main__":
    main()
