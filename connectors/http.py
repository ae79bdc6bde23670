"""The only door to the network: deadline, bounds, repetition, one error vocabulary.

httpx over the aiohttp transport (ADR 0003). A source gets one `SourceClient`, made in
`gateway.wiring`; nothing else of ours may open a socket outward.
"""

import hashlib
from dataclasses import dataclass, field
from datetime import datetime


@dataclass(frozen=True, slots=True)
class RawAnswer:
    """Bytes as received, before anybody looked inside. `received_at` is aware UTC."""

    content: bytes = field(repr=False)
    received_at: datetime
    status: int = 200

    @property
    def sha256(self) -> str:
        """Digest of the bytes, lower-case hex; what the audit log carries."""
        return hashlib.sha256(self.content).hexdigest()
