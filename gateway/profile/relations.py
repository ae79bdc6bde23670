"""How records and accounts are related: which pair was taken for one, which debt moved where."""

from dataclasses import dataclass
from enum import StrEnum

from gateway.profile.concluded import Evidence, Given
from gateway.profile.rule_names import SAME_LOAN


@dataclass(frozen=True, slots=True, order=True)
class Match:
    """Two records that are one account, or nearly, and how alike they are in milli-bits.

    Records of one group that are not named together here are joined through others. No score
    where the facts rule it out, and a person said otherwise.
    """

    one: Evidence
    other: Evidence
    rule: str = SAME_LOAN
    score: Given[int] = None


class LinkKind(StrEnum):
    """What became of a debt, told from the account that has the link."""

    SOLD_TO = "sold_to"  # an asset manager collects it now
    TRANSFERRED_TO = "transferred_to"  # another creditor has it: a lender, a guarantor who paid
    CAME_FROM = "came_from"


@dataclass(frozen=True, slots=True, kw_only=True)
class Weighed:
    """One fact of a link: how it came out, and its weight in milli-bits. Never a value."""

    fact: str
    level: str
    weight: int


@dataclass(frozen=True, slots=True, kw_only=True)
class Link:
    """From one account to another that is not the same but has the same debt.

    `line` is the id of the other. `basis` are the records of both.
    """

    kind: LinkKind
    line: str
    rule: str
    score: int
    facts: tuple[Weighed, ...]
    basis: tuple[Evidence, ...]

    @property
    def away(self) -> bool:
        """The debt left the account that has this link."""
        return self.kind is not LinkKind.CAME_FROM
