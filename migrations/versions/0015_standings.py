"""Who an entry of the feed is for; and how organisations, contracts and cases stood, from now on."""

from collections.abc import Sequence

import sqlalchemy as sa
import sqlmodel
from alembic import op
from sqlalchemy.dialects import postgresql

revision: str = "0015"
down_revision: str | None = "0013"
branch_labels: str | Sequence[str] | None = None
depends_on: str | Sequence[str] | None = None

APPLICATION = "broker_app"
# What stands now, so that the time from here on can be answered; of what was before, nothing is known but what is left.
BEGIN = """
    INSERT INTO standing (id, kind, subject, held, recorded_by, recorded_at)
    SELECT gen_random_uuid(), found.kind, found.subject, found.held, 'migration', now()
    FROM (SELECT 'record' AS kind, 'standing' AS subject, CAST('{}' AS jsonb) AS held
          UNION ALL
          SELECT 'organisation', id, jsonb_build_object('active', active) FROM organisation
          UNION ALL
          SELECT 'contract', id, jsonb_build_object('conditions', COALESCE(needs -> 'conditions', '[]')) FROM contract
          UNION ALL
          SELECT 'case', c.crn, jsonb_build_object('restricted', c.restricted, 'excluded', COALESCE((
                     SELECT jsonb_agg(l.worker_id ORDER BY l.worker_id) FROM limited_access l
                     WHERE l.crn = c.crn AND l.kind = 'excluded'), '[]'))
          FROM case_record c
          WHERE c.restricted OR EXISTS (SELECT FROM limited_access l WHERE l.crn = c.crn AND l.kind = 'excluded')
         ) AS found
"""


def upgrade() -> None:
    """Change the tables."""
    op.create_table(
        "standing",
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("kind", sqlmodel.sql.sqltypes.AutoString(length=20), nullable=False),
        sa.Column("subject", sqlmodel.sql.sqltypes.AutoString(length=60), nullable=False),
        sa.Column("held", postgresql.JSONB(none_as_null=True, astext_type=sa.Text()), nullable=False),
        sa.Column("recorded_by", sqlmodel.sql.sqltypes.AutoString(length=120), nullable=False),
        sa.Column("recorded_at", sqlmodel.sql.sqltypes.UTCDateTime(), nullable=False),
        sa.CheckConstraint(
            "kind IN ('record', 'organisation', 'contract', 'case', 'disclosure_table')", name=op.f("ck_standing_kind")
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_standing")),
    )
    op.create_index("ix_standing_subject", "standing", ["kind", "subject", "recorded_at"], unique=False)
    op.add_column("feed_entry", sa.Column("only_for", postgresql.ARRAY(sa.Text()), nullable=True))
    op.add_column("feed_entry", sa.Column("not_for", postgresql.ARRAY(sa.Text()), nullable=True))
    op.execute(BEGIN)
    op.execute(f"GRANT SELECT, INSERT ON standing TO {APPLICATION}")


def downgrade() -> None:
    """Take the change back."""
    op.drop_column("feed_entry", "not_for")
    op.drop_column("feed_entry", "only_for")
    op.drop_index("ix_standing_subject", table_name="standing")
    op.drop_table("standing")
