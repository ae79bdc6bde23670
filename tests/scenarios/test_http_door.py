"""The door outward against a hostile server: over real sockets, on loopback."""

import asyncio
import datetime as dt
import gzip
import ipaddress
import ssl
import tracemalloc
from collections.abc import Awaitable, Callable
from pathlib import Path
from typing import Self

import pytest
from aiohttp import web
from cryptography import x509
from cryptography.hazmat.primitives import hashes, serialization
from cryptography.hazmat.primitives.asymmetric import ec

from connectors.errors import SourceBrokeContract, SourceUnavailable
from connectors.http import RawAnswer, SourceClient, open_http

LIMIT = 100_000
SOON_S = 5.0
Handler = Callable[[web.Request], Awaitable[web.StreamResponse]]


class Far:
    """The far side: answers with `handler`, notes each request and whether its peer left."""

    def __init__(self, handler: Handler, tls: ssl.SSLContext | None = None) -> None:
        self.handler = handler
        self.tls = tls
        self.seen: list[web.Request] = []
        self.left = asyncio.Event()
        self.http = open_http()

    async def __aenter__(self) -> Self:
        app = web.Application()
        app.router.add_route("*", "/{path:.*}", self._answer)
        self.runner = web.AppRunner(app, handler_cancellation=True, shutdown_timeout=0.1)
        await self.runner.setup()
        site = web.TCPSite(self.runner, "127.0.0.1", 0, ssl_context=self.tls)
        await site.start()
        host, port = self.runner.addresses[0][:2]
        self.url = f"{'https' if self.tls else 'http'}://{host}:{port}"
        return self

    async def __aexit__(self, *_: object) -> None:
        await self.http.aclose()
        await self.runner.cleanup()

    async def _answer(self, request: web.Request) -> web.StreamResponse:
        self.seen.append(request)
        await request.read()
        try:
            return await self.handler(request)
        except (asyncio.CancelledError, ConnectionError):
            self.left.set()
            raise

    async def post(self, *, timeout_s: float = SOON_S) -> RawAnswer:
        """Ask once."""
        client = SourceClient(
            source="far",
            http=self.http,
            url=self.url,
            timeout_s=timeout_s,
            max_body_bytes=LIMIT,
        )
        return await client.post("/report", b"{}", headers={"Content-Type": "application/json"})


async def plain(_: web.Request) -> web.Response:
    """Answer as a good source does."""
    return web.Response(body=b"fine", headers={"Set-Cookie": "who=previous-borrower; Path=/"})


async def test_an_endless_body_is_cut_at_the_bound() -> None:
    """A source cannot fill our memory, and the connection it tried on is gone."""

    async def endless(request: web.Request) -> web.StreamResponse:
        answer = web.StreamResponse()
        await answer.prepare(request)
        while True:
            await answer.write(b"x" * 65536)

    async with Far(endless) as far:
        with pytest.raises(SourceBrokeContract, match="too_large"):
            await far.post()
        async with asyncio.timeout(SOON_S):
            await far.left.wait()


async def test_a_dribbling_body_ends_with_the_deadline() -> None:
    """One byte now and then keeps read timeouts quiet for ever; the deadline is for the whole."""

    async def dribble(request: web.Request) -> web.StreamResponse:
        answer = web.StreamResponse()
        await answer.prepare(request)
        while True:
            await answer.write(b"x")
            await asyncio.sleep(0.02)

    async with Far(dribble) as far, asyncio.timeout(SOON_S):
        with pytest.raises(SourceUnavailable, match="timeout"):
            await far.post(timeout_s=0.2)
        await far.left.wait()


async def test_a_source_that_never_answers_ends_with_the_deadline() -> None:
    """A hang is that source's failure, and our connection to it is closed."""

    async def hang(_: web.Request) -> web.Response:
        await asyncio.Event().wait()
        raise AssertionError("unreachable")

    async with Far(hang) as far, asyncio.timeout(SOON_S):
        with pytest.raises(SourceUnavailable, match="timeout"):
            await far.post(timeout_s=0.2)
        await far.left.wait()


async def test_the_callers_own_deadline_is_the_callers() -> None:
    """The pipeline's deadline must arrive as such, not as a source failure; and clean up."""

    async def hang(_: web.Request) -> web.Response:
        await asyncio.Event().wait()
        raise AssertionError("unreachable")

    async with Far(hang) as far, asyncio.timeout(SOON_S):
        with pytest.raises(TimeoutError):
            async with asyncio.timeout(0.2):
                await far.post()
        await far.left.wait()


async def test_a_redirect_is_not_followed() -> None:
    """307 would send the borrower's data to wherever the answer says."""

    async def away(_: web.Request) -> web.Response:
        return web.Response(status=307, headers={"Location": "/elsewhere"})

    async with Far(away) as far:
        with pytest.raises(SourceBrokeContract, match="redirect"):
            await far.post()

        assert [r.path for r in far.seen] == ["/report"]


