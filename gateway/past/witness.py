"""What an explanation is made of: the records, what they say, and the place that is explained."""

from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass, field
from datetime import date
from typing import Any

from gateway.profile.concluded import Evidence

Node = Mapping[str, Any]


@dataclass(frozen=True, slots=True)
class Told:
    """One stored record: the day its source vouches for, and what it says.

    `says` is laid out as a section of a profile: by its fields, as the caller may see them.
    """

    as_of: date
    says: Mapping[str, Any] = field(default_factory=dict, repr=False)


Lookup = Callable[[str], Told | None]
"""The record of a text of evidence; None when the stored answers are gone."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Witness:
    """One record, and whether it stands for the value or against it.

    `says` is what this record itself tells of what is explained: its own field, of a payment grid
    the months in which it stands so, of an inquiry all it tells, of an attribute the fields that it
    looks at, as far as the caller sees the account or inquiry. None when that is no field or
    statement, or when the stored answers are gone and the profile alone does not tell. `as_of` is
    the day its source vouches for, None when they are gone.
    `disputed`: its source marks it so.
    """

    source: str
    report: str
    record: str
    against: bool = False
    disputed: bool = False
    as_of: date | None = None
    says: Any = field(default=None, repr=False)


@dataclass(frozen=True, slots=True, kw_only=True)
class Explanation:
    """Why. `path` is the conclusion that is explained, `details` what is special to its kind."""

    path: str
    kind: str
    value: Any = field(default=None, repr=False)
    rule: str | None = None
    words: str
    evidence: tuple[Witness, ...] = ()
    details: Mapping[str, Any] = field(default_factory=dict, repr=False)


@dataclass(frozen=True, slots=True)
class Place:
    """What stands on the way of a pointer, and what it stands in, from the section on."""

    path: str
    node: Any
    around: tuple[Any, ...]

    @property
    def section(self) -> Node:
        """The section; itself when it is one."""
        return self.around[0] if self.around else self.node  # type: ignore[no-any-return]

    @property
    def field(self) -> str:
        """Which part of an item or section it is, also where it is one of several there."""
        *_, before, last = self.path.split("/")
        return before if isinstance(self.around[-1], list) else last


@dataclass(frozen=True, slots=True)
class Known:
    """What is looked up: stored records, what attributes mean, and what stands as disputed.

    `items` has the account or inquiry a record speaks of and its section, by the text of evidence.
    """

    told: Lookup
    definitions: Mapping[str, Node]
    disputed: frozenset[str]
    items: Mapping[str, tuple[str, Node]]

    def witness(
        self,
        text: str,
        *,
        says: Any = None,  # noqa: ANN401 - a JSON value
        against: bool = False,
    ) -> Witness:
        """The record of this evidence, and what of it `says` so or otherwise."""
        one, told = Evidence.parse(text), self.told(text)
        return Witness(
            source=one.source,
            report=one.report_id,
            record=one.record_id,
            against=against,
            disputed=text in self.disputed,
            as_of=None if told is None else told.as_of,
            says=says,
        )

    def witnesses(self, basis: Iterable[str]) -> tuple[Witness, ...]:
        """Those of a value that no single field of theirs says."""
        return tuple(self.witness(text) for text in basis)
