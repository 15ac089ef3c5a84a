"""What changed for each provider, in order, and who acknowledged it by name."""

from collections.abc import Sequence

import sqlalchemy as sa
import sqlmodel
from alembic import op
from sqlalchemy.dialects import postgresql

revision: str = "0010"
down_revision: str | None = "0007"
branch_labels: str | Sequence[str] | None = None
depends_on: str | Sequence[str] | None = None

APPLICATION = "broker_app"


def upgrade() -> None:
    """Change the tables."""
    op.create_table(
        "acknowledgement",
        sa.Column("entry_id", sa.Uuid(), nullable=False),
        sa.Column("crn", sqlmodel.sql.sqltypes.AutoString(length=7), nullable=False),
        sa.Column("worker_id", sqlmodel.sql.sqltypes.AutoString(length=120), nullable=False),
        sa.Column("acknowledged_at", sqlmodel.sql.sqltypes.UTCDateTime(), nullable=False),
        sa.PrimaryKeyConstraint("entry_id", name=op.f("pk_acknowledgement")),
    )
    op.create_index(op.f("ix_acknowledgement_crn"), "acknowledgement", ["crn"], unique=False)
    op.create_table(
        "cursor_key",
        sa.Column("id", sa.Integer(), autoincrement=False, nullable=False),
        sa.Column("secret", postgresql.JSONB(none_as_null=True, astext_type=sa.Text()), nullable=False),
        sa.Column("created_at", sqlmodel.sql.sqltypes.UTCDateTime(), nullable=False),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_cursor_key")),
    )
    op.create_table(
        "feed_counter",
        sa.Column("organisation_id", sqlmodel.sql.sqltypes.AutoString(length=60), nullable=False),
        sa.Column("last", sa.BigInteger(), nullable=False),
        sa.Column("forgotten", sa.BigInteger(), nullable=False),
        sa.ForeignKeyConstraint(
            ["organisation_id"], ["organisation.id"], name=op.f("fk_feed_counter_organisation_id_organisation")
        ),
        sa.PrimaryKeyConstraint("organisation_id", name=op.f("pk_feed_counter")),
    )
    op.create_table(
        "feed_entry",
        sa.Column("organisation_id", sqlmodel.sql.sqltypes.AutoString(length=60), nullable=False),
        sa.Column("number", sa.BigInteger(), nullable=False),
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("referral_id", sa.Uuid(), nullable=False),
        sa.Column("crn", sqlmodel.sql.sqltypes.AutoString(length=7), nullable=False),
        sa.Column("kind", sqlmodel.sql.sqltypes.AutoString(length=20), nullable=False),
        sa.Column("items", postgresql.JSONB(none_as_null=True, astext_type=sa.Text()), nullable=False),
        sa.Column("raised", sa.Boolean(), nullable=False),
        sa.Column("disclosure_id", sa.Uuid(), nullable=True),
        sa.Column("occurred_at", sqlmodel.sql.sqltypes.UTCDateTime(), nullable=False),
        sa.CheckConstraint("kind IN ('added', 'changed', 'referral', 'removed')", name=op.f("ck_feed_entry_kind")),
        sa.ForeignKeyConstraint(
            ["organisation_id"], ["organisation.id"], name=op.f("fk_feed_entry_organisation_id_organisation")
        ),
        sa.ForeignKeyConstraint(["referral_id"], ["referral.id"], name=op.f("fk_feed_entry_referral_id_referral")),
        sa.PrimaryKeyConstraint("organisation_id", "number", name=op.f("pk_feed_entry")),
        sa.UniqueConstraint("id", name=op.f("uq_feed_entry_id")),
    )
    op.create_index(op.f("ix_feed_entry_crn"), "feed_entry", ["crn"], unique=False)
    op.create_index(op.f("ix_feed_entry_occurred_at"), "feed_entry", ["occurred_at"], unique=False)
    op.create_index(
        "ix_feed_entry_raised",
        "feed_entry",
        ["referral_id", "occurred_at"],
        unique=False,
        postgresql_where=sa.text("raised"),
    )
    op.create_index("ix_feed_entry_referral", "feed_entry", ["referral_id", "occurred_at"], unique=False)
    op.execute(f"GRANT SELECT, INSERT ON acknowledgement, cursor_key TO {APPLICATION}")
    op.execute(f"GRANT SELECT, INSERT, UPDATE ON feed_counter TO {APPLICATION}")
    # Entries are forgotten in the end, never changed.
    op.execute(f"GRANT SELECT, INSERT, DELETE ON feed_entry TO {APPLICATION}")


def downgrade() -> None:
    """Take the change back."""
    op.drop_index("ix_feed_entry_referral", table_name="feed_entry")
    op.drop_index("ix_feed_entry_raised", table_name="feed_entry", postgresql_where=sa.text("raised"))
    op.drop_index(op.f("ix_feed_entry_occurred_at"), table_name="feed_entry")
    op.drop_index(op.f("ix_feed_entry_crn"), table_name="feed_entry")
    op.drop_table("feed_entry")
    op.drop_table("feed_counter")
    op.drop_table("cursor_key")
    op.drop_index(op.f("ix_acknowledgement_crn"), table_name="acknowledgement")
    op.drop_table("acknowledgement")
