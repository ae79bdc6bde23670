"""Plans: what a lender asks for again and again, under a name (`config/plans/`)."""

from collections.abc import Mapping
from typing import Annotated, Self

from pydantic import BaseModel, ConfigDict, Field, model_validator

from consent.errors import InvalidInput
from consent.subject import Scope


class Plan(BaseModel):
    """Whom to ask for what, in which time.

    `max_age_s` lets an answer of ours that is not older stand in for asking (0: never).
    `review_scopes` are merged even from a report that is for `review`, as it may be about
    somebody else; of a mismatch nothing is ever merged. `attributes` pins a version of the
    catalogue for requests that name none.
    """

    model_config = ConfigDict(frozen=True, extra="forbid")

    name: Annotated[str, Field(pattern=r"^[a-z][a-z0-9_]{0,63}$")]
    sources: Annotated[tuple[str, ...], Field(min_length=1)]
    scopes: Annotated[tuple[Scope, ...], Field(min_length=1)]
    deadline_ms: Annotated[int, Field(ge=100)]
    max_age_s: Annotated[int, Field(ge=0)] = 0
    review_scopes: tuple[Scope, ...] = ()
    attributes: str | None = None

    @model_validator(mode="after")
    def _sound(self) -> Self:
        for listed in (self.sources, self.scopes, self.review_scopes):
            if len(set(listed)) < len(listed):
                raise ValueError("each source and scope once")
        beyond = set(self.review_scopes) - set(self.scopes)
        if beyond:
            raise ValueError(f"review_scopes: not among scopes: {', '.join(sorted(beyond))}")
        return self


def find(plans: Mapping[str, Plan], name: str, *, field: str) -> Plan:
    """The plan of that name; `InvalidInput` for `field` names those there are."""
    if name not in plans:
        raise InvalidInput(field, f"one of {', '.join(sorted(plans)) or 'none: no plan is known'}")
    return plans[name]
