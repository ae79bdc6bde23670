"""The root of every error we raise on purpose, split by what the caller does next.

GatewayError
├── InvalidInput              the request is wrong; names the field and what would have been right
│   └── InvalidFields         several fields are
├── MalformedBody             not what the route takes at all
├── BodyTooLarge              more than we read
├── UnknownRoute              no such path, or not with this method
├── NotAuthenticated          nobody we know; nothing else was looked at
│   └── NotSigned             a push that no sender we know signed, or not lately
├── NotAllowed                a known client without the role the route asks for
├── NotFound                  no such thing for this member
├── Conflict                  the thing moved on: read again, decide again
├── ConsentRefused            every ask was refused, so there is no profile to speak of
├── NoSourceAsked             consent would allow it, but no source could be asked
├── ImpossibleEvent           cannot happen to a consent in this state, as when it has ended
├── SourceError               always names its source; inside a request it is a value
│   ├── SourceUnavailable     may work later (the only one retried)
│   ├── SourceLockedUs        our credentials or set-up: stop asking, page an operator
│   ├── SourceRejectedAsk     the source says this very ask is wrong: do not repeat it
│   └── SourceBrokeContract   the payload is not what its document says: fix the connector
├── CannotRebuild             what a past answer rests on is gone or altered; names all of it
├── VaultError                a sealed field did not open: fail closed
├── ConfigError               the gateway must not start like this
├── AuditUnavailable          no evidence, no answer
├── LogCorrupt                the audit log does not verify; names the first bad index
└── ProblemReply              the SDK's: the gateway answered with a problem document
"""


class GatewayError(Exception):
    """Base class. `code` is stable, public and free of personal data; so is the message."""

    code = "internal"


class InvalidInput(GatewayError):
    """The request is wrong; `field` is a JSON Pointer, `expected` says what would be right."""

    code = "invalid_input"

    def __init__(self, field: str, expected: str) -> None:
        super().__init__(f"{field or '/'}: {expected}")
        self.field = field
        self.expected = expected


class NotFound(GatewayError):
    """No such thing for this member; another member's thing is not there either."""

    code = "not_found"


class Conflict(GatewayError):
    """The thing moved on since it was read."""

    code = "conflict"


class ImpossibleEvent(GatewayError):
    """It cannot happen to a consent in this state; the attempt is on record, nothing changed."""

    code = "impossible_event"


class VaultError(GatewayError):
    """A sealed field could not be opened, or not under this permit."""

    code = "vault_unavailable"


class ConfigError(GatewayError):
    """A setting, key file or store is wrong or missing; the message lists what is known."""

    code = "config"


class AuditUnavailable(GatewayError):
    """The audit log refused a write, so the request must not go on."""

    code = "audit_unavailable"


class LogCorrupt(GatewayError):
    """The audit log does not verify. `index` is the first bad entry, None if it is not one."""

    code = "log_corrupt"

    def __init__(self, message: str, *, index: int | None = None) -> None:
        super().__init__(message if index is None else f"{message} (first bad index {index})")
        self.index = index
