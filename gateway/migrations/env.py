"""Alembic's entry point; `gateway.migrations` hands it an open transaction."""

from alembic import context

from gateway.store import tables

context.configure(
    connection=context.config.attributes["connection"],
    target_metadata=tables.metadata,
    render_as_batch=True,
)
with context.begin_transaction():
    context.run_migrations()
