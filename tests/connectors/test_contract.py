"""What every source owes us, for every module the registry finds and every mapping.

A new source is covered the moment its module, its lines in `config/gateway.toml` and a fixture
`<name>_<what it shows>.json` or `.xml` exist. A fixture is the report as the source documents
it; a source that packs it further has a line in `PACKED`.
"""

import base64
import copy
import hashlib
import os
import re
import subprocess
import sys
import tomllib
from collections.abc import Callable, Iterator, Mapping, Sequence
from datetime import UTC, datetime
from functools import partial
from itertools import chain, islice
from pathlib import Path
from types import MappingProxyType
from typing import Any, Protocol

import httpx
import orjson
import pytest
from lxml import etree

from connectors import registry
from connectors.base import Connector, SourceSettings
from connectors.data_items import items_of
from connectors.errors import SourceError
from connectors.http import RawAnswer, SourceClient
from connectors.normalise import report_number
from connectors.records import IssueKind, NoHit, Report, scope_of
from connectors.sources.pboc import frame
from connectors.sources.pboc.dictionary import IGNORED_GROUPS
from consent.errors import ConfigError
from consent.purposes import Purposes

FIXTURES = Path(__file__).parent / "fixtures"
CONFIG = Path(__file__).parents[2] / "config"
NOON = datetime(2026, 3, 1, 12, tzinfo=UTC)
CODE_CHARS = 4  # a text this short is a code, and may be named in an issue

FRONT: dict[str, Any] = tomllib.loads((CONFIG / "gateway.toml").read_text())
SHIPPED: dict[str, Any] = FRONT["sources"]
PUSHED: dict[str, Any] = FRONT["pushed"]
DECLARED: dict[str, Any] = {
    name: section for name, section in SHIPPED.items() if section.get("kind") == "declarative"
} | tomllib.loads(
    re.findall(
        r"^```toml\n(.*?)^```",
        (CONFIG.parent / "docs" / "sources" / "declarative.md").read_text(),
        flags=re.MULTILINE | re.DOTALL,
    )[0]
)["sources"]
"""Sources without code: those of the shipped configuration, and the example of their page."""
NAMES = (*registry.names(), *DECLARED)
CASES = [
    pytest.param(name, path, id=path.stem)
    for name in NAMES
    for path in sorted(FIXTURES.glob(f"{name}_*"))
]


def connector(name: str, *, attempts: int | None = None) -> Connector:
    """The source as the shipped configuration sets it up, without a network."""
    purposes = Purposes.model_validate(tomllib.loads((CONFIG / "purposes.toml").read_text()))
    if name in PUSHED:
        kept = SourceSettings(name=name, reasons=purposes.codes_for(name), options={}, secrets={})
        return registry.build_pushed(name, lambda _permit, _at: b"", kept)
    section = DECLARED.get(name) or SHIPPED[name]
    client = SourceClient(
        source=name,
        http=httpx.MockTransport(lambda _: httpx.Response(500)),
        url=section["url"],
        timeout_s=section["timeout_s"],
        max_body_bytes=section["max_body_bytes"],
        attempts=attempts or section["attempts"],
    )
    settings = SourceSettings(
        name=name,
        reasons=purposes.codes_for(name),
        options=section.get("options", {}),
        secrets=dict.fromkeys(section["secrets"], "dummy"),
    )
    build = registry.declared if name in DECLARED else registry.build
    return build(name, client, settings)


def d102(report: bytes) -> bytes:
    """A PBOC report as it travels: base64 in a message, the message in a frame."""
    packed = base64.b64encode(report)
    body = (
        b"<Document><Msg><ResultCode>AAA000</ResultCode><ReportMessage>"
        + packed
        + b"</ReportMessage></Msg></Document>"
    )
    header = frame.Header("B0000000000001", "A1000000000001", NOON, "D102", "0" * 16)
    return frame.encode(header, body)


PACKED: Mapping[str, Callable[[bytes], bytes]] = MappingProxyType({"pboc": d102})


# Asked about a region and never about a person: docs/sources/region_risk.md.
ASKED_AGAIN = frozenset({"region_risk"})

