"""Is the form right? Bytes against a model, every wrong field named with what would be right."""

from typing import TypeVar, get_args

from pydantic import BaseModel, ValidationError
from pydantic_core import ErrorDetails

from gateway.api.problems import InvalidFields, MalformedBody

Model = TypeVar("Model", bound=BaseModel)


def checked(shape: type[Model], raw: bytes) -> Model:
    """`raw` as the model; every wrong field is named with what would have been right."""
    try:
        return shape.model_validate_json(raw)
    except ValidationError as exc:
        found = exc.errors(include_input=False, include_url=False, include_context=False)
    if not found[0]["loc"] and found[0]["type"] in {"json_invalid", "model_type"}:
        raise MalformedBody("a JSON object in UTF-8")
    raise InvalidFields([(_pointer(error["loc"]), _expected(shape, error)) for error in found])


def _pointer(where: tuple[int | str, ...]) -> str:
    return "".join(f"/{str(part).replace('~', '~0').replace('/', '~1')}" for part in where)


_WORDS = {  # where pydantic's own words would repeat what was sent, or say less than we can
    "missing": "required",
    "uuid_parsing": "a UUID",
    "uuid_type": "a UUID",
    "too_short": "at least one item",
    "timezone_aware": "an instant with a UTC offset, for example 2026-03-01T12:00:00Z",
    "datetime_from_date_parsing": "an instant, for example 2026-03-01T12:00:00Z",
    "datetime_type": "an instant, for example 2026-03-01T12:00:00Z",
    "datetime_parsing": "an instant, for example 2026-03-01T12:00:00Z",
}


def _expected(shape: type[Model], error: ErrorDetails) -> str:
    """What would have been right; for an unknown field, the known ones beside it."""
    if error["type"] != "extra_forbidden":
        return _WORDS.get(error["type"]) or error["msg"].removeprefix("Value error, ")
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
