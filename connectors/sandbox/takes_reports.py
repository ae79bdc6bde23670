"""Baihang's other counter: takes D2 and D3 messages, and says what is wrong with them.

Pure. The checks are those that the public field lists allow (china.md 2.1); which of them Baihang
makes, and its error codes but `ERR-20001`, are not public.
"""

import re
from collections.abc import Callable, Mapping
from types import MappingProxyType

import orjson

Check = Callable[[object], bool]


def _matches(pattern: str) -> Check:
    shape = re.compile(pattern, re.ASCII)
    return lambda value: isinstance(value, str) and shape.fullmatch(value) is not None


def _whole(least: int, most: int) -> Check:
    return lambda value: isinstance(value, int) and least <= value <= most


_TEXT = _matches(r".+")
_ANY = _matches(r".*")
_TIME = _matches(r"\d{4}-\d{2}-\d{2}T\d{2}:\d{2}:\d{2}")
_DAY = _matches(r"\d{4}-\d{2}-\d{2}")
_YUAN = _matches(r"\d+\.\d{2}")
_COMMON: Mapping[str, Check] = MappingProxyType(
    {
        "reqID": _TEXT,
        "opCode": _matches("A|M"),
        "uploadTs": _TIME,
        "name": _TEXT,
        "pid": _matches(r"\d{17}[\dX]"),
        "mobile": _matches(r"1\d{10}"),
        "loanId": _TEXT,
    }
)
MESSAGES: Mapping[str, Mapping[str, Check]] = MappingProxyType(
    {
        "issue": {
            **_COMMON,
            "originalLoanId": _ANY,
            "guaranteeType": _whole(0, 999),
            "loanPurpose": _whole(0, 999),
            "applyDate": _TIME,
            "accountOpenDate": _TIME,
            "issueDate": _TIME,
            "dueDate": _DAY,
            "loanAmount": _YUAN,
            "totalTerm": _whole(1, 36_000),
            "targetRepayDateType": _whole(0, 999),
            "termPeriod": _whole(-1, 3660),
            "targetRepayDateList": _matches(r"(\d{4}-\d{2}-\d{2},?)*"),
            "firstRepaymentDate": _DAY,
            "gracePeriod": _whole(0, 365),
        },
        "track": {
            **_COMMON,
            "termNo": _whole(1, 36_000),
            "termStatus": _matches("normal|overdue"),
            "targetRepaymentDate": _DAY,
            "realRepaymentDate": _matches(r"(\d{4}-\d{2}-\d{2})?"),
            "plannedPayment": _YUAN,
            "targetRepayment": _YUAN,
            "realRepayment": _YUAN,
            "overdueStatus": _matches(r"(D\d+)?"),
            "statusConfirmAt": _TIME,
            "overdueAmount": _YUAN,
            "remainingAmount": _YUAN,
            "loanStatus": _whole(1, 2),
        },
    }
)


def answer(kind: str, content: bytes) -> bytes:
    """What is said to a message of this kind."""
    try:
        told = orjson.loads(content)
    except orjson.JSONDecodeError:
        told = None
    checks = MESSAGES[kind]
    if not isinstance(told, dict) or told.keys() != checks.keys():
        return orjson.dumps({"errorCode": "ERR-10001", "errorMessage": "Bad Request"})
    if wrong := sorted(name for name, check in checks.items() if not check(told[name])):
        return orjson.dumps({"errorCode": "ERR-10002", "errorMessage": wrong[0]})
    return orjson.dumps({"status": "success"})
