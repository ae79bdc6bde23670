"""Which accounts and inquiries an attribute looks at: data, with words of its own.

Each list that is given narrows the choice; within a list any entry will do. What a source did not
state is in no list: an account without a product is no mortgage, as far as we know.
"""

from collections.abc import Iterable
from dataclasses import dataclass
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
        return bool(self.among([Facets.of(line)]))

    def among(self, facets: Iterable["Facets"]) -> list[ProfileTradeline]:
        """Those of some accounts that are of the selection, in their order."""
        kinds, products, lenders = self.kinds, self.products, self.lender_types
        guarantees = self.guarantees
        return [
            line
            for line, kind, product, lender, guarantee in facets
            if (not kinds or kind in kinds)
            and (not products or product in products)
            and (not lenders or lender in lenders)
            and (not guarantees or guarantee in guarantees)
        ]


class Facets(NamedTuple):
    """What selections look at of one account; None is what no source states."""

    line: ProfileTradeline
    kind: AccountKind
    product: str | None
    lender_type: LenderType | None
    guarantee: str | None

    @classmethod
    def of(cls, line: ProfileTradeline) -> "Facets":
        """Of this account."""
        product, lender, guarantee = line.product, line.lender_type, line.guarantee
        return cls(
            line,
            line.kind.value,
            product.value if product else None,
            lender.value if lender else None,
            guarantee.value if guarantee else None,
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
