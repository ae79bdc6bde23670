"""The wire between the gateway and its sources: what went over it, and a hand to hold it still."""

import asyncio
from collections.abc import AsyncIterator, Awaitable, Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from datetime import datetime

import httpx

from connectors.http import RawAnswer, open_http
from consent.clock import utc_now


@dataclass(frozen=True, slots=True)
class Exchange:
    """One question and the bytes that came back."""

    source: str
    url: str
    headers: dict[str, str]
    asked: bytes
    answered: bytes
    at: datetime

    @property
    def raw(self) -> RawAnswer:
        """The answer as a connector reads it."""
        return RawAnswer(self.answered, self.at)


@dataclass
class Wire:
    """Real sockets, seen. While a source is held its answers arrive here and go no further.

    `before` runs just before each question leaves.
    """

    exchanges: list[Exchange] = field(default_factory=list)
    holds: dict[str, asyncio.Event] = field(default_factory=dict)
    held: list[str] = field(default_factory=list)
    before: Callable[[], Awaitable[None]] | None = None

    def transport(self) -> httpx.AsyncBaseTransport:
        """What `gateway.wiring` takes for `open_http`."""
        return _Seen(open_http(), self)

    @contextmanager
    def hold(self, *sources: str) -> Iterator[None]:
        """Keep the answers of these sources back until the block ends."""
        self.holds = {source: asyncio.Event() for source in sources}
        try:
            yield
        finally:
            for release in self.holds.values():
                release.set()
            self.holds = {}

    def clear(self) -> None:
        """Forget what went over it."""
        self.exchanges.clear()
        self.held.clear()
        self.before = None

    def of(self, source: str) -> list[Exchange]:
        """What was said to and by one source."""
        return [one for one in self.exchanges if one.source == source]


class _Seen(httpx.AsyncBaseTransport):
    def __init__(self, inner: httpx.AsyncBaseTransport, wire: Wire) -> None:
        self._inner = inner
        self._wire = wire

    async def handle_async_request(self, request: httpx.Request) -> httpx.Response:
        source = request.url.path.split("/")[1]
        if self._wire.before is not None:
            await self._wire.before()
        response = await self._inner.handle_async_request(request)
        if not isinstance(response.stream, httpx.AsyncByteStream):
            raise TypeError("an asynchronous transport answers with an asynchronous stream")
        response.stream = _Heard(response.stream, self._wire, source, request)
        return response

    async def aclose(self) -> None:
        await self._inner.aclose()


class _Heard(httpx.AsyncByteStream):
    """The body on its way: handed on as it comes, the end held back when the source is held."""

    def __init__(
        self, inner: httpx.AsyncByteStream, wire: Wire, source: str, request: httpx.Request
    ) -> None:
        self._inner = inner
        self._wire = wire
        self._source = source
        self._request = request

    async def __aiter__(self) -> AsyncIterator[bytes]:
        chunks = []
        async for chunk in self._inner:
            chunks.append(chunk)
            yield chunk
        request = self._request
        self._wire.exchanges.append(
            Exchange(
                self._source,
                str(request.url),
                dict(request.headers),
                request.content,
                b"".join(chunks),
                utc_now(),
            )
        )
        release = self._wire.holds.get(self._source)
        if release is not None:
            self._wire.held.append(self._source)
            await release.wait()

    async def aclose(self) -> None:
        await self._inner.aclose()
