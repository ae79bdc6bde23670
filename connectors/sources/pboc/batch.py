"""The files of CCRC's transfer platform: their names, their header line, their documents.

```
file name   organisation(14) yyyyMMdd(8) type(4) serial(3) feedback flag(1)
header      A 2.0.0 request file name(30) yyyyMMddHHmmss(14) type(4) counters  CR LF
documents   <?xml ...?><Document>...</Document> CR LF, one for each record
```

A file is read and written one document at a time, so its size does not show in memory. How wide
the counters are is not public: who writes a file says so, who reads one gets them as text. No
public file bears a signature; one that does is refused rather than read unverified.
"""

import re
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from datetime import date, datetime
from typing import BinaryIO

from connectors.errors import SourceBrokeContract
from connectors.sources.pboc.frame import CHINA, VERSION

_NAME = re.compile(r"([0-9A-Z]{14})([0-9]{8})([A-Z][0-9]{3})([0-9]{3})([0-9])")
_HEADER = re.compile(
    rb"A[0-9]\.[0-9]\.[0-9](?P<name>[0-9A-Z]{30})(?P<sent>[0-9]{14})(?P<type>[A-Z][0-9]{3})"
    rb"(?P<counters>[ -~]{0,64})"
)
_COUNTERS = re.compile(r"[0-9]{1,64}")
_HEADER_MOST = 256  # bytes in which the header line has to end
_END = b"</Document>"
_CHUNK = 64 * 1024
MOST_DOCUMENT_BYTES = 64 * 1024  # a record has some 20 short elements
_MOST_SERIAL = 999

REQUEST_FLAG = "0"  # as in the request files seen


@dataclass(frozen=True, slots=True)
class FileName:
    """The name of a file; `feedback` is 0 for a request."""

    org: str
    day: date
    file_type: str
    serial: int
    feedback: str = REQUEST_FLAG

    def __str__(self) -> str:
        name = f"{self.org}{self.day:%Y%m%d}{self.file_type}{self.serial:03d}{self.feedback}"
        if not 0 <= self.serial <= _MOST_SERIAL or _NAME.fullmatch(name) is None:
            raise ValueError("a part of the file name does not fit its place")
        return name

    @classmethod
    def parse(cls, text: str) -> "FileName":
        """Read a name; ValueError when it is not one."""
        found = _NAME.fullmatch(text)
        if found is None:
            raise ValueError("not a file name of 30 characters")
        day = datetime.strptime(found[2], "%Y%m%d").replace(tzinfo=CHINA).date()
        return cls(found[1], day, found[3], int(found[4]), found[5])


@dataclass(frozen=True, slots=True)
class FileHeader:
    """The first line. `sent_at` is aware, in China time; `name` the request's in both files."""

    name: FileName
    sent_at: datetime
    file_type: str
    counters: str

    def encode(self) -> bytes:
        """The line with its CR LF; ValueError when a part does not fit."""
        if _COUNTERS.fullmatch(self.counters) is None:
            raise ValueError("counters are 1 to 64 digits")
        sent = self.sent_at.astimezone(CHINA).strftime("%Y%m%d%H%M%S")
        return f"A{VERSION}{self.name}{sent}{self.file_type}{self.counters}\r\n".encode("ascii")


def write(file: BinaryIO, header: FileHeader, documents: Iterable[bytes]) -> int:
    """Write a file, document by document, and return their number."""
    file.write(header.encode())
    count = 0
    for document in documents:
        file.write(document + b"\r\n")
        count += 1
    return count


def read_header(source: str, file: BinaryIO) -> FileHeader:
    """Read the first line; SourceBrokeContract when it is not one."""
    line = file.readline(_HEADER_MOST)
    found = _HEADER.fullmatch(line[:-2]) if line.endswith(b"\r\n") else None
    if found is None:
        raise SourceBrokeContract(source, "bad_header", "no file header")
    try:
        name = FileName.parse(found["name"].decode())
        sent = datetime.strptime(found["sent"].decode(), "%Y%m%d%H%M%S").replace(tzinfo=CHINA)
    except ValueError:
        raise SourceBrokeContract(source, "bad_header", "a date that is none") from None
    return FileHeader(name, sent, found["type"].decode(), found["counters"].decode())


def read_documents(source: str, file: BinaryIO) -> Iterator[bytes]:
    """Each document after the header, at most one and a chunk in memory."""
    held = b""
    while chunk := file.read(_CHUNK):
        searched = max(0, len(held) - len(_END))
        held += chunk
        start = 0
        while (end := held.find(_END, max(start, searched))) >= 0:
            end += len(_END)
            yield _bounded(source, held[start:end].strip())
            start = end
        held = _bounded(source, held[start:].lstrip())
    if held.startswith(b"{S:"):
        raise SourceBrokeContract(source, "signed_file", "the form of such a signature is unknown")
    if held:
        raise SourceBrokeContract(source, "cut_file", "the last document has no end")


def _bounded(source: str, document: bytes) -> bytes:
    if len(document) > MOST_DOCUMENT_BYTES:
        raise SourceBrokeContract(source, "too_large", f"over {MOST_DOCUMENT_BYTES} bytes")
    return document
