"""consent.vault.record: no permit, no plaintext; no key, no plaintext."""

import shutil
import sqlite3
from dataclasses import replace
from datetime import timedelta
from pathlib import Path
from uuid import UUID

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from sqlalchemy import Connection, Engine

from consent.database import open_engine
from consent.decision import Permit
from consent.errors import VaultError
from consent.subject import Act, SubjectRef
from consent.vault.envelope import Place
from consent.vault.keys import KeyClass
from consent.vault.record import Sealable, Vault
from consent.vault.sealed import Action, SealedRecord
from consent.vault.sealed import seal as reseal
from consent.vault.suites import Suite
from tests.consent.vault.given import (
    CANARY,
    FIELDS,
    MEMBER,
    NOON,
    OTHER_MEMBER,
    OTHER_SUBJECT,
    RECORD,
    SUBJECT,
    CountingKek,
    Hand,
    Writing,
    earn,
    new_vault,
    seal,
)

ALL = {path: value for path, (_, value) in FIELDS.items()}


def erase(vault: Vault, conn: Connection, subject: SubjectRef = SUBJECT) -> object:
    """The erasure all tests here mean."""
    return vault.erase_subject(
        conn, member=MEMBER, subject=subject, reason="subject_request", actor="op_1", at=NOON
    )


def found_in_row(stored: bytes, **elsewhere: object) -> SealedRecord:
    """Stored bytes, read from the row they were written to or from another."""
    row = {"member": MEMBER, "subject": SUBJECT, "record_id": RECORD, **elsewhere}
    return SealedRecord.from_bytes(stored, **row)  # type: ignore[arg-type]  # a row's key


def test_what_is_sealed_opens_under_a_permit(
    vault: Vault, writing: Writing, permit: Permit
) -> None:
    """Round trip through the stored form, in a later transaction."""
    with writing() as conn:
        sealed = seal(vault, conn)
    with writing() as conn:
        opened = vault.open_record(conn, permit, found_in_row(sealed.to_bytes()), list(FIELDS))

    assert opened == ALL


def test_only_the_fields_asked_for_open(vault: Vault, writing: Writing, permit: Permit) -> None:
    """Scoring reads account data and never sees a name."""
    with writing() as conn:
        sealed = seal(vault, conn)

        assert vault.open_record(conn, permit, sealed, ["/tradelines"]) == {
            "/tradelines": b"CANARY-BALANCE"
        }
        with pytest.raises(VaultError, match="not in the record"):
            vault.open_record(conn, permit, sealed, ["/tradelines", "/income"])


def test_nothing_of_a_value_stands_in_the_stored_form(vault: Vault, writing: Writing) -> None:
    """Only what was meant to stay clear does."""
    with writing() as conn:
        stored = seal(vault, conn).to_bytes()

    assert b"2026-03-01" in stored
    assert b"CANARY" not in stored


@settings(suppress_health_check=[HealthCheck.function_scoped_fixture], max_examples=50)
@given(
    fields=st.dictionaries(
        st.text(st.characters(codec="utf-8"), max_size=20).map(lambda text: f"/{text}"),
        st.tuples(
            st.sampled_from([None, *(set(KeyClass) - {KeyClass.MAC})]), st.binary(max_size=200)
        ),
        max_size=6,
    ),
    suite=st.sampled_from(Suite),
)
def test_any_record_round_trips(
    engine: Engine, hand: Hand, kek: CountingKek, fields: dict[str, Sealable], suite: Suite
) -> None:
    """Any names, any bytes, any classes, none at all, in either suite."""
    vault = new_vault(hand, kek)
    vault._suite = suite
    with engine.connect().execution_options(writing=True) as conn, conn.begin():
        sealed = found_in_row(seal(vault, conn, fields=fields).to_bytes())

        assert vault.open_record(conn, earn(), sealed, list(fields)) == {
            path: value for path, (_, value) in fields.items()
        }


@pytest.mark.parametrize(
    "wrong",
    [earn(member=OTHER_MEMBER), earn(subject=OTHER_SUBJECT)],
    ids=["other member", "other subject"],
)
def test_a_permit_for_someone_else_opens_nothing(
    vault: Vault, writing: Writing, wrong: Permit
) -> None:
    """A permit is for one member and one subject, whatever record is put beside it."""
    with writing() as conn:
        sealed = seal(vault, conn)
        with pytest.raises(VaultError, match="another member or subject"):
            vault.open_record(conn, wrong, sealed, ["/identity"])


