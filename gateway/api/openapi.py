"""The OpenAPI 3.1 document, made from the routes and the very models that check and reply."""

from collections.abc import Iterable
from importlib.metadata import version
from typing import Any, Literal

import orjson
from pydantic import TypeAdapter

from gateway.api.routes import Nothing, Route, Shape

_REF = "#/components/schemas/{model}"


class Problem(Shape):
    """RFC 9457 problem details; `code` is stable, `errors` names fields and what would be right."""

    type: str
    title: str
    status: int
    code: str
    detail: str
    instance: str
    errors: list[dict[str, str]] | None = None
    refusals: dict[str, dict[str, str]] | None = None


def encode(routes: Iterable[Route]) -> bytes:
    """The document as JSON bytes."""
    return orjson.dumps(document(tuple(routes)), option=orjson.OPT_SORT_KEYS)


def document(routes: tuple[Route, ...]) -> dict[str, Any]:
    """The document as plain data."""
    bodies = dict.fromkeys(r.body for r in routes if r.body is not None)
    replies = dict.fromkeys([*(r.reply for r in routes if r.reply is not None), Problem])
    adapters: list[tuple[Any, Literal["validation", "serialization"], TypeAdapter[Any]]] = [
        *((shape, "validation", TypeAdapter(shape)) for shape in bodies),
        *((shape, "serialization", TypeAdapter(shape)) for shape in replies),
    ]
    schemas, found = TypeAdapter.json_schemas(adapters, ref_template=_REF)
    paths: dict[str, dict[str, Any]] = {}
    for route in routes:
        paths.setdefault(route.path, {})[route.method.lower()] = _operation(route, schemas)
    return {
        "openapi": "3.1.0",
        "info": {
            "title": "creditgate",
            "version": version("creditgate"),
            "description": "Consented, sealed and audited access to credit data.",
            "license": {"name": "Apache-2.0", "identifier": "Apache-2.0"},
        },
        "servers": [{"url": "/"}],
        "security": [{"key": []}],
        "paths": paths,
        "components": {
            "schemas": found.get("$defs", {}),
            "securitySchemes": {
                "key": {
                    "type": "http",
                    "scheme": "bearer",
                    "description": "cg_<client>_<secret>, from `creditgate client add`",
                }
            },
        },
    }


def _operation(route: Route, schemas: Any) -> dict[str, Any]:  # noqa: ANN401 - pydantic's own type is private
    operation: dict[str, Any] = {
        "operationId": f"{route.handler.__module__.rpartition('.')[2]}.{route.handler.__name__}",
        "summary": route.summary,
        "description": f"Needs the role `{route.role}`.",
        "parameters": _parameters(route),
        "responses": {
            str(route.status): _response(route, schemas),
            "default": {
                "description": "What went wrong, and what would have been right",
                "content": {
                    "application/problem+json": {"schema": schemas[Problem, "serialization"]}
                },
            },
        },
    }
    if route.body is not None:
        schema = schemas[route.body, "validation"]
        operation["requestBody"] = {
            "required": True,
            "content": {"application/json": {"schema": schema}},
        }
    return operation


def _response(route: Route, schemas: Any) -> dict[str, Any]:  # noqa: ANN401 - as above
    content: dict[str, Any] = {}
    if route.reply is not None:
        content = {route.media_type: {"schema": schemas[route.reply, "serialization"]}}
    elif route.media_type:
        content = {route.media_type: {}}
    return {"description": route.summary, "content": content}


def _parameters(route: Route) -> list[dict[str, Any]]:
    found = [
        {"name": part[1:-1], "in": "path", "required": True, "schema": {"type": "string"}}
        for part in _places(route.path)
    ]
    if route.query is not Nothing:
        schema = route.query.model_json_schema(mode="validation")
        required = schema.get("required", [])
        found += [
            {"name": name, "in": "query", "required": name in required, "schema": shape}
            for name, shape in schema["properties"].items()
        ]
    return found + [
        {"name": name, "in": "header", "schema": {"type": "string"}, "description": what}
        for name, what in route.headers
    ]


def _places(path: str) -> list[str]:
    """The `{name}` parts of a path; aiohttp's patterns are cut off (`{rest:.*}` is `{rest}`)."""
    parts = [piece.partition("}")[0] for piece in path.split("{")[1:]]
    return ["{" + part.partition(":")[0] + "}" for part in parts]
