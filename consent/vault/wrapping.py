"""A key at rest is a wrap: encrypted under the key above it, bound to whose it is (format v1).

    wrap   ver u8 = 1 | suite u8 = 2 | nonce 12 | key 32 | tag 16

AES-256-GCM-SIV (RFC 8452) and not GCM: one member key wraps a key for each subject, and under
GCM a nonce that repeats among so many would give away the authentication key. Under GCM-SIV it
would only tell that two wraps hold the same key, which random keys do not.
"""

import os
from typing import Protocol

from consent.errors import VaultError
from consent.vault.suites import KEY_BYTES, NONCE_BYTES, TAG_BYTES, Aead, Suite, aead, unseal

_START = bytes((1, Suite.AES_256_GCM_SIV))
_BODY_AT = len(_START) + NONCE_BYTES
_BYTES = _BODY_AT + KEY_BYTES + TAG_BYTES


class KeyEncryption(Protocol):
    """The port to whatever keeps the root key: a file, or a key management service.

    Raises only `VaultError`. The root key itself never crosses the port.
    """

    @property
    def version(self) -> str:
        """The root key that new wraps are made under."""
        ...

    def wrap(self, key: bytes, bound: bytes) -> bytes:
        """Encrypt `key` under the root key `version`, bound to `bound`."""
        ...

    def unwrap(self, wrapped: bytes, bound: bytes, version: str) -> bytes:
        """The key again, only with the same `bound` and the root key it was wrapped under."""
        ...


def wrapper(key: bytes) -> Aead:
    """The cipher by which `key` wraps other keys."""
    return aead(Suite.AES_256_GCM_SIV, key)


def wrap(above: Aead, key: bytes, bound: bytes) -> bytes:
    """Encrypt `key` under the key above it, bound to `bound`."""
    nonce = os.urandom(NONCE_BYTES)
    return _START + nonce + above.encrypt(nonce, key, bound)


def unwrap(above: Aead, wrapped: bytes, bound: bytes) -> bytes:
    """The key again; VaultError when it was wrapped under another key or for another owner."""
    if len(wrapped) != _BYTES or not wrapped.startswith(_START):
        raise VaultError("not a key wrap of version 1")
    return unseal(above, wrapped[len(_START) : _BODY_AT], wrapped[_BODY_AT:], bound)
