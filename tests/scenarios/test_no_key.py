"""No consent, no key: erased is unreadable everywhere, and a moved ciphertext opens nowhere."""

import asyncio
import shutil
import sqlite3
from contextlib import closing
from pathlib import Path
from typing import Any
from uuid import UUID

import pytest

from consent.audit.catalogue import Actor, EventType, Trail
from consent.audit.note import Vkey
from consent.audit.verify import verify
from consent.errors import LogCorrupt
from consent.journal import Tx
from consent.subject import SubjectRef
from tests.scenarios.given import (
    MEMBER,
    Answer,
    Stage,
    another_gateway,
    consent_request,
    gateway_on,
    settings_for,
    until,
)

pytestmark = pytest.mark.asyncio(loop_scope="module")

VAULT = ("vault_subject_key", "vault_tombstone")


def unreadable(answer: Answer) -> None:
    """It fails closed, as a problem document that says nothing about anybody."""
    assert (answer.status, answer.json["code"]) == (503, "vault_unavailable")
    assert b"tradelines" not in answer.body


def hexed(id_: str) -> str:
    """A UUID as SQLite holds it."""
    return UUID(id_).hex


async def erase(stage: Stage, consent: dict[str, Any]) -> None:
    """Destroy the subject's keys, and put it on record, in one unit of the journal."""
    subject = SubjectRef.parse(consent["subject"])
    trail = Trail(MEMBER, Actor("operator", "test", "local"), "erasure")

    def unit(tx: Tx) -> None:
        stone = stage.services.vault.erase_subject(
            tx.conn, member=MEMBER, subject=subject, reason="asked", actor="test", at=tx.at
        )
        facts = {"dek_ids_sha256": stone.dek_ids_sha256}
        name = stage.services.vault.pseudonym(MEMBER, subject)
        tx.note(trail.entry(EventType.SUBJECT_ERASED, tx.at, subject=name, facts=facts))

    await stage.services.journal.commit(unit)


async def everything_about(stage: Stage, consent: dict[str, Any]) -> list[Answer]:
    """Each way to see something of the person: what is stored, what was said, who they are."""
    return [
        await stage.read(consent),
        await stage.read(consent, view="attributes"),
        await stage.read(consent, explain="/sources"),
        await stage.call(
            "GET", f"/v1/borrowers/{consent['subject']}/history?purpose={consent['purpose']}"
        ),
        await stage.pull(consent),
        await stage.pull(consent, max_age_s=3600),
        await stage.pull(consent, headers={"Idempotency-Key": consent["id"]}),
    ]


async def pulled(stage: Stage, **terms: Any) -> dict[str, Any]:
    """A borrower with a stored profile; its pull had the consent's id as Idempotency-Key."""
    consent = await stage.consented(stage.somebody(), **terms)
    pull = await stage.pull(consent, headers={"Idempotency-Key": consent["id"]})
    assert pull.status == 200
    return consent


async def verified(stage: Stage) -> int:
    """The size of the log, once all of it is verified from what is served over HTTP."""
    year = stage.clock().year
    log = await stage.gateway.log(MEMBER, year)
    vkey = stage.services.log.vkey(stage.services.log.origin(MEMBER, year))
    return verify(log.__getitem__, Vkey.parse(str(vkey))).size


# -- erasure ---------------------------------------------------------------------------------------


async def test_an_erased_person_is_readable_nowhere(stage: Stage) -> None:
    """Snapshots, raw answers and identity are gone with one key; the consent still says why."""
    async with another_gateway(stage) as other:
        consent, untouched = await pulled(stage), await pulled(stage)
        assert (await other.read(consent)).status == 200  # its key cache is warm
        before = stage.rows(but=("audit_", "vault_"))
        await erase(stage, consent)
        stage.world.faults.calls.clear()
        tried = [*await everything_about(stage, consent), *await everything_about(other, consent)]

    for answer in tried:
        unreadable(answer)
    assert sum((await stage.calls()).values()) == 0
    assert stage.rows(but=("audit_", "vault_")) == before
    denials = [entry for answer in tried for entry in await stage.entries(req=answer.req)]
    assert [(e["type"], e["reason"]) for e in denials] == [
        ("profile.denied", "vault_unavailable")
    ] * len(tried)
    assert (await stage.gateway.consent(consent["id"]))["state"] == "ACTIVE"
    assert (await stage.read(untouched)).status == 200


