"""The assembled gateway: what the API and the command line work with."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import TypeVar

from sqlalchemy import Connection, Engine

from connectors.base import Connector
from connectors.resilience import Breaker
from consent.audit.log import AuditLog
from consent.clock import Clock
from consent.database import read
from consent.journal import Journal
from consent.ledger import Ledger
from consent.register import Register
from consent.vault.record import Vault
from consent.vault.signing import PublicKey
from gateway.ingest import Ingest
from gateway.metrics import Metrics
from gateway.past.explaining import Explaining
from gateway.past.recalling import Recalling
from gateway.past.replay import Replaying
from gateway.past.training import Training
from gateway.pipeline import Pipeline
from gateway.reporting import Reporting
from gateway.reviewing import Reviewing
from gateway.senders import Senders
from gateway.settings import Settings
from gateway.store.rulings import Rulings

T = TypeVar("T")


@dataclass(frozen=True, slots=True)
class Services:
    """Made by `gateway.wiring`, closed by it."""

    settings: Settings
    engine: Engine
    journal: Journal
    log: AuditLog
    vault: Vault
    receipt_key: PublicKey
    ledger: Ledger
    register: Register
    connectors: Mapping[str, Connector]
    breakers: Mapping[str, Breaker]
    pipeline: Pipeline
    rulings: Rulings
    reviewing: Reviewing
    replaying: Replaying
    recalling: Recalling
    training: Training
    explaining: Explaining
    reporting: Reporting
    senders: Senders
    ingest: Ingest
    metrics: Metrics
    clock: Clock
    code: str

    def read(self, question: Callable[[Connection], T]) -> T:
        """Ask the database on a snapshot of its own; for short, indexed questions."""
        return read(self.engine, question)
