"""gateway.store.reported: what was accepted stays accepted, whoever else was at it."""

from dataclasses import replace
from datetime import timedelta
from pathlib import Path
from uuid import UUID

import pytest

from consent.errors import Conflict
from gateway.store import reported
from gateway.store.reported import MessageKey
from tests.consent.given import ANNA, Floor

KEY = MessageKey("lender", ANNA, "baihang", UUID(int=1), b"said", "req-1")
LATER = replace(KEY, holder="req-2")
ENTRY = UUID(int=9)
LEASE = timedelta(seconds=8)


@pytest.fixture
def floor(tmp_path: Path) -> Floor:
    """An empty floor."""
    return Floor(tmp_path)


async def begin(floor: Floor, key: MessageKey, lease: timedelta = LEASE) -> None:
    await floor.journal.commit(lambda tx: reported.begin(tx, key, lease))


async def end(floor: Floor, key: MessageKey, entry: UUID | None) -> None:
    await floor.journal.commit(lambda tx: reported.end(tx, key, entry))


async def accepted(floor: Floor, key: MessageKey = KEY) -> UUID | None:
    return await floor.journal.commit(lambda tx: reported.accepted(tx, key))


async def test_a_failure_takes_no_acceptance_back(floor: Floor) -> None:
    """Whose lease ran out may still have been heard; told so, nobody sends a third time."""
    await begin(floor, KEY, timedelta(0))
    await begin(floor, LATER)
    await end(floor, KEY, ENTRY)
    await end(floor, LATER, None)

    assert await accepted(floor) == ENTRY


async def test_who_was_overtaken_frees_nothing(floor: Floor) -> None:
    """The message is under way in other hands."""
    await begin(floor, KEY, timedelta(0))
    await begin(floor, LATER)
    await end(floor, KEY, None)

    with pytest.raises(Conflict, match="under way"):
        await accepted(floor)


async def test_a_failure_frees_the_message(floor: Floor) -> None:
    """The caller may repeat it at once."""
    await begin(floor, KEY)
    with pytest.raises(Conflict, match="under way"):
        await accepted(floor)
    await end(floor, KEY, None)

    assert await accepted(floor) is None


@pytest.mark.parametrize(
    "other", [{"content": b"else"}, {"subject": replace(ANNA, id=UUID(int=77))}]
)
async def test_an_id_is_one_message_about_one_person(
    floor: Floor, other: dict[str, object]
) -> None:
    """The bureau knows repeats by it, and would lose the second message."""
    await begin(floor, KEY)
    await end(floor, KEY, ENTRY)

    with pytest.raises(Conflict, match="another message"):
        await accepted(floor, replace(KEY, **other))  # type: ignore[arg-type]
