"""consent.vault.sm2: the standard's own example, OpenSSL's files and signatures, and refusals."""

import base64
import time
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import pytest
from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.hazmat.primitives.serialization import Encoding, PublicFormat
from hypothesis import given
from hypothesis import strategies as st

from consent.errors import ConfigError
from consent.vault import detached, sm2

# The key pair of the example in GB/T 32918.5-2017 annex A, published with the standard, and so
# nobody's secret; written as PEM, and put into a certificate, by OpenSSL 3.0.
PRIVATE = """-----BEGIN PRIVATE KEY-----
MIGHAgEAMBMGByqGSM49AgEGCCqBHM9VAYItBG0wawIBAQQgOUUgj3shRLE/NuOKxtOflYiTk2ko
YLUaQvuB7033xbihRANCAAQJ+d8xHlQhoVDdfRYeS8XGchefrRgz/AdrsI/zVvNQIMzqSQziZ3Wl
LcbqcYzBqmAK7QX7814ISmYy9gctqa0T
-----END PRIVATE KEY-----
"""
PUBLIC = """-----BEGIN PUBLIC KEY-----
MFkwEwYHKoZIzj0CAQYIKoEcz1UBgi0DQgAECfnfMR5UIaFQ3X0WHkvFxnIXn60Y
M/wHa7CP81bzUCDM6kkM4md1pS3G6nGMwapgCu0F+/NeCEpmMvYHLamtEw==
-----END PUBLIC KEY-----
"""
CERTIFICATE = """-----BEGIN CERTIFICATE-----
MIIBeDCCAR+gAwIBAgIUDjPQWF+5ok2+qCwfGnFwGdrVKLowCgYIKoEcz1UBg3Uw
ETEPMA0GA1UECgwGUEJDQ1JDMCAXDTI2MTEyNTE1NDIwNVoYDzIxMjYxMTAxMTU0
MjA1WjARMQ8wDQYDVQQKDAZQQkNDUkMwWTATBgcqhkjOPQIBBggqgRzPVQGCLQNC
AAQJ+d8xHlQhoVDdfRYeS8XGchefrRgz/AdrsI/zVvNQIMzqSQziZ3WlLcbqcYzB
qmAK7QX7814ISmYy9gctqa0To1MwUTAdBgNVHQ4EFgQU+eJRYUwvDp6AkT/9owjk
fAGiQbQwHwYDVR0jBBgwFoAU+eJRYUwvDp6AkT/9owjkfAGiQbQwDwYDVR0TAQH/
BAUwAwEB/zAKBggqgRzPVQGDdQNHADBEAiBEYmQzTYfIFcTX/Y6MeotUPnKGmbLy
UIfJULSPbCcJtQIgI15Xi/4j4oP5nhmHDgIQp/Yuceqwl6CGbY8Lf82hN4E=
-----END CERTIFICATE-----
"""
MESSAGE = b"message digest"
BY_THE_STANDARD = bytes.fromhex(
    "3046022100f5a03b0648d2c4630eeac513e1bb81a15944da3827d5b74143ac7eaceee720b3"
    "022100b1b6aa29df212fd8763182bc0d421ca1bb9038fd1f7f42d4840b69c485bbc1aa"
)
BY_OPENSSL = base64.b64decode(
    "MEYCIQCiCmz+TuV8fokNN1N4gp8XbKf/fTx1FFXqUz23V9RCiAIhAI0dmvtPETPDFm6CxQrGznfM4QsOvVQzYyG+1wCsX0gK"
)


# GB/T 32918.5-2017 section 2, n
_ORDER = 0xFFFFFFFE_FFFFFFFF_FFFFFFFF_FFFFFFFF_7203DF6B_21C6052B_53BBF409_39D54123


@pytest.fixture
def private(tmp_path: Path) -> Path:
    """The private key as an operator would keep it."""
    path = tmp_path / "key.pem"
    path.write_text(PRIVATE)
    path.chmod(0o600)
    return path


def public(folder: Path, pem: str = PUBLIC) -> Path:
    """A file with this PEM."""
    path = folder / "pub.pem"
    path.write_text(pem)
    return path