async def test_the_log_verifies_after_an_erasure(stage: Stage) -> None:
    """The evidence of what was done with the data outlives the data."""
    consent = await pulled(stage)
    before = await verified(stage)
    await erase(stage, consent)

    assert await verified(stage) > before
    released = await stage.entries(subject=consent["subject"], type="profile.release")
    assert len(released) == 1


async def test_an_erasure_during_a_fetch_keeps_nothing(stage: Stage) -> None:
    """What arrives for somebody who no longer has a key cannot be stored, so is not shown."""
    consent = await stage.consented(stage.somebody(), sources=["bairong"])
    before = stage.rows(but=("audit_", "vault_", "consent_use"))
    with stage.wire.hold("bairong"):
        pulling = asyncio.create_task(stage.pull(consent))
        await until(lambda: stage.wire.held == ["bairong"])
        await erase(stage, consent)

    unreadable(await pulling)
    assert stage.rows(but=("audit_", "vault_", "consent_use")) == before


async def test_an_erased_person_is_not_written_anew_by_accident(stage: Stage) -> None:
    """Nothing comes back after an erasure: a new consent of the erased subject is refused."""
    life = stage.somebody()
    consent = await stage.consented(life)
    await erase(stage, consent)
    before = stage.rows()
    answer = await stage.call("POST", "/v1/consents", consent_request(life))

    unreadable(answer)
    assert stage.rows() == before


async def test_no_backup_opens_what_was_erased(fresh_stage: Stage, tmp_path: Path) -> None:
    """Neither a backup taken after it, nor the data of one before it under today's key tables."""
    stage = fresh_stage
    consent, untouched = await pulled(stage), await pulled(stage)
    old = backup(stage, tmp_path / "old")
    await erase(stage, consent)
    new = backup(stage, tmp_path / "new")
    with closing(sqlite3.connect(old / "creditgate.db")) as db, db:
        db.execute("ATTACH ? AS today", (str(new / "creditgate.db"),))
        for table in VAULT:  # the wraps' own backups are kept shorter than an erasure may take
            db.execute(f"DELETE FROM {table}")  # noqa: S608 - our own tables
            db.execute(f"INSERT INTO {table} SELECT * FROM today.{table}")  # noqa: S608
    shutil.rmtree(old / "checkpoints")  # or it would not start at all, see below
    (old / "checkpoints").mkdir()

    for restored in (new, old):
        chosen = settings_for(restored, stage.sandbox_url)
        async with gateway_on(chosen, clock=stage.clock, wire=stage.wire) as (services, url):
            again = stage.at(services, url)
            for answer in await everything_about(again, consent):
                unreadable(answer)
            assert (await again.read(untouched)).status == 200
            assert await verified(again) > 0


async def test_a_database_rolled_back_does_not_start(fresh_stage: Stage, tmp_path: Path) -> None:
    """An old backup beside newer checkpoints is a log cut short, whoever did it and why."""
    stage = fresh_stage
    old = backup(stage, tmp_path / "old")
    await pulled(stage)
    stage.services.log.publish()
    shutil.rmtree(old / "checkpoints")
    shutil.copytree(stage.data / "checkpoints", old / "checkpoints")

    chosen = settings_for(old, stage.sandbox_url)
    with pytest.raises(LogCorrupt, match="behind its kept checkpoint"):
        async with gateway_on(chosen, clock=stage.clock, wire=stage.wire):
            pass


def backup(stage: Stage, to: Path) -> Path:
    """A copy of the whole data folder, the database by SQLite's own means while it is in use."""
    ignored = shutil.ignore_patterns("creditgate.db*")
    shutil.copytree(stage.data, to, ignore=ignored)
    with (
        closing(sqlite3.connect(stage.database)) as source,
        closing(sqlite3.connect(to / "creditgate.db")) as copy,
    ):
        source.backup(copy)
    return to


# -- moved ciphertexts -----------------------------------------------------------------------------


