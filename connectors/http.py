"""The only door to the network: bounds, deadline, repetition, one error vocabulary.

httpx over the aiohttp transport (ADR 0003). A source gets one `SourceClient`, made in
`gateway.wiring`; nothing else of ours may open a socket outward.

`SourceClient` speaks to the httpx *transport*, not to `httpx.AsyncClient`. What the client class
would add is what a call for a borrower's data must not have: a cookie jar that outlives the
borrower, redirects, credentials from `.netrc`, proxies from the environment, a decompressor
without a bound. It also costs more CPU than the call itself (`benchmarks/http.py`).
"""

import asyncio
import functools
import hashlib
import ssl
import zlib
from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime
from typing import cast

import aiohttp
import httpx
import structlog
import tenacity
from httpx_aiohttp import AiohttpTransport

from connectors.errors import (
    SourceBrokeContract,
    SourceError,
    SourceLockedUs,
    SourceUnavailable,
)
from consent.clock import Clock, utc_now

_OK = frozenset({200})
_REDIRECTS = range(300, 400)
_LOCKED = frozenset({401, 403})
_LATER = frozenset({408, 425, 429, *range(500, 600)})
_PLAIN = frozenset({"", "identity"})
_GZIP = frozenset({"gzip", "x-gzip"})  # RFC 9110 8.4.1.3: recipients treat them alike
_GZIP_WBITS = 31  # zlib: window of 32 KiB, gzip header and trailer required
_OUR_HEADERS = {"User-Agent": "creditgate", "Accept-Encoding": "gzip"}

_log = structlog.get_logger()


@dataclass(frozen=True, slots=True)
class RawAnswer:
    """Bytes as received, before anybody looked inside. `received_at` is aware UTC."""

    content: bytes = field(repr=False)
    received_at: datetime
    status: int = 200

    @property
    def sha256(self) -> str:
        """Digest of the bytes, lower-case hex; what the audit log carries."""
        return hashlib.sha256(self.content).hexdigest()


def open_http(
    *,
    max_connections: int = 64,
    keepalive_s: float = 15.0,
    tls: ssl.SSLContext | None = None,
) -> httpx.AsyncBaseTransport:
    """A pool of connections for one source; `aclose()` it in the loop that used it.

    One pool for each source, so that a source that hangs holds only its own connections. An
    idle connection is dropped after `keepalive_s`, before most servers drop it: a POST that
    meets a connection being closed fails, since it is not repeated. `tls` carries a private CA
    or a client certificate; without it the system's certificates are trusted and names checked.
    """
    context = tls or _system_trust()

    def session() -> aiohttp.ClientSession:  # noqa: TID251 - this is the one door
        return aiohttp.ClientSession(  # noqa: TID251 - this is the one door
            connector=aiohttp.TCPConnector(
                limit=max_connections, keepalive_timeout=keepalive_s, ssl=context
            ),
            cookie_jar=aiohttp.DummyCookieJar(),  # nothing of one borrower meets the next
            trust_env=False,
        )

    return AiohttpTransport(verify=context, trust_env=False, client=session)


@functools.cache
def _system_trust() -> ssl.SSLContext:
    """The system's certificates, read once for all pools: it takes some 50 ms of CPU."""
    return ssl.create_default_context()


WAIT_MAX_S = 2.0  # between two attempts, at most


