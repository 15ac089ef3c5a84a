"""The first tables: cases, profiles, referrals, the record of access, the outbox; and what the application may do."""

from collections.abc import Sequence

import sqlalchemy as sa
import sqlmodel
from alembic import op
from sqlalchemy.dialects import postgresql

revision: str = "0001"
down_revision: str | None = None
branch_labels: str | Sequence[str] | None = None
depends_on: str | Sequence[str] | None = None

APPLICATION = "broker_app"
# What the service may only ever add to: it has no right to change or delete a row of these.
APPEND_ONLY = ("audit_entry", "mappa_screening", "person_event", "profile_history", "referral_step", "referral_version")
CHANGED = (
    *("allocation", "case_opening", "case_record", "outbox_event", "profile", "recipient", "referral"),
    *("referral_query", "signing_key", "worker"),
)
REMOVED = ("idempotent_answer", "limited_access")

# Partitions are made as the owner: the application's login may not create tables.
MAKE_AUDIT_PARTITIONS = """
CREATE FUNCTION make_audit_partitions(months integer) RETURNS void
LANGUAGE plpgsql SECURITY DEFINER SET search_path = public, pg_temp AS $$
DECLARE
    first date := date_trunc('month', now() AT TIME ZONE 'UTC')::date;
    month date;
BEGIN
    PERFORM pg_advisory_xact_lock(7203514827);
    FOR ahead IN 0..least(months, 24) LOOP
        month := (first + make_interval(months => ahead))::date;
        EXECUTE format(
            'CREATE TABLE IF NOT EXISTS %I PARTITION OF audit_entry FOR VALUES FROM (%L) TO (%L)',
            'audit_entry_' || to_char(month, 'YYYY_MM'),
            month::timestamp AT TIME ZONE 'UTC',
            (month + interval '1 month') AT TIME ZONE 'UTC'
        );
    END LOOP;
END $$
"""


def _grant() -> None:
    for tables, rights in (
        (APPEND_ONLY, "SELECT, INSERT"),
        (CHANGED, "SELECT, INSERT, UPDATE"),
        (REMOVED, "SELECT, INSERT, UPDATE, DELETE"),
    ):
        op.execute(f"GRANT {rights} ON {', '.join(tables)} TO {APPLICATION}")
    op.execute(f"GRANT SELECT ON alembic_version TO {APPLICATION}")
    op.execute("REVOKE ALL ON FUNCTION make_audit_partitions(integer) FROM PUBLIC")
    op.execute(f"GRANT EXECUTE ON FUNCTION make_audit_partitions(integer) TO {APPLICATION}")


