"""What can be borrowed: amounts in yuan, terms in months, rates in percent a year."""

from collections.abc import Mapping
from dataclasses import dataclass
from types import MappingProxyType

from connectors.records import AccountKind, InquiryKind, LenderType


@dataclass(frozen=True, slots=True, kw_only=True)
class Product:
    """One sort of credit. `kind` is that of the accounts it makes.

    `terms` is empty for revolving kinds. A product with `agreement` is drawn under a credit
    agreement, recorded beside the account.
    """

    name: str
    kind: AccountKind
    lenders: tuple[LenderType, ...]
    yuan: tuple[int, int]
    terms: tuple[int, ...] = ()
    percent: float = 0.0
    inquiry: InquiryKind = InquiryKind.LOAN_APPLICATION
    agreement: bool = False


_LOAN = AccountKind.INSTALMENT_LOAN
MARGIN = "margin"
"""Money lent against securities to buy securities (融资融券)."""
_ONLINE = (LenderType.CONSUMER_FINANCE, LenderType.MICROLENDER)

PRODUCTS: Mapping[str, Product] = MappingProxyType(
    {
        product.name: product
        for product in (
            Product(
                name="mortgage",
                kind=_LOAN,
                lenders=(LenderType.BANK,),
                yuan=(300_000, 2_400_000),
                terms=(120, 240, 360),
                percent=4.1,
            ),
            Product(
                name="fund_loan",
                kind=_LOAN,
                lenders=(LenderType.HOUSING_FUND,),
                yuan=(200_000, 900_000),
                terms=(120, 240, 360),
                percent=3.1,
            ),
            Product(
                name="car",
                kind=_LOAN,
                lenders=(LenderType.AUTO_FINANCE, LenderType.BANK),
                yuan=(40_000, 240_000),
                terms=(24, 36, 60),
                percent=5.5,
            ),
            Product(
                name="business",
                kind=_LOAN,
                lenders=(LenderType.BANK,),
                yuan=(50_000, 500_000),
                terms=(12, 24, 36),
                percent=5.0,
                inquiry=InquiryKind.FINANCING_REVIEW,
            ),
            Product(
                name="consumer",
                kind=_LOAN,
                lenders=(LenderType.BANK, LenderType.TRUST),
                yuan=(10_000, 200_000),
                terms=(12, 24, 36),
                percent=6.5,
            ),
            Product(
                name=MARGIN,
                kind=_LOAN,
                lenders=(LenderType.SECURITIES,),
                yuan=(50_000, 500_000),
                terms=(6, 12),
                percent=6.0,
            ),
            Product(
                name="lease",
                kind=_LOAN,
                lenders=(LenderType.LEASING,),
                yuan=(8_000, 90_000),
                terms=(12, 24, 36),
                percent=9.0,
                inquiry=InquiryKind.FINANCING_REVIEW,
            ),
            Product(
                name="instalment",
                kind=_LOAN,
                lenders=(LenderType.CONSUMER_FINANCE,),
                yuan=(2_000, 50_000),
                terms=(6, 9, 12, 18, 24),
                percent=15.0,
            ),
            Product(
                name="small",
                kind=_LOAN,
                lenders=(LenderType.MICROLENDER,),
                yuan=(500, 10_000),
                terms=(3, 6, 12),
                percent=20.0,
            ),
            Product(
                name="cash",
                kind=_LOAN,
                lenders=(LenderType.OTHER,),
                yuan=(500, 5_000),
                terms=(3, 6),
                percent=23.0,
            ),
            Product(
                name="drawdown",
                kind=AccountKind.REVOLVING_SUBACCOUNT,
                lenders=(LenderType.BANK, LenderType.CONSUMER_FINANCE),
                yuan=(1_000, 20_000),
                terms=(3, 6, 12),
                percent=14.0,
                inquiry=InquiryKind.LIMIT_REVIEW,
                agreement=True,
            ),
            Product(
                name="revolving",
                kind=AccountKind.REVOLVING_LOAN,
                lenders=_ONLINE,
                yuan=(5_000, 80_000),
                inquiry=InquiryKind.LIMIT_REVIEW,
                agreement=True,
            ),
            Product(
                name="card",
                kind=AccountKind.CREDIT_CARD,
                lenders=(LenderType.BANK,),
                yuan=(3_000, 100_000),
                inquiry=InquiryKind.CARD_APPLICATION,
                agreement=True,
            ),
            Product(
                name="quasi_card",
                kind=AccountKind.QUASI_CREDIT_CARD,
                lenders=(LenderType.BANK,),
                yuan=(1_000, 10_000),
                inquiry=InquiryKind.CARD_APPLICATION,
            ),
        )
    }
)
"""A `line` in a temperament's holdings is an agreement with several `drawdown`s under it."""

COLLECTION, ADVANCED = "collection", "advanced"
"""The products of a bought debt and of one a guarantor paid; nobody applies for them."""
