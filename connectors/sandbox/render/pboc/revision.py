"""What the revision of 2017 wrote differently (china.md 1.6), for the reports that still do.

Queries by month only, banks that asked as institution type 2010, and the operator in the head.
"""

from datetime import date

from connectors.money import Month
from connectors.records import LenderType
from connectors.sandbox.dice import happens, seeded
from connectors.sandbox.facts import Life
from connectors.sandbox.render.pboc import codes


def of_2017(life: Life) -> bool:
    """This person's report is written the old way."""
    return happens(seeded("revision", life.seed, life.index), life.noise.revision_2017)


def asked_on(life: Life, on: date) -> date | Month:
    """The day of a query, or its month."""
    return Month.of(on) if of_2017(life) else on


def institution(life: Life, kind: LenderType) -> str:
    """The type of the institution that asked."""
    if kind is LenderType.BANK and of_2017(life):
        return codes.BANK_2017
    return codes.INSTITUTION[kind]
