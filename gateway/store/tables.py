"""Every table there is, on one `metadata`: what a migration is compared with."""

import consent.audit.tables
import consent.ledger
import consent.register
import consent.vault.keystore
import gateway.clients
import gateway.store.configurations
import gateway.store.idempotency
import gateway.store.inbox
import gateway.store.reported
import gateway.store.rulings
import gateway.store.snapshots
from consent.database import metadata

__all__ = ["metadata"]

_OWNERS = (
    consent.audit.tables,
    consent.ledger,
    consent.register,
    consent.vault.keystore,
    gateway.clients,
    gateway.store.configurations,
    gateway.store.idempotency,
    gateway.store.rulings,
    gateway.store.reported,
    gateway.store.inbox,
    gateway.store.snapshots,
)
