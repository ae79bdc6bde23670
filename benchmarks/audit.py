"""What the audit log costs, as ratios against bare SQLite and bare hashing in the same run.

- `append`: durable appends through `AuditLog.append`, one commit per batch, and through the
  journal with 64 producers, against the commit rate of SQLite for (a) the same bytes as bare rows
  of one table and (b) the very rows the log keeps, without encoding, hashing or signing.
- `verify`: the stand-alone verifier over a log against SHA-256 of its entries, all in memory.

Run as `python -m benchmarks.audit [--entries N] [--verify N]`.
"""

import argparse
import asyncio
import sqlite3
import tempfile
import time
from collections.abc import Iterator, Sequence
from datetime import UTC, datetime, timedelta
from functools import partial
from hashlib import sha256
from pathlib import Path
from uuid import UUID

from sqlalchemy import insert

from consent.audit.catalogue import Actor, ConsentStamp, Entry, EventType
from consent.audit.kept import KeptCheckpoints
from consent.audit.log import AuditLog
from consent.audit.merkle import HASH_BYTES, TILE_HEIGHT, Frontier, leaf_hash
from consent.audit.note import Checkpoint, Vkey
from consent.audit.tables import entries as stored
from consent.audit.tiles import pack_bundle, resources
from consent.audit.verify import verify
from consent.database import metadata, open_engine
from consent.ids import uuid7
from consent.journal import Journal, Tx
from consent.vault.signing import Signer

NOON = datetime(2026, 3, 1, 12, tzinfo=UTC)
BATCH = 64  # entries per commit: 64 producers that each wait for theirs
PER_REQUEST = 8
_STEPS = (
    *(EventType.FETCH_INTENDED, EventType.FETCH_OK) * 3,
    EventType.DECRYPT_BATCH,
    EventType.PROFILE_RELEASE,
)


def requests(count: int) -> Iterator[Entry]:
    """`count` entries as pulls of three sources write them: one subject and consent each."""
    people = [(uuid7(NOON), sha256(b"%d" % n).hexdigest()[:32]) for n in range(5000)]
    for number in range(count):
        request, step = divmod(number, PER_REQUEST)
        consent, subject = people[request * 7919 % len(people)]
        at = NOON + timedelta(milliseconds=number)
        yield Entry(
            id=uuid7(at),
            at=at,
            type=_STEPS[step],
            member="lender-7",
            actor=Actor("client", f"scoring-{request % 3}", "api_key"),
            subject=subject,
            consent=ConsentStamp(consent, 1, 1),
            purpose="loan_origination",
            scopes=("identity", "inquiries", "tradelines"),
            source=("pboc", "baihang", "bairong")[step % 3],
            rule="decide",
            reason="granted",
            req=str(UUID(int=request)),
            config="ab" * 32,
            facts={"digest": "cd" * 32},
        )


def append_rate(entries: Sequence[Entry], directory: Path) -> float:
    """Entries per second through the log, each batch durable before the next."""
    engine = open_engine(f"sqlite:///{directory / 'log.db'}")
    metadata.create_all(engine)
    (directory / "kept").mkdir()
    log = AuditLog(
        engine,
        gateway="bench.example",
        signer=Signer(bytes(32)),
        kept=KeptCheckpoints(directory / "kept"),
    )
    started = time.perf_counter()
    with engine.connect().execution_options(writing=True) as conn:
        for at in range(0, len(entries), BATCH):
            with conn.begin():
                log.append(conn, entries[at : at + BATCH])
    seconds = time.perf_counter() - started
    engine.dispose()
    return len(entries) / seconds


def journal_rate(entries: Sequence[Entry], directory: Path) -> float:
    """Entries per second through the journal, 64 producers that each wait for theirs."""
    engine = open_engine(f"sqlite:///{directory / 'journal.db'}")
    metadata.create_all(engine)
    log = AuditLog(
        engine,
        gateway="bench.example",
        signer=Signer(bytes(32)),
        kept=KeptCheckpoints(directory / "kept"),
    )
    todo = iter(entries)

    async def produce(journal: Journal) -> None:
        for entry in todo:
            await journal.commit(partial(_note, entry))

    async def run() -> float:
        journal = Journal(engine, log, lambda: NOON)
        started = time.perf_counter()
        await asyncio.gather(*(produce(journal) for _ in range(BATCH)))
        seconds = time.perf_counter() - started
        await journal.close()
        return seconds

    seconds = asyncio.run(run())
    engine.dispose()
    return len(entries) / seconds


def _note(entry: Entry, tx: Tx) -> None:
    tx.note(entry)


