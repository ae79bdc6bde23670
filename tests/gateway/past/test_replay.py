"""past.replay: what is not as it was, where the bytes are others."""

from types import SimpleNamespace
from typing import Any

from gateway.past.again import _over
from gateway.past.replay import _unlike
from gateway.profile import BorrowerProfile, Withheld, WithheldSection


def opened(snapshot: str, reply: str, *tables: str) -> Any:
    """A snapshot by one build, shown by another, read with other code tables."""
    return SimpleNamespace(
        snapshot=SimpleNamespace(code=snapshot),
        disclosure=SimpleNamespace(code=reply),
        rules=SimpleNamespace(other_tables=tables),
    )


def test_every_build_and_table_that_had_a_hand_in_it_is_named() -> None:
    """Who merged, and who put it into words, may be two builds; neither need be this one."""
    some = [opened("a", "b", "pboc.csv"), opened("a", "c")]

    assert _unlike(some, "c") == (
        "it was made by a and b; this is c",
        "this build reads with another code table pboc.csv",
    )
    assert _unlike([opened("c", "c")], "c") == ()


def test_what_is_over_is_counted_over_all_that_a_page_showed() -> None:
    """Each snapshot of a history withholds records of its own, by source and rule."""
    some = [
        BorrowerProfile(withheld=WithheldSection(records=records))
        for records in (
            (Withheld("baihang", "r", "a", 1), Withheld("pboc", "r", "a", 2)),
            (Withheld("pboc", "r", "a", 3),),
        )
    ]

    assert _over([*some, BorrowerProfile()]) == (
        Withheld("baihang", "r", "a", 1),
        Withheld("pboc", "r", "a", 5),
    )
