"""Commissioned providers: organisations, contracts, their workers, and what is disclosed to them by decision."""

from collections.abc import Sequence

import sqlalchemy as sa
import sqlmodel
from alembic import op
from sqlalchemy.dialects import postgresql

revision: str = "0002"
down_revision: str | None = "0001"
branch_labels: str | Sequence[str] | None = None
depends_on: str | Sequence[str] | None = None

APPLICATION = "broker_app"
# Each of these ends by a column of its own; nothing of them is ever deleted.
CHANGED = ("contract", "contract_member", "disclosure", "named_worker", "organisation", "provider_worker")


def upgrade() -> None:
    """Change the tables."""
    op.create_table(
        "organisation",
        sa.Column("id", sqlmodel.sql.sqltypes.AutoString(length=60), nullable=False),
        sa.Column("name", sqlmodel.sql.sqltypes.AutoString(length=200), nullable=False),
        sa.Column("description", sqlmodel.sql.sqltypes.AutoString(length=2000), nullable=False),
        sa.Column("website", sqlmodel.sql.sqltypes.AutoString(length=300), nullable=True),
        sa.Column("email", sqlmodel.sql.sqltypes.AutoString(length=200), nullable=True),
        sa.Column("active", sa.Boolean(), nullable=False),
        sa.Column("registered_at", sqlmodel.sql.sqltypes.UTCDateTime(), nullable=False),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_organisation")),
    )
    op.create_table(
        "contract",
        sa.Column("id", sqlmodel.sql.sqltypes.AutoString(length=60), nullable=False),
        sa.Column("title", sqlmodel.sql.sqltypes.AutoString(length=200), nullable=False),
        sa.Column("description", sqlmodel.sql.sqltypes.AutoString(length=2000), nullable=False),
        sa.Column("contract_type", sqlmodel.sql.sqltypes.AutoString(length=20), nullable=False),
        sa.Column("area_kind", sqlmodel.sql.sqltypes.AutoString(length=20), nullable=False),
        sa.Column("areas", postgresql.JSONB(none_as_null=True, astext_type=sa.Text()), nullable=False),
        sa.Column("categories", postgresql.JSONB(none_as_null=True, astext_type=sa.Text()), nullable=False),
        sa.Column("sex", sqlmodel.sql.sqltypes.AutoString(length=10), nullable=False),
        sa.Column("minimum_age", sa.Integer(), nullable=False),
        sa.Column("maximum_age", sa.Integer(), nullable=False),
        sa.Column("starts_on", sa.Date(), nullable=False),
        sa.Column("ends_on", sa.Date(), nullable=True),
        sa.Column("needs", postgresql.JSONB(none_as_null=True, astext_type=sa.Text()), nullable=False),
        sa.CheckConstraint("area_kind IN ('region', 'police_area')", name=op.f("ck_contract_area_kind")),
        sa.CheckConstraint("sex IN ('any', 'female', 'male')", name=op.f("ck_contract_sex")),
        sa.CheckConstraint("ends_on IS NULL OR ends_on >= starts_on", name=op.f("ck_contract_dates")),
        sa.CheckConstraint("minimum_age <= maximum_age", name=op.f("ck_contract_ages")),
        sa.ForeignKeyConstraint(["id"], ["recipient.id"], name=op.f("fk_contract_id_recipient")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_contract")),
    )
    op.create_table(
        "provider_worker",
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("organisation_id", sqlmodel.sql.sqltypes.AutoString(length=60), nullable=False),
        sa.Column("worker_id", sqlmodel.sql.sqltypes.AutoString(length=120), nullable=False),
        sa.Column("name", sqlmodel.sql.sqltypes.AutoString(length=200), nullable=False),
        sa.Column("is_administrator", sa.Boolean(), nullable=False),
        sa.Column("registered_by", sqlmodel.sql.sqltypes.AutoString(length=120), nullable=False),
        sa.Column("started_at", sqlmodel.sql.sqltypes.UTCDateTime(), nullable=False),
        sa.Column("ended_by", sqlmodel.sql.sqltypes.AutoString(length=120), nullable=True),
        sa.Column("ended_at", sqlmodel.sql.sqltypes.UTCDateTime(), nullable=True),
        sa.ForeignKeyConstraint(
            ["organisation_id"], ["organisation.id"], name=op.f("fk_provider_worker_organisation_id_organisation")
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_provider_worker")),
    )
    op.create_index(
        "ix_provider_worker_organisation", "provider_worker", ["organisation_id", "worker_id"], unique=False
    )
    op.create_index(
        "uq_provider_worker_current",
        "provider_worker",
        ["worker_id"],
        unique=True,
        postgresql_where=sa.text("ended_at IS NULL"),
    )
    op.create_table(
        "contract_member",
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("contract_id", sqlmodel.sql.sqltypes.AutoString(length=60), nullable=False),
        sa.Column("organisation_id", sqlmodel.sql.sqltypes.AutoString(length=60), nullable=False),
        sa.Column("part", sqlmodel.sql.sqltypes.AutoString(length=20), nullable=False),
        sa.Column("started_at", sqlmodel.sql.sqltypes.UTCDateTime(), nullable=False),
        sa.Column("ended_at", sqlmodel.sql.sqltypes.UTCDateTime(), nullable=True),
        sa.CheckConstraint("part IN ('prime', 'subcontractor')", name=op.f("ck_contract_member_part")),
        sa.ForeignKeyConstraint(["contract_id"], ["contract.id"], name=op.f("fk_contract_member_contract_id_contract")),
        sa.ForeignKeyConstraint(
            ["organisation_id"], ["organisation.id"], name=op.f("fk_contract_member_organisation_id_organisation")
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_contract_member")),
    )
    op.create_index(
        "ix_contract_member_organisation", "contract_member", ["organisation_id", "contract_id"], unique=False
    )
    op.create_index(
        "uq_contract_member_current",
        "contract_member",
        ["contract_id", "organisation_id"],
        unique=True,
        postgresql_where=sa.text("ended_at IS NULL"),
    )
    op.create_index(
        "uq_contract_member_prime",
        "contract_member",
        ["contract_id"],
        unique=True,
        postgresql_where=sa.text("part = 'prime' AND ended_at IS NULL"),
    )
    op.create_table(
        "disclosure",
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("referral_id", sa.Uuid(), nullable=False),
        sa.Column("crn", sqlmodel.sql.sqltypes.AutoString(length=7), nullable=False),
        sa.Column("organisation_id", sqlmodel.sql.sqltypes.AutoString(length=60), nullable=False),
        sa.Column("item", sqlmodel.sql.sqltypes.AutoString(length=80), nullable=False),
        sa.Column("gateway", sqlmodel.sql.sqltypes.AutoString(length=60), nullable=False),
        sa.Column("reason", sqlmodel.sql.sqltypes.AutoString(length=1000), nullable=False),
        sa.Column("decided_by", sqlmodel.sql.sqltypes.AutoString(length=120), nullable=False),
        sa.Column("decided_at", sqlmodel.sql.sqltypes.UTCDateTime(), nullable=False),
        sa.Column("expires_at", sqlmodel.sql.sqltypes.UTCDateTime(), nullable=False),
        sa.Column("withdrawn_by", sqlmodel.sql.sqltypes.AutoString(length=120), nullable=True),
        sa.Column("withdrawn_at", sqlmodel.sql.sqltypes.UTCDateTime(), nullable=True),
        sa.ForeignKeyConstraint(
            ["organisation_id"], ["organisation.id"], name=op.f("fk_disclosure_organisation_id_organisation")
        ),
        sa.ForeignKeyConstraint(["referral_id"], ["referral.id"], name=op.f("fk_disclosure_referral_id_referral")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_disclosure")),
    )
    op.create_index(op.f("ix_disclosure_crn"), "disclosure", ["crn"], unique=False)
    op.create_index("ix_disclosure_referral", "disclosure", ["referral_id", "organisation_id"], unique=False)
    op.create_table(
        "named_worker",
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("referral_id", sa.Uuid(), nullable=False),
        sa.Column("crn", sqlmodel.sql.sqltypes.AutoString(length=7), nullable=False),
        sa.Column("worker_id", sqlmodel.sql.sqltypes.AutoString(length=120), nullable=False),
        sa.Column("named_by", sqlmodel.sql.sqltypes.AutoString(length=120), nullable=False),
        sa.Column("named_at", sqlmodel.sql.sqltypes.UTCDateTime(), nullable=False),
        sa.Column("withdrawn_by", sqlmodel.sql.sqltypes.AutoString(length=120), nullable=True),
        sa.Column("withdrawn_at", sqlmodel.sql.sqltypes.UTCDateTime(), nullable=True),
        sa.ForeignKeyConstraint(["referral_id"], ["referral.id"], name=op.f("fk_named_worker_referral_id_referral")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_named_worker")),
    )
    op.create_index(
        "uq_named_worker_current",
        "named_worker",
        ["referral_id", "worker_id"],
        unique=True,
        postgresql_where=sa.text("withdrawn_at IS NULL"),
    )
    op.execute(f"GRANT SELECT, INSERT, UPDATE ON {', '.join(CHANGED)} TO {APPLICATION}")


def downgrade() -> None:
    """Take the change back."""
    op.drop_index(
        "uq_named_worker_current", table_name="named_worker", postgresql_where=sa.text("withdrawn_at IS NULL")
    )
    op.drop_table("named_worker")
    op.drop_index("ix_disclosure_referral", table_name="disclosure")
    op.drop_index(op.f("ix_disclosure_crn"), table_name="disclosure")
    op.drop_table("disclosure")
    op.drop_index(
        "uq_contract_member_prime",
        table_name="contract_member",
        postgresql_where=sa.text("part = 'prime' AND ended_at IS NULL"),
    )
    op.drop_index(
        "uq_contract_member_current", table_name="contract_member", postgresql_where=sa.text("ended_at IS NULL")
    )
    op.drop_index("ix_contract_member_organisation", table_name="contract_member")
    op.drop_table("contract_member")
    op.drop_index(
        "uq_provider_worker_current", table_name="provider_worker", postgresql_where=sa.text("ended_at IS NULL")
    )
    op.drop_index("ix_provider_worker_organisation", table_name="provider_worker")
    op.drop_table("provider_worker")
    op.drop_table("contract")
    op.drop_table("organisation")
