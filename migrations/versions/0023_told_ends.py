"""What ended by time alone and has been told in the feed, so that it is told once, and only to whom it was an end."""

from collections.abc import Sequence

import sqlalchemy as sa
import sqlmodel
from alembic import op

revision: str = "0023"
down_revision: str | None = "0022"
branch_labels: str | Sequence[str] | None = None
depends_on: str | Sequence[str] | None = None

APPLICATION = "broker_app"
# Until now that was seen from the entries: what has ended by now has been told of, or is of the last minute.
ENDED = """
    INSERT INTO told_end (about, ended_at, told_at)
    SELECT id, status_since, now() FROM referral
    WHERE version > 0 AND status IN ('completed', 'rejected', 'withdrawn', 'expired')
      AND status_since <= now() - interval '28 days'
    UNION ALL
    SELECT id, expires_at, now() FROM disclosure WHERE expires_at <= now()
"""


def upgrade() -> None:
    """Change the tables."""
    op.create_table(
        "told_end",
        sa.Column("about", sa.Uuid(), nullable=False),
        sa.Column("ended_at", sqlmodel.sql.sqltypes.UTCDateTime(), nullable=False),
        sa.Column("told_at", sqlmodel.sql.sqltypes.UTCDateTime(), nullable=False),
        sa.PrimaryKeyConstraint("about", "ended_at", name=op.f("pk_told_end")),
    )
    op.create_index(op.f("ix_told_end_told_at"), "told_end", ["told_at"], unique=False)
    op.execute(ENDED)
    # Forgotten in the end, never changed.
    op.execute(f"GRANT SELECT, INSERT, DELETE ON told_end TO {APPLICATION}")


def downgrade() -> None:
    """Take the change back."""
    op.drop_index(op.f("ix_told_end_told_at"), table_name="told_end")
    op.drop_table("told_end")