# Parts a source's own documentation says it does not read, so nothing in them is news.
UNREAD: Mapping[str, frozenset[str]] = MappingProxyType(
    {
        "pboc": frozenset(IGNORED_GROUPS),
        "northstar": frozenset({"fee"}),
        "tongdun": frozenset({"fuzzy_detail_hits"}),
        "housing_fund": frozenset({"loan_info", "loan_repay_record"}),
        "social_insurance": frozenset({"medical_insurance_record"}),
    }
)


def raw(name: str, report: bytes) -> RawAnswer:
    """The bytes a source would have sent."""
    return RawAnswer(PACKED.get(name, bytes)(report), NOON)


class Body(Protocol):
    """A report that can be damaged in every place."""

    def damaged(self, every: int) -> Iterator[bytes]:
        """Every copy with one part lost, or one leaf turned into something odd.

        Of what is odd each leaf gets only each so many: 1 is all, 3 a third, another one each.
        """
        ...

    def extended(self) -> Iterator[tuple[bytes, bytes]]:
        """Every copy with one part more, called `surprise`, after the copy without."""
        ...


class JsonBody:
    """JSON. List items are alike to a reader, so the first of each list stands for all."""

    ODD: tuple[object, ...] = ("", "?", "1.5", "9" * 40, -1, 1.5, None, True, [], {})

    def __init__(self, content: bytes, unread: frozenset[str]) -> None:
        self.root = orjson.loads(content)
        self.unread = unread

    def damaged(self, every: int) -> Iterator[bytes]:
        """Keys go at any depth, and every value is replaced, objects and lists too."""
        odd = islice(self._odd(self.root), 0, None, every)
        yield from map(orjson.dumps, chain(self._without(self.root), odd))

    def extended(self) -> Iterator[tuple[bytes, bytes]]:
        """Every object gets one key more."""
        plain = orjson.dumps(self.root)
        yield from ((plain, orjson.dumps(one)) for one in self._with(self.root))

    def _parts(self, value: object) -> Iterator[tuple[object, Callable[[object], object]]]:
        """Each part of `value`, and how to put another in its place."""
        if isinstance(value, dict):
            for key, inner in value.items():
                yield inner, partial(_put, value, key)
        elif isinstance(value, list) and value:
            yield value[0], lambda new: [new, *value[1:]]

    def _with(self, value: object) -> Iterator[object]:
        if isinstance(value, dict):
            yield {**value, "surprise": "x"}
            value = {key: inner for key, inner in value.items() if key not in self.unread}
        for inner, put in self._parts(value):
            yield from map(put, self._with(inner))

    def _without(self, value: object) -> Iterator[object]:
        if isinstance(value, dict):
            yield from ({k: v for k, v in value.items() if k != gone} for gone in value)
        for inner, put in self._parts(value):
            yield from map(put, self._without(inner))

    def _odd(self, value: object) -> Iterator[object]:
        yield from (odd for odd in self.ODD if odd != value)
        for inner, put in self._parts(value):
            yield from map(put, self._odd(inner))


def _put(value: dict[str, object], key: str, new: object) -> dict[str, object]:
    return {**value, key: new}


class XmlBody:
    """XML. Elements of one path are alike to a reader, so the first of each stands for all.

    Chapters, the children of the root, are read one by one, so each is damaged in a document
    with only the first beside it, which says whose report it is.
    """

    ODD = ("", "?", "1.5", "9" * 40, "-1", "null", "--", " ", "2999-12-31", "示例")

    def __init__(self, content: bytes, unread: frozenset[str]) -> None:
        self.root = etree.fromstring(content)
        self.unread = unread

    def damaged(self, every: int) -> Iterator[bytes]:
        """Elements go at any depth, and the text of every leaf is replaced."""
        for nth, (document, target) in enumerate(self._places()):
            if len(target) == 0:
                yield from self._odd(document, target, self.ODD[nth % every :: every])
            yield self._without(document, target)

    def extended(self) -> Iterator[tuple[bytes, bytes]]:
        """Every element that holds others gets one more."""
        for document, target in self._places():
            if len(target) and target.tag not in self.unread:
                plain = etree.tostring(document, encoding="utf-8")
                new = etree.SubElement(target, "surprise")
                yield plain, etree.tostring(document, encoding="utf-8")
                target.remove(new)

    def _places(self) -> Iterator[tuple[etree._Element, etree._Element]]:
        """One element of each path, in a document small enough to be read often."""
        for chapter in self.root:
            document = etree.Element(self.root.tag)
            document.append(copy.deepcopy(self.root[0]))
            if chapter is not self.root[0]:
                document.append(copy.deepcopy(chapter))
            seen: set[str] = set()
            for target in document[-1].iter():
                kind = "/".join((*(str(up.tag) for up in target.iterancestors()), str(target.tag)))
                if kind not in seen:
                    seen.add(kind)
                    yield document, target

    def _odd(
        self, document: etree._Element, leaf: etree._Element, odd: Sequence[str]
    ) -> Iterator[bytes]:
        was = leaf.text
        for leaf.text in odd:
            yield etree.tostring(document, encoding="utf-8")
        leaf.text = was

    def _without(self, document: etree._Element, gone: etree._Element) -> bytes:
        parent = gone.getparent()
        assert parent is not None
        at = parent.index(gone)
        parent.remove(gone)
        content = etree.tostring(document, encoding="utf-8")
        parent.insert(at, gone)
        return content


