"""JSON bodies of sources: parsed strictly, then read without trusting any type."""

from collections.abc import Iterator, Mapping
from collections.abc import Set as AbstractSet
from dataclasses import dataclass

import orjson

from connectors.errors import SourceBrokeContract
from connectors.normalise.issues import Issues

Json = None | bool | int | float | str | list["Json"] | dict[str, "Json"]
"""A value as it stands in a body."""


def parse(source: str, content: bytes) -> dict[str, Json]:
    """The object a body holds; `SourceBrokeContract` on anything else.

    orjson refuses what RFC 8259 refuses: NaN, other encodings, trailing commas, lone surrogates;
    and it bounds the depth.
    """
    try:
        body: Json = orjson.loads(content)
    except orjson.JSONDecodeError:
        raise SourceBrokeContract(source, "not_json") from None  # the cause holds the body
    if not isinstance(body, dict):
        raise SourceBrokeContract(source, "not_an_object")
    return body


@dataclass(frozen=True, slots=True)
class Walk:
    """Reads the parts of a body one by one; what does not fit is counted and left out."""

    issues: Issues

    def known(self, where: str, found: Mapping[str, Json], names: AbstractSet[str]) -> None:
        """Count the fields of `found` that are not in `names`."""
        for name in found:
            if name not in names:
                self.issues.unknown_field(where, name)

    def object(self, where: str, value: Json) -> Mapping[str, Json]:
        """An object, empty when it is absent or something else."""
        if isinstance(value, dict):
            return value
        if value is not None:
            self.issues.bad_value(where, value, "an object")
        return {}

    def items(self, where: str, value: Json) -> Iterator[tuple[str, Mapping[str, Json]]]:
        """The objects of a list, each with its path; none when it is absent."""
        if isinstance(value, list):
            for index, item in enumerate(value):
                if isinstance(item, dict):
                    yield f"{where}[{index}]", item
                else:
                    self.issues.bad_value(where, item, "an object")
        elif value is not None:
            self.issues.bad_value(where, value, "a list")

    def text(self, where: str, value: Json) -> str | None:
        """A text without the blanks around it, None when there is none."""
        if value is None:
            return None
        if not isinstance(value, str):
            self.issues.bad_value(where, value, "a text")
            return None
        return value.strip() or None
