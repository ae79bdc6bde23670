"""Which accounts and inquiries an attribute looks at: data, with words of its own.

Each list that is given narrows the choice; within a list any entry will do. What a source did not
state is in no list: an account without a product is no mortgage, as far as we know.
"""

from dataclasses import dataclass
from typing import ClassVar

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
        if self.kinds and line.kind.value not in self.kinds:
            return False
        if self.lender_types and not (
            line.lender_type and line.lender_type.value in self.lender_types
        ):
            return False
        if self.products and not (line.product and line.product.value in self.products):
            return False
        return not self.guarantees or bool(
            line.guarantee and line.guarantee.value in self.guarantees
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
