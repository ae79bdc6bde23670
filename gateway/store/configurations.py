"""Every configuration that was ever used, by its digest: what past answers were decided under.

A row is written when a gateway first starts with a configuration, and never changed. It holds no
secret (configuration names variables, not values) and nobody's data, so it is not sealed.

Trusted to keep what it is given. It is addressed by its content: whoever can write to it can
delete a configuration, which a replay then names as missing, but put no other in its place.
"""

from base64 import b64decode, b64encode

import orjson
import zstandard
from sqlalchemy import Column, Connection, LargeBinary, String, Table, insert, select

from consent import canonical
from consent.clock import stamp
from consent.database import metadata
from consent.errors import ConfigError
from consent.journal import Tx
from gateway import settings
from gateway.config_files import digest_of
from gateway.settings import Settings

configurations = Table(
    "configuration",
    metadata,
    Column("digest", String, primary_key=True),
    Column("first_used_at", String, nullable=False),
    Column("packed", LargeBinary, nullable=False),
)


def known(conn: Connection, digest: str) -> bool:
    """The configuration of this digest is kept."""
    asked = select(configurations.c.digest).where(configurations.c.digest == digest)
    return conn.execute(asked).first() is not None


def keep(tx: Tx, used: Settings) -> None:
    """Keep a configuration, unless it is kept already."""
    if known(tx.conn, used.digest):
        return
    plain = {name: b64encode(body).decode() for name, body in used.files.items()}
    row = {
        "digest": used.digest,
        "first_used_at": stamp(tx.at),
        "packed": zstandard.compress(canonical.encode(plain), 9),
    }
    tx.conn.execute(insert(configurations), row)


def kept(conn: Connection, digest: str) -> Settings | None:
    """The configuration of this digest, None when it is not kept.

    `ConfigError` when what is kept is not it, or this build cannot read it.
    """
    asked = select(configurations.c.packed).where(configurations.c.digest == digest)
    packed = conn.execute(asked).scalar_one_or_none()
    if packed is None:
        return None
    try:
        plain = orjson.loads(zstandard.decompress(packed))
        files = {name: b64decode(body, validate=True) for name, body in plain.items()}
    except (zstandard.ZstdError, ValueError, AttributeError):
        files = {}
    if digest_of(files) != digest:
        raise ConfigError(f"what is kept as configuration {digest} was altered")
    try:
        return settings.again(files)
    except ConfigError as wrong:
        raise ConfigError(f"this build cannot read it as it was kept: {wrong}") from None
