"""The SDK: a scoring service's side of the API, in a few calls.

    async with GatewayClient("http://127.0.0.1:8600", key) as gateway:
        consent = await gateway.record_consent({"subject": {...}, "consent": {...}})
        profile = await gateway.pull_profile({"subject": {"ref": consent["subject"]}, ...})

The lender's own platform, which has a secret and no key, says what it saw with `push`. Replies are
the documents of `/openapi.json`; a problem+json becomes a `ProblemReply`.
"""

from collections.abc import Mapping
from datetime import datetime
from types import TracebackType
from typing import Any, Self

import httpx
import orjson

from connectors.http import open_http
from consent.audit.tiles import resources
from consent.errors import GatewayError
from consent.vault.webhook import Secrets

_TIMEOUT_S = 60.0


class ProblemReply(GatewayError):
    """The gateway said no; `problem` is its problem+json document."""

    code = "problem_reply"

    def __init__(self, problem: Mapping[str, Any]) -> None:
        super().__init__(f"{problem.get('status')} {problem.get('code')}: {problem.get('detail')}")
        self.problem = problem


class GatewayClient:
    """One client of one gateway. Use it as an async context manager, in one event loop."""

    def __init__(
        self, url: str, key: str, *, transport: httpx.AsyncBaseTransport | None = None
    ) -> None:
        self._url = url.rstrip("/")
        self._headers = {"Authorization": f"Bearer {key}", "Content-Type": "application/json"}
        self._transport = transport or open_http()

    async def __aenter__(self) -> Self:
        return self

    async def __aexit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        await self._transport.aclose()

    async def record_consent(self, request: Mapping[str, Any]) -> dict[str, Any]:
        """POST /v1/consents."""
        return await self._json("POST", "/v1/consents", request)

    async def consent(self, id_: str) -> dict[str, Any]:
        """GET /v1/consents/{id}."""
        return await self._json("GET", f"/v1/consents/{id_}")

    async def withdraw_consent(self, id_: str) -> dict[str, Any]:
        """POST /v1/consents/{id}/withdraw."""
        return await self._json("POST", f"/v1/consents/{id_}/withdraw", {})

    async def pull_profile(
        self, request: Mapping[str, Any], *, idempotency_key: str | None = None
    ) -> dict[str, Any]:
        """POST /v1/profiles."""
        extra = {"Idempotency-Key": idempotency_key} if idempotency_key else {}
        return await self._json("POST", "/v1/profiles", request, extra)

    async def profile(self, subject: str, **query: str) -> dict[str, Any]:
        """GET /v1/borrowers/{id}/profile."""
        return await self._json("GET", f"/v1/borrowers/{subject}/profile", query=query)

    async def audit_entries(self, **query: str) -> dict[str, Any]:
        """GET /v1/audit/entries."""
        return await self._json("GET", "/v1/audit/entries", query=query)

    async def inclusion(self, **query: str) -> dict[str, Any]:
        """GET /v1/audit/proof/inclusion."""
        return await self._json("GET", "/v1/audit/proof/inclusion", query=query)

    async def sources(self) -> dict[str, Any]:
        """GET /v1/sources."""
        return await self._json("GET", "/v1/sources")

    async def log_resource(self, member: str, year: int, path: str) -> bytes:
        """A checkpoint, tile or entry bundle of the audit log."""
        return await self._bytes("GET", f"/log/{member}/{year}/{path}", None, {}, {})

    async def log(self, member: str, year: int) -> dict[str, bytes]:
        """The whole audit log of a year, by C2SP path, as of its checkpoint."""
        checkpoint = await self.log_resource(member, year, "checkpoint")
        size = int(checkpoint.split(b"\n")[1])
        found = {"checkpoint": checkpoint}
        for resource in resources(size):
            found[resource.path] = await self.log_resource(member, year, resource.path)
        return found

    async def _json(
        self,
        method: str,
        path: str,
        body: Mapping[str, Any] | None = None,
        extra: Mapping[str, str] | None = None,
        query: Mapping[str, str] | None = None,
    ) -> dict[str, Any]:
        found: dict[str, Any] = orjson.loads(
            await self._bytes(method, path, body, extra or {}, query or {})
        )
        return found

    async def _bytes(
        self,
        method: str,
        path: str,
        body: Mapping[str, Any] | None,
        extra: Mapping[str, str],
        query: Mapping[str, str],
    ) -> bytes:
        request = httpx.Request(
            method,
            self._url + path,
            params=dict(query),
            headers={**self._headers, **extra},
            content=None if body is None else orjson.dumps(body),
        )
        return await _answered(self._transport, request)


async def push(
    url: str,
    source: str,
    body: bytes,
    *,
    id_: str,
    at: datetime,
    secrets: Secrets,
    transport: httpx.AsyncBaseTransport,
) -> dict[str, Any]:
    """POST /v1/ingest/{source}: say once what `body` says. Repeat it with the same `id_`."""
    headers = {
        "Content-Type": "application/json",
        "webhook-id": id_,
        "webhook-timestamp": str(int(at.timestamp())),
        "webhook-signature": secrets.sign(body, id_=id_, at=at),
    }
    request = httpx.Request("POST", f"{url}/v1/ingest/{source}", content=body, headers=headers)
    found: dict[str, Any] = orjson.loads(await _answered(transport, request))
    return found


async def _answered(transport: httpx.AsyncBaseTransport, request: httpx.Request) -> bytes:
    """The body of a good reply; `ProblemReply` for any other."""
    request.extensions["timeout"] = {"pool": _TIMEOUT_S, "connect": _TIMEOUT_S, "read": _TIMEOUT_S}
    response = await transport.handle_async_request(request)
    try:
        content = await response.aread()
    finally:
        await response.aclose()
    if response.is_success:
        return content
    raise ProblemReply(_problem(response.status_code, content))


def _problem(status: int, content: bytes) -> dict[str, Any]:
    try:
        found = orjson.loads(content)
    except orjson.JSONDecodeError:
        found = None
    return (
        found if isinstance(found, dict) else {"status": status, "code": "not_a_problem_document"}
    )
