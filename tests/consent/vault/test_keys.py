"""consent.vault.keys and keystore: one key a subject, counted, renewed, destroyed."""

from hashlib import sha256

import pytest
from sqlalchemy import Engine, update
from sqlalchemy.exc import IntegrityError

from consent.errors import VaultError
from consent.vault import keystore
from consent.vault.envelope import parts
from consent.vault.file_kek import FileKek
from consent.vault.keys import RENEW_AT_SEALS, KeyClass, Keyring, SubjectKey
from consent.vault.keystore import MAX_SEALS, Tombstone, subject_key
from consent.vault.suites import Suite, aead, derive
from consent.vault.wrapping import KeyEncryption, unwrap, wrap, wrapper
from tests.consent.vault.given import (
    FIELDS,
    MEMBER,
    NOON,
    OTHER_MEMBER,
    OTHER_SUBJECT,
    SUBJECT,
    CountingKek,
    Hand,
    Writing,
    earn,
    new_vault,
    rolled_back,
    seal,
)

KEK = bytes(range(32))
DEK = bytes(range(32, 64))


@pytest.fixture
def keyring(kek: CountingKek, hand: Hand) -> Keyring:
    """A keyring with nothing in memory."""
    return Keyring(kek, hand.monotonic)


def test_the_wrap_of_a_key_is_pinned() -> None:
    """Wraps outlive every process: if this moves, write an ADR."""
    pinned = bytes.fromhex(
        "01026465666768696a6b6c6d6e6f8f1c39cead4f7d58718745757bffa474608e5382ed59ceb3881f87d283386bf0d32564ae7dd572d17686f256b1595969"
    )
    assert unwrap(wrapper(KEK), pinned, b"bound") == DEK


def test_class_keys_are_pinned() -> None:
    """A class key is derived anew each time: if this moves, write an ADR."""
    key = SubjectKey(b"dek-id-8", DEK)

    assert key.mac_key == derive(DEK, b"cdg/kd/v1\0\x00\x06")
    assert key.mac_key.hex() == "005736496a267922a1d0fb7b322701bb1d3d45731d46b0427d0c0b90ed6e5791"
    for suite in Suite:
        for number, key_class in enumerate(KeyClass, start=1):
            if key_class is not KeyClass.MAC:
                nonce = bytes(12)
                expected = aead(suite, derive(DEK, b"cdg/kd/v1\0" + bytes((suite, number))))
                sealed = key.cipher(suite, key_class).encrypt(nonce, b"x", b"")
                assert sealed == expected.encrypt(nonce, b"x", b"")


def test_wraps_are_bound_to_their_owner(keyring: Keyring, writing: Writing) -> None:
    """A key pasted whole into another subject's row does not open there."""
    with writing() as conn:
        theirs = keyring.for_sealing(conn, MEMBER, SUBJECT, 1)
        keyring.for_sealing(conn, MEMBER, OTHER_SUBJECT, 1)
        found = keystore.find_subject_key(conn, MEMBER, SUBJECT, theirs.dek_id)
        assert found is not None
        conn.execute(
            update(subject_key)
            .where(subject_key.c.subject == OTHER_SUBJECT.id)
            .values(wrapped=found.wrapped, dek_id=found.dek_id)
        )
        with pytest.raises(VaultError, match="did not open"):
            keyring.for_opening(conn, MEMBER, OTHER_SUBJECT, theirs.dek_id, 1)


@pytest.mark.parametrize("column", ["version", "dek_id"])
def test_a_wrap_is_bound_to_its_version_and_id(
    hand: Hand, kek: CountingKek, writing: Writing, column: str
) -> None:
    """An old key cannot be passed off as the newest."""
    changed = {"version": 9, "dek_id": b"another-"}
    with writing() as conn:
        Keyring(kek, hand.monotonic).for_sealing(conn, MEMBER, SUBJECT, 1)
        conn.execute(update(subject_key).values({column: changed[column]}))
        with pytest.raises(VaultError, match="did not open"):
            Keyring(kek, hand.monotonic).for_sealing(conn, MEMBER, SUBJECT, 1)


def test_member_keys_are_bound_to_their_member(
    hand: Hand, kek: CountingKek, writing: Writing
) -> None:
    """Nobody can make one member's data be sealed under a key another member has."""
    with writing() as conn:
        Keyring(kek, hand.monotonic).for_sealing(conn, MEMBER, SUBJECT, 1)
        conn.execute(update(keystore.member_key).values(member=OTHER_MEMBER))
        with pytest.raises(VaultError, match="did not open"):
            Keyring(kek, hand.monotonic).for_sealing(conn, OTHER_MEMBER, OTHER_SUBJECT, 1)


