"""The ciphers we use, by the suite number that stands in every envelope.

Numbers are never reused. All suites here have a 256-bit key, a 96-bit nonce and a 128-bit tag.
"""

from enum import IntEnum
from typing import Protocol

from cryptography.exceptions import InvalidTag
from cryptography.hazmat.primitives.ciphers.aead import AESGCM, AESGCMSIV
from cryptography.hazmat.primitives.hashes import SHA256
from cryptography.hazmat.primitives.kdf.hkdf import HKDFExpand

from consent.errors import VaultError

KEY_BYTES = 32
NONCE_BYTES = 12  # NIST SP 800-38D 8.2.2: random nonces of 96 bits; RFC 8452 section 4: 96 bits
TAG_BYTES = 16


class Suite(IntEnum):
    """A cipher, as the second byte of an envelope."""

    AES_256_GCM = 0x01  # NIST SP 800-38D
    AES_256_GCM_SIV = 0x02  # RFC 8452


class Aead(Protocol):
    """An authenticated cipher with its key inside."""

    def encrypt(self, nonce: bytes, data: bytes, associated_data: bytes, /) -> bytes:
        """Ciphertext followed by the tag."""
        ...

    def decrypt(self, nonce: bytes, data: bytes, associated_data: bytes, /) -> bytes:
        """The plaintext; use `unseal`, which keeps the library's exceptions in here."""
        ...


_CIPHERS: dict[Suite, type[AESGCM | AESGCMSIV]] = {
    Suite.AES_256_GCM: AESGCM,
    Suite.AES_256_GCM_SIV: AESGCMSIV,
}


def aead(suite: Suite, key: bytes) -> Aead:
    """The cipher of `suite` under `key`; VaultError unless the key has 256 bits."""
    if len(key) != KEY_BYTES:
        raise VaultError(f"a key has {KEY_BYTES} bytes")
    return _CIPHERS[suite](key)


def unseal(cipher: Aead, nonce: bytes, ciphertext: bytes, associated_data: bytes) -> bytes:
    """Decrypt, or VaultError when anything differs from what was sealed."""
    try:
        return cipher.decrypt(nonce, ciphertext, associated_data)
    except (InvalidTag, ValueError):  # ValueError: a nonce of a length the cipher refuses
        raise VaultError("did not open: the bytes, the key or the place differ") from None


def derive(key: bytes, info: bytes) -> bytes:
    """A further 256-bit key from a uniformly random one: HKDF-Expand, RFC 5869 section 2.3."""
    return HKDFExpand(SHA256(), KEY_BYTES, info).derive(key)
