"""Two regions that are on no map, and how risky lending has been there."""

from collections.abc import Iterator
from datetime import date

from connectors.money import Month
from consent.identity import TEST_REGION

TROUBLED = "999998"
"""Where a large employer closed five months ago; as calm as the other one before."""
REGIONS = frozenset({TEST_REGION, TROUBLED})
_MONTHS = 24
_CALM = (33, 35, 34)
_TROUBLE = (78, 74, 67, 58, 44)  # of the last finished months, newest first


def index(region: str, today: date) -> Iterator[tuple[Month, int]]:
    """The finished months up to `today`, newest first, 0 to 100; more is riskier."""
    for ago in range(_MONTHS):
        month = Month.of(today).plus(-1 - ago)
        troubled = region == TROUBLED and ago < len(_TROUBLE)
        yield month, _TROUBLE[ago] if troubled else _CALM[month.month % len(_CALM)]
