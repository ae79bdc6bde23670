"""tests.scenarios.schema says of every keyword what jsonschema says."""

from itertools import product
from typing import Any

import pytest
from jsonschema import Draft202012Validator

from gateway.api import openapi
from gateway.api.app import ROUTES
from tests.scenarios.schema import ANNOTATIONS, LIMITS, Schemas

A, LONG = {"type": "string"}, {"type": "string", "minLength": 2}
MODELS: dict[str, dict[str, Any]] = {
    "Name": LONG,
    "Pair": {"type": "array", "items": {"$ref": "#/components/schemas/Name"}},
}
SCHEMAS: dict[str, list[dict[str, Any]]] = {
    "$ref": [{"$ref": f"#/components/schemas/{name}"} for name in MODELS],
    "type": [
        {"type": name}
        for name in ("string", "boolean", "array", "object", "null", "number", "integer")
    ],
    "enum": [{"enum": ["a", "abc"]}],
    "const": [{"const": "abc"}],
    "pattern": [{"pattern": "^a"}, {"pattern": "b"}],
    "minLength": [{"minLength": 2}],
    "maxLength": [{"maxLength": 2}],
    "minimum": [{"minimum": 1}, {"minimum": 1.5}],
    "maximum": [{"maximum": 1}, {"maximum": 0}],
    "exclusiveMinimum": [{"exclusiveMinimum": 1}],
    "exclusiveMaximum": [{"exclusiveMaximum": 1}],
    "minItems": [{"minItems": 2}],
    "maxItems": [{"maxItems": 1}],
    "required": [{"required": ["a"]}, {"required": ["a", "b"]}],
    "properties": [{"properties": {"a": LONG}}, {"properties": {"a": A, "b": {"type": "null"}}}],
    "additionalProperties": [
        {"properties": {"a": A}, "additionalProperties": other} for other in (False, True, LONG)
    ],
    "propertyNames": [{"propertyNames": LONG}],
    "items": [{"items": LONG}, {"prefixItems": [A], "items": {"type": "integer"}}],
    "prefixItems": [{"prefixItems": [A]}, {"prefixItems": [A, LONG]}],
    "anyOf": [{"anyOf": [LONG, {"type": "null"}]}],
    "oneOf": [{"oneOf": [A, LONG]}, {"oneOf": [LONG, {"type": "null"}]}],
}
SCALARS = [None, True, False, 0, 1, 2, -1, 1.0, 1.5, "", "a", "ba", "abc", "嗨嗨"]
VALUES = [
    *SCALARS, [], {},
    *([one] for one in SCALARS),
    *map(list, product(SCALARS, repeat=2)),
    *({"a": one} for one in SCALARS),
    *({"a": "abc", other: one} for other, one in product(("b", "bb"), SCALARS)),
]  # fmt: skip


@pytest.mark.parametrize("keyword", SCHEMAS)
def test_a_keyword_says_what_it_says_elsewhere(keyword: str) -> None:
    """Whatever passes unseen here passes in every scenario."""
    for schema in SCHEMAS[keyword]:
        here = Schemas(MODELS).compiled(schema)
        there = Draft202012Validator({**schema, "components": {"schemas": MODELS}})
        said = [there.is_valid(value) for value in VALUES]

        assert [here(value) for value in VALUES] == said
        assert True in said
        assert False in said or schema.get("additionalProperties") is True


def test_every_keyword_of_our_document_is_one_of_these() -> None:
    """And is tried above: the document compiles, or a KeyError names what it does not know."""
    models = openapi.document(ROUTES)["components"]["schemas"]
    schemas = Schemas(models)
    for name in models:
        schemas.model(name)

    assert LIMITS.keys() <= SCHEMAS.keys()
    assert ANNOTATIONS.isdisjoint(SCHEMAS)
    with pytest.raises(KeyError):
        schemas.compiled({"multipleOf": 2})
