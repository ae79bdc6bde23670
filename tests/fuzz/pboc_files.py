"""Atheris target: files of scores and dispute replies. See README.md here.

A finding is any exception that is not a `SourceError`, a hang, or memory out of bounds. The
first choice is between bytes as they are and records whose elements hold fuzzed texts.
"""

import sys
from io import BytesIO
from xml.sax.saxutils import escape

import atheris  # type: ignore[import-untyped] # no dependency: see README.md

with atheris.instrument_imports(include=["connectors"]):
    from connectors.errors import SourceError
    from connectors.sources.pboc import disputes, frame, scores

_FILE = b"A2.0.0A100000000000120260301F501001020260301120506F5020000000002\r\n"
_FRAME = "B2.0.0B0000000000001A100000000000120200615103000{}00000000000000010000000000\r\n"
_TAGS = (
    *("RequestId", "ResultCode", "ResultType", "Score", "FactorNum", "FactorRecs", "Position"),
    *("ScoreDate", "Factor", "ToCheckInf", "ToCheckNm", "ObjCheckID", "CheckFinalDate", "IDType"),
    *("EnclosureFlag", "EnclosureInf", "HistoricalCheckInf", "CheckResult", "ServiceReturnCode"),
    *("CorrectAcceptFlag", "CorrectOpinion", "Surprise"),
)
_TEXTS = ("AAA000", "AAA001", "40", "00", "985", "986", "2026-02-28", "Y", "10", "1", "null", "--")
_MOST_ELEMENTS = 24


def one_input(data: bytes) -> None:
    """Read a file to its end, or a reply to some request."""
    choice = atheris.FuzzedDataProvider(data)
    asked: str = choice.PickValueInList(sorted(disputes.REPLY_TO))
    as_file = choice.ConsumeBool()
    content = choice.ConsumeBytes(len(data)) if choice.ConsumeBool() else _composed(choice)
    try:
        if as_file:
            for _ in scores.read_answers("pboc", BytesIO(_FILE + content))[1]:
                pass
        else:
            head = _FRAME.format(disputes.REPLY_TO[asked]).encode()
            disputes.read_reply("pboc", frame.decode("pboc", head + content), asked)
    except SourceError:
        return


def _composed(choice: atheris.FuzzedDataProvider) -> bytes:
    """Two records of elements from all messages, some inside others."""
    whole = ""
    for _ in range(2):
        opened: list[str] = []
        whole += "<Document><Msg><ResultCode>AAA000</ResultCode><ResultType>40</ResultType>"
        for _ in range(choice.ConsumeIntInRange(0, _MOST_ELEMENTS)):
            tag = choice.PickValueInList(list(_TAGS))
            known = choice.PickValueInList(list(_TEXTS))
            text = known if choice.ConsumeBool() else choice.ConsumeUnicodeNoSurrogates(8)
            whole += f"<{tag}>{escape(text)}"
            if choice.ConsumeBool():
                opened.append(tag)
            else:
                whole += f"</{tag}>"
        whole += "".join(f"</{tag}>" for tag in reversed(opened)) + "</Msg></Document>"
    return whole.encode()


if __name__ == "__main__":
    atheris.Setup(sys.argv, one_input)
    atheris.Fuzz()
