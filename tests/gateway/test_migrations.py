"""gateway.migrations: the revisions make the very tables the code uses."""

from pathlib import Path

import pytest
from alembic.autogenerate import compare_metadata
from alembic.config import Config
from alembic.migration import MigrationContext
from alembic.script import ScriptDirectory
from sqlalchemy import text

from consent.database import open_engine
from consent.errors import ConfigError
from gateway import migrations
from gateway.store import tables


def test_the_newest_revision_is_the_metadata(tmp_path: Path) -> None:
    """A column somebody added without a revision would be missing at every lender."""
    engine = open_engine(f"sqlite:///{tmp_path / 'db'}")
    migrations.upgrade(engine)
    migrations.check(engine)

    with engine.connect() as conn:
        context = MigrationContext.configure(conn, opts={"compare_type": True})
        assert compare_metadata(context, tables.metadata) == []


def test_the_newest_revision_is_the_newest_file() -> None:
    """The constant spares every start an import of Alembic; it must not lag behind."""
    config = Config()
    config.set_main_option("script_location", str(Path(migrations.__file__).parent))

    assert ScriptDirectory.from_config(config).get_current_head() == migrations.NEWEST


def test_upgrading_twice_changes_nothing(tmp_path: Path) -> None:
    """`init` may be run again at any time."""
    engine = open_engine(f"sqlite:///{tmp_path / 'db'}")
    migrations.upgrade(engine)
    with engine.connect() as conn:
        before = conn.execute(text("SELECT sql FROM sqlite_master ORDER BY name")).all()
    migrations.upgrade(engine)
    with engine.connect() as conn:
        assert conn.execute(text("SELECT sql FROM sqlite_master ORDER BY name")).all() == before


def test_a_start_refuses_another_schema(tmp_path: Path) -> None:
    """Writing to tables of another build could lose evidence; the message says what to run."""
    engine = open_engine(f"sqlite:///{tmp_path / 'db'}")
    with pytest.raises(ConfigError, match="creditgate init"):
        migrations.check(engine)


def test_a_newer_schema_wants_a_newer_build(tmp_path: Path) -> None:
    """`init` cannot help there, and must not be what the message says to run."""
    engine = open_engine(f"sqlite:///{tmp_path / 'db'}")
    migrations.upgrade(engine)
    with engine.connect().execution_options(writing=True) as conn, conn.begin():
        conn.execute(text("UPDATE alembic_version SET version_num = '9999'"))

    for work in (migrations.check, migrations.upgrade):
        with pytest.raises(ConfigError, match="install the build that made it"):
            work(engine)


def test_what_is_no_database_is_said_to_be_none(tmp_path: Path) -> None:
    """Another file in its place is a set-up to mend, not a fault of ours."""
    (tmp_path / "db").write_text("another file " * 1000)
    engine = open_engine(f"sqlite:///{tmp_path / 'db'}")

    for work in (migrations.check, migrations.upgrade):
        with pytest.raises(ConfigError, match="not a database"):
            work(engine)
