"""gateway.resolve.pairing: what is joined first when not everything can be."""

from itertools import permutations

from tests.gateway.reports import cny, day, loan
from tests.gateway.resolve.groups import grouped, names


def test_of_equal_pairs_the_first_in_the_order_of_evidence_is_joined() -> None:
    """One report says too little to tell which of two others it means, and they are two."""
    vague = loan("baihang", matures=None, original_amount=None)
    one, other = (
        loan(source, matures=day(matures), original_amount=cny(amount))
        for source, matures, amount in (("north", "2027-03-15", 12_000), ("pboc", "2028-03-15", 9))
    )

    for told in permutations((vague, one, other)):
        assert names(grouped(*told)) == [["baihang:A1", "north:A1"], ["pboc:A1"]]
