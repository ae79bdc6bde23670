"""connectors.pushed: what was pushed is read back like any source's answer, and nothing else is."""

from collections.abc import Callable
from datetime import UTC, date, datetime
from typing import Any

import orjson
import pytest
from pydantic import ValidationError

from connectors import registry
from connectors.base import SourceSettings
from connectors.errors import SourceBrokeContract, SourceRejectedAsk
from connectors.http import RawAnswer
from connectors.pushed import Event, Pushed
from connectors.records import Login, LoginOutcome, NoHit, Report
from connectors.sources import app_logins, loan_purposes
from consent.decision import Permit
from consent.errors import ConfigError
from consent.identity import Identity

NOON = datetime(2026, 3, 1, 12, tzinfo=UTC)
SUBJECT = Identity("甲云帆", "PASSPORT", "X1234567")


def source(kept: bytes = b"") -> Pushed[Any]:
    """The connector with this in store."""
    settings = SourceSettings(
        name="app_logins", reasons={"loan_origination": "-"}, options={}, secrets={}
    )
    return registry.build_pushed("app_logins", lambda _permit, _at: kept, settings)


def event(**changed: str) -> dict[str, str]:
    known = {"id": "e", "at": "2026-02-28T20:00:00Z", "outcome": "success", "method": "gesture"}
    return known | changed


def read(*batches: list[dict[str, str]], partial: bool = False) -> Report | NoHit:
    """What is read of these batches."""
    kept = orjson.dumps({"batches": batches, "partial": partial})
    return source().read(RawAnswer(kept, NOON))


async def test_fetch_is_what_is_in_store(permit_for: Callable[..., Permit]) -> None:
    """Under the permit of the ask, as of now; no client, no socket."""
    raw = await source(b"kept").fetch(permit_for("app_logins"), SUBJECT, at=NOON)

    assert (raw.content, raw.received_at) == (b"kept", NOON)


async def test_a_permit_for_another_source_opens_nothing(
    permit_for: Callable[..., Permit],
) -> None:
    """A yes to the bureau is no yes to what the platform saw."""
    with pytest.raises(SourceRejectedAsk):
        await source(b"kept").fetch(permit_for("pboc"), SUBJECT, at=NOON)


def test_the_last_word_on_an_event_counts() -> None:
    """In the order of their arrival, whatever the events say of their own time."""
    report = read([event(outcome="failure"), event(id="f")], [event(at="2026-02-27T20:00:00Z")])
    assert isinstance(report, Report)
    told = {one.event: one.outcome for one in report.records if isinstance(one, Login)}

    assert told == {"e": LoginOutcome.SUCCESS, "f": LoginOutcome.SUCCESS}
    assert report.as_of == datetime(2026, 2, 28, 20, tzinfo=UTC)


def test_a_day_is_the_day_in_china() -> None:
    """20:00 UTC is the next morning there, where windows are counted."""
    report = read([event()])
    assert isinstance(report, Report)

    assert report.records[0].as_of.isoformat() == "2026-03-01"


def purpose(at: str, day: str) -> dict[str, Any]:
    """What a loan is for, declared and seen on `day`."""
    seen = [{"on": day, "use": "travel"}]
    return {"id": "e", "at": at, "declared_on": day, "declared": "travel", "observed": seen}


@pytest.mark.parametrize("hour", [16, 23])
def test_an_instant_past_chinas_calendar_is_a_wrong_form(hour: int) -> None:
    """The last hours of 9999 in UTC are a day nobody can name there: no defect of ours."""
    at = f"9999-12-31T{hour}:00:00Z"
    said: list[tuple[type[Event], dict[str, Any]]] = [
        (loan_purposes.EVENT, purpose(at, "9999-12-31")), (app_logins.EVENT, event(at=at))
    ]  # fmt: skip
    for form, one in said:
        with pytest.raises(ValidationError) as raised:
            form.model_validate_json(orjson.dumps(one))

        assert {error["loc"] for error in raised.value.errors()} == {("at",)}


def test_the_last_day_of_the_calendar_is_a_day() -> None:
    """It is taken, and only the day after `at` is not."""
    known = loan_purposes.EVENT.model_validate_json
    last = "9999-12-31T15:59:59Z"

    assert known(orjson.dumps(purpose(last, "9999-12-31"))).declared_on == date.max
    with pytest.raises(ValidationError):
        known(orjson.dumps(purpose("9999-12-30T15:59:59Z", "9999-12-31")))


def test_nothing_pushed_is_no_file_and_a_cut_one_is_partial() -> None:
    """A batch without events cannot come in; were there one, it would say nothing."""
    assert isinstance(read(), NoHit)
    assert isinstance(read([]), NoHit)
    cut = read([event()], partial=True)
    assert isinstance(cut, Report)
    assert cut.partial


def test_what_is_not_our_form_is_not_read() -> None:
    """Nothing of it is guessed at, or printed."""
    with pytest.raises(SourceBrokeContract) as raised:
        read([event(device="CANARY!")])
    assert "CANARY" not in str(raised.value)
    assert raised.value.__cause__ is None


def test_a_source_is_asked_or_pushed() -> None:
    """A section in the wrong table is told which is the right one."""
    settings = SourceSettings(name="x", reasons={}, options={}, secrets={})

    with pytest.raises(ConfigError, match=r"belongs in \[sources.pboc\]"):
        registry.build_pushed("pboc", lambda _permit, _at: b"", settings)
    with pytest.raises(ConfigError, match=r"belongs in \[pushed.app_logins\]"):
        registry.build("app_logins", None, settings)  # type: ignore[arg-type]
    with pytest.raises(ConfigError, match=r"known: .*loan_purposes"):
        registry.build_pushed("nobody", lambda _permit, _at: b"", settings)
