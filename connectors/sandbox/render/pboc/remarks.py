"""What few reports have: annotations, a fraud alert, remarks on the report as a whole.

Each follows from seed, index and place alone, so that one more changes no other. Whom they
befall nobody publishes: the rates are invented.
"""

from collections.abc import Iterator
from datetime import timedelta

from lxml import etree

from connectors.sandbox.dice import happens, seeded
from connectors.sandbox.facts import Life
from connectors.sandbox.render.pboc.ink import Ink, Value

ANNOTATED = 0.05
"""Of units other than accounts, which the life itself has disputed."""
ALERTED = 0.004
"""Of people, for a year; of some without an end."""
REMARKED = 0.01
"""Of reports."""

_DISPUTE = "1"
_TEXTS = {  # A.39
    _DISPUTE: "信息主体对此信息提出异议",
    "2": "示例特殊标注",
    "3": "本人声明：示例情况",
    "4": "机构说明：示例情况",
    "5": "征信中心说明：示例情况",
}
_ON_THE_REPORT = ("3", "5")
_KINDS = tuple(
    f"{unit}ZD01" for unit in ("PD01", "PD02", "PD03", "PE01", *(f"PF0{n}" for n in range(1, 9)))
)
_BLOCKS = ("201", "202", "203", "204")  # A.56: who the person is, marriage, homes, work


def annotation(ink: Ink, tag: str, added: Value, code: str = _DISPUTE) -> etree._Element:
    """Z of any unit, with a note of list A.39."""
    entry = ink.segment(
        f"{tag}H", [(f"{tag}D01", code), (f"{tag}Q01", _TEXTS[code]), (f"{tag}R01", added)]
    )
    return ink.segment(tag, [(f"{tag}S01", 1)], [entry])


def annotated(ink: Ink, life: Life, tag: str, place: object = "") -> Iterator[etree._Element]:
    """Z of the unit at `place`, if it is among the few that somebody said something about."""
    rng = seeded("annotation", life.seed, life.index, tag, place)
    if happens(rng, ANNOTATED):
        code = rng.choice(tuple(_TEXTS))
        yield annotation(ink, tag, life.today - timedelta(days=rng.randrange(10, 300)), code)


def disputes(chapter: etree._Element) -> int:
    """How many annotations of a chapter say that the subject disputes something."""
    return sum(note.text == _DISPUTE for note in chapter.iter(*_KINDS))


def fraud_alert(ink: Ink, life: Life) -> Iterator[etree._Element]:
    """PA01D: the person asked lenders to ring up before they lend."""
    rng = seeded("fraud alert", life.seed, life.index)
    if happens(rng, ALERTED):
        since = life.today - timedelta(days=rng.randrange(5, 300))
        until = since + timedelta(days=365)
        yield ink.segment(
            "PA01D",
            [
                ("PA01DQ01", "1"),
                ("PA01DQ02", life.person.mobile),
                ("PA01DR01", since),
                ("PA01DR02", until if happens(rng, 0.7) else None),
            ],
        )


def on_the_report(ink: Ink, life: Life) -> Iterator[etree._Element]:
    """PG01: a statement of the person or of the bureau, on the report or on a block of it."""
    rng = seeded("remark", life.seed, life.index)
    if not happens(rng, REMARKED):
        return
    code, block = rng.choice(_ON_THE_REPORT), rng.choice(("1", *_BLOCKS))
    added = life.today - timedelta(days=rng.randrange(10, 300))
    note = ink.segment(
        "PG010H", [("PG010D03", code), ("PG010Q01", _TEXTS[code]), ("PG010R01", added)]
    )
    yield ink.segment(
        "PG01",
        [("PG010D01", "1" if block == "1" else "2"), ("PG010D02", block), ("PG010S01", 1)],
        [note],
    )
