"""Hard cases of "same person?": people who look alike and are two, and one who looks like two.

FEBRL has no families. These cases do: each takes an invented subject and makes the report a
bureau might hold of somebody near them, or of themselves after something changed. Nobody in it
can exist: region 999999, mobile prefix 100, surnames that are none (`connectors.sandbox.people`).
Run as `python -m benchmarks.quality.lookalikes`.
"""

import time
from collections import Counter
from collections.abc import Callable, Iterator
from dataclasses import dataclass, replace
from datetime import UTC, date, datetime, timedelta

from rich.console import Console
from rich.table import Table
from stdnum.cn import ric

from connectors.money import PartialDate
from connectors.records import Address, Employment, IdDocument, Phone, Record, Report
from connectors.records import Identity as Reported
from connectors.sandbox.dice import Random, seeded
from connectors.sandbox.people import address, employer
from consent.identity import Identity
from gateway import settings
from gateway.profile import Verdict
from gateway.resolve.person import judge
from gateway.resolve.sounds import readings, same_sound

AT = datetime(2026, 3, 17, 4, tzinfo=UTC)
TODAY = AT.date()
_YEARS = timedelta(days=900)
_BUREAU = "bureau"
SEED = 7
PEOPLE = 1_000
_STEMS = "甲乙丙丁戊己庚辛壬癸"
_GIVEN = "云帆星禾溪岚石枫雨舟苇麦桥灯砚铃雾汀橙鹿笛雁渡晨"


@dataclass(frozen=True, slots=True)
class Somebody:
    """All there is to know of an invented person."""

    name: str
    born: date
    sequence: int
    mobile: str
    address: str
    employer: str

    @property
    def number(self) -> str:
        """The resident id number."""
        stem = f"999999{self.born:%Y%m%d}{self.sequence:03d}"
        return stem + str(ric.calc_check_digit(stem + "0"))

    @property
    def pinyin(self) -> str:
        """The name as a passport writes it."""
        first, *given = (min(readings(han)) for han in self.name)
        return f"{first} {''.join(given)}".upper()

    @property
    def subject(self) -> Identity:
        """As the member knows them."""
        mobile = f"86{self.mobile}"
        return Identity(
            self.name, "CN_RIC", self.number, mobile, self.born, self.address, self.employer
        )


def somebody(rng: Random) -> Somebody:
    """Anybody."""
    return Somebody(
        name=rng.choice(_STEMS) + "".join(rng.sample(_GIVEN, 2)),
        born=date(1960, 1, 1) + timedelta(days=rng.randrange(14_000)),
        sequence=rng.randrange(1, 998),
        mobile=f"100{rng.randrange(10**8):08d}",
        address=address(rng),
        employer=employer(rng),
    )


def other_given(rng: Random, name: str) -> str:
    """The same surname and another given name, as siblings have: half the time one character."""
    kept = 2 if rng.randrange(2) else 1
    left = [han for han in _GIVEN if han not in name]
    return name[:kept] + "".join(rng.sample(left, len(name) - kept))


@dataclass(frozen=True, slots=True, kw_only=True)
class Told:
    """What a report says of a person; None is not said."""

    name: str | None = None
    number: str | None = None
    born: str | None = None
    sex: str | None = None
    mobile: str | None = None
    former_mobile: str | None = None
    address: str | None = None
    employer: str | None = None
    spouse_name: str | None = None

    def report(self) -> Report:
        """As the records of one report."""
        number = self.number
        who = Reported(
            source=_BUREAU, as_of=TODAY, record_id="ID", name=self.name, sex=self.sex,
            documents=() if number is None else (IdDocument(type="CN_RIC", number=number),),
            birth_date=None if self.born is None else PartialDate.parse(self.born),
            spouse_name=self.spouse_name,
        )  # fmt: skip
        records: list[Record] = [who]
        for phone, day in ((self.mobile, TODAY), (self.former_mobile, TODAY - _YEARS)):
            if phone is not None:
                records.append(Phone(source=_BUREAU, as_of=day, record_id=phone, number=phone))
        if self.address is not None:
            records.append(Address(source=_BUREAU, as_of=TODAY, record_id="A", text=self.address))
        if self.employer is not None:
            records.append(
                Employment(source=_BUREAU, as_of=TODAY, record_id="E", employer=self.employer)
            )
        return Report(source=_BUREAU, report_id="R", as_of=AT, version="1", records=tuple(records))


def _all(one: Somebody) -> Told:
    return Told(
        name=one.name, number=one.number, born=one.born.isoformat(), mobile=one.mobile,
        address=one.address, employer=one.employer,
        sex="male" if one.sequence % 2 else "female",
    )  # fmt: skip


def _twin(one: Somebody, rng: Random) -> Somebody:
    return replace(
        one, name=other_given(rng, one.name), sequence=one.sequence + rng.randrange(1, 3)
    )


def _elder(one: Somebody, rng: Random) -> Somebody:
    """Father or mother of the very same name, in the same flat, with the same telephone."""
    return replace(one, born=one.born - timedelta(days=rng.randrange(7_000, 14_000)), sequence=7)


def _spouse(one: Somebody, rng: Random) -> Somebody:
    theirs = somebody(rng)
    while same_sound(theirs.name[1:], one.name[1:]):  # or it would be a changed surname
        theirs = somebody(rng)
    sequence = theirs.sequence // 2 * 2 + (one.sequence + 1) % 2
    return replace(theirs, sequence=sequence, address=one.address, mobile=one.mobile)


