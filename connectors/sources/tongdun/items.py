"""Risk items, each in one of the shapes of `item_detail`."""

import re
from collections.abc import Callable, Iterator, Mapping
from types import MappingProxyType

from connectors.money import PartialDate
from connectors.normalise.json_body import Json
from connectors.normalise.years import OLDEST
from connectors.records import IssueKind, ListHit, PublicRecord, Record
from connectors.sources.tongdun.reading import NAME, TABLES, Item, Reading

_GROUPS = TABLES.words("group")
_PLATFORMS = TABLES.words("platform")
_MATCHES = TABLES.words("dimension")
_FREQUENCIES = TABLES.words("frequency")
_COURTS = TABLES.words("court")
_LEVELS = MappingProxyType({"low": 1, "medium": 2, "high": 3})
_LISTS = MappingProxyType({"black_list": "black", "grey_list": "grey"})
_WINDOW_UNITS = MappingProxyType({"天": "d", "个月": "m", "月": "m", "年": "y"})
_UNIT = r"(?:天|个月|月|年)"
_WINDOW = re.compile(rf"(\d{{1,3}})({_UNIT})", re.ASCII)
_PLATFORM = re.compile(r"(.{1,30})[:：](\d{1,6})", re.ASCII)  # both colons occur
_FREQUENCY = re.compile(  # 7天内手机号申请次数：5, 3个月身份证关联邮箱数：20
    rf"(?:\d{{1,3}}{_UNIT}内?)?(.{{1,30}})[:：](\d{{1,6}})", re.ASCII
)
_DAY = re.compile(r"(\d{4})[-年](\d{1,2})[-月](\d{1,2})日?", re.ASCII)

_ITEM = frozenset({"item_id", "item_name", "group", "risk_level", "item_detail"})


def records(reading: Reading, value: Json) -> Iterator[Record]:
    """What all risk items say."""
    for where, found in reading.items("risk_items", value):
        reading.known("risk_items", found, _ITEM)
        group = reading.text("risk_items.group", found.get("group"))
        name = reading.text("risk_items.item_name", found.get("item_name")) or ""
        if group is None or group not in _GROUPS:
            reading.issues.unknown_code("risk_items.group", group)
        item = Item(reading, where, _GROUPS.get(group or "", "other"), _window(name))
        level = reading.text("risk_items.risk_level", found.get("risk_level"))
        number = reading.count("risk_items.item_id", found.get("item_id"))
        if level is not None and level in _LEVELS:
            segment = "" if number is None else str(number)
            yield item.metric("", item.group, _LEVELS[level], unit="code", segment=segment)
        else:
            reading.issues.unknown_code("risk_items.risk_level", level)
        yield from _details(item, found.get("item_detail"))


def _window(name: str) -> str:
    found = _WINDOW.search(name)
    return f"{_WINDOW_UNITS[found[2]]}{int(found[1])}" if found else "all"


def _details(item: Item, value: Json) -> Iterator[Record]:
    where = "item_detail"
    found = item.reading.object(where, value)
    shapes = [field for field in found if field in _SHAPES]
    known = {"type", *(name for field in shapes for name in _SHAPES[field][1])}
    item.reading.known(where, found, known)
    if found and not shapes:
        item.reading.issues.add(IssueKind.UNKNOWN_CODE, where, "none of the four shapes")
    done: set[str] = set()
    for field in shapes:
        read, names = _SHAPES[field]
        if not done.intersection(names):
            done.update(names)
            yield from read(item, found)


def _platforms(item: Item, found: Mapping[str, Json]) -> Iterator[Record]:
    """How many platforms, in all and by what was matched on."""
    name, where = item.group, "platform_detail_dimension"
    total = item.reading.count("platform_count", found.get("platform_count"))
    if total is not None:
        yield item.metric(".platform_count", f"{name}_count", total)
    yield from _classes(item, "platform_detail", found.get("platform_detail"), key="")
    for path, part in item.reading.items(where, found.get(where)):
        item.reading.known(where, part, {"dimension", "count", "detail"})
        text = item.reading.text(f"{where}.dimension", part.get("dimension"))
        key = _MATCHES.get(text or "")
        if key is None:
            item.reading.issues.unknown_code(f"{where}.dimension", text)
            continue
        count = item.reading.count(f"{where}.count", part.get("count"))
        if count is not None:
            yield item.metric(f".{path}", f"{name}_count", count, key=key)
        yield from _classes(item, f"{path}.detail", part.get("detail"), key=key)


def _classes(item: Item, where: str, value: Json, *, key: str) -> Iterator[Record]:
    """`小额贷款公司:2`: platforms of one class."""
    spot = re.sub(r"\[\d+\]", "", where)
    for path, text in item.reading.texts(where, value):
        found = _PLATFORM.fullmatch(text)
        if found is None:
            item.reading.issues.bad_value(spot, text, "a class and a count")
            continue
        segment = _PLATFORMS.get(found[1].strip())
        if segment is None:
            item.reading.issues.unknown_code(spot, found[1])
        yield item.metric(
            f".{path}", f"{item.group}_count", int(found[2]), key=key, segment=segment or "unknown"
        )


def _overdue(item: Item, found: Mapping[str, Json]) -> Iterator[Record]:
    """How often and how badly overdue."""
    times = item.reading.count("discredit_times", found.get("discredit_times"))
    if times is not None:
        yield item.metric(".discredit_times", "discredit_times", times)
    for path, part in item.reading.items("overdue_details", found.get("overdue_details")):
        item.reading.known("overdue_details", part, _OVERDUE_UNITS.keys())
        for field, unit in _OVERDUE_UNITS.items():
            number = item.reading.count(f"overdue_details.{field}", part.get(field))
            if number is not None:
                yield item.metric(f".{path}.{field}", field, number, unit=unit)


