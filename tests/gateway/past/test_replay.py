"""past.replay: what is not as it was, where the bytes are others."""

from types import SimpleNamespace
from typing import Any

from gateway.past.replay import _unlike


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
