"""Why data is asked for: a closed list, kept as data with each bureau's own code for it."""

from collections.abc import Mapping
from typing import Annotated

from pydantic import BaseModel, ConfigDict, Field

from consent.errors import InvalidInput
from consent.subject import Scope


class Purpose(BaseModel):
    """One purpose. `bureau_codes` maps a source to the code it knows the purpose by.

    A source without a code here cannot be asked for this purpose at all. `scopes` are all that
    it may ever use, whatever the subject granted.
    """

    model_config = ConfigDict(frozen=True, extra="forbid")

    text: str
    legal_basis: str
    scopes: Annotated[frozenset[Scope], Field(min_length=1)]
    bureau_codes: Mapping[str, str] = Field(default_factory=dict)


class Purposes(BaseModel):
    """`config/purposes.toml`, read once."""

    model_config = ConfigDict(frozen=True, extra="forbid")

    purposes: Mapping[str, Purpose]

    def require(self, code: str, *, field: str) -> Purpose:
        """The purpose called `code`; `InvalidInput` on `field` lists the known ones."""
        try:
            return self.purposes[code]
        except KeyError:
            raise InvalidInput(field, f"one of {', '.join(sorted(self.purposes))}") from None

    def codes_for(self, source: str) -> dict[str, str]:
        """Our purposes in the words of `source`."""
        return {
            code: purpose.bureau_codes[source]
            for code, purpose in self.purposes.items()
            if source in purpose.bureau_codes
        }
