"""SM2 signatures with SM3 (GB/T 32918.2), by `gmalg`, with keys in PEM files.

The signature is a DER sequence of r and s, and the signer's identity the usual sixteen digits
(GM/T 0009). gmalg 1.1.2 takes its nonces from `secrets`, checks the range of r and s and every
point, and agrees with the standard's own example; it is pure Python, so **not constant in time**:
whoever can time many signatures closely may learn the key. It is for tests and for members whose
signing host nobody else runs code on; elsewhere the key belongs into a signing device.

It is slow, too, some 25 ms of CPU a signature and 50 ms a check, so whoever serves others meanwhile
calls it in a thread; several may at once, for nothing here keeps a state. The digest is OpenSSL's:
gmalg's own takes 3 ms a kilobyte, which a long report would feel.
"""

import base64
import binascii
import re
from pathlib import Path
from typing import Annotated

from cryptography import x509
from cryptography.hazmat import asn1
from cryptography.x509 import ObjectIdentifier
from gmalg.ellipticcurve import ECDLP
from gmalg.sm2 import SM2Core, bytes_to_point

from consent.errors import ConfigError
from consent.vault import private_file
from consent.vault.digest import sm3

_IDENTITY = b"1234567812345678"  # GM/T 0009-2012 section 10: when nothing else was agreed
_CURVE = ObjectIdentifier("1.2.156.10197.1.301")  # sm2p256v1, GM/T 0006
_EC_KEY = ObjectIdentifier("1.2.840.10045.2.1")  # RFC 5480 section 2.1.1
_SIZE = 32
_GROUP = ECDLP(  # GB/T 32918.5-2017 section 2: p, a, b, the base point, its order
    0xFFFFFFFE_FFFFFFFF_FFFFFFFF_FFFFFFFF_FFFFFFFF_00000000_FFFFFFFF_FFFFFFFF,
    0xFFFFFFFE_FFFFFFFF_FFFFFFFF_FFFFFFFF_FFFFFFFF_00000000_FFFFFFFF_FFFFFFFC,
    0x28E9FA9E_9D9F5E34_4D5A9E4B_CF6509A7_F39789F5_15AB8F92_DDBCBD41_4D940E93,
    (
        0x32C4AE2C_1F198119_5F990446_6A39C994_8FE30BBF_F2660BE1_715A4589_334C74C7,
        0xBC3736A2_F4F6779C_59BDCEE3_6B692153_D0A9877C_C62A4740_02DF32E5_2139F0A0,
    ),
    0xFFFFFFFE_FFFFFFFF_FFFFFFFF_FFFFFFFF_7203DF6B_21C6052B_53BBF409_39D54123,
)
_MOST_BYTES = 64 * 1024
_CERTIFICATE = b"-----BEGIN CERTIFICATE-----"
_PEM = re.compile(rb"-----BEGIN ([A-Z ]+)-----\s+([A-Za-z0-9+/=\s]+?)-----END \1-----")


@asn1.sequence
class _Algorithm:
    algorithm: ObjectIdentifier
    curve: ObjectIdentifier


@asn1.sequence
class _PublicKey:  # SubjectPublicKeyInfo, RFC 5280 section 4.1
    algorithm: _Algorithm
    point: asn1.BitString


@asn1.sequence
class _PrivateKey:  # PKCS#8, RFC 5208 section 5
    version: int
    algorithm: _Algorithm
    key: bytes


@asn1.sequence
class _EcPrivateKey:  # RFC 5915 section 3
    version: int
    key: bytes
    curve: Annotated[ObjectIdentifier | None, asn1.Explicit(0)]
    point: Annotated[asn1.BitString | None, asn1.Explicit(1)]


@asn1.sequence
class _Certified:  # TBSCertificate up to the key, RFC 5280 section 4.1
    version: Annotated[int | None, asn1.Explicit(0)]
    serial: int
    signature: asn1.TLV
    issuer: asn1.TLV
    validity: asn1.TLV
    subject: asn1.TLV
    key: _PublicKey
    extensions: Annotated[list[asn1.TLV] | None, asn1.Explicit(3)]


