"""The OpenAPI 3.1 document, made from the routes and the very models that check and reply."""

import re
from collections.abc import Iterable
from importlib.metadata import version
from typing import Any, Literal

import orjson
from pydantic import TypeAdapter

from gateway.api.routes import Nothing, Route, Shape

_REF = "#/components/schemas/{model}"
_SIGNED = "Needs no role: signed by a secret of the source; the body has that source's form."
_PLACE = re.compile(r"\{(\w+)[^}]*\}")


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
    bodies = dict.fromkeys(body for r in routes for body in _bodies(r))
    queries = dict.fromkeys(r.query for r in routes if r.query is not Nothing)
    replies = dict.fromkeys([*(r.reply for r in routes if r.reply is not None), Problem])
    adapters: list[tuple[Any, Literal["validation", "serialization"], TypeAdapter[Any]]] = [
        *((shape, "validation", TypeAdapter(shape)) for shape in (*bodies, *queries)),
        *((shape, "serialization", TypeAdapter(shape)) for shape in replies),
    ]
    schemas, found = TypeAdapter.json_schemas(adapters, ref_template=_REF)
    models = found.get("$defs", {})
    # A query is no document of its own: its fields become parameters.
    asked = {query: models.pop(_name(schemas[query, "validation"])) for query in queries}
    paths: dict[str, dict[str, Any]] = {}
    for route in routes:
        operation = _operation(route, schemas, asked.get(route.query))
        paths.setdefault(_template(route.path), {})[route.method.lower()] = operation
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
            "schemas": models,
            "securitySchemes": {
                "key": {
                    "type": "http",
                    "scheme": "bearer",
                    "description": "cg_<client>_<secret>, from `creditgate client add`",
                },
                "signature": {
                    "type": "apiKey",
                    "in": "header",
                    "name": "webhook-signature",
                    "description": "Standard Webhooks, by a secret of the source",
                },
            },
        },
    }


def _operation(route: Route, schemas: Any, query: Any) -> dict[str, Any]:  # noqa: ANN401 - pydantic's own type is private
    operation: dict[str, Any] = {
        "operationId": f"{route.handler.__module__.rpartition('.')[2]}.{route.handler.__name__}",
        "summary": route.summary,
        "description": f"Needs the role `{route.role}`." if route.role else _SIGNED,
        "parameters": _parameters(route, query),
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
    taken = [schemas[body, "validation"] for body in _bodies(route)]
    if taken:
        schema = taken[0] if len(taken) == 1 else {"anyOf": taken}
        operation["requestBody"] = {
            "required": True,
            "content": {"application/json": {"schema": schema}},
        }
    if route.role is None:
        operation["security"] = [{"signature": []}]
    return operation


def _bodies(route: Route) -> tuple[type[Shape], ...]:
    """The models of what a route takes: one, or one for each source."""
    if route.body is None:
        return ()
    return (route.body,) if isinstance(route.body, type) else tuple(route.body.values())


def _response(route: Route, schemas: Any) -> dict[str, Any]:  # noqa: ANN401 - as above
    schema = {"schema": schemas[route.reply, "serialization"]} if route.reply else {}
    content = dict.fromkeys(route.media_types, schema)
    return {"description": route.summary, "content": content}


def _what(route: Route) -> dict[str, str]:
    """Whose id a path has, where nothing else says it."""
    if route.path.startswith("/v1/borrowers/"):
        return {"description": "our reference of the subject: `subject` of its consent"}
    return {}


def _parameters(route: Route, query: Any) -> list[dict[str, Any]]:  # noqa: ANN401 - as above
    found = [
        {"name": name, "in": "path", "required": True, "schema": {"type": "string"}, **_what(route)}
        for name in _PLACE.findall(route.path)
    ]
    if query is not None:
        required = query.get("required", [])
        found += [
            {"name": name, "in": "query", "required": name in required, "schema": shape}
            for name, shape in query["properties"].items()
        ]
    return found + [
        {"name": name, "in": "header", "schema": {"type": "string"}, "description": what}
        for name, what in route.headers
    ]


def _template(path: str) -> str:
    """The path as OpenAPI writes it, without aiohttp's patterns (`{rest:.+}` is `{rest}`)."""
    return _PLACE.sub(r"{\1}", path)


def _name(reference: dict[str, Any]) -> str:
    return str(reference["$ref"]).rpartition("/")[2]
