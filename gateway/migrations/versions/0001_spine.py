"""The tables of the spine: consents, keys, audit log, clients, snapshots, reports, pushes."""

import sqlalchemy as sa
from alembic import op

revision = "0001"
down_revision = None


def upgrade() -> None:
    """Apply."""
    op.create_table(
        "audit_entry",
        sa.Column("seq", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=False),
        sa.Column("member", sa.String(), nullable=False),
        sa.Column("at_us", sa.BigInteger(), nullable=False),
        sa.Column("id", sa.String(), nullable=False),
        sa.Column("year", sa.Integer(), nullable=False),
        sa.Column("leaf_index", sa.BigInteger(), nullable=False),
        sa.Column("type", sa.String(), nullable=False),
        sa.Column("actor", sa.String(), nullable=False),
        sa.Column("subject", sa.String(), nullable=True),
        sa.Column("consent", sa.String(), nullable=True),
        sa.Column("purpose", sa.String(), nullable=True),
        sa.Column("source", sa.String(), nullable=True),
        sa.Column("req", sa.String(), nullable=True),
        sa.Column("leaf", sa.LargeBinary(), nullable=False),
        sa.PrimaryKeyConstraint("seq", name=op.f("pk_audit_entry")),
        sa.UniqueConstraint("id", name=op.f("uq_audit_entry_id")),
    )
    with op.batch_alter_table("audit_entry", schema=None) as batch_op:
        batch_op.create_index(
            batch_op.f("ix_audit_entry_member_at_us_actor_purpose_source"),
            ["member", "at_us", "actor", "purpose", "source"],
            unique=False,
        )
        batch_op.create_index(
            batch_op.f("ix_audit_entry_member_subject_at_us"),
            ["member", "subject", "at_us"],
            unique=False,
        )
        batch_op.create_index(
            batch_op.f("ix_audit_entry_member_type_at_us"),
            ["member", "type", "at_us"],
            unique=False,
        )
        batch_op.create_index(
            batch_op.f("ix_audit_entry_member_year_leaf_index"),
            ["member", "year", "leaf_index"],
            unique=True,
        )

    op.create_table(
        "audit_tile",
        sa.Column("member", sa.String(), nullable=False),
        sa.Column("year", sa.Integer(), nullable=False),
        sa.Column("level", sa.Integer(), nullable=False),
        sa.Column("number", sa.BigInteger(), nullable=False),
        sa.Column("hashes", sa.LargeBinary(), nullable=False),
        sa.PrimaryKeyConstraint("member", "year", "level", "number", name=op.f("pk_audit_tile")),
    )
    op.create_table(
        "audit_tree",
        sa.Column("member", sa.String(), nullable=False),
        sa.Column("year", sa.Integer(), nullable=False),
        sa.Column("origin", sa.String(), nullable=False),
        sa.Column("size", sa.BigInteger(), nullable=False),
        sa.Column("root", sa.LargeBinary(), nullable=False),
        sa.Column("checkpoint", sa.LargeBinary(), nullable=False),
        sa.PrimaryKeyConstraint("member", "year", name=op.f("pk_audit_tree")),
        sa.UniqueConstraint("origin", name=op.f("uq_audit_tree_origin")),
    )
    op.create_table(
        "client",
        sa.Column("id", sa.String(), nullable=False),
        sa.Column("member", sa.String(), nullable=False),
        sa.Column("name", sa.String(), nullable=False),
        sa.Column("roles", sa.String(), nullable=False),
        sa.Column("key_sha256", sa.String(), nullable=False),
        sa.Column("added_at", sa.String(), nullable=False),
        sa.Column("revoked_at", sa.String(), nullable=True),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_client")),
    )
    op.create_table(
        "configuration",
        sa.Column("digest", sa.String(), nullable=False),
        sa.Column("first_used_at", sa.String(), nullable=False),
        sa.Column("packed", sa.LargeBinary(), nullable=False),
        sa.PrimaryKeyConstraint("digest", name=op.f("pk_configuration")),
    )
    op.create_table(
        "consent",
        sa.Column("member", sa.String(), nullable=False),
        sa.Column("subject", sa.Uuid(), nullable=False),
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("state", sa.String(), nullable=False),
        sa.Column("seq", sa.Integer(), nullable=False),
        sa.Column("epoch", sa.Integer(), nullable=False),
        sa.Column("used", sa.Integer(), nullable=False),
        sa.Column("max_uses", sa.Integer(), nullable=False),
        sa.Column("expires_at", sa.String(), nullable=False),
        sa.Column("receipt", sa.String(), nullable=False),
        sa.PrimaryKeyConstraint("member", "subject", "id", name=op.f("pk_consent")),
    )
    with op.batch_alter_table("consent", schema=None) as batch_op:
        batch_op.create_index(batch_op.f("ix_consent_member_id"), ["member", "id"], unique=True)

    op.create_table(
        "consent_event",
        sa.Column("member", sa.String(), nullable=False),
        sa.Column("subject", sa.Uuid(), nullable=False),
        sa.Column("consent", sa.Uuid(), nullable=False),
        sa.Column("seq", sa.Integer(), nullable=False),
        sa.Column("event", sa.String(), nullable=False),
        sa.Column("at", sa.String(), nullable=False),
        sa.Column("by", sa.String(), nullable=False),
        sa.Column("document", sa.LargeBinary(), nullable=False),
        sa.PrimaryKeyConstraint(
            "member", "subject", "consent", "seq", name=op.f("pk_consent_event")
        ),
    )
    op.create_table(
        "consent_identity",
        sa.Column("member", sa.String(), nullable=False),
        sa.Column("subject", sa.Uuid(), nullable=False),
        sa.Column("consent", sa.Uuid(), nullable=False),
        sa.Column("sealed", sa.LargeBinary(), nullable=False),
        sa.PrimaryKeyConstraint("member", "subject", "consent", name=op.f("pk_consent_identity")),
    )
    op.create_table(
        "consent_use",
        sa.Column("member", sa.String(), nullable=False),
        sa.Column("subject", sa.Uuid(), nullable=False),
        sa.Column("consent", sa.Uuid(), nullable=False),
        sa.Column("source", sa.String(), nullable=False),
        sa.Column("at", sa.String(), nullable=False),
        sa.Column("req", sa.String(), nullable=False),
        sa.PrimaryKeyConstraint(
            "member", "subject", "consent", "source", "at", "req", name=op.f("pk_consent_use")
        ),
    )
    op.create_table(
        "pull",
        sa.Column("member", sa.String(), nullable=False),
        sa.Column("client", sa.String(), nullable=False),
        sa.Column("key", sa.String(), nullable=False),
        sa.Column("request_sha256", sa.String(), nullable=False),
        sa.Column("req", sa.String(), nullable=False),
        sa.Column("begun_at", sa.String(), nullable=False),
        sa.Column("snapshot", sa.Uuid(), nullable=True),
        sa.PrimaryKeyConstraint("member", "client", "key", name=op.f("pk_pull")),
    )
    op.create_table(
        "link_event",
        sa.Column("member", sa.String(), nullable=False),
        sa.Column("subject", sa.Uuid(), nullable=False),
        sa.Column("link", sa.Uuid(), nullable=False),
        sa.Column("seq", sa.Integer(), autoincrement=False, nullable=False),
        sa.Column("at", sa.String(), nullable=False),
        sa.Column("by", sa.String(), nullable=False),
        sa.Column("reason", sa.String(), nullable=False),
        sa.Column("sealed", sa.LargeBinary(), nullable=True),
        sa.PrimaryKeyConstraint("member", "subject", "link", "seq", name=op.f("pk_link_event")),
    )
    with op.batch_alter_table("link_event", schema=None) as batch_op:
        batch_op.create_index(
            batch_op.f("ix_link_event_member_link"), ["member", "link"], unique=False
        )

    op.create_table(
        "push",
        sa.Column("member", sa.String(), nullable=False),
        sa.Column("subject", sa.Uuid(), nullable=False),
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("source", sa.String(), nullable=False),
        sa.Column("received_at", sa.String(), nullable=False),
        sa.Column("events", sa.Integer(), nullable=False),
        sa.Column("webhook", sa.LargeBinary(), nullable=False),
        sa.Column("content", sa.LargeBinary(), nullable=False),
        sa.Column("sealed", sa.LargeBinary(), nullable=False),
        sa.PrimaryKeyConstraint("member", "subject", "id", name=op.f("pk_push")),
    )
    with op.batch_alter_table("push", schema=None) as batch_op:
        batch_op.create_index(
            batch_op.f("ix_push_member_source_webhook"),
            ["member", "source", "webhook"],
            unique=True,
        )
        batch_op.create_index(
            batch_op.f("ix_push_member_subject_source_received_at"),
            ["member", "subject", "source", "received_at"],
            unique=False,
        )

    op.create_table(
        "reported",
        sa.Column("member", sa.String(), nullable=False),
        sa.Column("subject", sa.Uuid(), nullable=False),
        sa.Column("source", sa.String(), nullable=False),
        sa.Column("request_id", sa.Uuid(), nullable=False),
        sa.Column("content", sa.LargeBinary(), nullable=False),
        sa.Column("holder", sa.String(), nullable=False),
        sa.Column("busy_until", sa.String(), nullable=False),
        sa.Column("entry", sa.Uuid(), nullable=True),
        sa.PrimaryKeyConstraint(
            "member", "subject", "source", "request_id", name=op.f("pk_reported")
        ),
    )
    with op.batch_alter_table("reported", schema=None) as batch_op:
        batch_op.create_index(
            batch_op.f("ix_reported_member_source_request_id"),
            ["member", "source", "request_id"],
            unique=True,
        )

    op.create_table(
        "report",
        sa.Column("member", sa.String(), nullable=False),
        sa.Column("subject", sa.Uuid(), nullable=False),
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("source", sa.String(), nullable=False),
        sa.Column("received_at", sa.String(), nullable=False),
        sa.Column("status", sa.Integer(), nullable=False),
        sa.Column("sha256", sa.String(), nullable=False),
        sa.Column("legible", sa.Boolean(), nullable=False),
        sa.Column("sealed", sa.LargeBinary(), nullable=False),
        sa.PrimaryKeyConstraint("member", "subject", "id", name=op.f("pk_report")),
    )
    with op.batch_alter_table("report", schema=None) as batch_op:
        batch_op.create_index(
            batch_op.f("ix_report_member_subject_source_received_at"),
            ["member", "subject", "source", "received_at"],
            unique=False,
        )

    op.create_table(
        "snapshot",
        sa.Column("member", sa.String(), nullable=False),
        sa.Column("subject", sa.Uuid(), nullable=False),
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("at", sa.String(), nullable=False),
        sa.Column("consent", sa.Uuid(), nullable=False),
        sa.Column("purpose", sa.String(), nullable=False),
        sa.Column("sources", sa.String(), nullable=False),
        sa.Column("scopes", sa.String(), nullable=False),
        sa.Column("config", sa.String(), nullable=False),
        sa.Column("code", sa.String(), nullable=False),
        sa.Column("attributes", sa.String(), nullable=False),
        sa.Column("entry", sa.Uuid(), nullable=False),
        sa.Column("sealed", sa.LargeBinary(), nullable=False),
        sa.PrimaryKeyConstraint("member", "subject", "id", name=op.f("pk_snapshot")),
    )
    with op.batch_alter_table("snapshot", schema=None) as batch_op:
        batch_op.create_index(
            batch_op.f("ix_snapshot_member_subject_at"), ["member", "subject", "at"], unique=False
        )

    op.create_table(
        "subject",
        sa.Column("member", sa.String(), nullable=False),
        sa.Column("subject", sa.Uuid(), nullable=False),
        sa.Column("created_at", sa.String(), nullable=False),
        sa.PrimaryKeyConstraint("member", "subject", name=op.f("pk_subject")),
    )
    op.create_table(
        "subject_index",
        sa.Column("member", sa.String(), nullable=False),
        sa.Column("subject", sa.Uuid(), nullable=False),
        sa.Column("column", sa.String(), nullable=False),
        sa.Column("value", sa.LargeBinary(), nullable=False),
        sa.PrimaryKeyConstraint("member", "subject", "column", name=op.f("pk_subject_index")),
    )
    with op.batch_alter_table("subject_index", schema=None) as batch_op:
        batch_op.create_index(
            batch_op.f("ix_subject_index_member_column_value"),
            ["member", "column", "value"],
            unique=True,
        )

    op.create_table(
        "vault_member_key",
        sa.Column("member", sa.String(), nullable=False),
        sa.Column("version", sa.Integer(), autoincrement=False, nullable=False),
        sa.Column("root_version", sa.String(), nullable=False),
        sa.Column("wrapped", sa.LargeBinary(), nullable=False),
        sa.PrimaryKeyConstraint("member", "version", name=op.f("pk_vault_member_key")),
    )
    op.create_table(
        "vault_subject_key",
        sa.Column("member", sa.String(), nullable=False),
        sa.Column("subject", sa.Uuid(), nullable=False),
        sa.Column("version", sa.Integer(), autoincrement=False, nullable=False),
        sa.Column("dek_id", sa.LargeBinary(length=8), nullable=False),
        sa.Column("member_version", sa.Integer(), nullable=False),
        sa.Column("wrapped", sa.LargeBinary(), nullable=False),
        sa.Column("seals", sa.BigInteger(), nullable=False),
        sa.PrimaryKeyConstraint("member", "subject", "version", name=op.f("pk_vault_subject_key")),
        sa.UniqueConstraint(
            "member", "subject", "dek_id", name=op.f("uq_vault_subject_key_member_subject_dek_id")
        ),
    )
    op.create_table(
        "vault_tombstone",
        sa.Column("member", sa.String(), nullable=False),
        sa.Column("subject", sa.Uuid(), nullable=False),
        sa.Column("dek_ids_sha256", sa.String(length=64), nullable=False),
        sa.Column("reason", sa.String(), nullable=False),
        sa.Column("actor", sa.String(), nullable=False),
        sa.Column("at", sa.String(), nullable=False),
        sa.PrimaryKeyConstraint("member", "subject", name=op.f("pk_vault_tombstone")),
    )


