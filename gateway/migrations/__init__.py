"""The schema as Alembic revisions: made by `creditgate init`, checked at every start.

A start never changes the schema; it refuses one that is not the newest and says what to run.
"""

from pathlib import Path

from sqlalchemy import Engine, inspect, text
from sqlalchemy.exc import DatabaseError

from consent.errors import ConfigError

NEWEST = "0001"
"""The revision this build needs; a test holds it to the newest file in `versions/`."""


def upgrade(engine: Engine) -> None:
    """Bring the database to the newest revision, in one transaction.

    Refuses (ConfigError) a database of a newer build, and what is none.
    """
    # Alembic takes a third of a second to import, and only `init` needs it.
    from alembic import command  # noqa: PLC0415
    from alembic.config import Config  # noqa: PLC0415

    _revision(engine)
    config = Config()
    config.set_main_option("script_location", str(Path(__file__).parent))
    with engine.connect().execution_options(writing=True) as conn, conn.begin():
        config.attributes["connection"] = conn
        command.upgrade(config, "head")


def check(engine: Engine) -> None:
    """Refuse (ConfigError) a database that is not at the newest revision."""
    current = _revision(engine)
    if current != NEWEST:
        raise ConfigError(
            f"the database is at revision {current}, this build needs {NEWEST}; "
            "back it up and run `creditgate init`"
        )


def _revision(engine: Engine) -> str | None:
    """Where the database is; None before the first revision."""
    try:
        with engine.connect() as conn:
            if not inspect(conn).has_table("alembic_version"):
                return None
            current = conn.execute(text("SELECT version_num FROM alembic_version")).scalar()
    except DatabaseError as exc:
        raise ConfigError(f"the database cannot be read: {exc.orig}") from None
    if current is not None and current > NEWEST:
        raise ConfigError(
            f"the database is at revision {current}, newer than the {NEWEST} of this build; "
            "install the build that made it"
        )
    return current
