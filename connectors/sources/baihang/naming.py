"""How Baihang is told whom something is about: the three fields a member's keys are for.

Member configurations carry an RSA key of Baihang's and an AES key; which fields they protect and
how is not public (we believe these three). So they go in plain, as in the mock, unless whoever
builds the connector hands in a cipher made after Baihang's own document.
"""

from typing import Protocol

from connectors import asking
from connectors.sources.baihang.reading import NAME
from consent.identity import Identity


class FieldCipher(Protocol):
    """What a member's contract says of protecting a field."""

    def seal(self, field: str, value: str) -> str:
        """`value` as it is to stand in `field`: `name`, `pid` or `mobile`."""
        ...


def naming(subject: Identity, cipher: FieldCipher | None) -> dict[str, str]:
    """Name, resident id and mobile; `SourceRejectedAsk` for whom Baihang has no way to name."""
    plain = {
        "name": subject.name,
        "pid": asking.resident_id(NAME, subject),
        "mobile": asking.mobile(NAME, subject),
    }
    return plain if cipher is None else {f: cipher.seal(f, v) for f, v in plain.items()}
