"""What the code of an answer says: there is a report, there is none, or the source failed."""

from collections.abc import Mapping
from types import MappingProxyType
from typing import Annotated, Literal

from pydantic import Field, model_validator

from connectors import options
from connectors.declarative.paths import Pointer, found
from connectors.errors import (
    SourceBrokeContract,
    SourceError,
    SourceLockedUs,
    SourceRejectedAsk,
    SourceUnavailable,
)
from connectors.normalise.json_body import Json

_Codes = tuple[str, ...]
_FAILURES: Mapping[str, type[SourceError]] = MappingProxyType(
    {
        "unavailable": SourceUnavailable,
        "locked_out": SourceLockedUs,
        "rejected": SourceRejectedAsk,
    }
)


class Outcomes(options.Options):
    """Codes by what they mean; one that is in no list says no more than that there is no report."""

    at: Pointer
    ok: Annotated[_Codes, Field(min_length=1)]
    no_hit: _Codes = ()
    unavailable: _Codes = ()
    locked_out: _Codes = ()
    rejected: _Codes = ()

    @model_validator(mode="after")
    def _once(self) -> "Outcomes":
        named = [code for codes in self._lists().values() for code in codes]
        if len(set(named)) != len(named):
            raise ValueError("a code stands in two lists")
        return self

    def of(self, source: str, body: Json) -> Literal["ok", "no_hit"]:
        """Raises the `SourceError` the code means; a code is named when it stands in a list."""
        value = found(body, self.at)
        if value is None or isinstance(value, dict | list | float):
            raise SourceBrokeContract(source, "missing", "the code of the outcome")
        code = str(value).lower() if isinstance(value, bool) else str(value)
        if code in self.ok:
            return "ok"
        if code in self.no_hit:
            return "no_hit"
        for word, failure in _FAILURES.items():
            if code in self._lists()[word]:
                raise failure(source, f"code_{code}")
        raise SourceUnavailable(source, "code_unlisted")

    def _lists(self) -> Mapping[str, _Codes]:
        words = ("ok", "no_hit", *_FAILURES)
        return {word: getattr(self, word) for word in words}
