"""CAS3 bookings, and every step each of them took; no two of one person's hold the same night."""

from collections.abc import Sequence

import sqlalchemy as sa
import sqlmodel
from alembic import op

revision: str = "0020"
down_revision: str | None = "0019"
branch_labels: str | Sequence[str] | None = None
depends_on: str | Sequence[str] | None = None

APPLICATION = "broker_app"
# A CRN as a range of one number: ranges of one number overlap where it is the same, and need no extension to say so.
PERSON = (
    "int4range(ascii(crn) * 1000000 + CAST(substr(crn, 2) AS integer), "
    "ascii(crn) * 1000000 + CAST(substr(crn, 2) AS integer), '[]')"
)


def upgrade() -> None:
    """Change the tables."""
    op.create_table(
        "cas3_booking",
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("referral_id", sa.Uuid(), nullable=False),
        sa.Column("crn", sqlmodel.sql.sqltypes.AutoString(length=7), nullable=False),
        sa.Column("sentence", sqlmodel.sql.sqltypes.AutoString(length=20), nullable=False),
        sa.Column("place", sqlmodel.sql.sqltypes.AutoString(length=200), nullable=False),
        sa.Column("status", sqlmodel.sql.sqltypes.AutoString(length=20), nullable=False),
        sa.Column("arrival_on", sa.Date(), nullable=False),
        sa.Column("departure_on", sa.Date(), nullable=False),
        sa.Column("first_arrival_on", sa.Date(), nullable=False),
        sa.Column("first_departure_on", sa.Date(), nullable=False),
        sa.Column("end_reason", sqlmodel.sql.sqltypes.AutoString(length=60), nullable=True),
        sa.Column("overstay_authorised", sa.Boolean(), nullable=True),
        sa.Column("overstay_reason", sqlmodel.sql.sqltypes.AutoString(length=1000), nullable=True),
        sa.Column("revision", sa.Integer(), nullable=False),
        sa.Column("booked_by", sqlmodel.sql.sqltypes.AutoString(length=120), nullable=False),
        sa.Column("booked_at", sqlmodel.sql.sqltypes.UTCDateTime(), nullable=False),
        sa.Column("updated_at", sqlmodel.sql.sqltypes.UTCDateTime(), nullable=False),
        sa.CheckConstraint(
            "status IN ('provisional', 'confirmed', 'arrived', 'departed', 'cancelled')",
            name=op.f("ck_cas3_booking_status"),
        ),
        sa.CheckConstraint("departure_on >= arrival_on", name=op.f("ck_cas3_booking_days")),
        sa.ForeignKeyConstraint(["crn"], ["case_record.crn"], name=op.f("fk_cas3_booking_crn_case_record")),
        sa.ForeignKeyConstraint(["referral_id"], ["referral.id"], name=op.f("fk_cas3_booking_referral_id_referral")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_cas3_booking")),
    )
    op.execute(
        "ALTER TABLE cas3_booking ADD CONSTRAINT ex_cas3_booking_nights EXCLUDE USING gist "
        f"(({PERSON}) WITH &&, daterange(arrival_on, departure_on) WITH &&) WHERE (status <> 'cancelled')"
    )
    op.create_index("ix_cas3_booking_referral", "cas3_booking", ["referral_id", "booked_at"], unique=False)
    op.create_index("ix_cas3_booking_crn", "cas3_booking", ["crn"], unique=False)
    op.create_table(
        "cas3_booking_step",
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("booking_id", sa.Uuid(), nullable=False),
        sa.Column("referral_id", sa.Uuid(), nullable=False),
        sa.Column("crn", sqlmodel.sql.sqltypes.AutoString(length=7), nullable=False),
        sa.Column("act", sqlmodel.sql.sqltypes.AutoString(length=20), nullable=False),
        sa.Column("from_status", sqlmodel.sql.sqltypes.AutoString(length=20), nullable=True),
        sa.Column("to_status", sqlmodel.sql.sqltypes.AutoString(length=20), nullable=False),
        sa.Column("arrival_on", sa.Date(), nullable=False),
        sa.Column("departure_on", sa.Date(), nullable=False),
        sa.Column("reason", sqlmodel.sql.sqltypes.AutoString(length=60), nullable=True),
        sa.Column("note", sqlmodel.sql.sqltypes.AutoString(length=4000), nullable=True),
        sa.Column("overstay_authorised", sa.Boolean(), nullable=True),
        sa.Column("overstay_reason", sqlmodel.sql.sqltypes.AutoString(length=1000), nullable=True),
        sa.Column("revision", sa.Integer(), nullable=False),
        sa.Column("actor", sqlmodel.sql.sqltypes.AutoString(length=120), nullable=False),
        sa.Column("role", sqlmodel.sql.sqltypes.AutoString(length=30), nullable=False),
        sa.Column("at", sqlmodel.sql.sqltypes.UTCDateTime(), nullable=False),
        sa.ForeignKeyConstraint(
            ["booking_id"], ["cas3_booking.id"], name=op.f("fk_cas3_booking_step_booking_id_cas3_booking")
        ),
        sa.ForeignKeyConstraint(
            ["referral_id"], ["referral.id"], name=op.f("fk_cas3_booking_step_referral_id_referral")
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_cas3_booking_step")),
    )
    op.create_index("ix_cas3_booking_step_booking", "cas3_booking_step", ["booking_id", "revision"], unique=False)
    op.execute(f"GRANT SELECT, INSERT, UPDATE ON cas3_booking TO {APPLICATION}")
    # The service's login can add to these, and do nothing else to them.
    op.execute(f"GRANT SELECT, INSERT ON cas3_booking_step TO {APPLICATION}")


def downgrade() -> None:
    """Take the change back."""
    op.drop_index("ix_cas3_booking_step_booking", table_name="cas3_booking_step")
    op.drop_table("cas3_booking_step")
    op.drop_index("ix_cas3_booking_crn", table_name="cas3_booking")
    op.drop_index("ix_cas3_booking_referral", table_name="cas3_booking")
    op.drop_table("cas3_booking")
