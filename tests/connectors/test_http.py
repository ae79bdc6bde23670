"""The door to the network, with the network replaced: outcomes, bounds, repetition, silence.

respx's default mocker does not intercept httpx over the aiohttp transport, so its router is
handed in as the transport itself; repetition then runs for real.
"""

import gzip
from collections.abc import AsyncIterator
from datetime import UTC, datetime

import aiohttp
import httpx
import pytest
import respx
import structlog

from connectors.errors import (
    SourceBrokeContract,
    SourceError,
    SourceLockedUs,
    SourceUnavailable,
)
from connectors.http import RawAnswer, SourceClient

URL = "https://bureau.invalid/base/"
NOON = datetime(2026, 3, 1, 12, tzinfo=UTC)
SECRET = "CANARY-SECRET"
LIMIT = 1000


def client(router: respx.MockRouter, *, attempts: int = 1) -> SourceClient:
    """A client of one source whose network is `router`."""
    return SourceClient(
        source="bureau",
        http=httpx.MockTransport(router.async_handler),
        url=URL,
        timeout_s=1.0,
        max_body_bytes=LIMIT,
        attempts=attempts,
        wait_max_s=0.0,
        clock=lambda: NOON,
    )


async def post(client: SourceClient, ok: frozenset[int] = frozenset({200})) -> RawAnswer:
    """One call with a secret in every place a message could leak it from."""
    return await client.post(
        f"/report?{SECRET}", SECRET.encode(), headers={"Authorization": SECRET}, ok=ok
    )


async def test_an_answer_comes_back_as_bytes(router: respx.MockRouter) -> None:
    """What is audited and stored is what was received."""
    route = router.post("https://bureau.invalid/base/report").respond(200, content=b"\xff{}")

    got = await post(client(router))

    sent = route.calls.last.request
    assert got == RawAnswer(b"\xff{}", NOON, 200)
    assert (sent.content, sent.headers["authorization"]) == (SECRET.encode(), SECRET)
    assert sent.headers["accept-encoding"] == "gzip"


@pytest.mark.parametrize(
    ("status", "kind", "reason"),
    [
        (204, SourceBrokeContract, "http_204"),
        (302, SourceBrokeContract, "redirect"),
        (308, SourceBrokeContract, "redirect"),
        (400, SourceBrokeContract, "http_400"),
        (401, SourceLockedUs, "http_401"),
        (403, SourceLockedUs, "http_403"),
        (408, SourceUnavailable, "http_408"),
        (418, SourceBrokeContract, "http_418"),
        (425, SourceUnavailable, "http_425"),
        (429, SourceUnavailable, "http_429"),
        (500, SourceUnavailable, "http_500"),
        (503, SourceUnavailable, "http_503"),
    ],
)
async def test_a_status_says_what_to_do_next(
    router: respx.MockRouter, status: int, kind: type[SourceError], reason: str
) -> None:
    """The class decides between asking again, paging somebody and fixing the connector."""
    headers = {"Location": "https://elsewhere.invalid/"}
    router.post().respond(status, headers=headers, text=SECRET)

    with pytest.raises(SourceError) as caught:
        await post(client(router))

    assert (type(caught.value), caught.value.reason) == (kind, reason)
    assert (caught.value.source, router.calls.call_count) == ("bureau", 1)
    assert SECRET not in str(caught.value)


async def test_a_source_may_name_other_good_statuses(router: respx.MockRouter) -> None:
    """Some sources answer "no file" with 404, and mean it."""
    router.post().respond(404, text="none")

    assert (await post(client(router), ok=frozenset({200, 404}))).status == 404


@pytest.mark.parametrize(
    ("failure", "reason"),
    [
        (httpx.ReadTimeout(SECRET), "timeout"),
        (httpx.ConnectTimeout(SECRET), "timeout"),
        (httpx.ConnectError(SECRET), "connect"),
        (httpx.ReadError(SECRET), "protocol"),
        (httpx.RemoteProtocolError(SECRET), "protocol"),
        (aiohttp.ClientPayloadError(SECRET), "protocol"),
    ],
)
async def test_a_broken_transport_is_unavailable(
    router: respx.MockRouter, failure: Exception, reason: str
) -> None:
    """Nothing of httpx or aiohttp leaves the door, nor what their texts hold."""
    router.post().mock(side_effect=failure)

    with pytest.raises(SourceUnavailable) as caught:
        await post(client(router))

    assert str(caught.value) == f"bureau: {reason}"
    assert caught.value.__cause__ is None
    assert caught.value.__suppress_context__


