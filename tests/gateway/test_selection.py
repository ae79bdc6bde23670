"""gateway.selection: each list narrows the choice, and what nobody states is in no list."""

from itertools import product
from typing import Any

import pytest

from connectors.records import AccountKind, InquiryKind, LenderType
from gateway.selection import ANY_ACCOUNT, ANY_INQUIRY, HARD, Accounts, Asked
from tests.gateway.reports import inquiries_of, inquiry, lines_of, loan, pulled

LISTS: dict[str, tuple[frozenset[Any], frozenset[Any]]] = {
    "kinds": (frozenset({AccountKind.INSTALMENT_LOAN}), frozenset({AccountKind.CREDIT_CARD})),
    "products": (frozenset({"housing", "car"}), frozenset({"car"})),
    "lender_types": (frozenset({LenderType.CONSUMER_FINANCE}), frozenset({LenderType.BANK})),
    "guarantees": (frozenset({"mortgage"}), frozenset({"credit"})),
}
(LOAN,) = lines_of(pulled(loan(product="housing", guarantee="mortgage")))


@pytest.mark.parametrize("fits", list(product([True, False, None], repeat=len(LISTS))))
def test_an_account_must_be_in_every_list_that_is_given(fits: tuple[bool | None, ...]) -> None:
    """A list more never lets more accounts in; one that is left out asks for nothing."""
    given = {
        name: lists[0] if fit else lists[1]
        for (name, lists), fit in zip(LISTS.items(), fits, strict=True)
        if fit is not None
    }

    assert Accounts(words="some", **given).holds(LOAN) is (False not in fits)


@pytest.mark.parametrize("name", ["products", "guarantees"])
def test_what_no_source_states_is_in_no_list(name: str) -> None:
    """A loan of unknown product is no mortgage, as far as anybody knows."""
    (unstated,) = lines_of(pulled(loan()))

    assert ANY_ACCOUNT.holds(unstated)
    assert not Accounts(words="some", **{name: LISTS[name][0]}).holds(unstated)


def test_an_inquiry_must_be_in_every_list_that_is_given() -> None:
    """Of these kinds, and by these lenders."""
    (asked,) = inquiries_of(pulled(inquiry()))
    kind, other = frozenset({asked.kind}), frozenset({InquiryKind.ACCOUNT_REVIEW})
    lender, bank = (frozenset({one}) for one in (LenderType.CONSUMER_FINANCE, LenderType.BANK))

    assert ANY_INQUIRY.holds(asked)
    assert HARD.holds(asked)
    assert Asked(words="some", kinds=kind, lender_types=lender).holds(asked)
    for kinds, lenders in ((other, lender), (kind, bank), (other, bank)):
        assert not Asked(words="some", kinds=kinds, lender_types=lenders).holds(asked)
