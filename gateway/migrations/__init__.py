"""The schema as Alembic revisions: made by `creditgate init`, checked at every start.

A start never changes the schema; it refuses one that is not the newest and says what to run.
"""

from pathlib import Path

from alembic import command
from alembic.config import Config
from alembic.migration import MigrationContext
from alembic.script import ScriptDirectory
from sqlalchemy import Engine

from consent.errors import ConfigError


def upgrade(engine: Engine) -> None:
    """Bring the database to the newest revision, in one transaction."""
    with engine.connect().execution_options(writing=True) as conn, conn.begin():
        config = _config()
        config.attributes["connection"] = conn
        command.upgrade(config, "head")


def check(engine: Engine) -> None:
    """Refuse (ConfigError) a database that is not at the newest revision."""
    newest = ScriptDirectory.from_config(_config()).get_current_head()
    with engine.connect() as conn:
        current = MigrationContext.configure(conn).get_current_revision()
    if current != newest:
        raise ConfigError(
            f"the database is at revision {current}, this build needs {newest}; "
            "back it up and run `creditgate init`"
        )


def _config() -> Config:
    config = Config()
    config.set_main_option("script_location", str(Path(__file__).parent))
    return config
