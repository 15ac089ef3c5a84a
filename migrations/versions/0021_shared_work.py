"""Who has the work on a referral for moving on: the practitioner or the staff of the premises."""

from collections.abc import Sequence

import sqlalchemy as sa
import sqlmodel
from alembic import op

revision: str = "0021"
down_revision: str | None = "0015"
branch_labels: str | Sequence[str] | None = None
depends_on: str | Sequence[str] | None = None

APPLICATION = "broker_app"


def upgrade() -> None:
    """Change the tables."""
    op.create_table(
        "passed_work",
        sa.Column("id", sa.BigInteger(), sa.Identity(), nullable=False),
        sa.Column("referral_id", sa.Uuid(), nullable=False),
        sa.Column("crn", sqlmodel.sql.sqltypes.AutoString(length=7), nullable=False),
        sa.Column("question", sqlmodel.sql.sqltypes.AutoString(length=80), nullable=True),
        sa.Column("side", sqlmodel.sql.sqltypes.AutoString(length=20), nullable=False),
        sa.Column("act", sqlmodel.sql.sqltypes.AutoString(length=20), nullable=False),
        sa.Column("note", sqlmodel.sql.sqltypes.AutoString(length=1000), nullable=True),
        sa.Column("passed_by", sqlmodel.sql.sqltypes.AutoString(length=120), nullable=False),
        sa.Column("at", sqlmodel.sql.sqltypes.UTCDateTime(), nullable=False),
        sa.CheckConstraint("act IN ('given', 'taken_over', 'handed_back')", name=op.f("ck_passed_work_act")),
        sa.CheckConstraint("side IN ('practitioner', 'premises')", name=op.f("ck_passed_work_side")),
        sa.ForeignKeyConstraint(["referral_id"], ["referral.id"], name=op.f("fk_passed_work_referral_id_referral")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_passed_work")),
    )
    op.create_index(op.f("ix_passed_work_crn"), "passed_work", ["crn"], unique=False)
    op.create_index("ix_passed_work_referral", "passed_work", ["referral_id", "id"], unique=False)
    op.execute(f"GRANT SELECT, INSERT ON passed_work TO {APPLICATION}")


def downgrade() -> None:
    """Take the change back."""
    op.drop_index("ix_passed_work_referral", table_name="passed_work")
    op.drop_index(op.f("ix_passed_work_crn"), table_name="passed_work")
    op.drop_table("passed_work")
