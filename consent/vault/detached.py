"""Detached signatures for partners who ask for one, by keys in PEM files.

    rsa    RSASSA-PKCS1-v1_5 with SHA-256 (RFC 8017 section 8.2), 2048 bits or more
    ecdsa  ECDSA on P-256 with SHA-256 (FIPS 186-5), the signature in DER
    sm2    SM2 with SM3 (GB/T 32918.2), the signature in DER; see `consent.vault.sm2`

A verifier trusts the one key it was given, as a bare public key or inside a certificate. Who
vouches for that certificate and until when is checked by whoever installs the file.
"""

from pathlib import Path
from typing import Literal, TypeAlias

from cryptography import x509
from cryptography.exceptions import InvalidSignature, UnsupportedAlgorithm
from cryptography.hazmat.primitives.asymmetric import ec, padding, rsa
from cryptography.hazmat.primitives.hashes import SHA256
from cryptography.hazmat.primitives.serialization import (
    load_pem_private_key,
    load_pem_public_key,
)

from consent.errors import ConfigError
from consent.vault import private_file, sm2

Algorithm: TypeAlias = Literal["rsa", "ecdsa", "sm2"]

_LEAST_RSA_BITS = 2048
_MOST_BYTES = 64 * 1024  # of a PEM file
_CERTIFICATE = b"-----BEGIN CERTIFICATE-----"


class RsaSigner:
    """Signs with a private RSA key."""

    __slots__ = ("_key",)

    def __init__(self, key: rsa.RSAPrivateKey) -> None:
        self._key = key

    def sign(self, signed: bytes) -> bytes:
        """The signature, as long as the modulus."""
        return self._key.sign(signed, padding.PKCS1v15(), SHA256())


class EcdsaSigner:
    """Signs with a private key on P-256."""

    __slots__ = ("_key",)

    def __init__(self, key: ec.EllipticCurvePrivateKey) -> None:
        self._key = key

    def sign(self, signed: bytes) -> bytes:
        """The signature in DER; it differs each time."""
        return self._key.sign(signed, ec.ECDSA(SHA256()))


class RsaVerifier:
    """Knows a public RSA key."""

    __slots__ = ("_key",)

    def __init__(self, key: rsa.RSAPublicKey) -> None:
        self._key = key

    def verify(self, signed: bytes, signature: bytes) -> bool:
        """Whether `signature` is this key's over `signed`."""
        try:
            self._key.verify(signature, signed, padding.PKCS1v15(), SHA256())
        except InvalidSignature:
            return False
        return True


class EcdsaVerifier:
    """Knows a public key on P-256."""

    __slots__ = ("_key",)

    def __init__(self, key: ec.EllipticCurvePublicKey) -> None:
        self._key = key

    def verify(self, signed: bytes, signature: bytes) -> bool:
        """Whether `signature` is this key's over `signed`."""
        try:
            self._key.verify(signature, signed, ec.ECDSA(SHA256()))
        except InvalidSignature:
            return False
        return True


def load_signer(algorithm: Algorithm, path: Path) -> RsaSigner | EcdsaSigner | sm2.Sm2Signer:
    """The private key in `path`: PKCS#8 PEM without a password, mode 0600; else ConfigError."""
    if algorithm == "sm2":
        return sm2.load_signer(path)
    try:
        key = load_pem_private_key(private_file.read(path, _MOST_BYTES), password=None)
    except OSError as exc:
        raise ConfigError(f"cannot read {path}: {exc.strerror}") from None
    except (ValueError, TypeError, UnsupportedAlgorithm):  # TypeError: it wants a password
        raise ConfigError(f"{path}: expected a private key in PEM, not encrypted") from None
    if algorithm == "rsa" and isinstance(key, rsa.RSAPrivateKey):
        _check_bits(path, key.key_size)
        return RsaSigner(key)
    if algorithm == "ecdsa" and isinstance(key, ec.EllipticCurvePrivateKey):
        _check_curve(path, key.curve)
        return EcdsaSigner(key)
    raise ConfigError(f"{path} is no key for {algorithm}")


def load_verifier(
    algorithm: Algorithm, path: Path
) -> RsaVerifier | EcdsaVerifier | sm2.Sm2Verifier:
    """The public key in `path`, a PEM certificate or public key; else ConfigError."""
    if algorithm == "sm2":
        return sm2.load_verifier(path)
    try:
        pem = path.read_bytes()[:_MOST_BYTES]
        bare = _CERTIFICATE not in pem
        key = load_pem_public_key(pem) if bare else x509.load_pem_x509_certificate(pem).public_key()
    except OSError as exc:
        raise ConfigError(f"cannot read {path}: {exc.strerror}") from None
    except (ValueError, UnsupportedAlgorithm):
        raise ConfigError(f"{path}: expected a certificate or a public key in PEM") from None
    if algorithm == "rsa" and isinstance(key, rsa.RSAPublicKey):
        _check_bits(path, key.key_size)
        return RsaVerifier(key)
    if algorithm == "ecdsa" and isinstance(key, ec.EllipticCurvePublicKey):
        _check_curve(path, key.curve)
        return EcdsaVerifier(key)
    raise ConfigError(f"{path} is no key for {algorithm}")


def _check_bits(path: Path, bits: int) -> None:
    if bits < _LEAST_RSA_BITS:
        raise ConfigError(f"{path}: an RSA key needs at least {_LEAST_RSA_BITS} bits")


def _check_curve(path: Path, curve: ec.EllipticCurve) -> None:
    if not isinstance(curve, ec.SECP256R1):
        raise ConfigError(f"{path}: an ECDSA key has to lie on P-256")
