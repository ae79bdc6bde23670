"""Every reply held against the OpenAPI document that the gateway itself serves."""

import re
from typing import Any

import httpx
import orjson
from jsonschema import Draft202012Validator

from tests.scenarios.schema import Schemas

_PROBLEM = "application/problem+json"
_PLAIN = {"/openapi.json", "/healthz", "/readyz"}  # documents nobody needs a key for


class BrokenContract(AssertionError):
    """A reply is not what /openapi.json says."""


class Contract:
    """The document, and what it promises for one reply."""

    def __init__(self, document: dict[str, Any]) -> None:
        self.document = document
        self._schemas = Schemas(document["components"]["schemas"])

    @classmethod
    async def served_by(cls, url: str, http: httpx.AsyncBaseTransport) -> "Contract":
        response = await http.handle_async_request(httpx.Request("GET", f"{url}/openapi.json"))
        document = orjson.loads(await response.aread())
        await response.aclose()
        return cls(document)

    def check(self, method: str, path: str, status: int, media_type: str, body: bytes) -> None:
        """Raise `BrokenContract` for a reply that was not promised."""
        if path in _PLAIN and status == 200:
            return
        operation = self._operation(method, path)
        promised = {} if operation is None else operation["responses"]
        if status == 304:
            self._insist(not body, "304 has no body")
            return
        if str(status) not in promised:
            self._insist(status >= 400, f"{status} is not promised for {method} {path}")
            promised = {str(status): {"content": {_PROBLEM: {"schema": _PROBLEM_SCHEMA}}}}
        content = promised[str(status)]["content"]
        self._insist(media_type in content, f"{media_type} is not promised for {status}")
        schema = content[media_type].get("schema")
        if schema is not None and method != "HEAD":
            self._fits(schema, orjson.loads(body))

    def _operation(self, method: str, path: str) -> Any:
        for template, operations in self.document["paths"].items():
            pattern = re.sub(r"\\\{path\\\}", ".+", re.escape(template))
            pattern = re.sub(r"\\\{\w+\\\}", "[^/]+", pattern)
            if re.fullmatch(pattern, path):
                return operations.get(method.lower())
        return None

    def _fits(self, schema: dict[str, Any], document: Any) -> None:
        name = schema["$ref"]
        if not self._schemas.model(name)(document):
            whole = {"$ref": name, "components": self.document["components"]}
            error = next(Draft202012Validator(whole).iter_errors(document))
            where = "/".join(map(str, error.absolute_path))
            raise BrokenContract(f"{name}: {where} breaks {error.validator}")

    @staticmethod
    def _insist(holds: bool, promise: str) -> None:  # noqa: FBT001 - reads like assert
        if not holds:
            raise BrokenContract(promise)


_PROBLEM_SCHEMA = {"$ref": "#/components/schemas/Problem"}


class Conforming(httpx.AsyncBaseTransport):
    """A client's transport that lets no reply of the gateway at `url` pass unchecked."""

    def __init__(self, inner: httpx.AsyncBaseTransport, url: str, contract: Contract) -> None:
        self._inner = inner
        self._url = httpx.URL(url)
        self._contract = contract

    async def handle_async_request(self, request: httpx.Request) -> httpx.Response:
        response = await self._inner.handle_async_request(request)
        if request.url.netloc == self._url.netloc:
            body = await response.aread()
            media_type = response.headers.get("content-type", "").partition(";")[0]
            self._contract.check(
                request.method, request.url.path, response.status_code, media_type, body
            )
        return response

    async def aclose(self) -> None:
        await self._inner.aclose()
