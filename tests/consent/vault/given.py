"""What the vault's tests start from: people who do not exist, a clock, earned permits."""

from collections.abc import Callable, Iterator
from contextlib import AbstractContextManager, contextmanager, suppress
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from uuid import UUID

from sqlalchemy import Connection

from consent.decision import Grant, Jurisdiction, Permit, State, decide
from consent.subject import Act, Ask, Scope, SubjectRef
from consent.vault.blind import IndexKey
from consent.vault.file_kek import FileKek
from consent.vault.keys import KeyClass
from consent.vault.record import Sealable, Vault
from consent.vault.sealed import SealedRecord

NOON = datetime(2026, 3, 1, 12, tzinfo=UTC)
MEMBER, OTHER_MEMBER = "lender_a", "lender_b"
SUBJECT = SubjectRef(UUID("018f0000-0000-7000-8000-00000000000a"))
OTHER_SUBJECT = SubjectRef(UUID("018f0000-0000-7000-8000-00000000000b"))
RECORD = UUID("018f0000-0000-7000-8000-0000000000aa")
CANARY = "CANARY-NAME-不存在的人".encode()

FIELDS: dict[str, Sealable] = {
    "/identity": (KeyClass.IDENTITY, CANARY),
    "/tradelines": (KeyClass.ACCOUNT, b"CANARY-BALANCE"),
    "/as_of": (None, b"2026-03-01"),
}

Writing = Callable[[], AbstractContextManager[Connection]]


@dataclass
class Hand:
    """A clock whose hands the test moves."""

    now: datetime = NOON
    elapsed_s: float = 0.0

    def clock(self) -> datetime:
        """The present instant."""
        return self.now

    def monotonic(self) -> float:
        """Seconds that never step."""
        return self.elapsed_s


class Mishap(Exception):
    """What goes wrong in a unit after it has sealed something."""


@contextmanager
def rolled_back(writing: Writing) -> Iterator[Connection]:
    """A write transaction that comes to nothing."""
    with suppress(Mishap), writing() as conn:
        yield conn
        raise Mishap


@dataclass
class CountingKek:
    """A root key that counts how often it is asked, as a key service would bill it."""

    inner: FileKek = field(default_factory=lambda: FileKek({1: bytes(range(32))}))
    unwrapped: int = 0

    @property
    def version(self) -> str:
        """As the file says."""
        return self.inner.version

    def wrap(self, key: bytes, bound: bytes) -> bytes:
        """Not counted."""
        return self.inner.wrap(key, bound)

    def unwrap(self, wrapped: bytes, bound: bytes, version: str) -> bytes:
        """One more request to the key service."""
        self.unwrapped += 1
        return self.inner.unwrap(wrapped, bound, version)


def earn(member: str = MEMBER, subject: SubjectRef = SUBJECT, act: Act = Act.FETCH) -> Permit:
    """A permit as the product gets one: by asking."""
    grant = Grant(
        id=UUID(int=7),
        member=member,
        subject=subject,
        state=State.ACTIVE,
        seq=1,
        epoch=1,
        purpose="loan_origination",
        sources=frozenset({"pboc"}),
        scopes=frozenset({Scope.TRADELINES}),
        separate_consents=frozenset(),
        consequence_notice=None,
        not_before=NOON - timedelta(days=1),
        expires_at=NOON + timedelta(days=1),
    )
    ask = Ask(member, subject, "pboc", "loan_origination", frozenset({Scope.TRADELINES}), act)
    rules = {"CN": Jurisdiction("CN", {}, frozenset({"pboc"}))}
    permit = decide(grant, ask, at=NOON, rules=rules)
    assert isinstance(permit, Permit)
    return permit


def new_vault(hand: Hand, kek: CountingKek | FileKek) -> Vault:
    """Another process's vault when called again: same keys, nothing in memory."""
    index = [IndexKey(1, b"i" * 32, b"p" * 32)]
    return Vault(kek, index, clock=hand.clock, monotonic=hand.monotonic)


def seal(
    vault: Vault,
    conn: Connection,
    *,
    member: str = MEMBER,
    subject: SubjectRef = SUBJECT,
    record_id: UUID = RECORD,
    source: str = "pboc",
    schema_version: int = 1,
    fields: dict[str, Sealable] | None = None,
) -> SealedRecord:
    """Seal the usual record, or one that differs in one place."""
    return vault.seal_record(
        conn,
        member=member,
        subject=subject,
        record_id=record_id,
        source=source,
        schema_version=schema_version,
        fields=FIELDS if fields is None else fields,
    )
