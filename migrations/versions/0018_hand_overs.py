"""Hand-overs from one practitioner to another, planned and not."""

from collections.abc import Sequence

import sqlalchemy as sa
import sqlmodel
from alembic import op
from sqlalchemy.dialects import postgresql

revision: str = "0018"
down_revision: str | None = "0020"
branch_labels: str | Sequence[str] | None = None
depends_on: str | Sequence[str] | None = None

APPLICATION = "broker_app"


def upgrade() -> None:
    """Change the tables."""
    op.create_table(
        "hand_over",
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("crn", sqlmodel.sql.sqltypes.AutoString(length=7), nullable=False),
        sa.Column("status", sqlmodel.sql.sqltypes.AutoString(length=20), nullable=False),
        sa.Column("from_worker", sqlmodel.sql.sqltypes.AutoString(length=120), nullable=False),
        sa.Column("from_capacity", sqlmodel.sql.sqltypes.AutoString(length=30), nullable=False),
        sa.Column("to_worker", sqlmodel.sql.sqltypes.AutoString(length=120), nullable=True),
        sa.Column("to_capacity", sqlmodel.sql.sqltypes.AutoString(length=30), nullable=False),
        sa.Column("first_planned_on", sa.Date(), nullable=True),
        sa.Column("planned_on", sa.Date(), nullable=True),
        sa.Column("meeting_held", sa.Boolean(), nullable=True),
        sa.Column("meeting_held_on", sa.Date(), nullable=True),
        sa.Column("meeting_because", sqlmodel.sql.sqltypes.AutoString(length=1000), nullable=True),
        sa.Column("promised", postgresql.JSONB(none_as_null=True, astext_type=sa.Text()), nullable=False),
        sa.Column("outstanding", postgresql.JSONB(none_as_null=True, astext_type=sa.Text()), nullable=False),
        sa.Column("ended_because", sqlmodel.sql.sqltypes.AutoString(length=1000), nullable=True),
        sa.Column("revision", sa.Integer(), nullable=False),
        sa.Column("recorded_by", sqlmodel.sql.sqltypes.AutoString(length=120), nullable=False),
        sa.Column("recorded_at", sqlmodel.sql.sqltypes.UTCDateTime(), nullable=False),
        sa.Column("ended_by", sqlmodel.sql.sqltypes.AutoString(length=120), nullable=True),
        sa.Column("ended_at", sqlmodel.sql.sqltypes.UTCDateTime(), nullable=True),
        sa.CheckConstraint(
            "status IN ('planned', 'completed', 'cancelled', 'overtaken')", name=op.f("ck_hand_over_status")
        ),
        sa.ForeignKeyConstraint(["crn"], ["case_record.crn"], name=op.f("fk_hand_over_crn_case_record")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_hand_over")),
    )
    op.create_index("ix_hand_over_crn", "hand_over", ["crn", "recorded_at"], unique=False)
    op.create_index(
        "ix_hand_over_planned_from",
        "hand_over",
        ["from_worker", "planned_on"],
        unique=False,
        postgresql_where=sa.text("status = 'planned'"),
    )
    op.create_index(
        "ix_hand_over_planned_to",
        "hand_over",
        ["to_worker", "planned_on"],
        unique=False,
        postgresql_where=sa.text("status = 'planned'"),
    )
    op.create_index(
        "uq_hand_over_planned",
        "hand_over",
        ["crn", "from_capacity"],
        unique=True,
        postgresql_where=sa.text("status = 'planned'"),
    )
    op.execute(f"GRANT SELECT, INSERT, UPDATE ON hand_over TO {APPLICATION}")


def downgrade() -> None:
    """Take the change back."""
    op.drop_index("uq_hand_over_planned", table_name="hand_over", postgresql_where=sa.text("status = 'planned'"))
    op.drop_index("ix_hand_over_planned_to", table_name="hand_over", postgresql_where=sa.text("status = 'planned'"))
    op.drop_index("ix_hand_over_planned_from", table_name="hand_over", postgresql_where=sa.text("status = 'planned'"))
    op.drop_index("ix_hand_over_crn", table_name="hand_over")
    op.drop_table("hand_over")