def swap(stage: Stage, cell: str, one: str, other: str, *, by: str = "subject") -> None:
    """Exchange a cell (`table.column`) of two rows, as who has the file and no key can."""
    table, column = cell.split(".")
    value = f"SELECT {column} FROM {table} WHERE {by} = ?"  # noqa: S608 - a test's own words
    ((first,),), ((second,),) = stage.sql(value, hexed(one)), stage.sql(value, hexed(other))
    change = f"UPDATE {table} SET {column} = ? WHERE {by} = ?"  # noqa: S608
    assert first != second
    stage.sql(change, second, hexed(one))
    stage.sql(change, first, hexed(other))


async def test_a_snapshot_in_anothers_place_does_not_open(stage: Stage) -> None:
    """Two people's profiles exchanged in the file: neither is shown, least of all the wrong one."""
    one, other = await pulled(stage), await pulled(stage)
    swap(stage, "snapshot.sealed", one["subject"], other["subject"])

    unreadable(await stage.read(one))
    unreadable(await stage.read(other))
    swap(stage, "snapshot.sealed", one["subject"], other["subject"])
    assert (await stage.read(one)).status == 200


async def test_a_snapshot_in_its_own_past_does_not_open(stage: Stage) -> None:
    """Also of one person: yesterday's profile is not today's, though the key is the same."""
    consent = await pulled(stage)
    first = (await stage.read(consent)).json["snapshot"]["id"]
    second = (await stage.pull(consent)).json["snapshot"]["id"]
    swap(stage, "snapshot.sealed", first, second, by="id")

    unreadable(await stage.read(consent))


async def test_an_identity_in_anothers_place_asks_about_nobody(stage: Stage) -> None:
    """Else one person could be asked about with another's consent, by exchanging two rows."""
    one, other = await stage.consented(stage.somebody()), await stage.consented(stage.somebody())
    swap(stage, "consent_identity.sealed", one["subject"], other["subject"])
    unreadable(await stage.pull(one))
    unreadable(await stage.pull(other))

    assert sum((await stage.calls()).values()) == 0


async def test_an_answer_in_anothers_place_is_not_reused(stage: Stage) -> None:
    """A raw report moved to another person's row does not become their report."""
    one, other = await pulled(stage, sources=["bairong"]), await pulled(stage, sources=["bairong"])
    swap(stage, "report.sealed", one["subject"], other["subject"])

    unreadable(await stage.pull(one, max_age_s=3600))
    unreadable(await stage.pull(other, max_age_s=3600))


async def test_a_key_in_anothers_place_opens_nothing(stage: Stage) -> None:
    """Wrapped keys are bound to their owner: exchanging them opens neither person's data."""
    one, other = await pulled(stage), await pulled(stage)
    for column in ("wrapped", "dek_id"):
        swap(stage, f"vault_subject_key.{column}", one["subject"], other["subject"])
        unreadable(await stage.read(one))
        unreadable(await stage.read(other))


@pytest.mark.parametrize("at", [0.1, 0.5, 0.9, 1.0])
async def test_a_flipped_bit_anywhere_is_noticed(stage: Stage, at: float) -> None:
    """Also in a section the reader did not ask for: the seal is over all of it."""
    consent = await pulled(stage)
    where = hexed(consent["subject"])
    ((sealed,),) = stage.sql("SELECT sealed FROM snapshot WHERE subject = ?", where)
    broken = bytearray(sealed)
    broken[min(int(len(broken) * at), len(broken) - 1)] ^= 1
    stage.sql("UPDATE snapshot SET sealed = ? WHERE subject = ?", bytes(broken), where)

    unreadable(await stage.read(consent, view="attributes"))


@pytest.mark.parametrize("sealed", [b"", b"\0", b"rubbish" * 100])
async def test_rubbish_in_the_database_is_no_crash(stage: Stage, sealed: bytes) -> None:
    """What is not even shaped like a record fails closed all the same."""
    consent = await pulled(stage)
    where = hexed(consent["subject"])
    stage.sql("UPDATE snapshot SET sealed = ? WHERE subject = ?", sealed, where)
    stage.sql("UPDATE consent_identity SET sealed = ? WHERE subject = ?", sealed, where)

    unreadable(await stage.read(consent))
    unreadable(await stage.pull(consent))
