"""What providers propose, what practitioners decide, and the end-of-service report."""

from collections.abc import Sequence

import sqlalchemy as sa
import sqlmodel
from alembic import op
from sqlalchemy.dialects import postgresql

revision: str = "0016"
down_revision: str | None = "0011"
branch_labels: str | Sequence[str] | None = None
depends_on: str | Sequence[str] | None = None

APPLICATION = "broker_app"
# The service's login can add to these, and do nothing else to them.
APPEND_ONLY = ("proposal", "proposal_decision", "end_of_service_report", "end_of_service_outcome")


def upgrade() -> None:
    """Change the tables."""
    op.create_table(
        "end_of_service_report",
        sa.Column("referral_id", sa.Uuid(), nullable=False),
        sa.Column("crn", sqlmodel.sql.sqltypes.AutoString(length=7), nullable=False),
        sa.Column("version", sa.Integer(), nullable=False),
        sa.Column("further", sqlmodel.sql.sqltypes.AutoString(length=4000), nullable=True),
        sa.Column("written_by", sqlmodel.sql.sqltypes.AutoString(length=120), nullable=False),
        sa.Column("written_at", sqlmodel.sql.sqltypes.UTCDateTime(), nullable=False),
        sa.ForeignKeyConstraint(
            ["referral_id"], ["referral.id"], name=op.f("fk_end_of_service_report_referral_id_referral")
        ),
        sa.PrimaryKeyConstraint("referral_id", name=op.f("pk_end_of_service_report")),
    )
    op.create_table(
        "proposal",
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("referral_id", sa.Uuid(), nullable=False),
        sa.Column("crn", sqlmodel.sql.sqltypes.AutoString(length=7), nullable=False),
        sa.Column("version", sa.Integer(), nullable=False),
        sa.Column("about", sqlmodel.sql.sqltypes.AutoString(length=20), nullable=False),
        sa.Column("category", sqlmodel.sql.sqltypes.AutoString(length=3), nullable=False),
        sa.Column("stood", postgresql.JSONB(none_as_null=True, astext_type=sa.Text()), nullable=False),
        sa.Column("proposed", sqlmodel.sql.sqltypes.AutoString(length=80), nullable=False),
        sa.Column("instead_of", sqlmodel.sql.sqltypes.AutoString(length=80), nullable=True),
        sa.Column("reason", sqlmodel.sql.sqltypes.AutoString(length=4000), nullable=False),
        sa.Column("proposed_by", sqlmodel.sql.sqltypes.AutoString(length=120), nullable=False),
        sa.Column("proposed_at", sqlmodel.sql.sqltypes.UTCDateTime(), nullable=False),
        sa.CheckConstraint("about IN ('complexity', 'outcome')", name=op.f("ck_proposal_about")),
        sa.ForeignKeyConstraint(["referral_id"], ["referral.id"], name=op.f("fk_proposal_referral_id_referral")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_proposal")),
    )
    op.create_index("ix_proposal_referral", "proposal", ["referral_id", "proposed_at"], unique=False)
    op.create_table(
        "end_of_service_outcome",
        sa.Column("referral_id", sa.Uuid(), nullable=False),
        sa.Column("outcome", sqlmodel.sql.sqltypes.AutoString(length=80), nullable=False),
        sa.Column("crn", sqlmodel.sql.sqltypes.AutoString(length=7), nullable=False),
        sa.Column("result", sqlmodel.sql.sqltypes.AutoString(length=20), nullable=False),
        sa.Column("text", sqlmodel.sql.sqltypes.AutoString(length=4000), nullable=False),
        sa.CheckConstraint("result IN ('met', 'partly_met', 'not_met')", name=op.f("ck_end_of_service_outcome_result")),
        sa.ForeignKeyConstraint(
            ["referral_id"],
            ["end_of_service_report.referral_id"],
            name=op.f("fk_end_of_service_outcome_referral_id_end_of_service_report"),
        ),
        sa.PrimaryKeyConstraint("referral_id", "outcome", name=op.f("pk_end_of_service_outcome")),
    )
    op.create_table(
        "proposal_decision",
        sa.Column("proposal_id", sa.Uuid(), nullable=False),
        sa.Column("referral_id", sa.Uuid(), nullable=False),
        sa.Column("crn", sqlmodel.sql.sqltypes.AutoString(length=7), nullable=False),
        sa.Column("version", sa.Integer(), nullable=False),
        sa.Column("decision", sqlmodel.sql.sqltypes.AutoString(length=10), nullable=False),
        sa.Column("reason", sqlmodel.sql.sqltypes.AutoString(length=4000), nullable=False),
        sa.Column("decided_by", sqlmodel.sql.sqltypes.AutoString(length=120), nullable=False),
        sa.Column("decided_at", sqlmodel.sql.sqltypes.UTCDateTime(), nullable=False),
        sa.CheckConstraint("decision IN ('agreed', 'kept')", name=op.f("ck_proposal_decision_decision")),
        sa.ForeignKeyConstraint(
            ["proposal_id"], ["proposal.id"], name=op.f("fk_proposal_decision_proposal_id_proposal")
        ),
        sa.ForeignKeyConstraint(
            ["referral_id"], ["referral.id"], name=op.f("fk_proposal_decision_referral_id_referral")
        ),
        sa.PrimaryKeyConstraint("proposal_id", name=op.f("pk_proposal_decision")),
    )
    op.create_index(op.f("ix_proposal_decision_referral_id"), "proposal_decision", ["referral_id"], unique=False)
    op.execute(f"GRANT SELECT, INSERT ON {', '.join(APPEND_ONLY)} TO {APPLICATION}")


def downgrade() -> None:
    """Take the change back."""
    op.drop_index(op.f("ix_proposal_decision_referral_id"), table_name="proposal_decision")
    op.drop_table("proposal_decision")
    op.drop_table("end_of_service_outcome")
    op.drop_index("ix_proposal_referral", table_name="proposal")
    op.drop_table("proposal")
    op.drop_table("end_of_service_report")
