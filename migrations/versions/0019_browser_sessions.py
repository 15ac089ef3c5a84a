"""Browsers that are signed in, and sign-ins that have begun, each known by a digest."""

from collections.abc import Sequence

import sqlalchemy as sa
import sqlmodel
from alembic import op
from sqlalchemy.dialects import postgresql

revision: str = "0019"
down_revision: str | None = "0021"
branch_labels: str | Sequence[str] | None = None
depends_on: str | Sequence[str] | None = None

APPLICATION = "broker_app"


def upgrade() -> None:
    """Change the tables."""
    op.create_table(
        "browser_session",
        sa.Column("digest", sqlmodel.sql.sqltypes.AutoString(length=64), nullable=False),
        sa.Column("caller", postgresql.JSONB(none_as_null=True, astext_type=sa.Text()), nullable=False),
        sa.Column("began_at", sqlmodel.sql.sqltypes.UTCDateTime(), nullable=False),
        sa.Column("seen_at", sqlmodel.sql.sqltypes.UTCDateTime(), nullable=False),
        sa.Column("until", sqlmodel.sql.sqltypes.UTCDateTime(), nullable=False),
        sa.PrimaryKeyConstraint("digest", name=op.f("pk_browser_session")),
    )
    op.create_index(op.f("ix_browser_session_until"), "browser_session", ["until"], unique=False)
    op.create_table(
        "browser_sign_in",
        sa.Column("digest", sqlmodel.sql.sqltypes.AutoString(length=64), nullable=False),
        sa.Column("browser_digest", sqlmodel.sql.sqltypes.AutoString(length=64), nullable=True),
        sa.Column("nonce", sqlmodel.sql.sqltypes.AutoString(length=100), nullable=True),
        sa.Column("verifier", sqlmodel.sql.sqltypes.AutoString(length=100), nullable=True),
        sa.Column("caller", postgresql.JSONB(none_as_null=True, astext_type=sa.Text()), nullable=True),
        sa.Column("until", sqlmodel.sql.sqltypes.UTCDateTime(), nullable=False),
        sa.PrimaryKeyConstraint("digest", name=op.f("pk_browser_sign_in")),
    )
    op.create_index(op.f("ix_browser_sign_in_until"), "browser_sign_in", ["until"], unique=False)
    op.execute(f"GRANT SELECT, INSERT, UPDATE, DELETE ON browser_session TO {APPLICATION}")
    op.execute(f"GRANT SELECT, INSERT, DELETE ON browser_sign_in TO {APPLICATION}")


def downgrade() -> None:
    """Take the change back."""
    op.drop_index(op.f("ix_browser_sign_in_until"), table_name="browser_sign_in")
    op.drop_table("browser_sign_in")
    op.drop_index(op.f("ix_browser_session_until"), table_name="browser_session")
    op.drop_table("browser_session")
