"""What every block of a Baihang report is read with: its dates, its codes, its day."""

import re
from dataclasses import dataclass
from datetime import date, timedelta, timezone

from connectors.normalise.json_body import Json, Walk
from connectors.normalise.years import OLDEST

NAME = "baihang"
CHINA = timezone(timedelta(hours=8))  # no summer time since 1991

_DAY = re.compile(r"(\d{4}-\d{2}-\d{2})(?:[T ]\d{2}:\d{2}:\d{2})?", re.ASCII)


@dataclass(frozen=True, slots=True)
class Reading(Walk):
    """The report being read; `day` is its day in China."""

    day: date

    def past(self, where: str, value: Json) -> date | None:
        """A day not after the report."""
        if value is None or value == "":
            return None
        try:
            return self.day_of(value)
        except ValueError:
            self.issues.bad_value(where, value, "a day up to the report")
            return None

    def day_of(self, value: Json) -> date:
        """A day not after the report, perhaps with a time; ValueError otherwise."""
        found = _DAY.fullmatch(value) if isinstance(value, str) else None
        if found is None:
            raise ValueError("not a day")
        day = date.fromisoformat(found[1])
        if not (day.year >= OLDEST and day <= self.day):
            raise ValueError("before 1900, or after the report")
        return day


def code_of(value: Json) -> str:
    """A code, which some members' programs write as a number; empty when it is neither."""
    if isinstance(value, str):
        return value.strip()
    return str(value) if isinstance(value, int) and not isinstance(value, bool) else ""
