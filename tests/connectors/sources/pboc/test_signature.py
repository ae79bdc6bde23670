"""Who signed a message: chosen by configuration, checked before anything is read."""

import asyncio
import base64
import threading
from collections.abc import Callable, Mapping
from contextlib import suppress
from dataclasses import replace
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import httpx
import pytest
from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.hazmat.primitives.serialization import (
    Encoding,
    NoEncryption,
    PrivateFormat,
    PublicFormat,
)
from hypothesis import example, given
from hypothesis import strategies as st

from connectors.base import SlowToRead, SourceSettings
from connectors.errors import SourceBrokeContract, SourceRejectedAsk, SourceUnavailable
from connectors.http import RawAnswer, SourceClient
from connectors.sources import pboc
from connectors.sources.pboc import frame
from connectors.sources.pboc.connector import Pboc
from consent.decision import Permit
from consent.errors import ConfigError
from consent.identity import Identity
from consent.vault.detached import load_signer, load_verifier

NOON = datetime(2026, 3, 1, 4, tzinfo=UTC)
PERSON = Identity(name="测试甲", id_type="CN_RIC", id_number="999999199003071234")
OPTIONS = {
    "sender_org": "A1000000000001",
    "receiver_org": "B0000000000001",
    "user_code": "gateway01",
    "originate_org": "A1000000000002",
    "originate_user": "officer7",
    "service_code": "FW_GRXYBG_0074",
}


@pytest.fixture
def paths(tmp_path: Path) -> tuple[Path, Path]:
    """A private key and its public half; here one pair plays both parties."""
    key = ec.generate_private_key(ec.SECP256R1())
    private, public = tmp_path / "key.pem", tmp_path / "pub.pem"
    private.write_bytes(key.private_bytes(Encoding.PEM, PrivateFormat.PKCS8, NoEncryption()))
    private.chmod(0o600)
    spki = PublicFormat.SubjectPublicKeyInfo
    public.write_bytes(key.public_key().public_bytes(Encoding.PEM, spki))
    return private, public


def build(options: Mapping[str, Any]) -> Pboc:
    """The source with `options` over the usual ones."""
    client = SourceClient(
        source="pboc",
        http=httpx.MockTransport(lambda _: httpx.Response(500)),
        url="http://ccrc.invalid/query",
        timeout_s=1.0,
        max_body_bytes=1_000_000,
        attempts=1,
    )
    settings = SourceSettings(
        name="pboc",
        reasons={"loan_origination": "02"},
        options={**OPTIONS, **options},
        secrets={"password": "dummy"},
    )
    return pboc.build(client, settings)


def test_a_request_is_signed_over_header_and_body(
    paths: tuple[Path, Path], permit_for: Callable[..., Permit]
) -> None:
    """With the body alone signed, a request could be sent again under another member's header."""
    private, public = paths
    source = build({"signature": "ecdsa", "signing_key": str(private)})
    sent = frame.decode("ccrc", source.request(permit_for("pboc"), PERSON, at=NOON))

    assert sent.signed.startswith(b"B2.0.0A1000000000001")
    assert sent.signature is not None
    assert load_verifier("ecdsa", public).verify(sent.signed, sent.signature)


@pytest.mark.parametrize(
    "damage",
    [
        lambda sent: sent.replace(b"<ResultDesc>x", b"<ResultDesc>y"),
        lambda sent: sent.replace(b"B0000000000001", b"B0000000000002", 1),
        lambda sent: sent[: sent.index(b"{S:")],
        lambda sent: sent[: sent.index(b"{S:")] + b"{S:" + base64.b64encode(b"x" * 64) + b":S}",
    ],
    ids=["body", "header", "missing", "forged"],
)
def test_an_answer_that_is_not_ccrcs_is_not_read(
    paths: tuple[Path, Path], d102: Callable[..., bytes], damage: Callable[[bytes], bytes]
) -> None:
    """Whoever stands between us and CCRC could else write a borrower's report."""
    private, public = paths
    source = build({"signature": "ecdsa", "verifying_key": str(public)})
    plain = d102(code="AAA001")
    signed = plain + b"{S:" + base64.b64encode(load_signer("ecdsa", private).sign(plain)) + b":S}"

    assert source.read(RawAnswer(signed, NOON)).source == "pboc"
    with pytest.raises(SourceBrokeContract) as caught:
        source.read(RawAnswer(damage(signed), NOON))
    assert caught.value.reason == "signature"