async def test_a_gzip_bomb_stays_small() -> None:
    """32 MiB of zeros arrive as 32 KiB and are given up at the bound, not after."""
    bomb = gzip.compress(bytes(32 << 20))

    async def explode(_: web.Request) -> web.Response:
        return web.Response(body=bomb, headers={"Content-Encoding": "gzip"})

    async with Far(explode) as far:
        tracemalloc.start()
        try:
            with pytest.raises(SourceBrokeContract, match="too_large"):
                await far.post()
            peak = tracemalloc.get_traced_memory()[1]
        finally:
            tracemalloc.stop()

    assert len(bomb) < LIMIT
    assert peak < (4 << 20)


async def test_connections_are_kept_and_cookies_are_not() -> None:
    """A handshake per borrower is slow; a cookie per borrower is a leak to the next one."""
    async with Far(plain) as far:
        far.url = far.url.replace("127.0.0.1", "localhost")  # cookie jars skip bare addresses
        for _ in range(2):
            assert (await far.post()).content == b"fine"

        first, second = far.seen
        assert first.transport is second.transport
        assert "Cookie" not in second.headers
        assert second.headers["User-Agent"] == "creditgate"


async def test_proxies_of_the_environment_are_ignored(monkeypatch: pytest.MonkeyPatch) -> None:
    """A variable somebody left in a shell must not reroute borrowers' data."""
    for name in ("HTTP_PROXY", "http_proxy", "ALL_PROXY", "all_proxy"):
        monkeypatch.setenv(name, "http://127.0.0.1:9")
    async with Far(plain) as far:
        assert (await far.post()).content == b"fine"


async def test_a_lost_answer_is_not_asked_for_twice() -> None:
    """The source may have counted the inquiry; a silent repetition counts it again."""

    async def drop(request: web.Request) -> web.Response:
        if len(far.seen) > 1 and request.transport is not None:
            request.transport.abort()
        return await plain(request)

    async with Far(drop) as far:
        await far.post()
        with pytest.raises(SourceUnavailable, match="protocol"):
            await far.post()  # on the kept connection, where HTTP clients like to repeat

        assert len(far.seen) == 2


@pytest.mark.parametrize(
    ("answer", "reason"),
    [
        (b"", "protocol"),
        (b"SSH-2.0-OpenSSH_9.6\r\n", "protocol"),
        (b"HTTP/1.1 200 OK\r\nContent-Length: 10\r\n\r\nhalf", "protocol"),
        (b"HTTP/1.1 200 OK\r\nX: " + b"x" * 100_000, "protocol"),
        (b"HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\nZZ\r\n", "protocol"),
    ],
    ids=["nothing", "other protocol", "half", "endless header", "bad chunk"],
)
async def test_a_peer_that_does_not_speak_http_is_unavailable(answer: bytes, reason: str) -> None:
    """Whatever comes over the socket is one of our errors, and is not printed."""

    async def babble(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        await reader.readuntil(b"\r\n\r\n")
        writer.write(answer)
        writer.close()

    http = open_http()
    server = await asyncio.start_server(babble, "127.0.0.1", 0)
    host, port = server.sockets[0].getsockname()
    client = SourceClient(
        source="far", http=http, url=f"http://{host}:{port}", timeout_s=5, max_body_bytes=LIMIT
    )
    async with server:
        with pytest.raises(SourceUnavailable) as caught:
            await client.post("/report", b"{}", headers={})
    await http.aclose()

    assert str(caught.value) == f"far: {reason}"


async def test_nobody_listening_is_a_connect_failure() -> None:
    """No footprint was left: operators and breakers may tell it from a lost answer."""
    async with Far(plain) as far:
        await far.runner.cleanup()
        with pytest.raises(SourceUnavailable, match="connect"):
            await far.post()


@pytest.fixture
def impostor(tmp_path: Path) -> ssl.SSLContext:
    """A server context with a certificate nobody vouches for."""
    key = ec.generate_private_key(ec.SECP256R1())
    name = x509.Name([x509.NameAttribute(x509.NameOID.COMMON_NAME, "bureau.invalid")])
    start = dt.datetime(2020, 1, 1, tzinfo=dt.UTC)
    cert = (
        x509.CertificateBuilder()
        .subject_name(name)
        .issuer_name(name)
        .public_key(key.public_key())
        .serial_number(1)
        .not_valid_before(start)
        .not_valid_after(start + dt.timedelta(days=36500))
        .add_extension(
            x509.SubjectAlternativeName([x509.IPAddress(ipaddress.ip_address("127.0.0.1"))]),
            critical=False,
        )
        .sign(key, hashes.SHA256())
    )
    pem = tmp_path / "impostor.pem"
    pem.write_bytes(
        key.private_bytes(
            serialization.Encoding.PEM,
            serialization.PrivateFormat.PKCS8,
            serialization.NoEncryption(),
        )
        + cert.public_bytes(serialization.Encoding.PEM)
    )
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    context.load_cert_chain(pem)
    return context


async def test_an_unknown_certificate_is_refused(impostor: ssl.SSLContext) -> None:
    """Verification is on without anybody asking for it."""
    async with Far(plain, impostor) as far:
        with pytest.raises(SourceUnavailable, match="tls"):
            await far.post()

        assert far.seen == []
