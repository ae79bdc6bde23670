"""What the lender's own systems push about a life is read back as that life."""

from datetime import timedelta

import orjson
import pytest

from connectors import registry
from connectors.base import SourceSettings
from connectors.http import RawAnswer
from connectors.normalise.aggregator import in_china
from connectors.records import LoanPurpose, Login, NoHit, Report
from connectors.sandbox import platform
from connectors.sandbox.facts import Life
from connectors.sandbox.render.platform import pushes
from tests.connectors.test_sources_read_the_sandbox import NOON, WORLD, of


def pushed(source: str, life: Life) -> Report | NoHit:
    """What the connector of a source says, once everything about a life was pushed."""
    batches = [orjson.loads(body)["events"] for name, _, body in pushes(life) if name == source]
    settings = SourceSettings(name=source, reasons={}, options={}, secrets={})
    connector = registry.build_pushed(source, lambda _permit, _at: b"", settings)
    return connector.read(RawAnswer(orjson.dumps({"batches": batches}), NOON))


def test_every_attempt_is_told_as_it_was() -> None:
    """Instant, outcome, device and place, oldest first; nobody logs in tomorrow."""
    for life in WORLD.lives():
        report, made = pushed("app_logins", life), platform.attempts(life)
        assert isinstance(report, Report)

        told = of(Login, report)
        assert [(one.at, one.outcome, one.device, one.region) for one in told] == [
            (one.at, one.outcome, one.device, one.region) for one in made
        ]
        assert report.as_of == made[-1].at
        assert max(one.as_of for one in told) < life.today


def test_every_loan_is_told_with_its_uses() -> None:
    """Who borrowed nothing here is a no-hit, not an empty report."""
    without = 0
    for life in WORLD.lives():
        report, made = pushed("loan_purposes", life), platform.declarations(life)
        told = of(LoanPurpose, report) if isinstance(report, Report) else []
        without += isinstance(report, NoHit)

        assert {(one.application, one.declared, one.declared_on) for one in told} == {
            (one.number, one.declared, one.on) for one in made
        }
        assert sum(len(one.observed) for one in told) == sum(len(one.seen) for one in made)
    assert 0 < without < WORLD.size / 2


def test_the_stranger_came_at_night_from_afar() -> None:
    """The persona's story is in its events: guessed, blocked, and in."""
    report = pushed("app_logins", WORLD.persona("abnormal-logins"))
    assert isinstance(report, Report)
    told = of(Login, report)
    night = [one for one in told if one.at.hour == 19]  # three in the morning in China

    assert len(night) == 10
    assert in_china(night[0].at) == WORLD.today - timedelta(days=2)
    assert len({one.device for one in night}) == 1
    assert not {one.region for one in night} & {one.region for one in told if one not in night}


@pytest.mark.parametrize("name", ["steady", "abnormal-logins"])
def test_a_life_pushes_the_same_twice(name: str) -> None:
    """Same seed, same webhook ids, same bytes: what is pushed again is a repetition."""
    assert [*pushes(WORLD.persona(name))] == [*pushes(WORLD.persona(name))]
