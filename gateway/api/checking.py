"""Is the form right? Bytes against a model, every wrong field named with what would be right."""

from collections import Counter
from collections.abc import Iterable, Mapping
from typing import TypeVar, get_args

import orjson
from pydantic import BaseModel, ValidationError
from pydantic_core import ErrorDetails

from gateway.api.problems import InvalidFields, MalformedBody

Model = TypeVar("Model", bound=BaseModel)


_INSTANT = "an instant, for example 2026-03-01T12:00:00Z"
_OFFSET = "an instant with a UTC offset, for example 2026-03-01T12:00:00Z"
_NO_INSTANT = ("datetime_from_date_parsing", "datetime_type", "datetime_parsing")
_WORDS = {  # where pydantic's own words would repeat what was sent, or say less than we can
    "missing": "required",
    "uuid_parsing": "a UUID",
    "uuid_type": "a UUID",
    "too_short": "at least one item",
    "int_parsing": "a whole number",
    "int_type": "a whole number",
    "timezone_aware": _OFFSET,
    **dict.fromkeys(_NO_INSTANT, _INSTANT),
}
_IN_ADDRESS = {  # where a + that is written as such is a space
    **_WORDS,
    **dict.fromkeys(_NO_INSTANT, f"{_INSTANT} or 2026-03-01T20:00:00%2B08:00"),
}


def checked(shape: type[Model], raw: bytes, *, words: Mapping[str, str] = _WORDS) -> Model:
    """`raw` as the model; every wrong field is named with what would have been right."""
    try:
        return shape.model_validate_json(raw)
    except ValidationError as exc:
        found = exc.errors(include_input=False, include_url=False, include_context=False)
    if not found[0]["loc"] and found[0]["type"] in {"json_invalid", "model_type"}:
        raise MalformedBody("a JSON object in UTF-8")
    wrong = [error for error in found if not _follows(error, found)]
    raise InvalidFields(
        [(_pointer(error["loc"]), _expected(shape, error, words)) for error in wrong]
    )


def checked_query(shape: type[Model], query: Iterable[tuple[str, str]]) -> Model:
    """The parameters of an address as the model; one that stands there twice is wrong too."""
    given = list(query)
    twice = [name for name, count in Counter(name for name, _ in given).items() if count > 1]
    if twice:
        raise InvalidFields([(_pointer((name,)), "given once") for name in twice])
    return checked(shape, orjson.dumps(dict(given)), words=_IN_ADDRESS)


def _follows(error: ErrorDetails, found: list[ErrorDetails]) -> bool:
    """A list is called too short also when an item of it is wrong, which is named itself."""
    where = error["loc"]
    return error["type"] == "too_short" and any(
        len(other["loc"]) > len(where) and other["loc"][: len(where)] == where for other in found
    )


def _pointer(where: tuple[int | str, ...]) -> str:
    return "".join(f"/{str(part).replace('~', '~0').replace('/', '~1')}" for part in where)


def _expected(shape: type[Model], error: ErrorDetails, words: Mapping[str, str]) -> str:
    """What would have been right; for an unknown field, the known ones beside it."""
    if error["type"] != "extra_forbidden":
        own = error["msg"].removeprefix("Value error, ").removeprefix("Input should be ")
        return words.get(error["type"], own)
    model: type[BaseModel] = shape
    for step in error["loc"][:-1]:
        if isinstance(step, int):  # a place in a list, whose items are of the model we are at
            continue
        field = model.model_fields.get(step)
        inner = None if field is None else _model_in(field.annotation)
        if inner is None:
            return "not a field here"
        model = inner
    known = sorted(info.alias or name for name, info in model.model_fields.items())
    return f"not a field here; known: {', '.join(known) or 'none'}"


def _model_in(annotation: object) -> type[BaseModel] | None:
    """The model a field holds: itself, one or none, or a list of them."""
    if isinstance(annotation, type) and issubclass(annotation, BaseModel):
        return annotation
    found = (_model_in(inner) for inner in get_args(annotation))
    return next((one for one in found if one is not None), None)
