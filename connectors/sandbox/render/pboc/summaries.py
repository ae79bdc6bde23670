"""PCO, PNO, PPO, PQO: the bureau's own summaries, each a sum over the details beside them.

What a summary counts is not published in full. Ours: what is live (neither settled, sold nor
charged off) for the summaries by account type; everything for the opening tip; 60 months of
history for the overdue summary, a charged-off month being one of over 180 days. A month back is
the same day of the month before.
"""

from collections import defaultdict
from collections.abc import Callable, Iterable, Iterator, Sequence
from datetime import date, timedelta
from typing import TypeVar

from lxml import etree

from connectors.money import Month
from connectors.records import InquiryKind
from connectors.sandbox import bureaus
from connectors.sandbox.facts import Life, PublicFact, PublicKind, Query
from connectors.sandbox.lenders import PBOC
from connectors.sandbox.life import QUERY_DAYS
from connectors.sandbox.render.pboc import codes, revision
from connectors.sandbox.render.pboc.ink import Field, Ink, unit, yuan
from connectors.sandbox.render.pboc.lines import Line

T = TypeVar("T")
K = TypeVar("K")

_OVERDUE_TYPE = {"D1": "1", "R4": "2", "R1": "3", "R2": "4", "R3": "5"}  # A.14
_MONTHS_LATE = {str(n): n for n in range(1, 8)} | {"B": 7}
_TIP = {"11": ("11", "1"), "12": ("12", "1"), "81": ("21", "2"), "71": ("22", "2")}  # A.11, A.12
_PUBLIC = {  # A.17
    PublicKind.TAX_ARREARS: "1",
    PublicKind.CIVIL_JUDGMENT: "2",
    PublicKind.ENFORCEMENT: "3",
    PublicKind.PENALTY: "4",
}


def credit(ink: Ink, life: Life, lines: tuple[Line, ...]) -> Iterator[etree._Element]:
    """PC02, if there is anything to sum."""
    segments = [s for s in _credit_segments(ink, life, lines) if s is not None]
    if segments:
        yield unit("PC02", segments)


def _credit_segments(
    ink: Ink, life: Life, lines: tuple[Line, ...]
) -> Iterator[etree._Element | None]:
    yield _tips(ink, lines)
    yield _recovery(ink, [line for line in lines if line.kind == "C1" and line.live])
    charged_off = [line for line in lines if line.kind != "C1" and _charged_off(line)]
    if charged_off:
        total = sum(line.balance for line in charged_off)
        yield ink.segment("PC02C", [("PC02CS01", len(charged_off)), ("PC02CJ01", total)])
    yield _overdue(ink, lines)
    for kind, tag in (("D1", "PC02E"), ("R4", "PC02F"), ("R1", "PC02G")):
        yield _loans(ink, tag, [line for line in lines if line.kind == kind and line.live])
    for kind, tag in (("R2", "PC02H"), ("R3", "PC02I")):
        yield _cards(ink, tag, [line for line in lines if line.kind == kind and line.live])
    yield _liabilities(ink, life)


def _charged_off(line: Line) -> bool:
    return line.status == ("5" if line.kind in {"R2", "R3"} else "4")


def _tips(ink: Ink, lines: Sequence[Line]) -> etree._Element | None:
    if not lines:
        return None
    groups = _grouped(lines, _tip)
    return ink.segment(
        "PC02A",
        [("PC02AS01", len(lines)), ("PC02AS02", len(groups))],
        (
            ink.segment(
                "PC02AH",
                [
                    ("PC02AD01", business),
                    ("PC02AD02", family),
                    ("PC02AS03", len(group)),
                    ("PC02AR01", Month.of(min(line.account.opened for line in group))),
                ],
            )
            for (business, family), group in sorted(groups.items())
        ),
    )


def _tip(line: Line) -> tuple[str, str]:
    if line.kind == "C1":
        return "99", "9"
    return _TIP.get(codes.BUSINESS[line.account.product], ("19", "1"))


def _recovery(ink: Ink, collected: Sequence[Line]) -> etree._Element | None:
    if not collected:
        return None
    count, total = len(collected), sum(line.balance for line in collected)
    groups = _grouped(collected, lambda line: codes.RECOVERY[line.account.product])
    return ink.segment(
        "PC02B",
        [("PC02BS01", count), ("PC02BJ01", total), ("PC02BS02", len(groups))],
        (
            ink.segment(
                "PC02BH",
                [
                    ("PC02BD01", business),
                    ("PC02BS03", len(group)),
                    ("PC02BJ02", sum(line.balance for line in group)),
                ],
            )
            for business, group in sorted(groups.items())
        ),
    )


def _overdue(ink: Ink, lines: Sequence[Line]) -> etree._Element | None:
    """D: over every month of segment E that carries a digit or B."""
    late = {
        line.seen.number: [mark for mark in line.marks if mark.symbol in _MONTHS_LATE]
        for line in lines
    }
    groups = _grouped(
        [line for line in lines if line.kind != "C1" and late[line.seen.number]],
        lambda line: _OVERDUE_TYPE[line.kind],
    )
    if not groups:
        return None
    return ink.segment(
        "PC02D",
        [("PC02DS01", len(groups))],
        (
            ink.segment(
                "PC02DH",
                [
                    ("PC02DD01", kind),
                    ("PC02DS02", len(group)),
                    ("PC02DS03", sum(len(late[line.seen.number]) for line in group)),
                    (
                        "PC02DJ01",
                        max(m.overdue or 0 for line in group for m in late[line.seen.number]),
                    ),
                    (
                        "PC02DS04",
                        max(_MONTHS_LATE[m.symbol] for g in group for m in late[g.seen.number]),
                    ),
                ],
            )
            for kind, group in sorted(groups.items())
        ),
    )