@asn1.sequence
class _Signature:  # GB/T 35276 section 7.3
    r: int
    s: int


class _Digest:
    """SM3 as gmalg asks for it."""

    def __init__(self) -> None:
        self.reset()

    def reset(self) -> None:
        self._data = b""

    def update(self, data: bytes) -> None:
        self._data += data

    def value(self) -> bytes:
        return sm3(self._data)


class Sm2Signer:
    """Signs with a private key on the curve sm2p256v1; ValueError for a number that is none."""

    __slots__ = ("_point", "_secret")

    def __init__(self, secret: bytes) -> None:
        self._secret = int.from_bytes(secret)
        if not 0 < self._secret < _GROUP.fpn.p - 1:  # GB/T 32918.2 section 6.1
            raise ValueError("not a private key of the curve")
        self._point = _core().generate_pk(self._secret)

    def sign(self, signed: bytes) -> bytes:
        """The signature in DER; it differs each time."""
        r, s = _core().sign(signed, self._secret, _IDENTITY, self._point)
        return asn1.encode_der(_Signature(r=r, s=s))


class Sm2Verifier:
    """Knows a public key on the curve sm2p256v1; ValueError for a point that is not on it."""

    __slots__ = ("_point",)

    def __init__(self, point: bytes) -> None:
        self._point = bytes_to_point(point)
        if not _core().verify_pk(self._point):
            raise ValueError("not a point of the curve")

    def verify(self, signed: bytes, signature: bytes) -> bool:
        """Whether `signature` is this key's over `signed`."""
        try:
            found = asn1.decode_der(_Signature, signature)
        except ValueError:  # not DER
            return False
        return bool(_core().verify(signed, found.r, found.s, _IDENTITY, self._point))


def load_signer(path: Path) -> Sm2Signer:
    """The private key in `path`: PKCS#8 PEM without a password, mode 0600; else ConfigError."""
    try:
        outer = asn1.decode_der(_PrivateKey, _der(private_file.read(path, _MOST_BYTES)))
        _check(outer.algorithm)
        return Sm2Signer(asn1.decode_der(_EcPrivateKey, outer.key).key.rjust(_SIZE, b"\0"))
    except OSError as exc:
        raise ConfigError(f"cannot read {path}: {exc.strerror}") from None
    except ValueError:  # its text may hold bytes of the key
        raise ConfigError(f"{path}: expected an SM2 private key in PEM, not encrypted") from None


def load_verifier(path: Path) -> Sm2Verifier:
    """The public key in `path`, a PEM certificate or public key; else ConfigError."""
    try:
        pem = path.read_bytes()[:_MOST_BYTES]
        if _CERTIFICATE in pem:
            signed = x509.load_pem_x509_certificate(pem).tbs_certificate_bytes
            found = asn1.decode_der(_Certified, signed).key
        else:
            found = asn1.decode_der(_PublicKey, _der(pem))
        _check(found.algorithm)
        return Sm2Verifier(found.point.as_bytes())
    except OSError as exc:
        raise ConfigError(f"cannot read {path}: {exc.strerror}") from None
    except ValueError:
        raise ConfigError(f"{path}: expected an SM2 certificate or public key in PEM") from None


def _core() -> SM2Core:
    """For one computation: a core is written to while it hashes."""
    return SM2Core(_GROUP, _Digest())


def _der(pem: bytes) -> bytes:
    found = _PEM.search(pem)
    if found is None:
        raise ValueError("no PEM")
    try:
        return base64.b64decode(b"".join(found[2].split()), validate=True)
    except binascii.Error:
        raise ValueError("no base64") from None


def _check(algorithm: _Algorithm) -> None:
    if (algorithm.algorithm, algorithm.curve) != (_EC_KEY, _CURVE):
        raise ValueError("not a key on sm2p256v1")
