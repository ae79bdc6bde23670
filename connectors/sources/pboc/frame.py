"""The frame around every message with CCRC: header line, XML body, optional signature.

```
offset   length  field
0        1       B, the start of a message
1        5       2.0.0, version of the frame
6        14      organisation that sends
20       14      organisation that receives
34       14      yyyyMMddHHmmss, China time
48       4       message type (D101, D102 ...)
52       16      message id
68       10      reserved: ten zeros, twelve in the samples of F202 and G1xx
         2       CR LF
```

Then the XML, then perhaps `{S:` + base64 of a detached signature over header and body + `:S}`.
CCRC query-interface specification 2019-09, as far as its samples show it.
"""

import base64
import binascii
import re
from dataclasses import dataclass, field
from datetime import datetime, timedelta, timezone
from typing import Protocol

from connectors.errors import SourceBrokeContract

CHINA = timezone(timedelta(hours=8), "CST")
VERSION = "2.0.0"
MOST_BYTES = 16 * 1024 * 1024  # of a whole message

_HEADER = re.compile(
    rb"B(?P<version>[0-9]\.[0-9]\.[0-9])(?P<sender>[0-9A-Z]{14})(?P<receiver>[0-9A-Z]{14})"
    rb"(?P<sent>[0-9]{14})(?P<type>[A-Z][0-9]{3})(?P<id>[0-9A-Za-z]{16})[ -~]{0,32}"
)
_RESERVED = "0" * 10
_LINE_MOST = 128  # bytes in which the header line has to end
_SIGNATURE_MOST = 64 * 1024
_ORGANISATION = re.compile(r"[0-9A-Z]{14}")
_MESSAGE_ID = re.compile(r"[0-9A-Za-z]{16}")


class MessageSigner(Protocol):
    """Signs for the member under the certificate CCRC knows it by."""

    def sign(self, signed: bytes) -> bytes:
        """A detached signature over header and body."""
        ...


class MessageVerifier(Protocol):
    """Knows CCRC's certificate."""

    def verify(self, signed: bytes, signature: bytes) -> bool:
        """Whether `signature` is CCRC's over `signed`; never raises for a bad one."""
        ...


@dataclass(frozen=True, slots=True)
class Header:
    """Who sends what to whom; `sent_at` is aware, in China time."""

    sender: str
    receiver: str
    sent_at: datetime
    message_type: str
    message_id: str
    version: str = VERSION

    def encode(self) -> bytes:
        """The header line with its CR LF; ValueError when a field does not fit its place."""
        if not (_ORGANISATION.fullmatch(self.sender) and _ORGANISATION.fullmatch(self.receiver)):
            raise ValueError("an organisation code has 14 digits or capitals")
        if _MESSAGE_ID.fullmatch(self.message_id) is None:
            raise ValueError("a message id has 16 letters or digits")
        sent = self.sent_at.astimezone(CHINA).strftime("%Y%m%d%H%M%S")
        line = f"B{self.version}{self.sender}{self.receiver}{sent}{self.message_type}"
        return f"{line}{self.message_id}{_RESERVED}\r\n".encode("ascii")


@dataclass(frozen=True, slots=True)
class Frame:
    """One message. `signed` are the bytes a signature covers, `signature` None without one."""

    header: Header
    body: bytes = field(repr=False)
    signed: bytes = field(repr=False)
    signature: bytes | None = field(default=None, repr=False)


def encode(header: Header, body: bytes, signer: MessageSigner | None = None) -> bytes:
    """Put `body` into a frame, signed when there is a `signer`."""
    signed = header.encode() + body
    if signer is None:
        return signed
    return signed + b"{S:" + base64.b64encode(signer.sign(signed)) + b":S}"


def decode(source: str, content: bytes) -> Frame:
    """Take a message apart; SourceBrokeContract on anything that is not one.

    Reading goes by offset up to 68; what is reserved is not looked at.
    """
    if len(content) > MOST_BYTES:
        raise SourceBrokeContract(source, "too_large", f"more than {MOST_BYTES} bytes")
    end = content.find(b"\r\n", 0, _LINE_MOST)
    found = _HEADER.fullmatch(content, 0, end) if end >= 0 else None
    if found is None:
        raise SourceBrokeContract(source, "bad_header", "no message header of 78 characters")
    try:
        sent_at = datetime.strptime(found["sent"].decode(), "%Y%m%d%H%M%S").replace(tzinfo=CHINA)
    except ValueError:
        raise SourceBrokeContract(source, "bad_header", "the time is no time") from None
    signed, signature = _split_signature(source, content)
    header = Header(
        sender=found["sender"].decode(),
        receiver=found["receiver"].decode(),
        sent_at=sent_at,
        message_type=found["type"].decode(),
        message_id=found["id"].decode(),
        version=found["version"].decode(),
    )
    body = signed[end + 2 :].strip()
    if not body.startswith(b"<"):
        raise SourceBrokeContract(source, "no_body", "no XML follows the header")
    return Frame(header, body, signed, signature)


def check_signature(source: str, frame: Frame, verifier: MessageVerifier) -> None:
    """SourceBrokeContract `signature` unless the frame bears one and it is the right one."""
    if frame.signature is None:
        raise SourceBrokeContract(source, "signature", "the message bears none")
    if not verifier.verify(frame.signed, frame.signature):
        raise SourceBrokeContract(source, "signature", "it does not fit the message")


def _split_signature(source: str, content: bytes) -> tuple[bytes, bytes | None]:
    """The signed bytes and the signature of a message."""
    bare = content.rstrip()
    if not bare.endswith(b":S}"):
        return content, None
    start = bare.rfind(b"{S:")
    encoded = bare[start + 3 : -3]
    if start < 0 or len(encoded) > _SIGNATURE_MOST:
        raise SourceBrokeContract(source, "bad_signature_trailer", "expected {S:base64:S}")
    try:
        return bare[:start], base64.b64decode(encoded, validate=True)
    except binascii.Error:
        raise SourceBrokeContract(source, "bad_signature_trailer", "not base64") from None
