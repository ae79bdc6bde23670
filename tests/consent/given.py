"""A floor to test on: a database in memory of the test's folder, keys, a clock that is told."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any
from uuid import UUID

from sqlalchemy import Engine

from consent.artefact import ConsentTerms
from consent.audit.catalogue import Actor, Trail
from consent.audit.kept import KeptCheckpoints
from consent.audit.log import AuditLog
from consent.database import metadata, open_engine
from consent.decision import Jurisdiction, ScopeRule
from consent.journal import Journal
from consent.ledger import Ledger
from consent.purposes import Purpose, Purposes
from consent.register import Register
from consent.subject import Ask, Scope, SubjectRef
from consent.vault import file_kek
from consent.vault.record import Vault

NOON = datetime(2026, 3, 1, 12, tzinfo=UTC)
ANNA = SubjectRef(UUID(int=1))
TRAIL = Trail("lender", Actor("client", "c1", "api_key"), "req-1")

RULES: Mapping[str, Jurisdiction] = {
    "CN": Jurisdiction(
        "CN",
        {Scope.INCOME_AND_ASSETS: ScopeRule("art. 14(2)", "income_and_assets", True)},
        frozenset({"pboc", "baihang"}),
    )
}


@dataclass
class Clock:
    """Stands still until told."""

    at: datetime = NOON

    def __call__(self) -> datetime:
        return self.at

    def forward(self, **by: float) -> None:
        self.at += timedelta(**by)


@dataclass
class Floor:
    """The consent floor, assembled over one SQLite file."""

    path: Path
    clock: Clock = field(default_factory=Clock)

    def __post_init__(self) -> None:
        keys, kept = self.path / "keys", self.path / "kept"
        if not keys.exists():
            file_kek.create(keys)
            kept.mkdir()
        loaded = file_kek.load(keys)
        self.engine: Engine = open_engine(f"sqlite:///{self.path / 'db'}")
        metadata.create_all(self.engine)
        self.log = AuditLog(
            self.engine, gateway="g.example", signer=loaded.log_signer, kept=KeptCheckpoints(kept)
        )
        self.journal = Journal(self.engine, self.log, self.clock)
        self.vault = Vault(loaded.root, loaded.index, clock=self.clock)
        self.receipt_key = loaded.consent_signer.public
        self.ledger = Ledger(
            purposes=Purposes(
                purposes={
                    "loan_origination": Purpose(
                        text="t", legal_basis="art. 18", scopes=frozenset(Scope)
                    )
                }
            ),
            rules=RULES,
            sources=frozenset({"pboc", "baihang"}),
            signer=loaded.consent_signer,
            names=self.vault,
        )
        self.register = Register(self.vault)


def terms(**changed: Any) -> ConsentTerms:
    """Terms that grant two sources for a month; `changed` replaces fields."""
    return ConsentTerms.model_validate(
        {
            "controller": {"id": "l", "name": "L", "contact": "c@l.invalid", "address": "x"},
            "sources": ["pboc", "baihang"],
            "purpose": "loan_origination",
            "scopes": ["tradelines", "inquiries"],
            "expires_at": NOON + timedelta(days=30),
            "notice": {"id": "n", "version": "1", "lang": "zh", "sha256": "0" * 64},
            "evidence": {
                "method": "e-sign",
                "document_sha256": "0" * 64,
                "channel": "app",
                "time": NOON,
            },
            **changed,
        }
    )


def ask(**changed: Any) -> Ask:
    """Anna's tradelines from PBOC; `changed` replaces fields."""
    given: dict[str, Any] = {
        "member": "lender",
        "subject": ANNA,
        "source": "pboc",
        "purpose": "loan_origination",
        "scopes": frozenset({Scope.TRADELINES}),
        **changed,
    }
    return Ask(**given)