def test_a_wrap_of_another_size_or_version_is_refused() -> None:
    """Storage that lost a byte says so."""
    good = wrap(wrapper(KEK), DEK, b"bound")
    for bad in (b"", good[:-1], good + b"\0", b"\x02" + good[1:], good[:1] + b"\x01" + good[2:]):
        with pytest.raises(VaultError):
            unwrap(wrapper(KEK), bad, b"bound")


def test_each_member_and_subject_has_its_own_keys(keyring: Keyring, writing: Writing) -> None:
    """The same person at two members is two subjects."""
    with writing() as conn:
        made = {
            keyring.for_sealing(conn, member, subject, 1)._dek
            for member in (MEMBER, OTHER_MEMBER)
            for subject in (SUBJECT, OTHER_SUBJECT)
        }

    assert len(made) == 4


def test_the_root_key_may_be_replaced(writing: Writing, hand: Hand) -> None:
    """Old member keys open with the old root; without it they say which is missing."""
    with writing() as conn:
        old = Keyring(FileKek({1: KEK}), hand.monotonic)
        key = old.for_sealing(conn, MEMBER, SUBJECT, 1)
        both = Keyring(FileKek({1: KEK, 2: DEK}), hand.monotonic)
        both.for_sealing(conn, OTHER_MEMBER, SUBJECT, 1)

        assert both.for_opening(conn, MEMBER, SUBJECT, key.dek_id, 1)._dek == key._dek
        with pytest.raises(VaultError, match="no root key of version '2'"):
            old.for_sealing(conn, OTHER_MEMBER, SUBJECT, 1)


def seals(engine: Engine) -> list[int]:
    """The counts of all versions of the subject's key, oldest first."""
    with engine.connect() as conn:
        return list(
            conn.exec_driver_sql("SELECT seals FROM vault_subject_key ORDER BY version").scalars()
        )


def test_every_seal_is_counted_before_it_is_made(
    hand: Hand, kek: CountingKek, writing: Writing, engine: Engine
) -> None:
    """Exactly, over processes and whatever was rolled back."""
    vault, again = new_vault(hand, kek), new_vault(hand, kek)
    encrypted = sum(key_class is not None for key_class, _ in FIELDS.values())
    with writing() as conn:
        seal(vault, conn)
        seal(vault, conn)
    with rolled_back(writing) as conn:
        seal(vault, conn)
    with writing() as conn:
        seal(again, conn)
        again.seal_detail(conn, member=MEMBER, subject=SUBJECT, entry_id=SUBJECT.id, plaintext=b"")

    assert seals(engine) == [3 * encrypted + 1]


def test_a_key_made_in_a_rolled_back_transaction_is_never_used(
    hand: Hand, kek: CountingKek, writing: Writing
) -> None:
    """Else the next record would be sealed under a key that is stored nowhere: lost data."""
    vault = new_vault(hand, kek)
    with rolled_back(writing) as conn:
        lost = seal(vault, conn)
    with writing() as conn:
        kept = seal(vault, conn)

        assert kept.dek_id != lost.dek_id
        assert new_vault(hand, kek).open_record(conn, earn(), kept, ["/identity"])


def set_seals(engine: Engine, count: int) -> None:
    """Pretend so many fields were sealed already."""
    with engine.connect().execution_options(writing=True) as conn, conn.begin():
        conn.execute(update(subject_key).values(seals=count))


def test_a_busy_subject_gets_its_next_key(
    hand: Hand, kek: CountingKek, writing: Writing, engine: Engine
) -> None:
    """At 2**28 seals; what the old key sealed still opens."""
    vault = new_vault(hand, kek)
    with writing() as conn:
        first = seal(vault, conn)
    set_seals(engine, RENEW_AT_SEALS - 3)
    with writing() as conn:
        below = seal(vault, conn)
        reaching = seal(vault, conn)
        after = seal(vault, conn)

        assert first.dek_id == below.dek_id == reaching.dek_id != after.dek_id
        for sealed in (first, after):
            assert vault.open_record(conn, earn(), sealed, ["/identity"])
    assert seals(engine) == [RENEW_AT_SEALS + 1, 2]


def test_a_worn_out_key_seals_no_more(
    hand: Hand, kek: CountingKek, writing: Writing, engine: Engine
) -> None:
    """The hard stop at 2**31 holds even when renewal failed; opening goes on."""
    vault = new_vault(hand, kek)
    with writing() as conn:
        sealed = seal(vault, conn)
    set_seals(engine, MAX_SEALS - 1)
    with writing() as conn:
        with pytest.raises(VaultError, match="limit of seals"):
            seal(vault, conn)

        assert vault.open_record(conn, earn(), sealed, ["/identity"])
    assert seals(engine) == [MAX_SEALS - 1]