def bare_rate(entries: Sequence[Entry], directory: Path) -> float:
    """Rows per second of the encoded entries into one two-column table, through sqlite3."""
    rows = [(number, entry.encode()) for number, entry in enumerate(entries)]
    raw = sqlite3.connect(directory / "bare.db", isolation_level=None)
    for pragma in ("journal_mode=WAL", "synchronous=FULL", "secure_delete=ON"):
        raw.execute(f"PRAGMA {pragma}")
    raw.execute("CREATE TABLE entry (number INTEGER PRIMARY KEY, body BLOB NOT NULL)")
    started = time.perf_counter()
    for at in range(0, len(rows), BATCH):
        raw.execute("BEGIN IMMEDIATE")
        raw.executemany("INSERT INTO entry VALUES (?, ?)", rows[at : at + BATCH])
        raw.execute("COMMIT")
    seconds = time.perf_counter() - started
    raw.close()
    return len(rows) / seconds


def table_rate(directory: Path) -> float:
    """Rows per second of the log's own table and indexes, copied from a log just written."""
    engine = open_engine(f"sqlite:///{directory / 'log.db'}")
    with engine.connect() as conn:
        rows = [tuple(row)[1:] for row in conn.execute(stored.select().order_by(stored.c.seq))]
    engine.dispose()
    engine = open_engine(f"sqlite:///{directory / 'table.db'}")
    metadata.create_all(engine)
    names = [column.name for column in stored.columns if column.name != "seq"]
    statement = str(insert(stored).compile(dialect=engine.dialect, column_keys=names))
    started = time.perf_counter()
    with engine.connect().execution_options(writing=True) as conn:
        for at in range(0, len(rows), BATCH):
            with conn.begin():
                conn.exec_driver_sql(statement, rows[at : at + BATCH])
    seconds = time.perf_counter() - started
    engine.dispose()
    return len(rows) / seconds


def log_in_memory(entries: Sequence[bytes], signer: Signer) -> tuple[dict[str, bytes], Vkey]:
    """A whole log by path, so that the disk does not stand in the measurement."""
    hashes = {0: b"".join([leaf_hash(entry) for entry in entries])}
    frontier = Frontier()
    for at in range(0, len(hashes[0]), HASH_BYTES):
        for level, node in enumerate(frontier.push(hashes[0][at : at + HASH_BYTES]), start=1):
            hashes[level] = hashes.get(level, b"") + node
    vkey = Vkey("bench.example/audit/lender-7/2026", signer.public.raw)
    head = Checkpoint(vkey.name, len(entries), frontier.root())
    files = {"checkpoint": head.sign(signer)}
    for resource in resources(len(entries)):
        first = resource.number << TILE_HEIGHT
        if resource.level is None:
            files[resource.path] = pack_bundle(entries[first : first + resource.width])
        else:
            start = first * HASH_BYTES
            tile = hashes[resource.level][start : start + resource.width * HASH_BYTES]
            files[resource.path] = tile
    return files, vkey


def verify_rate(count: int) -> None:
    """Print the seconds of verifying `count` entries and of hashing them."""
    distinct = [entry.encode() for entry in requests(min(count, 100_000))]
    entries = [distinct[number % len(distinct)] for number in range(count)]
    files, vkey = log_in_memory(entries, Signer(bytes(32)))
    started = time.perf_counter()
    for entry in entries:
        sha256(b"\x00" + entry).digest()
    hashing = time.perf_counter() - started
    verified = verify(files.__getitem__, vkey)
    mean = sum(map(len, distinct)) / len(distinct)
    print(f"verify {verified.size} entries of {mean:.0f} B")
    print(f"  hashing only   {hashing:8.2f} s")
    print(f"  verifier       {verified.seconds:8.2f} s   {verified.seconds / hashing:.2f} times")


def main() -> None:
    """Run both and print them."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--entries", type=int, default=50_000, help="entries to append")
    parser.add_argument("--verify", type=int, default=1_000_000, help="entries to verify")
    given = parser.parse_args()
    with tempfile.TemporaryDirectory() as name:
        directory = Path(name)
        entries = list(requests(given.entries))
        bare = bare_rate(entries, directory)
        ours = append_rate(entries, directory)
        table = table_rate(directory)
        journal = journal_rate(entries, directory)
        print(f"append {given.entries} entries, durable in batches of {BATCH}")
        print(f"  SQLite, bare rows       {bare:8.0f} /s")
        print(f"  SQLite, the log's rows  {table:8.0f} /s")
        print(
            f"  AuditLog.append         {ours:8.0f} /s   {ours / bare:.0%} and {ours / table:.0%}"
        )
        print(f"  64 waiting producers    {journal:8.0f} /s   {journal / bare:.0%}")
    verify_rate(given.verify)


if __name__ == "__main__":
    main()
