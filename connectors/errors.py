"""How a source can fail us, split by what the caller should do next.

`reason` is a stable code for machines (`timeout`, `http_503`, `result_DBE003`); it never holds
a value of the payload.
"""

from consent.errors import GatewayError


class SourceError(GatewayError):
    """Base class; always names its source."""

    code = "source_error"

    def __init__(self, source: str, reason: str, detail: str = "") -> None:
        super().__init__(f"{source}: {reason}{': ' if detail else ''}{detail}")
        self.source = source
        self.reason = reason


class SourceUnavailable(SourceError):
    """Timeout, broken connection, 5xx, 429 or the source's own "later": may work later."""

    code = "source_unavailable"


class SourceLockedUs(SourceError):
    """401, 403 or the source's own word for it: stop asking and page an operator."""

    code = "source_locked_us"


class SourceRejectedAsk(SourceError):
    """The source, or our knowledge of it, says this very ask is wrong: do not repeat it."""

    code = "source_rejected_ask"


class SourceBrokeContract(SourceError):
    """The payload does not match the source's own document."""

    code = "source_broke_contract"
