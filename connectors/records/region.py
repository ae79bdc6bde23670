"""How risky lending is where somebody is from; no fact about the person."""

from dataclasses import dataclass
from datetime import date

from connectors.money import Month


@dataclass(frozen=True, slots=True, kw_only=True)
class RegionMonth:
    """How risky lending in a region was in one month: 0 to 100, more is riskier."""

    month: Month
    index: int


@dataclass(frozen=True, slots=True, kw_only=True)
class RegionIndex:
    """The risk of lending in a region, month by month: about a region, not about a person.

    `region` is a GB/T 2260 code, `chosen_by` what ties the subject to it: `id_number`, the region
    inside their identity number. `months` newest first, none twice.
    """

    source: str
    record_id: str
    as_of: date
    region: str
    chosen_by: str
    months: tuple[RegionMonth, ...]
