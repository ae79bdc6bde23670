"""PRH to PSM: the head of a report, who the person is, the bureau's score."""

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import datetime

from lxml import etree

from connectors.money import Month
from connectors.sandbox import bureaus, people
from connectors.sandbox.dice import happens, seeded
from connectors.sandbox.facts import CHINA, Job, Life
from connectors.sandbox.lenders import PBOC
from connectors.sandbox.portraits import portrait
from connectors.sandbox.render.pboc import remarks, revision
from connectors.sandbox.render.pboc.ink import Field, Ink, unit
from connectors.sandbox.render.pboc.lines import Line

_DEGREES = (("20", "4"), ("30", "5"), ("60", "5"), ("10", "3"))  # A.61 education, A.62 degree


@dataclass(frozen=True, slots=True)
class Ask:
    """What of the request comes back in the report head."""

    org_code: str
    reason: str
    name: str
    id_type: str
    id_number: str


def head(
    ink: Ink, life: Life, ask: Ask, *, number: str, at: datetime, disputes: int
) -> etree._Element:
    """PA01: the report and the query it answers, in local time of China, and what to beware of."""
    person = life.person
    segments: list[etree._Element | None] = [
        ink.segment(
            "PA01A",
            [("PA01AI01", number), ("PA01AR01", f"{at.astimezone(CHINA):%Y-%m-%dT%H:%M:%S}")],
        ),
        ink.segment(
            "PA01B",
            [
                ("PA01BQ01", ask.name),
                ("PA01BD01", ask.id_type),
                ("PA01BI01", ask.id_number),
                ("PA01BI02", ask.org_code),
                ("PA01BD02", ask.reason),
                *([("PA01BI03", "OP-1")] if revision.of_2017(life) else []),
            ],
        ),
    ]
    if person.passport:
        other = ink.segment("PA01CH", [("PA01CD01", "2"), ("PA01CI01", person.passport)])
        segments.append(ink.segment("PA01C", [("PA01CS01", 1)], [other]))
    segments.extend(remarks.fraud_alert(ink, life))
    if disputes:
        segments.append(ink.segment("PA01E", [("PA01ES01", disputes)]))
    return unit("PA01", segments)


def identity(ink: Ink, life: Life) -> etree._Element:
    """PB01: basic profile and mobiles, the newest first."""
    person = life.person
    education, degree = _DEGREES[life.index % len(_DEGREES)]
    mobiles = portrait(life, PBOC).mobiles
    basic = ink.segment(
        "PB01A",
        [
            ("PB01AD01", "1" if person.male else "2"),
            ("PB01AR01", person.born),
            ("PB01AD02", education),
            ("PB01AD03", degree),
            ("PB01AD04", "91" if _employed(life) else "70"),
            ("PB01AQ01", person.email),
            ("PB01AQ02", person.homes[0].text),
            ("PB01AD05", "CHN"),
            ("PB01AQ03", person.homes[-1].text),
        ],
    )
    numbers = ink.segment(
        "PB01B",
        [("PB01BS01", len(mobiles))],
        (
            ink.segment("PB01BH", [("PB01BQ01", number), ("PB01BR01", since)])
            for number, since in mobiles
        ),
    )
    return unit("PB01", [basic, numbers])


def marriage(ink: Ink, life: Life) -> etree._Element:
    """PB02; of every fifth spouse or so the bureau knows more than the name."""
    spouse, rng = life.person.spouse, seeded("spouse", life.seed, life.index)
    known = spouse is not None and happens(rng, 0.2)
    return ink.segment(
        "PB02",
        [
            ("PB020D01", "20" if spouse else "10"),
            ("PB020Q01", spouse),
            ("PB020D02", "2" if known else None),
            ("PB020I01", f"XY{life.index:07d}" if known else None),
            ("PB020Q02", people.employer(rng) if known else None),
            ("PB020Q03", f"1008{rng.randrange(10**7):07d}" if known else None),
        ],
    )


def residences(ink: Ink, life: Life) -> Iterator[etree._Element]:
    """PB03, the present home first."""
    for number, home in enumerate(life.person.homes):
        yield ink.segment(
            "PB03",
            [
                ("PB030D01", "11" if home.owned else "5"),
                ("PB030Q01", home.text),
                ("PB030Q02", _landline(life, f"home {number}")),
                ("PB030R01", home.since),
            ],
        )


def occupations(ink: Ink, life: Life) -> Iterator[etree._Element]:
    """PB04, the latest first; five at most."""
    for job in list(reversed(life.jobs))[:5]:
        yield ink.segment("PB04", _occupation(life, job))


def _occupation(life: Life, job: Job) -> list[Field]:
    return [
        ("PB040D01", "91" if job.until is None else "99"),
        ("PB040Q01", job.employer),
        ("PB040D02", "50"),
        ("PB040D03", "I" if job.housing_fund else "F"),
        ("PB040Q02", job.address),
        ("PB040Q03", _landline(life, job.employer)),
        ("PB040D04", "3"),
        ("PB040D05", "3"),
        ("PB040D06", "0"),
        ("PB040R01", str(job.since.year)),
        ("PB040R02", job.since),
    ]


def _landline(life: Life, place: str) -> str | None:
    """A number of an area code nobody has, at every eighth place."""
    rng = seeded("landline", life.seed, life.index, place)
    return f"0000{rng.randrange(10**8):08d}" if happens(rng, 0.125) else None


def _employed(life: Life) -> bool:
    return life.jobs[-1].until is None


def score(ink: Ink, life: Life, lines: tuple[Line, ...]) -> Iterator[etree._Element]:
    """PC01: 0-985, with the reasons (A.10). A simple sum of the same details, no real model."""
    if not lines:
        return
    worst = max((int(m.symbol) for x in lines for m in x.marks if m.symbol.isdigit()), default=0)
    cards = [line for line in lines if line.kind == "R2" and line.live]
    limit, used = sum(line.ceiling for line in cards), sum(line.balance for line in cards)
    recent = len(bureaus.queries(life, PBOC, 180))
    young = Month.of(life.today).since(Month.of(min(x.account.opened for x in lines))) < 24  # noqa: PLR2004 - two years
    reasons = [
        code
        for code, holds in (
            ("01", worst > 0),
            ("06", limit > 0 and used * 10 > limit * 8),
            ("10", recent > 6),  # noqa: PLR2004 - one a month
            ("07", young),
        )
        if holds
    ] or ["00"]
    value = max(900 - 60 * worst - 10 * min(recent, 20) - 50 * len(reasons), 300)
    yield ink.segment(
        "PC01",
        [
            ("PC010Q01", str(value)),
            ("PC010Q02", f">{(value - 300) // 7}%"),
            ("PC010S01", len(reasons)),
            *(("PC010D01", code) for code in reasons),
        ],
    )
