"""Systems that call for workers: their keys, their tokens that ended early, what was used once, how often they ask."""

from collections.abc import Sequence

import sqlalchemy as sa
import sqlmodel
from alembic import op
from sqlalchemy.dialects import postgresql

revision: str = "0012"
down_revision: str | None = "0017"
branch_labels: str | Sequence[str] | None = None
depends_on: str | Sequence[str] | None = None

APPLICATION = "broker_app"


def upgrade() -> None:
    """Change the tables."""
    op.create_table(
        "client",
        sa.Column("id", sqlmodel.sql.sqltypes.AutoString(length=60), nullable=False),
        sa.Column("name", sqlmodel.sql.sqltypes.AutoString(length=200), nullable=False),
        sa.Column("role", sqlmodel.sql.sqltypes.AutoString(length=20), nullable=False),
        sa.Column("organisation", sqlmodel.sql.sqltypes.AutoString(length=60), nullable=True),
        sa.Column("scopes", postgresql.JSONB(none_as_null=True, astext_type=sa.Text()), nullable=False),
        sa.Column("keys", postgresql.JSONB(none_as_null=True, astext_type=sa.Text()), nullable=False),
        sa.Column("secret_digest", sqlmodel.sql.sqltypes.AutoString(length=64), nullable=True),
        sa.Column("worker", sqlmodel.sql.sqltypes.AutoString(length=120), nullable=True),
        sa.Column("active", sa.Boolean(), nullable=False),
        sa.Column("ends_before", sqlmodel.sql.sqltypes.UTCDateTime(), nullable=True),
        sa.Column("registered_at", sqlmodel.sql.sqltypes.UTCDateTime(), nullable=False),
        sa.CheckConstraint("role <> 'provider' OR organisation IS NOT NULL", name=op.f("ck_client_organisation")),
        sa.CheckConstraint(
            "role IN ('provider', 'assessor', 'coordinator', 'record_system')", name=op.f("ck_client_role")
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_client")),
    )
    op.create_table(
        "request_count",
        sa.Column("kind", sqlmodel.sql.sqltypes.AutoString(length=20), nullable=False),
        sa.Column("name", sqlmodel.sql.sqltypes.AutoString(length=120), nullable=False),
        sa.Column("began_at", sqlmodel.sql.sqltypes.UTCDateTime(), nullable=False),
        sa.Column("requests", sa.Integer(), nullable=False),
        sa.PrimaryKeyConstraint("kind", "name", name=op.f("pk_request_count")),
        prefixes=["UNLOGGED"],
    )
    op.create_table(
        "revoked_token",
        sa.Column("id", sqlmodel.sql.sqltypes.AutoString(length=120), nullable=False),
        sa.Column("client_id", sqlmodel.sql.sqltypes.AutoString(length=120), nullable=False),
        sa.Column("revoked_at", sqlmodel.sql.sqltypes.UTCDateTime(), nullable=False),
        sa.Column("until", sqlmodel.sql.sqltypes.UTCDateTime(), nullable=False),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_revoked_token")),
    )
    op.create_index("ix_revoked_token_until", "revoked_token", ["until"], unique=False)
    op.create_table(
        "spent_proof",
        sa.Column("id", sqlmodel.sql.sqltypes.AutoString(length=64), nullable=False),
        sa.Column("until", sqlmodel.sql.sqltypes.UTCDateTime(), nullable=False),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_spent_proof")),
    )
    op.create_index("ix_spent_proof_until", "spent_proof", ["until"], unique=False)
    # A client is stopped, never deleted; the others are forgotten when they are past use.
    op.execute(f"GRANT SELECT, INSERT, UPDATE ON client TO {APPLICATION}")
    op.execute(f"GRANT SELECT, INSERT, DELETE ON revoked_token, spent_proof TO {APPLICATION}")
    op.execute(f"GRANT SELECT, INSERT, UPDATE, DELETE ON request_count TO {APPLICATION}")


def downgrade() -> None:
    """Take the change back."""
    op.drop_index("ix_spent_proof_until", table_name="spent_proof")
    op.drop_table("spent_proof")
    op.drop_index("ix_revoked_token_until", table_name="revoked_token")
    op.drop_table("revoked_token")
    op.drop_table("request_count")
    op.drop_table("client")
