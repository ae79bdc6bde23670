"""One pass over the tree of a report, and the account of what was not read.

The readers take what the dictionary names, quickly, and count the elements they took. Only when
elements are left over does `audit` walk the whole tree and say which: unknown ones, known ones
in the wrong place, repeated ones. So the usual report pays nothing for the check, and none of
its elements can go missing unnoticed.
"""

from collections.abc import Iterable, Mapping
from types import MappingProxyType
from typing import cast

from lxml import etree

from connectors.errors import SourceBrokeContract
from connectors.records import IssueKind
from connectors.sources.pboc import dictionary
from connectors.sources.pboc.dictionary import (
    IGNORED_GROUPS,
    REPEATED_LEAVES,
    REVISIONS,
    Group,
)
from connectors.sources.pboc.issues import Issues, is_tag
from connectors.sources.pboc.segments import Cut, cut, has, number, plain, undeclared
from connectors.sources.pboc.values import NULLS, Raw, count

Element = etree._Element  # noqa: SLF001 - lxml's public type has a private name

_ELEMENTS = etree.XPath("count(//*)")
_BOM = b"\xef\xbb\xbf"

# Row group to the tag that says how many rows there are.
_COUNTS: Mapping[str, str] = MappingProxyType(
    {
        leaf.field: leaf.tag
        for leaf in dictionary.LEAVES
        if leaf.record == "check" and leaf.detail == "count"
    }
)

# Containers in which a tag may tell the revision of the product description.
_MARKED = frozenset(
    leaf.path.rpartition("/")[0] for leaf in dictionary.LEAVES if leaf.tag in REVISIONS
)
_NEWEST = max(REVISIONS.values())
_KNOWN = frozenset(step for leaf in dictionary.LEAVES for step in leaf.path.split("/"))


def parse(source: str, xml: bytes) -> Element:
    """Parse UTF-8 bytes; entities, DTDs and the network are off and sizes bounded by libxml2.

    A DOCTYPE is refused before anything is parsed: it is of no use here but for an attack.
    """
    if has(xml, b"<!DOCTYPE") or has(xml, b"<!ENTITY"):
        raise SourceBrokeContract(source, "doctype", "the XML has a DOCTYPE or entities")
    parser = etree.XMLParser(
        encoding="utf-8",
        resolve_entities=False,
        load_dtd=False,
        no_network=True,
        huge_tree=False,
        remove_comments=True,
        remove_pis=True,
        collect_ids=False,
    )
    try:
        return etree.fromstring(xml, parser)
    except (etree.XMLSyntaxError, ValueError):
        # The cause quotes the line it stumbled over.
        raise SourceBrokeContract(source, "not_xml", "the XML is not well-formed") from None


class Walk:
    """Takes containers and leaves out of the tree and counts what it took."""

    __slots__ = ("_cuts", "_elements", "_marks", "_newer", "issues", "root", "taken")

    def __init__(self, source: str, xml: bytes, issues: Issues) -> None:
        self._elements: int | None = None
        self._cuts: list[Cut] = []
        xml = undeclared(xml.removeprefix(_BOM))
        if plain(xml):
            xml, self._cuts = cut(xml)
            self._elements = xml.count(b"<") - xml.count(b"</")
        self.root = parse(source, xml)
        self.issues = issues
        self.taken = 1
        self._marks: set[str] = set()
        self._newer = False

    def parts(self, element: Element, group: Group) -> dict[str, Element]:
        """The containers in `element` by tag; of a repeated one the last."""
        found = cast("dict[str, Element]", {child.tag: child for child in element})
        known = group.groups.keys()
        if found.keys() <= known:
            self.taken += len(found)
        else:
            self.taken += len(found.keys() & known)
            self._mark(found)
        return found

    def leaves(self, element: Element | None, group: Group) -> Raw:
        """The texts of the leaves in `element` by tag; of a repeated one the last."""
        if element is None:
            return {}
        found = cast("dict[str, str | None]", {leaf.tag: leaf.text for leaf in element})
        known = group.leaves.keys()
        self.taken += len(found) if found.keys() <= known else len(found.keys() & known)
        if group.path in _MARKED:
            self._mark(found)
        return found

    def cut_out(self, element: Element) -> Cut | None:
        """The grid that stood in `element`; None when it stands there still."""
        place = number(element.text)
        return None if place is None or not self._cuts else self._cuts[place]

    def _mark(self, tags: Iterable[str]) -> None:
        self._marks.update(tag for tag in tags if tag in REVISIONS)

    @property
    def revision(self) -> str:
        """The year of the product description: the latest one a tag met so far tells.

        Empty when none tells. `or later` after `finish` met a tag of CCRC's form that even the
        latest one does not have.
        """
        year = max(map(REVISIONS.__getitem__, self._marks), default="")
        return f"{year} or later" if self._newer and year == _NEWEST else year

    def rows(self, element: Element | None, group: Group, tag: str, raw: Raw) -> list[Raw]:
        """The rows `tag` in `element`; `raw` are its own leaves, which say how many."""
        if element is None:
            return []
        inner = group.groups[tag]
        found = [self.leaves(row, inner) for row in element.iterchildren(tag)]
        self.taken += len(found)
        self.counted(raw, tag, len(found))
        return found

    def counted(self, raw: Raw, tag: str, rows: int) -> None:
        """Where the report says how many rows `tag` there are, another number is an issue."""
        count_tag = _COUNTS.get(tag, "")
        said = (raw.get(count_tag) or "").strip()
        if said in NULLS:
            return
        try:
            if count(said) != rows:
                self.issues.add(IssueKind.CONTRADICTION, count_tag, f"not the number of {tag}")
        except ValueError:
            self.issues.bad_value(count_tag, said, "a count")

    def finish(self) -> None:
        """Say what was not taken, if anything was left, and which tags of one year do not fit."""
        elements = self._elements
        if elements is None:
            elements = int(cast("float", _ELEMENTS(self.root)))
        if elements != self.taken:
            self._newer = audit(self.root, dictionary.ROOT, self.issues)
        years = {REVISIONS[tag] for tag in self._marks}
        if len(years) > 1:
            for tag in sorted(tag for tag in self._marks if REVISIONS[tag] != max(years)):
                what = f"of {REVISIONS[tag]}, beside tags of {max(years)}"
                self.issues.add(IssueKind.CONTRADICTION, tag, what)


def audit(element: Element, group: Group, issues: Issues) -> bool:
    """Count every element under `element` that the dictionary does not have there.

    True when one of them is a tag of CCRC's form that it has nowhere: that of a later revision.
    """
    seen: set[str] = set()
    newer = False
    for child in element:
        tag = str(child.tag)
        inner = group.groups.get(tag)
        if tag in IGNORED_GROUPS:
            continue
        if inner is None and tag not in group.leaves:
            issues.element(group.path, tag)
            newer |= is_tag(tag) and tag not in _KNOWN
            continue
        repeats = inner.repeats if inner is not None else tag in REPEATED_LEAVES
        if tag in seen and not repeats:
            issues.add(IssueKind.DUPLICATE, f"{group.path}/{tag}".lstrip("/"), "repeated")
        seen.add(tag)
        if inner is not None:
            newer |= audit(child, inner, issues)
        elif len(child):
            issues.element(tag, str(child[0].tag), "inside a value")
    return newer
