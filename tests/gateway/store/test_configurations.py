"""store.configurations: what past answers were decided under is kept, and cannot be exchanged."""

import re
from dataclasses import replace
from datetime import UTC, datetime
from pathlib import Path

import pytest
from sqlalchemy import Connection, Engine, select, update

from consent.database import metadata, open_engine
from consent.errors import ConfigError
from consent.journal import Tx
from gateway import settings
from gateway.config_files import digest_of
from gateway.store import configurations

AT = datetime(2026, 3, 17, 4, tzinfo=UTC)
TODAY = settings.load(None)


@pytest.fixture
def engine(tmp_path: Path) -> Engine:
    """A database with the one table."""
    made = open_engine(f"sqlite:///{tmp_path / 'db'}")
    metadata.create_all(made, [configurations.configurations])
    return made


def stored(conn: Connection) -> bytes:
    body: bytes = conn.execute(select(configurations.configurations.c.packed)).scalar_one()
    return body


def test_a_kept_configuration_merges_as_it_did(engine: Engine) -> None:
    """The rules of a past answer come back equal, with the digest the answer names."""
    with engine.begin() as conn:
        configurations.keep(Tx(conn, AT), TODAY)
        again = configurations.kept(conn, TODAY.digest)

    assert again is not None
    assert again.digest == TODAY.digest
    assert again.merging == TODAY.merging
    assert again.purposes == TODAY.purposes
    assert {n: s.options for n, s in again.sources.items()} == {
        n: s.options for n, s in TODAY.sources.items()
    }


def test_the_digest_covers_every_file_that_is_read() -> None:
    """A file left out could change an answer without changing what it was decided under."""
    assert digest_of(TODAY.files) == TODAY.digest
    for name in TODAY.files:
        assert digest_of({**TODAY.files, name: b""}) != TODAY.digest
    assert {"gateway.toml", "merge.toml", "institutions.csv", "codes/pboc.csv"} <= set(TODAY.files)


def test_keeping_twice_keeps_one(engine: Engine) -> None:
    """Every start says it again; the first row stays as it was."""
    with engine.begin() as conn:
        configurations.keep(Tx(conn, AT), TODAY)
        first = stored(conn)
        configurations.keep(Tx(conn, AT), TODAY)

        assert stored(conn) == first


def test_another_configuration_in_its_place_is_refused(engine: Engine) -> None:
    """Whoever can write to the table could otherwise make up what an answer was decided under."""
    other = replace(TODAY, files={**TODAY.files, "merge.toml": b""}, digest="0" * 64)
    with engine.begin() as conn:
        configurations.keep(Tx(conn, AT), other)
        conn.execute(update(configurations.configurations).values(digest=TODAY.digest))

        with pytest.raises(ConfigError, match="altered"):
            configurations.kept(conn, TODAY.digest)


def test_garbage_in_its_place_is_refused(engine: Engine) -> None:
    """Damage is named like exchange, not a crash."""
    with engine.begin() as conn:
        configurations.keep(Tx(conn, AT), TODAY)
        conn.execute(update(configurations.configurations).values(packed=b"garbage"))

        with pytest.raises(ConfigError, match="altered"):
            configurations.kept(conn, TODAY.digest)


def test_one_that_this_build_cannot_read_says_so_once(engine: Engine) -> None:
    """Who replays must see at a glance that another build wrote it, not repair the past."""
    front = TODAY.files["gateway.toml"].decode()
    older = re.sub(r"\n\[(sources|pushed)\.\w+\.delivers\]\n(?:(?!\[).*\n)+", "\n", front)
    files = {**TODAY.files, "gateway.toml": older.encode()}
    old = replace(TODAY, files=files, digest=digest_of(files))
    with engine.begin() as conn:
        configurations.keep(Tx(conn, AT), old)

        with pytest.raises(ConfigError, match="this build cannot read it") as told:
            configurations.kept(conn, old.digest)

    said = str(told.value)
    assert said.count("declare how the data comes") == 1
    assert all(f"sources.{name}" in said for name in TODAY.sources)


def test_an_unknown_configuration_is_not_there(engine: Engine) -> None:
    """None, so that a replay can name what it lacks."""
    with engine.begin() as conn:
        assert configurations.kept(conn, "0" * 64) is None
