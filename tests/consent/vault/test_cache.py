"""consent.vault.cache: keys in memory are few, young and little used."""

from collections.abc import Callable

from consent.subject import SubjectRef
from consent.vault.cache import MAX_AGE_S, MAX_USES, KeyCache, Slot
from tests.consent.vault.given import MEMBER, OTHER_MEMBER, OTHER_SUBJECT, SUBJECT, Hand


def slot(
    member: str = MEMBER, subject: SubjectRef | None = SUBJECT, wrapped: bytes = b"w1"
) -> Slot:
    """One owner's first key."""
    return Slot(member, subject, 1, "1", wrapped)


def cache(monotonic: Callable[[], float], size: int = 10) -> KeyCache[str]:
    """Text stands in for keys."""
    return KeyCache(monotonic, size=size)


def test_a_key_serves_for_300_seconds(hand: Hand) -> None:
    """Counted from when it was unwrapped, however often it is used."""
    held = cache(hand.monotonic)
    held.put(slot(), "key", 1)
    for hand.elapsed_s in (100.0, MAX_AGE_S):
        assert held.get(slot(), 1) == "key"
    hand.elapsed_s = MAX_AGE_S + 0.001

    assert held.get(slot(), 1) is None
    assert len(held) == 0


def test_a_key_serves_for_a_million_fields(hand: Hand) -> None:
    """2**20 in all, those of the next record included."""
    held = cache(hand.monotonic)
    held.put(slot(), "key", MAX_USES - 5)

    assert held.get(slot(), 5) == "key"
    assert held.get(slot(), 1) is None


def test_the_wrap_is_part_of_the_slot(hand: Hand) -> None:
    """A key of the same name with another wrap is another key."""
    held = cache(hand.monotonic)
    held.put(slot(), "key", 1)

    assert held.get(slot(wrapped=b"w2"), 1) is None


def test_the_least_recently_used_goes_first(hand: Hand) -> None:
    """So a portfolio run does not push out the key in use."""
    held = cache(hand.monotonic, size=2)
    for wrapped in (b"1", b"2"):
        held.put(slot(wrapped=wrapped), "key", 1)
    held.get(slot(wrapped=b"1"), 1)
    held.put(slot(wrapped=b"3"), "key", 1)

    assert [held.get(slot(wrapped=w), 1) for w in (b"1", b"2", b"3")] == ["key", None, "key"]


def test_idle_keys_leave_memory(hand: Hand) -> None:
    """Without being asked for: the next key put in sweeps them out."""
    held = cache(hand.monotonic)
    held.put(slot(wrapped=b"1"), "key", 1)
    held.put(slot(wrapped=b"2"), "key", 1)
    hand.elapsed_s = MAX_AGE_S + 1
    held.put(slot(wrapped=b"3"), "key", 1)

    assert len(held) == 1


def test_forgetting_a_subject_forgets_no_other(hand: Hand) -> None:
    """All versions of this subject at this member, nothing else."""
    others = [slot(OTHER_MEMBER), slot(subject=OTHER_SUBJECT), slot(subject=None)]
    mine = [slot(), slot(wrapped=b"w2")]
    held = cache(hand.monotonic)
    for each in (*others, *mine):
        held.put(each, "key", 1)
    held.forget(MEMBER, SUBJECT)

    assert [held.get(each, 1) for each in (*others, *mine)] == ["key"] * 3 + [None] * 2
