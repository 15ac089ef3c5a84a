"""What the database can answer besides rows: a deadlock, a full pool, a lost connection, a broken constraint."""

import re
from collections.abc import Collection, Mapping
from typing import Any

from psycopg import errors as postgres
from psycopg.rows import AsyncRowFactory, tuple_row
from pydantic_core import to_json
from sqlalchemy.exc import DBAPIError, IntegrityError
from sqlalchemy.exc import TimeoutError as PoolTimeout

from service.db import Session
from service.errors import Unavailable

# Statements on psycopg's own connection (`run`, `rows`) fail with its own errors.
TRANSIENT = (DBAPIError, PoolTimeout, postgres.OperationalError)
_NAME = re.compile(r":([a-z_]+)")
_TRY_AGAIN = (postgres.DeadlockDetected, postgres.SerializationFailure, postgres.LockNotAvailable)


def worth_another_try(failure: Exception) -> bool:
    """Whether the same request may well succeed a moment later (a deadlock was broken in another's favour)."""
    return isinstance(_cause(failure), _TRY_AGAIN)


def as_problem(failure: Exception) -> Exception:
    """Return what the caller is told: that the service is busy, or (for our own mistakes) the failure itself."""
    if isinstance(failure, PoolTimeout):
        return Unavailable("Too many requests are waiting for the database.", headers={"Retry-After": "1"})
    is_lost = isinstance(failure, DBAPIError) and failure.connection_invalidated
    if is_lost or isinstance(_cause(failure), _TRY_AGAIN):
        return Unavailable("The database could not finish this; nothing was changed.", headers={"Retry-After": "1"})
    if isinstance(_cause(failure), postgres.OperationalError):
        return Unavailable("The database did not answer; nothing was changed.", headers={"Retry-After": "1"})
    return failure


def _cause(failure: Exception) -> BaseException | None:
    return failure.orig if isinstance(failure, DBAPIError) else failure


async def run(session: Session, statement: str, parameters: Mapping[str, Any]) -> None:
    """Run a statement that `for_driver` wrote in the session's transaction, by the fast road."""
    await (await session.cursor()).execute(statement, parameters)


async def rows(
    session: Session, statement: str, parameters: Mapping[str, Any], shape: AsyncRowFactory[Any] = tuple_row
) -> list[Any]:
    """Return what such a statement finds, each row in a psycopg row factory's shape."""
    cursor = await session.cursor()
    cursor.row_factory = shape
    await cursor.execute(statement, parameters)
    return await cursor.fetchall()


def for_driver(statement: str) -> str:
    """Return a statement with its `:names` as psycopg writes them; a cast is written CAST, never `::`.

    On one line, since psycopg reads a statement of over 4,096 characters anew each time.
    """
    return _NAME.sub(r"%(\1)s", " ".join(statement.replace("%", "%%").split()))


def text_array(names: Collection[str]) -> str:
    """Write ids and names of ours as the text of a PostgreSQL array, for a CAST: psycopg writes a list far slower.

    A quote and a backslash stand in it as JSON has them.
    """
    return f"{{{to_json(list(names)).decode()[1:-1]}}}"


def broken_constraint(failure: IntegrityError) -> str | None:
    """Return the name of the constraint a write broke, to be told apart in the one place that can expect it."""
    diagnostics = getattr(failure.orig, "diag", None)
    return getattr(diagnostics, "constraint_name", None)
