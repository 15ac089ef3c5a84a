"""Approved premises, people's stays in them, and every change to a stay."""

from collections.abc import Sequence

import sqlalchemy as sa
import sqlmodel
from alembic import op
from sqlalchemy.dialects import postgresql

revision: str = "0013"
down_revision: str | None = "0012"
branch_labels: str | Sequence[str] | None = None
depends_on: str | Sequence[str] | None = None

APPLICATION = "broker_app"
OPEN = "status IN ('expected', 'in_residence', 'suspended')"


def upgrade() -> None:
    """Change the tables."""
    op.create_table(
        "premises",
        sa.Column("id", sqlmodel.sql.sqltypes.AutoString(length=60), nullable=False),
        sa.Column("name", sqlmodel.sql.sqltypes.AutoString(length=200), nullable=False),
        sa.Column("kind", sqlmodel.sql.sqltypes.AutoString(length=30), nullable=False),
        sa.Column("places", sa.Integer(), nullable=False),
        sa.Column("region", sqlmodel.sql.sqltypes.AutoString(length=60), nullable=False),
        sa.Column("registered_at", sqlmodel.sql.sqltypes.UTCDateTime(), nullable=False),
        sa.CheckConstraint("places BETWEEN 1 AND 200", name=op.f("ck_premises_places")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_premises")),
    )
    op.create_index(op.f("ix_premises_region"), "premises", ["region"], unique=False)
    op.create_table(
        "stay",
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("crn", sqlmodel.sql.sqltypes.AutoString(length=7), nullable=False),
        sa.Column("premises_id", sqlmodel.sql.sqltypes.AutoString(length=60), nullable=False),
        sa.Column("kind", sqlmodel.sql.sqltypes.AutoString(length=30), nullable=False),
        sa.Column("status", sqlmodel.sql.sqltypes.AutoString(length=20), nullable=False),
        sa.Column("expected_arrival_on", sa.Date(), nullable=False),
        sa.Column("expected_departure_on", sa.Date(), nullable=True),
        sa.Column("departure_set", sa.Boolean(), nullable=False),
        sa.Column("arrived_on", sa.Date(), nullable=True),
        sa.Column("resident_since", sa.Date(), nullable=True),
        sa.Column("nights_before", sa.Integer(), nullable=False),
        sa.Column("recalled_on", sa.Date(), nullable=True),
        sa.Column("re_release_on", sa.Date(), nullable=True),
        sa.Column("ended_on", sa.Date(), nullable=True),
        sa.Column("end_reason", sqlmodel.sql.sqltypes.AutoString(length=60), nullable=True),
        sa.Column("move_on_category", sqlmodel.sql.sqltypes.AutoString(length=40), nullable=True),
        sa.Column("key_worker", sqlmodel.sql.sqltypes.AutoString(length=120), nullable=True),
        sa.Column("revision", sa.Integer(), nullable=False),
        sa.Column("opened_at", sqlmodel.sql.sqltypes.UTCDateTime(), nullable=False),
        sa.Column("ended_at", sqlmodel.sql.sqltypes.UTCDateTime(), nullable=True),
        sa.CheckConstraint("(status = 'in_residence') = (resident_since IS NOT NULL)", name=op.f("ck_stay_residence")),
        sa.CheckConstraint(f"({OPEN}) = (ended_on IS NULL)", name=op.f("ck_stay_ending")),
        sa.CheckConstraint(
            "status IN ('expected', 'in_residence', 'suspended', 'departed', 'not_arrived', 'cancelled')",
            name=op.f("ck_stay_status"),
        ),
        sa.CheckConstraint("nights_before >= 0", name=op.f("ck_stay_nights")),
        sa.ForeignKeyConstraint(["crn"], ["case_record.crn"], name=op.f("fk_stay_crn_case_record")),
        sa.ForeignKeyConstraint(["premises_id"], ["premises.id"], name=op.f("fk_stay_premises_id_premises")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_stay")),
    )
    op.create_index(op.f("ix_stay_crn"), "stay", ["crn"], unique=False)
    op.create_index(
        "ix_stay_premises_open",
        "stay",
        ["premises_id", "opened_at", "id"],
        unique=False,
        postgresql_where=sa.text(OPEN),
    )
    op.create_index("uq_stay_open", "stay", ["crn"], unique=True, postgresql_where=sa.text(OPEN))
    op.create_table(
        "stay_step",
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("stay_id", sa.Uuid(), nullable=False),
        sa.Column("crn", sqlmodel.sql.sqltypes.AutoString(length=7), nullable=False),
        sa.Column("premises_id", sqlmodel.sql.sqltypes.AutoString(length=60), nullable=False),
        sa.Column("act", sqlmodel.sql.sqltypes.AutoString(length=20), nullable=False),
        sa.Column("from_status", sqlmodel.sql.sqltypes.AutoString(length=20), nullable=True),
        sa.Column("to_status", sqlmodel.sql.sqltypes.AutoString(length=20), nullable=False),
        sa.Column("reason", sqlmodel.sql.sqltypes.AutoString(length=60), nullable=True),
        sa.Column("note", sqlmodel.sql.sqltypes.AutoString(length=1000), nullable=True),
        sa.Column("details", postgresql.JSONB(none_as_null=True, astext_type=sa.Text()), nullable=False),
        sa.Column("actor", sqlmodel.sql.sqltypes.AutoString(length=120), nullable=False),
        sa.Column("role", sqlmodel.sql.sqltypes.AutoString(length=30), nullable=False),
        sa.Column("revision", sa.Integer(), nullable=False),
        sa.Column("at", sqlmodel.sql.sqltypes.UTCDateTime(), nullable=False),
        sa.ForeignKeyConstraint(["stay_id"], ["stay.id"], name=op.f("fk_stay_step_stay_id_stay")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_stay_step")),
    )
    op.create_index("ix_stay_step_stay", "stay_step", ["stay_id", "at"], unique=False)
    op.execute(f"GRANT SELECT, INSERT, UPDATE ON premises, stay TO {APPLICATION}")
    op.execute(f"GRANT SELECT, INSERT ON stay_step TO {APPLICATION}")


def downgrade() -> None:
    """Take the change back."""
    op.drop_index("ix_stay_step_stay", table_name="stay_step")
    op.drop_table("stay_step")
    op.drop_index("uq_stay_open", table_name="stay", postgresql_where=sa.text(OPEN))
    op.drop_index("ix_stay_premises_open", table_name="stay", postgresql_where=sa.text(OPEN))
    op.drop_index(op.f("ix_stay_crn"), table_name="stay")
    op.drop_table("stay")
    op.drop_index(op.f("ix_premises_region"), table_name="premises")
    op.drop_table("premises")
