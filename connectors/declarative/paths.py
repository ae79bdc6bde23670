"""Places in a JSON document: pointers (RFC 6901) into objects, and a map of those that are read.

A pointer steps through objects only; what stands in a list is read item by item (`each`).
"""

from collections.abc import Iterable, Iterator
from dataclasses import dataclass, field
from typing import Annotated

from pydantic import BeforeValidator

from connectors.normalise.issues import Issues
from connectors.normalise.json_body import Json

Steps = tuple[str, ...]


def parse(text: object) -> Steps:
    """`/head/code` as its steps."""
    if not isinstance(text, str) or not text.startswith("/"):
        raise ValueError('a JSON pointer such as "/head/code"')
    return tuple(step.replace("~1", "/").replace("~0", "~") for step in text.split("/")[1:])


Pointer = Annotated[Steps, BeforeValidator(parse)]


def found(value: Json, steps: Steps) -> Json:
    """What stands there; None where nothing does."""
    for step in steps:
        if not isinstance(value, dict):
            return None
        value = value.get(step)
    return value


def shown(steps: Steps) -> str:
    """The place as issues name it."""
    return ".".join(steps)


@dataclass(slots=True)
class Places:
    """Every place that is read or known; of a `whole` one nothing inside is news."""

    whole: bool = False
    inner: dict[str, "Places"] = field(default_factory=dict)
    items: "Places | None" = None

    def add(self, steps: Steps, *, each: Steps | None = None) -> None:
        """One more place; within the items of the list at `each`, when it is given."""
        if each is None:
            self._at(steps).whole = True
            return
        held = self._at(each)
        held.items = held.items or Places()
        held.items.add(steps)

    def clash(self, where: Steps = ()) -> Steps | None:
        """A place that is read as one value and has another inside; None when there is none."""
        if self.whole and (self.inner or self.items):
            return where
        inside = [one.clash((*where, name)) for name, one in self.inner.items()]
        inside += [self.items.clash(where)] if self.items else []
        return next((one for one in inside if one is not None), None)

    def _at(self, steps: Iterable[str]) -> "Places":
        place = self
        for step in steps:
            place = place.inner.setdefault(step, Places())
        return place

    def count_unknown(self, value: Json, issues: Issues, where: Steps = ()) -> None:
        """Count each field that no place names, and each object or list that is something else."""
        if self.whole or value is None:
            return
        if self.items is not None:
            for item in _items(value, issues, where):
                self.items.count_unknown(item, issues, where)
        elif not isinstance(value, dict):
            issues.bad_value(shown(where), value, "an object")
        else:
            for name, inner in value.items():
                known = self.inner.get(name)
                if known is None:
                    issues.unknown_field(shown(where), name)
                else:
                    known.count_unknown(inner, issues, (*where, name))


def _items(value: Json, issues: Issues, where: Steps) -> Iterator[Json]:
    if not isinstance(value, list):
        issues.bad_value(shown(where), value, "a list")
        return
    for item in value:
        if isinstance(item, dict):
            yield item
        else:
            issues.bad_value(shown(where), item, "an object")
