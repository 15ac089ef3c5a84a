"""Checks asked of the police and of children's services, and risk levels lowered that a manager is to look at."""

from collections.abc import Sequence

import sqlalchemy as sa
import sqlmodel
from alembic import op
from sqlalchemy.dialects import postgresql

revision: str = "0017"
down_revision: str | None = "0016"
branch_labels: str | Sequence[str] | None = None
depends_on: str | Sequence[str] | None = None

APPLICATION = "broker_app"
# The service's login can add to these, and only where two cases of one person become one does it say whose they are.
APPEND_ONLY = ("check_request", "check_chase", "check_answer", "risk_lowering", "risk_lowering_view")


def upgrade() -> None:
    """Change the tables."""
    op.create_table(
        "check_request",
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("crn", sqlmodel.sql.sqltypes.AutoString(length=7), nullable=False),
        sa.Column("kind", sqlmodel.sql.sqltypes.AutoString(length=30), nullable=False),
        sa.Column("asked_of", sqlmodel.sql.sqltypes.AutoString(length=120), nullable=False),
        sa.Column("asked_on", sa.Date(), nullable=False),
        sa.Column("replaces", sa.Uuid(), nullable=True),
        sa.Column("asked_by", sqlmodel.sql.sqltypes.AutoString(length=120), nullable=False),
        sa.Column("asked_at", sqlmodel.sql.sqltypes.UTCDateTime(), nullable=False),
        sa.CheckConstraint("kind IN ('domestic_abuse', 'child_safeguarding')", name=op.f("ck_check_request_kind")),
        sa.ForeignKeyConstraint(["crn"], ["case_record.crn"], name=op.f("fk_check_request_crn_case_record")),
        sa.ForeignKeyConstraint(
            ["replaces"], ["check_request.id"], name=op.f("fk_check_request_replaces_check_request")
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_check_request")),
    )
    op.create_index("ix_check_request_crn", "check_request", ["crn", "kind", "asked_at"], unique=False)
    op.create_index(
        "uq_check_request_replaces",
        "check_request",
        ["replaces"],
        unique=True,
        postgresql_where=sa.text("replaces IS NOT NULL"),
    )
    op.create_table(
        "risk_lowering",
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("crn", sqlmodel.sql.sqltypes.AutoString(length=7), nullable=False),
        sa.Column("levels", postgresql.JSONB(none_as_null=True, astext_type=sa.Text()), nullable=False),
        sa.Column("because", postgresql.JSONB(none_as_null=True, astext_type=sa.Text()), nullable=False),
        sa.Column("profile_revision", sa.Integer(), nullable=False),
        sa.Column("lowered_by", sqlmodel.sql.sqltypes.AutoString(length=120), nullable=False),
        sa.Column("lowered_at", sqlmodel.sql.sqltypes.UTCDateTime(), nullable=False),
        sa.ForeignKeyConstraint(["crn"], ["case_record.crn"], name=op.f("fk_risk_lowering_crn_case_record")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_risk_lowering")),
    )
    op.create_index(op.f("ix_risk_lowering_crn"), "risk_lowering", ["crn"], unique=False)
    op.create_table(
        "check_answer",
        sa.Column("check_id", sa.Uuid(), nullable=False),
        sa.Column("crn", sqlmodel.sql.sqltypes.AutoString(length=7), nullable=False),
        sa.Column("answered_on", sa.Date(), nullable=False),
        sa.Column("result", sqlmodel.sql.sqltypes.AutoString(length=30), nullable=False),
        sa.Column("detail", sqlmodel.sql.sqltypes.AutoString(length=4000), nullable=True),
        sa.Column("valid_until", sa.Date(), nullable=False),
        sa.Column("recorded_by", sqlmodel.sql.sqltypes.AutoString(length=120), nullable=False),
        sa.Column("recorded_at", sqlmodel.sql.sqltypes.UTCDateTime(), nullable=False),
        sa.ForeignKeyConstraint(
            ["check_id"], ["check_request.id"], name=op.f("fk_check_answer_check_id_check_request")
        ),
        sa.PrimaryKeyConstraint("check_id", name=op.f("pk_check_answer")),
    )
    op.create_table(
        "check_chase",
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("check_id", sa.Uuid(), nullable=False),
        sa.Column("crn", sqlmodel.sql.sqltypes.AutoString(length=7), nullable=False),
        sa.Column("chased_on", sa.Date(), nullable=False),
        sa.Column("how", sqlmodel.sql.sqltypes.AutoString(length=20), nullable=False),
        sa.Column("chased_by", sqlmodel.sql.sqltypes.AutoString(length=120), nullable=False),
        sa.Column("recorded_at", sqlmodel.sql.sqltypes.UTCDateTime(), nullable=False),
        sa.ForeignKeyConstraint(["check_id"], ["check_request.id"], name=op.f("fk_check_chase_check_id_check_request")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_check_chase")),
    )
    op.create_index(op.f("ix_check_chase_check_id"), "check_chase", ["check_id"], unique=False)
    op.create_table(
        "risk_lowering_view",
        sa.Column("lowering_id", sa.Uuid(), nullable=False),
        sa.Column("crn", sqlmodel.sql.sqltypes.AutoString(length=7), nullable=False),
        sa.Column("view", sqlmodel.sql.sqltypes.AutoString(length=20), nullable=False),
        sa.Column("note", sqlmodel.sql.sqltypes.AutoString(length=4000), nullable=True),
        sa.Column("given_by", sqlmodel.sql.sqltypes.AutoString(length=120), nullable=False),
        sa.Column("given_at", sqlmodel.sql.sqltypes.UTCDateTime(), nullable=False),
        sa.ForeignKeyConstraint(
            ["lowering_id"], ["risk_lowering.id"], name=op.f("fk_risk_lowering_view_lowering_id_risk_lowering")
        ),
        sa.PrimaryKeyConstraint("lowering_id", name=op.f("pk_risk_lowering_view")),
    )
    op.execute(f"GRANT SELECT, INSERT, UPDATE (crn) ON {', '.join(APPEND_ONLY)} TO {APPLICATION}")


def downgrade() -> None:
    """Take the change back."""
    op.drop_table("risk_lowering_view")
    op.drop_index(op.f("ix_check_chase_check_id"), table_name="check_chase")
    op.drop_table("check_chase")
    op.drop_table("check_answer")
    op.drop_index(op.f("ix_risk_lowering_crn"), table_name="risk_lowering")
    op.drop_table("risk_lowering")
    op.drop_index(
        "uq_check_request_replaces", table_name="check_request", postgresql_where=sa.text("replaces IS NOT NULL")
    )
    op.drop_index("ix_check_request_crn", table_name="check_request")
    op.drop_table("check_request")
