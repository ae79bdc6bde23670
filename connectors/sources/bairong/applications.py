"""ApplyLoanStr, applications for credit: `als_{window}_{key}[_{segment}]_{metric}`.

Windows `d7` `d15` `m1` `m3` `m6` `m12` count back from the answer; `fst` and `lst` are the first
and the last application. Keys say what was matched on, `id` number or `cell` (mobile).

Every number becomes a `Metric` under the product's own word, with `window`, `key` and `segment`
(`nbank.mc`). Applications overlap with those other sources count and are never added to them.
Units: counts; `tot_mons` months; `...inteday` days; `avg_monnum`, which has two decimals, in
hundredths of an application a month.
"""

import re
from collections.abc import Iterator

from connectors.records import Metric, Record
from connectors.sources.bairong.reading import NAME, TABLES, Grammar, Key, dotted
from consent.data_items import DataItem
from consent.subject import Scope

_SEGMENTS = TABLES.words("segment")
_AVERAGE = re.compile(r"(\d{1,6})(?:\.(\d{1,2}))?", re.ASCII)

# The metric is told by the window, or `max_inteday` would read as segment `max`.
_WORDS = r"(?:p2p|[a-z]{1,12})(?:_(?:p2p|[a-z]{1,12})){0,2}?"
_PATTERN = re.compile(
    rf"als_(?:(?P<window>d7|d15|m1|m3|m6|m12)_(?P<key>id|cell)(?:_(?P<segment>{_WORDS}))?_"
    r"(?P<metric>selfnum|allnum|orgnum|tot_mons|(?:avg|max|min)_monnum|(?:max|min)_inteday)"
    rf"|(?P<edge>fst|lst)_(?P<edge_key>id|cell)(?:_(?P<edge_segment>{_WORDS}))?_"
    r"(?P<edge_metric>inteday|consnum|csinteday))"
)


def _read(found: re.Match[str], key: Key) -> Iterator[Record]:
    segment = dotted(found["segment"] or found["edge_segment"] or "", _SEGMENTS, key)
    metric = found["metric"] or found["edge_metric"]
    number = _hundredths(key) if metric == "avg_monnum" else key.count()
    if number is not None:
        yield Metric(
            source=NAME,
            record_id=key.name,
            as_of=key.day,
            scope=Scope.INQUIRIES,
            name=metric,
            window=found["window"] or found["edge"],
            value=number,
            unit=_unit(metric),
            key=found["key"] or found["edge_key"],
            segment=segment,
        )


def _unit(metric: str) -> str:
    if metric == "avg_monnum":
        return "count_hundredths"
    if metric == "tot_mons":
        return "months"
    return "days" if metric.endswith("inteday") else "count"


def _hundredths(key: Key) -> int | None:
    found = _AVERAGE.fullmatch(key.value) if isinstance(key.value, str) else None
    if found is None:
        key.odd()
        return None
    return int(found[1]) * 100 + int((found[2] or "").ljust(2, "0"))


APPLICATIONS = Grammar("als_", _PATTERN, _read, frozenset({DataItem.INQUIRY_SUMMARIES}))
