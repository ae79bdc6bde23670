"""Atheris target: any bytes through the PBOC frame and the message in it. See README.md here.

A finding is any exception that is not a `SourceError`, a hang, memory out of bounds, or an answer
whose result or report stands in it twice or not at all and that is read all the same. Half of the
inputs are taken as they are; the other half fill the places of a well-formed message, since
random bytes hardly ever get past a header, a checksum or an end tag.
"""

import base64
import gzip
import sys

import atheris  # type: ignore[import-untyped] # no dependency: see README.md

with atheris.instrument_imports(include=["connectors"]):
    from connectors.errors import SourceError
    from connectors.sources.pboc import frame, message

_CODES = ("AAA000", "DBO004", "AAA001", "AAA002", "ATO001", "ABE004", "DBE003", "FBO003", "ZZZ999")
_TYPES = ("D102", "D102", "D102", "D104", "F202", "G102", "Z999")
_FORMS = ("plain", "base64", "gzip", "cut gzip")


def one_input(data: bytes) -> None:
    """Take a message apart as `Pboc.read` does."""
    choice = atheris.FuzzedDataProvider(data)
    content = choice.ConsumeBytes(len(data)) if choice.ConsumeBool() else _composed(choice)
    answer = _read(content)
    if answer is None or answer.report is None:
        return
    for tag in (b"ResultCode", b"ReportMessage"):
        opening, closing = b"<%b>" % tag, b"</%b>" % tag
        start, end = content.find(opening), content.rfind(closing) + len(closing)
        if start < 0 or end <= start:  # written in another way
            continue
        one = content[start:end]
        for several in (b"", one + one, one + opening + closing):
            if _read(content[:start] + several + content[end:]) is not None:
                raise AssertionError(f"{several.count(opening)} of {tag.decode()}, and read")


def _read(content: bytes) -> message.Answer | None:
    try:
        return message.read_answer("pboc", frame.decode("pboc", content))
    except SourceError:
        return None


def _composed(choice: atheris.FuzzedDataProvider) -> bytes:
    """A message with fuzzed parts in their places."""
    kind: str = choice.PickValueInList(list(_TYPES))
    code: str = choice.PickValueInList(list(_CODES))
    form = choice.PickValueInList(list(_FORMS))
    trailer: bytes = choice.ConsumeBytes(choice.ConsumeIntInRange(0, 12))
    signed = choice.ConsumeBool()
    inner: bytes = choice.ConsumeBytes(4096)
    if "gzip" in form:
        inner = gzip.compress(inner, 1, mtime=0)
    if form == "cut gzip":
        inner = inner[: choice.ConsumeIntInRange(2, len(inner))]
    packed = inner if form == "plain" else base64.b64encode(inner)
    end = b"{S:" + base64.b64encode(trailer) + b":S}" if signed else trailer
    return (
        f"B2.0.0B0000000000001A100000000000120200615103000{kind}{'1' * 16}{'0' * 10}\r\n".encode()
        + b'<?xml version="1.0" encoding="UTF-8"?><Document><Msg><ResultCode>'
        + code.encode()
        + b"</ResultCode><ReportMessage>"
        + packed
        + b"</ReportMessage></Msg></Document>"
        + end
    )


if __name__ == "__main__":
    atheris.Setup(sys.argv, one_input)
    atheris.Fuzz()
