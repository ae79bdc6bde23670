"""The two segments of a payment grid, and how they are taken out of a report before it is parsed.

Grids are most of a report, and their rows repeat: a month and a symbol, a few hundred different
texts. So a grid whose text is exactly as CCRC writes it never becomes a tree: it is cut out, and a
number stands in its place (`<PD01D>=17</PD01D>`), so that the tree still says whose grid it is. A
grid that is in any way unusual stays, and every oddity in it gets a name (`grid`).

Nothing is cut out of a report with comments, CDATA, instructions or character references, in
which text is not what it seems, nor out of one that has `>=` itself: no number can be forged.
"""

import re
from dataclasses import dataclass

from lxml import etree

_ROWS_KEPT = 8192
_MARK = b"="


@dataclass(frozen=True, slots=True, eq=False)
class Segment:
    """One of the two segments: its tags and how CCRC writes its head and a row."""

    path: str
    row: str
    first: str
    last: str
    month: str
    status: str
    amount: str
    head: re.Pattern[bytes]
    cells: re.Pattern[bytes]

    @property
    def tag(self) -> str:
        """The tag of the segment itself."""
        return self.path.rpartition("/")[2]


def _form(*tags: str, amount: str = "") -> bytes:
    """A pattern of leaves side by side, each with digits or a repayment symbol in it.

    The leaf of an amount comes last and may be empty or `null`.
    """
    leaf = r"\s*<{0}>([0-9A-Z*#/.-]{{1,16}})</{0}>\s*"
    last = rf"\s*<{amount}>([0-9.-]{{0,16}}|null)</{amount}>\s*" if amount else ""
    return ("".join(leaf.format(tag) for tag in tags) + last).encode()


D = Segment(
    path="PDA/PD01/PD01D",
    row="PD01DH",
    first="PD01DR01",
    last="PD01DR02",
    month="PD01DR03",
    status="PD01DD01",
    amount="",
    head=re.compile(_form("PD01DR01", "PD01DR02")),
    cells=re.compile(_form("PD01DR03", "PD01DD01") + rb"</PD01DH>\s*"),
)
E = Segment(
    path="PDA/PD01/PD01E",
    row="PD01EH",
    first="PD01ER01",
    last="PD01ER02",
    month="PD01ER03",
    status="PD01ED01",
    amount="PD01EJ01",
    head=re.compile(_form("PD01ER01", "PD01ER02", "PD01ES01")),
    cells=re.compile(_form("PD01ER03", "PD01ED01", amount="PD01EJ01") + rb"</PD01EH>\s*"),
)


@dataclass(frozen=True, slots=True)
class Cut:
    """A segment as text: its head, and each row up to the next one."""

    of: Segment
    head: bytes
    rows: list[bytes]

    def element(self) -> etree._Element:
        """The same segment as a tree, for whoever finds it odd after all."""
        tag, row = self.of.tag.encode(), self.of.row.encode()
        body = b"".join(b"<%b>%b" % (row, text) for text in self.rows)
        return etree.fromstring(b"<%b>%b%b</%b>" % (tag, self.head, body, tag))


_NOTHING_DUE = frozenset({(), (b"0",), (b"",), (b"--",), (b"null",)})


class _Rows(dict[bytes, bool]):
    """Whether a row is as CCRC writes it; those with no amount or zero are remembered."""

    __slots__ = ("_of",)

    def __init__(self, of: Segment) -> None:
        super().__init__()
        self._of = of

    def __missing__(self, row: bytes) -> bool:
        found = self._of.cells.fullmatch(row)
        shared = found is None or found.groups()[2:] in _NOTHING_DUE
        if shared and len(self) < _ROWS_KEPT:
            self[row] = found is not None
        return found is not None


_FORMS = tuple((of, _Rows(of)) for of in (D, E))


def has(xml: bytes, mark: bytes) -> bool:
    """Whether `mark` is in `xml`; its second byte is rare, and one byte is found much faster."""
    return mark[1:2] in xml and mark in xml


_DECLARATION = re.compile(rb"\s*<\?xml\s+version\s*=[^<>?]*\?>")


def undeclared(xml: bytes) -> bytes:
    """`xml` without the declaration it may begin with; its charset was settled before."""
    found = _DECLARATION.match(xml)
    return xml[found.end() :] if found else xml


def plain(xml: bytes) -> bool:
    """Text stands for the tree: no markup is hidden, and every `<` begins or ends an element."""
    return not (has(xml, b"<!") or has(xml, b"<?") or has(xml, b"&#"))


def cut(xml: bytes) -> tuple[bytes, list[Cut]]:
    """Plain `xml` with numbers in place of usual grids, and the grids by number."""
    cuts: list[Cut] = []
    if b">" + _MARK in xml:
        return xml, cuts
    for of, known in _FORMS:
        tag = of.tag.encode()
        opened, closed, row = b"<%b>" % tag, b"</%b>" % tag, b"<%b>" % of.row.encode()
        kept, *pieces = xml.split(opened)
        left = [kept]
        for piece in pieces:
            body, end, rest = piece.partition(closed)
            head, *rows = body.split(row)
            if end and rows and of.head.fullmatch(head) and all(map(known.__getitem__, rows)):
                left.append(b"%b%b%d%b%b" % (opened, _MARK, len(cuts), closed, rest))
                cuts.append(Cut(of, head, rows))
            else:
                left.append(opened + piece)
        xml = b"".join(left)
    return xml, cuts


def number(text: str | None) -> int | None:
    """The number that stands in place of a grid, None for any other text."""
    mark = _MARK.decode()
    return int(text.removeprefix(mark)) if text and text.startswith(mark) else None
