"""gateway.wiring: what is put together fits together."""

from dataclasses import replace
from datetime import UTC, datetime
from pathlib import Path

import pytest
from sqlalchemy import delete

from consent.database import metadata, open_engine
from consent.journal import Tx
from gateway import settings, wiring
from gateway.rebuild import Rules
from gateway.settings import Settings, SourceConfig
from gateway.store import configurations
from gateway.wiring import _whole_s

AT = datetime(2026, 3, 17, 4, tzinfo=UTC)


def test_a_repeated_call_has_time_for_its_repetitions() -> None:
    """Bounded by one attempt's time, a source that may be asked twice never would be."""
    once = SourceConfig.model_validate(
        {
            "route": "own_institution",
            "delivers": {"behaviour": ["login_events"]},
            "url": "https://bureau.invalid",
            "timeout_s": 3,
            "max_body_bytes": 1024,
        }
    )
    twice = once.model_copy(update={"attempts": 2})

    assert _whole_s(once) == 3
    assert _whole_s(twice) >= 2 * 3


def test_a_past_configuration_is_read_once_and_only_while_it_is_kept(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Each look at an old profile asks for it; what was deleted is not used from memory."""
    past, rules_of = settings.load(None), wiring.rules_of
    read: list[str] = []

    def counted(of: Settings) -> Rules:
        read.append(of.digest)
        return rules_of(of)

    present = replace(past, digest="0" * 64)
    engine = open_engine(f"sqlite:///{tmp_path / 'db'}")
    metadata.create_all(engine, [configurations.configurations])
    monkeypatch.setattr(wiring, "rules_of", counted)
    rules_for = wiring._rules_for(present)
    with engine.begin() as conn:
        assert rules_for(conn, past.digest) is None
        configurations.keep(Tx(conn, AT), past)
        found = [rules_for(conn, one) for one in (past.digest, present.digest) for _ in range(3)]
        conn.execute(delete(configurations.configurations))

        assert rules_for(conn, past.digest) is None
        assert rules_for(conn, present.digest) is found[-1]
    assert read == [past.digest, present.digest]
    assert found[0] is found[2] is not found[3]
