"""gateway.clients: a key opens one door, once shown, never stored."""

from pathlib import Path

import pytest

from consent.errors import InvalidInput, NotFound
from gateway import clients
from gateway.clients import NewClient, NotAllowed, NotAuthenticated, Role
from tests.consent.given import TRAIL, Floor


@pytest.fixture
def floor(tmp_path: Path) -> Floor:
    """An empty floor."""
    return Floor(tmp_path)


async def added(floor: Floor, *roles: Role) -> NewClient:
    return await floor.journal.commit(
        lambda tx: clients.add(tx, TRAIL, name="scoring", roles=frozenset(roles))
    )


def who(floor: Floor, header: str | None) -> clients.Caller:
    with floor.engine.connect() as conn:
        return clients.authenticate(conn, header)


async def test_the_key_names_its_client(floor: Floor) -> None:
    """And brings exactly the roles it was made with."""
    new = await added(floor, Role.PROFILE_READ)

    client = who(floor, f"Bearer {new.key}")
    assert (client.id, client.member) == (new.client.id, "lender")
    client.require(Role.PROFILE_READ)
    with pytest.raises(NotAllowed, match="profile:read"):
        client.require(Role.PROFILE_PULL)


async def test_the_key_itself_is_nowhere(floor: Floor) -> None:
    """Whoever copies the database or a repr can call nobody."""
    new = await added(floor, Role.PROFILE_READ)
    secret = new.key.split("_", 2)[2]

    stored = b"".join(path.read_bytes() for path in floor.path.glob("db*"))
    assert secret.encode() not in stored
    assert secret not in repr(new)


@pytest.mark.parametrize(
    "header",
    [None, "", "Basic abc", "Bearer", "Bearer x", "Bearer cg_", "Bearer cg_a_b", "Bearer xx_a_b"],
)
async def test_anything_else_is_nobody(floor: Floor, header: str | None) -> None:
    """No form of header raises anything but the one error."""
    with pytest.raises(NotAuthenticated):
        who(floor, header)


async def test_a_wrong_secret_is_nobody(floor: Floor) -> None:
    """Knowing a client's id is knowing nothing."""
    new = await added(floor, Role.PROFILE_READ)

    with pytest.raises(NotAuthenticated):
        who(floor, f"Bearer {new.key[:-1]}{'a' if new.key[-1] != 'a' else 'b'}")


async def test_a_revoked_client_is_out_at_once(floor: Floor) -> None:
    """The next call with its key fails, and the end is on record like the beginning."""
    new = await added(floor, Role.PROFILE_READ)
    await floor.journal.commit(lambda tx: clients.revoke(tx, TRAIL, new.client.id))

    with pytest.raises(NotAuthenticated, match="revoked"):
        who(floor, f"Bearer {new.key}")
    with pytest.raises(NotFound):
        await floor.journal.commit(lambda tx: clients.revoke(tx, TRAIL, new.client.id))


async def test_a_client_needs_a_role_and_a_name(floor: Floor) -> None:
    """Deny unless granted begins here."""
    with pytest.raises(InvalidInput, match="profile:pull"):
        await added(floor)
    with pytest.raises(InvalidInput):
        await floor.journal.commit(
            lambda tx: clients.add(tx, TRAIL, name=" ", roles=frozenset(Role))
        )
