"""What the database says of itself: that it answers, and which version its tables have."""

from psycopg import errors as postgres
from sqlalchemy import text
from sqlalchemy.exc import ProgrammingError

from service.db import Session

_APPLIED = text("SELECT version_num FROM alembic_version")


async def applied_revision(session: Session) -> str | None:
    """Return the version of the tables, or None where there are none yet."""
    try:
        revision: str | None = (await (await session.connection()).execute(_APPLIED)).scalar()
    except ProgrammingError as failure:
        if isinstance(failure.orig, postgres.UndefinedTable):
            return None
        raise
    return revision
