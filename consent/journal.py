"""State and its evidence become durable together: the one way to write to the database.

A *unit* is a plain function of a `Tx`. It changes state through `tx.conn` and records what it
did through `tx.note`. Concurrent units share one commit (group commit): each runs in its own
savepoint, so one that fails takes nothing of the others with it; then all entries are appended
to the audit log, and the transaction commits. `commit` returns when that commit is durable.

If the log cannot be written nothing of the batch is: every caller gets `AuditUnavailable`.
A crash before the commit leaves nothing; a crash after it leaves state, entries and tree
together, and at worst a published checkpoint that is one batch old, which the next start
brings forward.
"""