def body_of(name: str, path: Path) -> Body:
    """The fixture, by its suffix."""
    content = path.read_bytes()
    return (
        JsonBody(content, UNREAD.get(name, frozenset()))
        if path.suffix == ".json"
        else XmlBody(content, UNREAD.get(name, frozenset()))
    )


def values(content: bytes) -> set[str]:
    """Every leaf of a report that is longer than a code."""
    if content.lstrip().startswith(b"<"):
        found: Iterator[str] = (str(t).strip() for t in etree.fromstring(content).itertext())
    else:
        body = orjson.loads(content)
        names = " ".join(_names(body))  # part of a field's name is nobody's data
        found = (text for text in _leaves(body) if text not in names)
    return {text for text in found if len(text) > CODE_CHARS}


def _names(value: object) -> Iterator[str]:
    if isinstance(value, dict | list):
        yield from value if isinstance(value, dict) else ()
        for inner in value.values() if isinstance(value, dict) else value:
            yield from _names(inner)


def _leaves(value: object) -> Iterator[str]:
    if isinstance(value, dict | list):
        for inner in value.values() if isinstance(value, dict) else value:
            yield from _leaves(inner)
    elif isinstance(value, str):
        yield value


def told(said: Report | NoHit | SourceError) -> str:
    """All that operators get to see of an outcome."""
    if isinstance(said, SourceError):
        return f"{said} {said.reason} {said.__cause__}"
    return " ".join(f"{i.where} {i.what}" for i in said.issues) if isinstance(said, Report) else ""


def try_read(source: Connector, name: str, content: bytes) -> Report | NoHit | SourceError:
    """What becomes of a report; any exception but a SourceError is the test's failure."""
    try:
        return source.read(raw(name, content))
    except SourceError as failure:
        return failure


def unknown_tags(report: Report) -> int:
    """How many parts of the report are in no document."""
    return sum(i.count for i in report.issues if i.kind is IssueKind.UNKNOWN_TAG)


def check_records(source: Connector, report: Report) -> None:
    """Each record is named, the source's own, and holds what the source declares."""
    ids = [record.record_id for record in report.records]

    assert report.source == source.name
    assert report.report_id == report_number.read(report.report_id)
    assert report.as_of.tzinfo is not None
    assert {record.source for record in report.records} <= {source.name}
    assert len(set(ids)) == len(ids)
    for record in report.records:
        held = items_of(record)
        assert held <= source.items
        assert {item.scope for item in held} <= {scope_of(record)}


@pytest.mark.parametrize("name", sorted({*SHIPPED, *DECLARED} - ASKED_AGAIN))
def test_is_asked_once_or_not_started(name: str) -> None:
    """A call that timed out may have been heard: the next is another inquiry, or another bill."""
    with pytest.raises(ConfigError, match=f"^sources.{name}.attempts: 1, "):
        connector(name, attempts=2)


@pytest.mark.parametrize("name", sorted(ASKED_AGAIN))
def test_what_leaves_nothing_behind_may_be_asked_again(name: str) -> None:
    """It starts with more than one attempt."""
    assert connector(name, attempts=2).name == name