def test_a_permit_that_ran_out_opens_nothing(
    vault: Vault, writing: Writing, permit: Permit, hand: Hand
) -> None:
    """Good until `valid_until`, that instant excluded."""
    with writing() as conn:
        sealed = seal(vault, conn)
        detail = vault.seal_detail(
            conn, member=MEMBER, subject=SUBJECT, entry_id=RECORD, plaintext=b"d"
        )
        hand.now = permit.valid_until - timedelta(microseconds=1)
        vault.open_record(conn, permit, sealed, ["/identity"])
        hand.now = permit.valid_until

        with pytest.raises(VaultError, match="run out"):
            vault.open_record(conn, permit, sealed, ["/identity"])
        with pytest.raises(VaultError, match="run out"):
            vault.open_detail(conn, permit, entry_id=RECORD, detail=detail)


def test_a_permit_to_receive_opens_nothing(vault: Vault, writing: Writing) -> None:
    """Its consent lets a source's push in; that shows nobody what is there."""
    receiving = earn(act=Act.RECEIVE)
    with writing() as conn:
        sealed = seal(vault, conn)
        detail = vault.seal_detail(
            conn, member=MEMBER, subject=SUBJECT, entry_id=RECORD, plaintext=b"d"
        )

        with pytest.raises(VaultError, match="to receive"):
            vault.open_record(conn, receiving, sealed, ["/identity"])
        with pytest.raises(VaultError, match="to receive"):
            vault.open_detail(conn, receiving, entry_id=RECORD, detail=detail)


def test_nothing_opens_without_a_real_permit(
    vault: Vault, writing: Writing, permit: Permit
) -> None:
    """Neither a look-alike nor a subclass that leaves out the check of its origin will do."""

    class Forged(Permit):
        def __post_init__(self, seal: object) -> None:
            """Accept any."""

    forged = Forged(permit.grant, permit.ask, permit.at, permit.valid_until, None)
    with writing() as conn:
        sealed = seal(vault, conn)
        detail = vault.seal_detail(
            conn, member=MEMBER, subject=SUBJECT, entry_id=RECORD, plaintext=b"d"
        )
        for pretender in (None, forged, permit.ask, object()):
            with pytest.raises(VaultError, match="needs a Permit"):
                vault.open_record(conn, pretender, sealed, ["/identity"])  # type: ignore[arg-type]  # the point
            with pytest.raises(VaultError, match="needs a Permit"):
                vault.open_detail(conn, pretender, entry_id=RECORD, detail=detail)  # type: ignore[arg-type]  # the point


@pytest.mark.parametrize(
    "difference",
    [
        {"record_id": UUID(int=1)},
        {"source": "baihang"},
        {"schema_version": 2},
        {"subject": OTHER_SUBJECT},
        {"member": OTHER_MEMBER},
    ],
    ids=lambda difference: next(iter(difference)),
)
def test_a_field_moved_to_another_record_opens_nothing(
    vault: Vault, writing: Writing, difference: dict[str, object]
) -> None:
    """The swap matrix over whole records: one field of A put in the place of B's."""
    with writing() as conn:
        ours = seal(vault, conn)
        theirs = seal(vault, conn, **difference)  # type: ignore[arg-type]  # one part differs
        permit = earn(theirs.place.member, theirs.place.subject)
        for index, field in enumerate(theirs.fields):
            if field.action is Action.SEALED_ONLY:
                continue
            moved = (*theirs.fields[:index], ours.fields[index], *theirs.fields[index + 1 :])
            with pytest.raises(VaultError, match="not as it was sealed"):
                vault.open_record(conn, permit, replace(theirs, fields=moved), [field.path])


def test_a_moved_field_does_not_open_even_under_a_new_seal(
    vault: Vault, writing: Writing, permit: Permit
) -> None:
    """Field and record are bound on their own; breaking one does not break the other."""
    with writing() as conn:
        ours = seal(vault, conn)
        theirs = seal(vault, conn, record_id=UUID(int=1))
        moved = replace(theirs, fields=ours.fields)
        key = vault._keys.for_opening(conn, MEMBER, SUBJECT, ours.dek_id, 1)
        resealed = reseal(key.mac_key, moved.place, moved.dek_id, moved.fields)

        with pytest.raises(VaultError, match="did not open"):
            vault.open_record(conn, permit, resealed, ["/identity"])