def _loans(ink: Ink, tag: str, open_lines: Sequence[Line]) -> etree._Element | None:
    if not open_lines:
        return None
    return ink.segment(
        tag,
        [
            (f"{tag}S01", len({line.seen.alias for line in open_lines})),
            (f"{tag}S02", len(open_lines)),
            (f"{tag}J01", sum(line.ceiling for line in open_lines)),
            (f"{tag}J02", sum(line.balance for line in open_lines)),
            (f"{tag}J03", sum(line.average_due for line in open_lines)),
        ],
    )


def _cards(ink: Ink, tag: str, open_lines: Sequence[Line]) -> etree._Element | None:
    if not open_lines:
        return None
    banks = _grouped(open_lines, lambda line: line.seen.alias).values()
    by_bank = [sum(line.ceiling for line in group) for group in banks]
    return ink.segment(
        tag,
        [
            (f"{tag}S01", len(by_bank)),
            (f"{tag}S02", len(open_lines)),
            (f"{tag}J01", sum(by_bank)),
            (f"{tag}J02", max(by_bank)),
            (f"{tag}J03", min(by_bank)),
            (f"{tag}J04", sum(line.balance for line in open_lines)),
            (f"{tag}J05", sum(line.average_used for line in open_lines)),
        ],
    )


def _liabilities(ink: Ink, life: Life) -> etree._Element | None:
    if not life.guarantees:
        return None
    groups = _grouped(life.guarantees, lambda g: "2" if g.company else "1")
    return ink.segment(
        "PC02K",
        [("PC02KS01", len(groups))],
        (
            ink.segment(
                "PC02KH",
                [
                    ("PC02KD01", category),
                    ("PC02KD02", "1"),
                    ("PC02KS02", len(group)),
                    ("PC02KJ01", _with_decimals(category, sum(yuan(g.liability) for g in group))),
                    ("PC02KJ02", _with_decimals(category, sum(yuan(g.balance) for g in group))),
                ],
            )
            for category, group in sorted(groups.items())
        ),
    )


def _with_decimals(category: str, amount: int) -> str:
    """Two decimals appear for enterprise liabilities only (china.md 1.2)."""
    return f"{amount}.00" if category == "2" else str(amount)


def postpaid(ink: Ink, life: Life) -> Iterator[etree._Element]:
    """PC03: telephone bills in arrears."""
    bill = life.phone_bill
    if bill and bill.arrears:
        group = ink.segment(
            "PC030H",
            [("PC030D01", "1"), ("PC030S02", 1), ("PC030J01", yuan(bill.arrears))],
        )
        yield ink.segment("PC03", [("PC030S01", 1)], [group])


def public(ink: Ink, life: Life) -> Iterator[etree._Element]:
    """PC04: what courts, tax offices and authorities reported."""
    groups: dict[str, list[PublicFact]] = defaultdict(list)
    for fact in life.public:
        if fact.kind in _PUBLIC:
            groups[_PUBLIC[fact.kind]].append(fact)
    if groups:
        yield ink.segment(
            "PC04",
            [("PC040S01", len(groups))],
            (
                ink.segment(
                    "PC040H",
                    [
                        ("PC040D01", kind),
                        ("PC040S02", len(group)),
                        ("PC040J01", sum(yuan(fact.amount) for fact in group)),
                    ],
                )
                for kind, group in sorted(groups.items())
            ),
        )


def queries(ink: Ink, life: Life) -> Iterator[etree._Element]:
    """PC05: the last query by an institution, and counts by reason over a month and two years."""
    found = bureaus.queries(life, PBOC, QUERY_DAYS)
    last = next((q for q in found if q.lender), None)
    segments = []
    if last and last.lender:
        head: list[Field] = [
            ("PC05AR01", revision.asked_on(life, last.on)),
            ("PC05AD01", revision.institution(life, last.lender.type)),
            ("PC05AI01", last.lender.aliases[PBOC]),
            ("PC05AQ01", codes.REASON[last.kind]),
        ]
        segments.append(ink.segment("PC05A", head))
    month = [q for q in found if q.on > _month_before(life.today)]
    loans = [q for q in month if q.kind is InquiryKind.LOAN_APPLICATION]
    cards = [q for q in month if q.kind is InquiryKind.CARD_APPLICATION]
    counts: list[Field] = [
        ("PC05BS01", _askers(loans)),
        ("PC05BS02", _askers(cards)),
        ("PC05BS03", len(loans)),
        ("PC05BS04", len(cards)),
        ("PC05BS05", sum(q.kind is InquiryKind.SELF for q in month)),
        ("PC05BS06", sum(q.kind is InquiryKind.ACCOUNT_REVIEW for q in found)),
        ("PC05BS07", sum(q.kind is InquiryKind.GUARANTEE_REVIEW for q in found)),
        ("PC05BS08", 0),
    ]
    yield unit("PC05", [*segments, ink.segment("PC05B", counts)])


def _askers(found: Iterable[Query]) -> int:
    return len({q.lender.code for q in found if q.lender})


def _month_before(day: date) -> date:
    first = day.replace(day=1) - timedelta(days=1)
    return first.replace(day=min(day.day, first.day))


def _grouped(items: Iterable[T], key: Callable[[T], K]) -> dict[K, list[T]]:
    groups: dict[K, list[T]] = defaultdict(list)
    for item in items:
        groups[key(item)].append(item)
    return dict(groups)
