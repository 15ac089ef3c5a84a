"""The record of access is sealed: what was withheld stands in its rows, and a signed chain says what they were."""

from collections.abc import Sequence

import sqlalchemy as sa
import sqlmodel
from alembic import op
from sqlalchemy.dialects import postgresql

revision: str = "0011"
down_revision: str | None = "0010"
branch_labels: str | Sequence[str] | None = None
depends_on: str | Sequence[str] | None = None

APPLICATION = "broker_app"
# The service's login can add to these, and do nothing else to them; a stub is the owner's to add.
APPEND_ONLY = ("audit_seal", "audit_sealed")

# As the first migration made it, for the parent tables named.
MAKE_AUDIT_PARTITIONS = """
CREATE OR REPLACE FUNCTION make_audit_partitions(months integer) RETURNS void
LANGUAGE plpgsql SECURITY DEFINER SET search_path = public, pg_temp AS $$
DECLARE
    first date := date_trunc('month', now() AT TIME ZONE 'UTC')::date;
    month date;
    parent text;
BEGIN
    PERFORM pg_advisory_xact_lock(7203514827);
    FOR ahead IN 0..least(months, 24) LOOP
        month := (first + make_interval(months => ahead))::date;
        FOREACH parent IN ARRAY ARRAY[%s] LOOP
            EXECUTE format(
                'CREATE TABLE IF NOT EXISTS %%I PARTITION OF %%I FOR VALUES FROM (%%L) TO (%%L)',
                parent || '_' || to_char(month, 'YYYY_MM'),
                parent,
                month::timestamp AT TIME ZONE 'UTC',
                (month + interval '1 month') AT TIME ZONE 'UTC'
            );
        END LOOP;
    END LOOP;
END $$
"""
# A partition for each month the record has, this month's and earlier ones; and for whatever has none of its own.
PARTITIONS_LIKE_THE_RECORD = """
DO $$
DECLARE
    partition record;
BEGIN
    FOR partition IN
        SELECT relname, pg_get_expr(relpartbound, pg_class.oid) AS bound
        FROM pg_inherits JOIN pg_class ON pg_class.oid = inhrelid
        WHERE inhparent = 'audit_entry'::regclass AND relname ~ '^audit_entry_[0-9]{4}_[0-9]{2}$'
    LOOP
        EXECUTE format(
            'CREATE TABLE %I PARTITION OF audit_sealed %s',
            replace(partition.relname, 'audit_entry_', 'audit_sealed_'), partition.bound
        );
    END LOOP;
END $$
"""
# An index on a partitioned table cannot be made concurrently; the record is new enough not to be large.
INDEX_BY_TIME = """
-- squawk-ignore require-concurrent-index-creation
CREATE INDEX ix_audit_entry_at ON audit_entry (at, id)
"""


def upgrade() -> None:
    """Change the tables."""
    withheld = sa.Column("withheld", postgresql.ARRAY(sa.Text()), server_default="{}", nullable=False)
    op.add_column("audit_entry", withheld)
    op.add_column("audit_entry", sa.Column("gateway", sqlmodel.sql.sqltypes.AutoString(length=120), nullable=True))
    op.execute(INDEX_BY_TIME)
    kind = sqlmodel.sql.sqltypes.AutoString(length=20)
    op.add_column("signing_key", sa.Column("kind", kind, server_default="token", nullable=False))
    op.create_table(
        "audit_seal",
        sa.Column("number", sa.BigInteger(), autoincrement=False, nullable=False),
        sa.Column("month", sqlmodel.sql.sqltypes.AutoString(length=7), nullable=False),
        sa.Column("covers_until", sqlmodel.sql.sqltypes.UTCDateTime(), nullable=False),
        sa.Column("hash", sqlmodel.sql.sqltypes.AutoString(length=64), nullable=False),
        sa.Column("signature", sqlmodel.sql.sqltypes.AutoString(), nullable=False),
        sa.PrimaryKeyConstraint("number", name=op.f("pk_audit_seal")),
    )
    op.create_index("ix_audit_seal_covers_until", "audit_seal", ["covers_until"], unique=False)
    op.create_index("ix_audit_seal_month", "audit_seal", ["month"], unique=False)
    op.create_table(
        "audit_sealed",
        sa.Column("entry_id", sa.Uuid(), nullable=False),
        sa.Column("at", sqlmodel.sql.sqltypes.UTCDateTime(), nullable=False),
        sa.Column("seal", sa.BigInteger(), nullable=False),
        sa.Column("position", sa.Integer(), nullable=False),
        sa.Column("row_hash", sqlmodel.sql.sqltypes.AutoString(length=64), nullable=False),
        sa.PrimaryKeyConstraint("entry_id", "at", name=op.f("pk_audit_sealed")),
        postgresql_partition_by="RANGE (at)",
    )
    op.create_index("ix_audit_sealed_seal", "audit_sealed", ["seal", "position"], unique=False)
    op.create_table(
        "audit_stub",
        sa.Column("month", sqlmodel.sql.sqltypes.AutoString(length=7), nullable=False),
        sa.Column("signature", sqlmodel.sql.sqltypes.AutoString(), nullable=False),
        sa.PrimaryKeyConstraint("month", name=op.f("pk_audit_stub")),
    )
    op.execute(PARTITIONS_LIKE_THE_RECORD)
    op.execute("CREATE TABLE audit_sealed_elsewhen PARTITION OF audit_sealed DEFAULT")
    op.execute(MAKE_AUDIT_PARTITIONS % "'audit_entry', 'audit_sealed'")
    op.execute(f"GRANT SELECT, INSERT ON {', '.join(APPEND_ONLY)} TO {APPLICATION}")
    op.execute(f"GRANT SELECT ON audit_stub TO {APPLICATION}")


def downgrade() -> None:
    """Take the change back."""
    op.execute(MAKE_AUDIT_PARTITIONS % "'audit_entry'")
    op.drop_table("audit_stub")
    op.drop_index("ix_audit_sealed_seal", table_name="audit_sealed")
    op.drop_table("audit_sealed")
    op.drop_index("ix_audit_seal_month", table_name="audit_seal")
    op.drop_index("ix_audit_seal_covers_until", table_name="audit_seal")
    op.drop_table("audit_seal")
    op.execute("DELETE FROM signing_key WHERE kind <> 'token'")
    op.drop_column("signing_key", "kind")
    op.drop_index("ix_audit_entry_at", table_name="audit_entry")
    op.drop_column("audit_entry", "gateway")
    op.drop_column("audit_entry", "withheld")