@dataclass(frozen=True, slots=True, kw_only=True)
class SourceClient:
    """HTTP as one source sees it.

    One attempt may take `timeout_s` from connecting to the last byte, and its answer
    `max_body_bytes`, also once decompressed. `attempts` stays 1 for any call that leaves a
    footprint on the borrower; beyond it, waits between attempts grow to `wait_max_s`.
    """

    source: str
    http: httpx.AsyncBaseTransport = field(repr=False)
    url: str
    timeout_s: float
    max_body_bytes: int
    attempts: int = 1
    wait_max_s: float = WAIT_MAX_S
    clock: Clock = utc_now

    async def post(
        self,
        path: str,
        content: bytes,
        *,
        headers: Mapping[str, str],
        ok: frozenset[int] = _OK,
    ) -> RawAnswer:
        """POST `content` and return the answer when its status is in `ok`.

        Raises only `SourceError`; its text holds no URL, header or byte of either body.
        """
        if self.attempts == 1:
            return await self._once(path, content, headers, ok)
        again = tenacity.AsyncRetrying(
            retry=tenacity.retry_if_exception_type(SourceUnavailable),
            stop=tenacity.stop_after_attempt(self.attempts),
            wait=tenacity.wait_random_exponential(max=self.wait_max_s),
            before_sleep=self._say,
            reraise=True,
        )
        return await again(self._once, path, content, headers, ok)

    async def _once(
        self, path: str, content: bytes, headers: Mapping[str, str], ok: frozenset[int]
    ) -> RawAnswer:
        request = httpx.Request(
            "POST", _url(self.url, path), content=content, headers={**headers, **_OUR_HEADERS}
        )
        try:
            async with asyncio.timeout(self.timeout_s):
                return await self._exchange(request, ok)
        except (TimeoutError, httpx.HTTPError, aiohttp.ClientError) as exc:
            # The cause would print the URL, or a piece of a malformed answer.
            raise SourceUnavailable(self.source, _reason(exc)) from None

    async def _exchange(self, request: httpx.Request, ok: frozenset[int]) -> RawAnswer:
        response = await self.http.handle_async_request(request)
        # The raw stream: httpx's own iterators decompress without a bound.
        stream = cast("httpx.AsyncByteStream", response.stream)
        try:
            if response.status_code not in ok:
                raise self._refusal(response.status_code)
            body = await self._read(stream)
        finally:
            await stream.aclose()  # closes the connection if bytes are left unread
        plain = self._plain(body, response.headers.get("content-encoding", "").strip().lower())
        return RawAnswer(plain, self.clock(), response.status_code)

    def _refusal(self, status: int) -> SourceError:
        if status in _LOCKED:
            return SourceLockedUs(self.source, f"http_{status}")
        if status in _LATER:
            return SourceUnavailable(self.source, f"http_{status}")
        # A redirect is never followed: it would take a borrower's data to a host nobody named.
        reason = "redirect" if status in _REDIRECTS else f"http_{status}"
        return SourceBrokeContract(self.source, reason)

    async def _read(self, stream: httpx.AsyncByteStream) -> bytes:
        chunks: list[bytes] = []
        room = self.max_body_bytes
        async for chunk in stream:
            room -= len(chunk)
            if room < 0:
                raise SourceBrokeContract(self.source, "too_large")
            chunks.append(chunk)
        return b"".join(chunks)

    def _plain(self, body: bytes, encoding: str) -> bytes:
        """`body` without its content coding; a small body cannot blow up to a huge one."""
        if encoding in _PLAIN:
            return body
        if encoding not in _GZIP:
            raise SourceBrokeContract(self.source, "encoding")
        inflater = zlib.decompressobj(_GZIP_WBITS)
        try:
            plain = inflater.decompress(body, self.max_body_bytes + 1)
        except zlib.error:
            raise SourceBrokeContract(self.source, "encoding") from None
        if len(plain) > self.max_body_bytes:
            raise SourceBrokeContract(self.source, "too_large")
        if not inflater.eof or inflater.unused_data:
            raise SourceBrokeContract(self.source, "encoding")
        return plain

    def _say(self, state: tenacity.RetryCallState) -> None:
        """Log a repetition by its numbers; tenacity's own hooks print the call's arguments."""
        _log.info(
            "source.retry",
            source=self.source,
            attempt=state.attempt_number,
            wait_s=round(state.upcoming_sleep, 3),
        )


@functools.lru_cache(maxsize=256)
def _url(base: str, path: str) -> httpx.URL:
    return httpx.URL(base.rstrip("/") + path)


def _reason(exc: Exception) -> str:
    """Name a transport failure: timeout, connect, tls or protocol.

    aiohttp's exception is asked where there is one, since httpx-aiohttp 0.2.0 turns every
    broken connection into `httpx.ConnectTimeout`.
    """
    match exc.__cause__ if isinstance(exc.__cause__, aiohttp.ClientError) else exc:
        case TimeoutError() | httpx.TimeoutException():
            return "timeout"
        case aiohttp.ClientSSLError():
            return "tls"
        case aiohttp.ClientConnectorError() | httpx.ConnectError():
            return "connect"
        case _:
            return "protocol"