@pytest.mark.parametrize(
    ("options", "says"),
    [
        ({"signature": "sm2"}, "needs signing_key"),
        ({"signature": "sm2", "verifying_key": "absent.pem"}, "absent.pem"),
        ({"signature": "rsa"}, "needs signing_key"),
        ({"signing_key": "k"}, "none, but there are keys"),
        ({"verifying_key": "k"}, "none, but there are keys"),
        ({"signature": "dsa"}, "signature"),
        ({"signature": "rsa", "signing_key": "absent.pem"}, "absent.pem"),
    ],
)
def test_a_half_configured_signature_stops_the_start(options: Mapping[str, str], says: str) -> None:
    """An operator would believe in a protection that is not there."""
    with pytest.raises(ConfigError, match=says):
        build(options)


def test_an_enterprise_report_is_refused_by_name() -> None:
    """Called just wrong, it would send the operator looking for a typing error."""
    with pytest.raises(ConfigError, match="not an enterprise one"):
        build({"service_code": "FW_QYXYBG_0043"})


def test_a_permit_for_another_source_opens_nothing(permit_for: Callable[..., Permit]) -> None:
    """The subject allowed that one to be asked, not CCRC."""
    with pytest.raises(SourceRejectedAsk) as caught:
        build({}).request(permit_for("baihang"), PERSON, at=NOON)
    assert caught.value.reason == "permit_for_another_source"


class Fixed:
    """A signer whose signature is given."""

    def __init__(self, signature: bytes) -> None:
        self.signature = signature

    def sign(self, signed: bytes) -> bytes:
        """The same for every message."""
        assert signed.startswith(b"B")
        return self.signature


class Held:
    """A signer that is done once somebody else got on meanwhile."""

    def __init__(self) -> None:
        self.free = threading.Event()

    def sign(self, signed: bytes) -> bytes:
        """Waits, as a computation or a device would let wait."""
        assert signed
        assert self.free.wait(timeout=5), "signing held up everybody"
        return b"signature"


async def test_signing_holds_nobody_up(permit_for: Callable[..., Permit]) -> None:
    """SM2 takes tens of milliseconds, on the loop that serves every other request."""
    signer = Held()
    source = replace(build({}), signer=signer)
    asked = asyncio.create_task(source.fetch(permit_for("pboc"), PERSON, at=NOON))
    await asyncio.sleep(0)
    signer.free.set()

    with pytest.raises(SourceUnavailable) as caught:  # the peer of `build` answers nothing else
        await asked
    assert caught.value.reason == "http_500"


def test_who_checks_signatures_is_slow_to_read(paths: tuple[Path, Path]) -> None:
    """So `gateway.fetching` reads its answers in a thread, also small ones."""
    checked = {"signature": "ecdsa", "verifying_key": str(paths[1])}

    assert build(checked).slow_to_read
    assert isinstance(build(checked), SlowToRead)
    assert not build({}).slow_to_read


@given(st.binary(max_size=200), st.binary(min_size=1, max_size=600))
@example(b"{S:YQ==:S}", b"\x00")
@example(b"{S:", b":S}")
def test_a_trailer_is_told_from_the_body(inner: bytes, signature: bytes) -> None:
    """Cut one byte early or late, every signature would fail, or one would cover half a message."""
    header = frame.Header("A1000000000001", "B0000000000001", NOON, "D102", "0000000000000001")
    body = b"<" + inner + b">"
    read = frame.decode("pboc", frame.encode(header, body, Fixed(signature)))

    assert (read.body, read.signature) == (body, signature)
    assert read.signed == header.encode() + body


@given(st.binary(max_size=60))
def test_no_trailer_does_worse_than_break_the_contract(trailer: bytes) -> None:
    """What follows the body may be anything."""
    header = frame.Header("A1000000000001", "B0000000000001", NOON, "D102", "0000000000000001")
    with suppress(SourceBrokeContract):
        frame.decode("pboc", frame.encode(header, b"<a/>") + b"{S:" + trailer + b":S}")
