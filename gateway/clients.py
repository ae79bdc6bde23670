"""Who may call: the member's services, each with its own key and roles.

A key is `cg_<client>_<secret>`, 256 random bits of secret, shown once. Only its SHA-256 is
stored: nothing is gained by a slow hash where there is nothing to guess (NIST SP 800-63B 5.1.2.2
asks for salting and stretching of secrets below 112 bits only).
"""

import hashlib
import hmac
import secrets
from dataclasses import dataclass, field
from enum import StrEnum

from sqlalchemy import Column, Connection, Row, String, Table, bindparam, insert, select, update

from consent.audit.catalogue import Actor, EventType, Trail, Verdict
from consent.clock import stamp
from consent.database import metadata
from consent.errors import GatewayError, InvalidInput, NotFound
from consent.journal import Tx

clients = Table(
    "client",
    metadata,
    Column("id", String, primary_key=True),
    Column("member", String, nullable=False),
    Column("name", String, nullable=False),
    Column("roles", String, nullable=False),
    Column("key_sha256", String, nullable=False),
    Column("added_at", String, nullable=False),
    Column("revoked_at", String),
)

_ONE = select(clients).where(clients.c.id == bindparam("of_id"))


class Role(StrEnum):
    """What a client may do; each route of the API asks for one."""

    CONSENT_WRITE = "consent:write"
    CONSENT_READ = "consent:read"
    PROFILE_PULL = "profile:pull"
    PROFILE_READ = "profile:read"
    IDENTITY_READ = "identity:read"
    LINK_WRITE = "link:write"
    LINK_READ = "link:read"
    REPORT_WRITE = "report:write"
    AUDIT_READ = "audit:read"
    OPS_READ = "ops:read"


class NotAuthenticated(GatewayError):
    """The caller is unknown; nothing else was looked at."""

    code = "not_authenticated"


class NotAllowed(GatewayError):
    """A known client without the role the route asks for."""

    code = "not_allowed"


@dataclass(frozen=True, slots=True)
class Caller:
    """Who calls, for which member, and how audit entries cite it; a source has no roles."""

    id: str
    member: str
    roles: frozenset[Role]
    actor: Actor

    def require(self, role: Role) -> None:
        """Raise `NotAllowed` without `role`."""
        if role not in self.roles:
            raise NotAllowed(f"this needs the role {role}; this client has {_spelled(self.roles)}")


@dataclass(frozen=True, slots=True)
class Client:
    """One service of one member."""

    id: str
    member: str
    name: str
    roles: frozenset[Role]
    added_at: str
    revoked_at: str | None = None

    @property
    def caller(self) -> Caller:
        """The client as it calls."""
        return Caller(self.id, self.member, self.roles, Actor("client", self.id, "api_key"))


@dataclass(frozen=True, slots=True)
class NewClient:
    """A client and, this once, its key."""

    client: Client
    key: str = field(repr=False)


def add(tx: Tx, trail: Trail, *, name: str, roles: frozenset[Role]) -> NewClient:
    """Make a client of `trail.member`; the key cannot be shown again."""
    if not name.strip():
        raise InvalidInput("/name", "a name a person recognises")
    if not roles:
        raise InvalidInput("/roles", f"at least one of {_spelled(frozenset(Role))}")
    id_, secret = secrets.token_hex(6), secrets.token_urlsafe(32)
    client = Client(id_, trail.member, name, roles, stamp(tx.at))
    tx.conn.execute(
        insert(clients).values(
            id=id_,
            member=client.member,
            name=name,
            roles=" ".join(sorted(roles)),
            key_sha256=_digest(secret),
            added_at=client.added_at,
        )
    )
    facts = {"client": id_, "roles": " ".join(sorted(roles))}
    tx.note(trail.entry(EventType.ADMIN_CLIENT_ADDED, tx.at, facts=facts))
    return NewClient(client, f"cg_{id_}_{secret}")


def revoke(tx: Tx, trail: Trail, client_id: str) -> Client:
    """End a client at once; `NotFound` when this member has no such one."""
    found = tx.conn.execute(
        update(clients)
        .where(
            clients.c.id == client_id,
            clients.c.member == trail.member,
            clients.c.revoked_at.is_(None),
        )
        .values(revoked_at=stamp(tx.at))
        .returning(clients)
    ).one_or_none()
    if found is None:
        raise NotFound("no such client, or revoked already")
    tx.note(trail.entry(EventType.ADMIN_CLIENT_REVOKED, tx.at, facts={"client": client_id}))
    return _client(found)


def listed(conn: Connection, member: str) -> list[Client]:
    """All clients of a member, oldest first."""
    found = conn.execute(
        select(clients).where(clients.c.member == member).order_by(clients.c.added_at)
    )
    return [_client(row) for row in found]


def authenticate(conn: Connection, authorization: str | None) -> Caller:
    """The client behind an `Authorization` header; `NotAuthenticated` says what form it takes."""
    scheme, _, key = (authorization or "").partition(" ")
    parts = key.strip().split("_", 2)
    shaped = len(parts) == 3 and parts[0] == "cg" and key.isascii()  # noqa: PLR2004 - cg, id, secret
    if scheme.lower() != "bearer" or not shaped:
        raise NotAuthenticated("send Authorization: Bearer cg_<client>_<secret>")
    found = conn.execute(_ONE, {"of_id": parts[1]}).one_or_none()
    known = found.key_sha256 if found is not None else "0" * 64
    if not hmac.compare_digest(known, _digest(parts[2])) or found is None:
        raise NotAuthenticated("no such client or wrong key")
    if found.revoked_at is not None:
        raise NotAuthenticated("this client was revoked")
    return _client(found).caller


def denied(trail: Trail, tx: Tx, role: Role) -> None:
    """Put a refusal for want of `role` on record."""
    tx.note(
        trail.entry(
            EventType.AUTH_FAIL,
            tx.at,
            verdict=Verdict.DENY,
            rule="client.role",
            reason=NotAllowed.code,
            facts={"role": role.value},
        )
    )


def _client(row: Row[tuple[object, ...]]) -> Client:
    r = row._mapping  # noqa: SLF001 - Row keeps its public mapping under this name
    return Client(
        r["id"],
        r["member"],
        r["name"],
        frozenset(Role(role) for role in r["roles"].split()),
        r["added_at"],
        r["revoked_at"],
    )


def _digest(secret: str) -> str:
    return hashlib.sha256(secret.encode()).hexdigest()


def _spelled(roles: frozenset[Role]) -> str:
    return ", ".join(sorted(roles)) or "none"
