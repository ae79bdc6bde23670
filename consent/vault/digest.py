"""Digests that outside rules ask for by name; ours are SHA-256 from `hashlib`."""

from cryptography.hazmat.primitives import hashes


def sm3(data: bytes) -> bytes:
    """SM3 (GB/T 32905-2016) of `data`, 32 bytes.

    From `cryptography`, since an OpenSSL built without SM3 takes it away from `hashlib`.
    """
    digest = hashes.Hash(hashes.SM3())
    digest.update(data)
    return digest.finalize()


def sm3_hex(data: bytes) -> str:
    """The same in lower-case hex."""
    return sm3(data).hex()
