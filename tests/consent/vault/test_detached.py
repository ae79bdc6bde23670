"""consent.vault.detached: a signature fits one message under one key, and keys come from files."""

from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest
from cryptography import x509
from cryptography.hazmat.primitives import hashes
from cryptography.hazmat.primitives.asymmetric import ec, ed25519, rsa
from cryptography.hazmat.primitives.serialization import (
    BestAvailableEncryption,
    Encoding,
    NoEncryption,
    PrivateFormat,
    PublicFormat,
)
from cryptography.x509.oid import NameOID

from consent.errors import ConfigError
from consent.vault.detached import Algorithm, load_signer, load_verifier

Private = rsa.RSAPrivateKey | ec.EllipticCurvePrivateKey
KEYS: dict[Algorithm, Private] = {
    "rsa": rsa.generate_private_key(65537, 2048),
    "ecdsa": ec.generate_private_key(ec.SECP256R1()),
}
MESSAGE = b"B2.0.0 header\r\n<Document/>"


def private(path: Path, key: Private | ed25519.Ed25519PrivateKey, password: bytes = b"") -> Path:
    """`key` as a PEM file of mode 0600."""
    how = BestAvailableEncryption(password) if password else NoEncryption()
    path.write_bytes(key.private_bytes(Encoding.PEM, PrivateFormat.PKCS8, how))
    path.chmod(0o600)
    return path


def public(path: Path, key: Private) -> Path:
    """Its public half as a PEM file."""
    spki = PublicFormat.SubjectPublicKeyInfo
    path.write_bytes(key.public_key().public_bytes(Encoding.PEM, spki))
    return path


def certificate(path: Path, key: Private) -> Path:
    """Its public half in a certificate it signed itself."""
    name = x509.Name([x509.NameAttribute(NameOID.ORGANIZATION_NAME, "PBCCRC")])
    now = datetime(2026, 1, 1, tzinfo=UTC)
    made = (
        x509.CertificateBuilder(name, name, key.public_key(), 1)
        .not_valid_before(now)
        .not_valid_after(now + timedelta(days=1))
        .sign(key, hashes.SHA256())
    )
    path.write_bytes(made.public_bytes(Encoding.PEM))
    return path


@pytest.mark.parametrize("algorithm", KEYS)
@pytest.mark.parametrize("publish", [public, certificate])
def test_what_one_key_signed_only_it_verifies(
    tmp_path: Path, algorithm: Algorithm, publish: type[object]
) -> None:
    """A signature that fits two messages or two keys proves nothing about either."""
    key = KEYS[algorithm]
    signer = load_signer(algorithm, private(tmp_path / "key.pem", key))
    verifier = load_verifier(algorithm, publish(tmp_path / "pub.pem", key))  # type: ignore[call-arg, arg-type]
    signature = signer.sign(MESSAGE)

    assert verifier.verify(MESSAGE, signature)
    assert not verifier.verify(MESSAGE + b" ", signature)
    assert not verifier.verify(MESSAGE, signature[:-1] + bytes((signature[-1] ^ 1,)))
    assert not verifier.verify(MESSAGE, b"")


def test_rsa_signs_as_openssl_does(tmp_path: Path) -> None:
    """PKCS#1 v1.5 is deterministic, and as long as the modulus."""
    signer = load_signer("rsa", private(tmp_path / "key.pem", KEYS["rsa"]))

    assert signer.sign(MESSAGE) == signer.sign(MESSAGE)
    assert len(signer.sign(MESSAGE)) == 2048 // 8


def test_a_key_others_can_read_is_refused(tmp_path: Path) -> None:
    """Whoever reads it can ask CCRC in the member's name."""
    path = private(tmp_path / "key.pem", KEYS["rsa"])
    path.chmod(0o640)

    with pytest.raises(ConfigError, match="chmod 600"):
        load_signer("rsa", path)


def test_a_key_behind_a_link_is_refused(tmp_path: Path) -> None:
    """The link could be turned to another key between two starts."""
    path = private(tmp_path / "key.pem", KEYS["rsa"])
    (tmp_path / "link.pem").symlink_to(path)

    with pytest.raises(ConfigError, match="cannot read"):
        load_signer("rsa", tmp_path / "link.pem")


@pytest.mark.parametrize(
    ("algorithm", "key"),
    [
        ("rsa", KEYS["ecdsa"]),
        ("ecdsa", KEYS["rsa"]),
        ("ecdsa", ec.generate_private_key(ec.SECP384R1())),
        ("rsa", ed25519.Ed25519PrivateKey.generate()),
    ],
)
def test_another_sort_of_key_is_refused(tmp_path: Path, algorithm: Algorithm, key: Private) -> None:
    """CCRC would answer ATO007 to every request."""
    with pytest.raises(ConfigError, match=r"no key for|P-256"):
        load_signer(algorithm, private(tmp_path / "key.pem", key))
    with pytest.raises(ConfigError, match=r"no key for|P-256"):
        load_verifier(algorithm, public(tmp_path / "pub.pem", key))


def test_a_short_rsa_key_is_refused(tmp_path: Path) -> None:
    """1024 bits are within reach of who would pay for it (NIST SP 800-131A)."""
    weak = rsa.generate_private_key(65537, 1024)  # noqa: S505 - the weak key to refuse

    with pytest.raises(ConfigError, match="2048"):
        load_signer("rsa", private(tmp_path / "key.pem", weak))
    with pytest.raises(ConfigError, match="2048"):
        load_verifier("rsa", public(tmp_path / "pub.pem", weak))


def test_what_is_no_key_stops_the_start(tmp_path: Path) -> None:
    """With the file named, and nothing of what it holds."""
    locked = private(tmp_path / "locked.pem", KEYS["rsa"], b"secret")
    junk = tmp_path / "junk.pem"
    junk.write_bytes(b"s3cret")
    junk.chmod(0o600)

    for path in (locked, junk, tmp_path / "absent.pem"):
        with pytest.raises(ConfigError, match=path.name) as caught:
            load_signer("rsa", path)
        assert "s3cret" not in str(caught.value)
    for path in (junk, tmp_path / "absent.pem"):
        with pytest.raises(ConfigError, match=path.name):
            load_verifier("rsa", path)