@pytest.mark.parametrize("key", ["member", "subject", "record_id"])
def test_a_record_copied_to_another_row_opens_nothing(
    vault: Vault, writing: Writing, key: str
) -> None:
    """A whole blob pasted over another row, yesterday's snapshot over today's for example."""
    other = {"member": OTHER_MEMBER, "subject": OTHER_SUBJECT, "record_id": UUID(int=1)}
    with writing() as conn:
        sealed = seal(vault, conn)
        seal(vault, conn, **{key: other[key]})  # type: ignore[arg-type]  # the other row exists
        copied = found_in_row(sealed.to_bytes(), **{key: other[key]})
        permit = earn(copied.place.member, copied.place.subject)

        with pytest.raises(VaultError):
            vault.open_record(conn, permit, copied, ["/identity"])


def test_every_changed_byte_of_a_stored_record_is_noticed(
    vault: Vault, writing: Writing, permit: Permit
) -> None:
    """Whichever field is asked for, and also when none is: the seal is checked first."""
    with writing() as conn:
        stored = seal(vault, conn).to_bytes()
        for at in range(len(stored)):
            changed = bytearray(stored)
            changed[at] ^= 1
            with pytest.raises(VaultError):
                vault.open_record(conn, permit, found_in_row(bytes(changed)), [])


def test_the_mac_key_seals_no_field(vault: Vault, writing: Writing) -> None:
    """A key has one use; under two, one could be turned against the other."""
    with writing() as conn, pytest.raises(VaultError, match="MAC key"):
        seal(vault, conn, fields={"/x": (KeyClass.MAC, b"x")})


def test_a_detail_opens_for_its_entry_only(vault: Vault, writing: Writing, permit: Permit) -> None:
    """The personal part of one audit entry cannot be shown as another's."""
    with writing() as conn:
        detail = vault.seal_detail(
            conn, member=MEMBER, subject=SUBJECT, entry_id=RECORD, plaintext=CANARY
        )

        assert detail.isascii()
        assert vault.open_detail(conn, permit, entry_id=RECORD, detail=detail) == CANARY
        for wrong in (earn(member=OTHER_MEMBER), earn(subject=OTHER_SUBJECT)):
            with pytest.raises(VaultError):
                vault.open_detail(conn, wrong, entry_id=RECORD, detail=detail)
        with pytest.raises(VaultError):
            vault.open_detail(conn, permit, entry_id=UUID(int=1), detail=detail)


@pytest.mark.parametrize("detail", ["", "%%%", "AQ==", "é", "AQE" * 40])
def test_rubbish_for_a_detail_is_a_vault_error(
    vault: Vault, writing: Writing, permit: Permit, detail: str
) -> None:
    """Nothing of base64 or the cipher reaches the caller."""
    with writing() as conn, pytest.raises(VaultError):
        vault.open_detail(conn, permit, entry_id=RECORD, detail=detail)


def test_after_an_erasure_nothing_opens(vault: Vault, writing: Writing, permit: Permit) -> None:
    """Records and audit details of the subject go; another subject's stay."""
    with writing() as conn:
        sealed = seal(vault, conn)
        detail = vault.seal_detail(
            conn, member=MEMBER, subject=SUBJECT, entry_id=RECORD, plaintext=b"d"
        )
        other = seal(vault, conn, subject=OTHER_SUBJECT)
    with writing() as conn:
        erase(vault, conn)
    with writing() as conn:
        with pytest.raises(VaultError, match="erased"):
            vault.open_record(conn, permit, sealed, ["/identity"])
        with pytest.raises(VaultError, match="erased"):
            vault.open_record(conn, permit, sealed, ["/as_of"])
        with pytest.raises(VaultError, match="erased"):
            vault.open_detail(conn, permit, entry_id=RECORD, detail=detail)

        assert vault.open_record(conn, earn(subject=OTHER_SUBJECT), other, ["/identity"])


def test_nothing_is_sealed_for_an_erased_subject(vault: Vault, writing: Writing) -> None:
    """A pull that was under way during the erasure does not bring the person back."""
    with writing() as conn:
        erase(vault, conn)
    with writing() as conn, pytest.raises(VaultError, match="erased"):
        seal(vault, conn)


