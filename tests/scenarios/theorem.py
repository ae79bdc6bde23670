"""What must hold of any audit log, whatever happened: read off the entries alone."""

from collections.abc import Iterator, Sequence
from typing import Any

Entry = dict[str, Any]

_USED = {"profile.release", "profile.read", "ingest.accepted"}


def after_withdrawal(log: Sequence[Entry]) -> Iterator[Entry]:
    """Disclosures, and events taken in, that came too late; `log` is in the order of its indices.

    The theorem: for every `profile.release(consent, epoch e)` no `consent.withdrawn(consent)`
    has a lower index and an epoch >= e. The same is asked of reads and of what is pushed.
    """
    ended: dict[str, int] = {}
    for entry in log:
        consent = entry["consent"]
        if entry["type"] == "consent.withdrawn":
            ended[consent["id"]] = consent["epoch"]
        elif entry["type"] in _USED and ended.get(consent["id"], -1) >= consent["epoch"]:
            yield entry


def without_intent(log: Sequence[Entry]) -> Iterator[Entry]:
    """Ends of fetches that nobody had said were to begin."""
    intended: set[tuple[str, str]] = set()
    for entry in log:
        fetch = (entry["req"], entry["source"])
        if entry["type"] == "fetch.intended":
            intended.add(fetch)
        elif entry["type"].startswith("fetch.") and fetch not in intended:
            yield entry