@pytest.mark.parametrize("pem", [PUBLIC, CERTIFICATE])
@pytest.mark.parametrize("signature", [BY_THE_STANDARD, BY_OPENSSL])
def test_signatures_others_made_are_verified(tmp_path: Path, pem: str, signature: bytes) -> None:
    """CCRC's machines sign by the standard, not by our library."""
    verifier = detached.load_verifier("sm2", public(tmp_path, pem))

    assert verifier.verify(MESSAGE, signature)
    assert not verifier.verify(MESSAGE + b" ", signature)


def test_what_one_key_signed_only_it_verifies(tmp_path: Path, private: Path) -> None:
    """A signature that fits two messages or two keys proves nothing about either."""
    signature = detached.load_signer("sm2", private).sign(MESSAGE)
    verifier = sm2.load_verifier(public(tmp_path))

    assert verifier.verify(MESSAGE, signature)
    assert not verifier.verify(b"", signature)
    assert signature != detached.load_signer("sm2", private).sign(MESSAGE)


def test_signatures_made_side_by_side_all_fit(
    tmp_path: Path, private: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """They are made in threads, under one key: a digest they shared would be of two messages."""
    signer, verifier = sm2.load_signer(private), sm2.load_verifier(public(tmp_path))
    messages = [bytes([n]) for n in range(8)]
    update = sm2._Digest.update

    def interrupted(digest: sm2._Digest, data: bytes) -> None:
        update(digest, data)
        time.sleep(0.01)

    monkeypatch.setattr(sm2._Digest, "update", interrupted)
    with ThreadPoolExecutor(4) as threads:
        signatures = list(threads.map(signer.sign, messages))

    assert all(map(verifier.verify, messages, signatures))


@pytest.mark.parametrize("secret", [0, _ORDER - 1, _ORDER, 2**256 - 1])
def test_a_number_that_is_no_private_key_is_refused(secret: int) -> None:
    """Signatures under it could be made by anybody, or by nobody."""
    with pytest.raises(ValueError, match="private key"):
        sm2.Sm2Signer(secret.to_bytes(32))


@given(st.integers(0, len(BY_THE_STANDARD) - 1), st.integers(1, 255))
def test_a_signature_changed_anywhere_fails(place: int, change: int) -> None:
    """Also where the change breaks the DER, or makes a number that is none of the curve."""
    changed = bytearray(BY_THE_STANDARD)
    changed[place] ^= change
    point = "0409F9DF311E5421A150DD7D161E4BC5C672179FAD1833FC076BB08FF356F35020"
    point += "CCEA490CE26775A52DC6EA718CC1AA600AED05FBF35E084A6632F6072DA9AD13"

    assert not sm2.Sm2Verifier(bytes.fromhex(point)).verify(MESSAGE, bytes(changed))


def test_a_point_off_the_curve_is_refused() -> None:
    """Signatures by such a key can be made up."""
    with pytest.raises(ValueError, match="curve"):
        sm2.Sm2Verifier(b"\x04" + bytes(31) + b"\1" + bytes(31) + b"\1")


def test_another_sort_of_key_is_refused(tmp_path: Path) -> None:
    """P-256 has the same sizes; CCRC would answer ATO007 to every request."""
    spki = ec.generate_private_key(ec.SECP256R1()).public_key()
    pem = spki.public_bytes(Encoding.PEM, PublicFormat.SubjectPublicKeyInfo).decode()

    for bad in (pem, "s3cret", PUBLIC.replace("AECfnf", "AECfne"), PRIVATE):
        with pytest.raises(ConfigError, match="expected an SM2") as caught:
            sm2.load_verifier(public(tmp_path, bad))
        assert "s3cret" not in str(caught.value)


@pytest.mark.parametrize("pem", [PUBLIC, "s3cret", PRIVATE.replace("IBAQQg", "IBAQQh"), ""])
def test_what_is_no_private_key_stops_the_start(tmp_path: Path, pem: str) -> None:
    """With the file named, and nothing of what it holds."""
    path = public(tmp_path, pem)
    path.chmod(0o600)

    with pytest.raises(ConfigError, match=r"pub\.pem") as caught:
        sm2.load_signer(path)
    assert "s3cret" not in str(caught.value)
    with pytest.raises(ConfigError, match="cannot read"):
        sm2.load_signer(tmp_path / "absent.pem")


def test_a_key_others_can_read_is_refused(private: Path) -> None:
    """Whoever reads it can ask CCRC in the member's name."""
    private.chmod(0o640)

    with pytest.raises(ConfigError, match="chmod 600"):
        sm2.load_signer(private)
