"""consent.canonical: one byte form, and the same as RFC 8785's own."""

import pytest
import rfc8785
from hypothesis import given
from hypothesis import strategies as st

from consent import canonical

KEYS = st.text(st.characters(max_codepoint=127), max_size=8)
VALUES = st.recursive(
    st.none()
    | st.booleans()
    | st.integers(-(2**53) + 1, 2**53 - 1)
    | st.text(st.characters(exclude_categories=["Cs"]), max_size=12),
    lambda inner: st.lists(inner, max_size=4) | st.dictionaries(KEYS, inner, max_size=4),
    max_leaves=12,
)


@given(st.dictionaries(KEYS, VALUES, max_size=5))
def test_it_is_rfc_8785(document: dict[str, object]) -> None:
    """Receipts and entries must verify with other people's JCS."""
    assert canonical.encode(document) == rfc8785.dumps(document)  # type: ignore[arg-type]


@pytest.mark.parametrize(
    "odd",
    [{"a": 0.5}, {"ä": 1}, {"a": 2**53}, {"a": b"x"}, {"a": {1: 2}}, {"a": [float("nan")]}],
    ids=repr,
)
def test_what_has_no_single_form_is_refused(odd: dict[str, object]) -> None:
    """Better no bytes than bytes another library would write otherwise."""
    with pytest.raises(TypeError):
        canonical.encode(odd)


def test_the_form_is_pinned() -> None:
    """If this moves, every signature and leaf hash moves: write an ADR."""
    assert canonical.encode({"b": ["x", 1, None], "a": "é\u2028"}) == (
        '{"a":"é\u2028","b":["x",1,null]}'.encode()
    )
