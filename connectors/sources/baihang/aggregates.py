"""Baihang's counts and sums over loans we do not see, as metrics."""

import re
from collections.abc import Callable, Iterator, Mapping
from types import MappingProxyType

from connectors.normalise import amounts
from connectors.normalise.json_body import Json
from connectors.records import Metric, Record
from connectors.sources.baihang.reading import NAME, Reading, code_of
from consent.subject import Scope

Fields = Mapping[str, Callable[[Reading, Json], tuple[int, str]]]
"""How the fields of a block become a number and its unit."""

_COUNT = re.compile(r"\d{1,9}", re.ASCII)
_STATUS = re.compile(r"(D?)(\d{1,4})", re.ASCII)
_WINDOW = re.compile(r"D(\d{1,3})", re.ASCII)
_YUAN = amounts.reader("CNY")
_SCOPES = MappingProxyType({"applyTenantCount": Scope.INQUIRIES, "mobileCount": Scope.IDENTITY})


def loans(
    block: str, segment: str, summary: Fields, windows: Fields
) -> Callable[[Reading, Json], Iterator[Record]]:
    """The reader of a block: a summary, and one object for each window of days."""

    def read(reading: Reading, value: Json) -> Iterator[Record]:
        for name, part in reading.object(block, value).items():
            where, days = f"{block}.{name}", _WINDOW.fullmatch(name)
            if name == "summary":
                leases, found = _split(reading.object(where, part))
                yield from metrics(reading, where, found, summary, segment=segment)
                yield from metrics(reading, where, leases, LEASES, segment="finance_lease")
            elif days is not None:
                found, window = reading.object(where, part), f"d{days[1]}"
                yield from metrics(reading, where, found, windows, window=window, segment=segment)
            else:
                reading.issues.unknown_field(block, name)

    return read


def _split(found: Mapping[str, Json]) -> tuple[Mapping[str, Json], Mapping[str, Json]]:
    """The fields of finance leases, which stand among those of loans, and the others."""
    leases = {name: value for name, value in found.items() if name.startswith("finLse")}
    return leases, {name: value for name, value in found.items() if name not in leases}


def metrics(
    reading: Reading,
    where: str,
    found: Mapping[str, Json],
    fields: Fields,
    *,
    window: str = "all",
    segment: str = "",
) -> Iterator[Metric]:
    """One metric for each field of `found` that says something."""
    reading.known(where, found, fields.keys())
    for name, value in found.items():
        if name not in fields or value is None or value == "":
            continue
        try:
            number, unit = fields[name](reading, value)
        except KeyError:
            reading.issues.unknown_code(f"{where}.{name}", value)
        except ValueError:
            reading.issues.bad_value(f"{where}.{name}", value, "what this field holds")
        else:
            yield Metric(
                source=NAME,
                record_id=f"{where}.{name}",
                as_of=reading.day,
                scope=_SCOPES.get(name, Scope.TRADELINES),
                name=name,
                window=window,
                value=number,
                unit=unit,
                segment=segment,
            )


def _count(_: Reading, value: Json) -> tuple[int, str]:
    text = code_of(value)
    if not _COUNT.fullmatch(text):
        raise ValueError("not a count")
    return int(text), "count"


def _fen(_: Reading, value: Json) -> tuple[int, str]:
    # The shortest text of a JSON number is what the source wrote, up to 15 digits.
    text = repr(value) if isinstance(value, float) else code_of(value)
    return _YUAN(text).minor, "fen"


def _days_since(reading: Reading, value: Json) -> tuple[int, str]:
    return (reading.day - reading.day_of(value)).days, "days"


def _overdue(_: Reading, value: Json) -> tuple[int, str]:
    found = _STATUS.fullmatch(code_of(value))
    if found is None:
        raise KeyError
    return int(found[2]), "days" if found[1] else "code"


PROFILE: Fields = MappingProxyType({"mobileCount": _count})
SUMMARY: Fields = MappingProxyType(
    {
        "loanCount": _count,  # 累计贷款笔数
        "openLoanCount": _count,  # 未结清笔数
        "remainingAmount": _fen,  # 未结清余额
        "remainingOverdueLoanCount": _count,
        "remainingOverdueAmount": _fen,
        "remainingMaxOverdueStatus": _overdue,  # 当前最严重逾期
        "overdueCount": _count,  # 累计逾期次数
        "maxOverdueStatus": _overdue,  # 历史最严重, of three years
        "lastCompensationDate": _days_since,  # 代偿
    }
)
WINDOWS: Fields = MappingProxyType(
    {
        "applyTenantCount": _count,  # 申请机构数
        "loanCount": _count,
        "loanAmount": _fen,
        "loanTenantCount": _count,
        "maxLoanAmount": _fen,
        "averageLoanAmount": _fen,
        "overdueLoanCount": _count,
        "compensationCount": _count,
        "compensationTimes": _count,
        "compensationAmount": _fen,
    }
)
REVOLVING_SUMMARY: Fields = MappingProxyType(
    {
        "accountCount": _count,
        "validAccountCount": _count,
        "creditLimitSum": _fen,
        "maxCreditLimitPerTenant": _fen,
        "remainingAmount": _fen,
        "remainingOverdueAccountCount": _count,
        "remainingOverdueAmount": _fen,
        "remainingMaxOverdueStatus": _overdue,
        "overdueCount": _count,
        "maxOverdueStatus": _overdue,
        "revolvingLastCompensationDate": _days_since,
    }
)
LEASES: Fields = MappingProxyType(
    {  # the three names public code shows; another one is an issue
        "finLseMaxOverdueStatus": _overdue,
        "finLseCurrRemainingMaxOverdueStatus": _overdue,
        "finLseLastCompensationDate": _days_since,
    }
)
REVOLVING_WINDOWS: Fields = MappingProxyType(
    {
        "applyTenantCount": _count,
        "accountCount": _count,
        "creditLimitSum": _fen,
        "lendingAmount": _fen,
        "overdueAccountCount": _count,
        "revolvingCompensationCount": _count,
        "revolvingCompensationTimes": _count,
        "revolvingCompensationAmount": _fen,
    }
)
