"""Digests that outside rules ask for by name; ours are SHA-256 from `hashlib`."""

from cryptography.hazmat.primitives import hashes


def sm3_hex(data: bytes) -> str:
    """SM3 (GB/T 32905-2016) of `data` in lower-case hex.

    From `cryptography`, since an OpenSSL built without SM3 takes it away from `hashlib`.
    """
    digest = hashes.Hash(hashes.SM3())
    digest.update(data)
    return digest.finalize().hex()
