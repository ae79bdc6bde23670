"""Logs for operators: JSON lines whose keys are on a list, and nothing a person owns.

Whatever is not on the list is dropped before it is written, and the line says that something
was. Tracebacks show files and lines, never values: neither locals nor the exception's text.
"""

import logging
import sys
from collections.abc import MutableMapping
from typing import Any, TextIO

import structlog

ALLOWED = frozenset(
    {
        "event", "level", "timestamp", "req", "route", "method", "status", "seconds", "source",
        "outcome", "reason", "attempt", "wait_s", "member", "client", "code", "error", "where",
        "stage", "host", "port", "version", "config", "count", "origin", "size", "purpose",
    }
)  # fmt: skip
_DROPPED = "dropped_keys"


def only_allowed(
    _logger: object, _method: str, event: MutableMapping[str, Any]
) -> MutableMapping[str, Any]:
    """Drop every key that is not on the list, and count them."""
    unknown = [key for key in event if key not in ALLOWED and key != "exc_info"]
    for key in unknown:
        del event[key]
    if unknown:
        event[_DROPPED] = len(unknown)
    return event


def bare_traceback(
    _logger: object, _method: str, event: MutableMapping[str, Any]
) -> MutableMapping[str, Any]:
    """Turn an exception into its type and the places it came through."""
    failure = event.pop("exc_info", None)
    if failure is True:
        failure = sys.exc_info()[1]
    if isinstance(failure, BaseException):
        event["error"] = type(failure).__name__
        event["where"] = places(failure)
    return event


def places(failure: BaseException) -> list[str]:
    """Where an exception came through: functions and lines, no values."""
    places = []
    step = failure.__traceback__
    while step is not None:
        code = step.tb_frame.f_code
        places.append(f"{code.co_qualname}:{step.tb_lineno}")
        step = step.tb_next
    return places


def configure(stream: TextIO = sys.stderr, *, level: int = logging.INFO) -> None:
    """Set structlog up for the process; other libraries speak from WARNING on, as bare lines."""
    structlog.configure(
        processors=[
            structlog.contextvars.merge_contextvars,
            structlog.processors.add_log_level,
            structlog.processors.TimeStamper(fmt="iso", utc=True),
            bare_traceback,
            only_allowed,
            structlog.processors.JSONRenderer(sort_keys=True),
        ],
        wrapper_class=structlog.make_filtering_bound_logger(level),
        logger_factory=structlog.PrintLoggerFactory(stream),
        cache_logger_on_first_use=False,
    )
    root = logging.getLogger()
    root.handlers[:] = [_Bare(stream)]
    root.setLevel(logging.WARNING)


class _Bare(logging.Handler):
    """Lines of other libraries: who spoke and how loud, without what was said.

    httpx and aiohttp put URLs into their messages, drivers put parameters into theirs.
    """

    def __init__(self, stream: TextIO) -> None:
        super().__init__()
        self._logger = structlog.wrap_logger(structlog.PrintLogger(stream))

    def emit(self, record: logging.LogRecord) -> None:
        """Write the record's origin, and its exception without values."""
        failure = record.exc_info[1] if record.exc_info else None
        self._logger.warning("library.log", code=record.name, exc_info=failure)
