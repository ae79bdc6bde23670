"""gateway.store.idempotency: one pull for one key, and no key lost to a crash."""

from dataclasses import replace
from datetime import timedelta
from pathlib import Path
from uuid import UUID

import pytest

from consent.errors import Conflict
from consent.subject import Scope
from gateway.store import idempotency
from gateway.store.idempotency import Key
from gateway.store.snapshots import Snapshot
from tests.consent.given import ANNA, NOON, Floor

KEY = Key("lender", "c1", "k1", "d" * 64, "req-1")
SNAPSHOT = Snapshot(
    id=UUID(int=7),
    member="lender",
    subject=ANNA,
    at=NOON,
    consent=UUID(int=8),
    purpose="loan_origination",
    sources=("pboc",),
    scopes=frozenset({Scope.TRADELINES}),
    config="c",
    code="v",
    attributes="core/1",
    entry=UUID(int=9),
)


@pytest.fixture
def floor(tmp_path: Path) -> Floor:
    """An empty floor."""
    return Floor(tmp_path)


async def claim(floor: Floor, key: Key = KEY) -> UUID | None:
    return await floor.journal.commit(lambda tx: idempotency.claim(tx, key))


async def test_the_second_time_brings_the_first_snapshot(floor: Floor) -> None:
    """A caller that lost our answer gets it again, without a second inquiry."""
    assert await claim(floor) is None
    await floor.journal.commit(lambda tx: idempotency.settle(tx, KEY, SNAPSHOT))

    assert await claim(floor) == SNAPSHOT.id


async def test_while_it_runs_the_key_is_taken(floor: Floor) -> None:
    """Two at once must not both ask the bureau."""
    await claim(floor)

    with pytest.raises(Conflict, match="still runs"):
        await claim(floor)


async def test_another_request_under_the_key_is_refused(floor: Floor) -> None:
    """A key reused by mistake must not answer with somebody else's profile."""
    await claim(floor)
    await floor.journal.commit(lambda tx: idempotency.settle(tx, KEY, SNAPSHOT))

    with pytest.raises(Conflict, match="another request"):
        await claim(floor, replace(KEY, request_sha256="e" * 64))


async def test_a_key_left_by_a_crash_can_be_used_again(floor: Floor) -> None:
    """After longer than any deadline nobody is working on it any more."""
    await claim(floor)
    floor.clock.forward(minutes=3)

    assert await claim(floor) is None


async def test_keys_are_forgotten_after_a_day(floor: Floor) -> None:
    """Later the same key is a new request."""
    await claim(floor)
    await floor.journal.commit(lambda tx: idempotency.settle(tx, KEY, SNAPSHOT))
    floor.clock.at += timedelta(days=1, seconds=1)

    assert await claim(floor) is None


async def test_a_pull_without_an_answer_gives_the_key_back(floor: Floor) -> None:
    """Refused is not answered: the caller may try again once the consent is right."""
    await claim(floor)
    await floor.journal.commit(lambda tx: idempotency.release(tx, KEY))

    assert await claim(floor) is None


async def test_keys_of_two_clients_do_not_meet(floor: Floor) -> None:
    """Neither may see what the other's key brought."""
    await claim(floor)

    assert await claim(floor, replace(KEY, client="c2")) is None
    assert await claim(floor, replace(KEY, member="other")) is None


async def test_a_pull_that_took_too_long_has_lost_its_key(floor: Floor) -> None:
    """Its answer must not be handed to the request that took the key over."""
    await claim(floor)
    floor.clock.forward(minutes=3)
    later = replace(KEY, req="req-2", request_sha256="e" * 64)
    await claim(floor, later)

    with pytest.raises(Conflict, match="took over"):
        await floor.journal.commit(lambda tx: idempotency.settle(tx, KEY, SNAPSHOT))
    await floor.journal.commit(lambda tx: idempotency.release(tx, KEY))
    with pytest.raises(Conflict, match="still runs"):
        await claim(floor, later)
