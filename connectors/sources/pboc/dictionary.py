"""The dictionary of the second-generation personal report: every tag, and where it goes.

`fields.csv` beside this file is the table. A row stands for one tag at one place of the tree:

- `path`    chapter, unit, segment, row group and tag, as in CCRC's report;
- `tables`  the code tables it is read with (`config/codes/pboc.csv`);
- `need`    1 when a report without it is worth an issue;
- `ahead`   1 when a date may lie after the report, such as a maturity;
- `record`  and `field`: the field of `connectors.records` the value goes to, or
            `check` (not kept; `detail` says against what it is checked),
            `segment` (names the slice of the metrics in its row),
            `ignored` (read by nobody; `note` says why);
- `detail`  of a `Metric`: its scope, window and unit; `else` when the tag is read only where
            another one for the same field is null;
- `recomputed`  of a `Metric`: `yes` when it is counted again from the details of the report
            (`recounts`), otherwise why not.

The tag grammar types a value (CCRC samples): the letter before the last two digits is D code,
I identifier, Q text, R date, J amount in yuan, S count; H before the tag marks a row group.
"""

import csv
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from pathlib import Path
from types import MappingProxyType

_TABLE = Path(__file__).with_name("fields.csv")

# Units that repeat inside their chapter; of any other one the report has at most one.
REPEATED_UNITS = frozenset(
    {"PB03", "PB04", "PD01", "PD02", "PD03", "PE01", "PF01", "PF02", "PF03", "PF04", "PF05",
     "PF06", "PF07", "PF08", "PG01", "PH01"}
)  # fmt: skip
REPEATED_LEAVES = frozenset({"PC010D01"})  # the factors of the score stand side by side

# Containers that are known and not read, with the reason.
IGNORED_GROUPS: Mapping[str, str] = MappingProxyType(
    {"PC02J": "2017 only, no published meaning: dropped from the product description in 2018"}
)

# Tags that only some revisions of the product description have: the later ones win.
REVISIONS: Mapping[str, str] = MappingProxyType(
    {
        "PA01BI03": "2017", "PC02J": "2017", "PD02AJ02": "2017", "PD02AD05": "2017",
        "PD01BR04": "2019", "PD02AI04": "2019", "PD02AJ03": "2019", "PD02AJ04": "2019",
        "PD03AD08": "2019", "PD03AQ02": "2019",
    }
)  # fmt: skip


@dataclass(frozen=True, slots=True)
class Leaf:
    """One tag at one place: what it is called, and where its value goes."""

    tag: str
    path: str
    tables: tuple[str, ...]
    needed: bool
    ahead: bool
    record: str
    field: str
    detail: str
    recomputed: str
    note: str
    label: str

    @property
    def kind(self) -> str:
        """The letter of the tag grammar: D, I, Q, R, J or S."""
        return self.tag[-3]


@dataclass(frozen=True, slots=True)
class Group:
    """A container: chapter, unit, segment or row group, with what may stand in it."""

    tag: str
    path: str
    leaves: Mapping[str, Leaf]
    groups: Mapping[str, "Group"]

    @property
    def repeats(self) -> bool:
        """It may stand there more than once; otherwise a second one is an issue."""
        return self.tag in REPEATED_UNITS or self.tag.endswith("H")


def parse(lines: Iterable[str]) -> tuple[Leaf, ...]:
    """Read the CSV form of the dictionary."""
    return tuple(
        Leaf(
            tag=row["path"].rpartition("/")[2],
            path=row["path"],
            tables=tuple(row["tables"].split()),
            needed=row["need"] == "1",
            ahead=row["ahead"] == "1",
            record=row["record"],
            field=row["field"],
            detail=row["detail"],
            recomputed=row["recomputed"],
            note=row["note"],
            label=row["cn_name"],
        )
        for row in csv.DictReader(lines, strict=True)
    )


def grow(leaves: Iterable[Leaf], path: str = "") -> Group:
    """The tree of containers that the paths of `leaves` describe, from `path` downwards."""
    depth = path.count("/") + 1 if path else 0
    here: dict[str, Leaf] = {}
    below: dict[str, list[Leaf]] = {}
    for leaf in leaves:
        steps = leaf.path.split("/")
        if len(steps) == depth + 1:
            here[leaf.tag] = leaf
        else:
            below.setdefault(steps[depth], []).append(leaf)
    return Group(
        tag=path.rpartition("/")[2],
        path=path,
        leaves=MappingProxyType(here),
        groups=MappingProxyType(
            {tag: grow(inner, f"{path}/{tag}" if path else tag) for tag, inner in below.items()}
        ),
    )


def _load() -> tuple[Leaf, ...]:
    with _TABLE.open(encoding="utf-8", newline="") as lines:
        return parse(lines)


LEAVES = _load()
ROOT = grow(LEAVES)


def group(path: str) -> Group:
    """The container at `path`, such as `PDA/PD01/PD01A`; KeyError when there is none."""
    found = ROOT
    for tag in path.split("/"):
        found = found.groups[tag]
    return found
