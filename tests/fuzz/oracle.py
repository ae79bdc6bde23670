"""What a change to a report must show, for the fuzz target and the damage tests.

Written against CCRC's product description and not against the reader: what repeats is listed
here once more, since a reader that takes a chapter for a row (PRH ends in H) would excuse itself.
"""

from collections.abc import Iterator
from copy import deepcopy

from lxml import etree

from connectors.records import IssueKind, Report
from connectors.sources.pboc import dictionary
from connectors.sources.pboc.dictionary import Group, Leaf
from connectors.sources.pboc.values import NULLS, YUAN, words

UNITS = frozenset(
    {"PB03", "PB04", "PD01", "PD02", "PD03", "PE01", "PF01", "PF02", "PF03", "PF04", "PF05",
     "PF06", "PF07", "PF08", "PG01", "PH01"}
)  # fmt: skip
_ROW = 6  # letters of a row group, PD01DH; PC02H and PD01H are segments


def place(element: etree._Element) -> str:
    """Where `element` stands, as the dictionary writes it: `PDA/PD01/PD01A/PD01AI01`."""
    above = [str(one.tag) for one in element.iterancestors()]
    return "/".join([*reversed(above[:-1]), str(element.tag)])


def known(element: etree._Element) -> Leaf | Group | None:
    """What the dictionary has there; None when it has nothing."""
    *above, tag = place(element).split("/")
    group = dictionary.ROOT
    for step in above:
        if step not in group.groups:
            return None
        group = group.groups[step]
    return group.leaves.get(tag) or group.groups.get(tag)


def repeats(tag: str) -> bool:
    """Whether the document has `tag` more than once in its container."""
    return tag in UNITS or tag == "PC010D01" or (len(tag) == _ROW and tag.endswith("H"))


def once(element: etree._Element) -> bool:
    """A second `element` beside this one is a mistake, wherever else the report is damaged."""
    return known(element) is not None and not repeats(str(element.tag))


def read_as(element: etree._Element) -> Leaf | None:
    """The leaf that `element` is to the reader, None for containers and what nobody reads.

    A tag that counts only where another one is null may be said in vain.
    """
    found = known(element)
    read = isinstance(found, Leaf) and found.record != "ignored" and found.detail != "else"
    return found if read and isinstance(found, Leaf) else None


def missed(element: etree._Element) -> bool:
    """In a sound report, `element` cannot go without a trace.

    Not so with what is only compared (a count, a window), null, said a second time (a month of
    PD01D that PD01E has) or what is understood when it is not said (yuan, another kind of note).
    """
    leaf, text = read_as(element), (element.text or "").strip()
    if leaf is None or leaf.record == "check" or text in NULLS:
        return False
    if leaf.field.endswith("currency") and text == YUAN:
        return False
    if leaf.tables and words(leaf).get(text) == "other":
        return False
    account = next(element.iterancestors("PD01"), None)
    if account is None or not leaf.path.startswith("PDA/PD01/PD01D/"):
        return True
    row = element.getparent()
    month = None if row is None else row.findtext("PD01DR03")
    return month not in {found.text for found in account.iterfind("PD01E/PD01EH/PD01ER03")}


def small(root: etree._Element) -> Iterator[etree._Element]:
    """Reports with the header of `root` and one unit each: quick to read, and all of it."""
    for chapter in root:
        for unit in chapter:
            one = etree.Element(root.tag)
            if chapter.tag != "PRH":
                one.append(deepcopy(root[0]))
            etree.SubElement(one, chapter.tag).append(deepcopy(unit))
            yield one


def one_of_each(root: etree._Element) -> Iterator[tuple[etree._Element, etree._Element]]:
    """A small report for each place of the dictionary, account types apart, and its element."""
    seen: set[tuple[str, str]] = set()
    for one in small(root):
        kind = one.findtext("PDA/PD01/PD01A/PD01AD01") or ""
        for element in list(one.iterdescendants(etree.Element)):
            at = (place(element), kind if element.tag.startswith("PD01") else "")
            if at not in seen:
                seen.add(at)
                yield one, element


def doubled(report: Report) -> int:
    """How many elements the report is said to have more often than once."""
    return sum(issue.count for issue in report.issues if issue.kind is IssueKind.DUPLICATE)
