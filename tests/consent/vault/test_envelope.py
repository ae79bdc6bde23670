"""consent.vault.envelope: a field opens where it was sealed and nowhere else."""

import os
from dataclasses import replace
from uuid import UUID

import pytest
from hypothesis import given
from hypothesis import strategies as st

from consent.errors import VaultError
from consent.vault.envelope import OVERHEAD_BYTES, Bound, Head, Place, parts
from consent.vault.suites import Suite, aead
from tests.consent.vault.given import MEMBER, OTHER_MEMBER, OTHER_SUBJECT, RECORD, SUBJECT

KEY = bytes(range(32))
HEAD = Head(Suite.AES_256_GCM, b"dek-id-8")
PLACE = Place(MEMBER, SUBJECT, RECORD, "pboc", 1)
PATH = "/identity/name"

_names = st.text(st.characters(codec="utf-8"), max_size=40)
places = st.builds(
    Place,
    member=_names,
    subject=st.sampled_from([SUBJECT, OTHER_SUBJECT]),
    record_id=st.uuids(),
    source=_names,
    schema_version=st.integers(0, 2**16 - 1),
)


def bound(head: Head = HEAD, place: Place = PLACE) -> Bound:
    """One key bound to one place."""
    return Bound(aead(head.suite, KEY), head, place)


@pytest.mark.parametrize(
    ("suite", "pinned"),
    [
        (
            Suite.AES_256_GCM,
            "010164656b2d69642d386465666768696a6b6c6d6e6f3e7ab2131c877c0da5d277f31b65dbbb556f07f7d7",
        ),
        (
            Suite.AES_256_GCM_SIV,
            "010264656b2d69642d386465666768696a6b6c6d6e6f85db9f5076c4823c0a58db1f5e276b09e62f791548",
        ),
    ],
)
def test_the_envelope_is_pinned(monkeypatch: pytest.MonkeyPatch, suite: Suite, pinned: str) -> None:
    """Stored data must open for years: if this moves, write an ADR."""
    monkeypatch.setattr(os, "urandom", lambda size: bytes(range(100, 100 + size)))
    head = replace(HEAD, suite=suite)

    assert bound(head).seal(PATH, b"value").hex() == pinned
    assert bound(head).open(PATH, bytes.fromhex(pinned)) == b"value"


def test_the_associated_data_is_pinned() -> None:
    """Spelled out by hand from the format: if this moves, write an ADR."""
    seen: list[bytes] = []

    class Spy:
        def encrypt(self, nonce: bytes, data: bytes, associated_data: bytes, /) -> bytes:
            seen.append(associated_data)
            return data + nonce

        def decrypt(self, nonce: bytes, data: bytes, associated_data: bytes, /) -> bytes:
            raise AssertionError(nonce, data, associated_data)

    Bound(Spy(), HEAD, PLACE).seal(PATH, b"")

    assert seen == [
        b"cdg/fe/v1\0"
        b"\x00\x0a" + b"\x01\x01dek-id-8"
        b"\x00\x08" + b"lender_a"
        b"\x00\x10" + SUBJECT.id.bytes + b"\x00\x10" + RECORD.bytes + b"\x00\x04" + b"pboc"
        b"\x00\x02" + b"\x00\x01"
        b"\x00\x0e" + b"/identity/name"
    ]


def test_an_envelope_costs_38_bytes() -> None:
    """Capacity planning counts on it."""
    assert len(bound().seal(PATH, b"x" * 100)) == 100 + OVERHEAD_BYTES == 138


@given(place=places, value=st.binary(max_size=300), suite=st.sampled_from(Suite))
def test_what_is_sealed_opens(place: Place, value: bytes, suite: Suite) -> None:
    """At any place, of any length, in any suite."""
    here = bound(replace(HEAD, suite=suite), place)

    assert here.open(PATH, here.seal(PATH, value)) == value


@given(place=places, other=places)
def test_two_places_never_share_associated_data(place: Place, other: Place) -> None:
    """Lengths keep "ab"+"c" and "a"+"bc" apart, so no field can be moved between them."""
    assert (place.encode() == other.encode()) is (place == other)


ELSEWHERE = {
    "member": replace(PLACE, member=OTHER_MEMBER),
    "subject": replace(PLACE, subject=OTHER_SUBJECT),
    "record_id": replace(PLACE, record_id=UUID(int=RECORD.int + 1)),
    "source": replace(PLACE, source="baihang"),
    "schema_version": replace(PLACE, schema_version=2),
}


@pytest.mark.parametrize("suite", Suite)
@pytest.mark.parametrize("part", ELSEWHERE)
def test_a_field_moved_elsewhere_does_not_open(part: str, suite: Suite) -> None:
    """The swap matrix: whoever can write the database cannot pass one value off as another."""
    head = replace(HEAD, suite=suite)
    envelope = bound(head).seal(PATH, b"value")

    with pytest.raises(VaultError, match="did not open"):
        bound(head, ELSEWHERE[part]).open(PATH, envelope)


def test_a_field_does_not_open_as_another_field() -> None:
    """A spouse's phone number must not become the subject's."""
    with pytest.raises(VaultError, match="did not open"):
        bound().open("/identity/phone", bound().seal(PATH, b"value"))


@pytest.mark.parametrize(
    "head", [replace(HEAD, dek_id=b"dek-id-9"), replace(HEAD, suite=Suite.AES_256_GCM_SIV)]
)
def test_a_field_does_not_open_under_another_head(head: Head) -> None:
    """Key id and suite are bound too, so neither can be exchanged for a weaker one."""
    envelope = bound().seal(PATH, b"value")

    with pytest.raises(VaultError, match="another key"):
        bound(head).open(PATH, envelope)
    with pytest.raises(VaultError, match="did not open"):
        bound(head).open(PATH, head.encode() + envelope[10:])


def test_every_changed_bit_is_noticed() -> None:
    """Version, suite, key id, nonce, ciphertext and tag: no region is unprotected."""
    envelope = bound().seal(PATH, b"value")
    for at in range(len(envelope) * 8):
        changed = bytearray(envelope)
        changed[at // 8] ^= 1 << at % 8
        with pytest.raises(VaultError):
            bound().open(PATH, bytes(changed))


@pytest.mark.parametrize("size", range(43))
def test_a_shortened_envelope_does_not_open(size: int) -> None:
    """A torn write is an error, not a shorter value."""
    envelope = bound().seal(PATH, b"value")[:size]

    with pytest.raises(VaultError):
        bound().open(PATH, envelope)


@pytest.mark.parametrize(
    "start", [b"", b"\x02\x01", b"\x01\x00", b"\x01\x03", b"\x01\x11", b"\x01"]
)
def test_a_head_we_do_not_know_is_refused(start: bytes) -> None:
    """A future version or suite is refused by name instead of read by guess."""
    with pytest.raises(VaultError, match=r"version|suite"):
        Head.of(start.ljust(60 if len(start) > 1 else 1, b"\0"))


def test_nonces_do_not_repeat() -> None:
    """Two seals of one value differ: nobody can see from outside that values are equal."""
    here = bound()

    assert len({here.seal(PATH, b"value") for _ in range(1000)}) == 1000


def test_a_part_has_a_limit() -> None:
    """Beyond 65535 bytes the length would not fit, and places could collide."""
    with pytest.raises(VaultError, match="65535"):
        parts(bytes(65536))


def test_a_path_is_a_json_pointer() -> None:
    """`name` and `/name` must not be two names of one field."""
    with pytest.raises(VaultError, match="JSON Pointer"):
        bound().seal("name", b"value")
