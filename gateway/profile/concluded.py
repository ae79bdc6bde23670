"""A conclusion and what it rests on: the parts every section of a profile is made of."""

import operator
from collections.abc import Callable
from dataclasses import dataclass, field
from datetime import date
from typing import Annotated, Any, Generic, NamedTuple, TypeVar, dataclass_transform

from pydantic import Field
from pydantic_core import CoreSchema, core_schema

T = TypeVar("T")


@dataclass_transform(frozen_default=True, field_specifiers=(field,))
def made_often(cls: type[T]) -> type[T]:
    """A dataclass of which a merge makes hundreds.

    It is not to be changed, as every other one; only that here mypy is who says so: what a frozen
    class does at run time to refuse it makes each of them cost twice as much.
    """
    return dataclass(slots=True, unsafe_hash=True)(cls)


class Evidence(NamedTuple):
    """One record of one report. Its text, also in JSON, is `source/report/record`.

    A tuple, for it is compared, sorted and looked up more than anything else in a profile.
    """

    source: str
    report_id: str
    record_id: str

    def __str__(self) -> str:
        # The record comes last and may hold slashes; a report id that does is escaped.
        report = self.report_id.replace("%", "%25").replace("/", "%2F")
        return f"{self.source}/{report}/{self.record_id}"

    @property
    def local(self) -> str:
        """What a merged thing is called whose first record this is: short, unique in a profile."""
        return f"{self.source}:{self.record_id}"

    @classmethod
    def parse(cls, text: str) -> "Evidence":
        """Read the text form; ValueError when a part is missing."""
        source, report, record = text.split("/", 2)
        return cls(source, report.replace("%2F", "/").replace("%25", "%"), record)

    @classmethod
    def __get_pydantic_core_schema__(cls, _source: object, _handler: object) -> CoreSchema:
        return core_schema.no_info_after_validator_function(
            cls.parse,
            core_schema.str_schema(pattern=r"^[^/]+/[^/]+/.+$"),
            serialization=core_schema.to_string_ser_schema(),
        )


@made_often
class Held(Generic[T]):
    """A record in hand, and where it stands."""

    evidence: Evidence
    record: T = field(repr=False)


in_place: Callable[["Held[Any]"], Evidence] = operator.attrgetter("evidence")
"""The order of evidence as a sort key."""


@made_often
class Rejected(Generic[T]):
    """A record that says otherwise, and what it says."""

    value: T = field(repr=False)
    evidence: Evidence


@made_often
class Concluded(Generic[T]):
    """A value, the rule that chose it, the records that say so (best first) and those against.

    `against` of a payment grid holds only the months a record tells differently; a month rests on
    the records of `basis` that tell it (`told` of the grid) and are not against it. `as_of` is the
    day the value is of, where that is not the newest any record vouches for: the newest record does
    not state it.
    """

    value: T = field(repr=False)
    rule: str
    basis: tuple[Evidence, ...]
    against: Annotated[tuple[Rejected[T], ...], Field(exclude_if=operator.not_)] = ()
    as_of: Annotated[date | None, Field(exclude_if=operator.not_)] = None


def _absent(value: object) -> bool:
    return value is None


Given = Annotated[T | None, Field(exclude_if=_absent)]
"""A value or nothing; nothing is left out of the JSON."""

Maybe = Annotated[Concluded[T] | None, Field(exclude_if=_absent)]
"""A conclusion, or nothing when no record says anything; then it is left out of the JSON."""

Several = Annotated[tuple[Concluded[T], ...], Field(exclude_if=operator.not_)]
"""Values that stand side by side, each with its evidence; left out of the JSON when empty."""

Some = Annotated[tuple[T, ...], Field(exclude_if=operator.not_)]
"""Any number of things; left out of the JSON when there are none."""


@dataclass(frozen=True, slots=True)
class Stated(Generic[T]):
    """A record as a source made it, with all records that say the very same (the newest first).

    Where a `rule` put records together that do not, those stand in `against`; in `basis` each of
    them is followed by those that say the very same as it. A `rule` also says why a record is shown
    and not counted.
    `disputed` are those of them that their source marks so.
    """

    record: T = field(repr=False)
    basis: tuple[Evidence, ...]
    rule: Given[str] = None
    against: Some[Rejected[T]] = ()
    disputed: Some[Evidence] = ()
