"""Who pushed this? Signatures of Standard Webhooks, checked against the secrets a source holds.

Standard Webhooks 1.0.0: `webhook-signature` is a space-separated list of `version,base64`; `v1`
is HMAC-SHA256 over `id.timestamp.body` under a secret of 24 to 64 bytes written `whsec_<base64>`.
`standardwebhooks` makes the signature; its own `verify` is not used, since it reads the wall clock
and leaks the exceptions of whatever is malformed. Whether the timestamp is recent is decided by
whoever holds the clock. While a secret is being rotated both the new and the old one are good.
"""

import base64
import binascii
import hmac
from collections.abc import Iterable
from datetime import UTC, datetime

from standardwebhooks import Webhook

_PREFIX = "whsec_"
_LEAST_BYTES, _MOST_BYTES = 24, 64  # Standard Webhooks 1.0.0, "Symmetric" under "Signature scheme"
_TRIED = 16  # signatures of one call that are looked at: a sender has a handful of secrets at most


class Secrets:
    """The secrets by which one sender of one source is known; shows none."""

    __slots__ = ("_signers",)

    def __init__(self, texts: Iterable[str]) -> None:
        """ValueError says what form a secret has; at least one is needed."""
        self._signers = tuple(Webhook(_decoded(text)) for text in texts)
        if not self._signers:
            raise ValueError("at least one secret")

    def __repr__(self) -> str:
        return f"Secrets({len(self._signers)})"

    def signed(self, body: bytes, *, id_: str, at: datetime, signatures: str) -> bool:
        """One of `signatures`, the header as it came, was made of these parts with a secret here.

        `at` is the instant of `webhook-timestamp`, a whole second.
        """
        try:
            text = body.decode()
        except UnicodeDecodeError:  # nobody signs what is no text by the library's own account
            return False
        if not (signatures.isascii() and id_.isascii()):  # headers hold any byte
            return False
        given = [one.encode() for one in signatures.split(" ")[:_TRIED] if one.startswith("v1,")]
        made = [signer.sign(id_, at, text).encode() for signer in self._signers]
        return any(hmac.compare_digest(ours, theirs) for ours in made for theirs in given)

    def sign(self, body: bytes, *, id_: str, at: datetime) -> str:
        """The header a sender with these secrets sends: one signature a secret."""
        moment = at.astimezone(UTC)
        return " ".join(one.sign(id_, moment, body.decode()) for one in self._signers)


def _decoded(text: str) -> bytes:
    """The bytes of one secret; strictly, or a slip of the pen would sign with half a secret."""
    expected = f"a secret is {_PREFIX} and base64 of {_LEAST_BYTES} to {_MOST_BYTES} bytes"
    if not text.startswith(_PREFIX):
        raise ValueError(expected)
    try:
        raw = base64.b64decode(text.removeprefix(_PREFIX), validate=True)
    except (binascii.Error, ValueError):
        raise ValueError(expected) from None
    if not _LEAST_BYTES <= len(raw) <= _MOST_BYTES:
        raise ValueError(expected)
    return raw
