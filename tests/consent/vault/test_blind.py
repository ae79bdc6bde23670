"""consent.vault.blind: a person can be found by those who know whom they look for."""

import hmac
from uuid import UUID

import pytest
from hypothesis import given
from hypothesis import strategies as st

from consent.errors import ConfigError
from consent.subject import SubjectRef
from consent.vault.blind import BlindIndex, IndexKey
from consent.vault.suites import derive
from tests.consent.vault.given import (
    MEMBER,
    OTHER_MEMBER,
    OTHER_SUBJECT,
    SUBJECT,
    CountingKek,
    Hand,
    new_vault,
)

ONE = IndexKey(1, b"i" * 32, b"p" * 32)
TWO = IndexKey(2, b"I" * 32, b"P" * 32)
MOBILE = "8610012345678"


def test_the_index_is_pinned() -> None:
    """By hand, from the format, and as a value: if this moves, write an ADR."""
    index_key = derive(ONE.key, b"cdg/ki/v1\0\x00\x08lender_a\x00\x06mobile")
    pepper_in = b"cdg/bp/v1\0\x00\x06mobile\x00\x0d" + MOBILE.encode()
    peppered = hmac.digest(ONE.pepper, pepper_in, "sha256")
    index_in = b"cdg/bi/v1\0\x00\x06mobile\x00\x20" + peppered
    expected = b"\x01" + hmac.digest(index_key, index_in, "sha256")

    assert BlindIndex([ONE]).of(MEMBER, "mobile", MOBILE) == expected
    assert expected.hex() == "010c17445ecce116aafe7b1a50aa63b1a3ca1b2a12469fde822695b4abbfb76d33"


def test_the_pseudonym_is_pinned() -> None:
    """It stands in the audit log for years: if this moves, write an ADR."""
    own = derive(ONE.key, b"cdg/kp/v1\0\x00\x08lender_a")
    named = hmac.digest(own, b"cdg/ps/v1\0\x00\x10" + SUBJECT.id.bytes, "sha256")

    assert (
        BlindIndex([ONE]).pseudonym(MEMBER, SUBJECT)
        == named[:16].hex()
        == "0a45043904adcb4ac8a4491d0e53cae6"
    )


def test_the_name_in_an_export_is_its_own() -> None:
    """By hand, from the format; two exports, or two members, cannot be joined by it."""
    first, second = UUID(int=1), UUID(int=2)
    own = derive(ONE.key, b"cdg/kx/v1\0\x00\x08lender_a\x00\x10" + first.bytes)
    named = hmac.digest(own, b"cdg/xs/v1\0\x00\x10" + SUBJECT.id.bytes, "sha256")
    index = BlindIndex([ONE])

    assert index.exported(MEMBER, first, SUBJECT) == named[:16].hex()
    names = {
        index.exported(member, export, subject)
        for member in (MEMBER, OTHER_MEMBER)
        for export in (first, second)
        for subject in (SUBJECT, OTHER_SUBJECT)
    }
    assert len(names) == 8
    assert index.pseudonym(MEMBER, SUBJECT) not in names


@pytest.mark.parametrize("bits", [1, 7, 8, 12, 16, 128, 255, 256])
def test_an_index_may_be_cut_to_bits(bits: int) -> None:
    """The first bits of the full one, the rest of the last byte zero."""
    full = BlindIndex([ONE]).of(MEMBER, "mobile", MOBILE)[1:]
    cut = BlindIndex([ONE]).of(MEMBER, "mobile", MOBILE, bits=bits)[1:]
    as_bits = "".join(f"{byte:08b}" for byte in full)[:bits]

    assert "".join(f"{byte:08b}" for byte in cut) == as_bits.ljust(len(cut) * 8, "0")
    assert len(cut) == (bits + 7) // 8


@pytest.mark.parametrize("bits", [0, -1, 257])
def test_an_index_has_some_bits(bits: int) -> None:
    """None would make all people one."""
    with pytest.raises(ValueError, match="1 to 256"):
        BlindIndex([ONE]).of(MEMBER, "mobile", MOBILE, bits=bits)


@given(
    one=st.tuples(st.text(max_size=9), st.text(max_size=9), st.text(max_size=9)),
    two=st.tuples(st.text(max_size=9), st.text(max_size=9), st.text(max_size=9)),
)
def test_equal_values_and_only_they_share_an_index(
    one: tuple[str, str, str], two: tuple[str, str, str]
) -> None:
    """Member and column are part of it, so columns of two members cannot be joined."""
    index = BlindIndex([ONE])

    assert (index.of(*one) == index.of(*two)) is (one == two)


def test_replacing_the_key_loses_nobody() -> None:
    """Writes use the newest key, look-ups find what either wrote."""
    old, both = BlindIndex([ONE]), BlindIndex([ONE, TWO])
    stored_before = old.of(MEMBER, "mobile", MOBILE)
    stored_since = both.of(MEMBER, "mobile", MOBILE)

    assert both.candidates(MEMBER, "mobile", MOBILE) == (stored_since, stored_before)
    assert (stored_since[0], stored_before[0]) == (2, 1)
    assert both.pseudonyms(MEMBER, SUBJECT) == (
        both.pseudonym(MEMBER, SUBJECT),
        old.pseudonym(MEMBER, SUBJECT),
    )


@pytest.mark.parametrize("changed", ["key", "pepper"])
def test_both_secrets_count(changed: str) -> None:
    """Whoever has the index key alone cannot try all mobile numbers."""
    other = IndexKey(1, **{"key": ONE.key, "pepper": ONE.pepper, changed: b"x" * 32})

    assert BlindIndex([other]).of(MEMBER, "m", "v") != BlindIndex([ONE]).of(MEMBER, "m", "v")


def test_pseudonyms_differ_between_members() -> None:
    """Two members' logs cannot be joined on them."""
    index = BlindIndex([ONE])
    names = {
        index.pseudonym(member, subject)
        for member in (MEMBER, OTHER_MEMBER)
        for subject in (SUBJECT, OTHER_SUBJECT, SubjectRef(SUBJECT.id))
    }

    assert len(names) == 4


@pytest.mark.parametrize(
    "active", [[], [ONE, ONE], [IndexKey(0, b"", b"")], [IndexKey(256, b"", b"")]]
)
def test_index_keys_have_distinct_small_versions(active: list[IndexKey]) -> None:
    """The version is one byte of what is stored."""
    with pytest.raises(ConfigError):
        BlindIndex(active)


def test_index_keys_keep_quiet_in_logs() -> None:
    """A dataclass would print its fields."""
    assert repr(ONE) == "IndexKey(version=1)"


def test_the_vault_answers_for_its_index(hand: Hand, kek: CountingKek) -> None:
    """Callers need no second object."""
    vault, index = new_vault(hand, kek), BlindIndex([ONE])

    assert vault.blind_index(member=MEMBER, column="mobile", value=MOBILE) == index.of(
        MEMBER, "mobile", MOBILE
    )
    cut = vault.blind_index(member=MEMBER, column="mobile", value=MOBILE, bits=16)
    assert cut == index.of(MEMBER, "mobile", MOBILE, bits=16)
    found = vault.blind_index_candidates(member=MEMBER, column="mobile", value=MOBILE)
    assert found == index.candidates(MEMBER, "mobile", MOBILE)
    assert vault.pseudonym(MEMBER, SUBJECT) == index.pseudonym(MEMBER, SUBJECT)
    assert vault.pseudonyms(MEMBER, SUBJECT) == index.pseudonyms(MEMBER, SUBJECT)
