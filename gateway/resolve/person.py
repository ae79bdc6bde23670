"""Is this report about the subject of the permit?

Each field both sides know is compared (`names`, `numbers`, `dates`, `addresses`) and weighed
against whoever else it could be (`weighing`). The prior is not zero: the source looked the report
up by the identifiers it was sent. Weights and thresholds are data, one file for each
jurisdiction (`config/person/`). A judgement names fields and levels, never values.

Reports do not vouch for each other: whoever is mixed up with a sibling at one bureau may be at
the next, and two wrong reports would agree. Each answers to the subject alone.
"""

from collections import defaultdict
from collections.abc import Iterable, Mapping, Sequence
from datetime import date
from types import MappingProxyType
from typing import Any, Self

from pydantic import model_validator

from connectors.money import PartialDate
from connectors.records import Address, Employment, Phone, Report
from connectors.records import Identity as Reported
from consent.identity import Identity
from gateway.profile import Judgement
from gateway.resolve.addresses import address, employer
from gateway.resolve.dates import Day, birth_date
from gateway.resolve.names import name
from gateway.resolve.numbers import RESIDENT, document, phone, sex
from gateway.resolve.weighing import Level, Weighing

LEVELS: Mapping[str, tuple[Level, ...]] = MappingProxyType(
    {
        "document": (Level.SAME, Level.MASKED, Level.MISTYPED, Level.DIFFERENT),
        "name": (
            Level.SAME, Level.READS, Level.PARTIAL, Level.MASKED, Level.NEAR, Level.RENAMED,
            Level.UNREAD, Level.DIFFERENT,
        ),
        "birth_date": (
            Level.SAME, Level.PARTIAL, Level.TRANSPOSED, Level.MISTYPED, Level.DIFFERENT,
        ),
        "sex": (Level.SAME, Level.DIFFERENT),
        "phone": (Level.SAME, Level.FORMER, Level.MASKED, Level.DIFFERENT),
        "address": (Level.SAME, Level.NEAR, Level.DIFFERENT),
        "employer": (Level.SAME, Level.NEAR, Level.DIFFERENT),
        "spouse": (Level.SAME,),
    }
)  # fmt: skip
"""The fields compared and the levels each can come out at. `spouse`: the report calls the subject
its person's spouse, so it is about the other one."""


class PersonRules(Weighing):
    """One file of `config/person/`: every field and level has a weight against every rival.

    A level of agreement never speaks against, one of contradiction never for it; otherwise a
    report could gain by leaving out what agrees.
    """

    jurisdiction: str

    @model_validator(mode="after")
    def _complete(self) -> Self:
        for rival, against in self.rivals.items():
            if against.fields.keys() != LEVELS.keys():
                odd = ", ".join(sorted(against.fields.keys() ^ LEVELS.keys()))
                raise ValueError(f"{rival}: one table for each field, missing or too many: {odd}")
            for field, levels in LEVELS.items():
                weights = against.fields[field]
                if weights.keys() != set(levels):
                    known = ", ".join(levels)
                    raise ValueError(f"{rival}.{field}: one weight for each of {known}")
                if field != "spouse" and weights[Level.SAME] < 0:
                    raise ValueError(f"{rival}.{field}.same: 0 or more")
                if weights.get(Level.DIFFERENT, 0) > 0:
                    raise ValueError(f"{rival}.{field}.different: 0 or less")
        return self


def judge(subject: Identity, report: Report, rules: PersonRules) -> Judgement:
    """Weigh a report's identity records against the subject.

    When a report holds several they must all fit: the judgement is that of the worst.
    """
    said: defaultdict[type, list[Any]] = defaultdict(list)
    for record in report.records:
        said[type(record)].append(record)
    identities: list[Reported] = said[Reported]
    around = _known(_around(subject, identities, said[Phone], said[Address], said[Employment]))
    elsewhere = ("phone", Level.DIFFERENT) in around
    found = [
        rules.judge([*_known(_who(subject, one, elsewhere=elsewhere)), *around])
        for one in identities
    ]
    if not found:
        return rules.judge(around)
    return min(found, key=lambda one: (one.score, [reason.level for reason in one.reasons]))


_Compared = tuple[tuple[str, Level | None], ...]


def _known(compared: _Compared) -> list[tuple[str, Level]]:
    return [(field, level) for field, level in compared if level is not None]


_SLIPS = frozenset({Level.MISTYPED, Level.TRANSPOSED})


def _who(subject: Identity, reported: Reported, *, elsewhere: bool) -> _Compared:
    """What an identity record says of the person; `elsewhere`, its telephones are another's.

    A bureau repeats the name and number it was asked for (PBOC, PA01B). Where the facts behind
    them contradict the number, neither is news. A record without the number is no such copy, its
    name still counts, and so it scores higher: a contradicted copy warns of a mixed file, a name
    that came alone does not.
    """
    documents = document(subject.id_type, subject.id_number, reported.documents)
    names = name(subject.name, reported.name)
    births = birth_date(_day(subject.birth_date), _day(reported.birth_date))
    sexes = _sex(sex(subject.id_type, subject.id_number), reported.sex)
    if documents is Level.SAME and subject.id_type == RESIDENT:
        # A resident id holds birth date and sex: agreeing once more, they are no news.
        births, sexes = _implied(births), _implied(sexes)
        if Level.DIFFERENT in {births, sexes} or (births in _SLIPS and elsewhere):
            documents, names = Level.IMPLIED, _implied(names)
    return (
        ("document", documents),
        ("name", names),
        ("birth_date", births),
        ("sex", sexes),
        ("spouse", Level.SAME if _calls_spouse(subject, reported, names) else None),
    )


def _day(day: date | PartialDate | None) -> Day | None:
    return None if day is None else (day.year, day.month, day.day)


def _sex(ours: str | None, reported: str | None) -> Level | None:
    if ours is None or reported not in {"male", "female"}:
        return None
    return Level.SAME if ours == reported else Level.DIFFERENT


def _implied(level: Level | None) -> Level | None:
    return Level.IMPLIED if level in {Level.SAME, Level.PARTIAL} else level


def _calls_spouse(subject: Identity, reported: Reported, names: Level | None) -> bool:
    spouse = reported.spouse_document
    if spouse is not None and spouse.type == subject.id_type:
        return document(subject.id_type, subject.id_number, (spouse,)) is Level.SAME
    unlike = names in {Level.DIFFERENT, Level.UNREAD}
    return unlike and name(subject.name, reported.spouse_name) is Level.SAME


def _around(
    subject: Identity,
    identities: Iterable[Reported],
    phones: Sequence[Phone],
    addresses: Iterable[Address],
    employments: Iterable[Employment],
) -> _Compared:
    """What a report says of where the person lives and works and how to call them."""
    newest = max((r.as_of for r in phones), default=None)
    current = [r.number for r in phones if r.as_of == newest]
    former = [r.number for r in phones if r.as_of != newest]
    homes = [r.text for r in addresses]
    for one in identities:
        homes += filter(None, (one.mailing_address, one.registered_address))
    works = [r.employer for r in employments if r.employer]
    return (
        ("phone", phone(subject.mobile, current, former)),
        ("address", address(subject.address, homes)),
        ("employer", employer(subject.employer, works)),
    )