def _slip(number: str, rng: Random) -> str:
    place = rng.randrange(6, 17)
    return number[:place] + str((int(number[place]) + 1) % 10) + number[place + 1 :]


def _swapped(born: date) -> str:
    """Day and month exchanged, where that is another real day; else one digit off."""
    if born.day <= 12 and born.day != born.month:  # noqa: PLR2004 - months of a year
        return born.replace(day=born.month, month=born.day).isoformat()
    return (born + timedelta(days=1 if born.day < 28 else -1)).isoformat()  # noqa: PLR2004


_Case = Callable[[Somebody, Random], Told]

OTHERS: dict[str, _Case] = {
    "twin": lambda one, rng: _all(_twin(one, rng)),
    "twin, no number": lambda one, rng: replace(_all(_twin(one, rng)), number=None),
    "twin, masked number": lambda one, rng: replace(
        _all(_twin(one, rng)), number=one.number[:14] + "****"
    ),
    "same name, one address (Jr/Sr)": lambda one, rng: _all(_elder(one, rng)),
    "Jr/Sr, no number": lambda one, rng: replace(_all(_elder(one, rng)), number=None),
    "spouse": lambda one, rng: _all(_spouse(one, rng)),
    "spouse, no number": lambda one, rng: replace(_all(_spouse(one, rng)), number=None),
    "spouse's report names the subject": lambda one, rng: replace(
        _all(_spouse(one, rng)), number=None, born=None, spouse_name=one.name
    ),
    "namesake of one birthday": lambda one, rng: replace(
        _all(replace(somebody(rng), name=one.name, born=one.born, sequence=one.sequence + 1))
    ),
    "number shared with a stranger": lambda one, rng: replace(
        _all(somebody(rng)), number=one.number
    ),
    "number shared in the household": lambda one, rng: replace(
        _all(_spouse(one, rng)), number=one.number, born=None, sex=None
    ),
    "three fields of a spouse": lambda one, rng: Told(
        name=_spouse(one, rng).name, mobile=one.mobile, address=one.address
    ),
    "three fields of a twin": lambda one, rng: Told(
        name=_twin(one, rng).name, born=one.born.isoformat(), mobile=one.mobile
    ),
    "three fields of Jr/Sr": lambda one, rng: Told(
        name=one.name, born=_elder(one, rng).born.isoformat(), address=one.address
    ),
}
"""Reports about somebody else. To merge one of them is somebody else's debt."""

SELF: dict[str, _Case] = {
    "changed surname": lambda one, _: replace(
        _all(one), name=_STEMS[(_STEMS.index(one.name[0]) + 1) % 10] + one.name[1:]
    ),
    "transposed birth date": lambda one, _: replace(_all(one), born=_swapped(one.born)),
    "transposed birth date, no number": lambda one, _: replace(
        _all(one), born=_swapped(one.born), number=None
    ),
    "mistyped number": lambda one, rng: replace(_all(one), number=_slip(one.number, rng)),
    "number of 15 digits": lambda one, _: Told(
        name=one.name, number=one.number[:6] + one.number[8:17]
    ),
    "name in pinyin": lambda one, _: replace(_all(one), name=one.pinyin),
    "name in pinyin, masked number": lambda one, _: replace(
        _all(one), name=one.pinyin, number=one.number[:14] + "****"
    ),
    "moved, new telephone, new work": lambda one, rng: replace(
        _all(somebody(rng)), name=one.name, number=one.number, born=one.born.isoformat(), sex=None
    ),
    "former telephone, no number": lambda one, rng: Told(
        name=one.name, born=one.born.isoformat(), mobile=somebody(rng).mobile,
        former_mobile=one.mobile,
    ),
    "three fields": lambda one, _: Told(
        name=one.name, born=f"{one.born:%Y-%m}", address=one.address
    ),
    "three fields, masked": lambda one, _: Told(
        name=one.name[0] + "**", number=one.number[:6] + "********" + one.number[14:],
        born=f"{one.born:%Y}",
    ),
}  # fmt: skip
"""Reports about the subject themselves. To set one aside costs a report, not a wrong debt."""


def cases(kind: str, people: int, rng: Random) -> Iterator[tuple[Identity, Report]]:
    """So many subjects, each with their report of this kind."""
    make = (OTHERS | SELF)[kind]
    for _ in range(people):
        one = somebody(rng)
        yield one.subject, make(one, rng).report()


def main() -> None:
    """Print what the shipped rules make of each kind, and what one judgement costs."""
    rules = settings.load().merging.person["CN"]
    table = Table(title=f"of {PEOPLE} reports each, by config/person/cn.toml", box=None)
    table.add_column("report about")
    for column in (*Verdict, "us"):
        table.add_column(column, justify="right")
    for kinds, whom in ((OTHERS, "somebody else"), (SELF, "the subject")):
        table.add_section()
        table.add_row(f"[bold]{whom}[/]")
        for kind in kinds:
            pairs = list(cases(kind, PEOPLE, seeded(SEED, kind)))
            found = Counter(judge(*pair, rules).verdict for pair in pairs)
            started = time.process_time()
            for pair in pairs:
                judge(*pair, rules)
            micros = (time.process_time() - started) / PEOPLE * 1e6
            table.add_row(kind, *(str(found[verdict]) for verdict in Verdict), f"{micros:.1f}")
    Console(highlight=False).print(table)


if __name__ == "__main__":
    main()
