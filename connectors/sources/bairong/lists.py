"""SpecialList_c, adverse lists: `sl_{key}[_{segment}]_{event}[_{count}]`.

`key` is what was matched on, `segment` whose list it is, `event` what for. A hit is 0 for the
subject, 1 and 2 for persons related to the subject in the first and second degree:

- the subject on a lender's, telephone company's or Bairong's own list is a `ListHit`;
- the subject on a court's list is a `PublicRecord`, which is the slice of a consent it belongs to;
- somebody related on a list is no statement about the subject: a `Metric` `related_<event>` with
  the degree, and never a hit;
- `_allnum` and `_orgnum` count entries and institutions: a `Metric`.

Keys `lm_cell` (a contact's number) and `gid` (a device) match on what we do not send; what they
say is about others, and is counted and left out. A segment that is not in the document, within
those that are not banks, is kept and counted; any other token that is not is counted only.
"""

import re
from collections.abc import Iterator

from connectors.records import IssueKind, ListHit, Metric, PublicRecord, Record
from connectors.sources.bairong.reading import NAME, TABLES, Grammar, Key, dotted
from consent.data_items import DataItem
from consent.subject import Scope

_HITS = TABLES.words("hit")
_SEGMENTS = TABLES.words("list")
_COURT = "court"
_COURT_EVENTS = TABLES.words("court")
_PATTERN = re.compile(
    r"sl_(?P<key>id|cell|lm_cell|gid)"
    r"(?:_(?P<segment>bank|p2p|court|phone|nbank(?:_(?:p2p|[a-z]{1,12}))?))?"
    r"_(?P<event>bad|overdue|fraud|lost|refuse|executed|abnormal)(?:_(?P<count>allnum|orgnum))?"
)
_OTHERS = frozenset({"lm_cell", "gid"})


def _read(found: re.Match[str], key: Key) -> Iterator[Record]:
    if found["key"] in _OTHERS:
        key.issues.add(IssueKind.OUT_OF_SCOPE, key.name, "matched on what is not sent, dropped")
        return
    segment = dotted(found["segment"] or "", _SEGMENTS, key)
    if found["count"]:
        number = key.count()
        if number is not None:
            yield _metric(found, key, segment, f"{found['event']}_{found['count']}", number)
        return
    hit = _HITS.get(key.value) if isinstance(key.value, str) else None
    if hit is None:
        key.issues.unknown_code(key.name, key.value)
    elif hit != "subject":
        degree = 1 if hit == "first_degree" else 2
        yield _metric(found, key, segment, f"related_{found['event']}", degree)
    elif segment == _COURT:
        yield _court(found, key)
    else:
        yield ListHit(
            source=NAME,
            record_id=key.name,
            as_of=key.day,
            list_kind="special",
            reason=found["event"],
            matched_on=found["key"],
            kept_by=segment or None,
        )


def _court(found: re.Match[str], key: Key) -> PublicRecord:
    status = _COURT_EVENTS.get(found["event"])
    if status is None:
        key.issues.unknown_field("", key.name, "not an event of courts in the document")
    return PublicRecord(
        source=NAME,
        record_id=key.name,
        as_of=key.day,
        kind="enforcement",
        authority=None,
        subject_matter=None,
        amount=None,
        filed=None,
        ended=None,
        status=status or found["event"],
    )


def _metric(found: re.Match[str], key: Key, segment: str, name: str, value: int) -> Metric:
    return Metric(
        source=NAME,
        record_id=key.name,
        as_of=key.day,
        scope=Scope.PUBLIC_RECORDS if segment == _COURT else Scope.BEHAVIOUR,
        name=name,
        window="all",
        value=value,
        unit="count" if found["count"] else "degree",
        key=found["key"],
        segment=segment,
    )


_ITEMS = frozenset(
    {
        DataItem.ENFORCEMENT,
        DataItem.PUBLIC_RECORD_SUMMARIES,
        DataItem.WARNING_LISTS,
        DataItem.BEHAVIOUR_SUMMARIES,
    }
)
LISTS = Grammar("sl_", _PATTERN, _read, _ITEMS)
