"""Which accounts and inquiries an attribute looks at: data, with words of its own.

Each list that is given narrows the choice; within a list any entry will do. What a source did not
state is in no list: an account without a product is no mortgage, as far as we know.
"""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from operator import and_
from typing import ClassVar, NamedTuple

from pydantic import ConfigDict

from connectors.records import AccountKind, InquiryKind, LenderType
from gateway.profile import ProfileInquiry, ProfileTradeline


@dataclass(frozen=True, slots=True, kw_only=True)
class Accounts:
    """Accounts of these kinds, products, lenders and guarantees; without any list, all of them."""

    __pydantic_config__: ClassVar[ConfigDict] = ConfigDict(extra="forbid")

    words: str
    kinds: frozenset[AccountKind] = frozenset()
    products: frozenset[str] = frozenset()
    lender_types: frozenset[LenderType] = frozenset()
    guarantees: frozenset[str] = frozenset()

    def __hash__(self) -> int:  # asked for often: words are enough to tell selections apart
        return hash(self.words)

    def holds(self, line: ProfileTradeline) -> bool:
        """The account is one of them."""
        return self.fit(Facets.of([line]), [True]) == [True]

    def fit(self, told: "Facets", fits: Iterable[bool]) -> list[bool]:
        """Which of some accounts, where they fit otherwise, are of the selection."""
        for wanted, stated in (
            (self.kinds, told.kinds),
            (self.products, told.products),
            (self.lender_types, told.lender_types),
            (self.guarantees, told.guarantees),
        ):
            if wanted:
                fits = map(and_, fits, map(wanted.__contains__, stated))
        return list(fits)


class Facets(NamedTuple):
    """What selections look at of some accounts, each in a column; None is what no source states."""

    kinds: list[AccountKind]
    products: list[str | None]
    lender_types: list[LenderType | None]
    guarantees: list[str | None]

    @classmethod
    def of(cls, lines: Sequence[ProfileTradeline]) -> "Facets":
        """Of these accounts."""
        return cls(
            [line.kind.value for line in lines],
            [one.value if (one := line.product) else None for line in lines],
            [type_.value if (type_ := line.lender_type) else None for line in lines],
            [one.value if (one := line.guarantee) else None for line in lines],
        )


@dataclass(frozen=True, slots=True, kw_only=True)
class Asked:
    """Inquiries of these kinds by these lenders."""

    __pydantic_config__: ClassVar[ConfigDict] = ConfigDict(extra="forbid")

    words: str
    kinds: frozenset[InquiryKind] = frozenset()
    lender_types: frozenset[LenderType] = frozenset()

    def __hash__(self) -> int:
        return hash(self.words)

    def holds(self, one: ProfileInquiry) -> bool:
        """The inquiry is one of them."""
        if self.kinds and one.kind not in self.kinds:
            return False
        return not self.lender_types or one.lender_type in self.lender_types


ANY_ACCOUNT = Accounts(words="accounts")
ANY_INQUIRY = Asked(words="inquiries")
HARD_KINDS = frozenset(kind for kind in InquiryKind if kind.hard)
HARD = Asked(words="inquiries that follow an application for credit", kinds=HARD_KINDS)
