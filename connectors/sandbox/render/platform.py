"""A life as the bodies the lender's own systems push (docs/sources/app_logins.md)."""

from collections.abc import Iterator
from datetime import datetime, time

import orjson

from connectors.sandbox import platform
from connectors.sandbox.facts import CHINA, Life

APP_LOGINS, LOAN_PURPOSES = "app_logins", "loan_purposes"
_AT_ONCE = 100  # events of one push
_Json = dict[str, object]


def pushes(life: Life) -> Iterator[tuple[str, str, bytes]]:
    """Everything pushed about a life: source, webhook id, body."""
    for source, events in ((APP_LOGINS, logins(life)), (LOAN_PURPOSES, purposes(life))):
        for first in range(0, len(events), _AT_ONCE):
            batch = events[first : first + _AT_ONCE]
            yield source, f"{source}-{life.seed}-{life.index}-{first}", body(life, batch)


def body(life: Life, events: list[_Json]) -> bytes:
    """One push about the person, named by their document."""
    subject = {"id_type": "CN_RIC", "id_number": life.person.id_number}
    return orjson.dumps({"subject": subject, "events": events})


def logins(life: Life) -> list[_Json]:
    """The attempts to log in."""
    return [
        {
            "id": f"lg-{life.index}-{number}",
            "at": one.at.isoformat(),
            "outcome": one.outcome.value,
            "method": one.method,
            "device": one.device,
            "region": one.region,
        }
        for number, one in enumerate(platform.attempts(life))
    ]


def purposes(life: Life) -> list[_Json]:
    """The loans, each with what is known of it today."""
    return [
        {
            "id": f"lp-{one.number}",
            "at": datetime.combine(
                max([one.on, *(day for day, _, _ in one.seen)]), time(9), CHINA
            ).isoformat(),
            "declared_on": one.on.isoformat(),
            "declared": one.declared.value,
            "application": one.number,
            "amount": {"minor": one.amount, "currency": "CNY"},
            "observed": [
                {
                    "on": day.isoformat(),
                    "use": use.value,
                    "amount": {"minor": fen, "currency": "CNY"},
                }
                for day, use, fen in one.seen
            ],
        }
        for one in platform.declarations(life)
    ]
