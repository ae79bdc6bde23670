"""Every table there is, on one `metadata`: what a migration is compared with."""

import consent.audit.tables
import consent.ledger
import consent.register
import consent.vault.keystore
import gateway.clients
import gateway.configurations
import gateway.idempotency
import gateway.inbox
import gateway.reported
import gateway.rulings
import gateway.store
from consent.database import metadata

__all__ = ["metadata"]

_OWNERS = (
    consent.audit.tables,
    consent.ledger,
    consent.register,
    consent.vault.keystore,
    gateway.clients,
    gateway.configurations,
    gateway.idempotency,
    gateway.rulings,
    gateway.reported,
    gateway.inbox,
    gateway.store,
)