_OVERDUE_UNITS = MappingProxyType(
    {"overdue_amount": "unknown", "overdue_count": "count", "overdue_day": "days"}
)


def _frequencies(item: Item, found: Mapping[str, Json]) -> Iterator[Record]:
    """How often something happened, as prose; the values behind it belong to others."""
    where = "frequency_detail_list"
    for path, part in item.reading.items(where, found.get(where)):
        item.reading.known(where, part, {"detail", "data"})
        for _ in item.reading.texts(f"{where}.data", part.get("data")):
            item.reading.issues.add(IssueKind.OUT_OF_SCOPE, f"{where}.data", "of others, dropped")
        text = item.reading.text(f"{where}.detail", part.get("detail"))
        if text is None:
            continue
        told = _FREQUENCY.fullmatch(text)
        name = _FREQUENCIES.get(told[1]) if told else None
        if told is None or name is None:
            item.reading.issues.bad_value(f"{where}.detail", text, "a known count")
            continue
        window = Item(item.reading, item.where, item.group, _window(text))
        yield window.metric(f".{path}", name, int(told[2]))


def _lists(item: Item, found: Mapping[str, Json]) -> Iterator[Record]:
    """Warning lists and courts."""
    where = "namelist_hit_details"
    for path, part in item.reading.items(where, found.get(where)):
        item.reading.known(where, part, _HIT)
        kind = item.reading.text(f"{where}.type", part.get("type"))
        if kind == "fuzzy_list":
            item.reading.issues.add(IssueKind.OUT_OF_SCOPE, where, "perhaps of others, dropped")
            continue
        yield from _courts(item, path, part.get("court_details"))
        if kind is None or kind not in _LISTS:
            item.reading.issues.unknown_code(f"{where}.type", kind)
            continue
        matched = item.reading.text(f"{where}.hit_type", part.get("hit_type_displayname"))
        if matched is not None and matched not in _MATCHES:
            item.reading.issues.unknown_code(f"{where}.hit_type", matched)
        yield ListHit(
            source=NAME,
            record_id=f"{item.where}.{path}",
            as_of=item.reading.day,
            list_kind=_LISTS[kind],
            reason=item.reading.text(f"{where}.fraud_type", part.get("fraud_type")),
            matched_on=_MATCHES.get(matched or ""),
            description=item.reading.text(f"{where}.description", part.get("description")),
        )


_HIT = frozenset(
    {
        "type", "description", "fraud_type", "hit_type_displayname", "court_details",
        "fuzzy_detail_hits",
    }
)  # fmt: skip


def _courts(item: Item, path: str, value: Json) -> Iterator[Record]:
    where = "court_details"
    for at, part in item.reading.items(where, value):
        item.reading.known(where, part, _COURT)
        text = item.reading.text(f"{where}.fraud_type", part.get("fraud_type"))
        kind = _COURTS.get(text or "")
        if kind is None:
            item.reading.issues.unknown_code(f"{where}.fraud_type", text)
            continue
        details = (
            (ours, item.reading.text(f"{where}.{theirs}", part.get(theirs)))
            for ours, theirs in _COURT_DETAILS
        )
        yield PublicRecord(
            source=NAME,
            record_id=f"{item.where}.{path}.{at}",
            as_of=item.reading.day,
            kind="enforcement",
            authority=item.reading.text(f"{where}.court_name", part.get("court_name")),
            subject_matter=item.reading.text(f"{where}.duty", part.get("duty")),
            amount=None,
            filed=_day(item.reading, f"{where}.filing_time", part.get("filing_time")),
            ended=None,
            status=kind,
            outcome=item.reading.text(f"{where}.discredit_detail", part.get("discredit_detail")),
            details=tuple((name, said) for name, said in details if said),
        )


_COURT_DETAILS = (
    ("case_number", "case_number"),
    ("basis", "execution_base"),
    ("region", "province"),
)
_COURT = frozenset(
    {
        "fraud_type", "court_name", "filing_time", "duty", "discredit_detail", "case_number",
        "execution_base", "province",
        "name", "age", "gender", "id_number",  # of the person asked about: known already
    }
)  # fmt: skip


def _day(reading: Reading, where: str, value: Json) -> PartialDate | None:
    text = reading.text(where, value)
    found = _DAY.fullmatch(text) if text else None
    try:
        day = PartialDate(int(found[1]), int(found[2]), int(found[3])) if found else None
    except ValueError:
        day = None
    if text is not None and (day is None or day.year < OLDEST or day.earliest() > reading.day):
        reading.issues.bad_value(where, text, "a day up to the report")
        return None
    return day


_Read = Callable[[Item, Mapping[str, Json]], Iterator[Record]]

# Fields that tell a shape, how it is read, and all its fields. What stands in `type` is not
# trusted: the lists have no type of their own in public samples.
_PLATFORM_FIELDS = ("platform_count", "platform_detail", "platform_detail_dimension")
_OVERDUE_FIELDS = ("discredit_times", "overdue_details")
_SHAPES: Mapping[str, tuple[_Read, tuple[str, ...]]] = MappingProxyType(
    {
        **dict.fromkeys(_PLATFORM_FIELDS, (_platforms, _PLATFORM_FIELDS)),
        **dict.fromkeys(_OVERDUE_FIELDS, (_overdue, _OVERDUE_FIELDS)),
        "frequency_detail_list": (_frequencies, ("frequency_detail_list",)),
        "namelist_hit_details": (_lists, ("namelist_hit_details", "fraud_type")),
    }
)
