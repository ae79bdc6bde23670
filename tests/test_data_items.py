"""docs/data_items.md: every item has its line, and every source with what it delivers."""

import re
from pathlib import Path

from consent.data_items import DataItem, by_scope
from consent.routes import Supply
from gateway import settings

ROOT = Path(__file__).resolve().parents[1]
PAGE = (ROOT / "docs" / "data_items.md").read_text()


def line(source: str, supply: Supply) -> str:
    """The line of a source."""
    held = by_scope(supply.delivers).items()
    delivers = "; ".join(f"{scope}: {', '.join(items)}" for scope, items in held)
    licence = f"`{supply.licence.type}`" if supply.licence else "none"
    return f"| `{source}` | `{supply.route}` | {licence} | {delivers} |"


def test_every_item_has_its_line() -> None:
    """Whoever writes a notice takes the words from here."""
    vocabulary = PAGE.partition("## The vocabulary")[2].partition("\n## ")[0]
    told = re.findall(r"^\| `(\w+)` \| `(\w+)` \| \S", vocabulary, flags=re.MULTILINE)

    assert told == [(item.value, item.scope.value) for item in DataItem]


def test_every_source_has_its_line() -> None:
    """Whoever audits a lender sees what it collects, from whom, and by whose licence."""
    loaded = settings.load(ROOT / "config")
    told = PAGE.partition("| source | route |")[2].splitlines()[2:]

    assert told == [line(source, supply) for source, supply in loaded.supplies.items()]


def test_items_stand_under_their_scope_once() -> None:
    """A message or a reply that lists them leaves none out and repeats none."""
    held = by_scope(frozenset(DataItem))

    assert sorted(item for items in held.values() for item in items) == sorted(DataItem)
    assert all(item.scope is scope for scope, items in held.items() for item in items)
