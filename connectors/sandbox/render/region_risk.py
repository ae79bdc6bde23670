"""A region as the lender's own table answers it: the form is ours (docs/sources/region_risk.md)."""

from collections.abc import Iterable
from datetime import date, datetime

import orjson

from connectors.money import Month
from connectors.sandbox.facts import CHINA
from connectors.sandbox.regions import REGIONS, index


def answer(region: str, today: date, at: datetime) -> bytes:
    """Its months; none of a region the table does not hold."""
    return _answer(region, index(region, today) if region in REGIONS else (), at)


def unheld(region: str, at: datetime) -> bytes:
    """A table that does not hold the region."""
    return _answer(region, (), at)


def _answer(region: str, rows: Iterable[tuple[Month, int]], at: datetime) -> bytes:
    months = [{"month": str(month), "index": value} for month, value in rows]
    published = at.astimezone(CHINA).date().isoformat()
    return orjson.dumps({"region": region, "published": published, "months": months})