def test_another_process_stops_opening_with_the_erasure(
    hand: Hand, kek: CountingKek, writing: Writing, permit: Permit
) -> None:
    """Its cache holds the key still; the next look at the database says no, at once."""
    ours, theirs = new_vault(hand, kek), new_vault(hand, kek)
    with writing() as conn:
        sealed = seal(ours, conn)
        theirs.open_record(conn, permit, sealed, ["/identity"])
    with writing() as conn:
        erase(ours, conn)
    with writing() as conn, pytest.raises(VaultError, match="erased"):
        theirs.open_record(conn, permit, sealed, ["/identity"])


def test_a_backup_opens_only_with_the_wraps_beside_it(
    tmp_path: Path, vault: Vault, writing: Writing, permit: Permit
) -> None:
    """Which is why the wraps' backups are kept apart, and shorter.

    From after the erasure nothing opens; from before nothing either, once the wraps are gone.
    """
    with writing() as conn:
        sealed = seal(vault, conn)
    before, pruned = copy(tmp_path, "before"), copy(tmp_path, "pruned")
    raw = sqlite3.connect(pruned)
    raw.execute("DELETE FROM vault_subject_key")
    raw.commit()
    raw.close()
    with writing() as conn:
        erase(vault, conn)
    after = copy(tmp_path, "after")

    outcomes = {}
    for backup in (before, pruned, after):
        restored = open_engine(f"sqlite:///{backup}")
        with restored.connect() as conn:
            try:
                vault.open_record(conn, permit, sealed, ["/identity"])
                outcomes[backup.stem] = "opens"
            except VaultError:
                outcomes[backup.stem] = "closed"
        restored.dispose()

    assert outcomes == {"before": "opens", "pruned": "closed", "after": "closed"}


def copy(tmp_path: Path, name: str) -> Path:
    """A backup of the database file, write-ahead log included."""
    raw = sqlite3.connect(tmp_path / "vault.db")
    raw.execute("PRAGMA wal_checkpoint(TRUNCATE)")
    raw.close()
    return Path(shutil.copy(tmp_path / "vault.db", tmp_path / f"{name}.db"))


def test_no_byte_of_an_erased_wrap_stays_in_the_file(
    tmp_path: Path, vault: Vault, writing: Writing
) -> None:
    """`secure_delete` overwrites it; after a checkpoint the write-ahead log is empty too."""
    with writing() as conn:
        seal(vault, conn)
        wrapped = conn.exec_driver_sql("SELECT wrapped FROM vault_subject_key").scalar_one()
    assert wrapped in copy(tmp_path, "before").read_bytes()
    with writing() as conn:
        erase(vault, conn)

    assert wrapped not in copy(tmp_path, "after").read_bytes()


def test_nothing_shows_a_value_or_a_key(
    vault: Vault, writing: Writing, permit: Permit, kek: CountingKek
) -> None:
    """Whatever ends in a log by repr or str says sizes and ids, and so do the errors."""
    with writing() as conn:
        sealed = seal(vault, conn)
        key = vault._keys.for_opening(conn, MEMBER, SUBJECT, sealed.dek_id, 1)
        shown = [
            text
            for thing in (vault, sealed, *sealed.fields, key, kek, kek.inner, sealed.place)
            for text in (repr(thing), str(thing), f"{thing}")
        ]
        for bad in (replace(sealed, seal=bytes(32)), replace(sealed, dek_id=bytes(8))):
            with pytest.raises(VaultError) as caught:
                vault.open_record(conn, permit, bad, ["/identity"])
            shown += [str(caught.value), repr(caught.value)]
            assert caught.value.__cause__ is None

    secrets = [CANARY, b"CANARY", key._dek, key.mac_key, kek.inner.wrap(bytes(32), b"")]
    for secret in secrets:
        assert not any(repr(secret)[2:-1] in text or secret.hex() in text for text in shown)
    assert not any("CANARY" in text or "不存在" in text for text in shown)


def test_place_holds_no_personal_data() -> None:
    """Its repr may be shown because it is ids only."""
    assert set(Place.__dataclass_fields__) == {
        "member",
        "subject",
        "record_id",
        "source",
        "schema_version",
    }
