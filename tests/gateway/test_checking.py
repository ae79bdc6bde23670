"""gateway.api.checking: what would have been right, in one way of speaking."""

from datetime import datetime
from typing import Annotated, Literal

import pytest
from pydantic import Field

from gateway.api.checking import checked, checked_query
from gateway.api.problems import InvalidFields
from gateway.api.routes import Shape


class Form(Shape):
    """A number, a word, a list and an instant."""

    view: Literal["full", "attributes"] = "full"
    limit: Annotated[int, Field(ge=1, le=5)] = 1
    scopes: Annotated[tuple[Literal["a", "b"], ...], Field(min_length=1)] = ("a",)
    as_of: datetime | None = None


def told(body: bytes) -> list[tuple[str, str]]:
    with pytest.raises(InvalidFields) as wrong:
        checked(Form, body)
    return wrong.value.errors


@pytest.mark.parametrize(
    ("body", "field", "expected"),
    [
        (b'{"view": "half"}', "/view", "'full' or 'attributes'"),
        (b'{"limit": "x"}', "/limit", "a whole number"),
        (b'{"limit": 9}', "/limit", "less than or equal to 5"),
        (b'{"scopes": "a"}', "/scopes", "a valid array"),
        (b'{"scopes": []}', "/scopes", "at least one item"),
        (b'{"scopes": ["c"]}', "/scopes/0", "'a' or 'b'"),
    ],
)
def test_it_is_said_what_would_have_been_right(body: bytes, field: str, expected: str) -> None:
    """`expected` is that and nothing else, for one wrong field one error."""
    assert told(body) == [(field, expected)]


def test_a_parameter_that_stands_twice_is_wrong() -> None:
    """Which of two purposes goes on record must not hang on who reads the address."""
    with pytest.raises(InvalidFields) as wrong:
        checked_query(Form, [("view", "full"), ("limit", "1"), ("view", "attributes")])

    assert wrong.value.errors == [("/view", "given once")]


def test_an_offset_in_an_address_is_told_how_to_write_it() -> None:
    """A + there is a space: +08:00 fails, and nothing about it looks wrong to who wrote it."""
    with pytest.raises(InvalidFields) as wrong:
        checked_query(Form, [("as_of", "2026-03-01T20:00:00 08:00")])

    assert "%2B08:00" in wrong.value.errors[0][1]
    assert "%2B" not in told(b'{"as_of": "2026-03-01T20:00:00 08:00"}')[0][1]
