"""Ed25519 signatures (RFC 8032): raw for the audit log's notes, JWS for consent receipts.

A receipt is a compact JWS (RFC 7515) over canonical bytes, `alg` EdDSA (RFC 8037 section 3.1).
RFC 9864 renames it to Ed25519; the older name is kept because verifiers in use know it, and is
unambiguous here: a key we sign with or verify under is Ed25519 by type. No other algorithm is
accepted, whatever a header says. `kid` is the key's RFC 7638 thumbprint.
"""

from collections.abc import Iterable

from cryptography.exceptions import InvalidSignature
from cryptography.hazmat.primitives.asymmetric.ed25519 import (
    Ed25519PrivateKey,
    Ed25519PublicKey,
)
from joserfc import jws
from joserfc.errors import JoseError, UnsupportedAlgorithmError
from joserfc.jwa import EdDSAAlgorithm
from joserfc.jwk import OKPKey

from consent.errors import VaultError

_ALG = "EdDSA"


class _EdDsaOnly(jws.JWSRegistry):
    """Knows one algorithm, so that a token cannot choose another (RFC 8725 section 3.1)."""

    def get_alg(self, name: str) -> EdDSAAlgorithm:
        if name != _ALG:
            raise UnsupportedAlgorithmError(f"only {_ALG}")
        return EdDSAAlgorithm()


_REGISTRY = _EdDsaOnly()


class PublicKey:
    """Who signed, for those who verify. `raw` are the 32 bytes of RFC 8032."""

    __slots__ = ("_key", "key_id", "raw")

    def __init__(self, raw: bytes) -> None:
        try:
            self._key = Ed25519PublicKey.from_public_bytes(raw)
        except ValueError:
            raise VaultError("an Ed25519 public key has 32 bytes") from None
        self.raw = raw
        self.key_id = OKPKey.import_key(self._key).thumbprint()

    def __repr__(self) -> str:
        return f"PublicKey({self.key_id})"

    def verify(self, signature: bytes, message: bytes) -> bool:
        """Whether `signature` is this key's over `message`."""
        try:
            self._key.verify(signature, message)
        except InvalidSignature:
            return False
        return True

    def jwk(self) -> dict[str, str]:
        """The key as a JWK (RFC 8037 section 2) to publish."""
        key = OKPKey.import_key(self._key).as_dict(private=False)
        return {
            "kty": str(key["kty"]),
            "crv": str(key["crv"]),
            "x": str(key["x"]),
            "kid": self.key_id,
            "alg": _ALG,
            "use": "sig",
        }


class Signer:
    """A private Ed25519 key, made from its 32 byte seed; shows only its key id."""

    __slots__ = ("_key", "public")

    def __init__(self, seed: bytes) -> None:
        try:
            self._key = Ed25519PrivateKey.from_private_bytes(seed)
        except ValueError:
            raise VaultError("an Ed25519 seed has 32 bytes") from None
        self.public = PublicKey(self._key.public_key().public_bytes_raw())

    def __repr__(self) -> str:
        return f"Signer({self.public.key_id})"

    @property
    def key_id(self) -> str:
        """The RFC 7638 thumbprint of the public key."""
        return self.public.key_id

    def sign(self, message: bytes) -> bytes:
        """The 64 byte signature of `message`."""
        return self._key.sign(message)

    def sign_jws(self, payload: bytes, *, typ: str) -> str:
        """A compact JWS over exactly these bytes. `typ` says what they are (RFC 8725 3.11)."""
        header = {"alg": _ALG, "kid": self.key_id, "typ": typ}
        key = OKPKey.import_key(self._key)
        return jws.serialize_compact(header, payload, key, registry=_REGISTRY)


def verify_jws(token: str, keys: Iterable[PublicKey], *, typ: str) -> bytes:
    """The payload of `token` once one of `keys` is seen to have signed it as `typ`.

    VaultError otherwise; the message never repeats what the token says.
    """
    by_id = {key.key_id: key for key in keys}
    try:
        found = jws.extract_compact(token.encode(), registry=_REGISTRY)
        header = found.headers()
        key = by_id.get(str(header.get("kid")))
        if key is None or header.get("typ") != typ:
            raise VaultError("not signed as that, or not by a key known here")
        public = OKPKey.import_key(Ed25519PublicKey.from_public_bytes(key.raw))
        if not jws.validate_compact(found, public, registry=_REGISTRY):
            raise VaultError("the signature does not fit")
    except (JoseError, ValueError, TypeError, AttributeError):
        # The last two: joserfc 1.8 takes any JSON value for a header and stumbles over it later.
        raise VaultError("not a compact JWS we accept") from None
    return found.payload
