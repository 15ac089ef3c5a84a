"""What providers write about their work: appointments, who came, progress and concerns."""

from collections.abc import Sequence

import sqlalchemy as sa
import sqlmodel
from alembic import op

revision: str = "0007"
down_revision: str | None = "0002"
branch_labels: str | Sequence[str] | None = None
depends_on: str | Sequence[str] | None = None

APPLICATION = "broker_app"
# The service's login can add to these, and do nothing else to them.
APPEND_ONLY = ("provision_appointment", "provision_attendance", "provision_note", "concern_acknowledgement")


def upgrade() -> None:
    """Change the tables."""
    op.create_table(
        "provision_appointment",
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("referral_id", sa.Uuid(), nullable=False),
        sa.Column("crn", sqlmodel.sql.sqltypes.AutoString(length=7), nullable=False),
        sa.Column("kind", sqlmodel.sql.sqltypes.AutoString(length=30), nullable=False),
        sa.Column("how", sqlmodel.sql.sqltypes.AutoString(length=30), nullable=False),
        sa.Column("starts_at", sqlmodel.sql.sqltypes.UTCDateTime(), nullable=False),
        sa.Column("minutes", sa.Integer(), nullable=False),
        sa.Column("place", sqlmodel.sql.sqltypes.AutoString(length=1000), nullable=True),
        sa.Column("replaces", sa.Uuid(), nullable=True),
        sa.Column("booked_by", sqlmodel.sql.sqltypes.AutoString(length=120), nullable=False),
        sa.Column("booked_at", sqlmodel.sql.sqltypes.UTCDateTime(), nullable=False),
        sa.ForeignKeyConstraint(
            ["referral_id"], ["referral.id"], name=op.f("fk_provision_appointment_referral_id_referral")
        ),
        sa.ForeignKeyConstraint(
            ["replaces"],
            ["provision_appointment.id"],
            name=op.f("fk_provision_appointment_replaces_provision_appointment"),
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_provision_appointment")),
    )
    op.create_index(
        "ix_provision_appointment_referral", "provision_appointment", ["referral_id", "starts_at"], unique=False
    )
    op.create_index(
        "uq_provision_appointment_replaces",
        "provision_appointment",
        ["replaces"],
        unique=True,
        postgresql_where=sa.text("replaces IS NOT NULL"),
    )
    op.create_table(
        "provision_note",
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("referral_id", sa.Uuid(), nullable=False),
        sa.Column("crn", sqlmodel.sql.sqltypes.AutoString(length=7), nullable=False),
        sa.Column("kind", sqlmodel.sql.sqltypes.AutoString(length=10), nullable=False),
        sa.Column("about", sqlmodel.sql.sqltypes.AutoString(length=30), nullable=True),
        sa.Column("text", sqlmodel.sql.sqltypes.AutoString(length=4000), nullable=False),
        sa.Column("written_by", sqlmodel.sql.sqltypes.AutoString(length=120), nullable=False),
        sa.Column("written_at", sqlmodel.sql.sqltypes.UTCDateTime(), nullable=False),
        sa.CheckConstraint("kind IN ('progress', 'concern')", name=op.f("ck_provision_note_kind")),
        sa.ForeignKeyConstraint(["referral_id"], ["referral.id"], name=op.f("fk_provision_note_referral_id_referral")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_provision_note")),
    )
    op.create_index("ix_provision_note_referral", "provision_note", ["referral_id", "written_at"], unique=False)
    op.create_table(
        "concern_acknowledgement",
        sa.Column("concern_id", sa.Uuid(), nullable=False),
        sa.Column("referral_id", sa.Uuid(), nullable=False),
        sa.Column("crn", sqlmodel.sql.sqltypes.AutoString(length=7), nullable=False),
        sa.Column("note", sqlmodel.sql.sqltypes.AutoString(length=4000), nullable=True),
        sa.Column("acknowledged_by", sqlmodel.sql.sqltypes.AutoString(length=120), nullable=False),
        sa.Column("acknowledged_at", sqlmodel.sql.sqltypes.UTCDateTime(), nullable=False),
        sa.ForeignKeyConstraint(
            ["concern_id"], ["provision_note.id"], name=op.f("fk_concern_acknowledgement_concern_id_provision_note")
        ),
        sa.ForeignKeyConstraint(
            ["referral_id"], ["referral.id"], name=op.f("fk_concern_acknowledgement_referral_id_referral")
        ),
        sa.PrimaryKeyConstraint("concern_id", name=op.f("pk_concern_acknowledgement")),
    )
    op.create_index(
        op.f("ix_concern_acknowledgement_referral_id"), "concern_acknowledgement", ["referral_id"], unique=False
    )
    op.create_table(
        "provision_attendance",
        sa.Column("appointment_id", sa.Uuid(), nullable=False),
        sa.Column("referral_id", sa.Uuid(), nullable=False),
        sa.Column("crn", sqlmodel.sql.sqltypes.AutoString(length=7), nullable=False),
        sa.Column("attended", sqlmodel.sql.sqltypes.AutoString(length=10), nullable=False),
        sa.Column("reason", sqlmodel.sql.sqltypes.AutoString(length=20), nullable=True),
        sa.Column("note", sqlmodel.sql.sqltypes.AutoString(length=4000), nullable=True),
        sa.Column("recorded_by", sqlmodel.sql.sqltypes.AutoString(length=120), nullable=False),
        sa.Column("recorded_at", sqlmodel.sql.sqltypes.UTCDateTime(), nullable=False),
        sa.ForeignKeyConstraint(
            ["appointment_id"],
            ["provision_appointment.id"],
            name=op.f("fk_provision_attendance_appointment_id_provision_appointment"),
        ),
        sa.ForeignKeyConstraint(
            ["referral_id"], ["referral.id"], name=op.f("fk_provision_attendance_referral_id_referral")
        ),
        sa.PrimaryKeyConstraint("appointment_id", name=op.f("pk_provision_attendance")),
    )
    op.create_index(op.f("ix_provision_attendance_referral_id"), "provision_attendance", ["referral_id"], unique=False)
    op.execute(f"GRANT SELECT, INSERT ON {', '.join(APPEND_ONLY)} TO {APPLICATION}")


def downgrade() -> None:
    """Take the change back."""
    op.drop_index(op.f("ix_provision_attendance_referral_id"), table_name="provision_attendance")
    op.drop_table("provision_attendance")
    op.drop_index(op.f("ix_concern_acknowledgement_referral_id"), table_name="concern_acknowledgement")
    op.drop_table("concern_acknowledgement")
    op.drop_index("ix_provision_note_referral", table_name="provision_note")
    op.drop_table("provision_note")
    op.drop_index(
        "uq_provision_appointment_replaces",
        table_name="provision_appointment",
        postgresql_where=sa.text("replaces IS NOT NULL"),
    )
    op.drop_index("ix_provision_appointment_referral", table_name="provision_appointment")
    op.drop_table("provision_appointment")