def downgrade() -> None:
    """Take back."""
    op.drop_table("vault_tombstone")
    op.drop_table("vault_subject_key")
    op.drop_table("vault_member_key")
    with op.batch_alter_table("subject_index", schema=None) as batch_op:
        batch_op.drop_index(batch_op.f("ix_subject_index_member_column_value"))

    op.drop_table("subject_index")
    op.drop_table("subject")
    with op.batch_alter_table("snapshot", schema=None) as batch_op:
        batch_op.drop_index(batch_op.f("ix_snapshot_member_subject_at"))

    op.drop_table("snapshot")
    with op.batch_alter_table("report", schema=None) as batch_op:
        batch_op.drop_index(batch_op.f("ix_report_member_subject_source_received_at"))

    op.drop_table("report")
    with op.batch_alter_table("reported", schema=None) as batch_op:
        batch_op.drop_index(batch_op.f("ix_reported_member_source_request_id"))

    op.drop_table("reported")
    with op.batch_alter_table("push", schema=None) as batch_op:
        batch_op.drop_index(batch_op.f("ix_push_member_subject_source_received_at"))
        batch_op.drop_index(batch_op.f("ix_push_member_source_webhook"))

    op.drop_table("push")
    op.drop_table("pull")
    with op.batch_alter_table("link_event", schema=None) as batch_op:
        batch_op.drop_index(batch_op.f("ix_link_event_member_link"))

    op.drop_table("link_event")
    op.drop_table("consent_use")
    op.drop_table("consent_identity")
    op.drop_table("consent_event")
    with op.batch_alter_table("consent", schema=None) as batch_op:
        batch_op.drop_index(batch_op.f("ix_consent_member_id"))

    op.drop_table("consent")
    op.drop_table("configuration")
    op.drop_table("client")
    op.drop_table("audit_tree")
    op.drop_table("audit_tile")
    with op.batch_alter_table("audit_entry", schema=None) as batch_op:
        batch_op.drop_index(batch_op.f("ix_audit_entry_member_year_leaf_index"))
        batch_op.drop_index(batch_op.f("ix_audit_entry_member_type_at_us"))
        batch_op.drop_index(batch_op.f("ix_audit_entry_member_subject_at_us"))
        batch_op.drop_index(batch_op.f("ix_audit_entry_member_at_us_actor_purpose_source"))

    op.drop_table("audit_entry")