@pytest.mark.parametrize("size", [0, 1, LIMIT])
async def test_a_body_up_to_the_bound_is_read(router: respx.MockRouter, size: int) -> None:
    """The bound is closed: exactly that many bytes are fine."""
    router.post().respond(200, content=b"x" * size)

    assert (await post(client(router))).content == b"x" * size


async def test_a_body_beyond_the_bound_is_refused(router: respx.MockRouter) -> None:
    """One byte more, and a source could take our memory."""
    router.post().respond(200, content=b"x" * (LIMIT + 1))

    with pytest.raises(SourceBrokeContract) as caught:
        await post(client(router))

    assert caught.value.reason == "too_large"


@pytest.mark.parametrize("coding", ["gzip", "x-gzip", " GZIP "])
async def test_a_compressed_body_is_opened(router: respx.MockRouter, coding: str) -> None:
    """Gzip is the one content coding we offer."""
    body = gzip.compress(b"x" * LIMIT)
    router.post().mock(return_value=coded(body, coding))

    assert (await post(client(router))).content == b"x" * LIMIT


WHOLE = gzip.compress(b"hello")


@pytest.mark.parametrize(
    ("body", "coding", "reason"),
    [
        (gzip.compress(b"x" * (LIMIT + 1)), "gzip", "too_large"),
        (WHOLE[:-1], "gzip", "encoding"),
        (WHOLE + b"more", "gzip", "encoding"),
        (WHOLE[:-8] + b"\0" * 8, "gzip", "encoding"),
        (b"plain", "gzip", "encoding"),
        (b"", "gzip", "encoding"),
        (WHOLE, "gzip, gzip", "encoding"),
        (WHOLE, "br", "encoding"),
    ],
)
async def test_a_dishonest_coding_breaks_the_contract(
    router: respx.MockRouter, body: bytes, coding: str, reason: str
) -> None:
    """A small body must not become a huge one, a half one not pass for whole."""
    router.post().mock(return_value=coded(body, coding))

    with pytest.raises(SourceBrokeContract) as caught:
        await post(client(router))

    assert caught.value.reason == reason


def coded(body: bytes, coding: str) -> httpx.Response:
    """An answer that claims `coding`; streamed, so that httpx does not decode it first."""
    return httpx.Response(200, headers={"Content-Encoding": coding}, stream=Stream(body))


class Stream(httpx.AsyncByteStream):
    """A body of one chunk."""

    def __init__(self, body: bytes) -> None:
        self.body = body

    async def __aiter__(self) -> AsyncIterator[bytes]:
        """Yield the body once."""
        yield self.body


async def test_one_attempt_unless_told_otherwise(router: respx.MockRouter) -> None:
    """A second call would be a second footprint on the borrower."""
    router.post().respond(503)

    with pytest.raises(SourceUnavailable):
        await post(client(router))

    assert router.calls.call_count == 1


async def test_only_unavailability_is_repeated(router: respx.MockRouter) -> None:
    """Asking again after a lock-out prolongs it; after a broken payload it changes nothing."""
    for status in (401, 302, 418):
        router.reset()
        router.post().respond(status)

        with pytest.raises(SourceError):
            await post(client(router, attempts=3))

        assert router.calls.call_count == 1


async def test_repetition_ends_and_says_only_numbers(router: respx.MockRouter) -> None:
    """The log of a repetition holds source, attempt and wait, never what was asked."""
    router.post().mock(side_effect=[httpx.Response(503), httpx.ReadTimeout(SECRET)] * 2)

    with structlog.testing.capture_logs() as logs, pytest.raises(SourceUnavailable) as caught:
        await post(client(router, attempts=3))

    assert (router.calls.call_count, caught.value.reason) == (3, "http_503")
    assert [set(line) for line in logs] == [
        {"event", "log_level", "source", "attempt", "wait_s"}
    ] * 2
    assert SECRET not in repr(logs)


async def test_repetition_stops_at_the_first_answer(router: respx.MockRouter) -> None:
    """What arrived is used."""
    router.post().mock(side_effect=[httpx.Response(503), httpx.Response(200, text="ok")])

    assert (await post(client(router, attempts=3))).content == b"ok"


def test_a_client_prints_no_secret(router: respx.MockRouter) -> None:
    """An answer's repr ends up in tracebacks."""
    assert SECRET not in repr(RawAnswer(SECRET.encode(), NOON))
    assert "transport" not in repr(client(router)).lower()