@pytest.mark.parametrize("name", NAMES)
def test_has_a_fixture_with_records(name: str) -> None:
    """A source without a recorded body is a guess."""
    source = connector(name)
    said = [source.read(raw(name, p.read_bytes())) for p in FIXTURES.glob(f"{name}_*")]

    assert source.name == name
    assert any(isinstance(one, Report) and one.records for one in said)


@pytest.mark.parametrize("name", NAMES)
def test_every_item_it_declares_is_in_a_fixture(name: str) -> None:
    """An item nothing shows is one the lender is told it collects, and does not."""
    source = connector(name)
    said = [source.read(raw(name, p.read_bytes())) for p in FIXTURES.glob(f"{name}_*")]
    records = [record for one in said if isinstance(one, Report) for record in one.records]

    assert frozenset().union(*map(items_of, records)) == source.items


@pytest.mark.parametrize(("name", "path"), CASES)
def test_reads_its_fixture(name: str, path: Path) -> None:
    """Evidence has a name, an owner and a slice, and reading it twice says the same."""
    source, answer = connector(name), raw(name, path.read_bytes())
    before = answer.sha256
    said = source.read(answer)

    assert source.read(answer) == said
    assert answer.sha256 == before
    if isinstance(said, Report):
        check_records(source, said)


@pytest.mark.parametrize(
    "every", [3, pytest.param(1, marks=pytest.mark.slow)], ids=["some_ways", "all_ways"]
)
@pytest.mark.parametrize(("name", "path"), CASES)
def test_survives_damage_in_every_place(name: str, path: Path, every: int) -> None:
    """A broken source costs itself only, and nobody's data stands in what operators see of it."""
    source, original = connector(name), values(path.read_bytes())
    for content in body_of(name, path).damaged(every):
        said = try_read(source, name, content)

        if isinstance(said, Report):
            check_records(source, said)
        seen = told(said)
        assert [v for v in original | {"9" * 40, "2999-12-31"} if v in seen] == []


@pytest.mark.parametrize(("name", "path"), CASES)
def test_says_that_a_field_is_new(name: str, path: Path) -> None:
    """Nothing is silently dropped: a source that grows shows up as a counted issue."""
    source = connector(name)
    for without, content in body_of(name, path).extended():
        before, after = (try_read(source, name, one) for one in (without, content))

        if isinstance(before, Report) and isinstance(after, Report):
            assert unknown_tags(after) == unknown_tags(before) + 1


@pytest.mark.parametrize("name", NAMES)
@pytest.mark.parametrize(
    "content",
    [
        b"",
        b"\0",
        b"null",
        b"[]",
        b'"text"',
        b"{}",
        b"{" * 100_000,
        b"[" * 100_000,
        b"<a>" * 100_000,
        b"<!DOCTYPE a [<!ENTITY b 'c'>]><a>&b;</a>",
        b'{"a": NaN}',
        "示例".encode("utf-16"),
        b"\xff" * 1000,
    ],
    ids=lambda c: f"{c[:12]!r}x{len(c)}",
)
def test_rubbish_is_a_source_error(name: str, content: bytes) -> None:
    """Whatever a gateway in between sends instead of a report."""
    source = connector(name)
    for answer in (RawAnswer(content, NOON), raw(name, content)):
        with pytest.raises(SourceError):
            source.read(answer)


def digest_of_all() -> str:
    """One digest over what all sources read in all their fixtures."""
    whole = hashlib.sha256()
    for name in NAMES:
        source = connector(name)
        for path in sorted(FIXTURES.glob(f"{name}_*")):
            whole.update(repr(source.read(raw(name, path.read_bytes()))).encode())
    return whole.hexdigest()


def test_reading_does_not_depend_on_hash_order() -> None:
    """Replay is byte for byte, also by another process: an order taken from a set shows here."""
    digests = set()
    for seed in ("1", "2"):
        done = subprocess.run(  # noqa: S603 - our own interpreter on this very file
            [sys.executable, __file__],
            env={**os.environ, "PYTHONHASHSEED": seed, "PYTHONPATH": str(CONFIG.parent)},
            capture_output=True,
            check=True,
            timeout=60,
        )
        digests.add(done.stdout.strip())

    assert digests == {digest_of_all().encode()}


if __name__ == "__main__":
    sys.stdout.write(digest_of_all())
