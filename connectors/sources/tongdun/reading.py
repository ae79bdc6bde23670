"""What every part of a Tongdun report is read with."""

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import date, timedelta, timezone
from types import MappingProxyType

from connectors.normalise import codes
from connectors.normalise.json_body import Json, Walk
from connectors.records import Metric
from consent.subject import Scope

NAME = "tongdun"
CHINA = timezone(timedelta(hours=8))  # no summer time since 1991
TABLES = codes.load(NAME)

_MOST = 10**9
_GROUP_SCOPES = MappingProxyType(
    {
        "platforms_applied": Scope.INQUIRIES,
        "platforms_lending": Scope.TRADELINES,
        "adverse_records": Scope.TRADELINES,
    }
)


@dataclass(frozen=True, slots=True)
class Reading(Walk):
    """The report being read; `day` is its day in China."""

    day: date

    def count(self, where: str, value: Json) -> int | None:
        """A number of things, None when there is none."""
        if value is None or value == "":
            return None
        if isinstance(value, int) and not isinstance(value, bool) and 0 <= value < _MOST:
            return value
        self.issues.bad_value(where, value, "a count")
        return None

    def texts(self, where: str, value: Json) -> Iterator[tuple[str, str]]:
        """The texts of a list, each with its path."""
        if isinstance(value, list):
            for index, one in enumerate(value):
                if isinstance(one, str):
                    yield f"{where}[{index}]", one
                else:
                    self.issues.bad_value(where, one, "a text")
        elif value is not None:
            self.issues.bad_value(where, value, "a list")


@dataclass(frozen=True, slots=True)
class Item:
    """One rule that found something: where it stands, its group's word, its window."""

    reading: Reading
    where: str
    group: str
    window: str

    @property
    def scope(self) -> Scope:
        """What the group is about; what a person does rather than owes is behaviour."""
        return _GROUP_SCOPES.get(self.group, Scope.BEHAVIOUR)

    def metric(
        self,
        path: str,
        name: str,
        value: int,
        *,
        unit: str = "count",
        key: str = "",
        segment: str = "",
    ) -> Metric:
        """A number found at `path`."""
        return Metric(
            source=NAME,
            record_id=f"{self.where}{path}",
            as_of=self.reading.day,
            scope=self.scope,
            name=name,
            window=self.window,
            value=value,
            unit=unit,
            key=key,
            segment=segment,
        )
