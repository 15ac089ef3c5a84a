"""Workers whom the service's administrator suspended, whom no organisation's administrator brings back."""

from collections.abc import Sequence

import sqlalchemy as sa
import sqlmodel
from alembic import op

revision: str = "0022"
down_revision: str | None = "0018"
branch_labels: str | Sequence[str] | None = None
depends_on: str | Sequence[str] | None = None

APPLICATION = "broker_app"
# Until now it was not kept in which office somebody suspended a worker. Who never was an administrator of the worker's
# organisation was the service's; of whoever was both, nothing is known, and the suspension is their organisation's.
KNOWN_SO_FAR = """
    INSERT INTO service_suspension (id, worker_id, organisation_id, suspended_by, suspended_at)
    SELECT gen_random_uuid(), worker_id, organisation_id, ended_by, ended_at
    FROM (SELECT DISTINCT ON (worker_id) * FROM provider_worker
          ORDER BY worker_id, ended_at DESC NULLS FIRST, started_at DESC) last
    WHERE ended_by IS NOT NULL
      AND NOT EXISTS (SELECT FROM provider_worker a
                      WHERE a.worker_id = last.ended_by AND a.organisation_id = last.organisation_id
                        AND a.is_administrator)
"""


def upgrade() -> None:
    """Change the tables."""
    op.create_table(
        "service_suspension",
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("worker_id", sqlmodel.sql.sqltypes.AutoString(length=120), nullable=False),
        sa.Column("organisation_id", sqlmodel.sql.sqltypes.AutoString(length=60), nullable=False),
        sa.Column("suspended_by", sqlmodel.sql.sqltypes.AutoString(length=120), nullable=False),
        sa.Column("suspended_at", sqlmodel.sql.sqltypes.UTCDateTime(), nullable=False),
        sa.Column("lifted_by", sqlmodel.sql.sqltypes.AutoString(length=120), nullable=True),
        sa.Column("lifted_at", sqlmodel.sql.sqltypes.UTCDateTime(), nullable=True),
        sa.ForeignKeyConstraint(
            ["organisation_id"], ["organisation.id"], name=op.f("fk_service_suspension_organisation_id_organisation")
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_service_suspension")),
    )
    op.create_index(
        "uq_service_suspension_current",
        "service_suspension",
        ["worker_id"],
        unique=True,
        postgresql_where=sa.text("lifted_at IS NULL"),
    )
    op.execute(f"GRANT SELECT, INSERT, UPDATE (lifted_by, lifted_at) ON service_suspension TO {APPLICATION}")
    op.execute(KNOWN_SO_FAR)


def downgrade() -> None:
    """Take the change back."""
    op.drop_index("uq_service_suspension_current", table_name="service_suspension")
    op.drop_table("service_suspension")
