"""consent.vault.sealed: a record is what was sealed, field by field, or it is nothing."""

from collections.abc import Callable
from dataclasses import replace
from uuid import UUID

import pytest
from hypothesis import given
from hypothesis import strategies as st

from consent.errors import VaultError
from consent.vault.envelope import Place
from consent.vault.sealed import Action, SealedField, SealedRecord, check, seal
from tests.consent.vault.given import MEMBER, OTHER_MEMBER, OTHER_SUBJECT, RECORD, SUBJECT

MAC_KEY = bytes(range(32))
PLACE = Place(MEMBER, SUBJECT, RECORD, "pboc", 3)
NAME = SealedField("/name", Action.ENCRYPTED, b"\x01envelope-1")
PHONE = SealedField("/phone", Action.ENCRYPTED, b"\x01envelope-2")
AS_OF = SealedField("/as_of", Action.SEALED_ONLY, b"2026-03-01")
SEALED = seal(MAC_KEY, PLACE, b"dek-id-8", [PHONE, NAME, AS_OF])


def read(stored: bytes) -> SealedRecord:
    """As a store reads it back from the row it was written to."""
    return SealedRecord.from_bytes(stored, member=MEMBER, subject=SUBJECT, record_id=RECORD)


def test_the_stored_form_is_pinned() -> None:
    """Spelled out by hand from the format: if this moves, write an ADR."""
    assert SEALED.to_bytes() == (
        b"\x01" + b"\x00\x03" + b"\x00\x04pboc" + b"dek-id-8"
        b"\x00\x00\x00\x03"
        b"\x00\x06/as_of" + b"s" + b"\x00\x00\x00\x0a2026-03-01"
        b"\x00\x05/name" + b"e" + b"\x00\x00\x00\x0b\x01envelope-1"
        b"\x00\x06/phone"
        + b"e"
        + b"\x00\x00\x00\x0b\x01envelope-2"
        + bytes.fromhex("e59b07e9f5aebf8533091aa3171daaeb95abf84c7c13e0cc7c8080e7b1f9d748")
    )


def test_the_seal_covers_the_place_and_all_fields() -> None:
    """The same bytes hashed by hand: if this moves, write an ADR."""
    import hmac  # noqa: PLC0415 - the independent computation of this one test

    covered = (
        b"cdg/rs/v1\0"
        b"\x00\x08lender_a" + b"\x00\x10" + SUBJECT.id.bytes + b"\x00\x10" + RECORD.bytes
        + b"\x00\x04pboc" + b"\x00\x02\x00\x03" + SEALED.to_bytes()[17:-32]
    )  # fmt: skip

    assert hmac.digest(MAC_KEY, covered[:10] + covered[10:], "sha256") == SEALED.seal


def test_a_record_survives_its_stored_form() -> None:
    """And still holds its seal."""
    again = read(SEALED.to_bytes())

    check(MAC_KEY, again)
    assert again == SEALED


REORDERED = (NAME, PHONE)
FORGERIES: dict[str, Callable[[SealedRecord], SealedRecord]] = {
    "dropped": lambda r: replace(r, fields=r.fields[:-1]),
    "all dropped": lambda r: replace(r, fields=()),
    "added": lambda r: replace(
        r, fields=(*r.fields, SealedField("/zip", Action.SEALED_ONLY, b"1"))
    ),
    "renamed": lambda r: replace(r, fields=(*r.fields[:-1], replace(r.fields[-1], path="/phone2"))),
    "exchanged": lambda r: replace(
        r,
        fields=(AS_OF, replace(NAME, data=PHONE.data), replace(PHONE, data=NAME.data)),
    ),
    "action changed": lambda r: replace(
        r, fields=(AS_OF, replace(NAME, action=Action.SEALED_ONLY), PHONE)
    ),
    "clear value changed": lambda r: replace(
        r, fields=(replace(AS_OF, data=b"2026-03-02"), NAME, PHONE)
    ),
    "key class changed": lambda r: replace(
        r, fields=(AS_OF, replace(NAME, data=b"\x02envelope-1"), PHONE)
    ),
    "other member": lambda r: replace(r, place=replace(PLACE, member=OTHER_MEMBER)),
    "other subject": lambda r: replace(r, place=replace(PLACE, subject=OTHER_SUBJECT)),
    "other record": lambda r: replace(r, place=replace(PLACE, record_id=UUID(int=9))),
    "other source": lambda r: replace(r, place=replace(PLACE, source="baihang")),
    "other schema": lambda r: replace(r, place=replace(PLACE, schema_version=4)),
}


@pytest.mark.parametrize("what", FORGERIES)
def test_a_forged_record_breaks_its_seal(what: str) -> None:
    """Each way a writer to the database could bend a record without any key."""
    with pytest.raises(VaultError, match="not as it was sealed"):
        check(MAC_KEY, FORGERIES[what](SEALED))


def test_every_changed_byte_is_noticed() -> None:
    """Of the stored form, but for the key id: another key id finds another key (test_record)."""
    stored = SEALED.to_bytes()
    key_id = range(9, 17)
    for at in set(range(len(stored))) - set(key_id):
        changed = bytearray(stored)
        changed[at] ^= 0xFF
        with pytest.raises(VaultError):
            check(MAC_KEY, read(bytes(changed)))


@pytest.mark.parametrize("change", [lambda b: b[:-1], lambda b: b + b"\0", lambda b: b[:0]])
def test_a_torn_record_is_not_a_record(change: Callable[[bytes], bytes]) -> None:
    """Half a write is an error that names no content."""
    with pytest.raises(VaultError, match="not a sealed record"):
        read(change(SEALED.to_bytes()))


def test_fields_out_of_order_or_twice_are_refused() -> None:
    """One record has one stored form; a second field of one name could hide the first."""
    for fields in ((PHONE, NAME), (NAME, NAME)):
        with pytest.raises(VaultError, match="not in order"):
            read(replace(SEALED, fields=fields).to_bytes())


@given(stored=st.binary(max_size=200))
def test_any_bytes_read_or_raise_vault_error(stored: bytes) -> None:
    """A store full of rubbish costs one request, never the process."""
    try:
        check(MAC_KEY, read(stored))
    except VaultError:
        return
    raise AssertionError("random bytes held a seal")


@given(at=st.integers(0, 200), inserted=st.binary(min_size=1, max_size=8))
def test_inserted_bytes_are_noticed(at: int, inserted: bytes) -> None:
    """Lengths are checked against what is there."""
    stored = SEALED.to_bytes()
    changed = stored[:at] + inserted + stored[at:]

    with pytest.raises(VaultError):
        check(MAC_KEY, read(changed))


def test_a_record_keeps_quiet_in_logs() -> None:
    """Its repr shows sizes and nothing of the content, names included."""
    assert repr(SEALED) == "SealedRecord(3 fields, 123 bytes)"
    assert repr(AS_OF) == "SealedField(sealed_only, 10 bytes)"
