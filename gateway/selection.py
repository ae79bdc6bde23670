"""Which accounts and inquiries an attribute looks at: data, with words of its own.

Each list that is given narrows the choice; within a list any entry will do. What a source did not
state is in no list: an account without a product is no mortgage, as far as we know.
"""

from collections.abc import Iterable, Mapping, Sequence
from typing import NamedTuple, TypeVar

from connectors.records import AccountKind, InquiryKind, LenderType
from gateway.profile import ProfileInquiry, ProfileTradeline
from gateway.profile.concluded import Concluded

Word = TypeVar("Word", bound=str)


class Accounts(NamedTuple):
    """Accounts of these kinds, products, lenders and guarantees; without any list, all of them.

    A tuple, for selections are looked up more often than anything else of a catalogue.
    """

    words: str
    kinds: frozenset[AccountKind] = frozenset()
    products: frozenset[str] = frozenset()
    lender_types: frozenset[LenderType] = frozenset()
    guarantees: frozenset[str] = frozenset()

    def holds(self, line: ProfileTradeline) -> bool:
        """The account is one of them."""
        return self.among(1, Facets.of([line])) == 1

    def among(self, lines: int, told: "Facets") -> int:
        """Those of these accounts that are of the selection."""
        for wanted, stated in (
            (self.kinds, told.kinds),
            (self.products, told.products),
            (self.lender_types, told.lender_types),
            (self.guarantees, told.guarantees),
        ):
            if wanted:
                lines &= sum([stated.get(one, 0) for one in wanted])
        return lines


class Facets(NamedTuple):
    """What is stated of some accounts that selections look at: each word, and the accounts.

    Accounts are a number, with a bit for each: the first is 1, the next 2, the next 4.
    """

    kinds: Mapping[str, int]
    products: Mapping[str, int]
    lender_types: Mapping[str, int]
    guarantees: Mapping[str, int]

    @classmethod
    def of(cls, lines: Sequence[ProfileTradeline]) -> "Facets":
        """Of these accounts."""
        return cls(
            _stated([line.kind for line in lines]),
            _stated([line.product for line in lines]),
            _stated([line.lender_type for line in lines]),
            _stated([line.guarantee for line in lines]),
        )


def _stated(column: Iterable[Concluded[Word] | None]) -> Mapping[str, int]:
    lines: dict[str, int] = {}
    bit = 1
    for one in column:
        if one:
            lines[one.value] = lines.get(one.value, 0) | bit
        bit <<= 1
    return lines


class Asked(NamedTuple):
    """Inquiries of these kinds by these lenders."""

    words: str
    kinds: frozenset[InquiryKind] = frozenset()
    lender_types: frozenset[LenderType] = frozenset()

    def holds(self, one: ProfileInquiry) -> bool:
        """The inquiry is one of them."""
        if self.kinds and one.kind not in self.kinds:
            return False
        return not self.lender_types or one.lender_type in self.lender_types


ANY_ACCOUNT = Accounts(words="accounts")
ANY_INQUIRY = Asked(words="inquiries")
HARD_KINDS = frozenset(kind for kind in InquiryKind if kind.hard)
HARD = Asked(words="inquiries that follow an application for credit", kinds=HARD_KINDS)
