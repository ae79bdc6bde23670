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
    REVISION_WITHOUT_MARK,
    REVISIONS,
    Group,
)
from connectors.sources.pboc.issues import Issues
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


def parse(source: str, xml: bytes) -> Element:
    """Parse UTF-8 bytes; entities, DTDs and the network are off and sizes bounded by libxml2.

    A DOCTYPE is refused before anything is parsed: it is of no use here but for an attack.
    """
    if b"<!DOCTYPE" in xml or b"<!ENTITY" in xml:
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
        return etree.fromstring(xml.removeprefix(_BOM), parser)
    except (etree.XMLSyntaxError, ValueError):
        # The cause quotes the line it stumbled over.
        raise SourceBrokeContract(source, "not_xml", "the XML is not well-formed") from None


class Walk:
    """Takes containers and leaves out of the tree and counts what it took."""

    __slots__ = ("_revisions", "issues", "root", "taken")

    def __init__(self, root: Element, issues: Issues) -> None:
        self.root = root
        self.issues = issues
        self.taken = 1
        self._revisions: set[str] = set()

    def parts(self, element: Element, group: Group) -> dict[str, Element]:
        """The containers in `element` by tag; of a repeated one the last."""
        found = {str(child.tag): child for child in element}
        self.taken += len(found.keys() & group.groups.keys())
        if not found.keys().isdisjoint(IGNORED_GROUPS):
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

    def _mark(self, tags: Iterable[str]) -> None:
        self._revisions.update(REVISIONS[tag] for tag in tags if tag in REVISIONS)

    @property
    def revision(self) -> str:
        """The year of the product description, as far as the tags met so far tell."""
        return max(self._revisions, default=REVISION_WITHOUT_MARK)

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
        """The report says how many rows there are: another number is an issue."""
        said = (raw.get(_COUNTS[tag]) or "").strip()
        if said in NULLS:
            return
        try:
            if count(said) != rows:
                self.issues.add(IssueKind.CONTRADICTION, _COUNTS[tag], f"not the number of {tag}")
        except ValueError:
            self.issues.bad_value(_COUNTS[tag], said, "not a count")

    def finish(self) -> None:
        """Say what was not taken, if anything was left."""
        if int(cast("float", _ELEMENTS(self.root))) != self.taken:
            audit(self.root, dictionary.ROOT, self.issues)


def audit(element: Element, group: Group, issues: Issues) -> None:
    """Count every element under `element` that the dictionary does not have there."""
    seen: set[str] = set()
    for child in element:
        tag = str(child.tag)
        inner = group.groups.get(tag)
        if tag in IGNORED_GROUPS:
            continue
        if inner is None and tag not in group.leaves:
            issues.unknown_tag(group.path, tag)
            continue
        repeats = inner.repeats if inner is not None else tag in REPEATED_LEAVES
        if tag in seen and not repeats:
            issues.add(IssueKind.DUPLICATE, f"{group.path}/{tag}".lstrip("/"), "repeated")
        seen.add(tag)
        if inner is not None:
            audit(child, inner, issues)
        elif len(child):
            issues.unknown_tag(tag, str(child[0].tag), "inside a value")
