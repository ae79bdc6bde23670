"""What data may reach the lender, by which route and under which licence: a start-up check.

What a source is (`Supply`), what a place demands of each route (`RouteRule`) and what it forbids
on every route (`Prohibition`) are data: `config/gateway.toml` and `config/jurisdictions/`. China
cut the direct line from platform to lender (断直连, notice of the PBOC Credit Bureau, July 2021):
a platform's data about a person takes the way platform, licensed bureau, lender
(征信业务管理办法, PBOC Order [2021] 4, art. 4, 5).

A declaration is believed: whoever writes `own_institution` over a platform's data is not found
out here, but it stands in the configuration, whose digest stands in every audit entry.
"""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from datetime import UTC, date, datetime, time, timedelta, timezone
from enum import StrEnum

from consent.data_items import DataItem, scopes_of
from consent.subject import Scope


class RouteKind(StrEnum):
    """Who hands the data to the lender."""

    DIRECT_PUBLIC = "direct_public"  # an authority that publishes it by law
    LICENSED_BUREAU = "licensed_bureau"  # a credit bureau, named after the colon
    OWN_INSTITUTION = "own_institution"  # the lender's own doings with the subject
    PLATFORM = "platform"  # anybody else, named after the colon


NAMED_ROUTES = frozenset({RouteKind.LICENSED_BUREAU, RouteKind.PLATFORM})


@dataclass(frozen=True, slots=True)
class Route:
    """In text: the kind alone, or `licensed_bureau:<id>` and `platform:<id>`."""

    kind: RouteKind
    by: str = ""

    def __str__(self) -> str:
        return f"{self.kind}:{self.by}" if self.by else str(self.kind)

    @classmethod
    def parse(cls, text: str) -> "Route":
        """Read the text form; ValueError says what would have been right."""
        kind, _, by = text.partition(":")
        if kind not in set(RouteKind) or (kind in NAMED_ROUTES) != bool(by):
            known = (f"{one}:<id>" if one in NAMED_ROUTES else str(one) for one in RouteKind)
            raise ValueError(f"one of {', '.join(known)}")
        return cls(RouteKind(kind), by)


@dataclass(frozen=True, slots=True)
class Licence:
    """What the one who delivers is allowed to do, through the day `valid_to`."""

    type: str
    number: str
    valid_to: date


@dataclass(frozen=True, slots=True)
class Supply:
    """How one source's data reaches the lender, as the configuration declares it."""

    route: Route
    delivers: frozenset[DataItem]
    licence: Licence | None = None


@dataclass(frozen=True, slots=True)
class RouteRule:
    """What a place demands of one route; `article` is its source.

    `scopes` may come this way and no other; `licences` are the types that allow it, none when it
    needs none. `instead` says which way is open to what may not.
    """

    article: str
    instead: str
    scopes: frozenset[Scope] = frozenset()
    licences: frozenset[str] = frozenset()


@dataclass(frozen=True, slots=True)
class Prohibition:
    """What may not be collected at all; `article` is its source."""

    article: str
    items: frozenset[DataItem]


@dataclass(frozen=True, slots=True)
class RouteLaw:
    """The routes of one place; its days begin `utc_offset_h` hours before those of UTC."""

    rules: Mapping[RouteKind, RouteRule]
    utc_offset_h: int = 0
    prohibited: Prohibition | None = None

    def licensed_until(self, supply: Supply) -> datetime | None:
        """The first instant the supply is no longer licensed; None when it needs no licence."""
        rule = self.rules.get(supply.route.kind)
        if rule is None or not rule.licences or supply.licence is None:
            return None
        here = timezone(timedelta(hours=self.utc_offset_h))
        after = supply.licence.valid_to + timedelta(days=1)
        return datetime.combine(after, time(), here).astimezone(UTC)

    def objections(self, supply: Supply, *, at: datetime) -> Iterator[str]:
        """Everything that stands against the supply at the instant `at` (aware)."""
        if self.prohibited is not None and (never := supply.delivers & self.prohibited.items):
            yield f"{', '.join(sorted(never))} may not be collected ({self.prohibited.article})"
        rule = self.rules.get(supply.route.kind)
        if rule is None:
            known = ", ".join(sorted(self.rules))
            yield f"there is no rule for the route {str(supply.route)!r}; there is for {known}"
            return
        barred = sorted(scopes_of(supply.delivers) - rule.scopes)
        if barred:
            yield (
                f"{', '.join(barred)} may not come by the route {str(supply.route)!r} "
                f"({rule.article}); instead: {rule.instead}"
            )
        if not rule.licences:
            return
        kinds = " or ".join(sorted(rule.licences))
        if supply.licence is None:
            said = f"the route {str(supply.route)!r} needs a license of type {kinds}"
            yield f"{said} ({rule.article})"
            return
        if supply.licence.type not in rule.licences:
            yield f"license.type is {kinds} on the route {str(supply.route)!r} ({rule.article})"
        ended = self.licensed_until(supply)
        if ended is not None and at >= ended:
            yield (
                f"the license ended with {supply.licence.valid_to} ({rule.article}); "
                "renew it or take the source out"
            )