def test_the_limits_are_those_of_the_standard() -> None:
    """NIST SP 800-38D 8.3: at most 2**32 random nonces a key."""
    assert (RENEW_AT_SEALS, MAX_SEALS) == (2**28, 2**31)


def test_a_tombstone_names_the_keys_it_took(
    hand: Hand, kek: CountingKek, writing: Writing, engine: Engine
) -> None:
    """By digest, oldest first, so that a restored wrap can be recognised as one of them."""
    vault = new_vault(hand, kek)
    with writing() as conn:
        one = seal(vault, conn).dek_id
    set_seals(engine, RENEW_AT_SEALS)
    with writing() as conn:
        seal(vault, conn)
        two = seal(vault, conn).dek_id
        expected = Tombstone(
            MEMBER, SUBJECT, sha256(one + two).hexdigest(), "subject_request", "op_1", NOON
        )
        given = {"member": MEMBER, "subject": SUBJECT, "at": NOON}
        stone = vault.erase_subject(conn, reason="subject_request", actor="op_1", **given)  # type: ignore[arg-type]  # three names
        again = vault.erase_subject(conn, reason="another", actor="op_2", **given)  # type: ignore[arg-type]  # three names
    with writing() as conn:
        stored = keystore.find_tombstone(conn, MEMBER, SUBJECT)

    assert one != two
    assert stone == again == stored == expected


def test_an_erasure_that_is_rolled_back_did_not_happen(
    hand: Hand, kek: CountingKek, writing: Writing
) -> None:
    """Wraps, tombstone and log entry stand or fall together."""
    vault = new_vault(hand, kek)
    with writing() as conn:
        sealed = seal(vault, conn)
    with rolled_back(writing) as conn:
        vault.erase_subject(conn, member=MEMBER, subject=SUBJECT, reason="r", actor="a", at=NOON)
    with writing() as conn:
        assert vault.open_record(conn, earn(), sealed, ["/identity"])


def test_an_erased_subject_leaves_no_key_in_memory(
    hand: Hand, kek: CountingKek, writing: Writing
) -> None:
    """Here at once; in another process with its next look, at the latest by age."""
    ours, theirs = new_vault(hand, kek), new_vault(hand, kek)
    with writing() as conn:
        sealed = seal(ours, conn)
        theirs.open_record(conn, earn(), sealed, [])
        ours.erase_subject(conn, member=MEMBER, subject=SUBJECT, reason="r", actor="a", at=NOON)
        held_here, held_there = len(ours._keys._subject_keys), len(theirs._keys._subject_keys)
        with pytest.raises(VaultError):
            theirs.open_record(conn, earn(), sealed, [])

    assert (held_here, held_there, len(theirs._keys._subject_keys)) == (0, 1, 0)


def test_cached_keys_are_not_unwrapped_again_until_they_age(
    hand: Hand, kek: CountingKek, writing: Writing
) -> None:
    """A key service is asked once in 300 s a member, not once a record."""
    vault = new_vault(hand, kek)
    with writing() as conn:
        sealed = seal(vault, conn)
        for subject in (SUBJECT, OTHER_SUBJECT):
            for _ in range(5):
                seal(vault, conn, subject=subject)
        assert kek.unwrapped == 1
        hand.elapsed_s = 300.0
        vault.open_record(conn, earn(), sealed, [])
        assert kek.unwrapped == 1
        hand.elapsed_s = 300.1
        vault.open_record(conn, earn(), sealed, [])

    assert kek.unwrapped == 2


def test_two_keys_of_one_subject_never_share_an_id(writing: Writing, keyring: Keyring) -> None:
    """The envelope finds its key by that id alone."""
    with writing() as conn:
        keyring.for_sealing(conn, MEMBER, SUBJECT, 1)
        with pytest.raises(IntegrityError):
            conn.exec_driver_sql(
                "INSERT INTO vault_subject_key SELECT member, subject, version + 1, dek_id, "
                "member_version, wrapped, seals FROM vault_subject_key"
            )


def test_file_keys_fit_the_port(kek: CountingKek) -> None:
    """What wiring passes in is what the keyring asks for."""
    port: KeyEncryption = kek.inner

    assert port.unwrap(port.wrap(DEK, b"b"), b"b", port.version) == DEK
    assert parts(b"b") == b"\x00\x01b"