def upgrade() -> None:
    """Change the tables."""
    op.create_table(
        "audit_entry",
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("at", sqlmodel.sql.sqltypes.UTCDateTime(), nullable=False),
        sa.Column("worker_id", sqlmodel.sql.sqltypes.AutoString(length=120), nullable=False),
        sa.Column("role", sqlmodel.sql.sqltypes.AutoString(length=30), nullable=False),
        sa.Column("client_id", sqlmodel.sql.sqltypes.AutoString(length=120), nullable=False),
        sa.Column("organisation", sqlmodel.sql.sqltypes.AutoString(length=60), nullable=True),
        sa.Column("action", sqlmodel.sql.sqltypes.AutoString(length=80), nullable=False),
        sa.Column("outcome", sqlmodel.sql.sqltypes.AutoString(length=20), nullable=False),
        sa.Column("crns", postgresql.ARRAY(sa.Text()), nullable=False),
        sa.Column("referral_id", sa.Uuid(), nullable=True),
        sa.Column("items", postgresql.ARRAY(sa.Text()), nullable=False),
        sa.Column("purpose", sqlmodel.sql.sqltypes.AutoString(length=80), nullable=True),
        sa.Column("details", postgresql.JSONB(none_as_null=True, astext_type=sa.Text()), nullable=False),
        sa.Column("trace_id", sqlmodel.sql.sqltypes.AutoString(length=64), nullable=False),
        sa.PrimaryKeyConstraint("id", "at", name=op.f("pk_audit_entry")),
        postgresql_partition_by="RANGE (at)",
    )
    op.create_index("ix_audit_entry_crns", "audit_entry", ["crns"], unique=False, postgresql_using="gin")
    op.create_index("ix_audit_entry_worker", "audit_entry", ["worker_id", "at"], unique=False)
    op.create_index(
        "ix_audit_entry_asked_for",
        "audit_entry",
        [sa.text("((details -> 'asked_for'::text) ->> 'crn'::text)")],
        unique=False,
    )
    op.create_table(
        "case_record",
        sa.Column("crn", sqlmodel.sql.sqltypes.AutoString(length=7), nullable=False),
        sa.Column("noms_number", sqlmodel.sql.sqltypes.AutoString(length=7), nullable=True),
        sa.Column("family_name", sqlmodel.sql.sqltypes.AutoString(length=200), nullable=True),
        sa.Column("given_names", sqlmodel.sql.sqltypes.AutoString(length=200), nullable=True),
        sa.Column("date_of_birth", sa.Date(), nullable=True),
        sa.Column("region", sqlmodel.sql.sqltypes.AutoString(length=60), nullable=True),
        sa.Column("status", sqlmodel.sql.sqltypes.AutoString(length=20), nullable=False),
        sa.Column("closed_because", sqlmodel.sql.sqltypes.AutoString(length=40), nullable=True),
        sa.Column("merged_into", sqlmodel.sql.sqltypes.AutoString(length=7), nullable=True),
        sa.Column("restricted", sa.Boolean(), nullable=False),
        sa.Column("opened_by", sqlmodel.sql.sqltypes.AutoString(length=120), nullable=False),
        sa.Column("opened_at", sqlmodel.sql.sqltypes.UTCDateTime(), nullable=False),
        sa.CheckConstraint("crn ~ '^[A-Z][0-9]{6}$'", name=op.f("ck_case_record_crn")),
        sa.CheckConstraint("status IN ('open', 'closed')", name=op.f("ck_case_record_status")),
        sa.PrimaryKeyConstraint("crn", name=op.f("pk_case_record")),
    )
    op.create_index(op.f("ix_case_record_noms_number"), "case_record", ["noms_number"], unique=False)
    op.create_index("ix_case_record_search", "case_record", ["date_of_birth", "family_name"], unique=False)
    op.create_table(
        "idempotent_answer",
        sa.Column("client_id", sqlmodel.sql.sqltypes.AutoString(length=120), nullable=False),
        sa.Column("worker_id", sqlmodel.sql.sqltypes.AutoString(length=120), nullable=False),
        sa.Column("route", sqlmodel.sql.sqltypes.AutoString(length=200), nullable=False),
        sa.Column("key", sqlmodel.sql.sqltypes.AutoString(length=255), nullable=False),
        sa.Column("fingerprint", sqlmodel.sql.sqltypes.AutoString(length=64), nullable=False),
        sa.Column("status", sa.Integer(), nullable=True),
        sa.Column("headers", postgresql.JSONB(none_as_null=True, astext_type=sa.Text()), nullable=False),
        sa.Column("body", sa.LargeBinary(), nullable=True),
        sa.Column("created_at", sqlmodel.sql.sqltypes.UTCDateTime(), nullable=False),
        sa.PrimaryKeyConstraint("client_id", "worker_id", "route", "key", name=op.f("pk_idempotent_answer")),
    )
    op.create_index(op.f("ix_idempotent_answer_created_at"), "idempotent_answer", ["created_at"], unique=False)
    op.create_table(
        "outbox_event",
        sa.Column("id", sa.BigInteger(), sa.Identity(), nullable=False),
        sa.Column("event_id", sa.Uuid(), nullable=False),
        sa.Column("crn", sqlmodel.sql.sqltypes.AutoString(length=7), nullable=False),
        sa.Column("type", sqlmodel.sql.sqltypes.AutoString(length=80), nullable=False),
        sa.Column("subject", sqlmodel.sql.sqltypes.AutoString(length=80), nullable=False),
        sa.Column("data", postgresql.JSONB(none_as_null=True, astext_type=sa.Text()), nullable=False),
        sa.Column("occurred_at", sqlmodel.sql.sqltypes.UTCDateTime(), nullable=False),
        sa.Column("delivered_at", sqlmodel.sql.sqltypes.UTCDateTime(), nullable=True),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_outbox_event")),
        sa.UniqueConstraint("event_id", name=op.f("uq_outbox_event_event_id")),
    )
    op.create_index(op.f("ix_outbox_event_crn"), "outbox_event", ["crn"], unique=False)
    op.create_table(
        "recipient",
        sa.Column("id", sqlmodel.sql.sqltypes.AutoString(length=60), nullable=False),
        sa.Column("pack", sqlmodel.sql.sqltypes.AutoString(length=40), nullable=False),
        sa.Column("name", sqlmodel.sql.sqltypes.AutoString(length=200), nullable=False),
        sa.Column("organisation", sqlmodel.sql.sqltypes.AutoString(length=60), nullable=False),
        sa.Column("area", sqlmodel.sql.sqltypes.AutoString(length=60), nullable=False),
        sa.Column("contract", postgresql.JSONB(none_as_null=True, astext_type=sa.Text()), nullable=False),
        sa.Column("active", sa.Boolean(), nullable=False),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_recipient")),
    )
    op.create_index(op.f("ix_recipient_organisation"), "recipient", ["organisation"], unique=False)
    op.create_index(op.f("ix_recipient_pack"), "recipient", ["pack"], unique=False)
    op.create_table(
        "signing_key",
        sa.Column("kid", sqlmodel.sql.sqltypes.AutoString(length=80), nullable=False),
        sa.Column("jwk", postgresql.JSONB(none_as_null=True, astext_type=sa.Text()), nullable=False),
        sa.Column("created_at", sqlmodel.sql.sqltypes.UTCDateTime(), nullable=False),
        sa.Column("retired_at", sqlmodel.sql.sqltypes.UTCDateTime(), nullable=True),
        sa.PrimaryKeyConstraint("kid", name=op.f("pk_signing_key")),
    )
    op.create_table(
        "worker",
        sa.Column("id", sqlmodel.sql.sqltypes.AutoString(length=120), nullable=False),
        sa.Column("name", sqlmodel.sql.sqltypes.AutoString(length=200), nullable=False),
        sa.Column("team", sqlmodel.sql.sqltypes.AutoString(length=60), nullable=True),
        sa.Column("region", sqlmodel.sql.sqltypes.AutoString(length=60), nullable=True),
        sa.Column("active", sa.Boolean(), nullable=False),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_worker")),
    )
    op.create_index(op.f("ix_worker_team"), "worker", ["team"], unique=False)
    op.create_table(
        "allocation",
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("crn", sqlmodel.sql.sqltypes.AutoString(length=7), nullable=False),
        sa.Column("worker_id", sqlmodel.sql.sqltypes.AutoString(length=120), nullable=False),
        sa.Column("team", sqlmodel.sql.sqltypes.AutoString(length=60), nullable=True),
        sa.Column("capacity", sqlmodel.sql.sqltypes.AutoString(length=30), nullable=False),
        sa.Column("allocated_by", sqlmodel.sql.sqltypes.AutoString(length=120), nullable=False),
        sa.Column("started_at", sqlmodel.sql.sqltypes.UTCDateTime(), nullable=False),
        sa.Column("ended_at", sqlmodel.sql.sqltypes.UTCDateTime(), nullable=True),
        sa.CheckConstraint(
            "capacity IN ('prison_practitioner', 'community_practitioner')", name=op.f("ck_allocation_capacity")
        ),
        sa.ForeignKeyConstraint(["crn"], ["case_record.crn"], name=op.f("fk_allocation_crn_case_record")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_allocation")),
    )
    op.create_index(op.f("ix_allocation_crn"), "allocation", ["crn"], unique=False)
    op.create_index(
        "ix_allocation_current_team",
        "allocation",
        ["team", "crn"],
        unique=False,
        postgresql_where=sa.text("ended_at IS NULL"),
    )
    op.create_index(
        "ix_allocation_current_worker",
        "allocation",
        ["worker_id", "crn"],
        unique=False,
        postgresql_where=sa.text("ended_at IS NULL"),
    )
    op.create_index(
        "uq_allocation_current_capacity",
        "allocation",
        ["crn", "capacity"],
        unique=True,
        postgresql_where=sa.text("ended_at IS NULL"),
    )
    op.create_table(
        "case_opening",
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("crn", sqlmodel.sql.sqltypes.AutoString(length=7), nullable=False),
        sa.Column("worker_id", sqlmodel.sql.sqltypes.AutoString(length=120), nullable=False),
        sa.Column("kind", sqlmodel.sql.sqltypes.AutoString(length=20), nullable=False),
        sa.Column("reason", sqlmodel.sql.sqltypes.AutoString(length=1000), nullable=False),
        sa.Column("opened_at", sqlmodel.sql.sqltypes.UTCDateTime(), nullable=False),
        sa.Column("expires_at", sqlmodel.sql.sqltypes.UTCDateTime(), nullable=False),
        sa.CheckConstraint("kind IN ('reason', 'break_glass')", name=op.f("ck_case_opening_kind")),
        sa.ForeignKeyConstraint(["crn"], ["case_record.crn"], name=op.f("fk_case_opening_crn_case_record")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_case_opening")),
    )
    op.create_index(op.f("ix_case_opening_crn"), "case_opening", ["crn"], unique=False)
    op.create_index("ix_case_opening_worker", "case_opening", ["worker_id", "crn", "expires_at"], unique=False)
    op.create_table(
        "limited_access",
        sa.Column("crn", sqlmodel.sql.sqltypes.AutoString(length=7), nullable=False),
        sa.Column("worker_id", sqlmodel.sql.sqltypes.AutoString(length=120), nullable=False),
        sa.Column("kind", sqlmodel.sql.sqltypes.AutoString(length=20), nullable=False),
        sa.Column("recorded_by", sqlmodel.sql.sqltypes.AutoString(length=120), nullable=False),
        sa.Column("recorded_at", sqlmodel.sql.sqltypes.UTCDateTime(), nullable=False),
        sa.CheckConstraint("kind IN ('allowed', 'excluded')", name=op.f("ck_limited_access_kind")),
        sa.ForeignKeyConstraint(["crn"], ["case_record.crn"], name=op.f("fk_limited_access_crn_case_record")),
        sa.PrimaryKeyConstraint("crn", "worker_id", "kind", name=op.f("pk_limited_access")),
    )
    op.create_table(
        "mappa_screening",
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("crn", sqlmodel.sql.sqltypes.AutoString(length=7), nullable=False),
        sa.Column("category", sqlmodel.sql.sqltypes.AutoString(length=1), nullable=True),
        sa.Column("level", sqlmodel.sql.sqltypes.AutoString(length=1), nullable=True),
        sa.Column("reason", sqlmodel.sql.sqltypes.AutoString(length=4000), nullable=False),
        sa.Column("screened_on", sa.Date(), nullable=False),
        sa.Column("review_on", sa.Date(), nullable=True),
        sa.Column("recorded_by", sqlmodel.sql.sqltypes.AutoString(length=120), nullable=False),
        sa.Column("recorded_at", sqlmodel.sql.sqltypes.UTCDateTime(), nullable=False),
        sa.ForeignKeyConstraint(["crn"], ["case_record.crn"], name=op.f("fk_mappa_screening_crn_case_record")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_mappa_screening")),
    )
    op.create_index(op.f("ix_mappa_screening_crn"), "mappa_screening", ["crn"], unique=False)
    op.create_table(
        "person_event",
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("crn", sqlmodel.sql.sqltypes.AutoString(length=7), nullable=False),
        sa.Column("kind", sqlmodel.sql.sqltypes.AutoString(length=40), nullable=False),
        sa.Column("happened_on", sa.Date(), nullable=False),
        sa.Column("details", postgresql.JSONB(none_as_null=True, astext_type=sa.Text()), nullable=False),
        sa.Column("recorded_by", sqlmodel.sql.sqltypes.AutoString(length=120), nullable=False),
        sa.Column("recorded_at", sqlmodel.sql.sqltypes.UTCDateTime(), nullable=False),
        sa.ForeignKeyConstraint(["crn"], ["case_record.crn"], name=op.f("fk_person_event_crn_case_record")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_person_event")),
    )
    op.create_index(op.f("ix_person_event_crn"), "person_event", ["crn"], unique=False)
    op.create_table(
        "profile",
        sa.Column("crn", sqlmodel.sql.sqltypes.AutoString(length=7), nullable=False),
        sa.Column("revision", sa.Integer(), nullable=False),
        sa.Column("answers", postgresql.JSONB(none_as_null=True, astext_type=sa.Text()), nullable=False),
        sa.Column("updated_at", sqlmodel.sql.sqltypes.UTCDateTime(), nullable=False),
        sa.ForeignKeyConstraint(["crn"], ["case_record.crn"], name=op.f("fk_profile_crn_case_record")),
        sa.PrimaryKeyConstraint("crn", name=op.f("pk_profile")),
    )
    op.create_table(
        "profile_history",
        sa.Column("id", sa.BigInteger(), sa.Identity(), nullable=False),
        sa.Column("crn", sqlmodel.sql.sqltypes.AutoString(length=7), nullable=False),
        sa.Column("item", sqlmodel.sql.sqltypes.AutoString(length=80), nullable=False),
        sa.Column("revision", sa.Integer(), nullable=False),
        sa.Column("change", sqlmodel.sql.sqltypes.AutoString(length=20), nullable=False),
        sa.Column("answer", postgresql.JSONB(none_as_null=True, astext_type=sa.Text()), nullable=True),
        sa.Column("recorded_by", sqlmodel.sql.sqltypes.AutoString(length=120), nullable=False),
        sa.Column("recorded_at", sqlmodel.sql.sqltypes.UTCDateTime(), nullable=False),
        sa.ForeignKeyConstraint(["crn"], ["case_record.crn"], name=op.f("fk_profile_history_crn_case_record")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_profile_history")),
    )
    op.create_index("ix_profile_history_item", "profile_history", ["crn", "item", "id"], unique=False)
    op.create_table(
        "referral",
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("crn", sqlmodel.sql.sqltypes.AutoString(length=7), nullable=False),
        sa.Column("pack", sqlmodel.sql.sqltypes.AutoString(length=40), nullable=False),
        sa.Column("pack_version", sqlmodel.sql.sqltypes.AutoString(length=20), nullable=False),
        sa.Column("recipient_id", sqlmodel.sql.sqltypes.AutoString(length=60), nullable=True),
        sa.Column("service_category", sqlmodel.sql.sqltypes.AutoString(length=40), nullable=True),
        sa.Column("second_number", sa.Integer(), nullable=False),
        sa.Column("second_reason", sqlmodel.sql.sqltypes.AutoString(length=1000), nullable=True),
        sa.Column("went_on_because", sqlmodel.sql.sqltypes.AutoString(length=1000), nullable=True),
        sa.Column("status", sqlmodel.sql.sqltypes.AutoString(length=20), nullable=False),
        sa.Column("status_reason", sqlmodel.sql.sqltypes.AutoString(length=60), nullable=True),
        sa.Column("status_since", sqlmodel.sql.sqltypes.UTCDateTime(), nullable=False),
        sa.Column("revision", sa.Integer(), nullable=False),
        sa.Column("own", postgresql.JSONB(none_as_null=True, astext_type=sa.Text()), nullable=False),
        sa.Column("variants", postgresql.JSONB(none_as_null=True, astext_type=sa.Text()), nullable=False),
        sa.Column("ticks", postgresql.JSONB(none_as_null=True, astext_type=sa.Text()), nullable=False),
        sa.Column("version", sa.Integer(), nullable=False),
        sa.Column("received_version", sa.Integer(), nullable=False),
        sa.Column("created_by", sqlmodel.sql.sqltypes.AutoString(length=120), nullable=False),
        sa.Column("created_at", sqlmodel.sql.sqltypes.UTCDateTime(), nullable=False),
        sa.Column("updated_by", sqlmodel.sql.sqltypes.AutoString(length=120), nullable=False),
        sa.Column("updated_at", sqlmodel.sql.sqltypes.UTCDateTime(), nullable=False),
        sa.Column("submitted_by", sqlmodel.sql.sqltypes.AutoString(length=120), nullable=True),
        sa.Column("submitted_at", sqlmodel.sql.sqltypes.UTCDateTime(), nullable=True),
        sa.ForeignKeyConstraint(["crn"], ["case_record.crn"], name=op.f("fk_referral_crn_case_record")),
        sa.ForeignKeyConstraint(["recipient_id"], ["recipient.id"], name=op.f("fk_referral_recipient_id_recipient")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_referral")),
    )
    op.create_index(op.f("ix_referral_crn"), "referral", ["crn"], unique=False)
    op.create_index("ix_referral_recipient", "referral", ["recipient_id", "status", "submitted_at", "id"], unique=False)
    op.create_index("ix_referral_waiting", "referral", ["recipient_id", "status", "status_since", "id"], unique=False)
    op.create_index(
        "ix_referral_newer_version",
        "referral",
        ["recipient_id", "id"],
        unique=False,
        postgresql_where=sa.text("version > received_version AND received_version > 0"),
    )
    op.create_index(
        "ix_referral_idle_draft",
        "referral",
        ["updated_at"],
        unique=False,
        postgresql_where=sa.text("status = 'draft'"),
    )
    op.create_index(
        "uq_referral_open",
        "referral",
        ["crn", "pack", "recipient_id", "service_category", "second_number"],
        unique=True,
        postgresql_where=sa.text(
            "status IN ('draft', 'submitted', 'received', 'query', 'accepted', 'scheduled', 'started')"
        ),
        postgresql_nulls_not_distinct=True,
    )
    op.create_table(
        "referral_query",
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("referral_id", sa.Uuid(), nullable=False),
        sa.Column("crn", sqlmodel.sql.sqltypes.AutoString(length=7), nullable=False),
        sa.Column("question", sqlmodel.sql.sqltypes.AutoString(length=4000), nullable=False),
        sa.Column("about", postgresql.JSONB(none_as_null=True, astext_type=sa.Text()), nullable=False),
        sa.Column("asked_by", sqlmodel.sql.sqltypes.AutoString(length=120), nullable=False),
        sa.Column("asked_at", sqlmodel.sql.sqltypes.UTCDateTime(), nullable=False),
        sa.Column("answer", sqlmodel.sql.sqltypes.AutoString(length=4000), nullable=True),
        sa.Column("profile_revision", sa.Integer(), nullable=True),
        sa.Column("answered_by", sqlmodel.sql.sqltypes.AutoString(length=120), nullable=True),
        sa.Column("answered_at", sqlmodel.sql.sqltypes.UTCDateTime(), nullable=True),
        sa.ForeignKeyConstraint(["referral_id"], ["referral.id"], name=op.f("fk_referral_query_referral_id_referral")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_referral_query")),
    )
    op.create_index("ix_referral_query_referral", "referral_query", ["referral_id", "asked_at"], unique=False)
    op.create_table(
        "referral_step",
        sa.Column("id", sa.BigInteger(), sa.Identity(), nullable=False),
        sa.Column("referral_id", sa.Uuid(), nullable=False),
        sa.Column("crn", sqlmodel.sql.sqltypes.AutoString(length=7), nullable=False),
        sa.Column("action", sqlmodel.sql.sqltypes.AutoString(length=40), nullable=False),
        sa.Column("from_status", sqlmodel.sql.sqltypes.AutoString(length=20), nullable=True),
        sa.Column("to_status", sqlmodel.sql.sqltypes.AutoString(length=20), nullable=False),
        sa.Column("reason", sqlmodel.sql.sqltypes.AutoString(length=60), nullable=True),
        sa.Column("note", sqlmodel.sql.sqltypes.AutoString(length=4000), nullable=True),
        sa.Column("details", postgresql.JSONB(none_as_null=True, astext_type=sa.Text()), nullable=False),
        sa.Column("actor", sqlmodel.sql.sqltypes.AutoString(length=120), nullable=False),
        sa.Column("role", sqlmodel.sql.sqltypes.AutoString(length=30), nullable=False),
        sa.Column("at", sqlmodel.sql.sqltypes.UTCDateTime(), nullable=False),
        sa.ForeignKeyConstraint(["referral_id"], ["referral.id"], name=op.f("fk_referral_step_referral_id_referral")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_referral_step")),
    )
    op.create_index("ix_referral_step_referral", "referral_step", ["referral_id", "id"], unique=False)
    op.create_table(
        "referral_version",
        sa.Column("referral_id", sa.Uuid(), nullable=False),
        sa.Column("number", sa.Integer(), nullable=False),
        sa.Column("crn", sqlmodel.sql.sqltypes.AutoString(length=7), nullable=False),
        sa.Column("content", postgresql.JSONB(none_as_null=True, astext_type=sa.Text()), nullable=False),
        sa.Column("digest", sqlmodel.sql.sqltypes.AutoString(length=64), nullable=False),
        sa.Column("differences", postgresql.JSONB(none_as_null=True, astext_type=sa.Text()), nullable=False),
        sa.Column("reason", sqlmodel.sql.sqltypes.AutoString(length=1000), nullable=True),
        sa.Column("profile_revision", sa.Integer(), nullable=False),
        sa.Column("submitted_by", sqlmodel.sql.sqltypes.AutoString(length=120), nullable=False),
        sa.Column("submitted_at", sqlmodel.sql.sqltypes.UTCDateTime(), nullable=False),
        sa.ForeignKeyConstraint(
            ["referral_id"], ["referral.id"], name=op.f("fk_referral_version_referral_id_referral")
        ),
        sa.PrimaryKeyConstraint("referral_id", "number", name=op.f("pk_referral_version")),
    )
    op.execute(MAKE_AUDIT_PARTITIONS)
    op.execute("SELECT make_audit_partitions(12)")
    _grant()


def downgrade() -> None:
    """Take the change back."""
    op.execute("DROP FUNCTION make_audit_partitions(integer)")
    op.drop_table("referral_version")
    op.drop_index("ix_referral_step_referral", table_name="referral_step")
    op.drop_table("referral_step")
    op.drop_index("ix_referral_query_referral", table_name="referral_query")
    op.drop_table("referral_query")
    op.drop_index(
        "uq_referral_open",
        table_name="referral",
        postgresql_where=sa.text(
            "status IN ('draft', 'submitted', 'received', 'query', 'accepted', 'scheduled', 'started')"
        ),
        postgresql_nulls_not_distinct=True,
    )
    op.drop_index(
        "ix_referral_newer_version",
        table_name="referral",
        postgresql_where=sa.text("version > received_version AND received_version > 0"),
    )
    op.drop_index("ix_referral_idle_draft", table_name="referral", postgresql_where=sa.text("status = 'draft'"))
    op.drop_index("ix_referral_waiting", table_name="referral")
    op.drop_index("ix_referral_recipient", table_name="referral")
    op.drop_index(op.f("ix_referral_crn"), table_name="referral")
    op.drop_table("referral")
    op.drop_index("ix_profile_history_item", table_name="profile_history")
    op.drop_table("profile_history")
    op.drop_table("profile")
    op.drop_index(op.f("ix_person_event_crn"), table_name="person_event")
    op.drop_table("person_event")
    op.drop_index(op.f("ix_mappa_screening_crn"), table_name="mappa_screening")
    op.drop_table("mappa_screening")
    op.drop_table("limited_access")
    op.drop_index("ix_case_opening_worker", table_name="case_opening")
    op.drop_index(op.f("ix_case_opening_crn"), table_name="case_opening")
    op.drop_table("case_opening")
    op.drop_index(
        "uq_allocation_current_capacity", table_name="allocation", postgresql_where=sa.text("ended_at IS NULL")
    )
    op.drop_index("ix_allocation_current_worker", table_name="allocation", postgresql_where=sa.text("ended_at IS NULL"))
    op.drop_index("ix_allocation_current_team", table_name="allocation", postgresql_where=sa.text("ended_at IS NULL"))
    op.drop_index(op.f("ix_allocation_crn"), table_name="allocation")
    op.drop_table("allocation")
    op.drop_index(op.f("ix_worker_team"), table_name="worker")
    op.drop_table("worker")
    op.drop_table("signing_key")
    op.drop_index(op.f("ix_recipient_pack"), table_name="recipient")
    op.drop_index(op.f("ix_recipient_organisation"), table_name="recipient")
    op.drop_table("recipient")
    op.drop_index(op.f("ix_outbox_event_crn"), table_name="outbox_event")
    op.drop_table("outbox_event")
    op.drop_index(op.f("ix_idempotent_answer_created_at"), table_name="idempotent_answer")
    op.drop_table("idempotent_answer")
    op.drop_index("ix_case_record_search", table_name="case_record")
    op.drop_index(op.f("ix_case_record_noms_number"), table_name="case_record")
    op.drop_table("case_record")
    op.drop_index("ix_audit_entry_asked_for", table_name="audit_entry")
    op.drop_index("ix_audit_entry_worker", table_name="audit_entry")
    op.drop_index("ix_audit_entry_crns", table_name="audit_entry", postgresql_using="gin")
    op.drop_table("audit_entry")
