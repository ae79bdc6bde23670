"""Recorded answers of all sources with absurd values in some places: read, merged and shown."""

from collections.abc import Iterator
from pathlib import Path
from random import Random
from typing import Any

import orjson
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from lxml import etree

from connectors.base import Connector
from connectors.errors import SourceBrokeContract, SourceError
from connectors.normalise import report_number
from connectors.records import NoHit, Report
from gateway.profile import Heard, Outcome, SourceLine, encoded
from tests.connectors.test_contract import CASES, FIXTURES, connector, raw
from tests.gateway.extremes import merged
from tests.gateway.reports import ALL

ANSWERS = [case.values for case in CASES]
SOURCES: dict[str, Connector] = {str(name): connector(str(name)) for name, _ in ANSWERS}
TEXTS = (
    "0001-01-01", "0001-01", "1900-01-01", "9999-12-31", "9999-12", "99991231",
    "0001-01-01T00:00:00", "9999-12-31T23:59:59", "0001-01-01 00:00:00", "9999-12-31 23:59:59",
    "0001-01-01T00:00:00Z", "9999-12-31T15:59:59Z", "9999-12-31T23:59:59Z",
    "0", "1", "999999", "999999999", "99999999999", "999999999999", "9" * 14, "9" * 40, "0.01",
    "D9999", "", " ", "\u3000", "\u0301", "\u202e\u200f", "a\nb", "a/b", "%2F", "[0]", "*",
    "²", "١٢٣", "\U0010ffff", "小额贷款公司:999999", "甲" * 30_000,
)  # fmt: skip
NUMBERS = (
    0, 1, -1, 100, 999_999, 10**9 - 1, 10**11 - 1, 10**14 - 1, 10**15 - 1, 2**53 - 1, 2**53,
    2**63 - 1, 2**64 - 1, 253_402_300_799, 253_402_300_799_999, -62_135_596_800,
    -62_135_596_800_000, 0.5, 999_999_999_999.99, 1e308, None, True,
)  # fmt: skip


def places(node: Any) -> Iterator[tuple[Any, Any]]:
    """Each single value of a JSON body: what it stands in, and where there."""
    for key in node if isinstance(node, dict) else range(len(node)):
        if isinstance(node[key], dict | list):
            yield from places(node[key])
        else:
            yield node, key


def spoilt(path: Path, rng: Random) -> bytes:
    """The answer with absurd values in a few of its places, or in half of them."""
    content = path.read_bytes()
    share = rng.choice((0.02, 0.1, 0.5))
    if path.suffix == ".json":
        body = orjson.loads(content)
        for node, key in list(places(body)):
            if rng.random() < share:
                node[key] = rng.choice((*TEXTS, *NUMBERS))
        return orjson.dumps(body)
    root = etree.fromstring(content)
    for leaf in root.iter():
        if len(leaf) == 0 and rng.random() < share:
            leaf.text = rng.choice(TEXTS)
    return etree.tostring(root, encoding="utf-8")


@settings(max_examples=50)
@given(st.sampled_from(ANSWERS), st.randoms(use_true_random=True))
def test_an_absurd_answer_costs_its_source_at_most(answer: tuple[Any, Any], rng: Random) -> None:
    """A report, a no-hit or an error by its name; and of a report a profile in its one form."""
    name, path = answer
    try:
        said = SOURCES[name].read(raw(name, spoilt(path, rng)))
    except SourceError:
        return
    if isinstance(said, NoHit):
        return
    line = SourceLine(source=name, outcome=Outcome.REPORT, scopes=ALL)

    assert said.report_id == report_number.read(said.report_id)
    assert len({record.record_id for record in said.records}) == len(said.records)
    assert encoded(merged([Heard(line, said)]))


NUMBERED = {
    "baihang": ("overdue_loan", ("reportHeader", "reportId")),
    "bairong": ("many_applications", ("swift_number",)),
    "tongdun": ("every_shape", ("report_id",)),
    "northstar": ("every_rule", ("head", "serial")),
}


@pytest.mark.parametrize("name", NUMBERED)
@pytest.mark.parametrize("number", [" ", "a\nb", "a\0b", "\u202e1", "1" * 129])
def test_a_report_whose_number_nobody_can_cite_is_none(name: str, number: str) -> None:
    """It stands in all evidence and in rulings; a long one would be there thousands of times."""
    fixture, (*way, last) = NUMBERED[name]
    body = orjson.loads((FIXTURES / f"{name}_{fixture}.json").read_bytes())
    node = body
    for step in way:
        node = node[step]
    node[last] = number

    with pytest.raises(SourceBrokeContract):
        SOURCES[name].read(raw(name, orjson.dumps(body)))
    node[last] = f" {'/' * 128} "
    said = SOURCES[name].read(raw(name, orjson.dumps(body)))
    assert isinstance(said, Report)
    assert said.report_id == "/" * 128


LAST_MS = 253_402_300_799_999  # of the calendar in UTC; in China it is another day


def test_an_instant_of_no_day_in_china_is_no_report_time() -> None:
    """Tongdun's report time is in milliseconds of UTC, its days are China's."""
    body = orjson.loads((FIXTURES / "tongdun_every_shape.json").read_bytes())

    with pytest.raises(SourceBrokeContract, match="report_time"):
        SOURCES["tongdun"].read(raw("tongdun", orjson.dumps({**body, "report_time": LAST_MS})))
