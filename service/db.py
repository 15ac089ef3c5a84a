"""The one road to PostgreSQL: a bounded pool, one session a request, and a refusal to run with too much power."""

import asyncio
import select
from collections.abc import AsyncIterator, Callable
from contextlib import asynccontextmanager
from functools import partial
from typing import Any, Self, cast

import psycopg
from psycopg.errors import InFailedSqlTransaction
from psycopg.pq import TransactionStatus
from pydantic_core import from_json
from sqlalchemy import Connection, PoolProxiedConnection, event, text
from sqlalchemy.exc import DisconnectionError
from sqlalchemy.ext.asyncio import AsyncConnection, AsyncEngine, create_async_engine

from service.refusals import StartUpRefused
from service.settings import Settings

# Whoever may become a table's owner can drop it, so membership counts as much as ownership itself.
_POWERS_OF_THIS_LOGIN = text(
    """
    SELECT session_user AS login,
           (SELECT rolsuper FROM pg_roles WHERE rolname = session_user) AS is_superuser,
           EXISTS (
               SELECT FROM pg_class
               JOIN pg_namespace ON pg_namespace.oid = pg_class.relnamespace
               WHERE pg_class.relkind IN ('r', 'p') AND pg_namespace.nspname = 'public'
                 AND pg_has_role(session_user, pg_class.relowner, 'MEMBER')
           ) AS is_owner
    """
)


def create_engine(settings: Settings) -> AsyncEngine:
    """Return the engine of one process: at most `database_pool_size` connections, each with time limits, in UTC."""
    if settings.database_url is None:
        raise StartUpRefused("The service needs DATABASE_URL, the application's login.")
    engine = create_async_engine(
        settings.database_url.get_secret_value(),
        pool_size=settings.database_pool_size,
        max_overflow=0,
        pool_timeout=settings.database_pool_wait_seconds,
        # A session gives back no connection that is in a transaction.
        pool_reset_on_return=None,
        hide_parameters=True,
        json_deserializer=from_json,
        connect_args={
            "application_name": "referral-broker",
            "connect_timeout": settings.database_connect_seconds,
            "options": _session_options(settings),
        },
    )
    event.listen(engine.sync_engine, "checkout", _refuse_ended_connection)
    return engine


def _refuse_ended_connection(connection: Any, *_: Any) -> None:
    """Let the pool replace a connection that the server has ended, without asking the server before every request.

    Nothing comes unasked to a connection at rest, save the server's last words and the end of the line.
    """
    driver = connection.driver_connection
    waiting = select.poll()
    if not driver.closed:
        waiting.register(driver.fileno(), select.POLLIN)
    if driver.closed or waiting.poll(0):
        raise DisconnectionError


def _session_options(settings: Settings) -> str:
    limits = {
        "statement_timeout": f"{settings.database_statement_seconds}s",
        "idle_in_transaction_session_timeout": f"{settings.database_idle_transaction_seconds}s",
        "timezone": "UTC",
    }
    return " ".join(f"-c {name}={value}" for name, value in limits.items())


class Session:
    """One unit of work on one connection of the pool: lent when first asked for, given back when the work has ended.

    What is not committed is undone. An ORM's session would also follow objects, of which there are none here: on a hot
    read it took as long as two statements.
    """

    def __init__(self, engine: AsyncEngine) -> None:
        self._engine = engine
        self._lent: PoolProxiedConnection | None = None
        self._driver: psycopg.AsyncConnection[Any] | None = None
        self._cursor: psycopg.AsyncCursor[Any] | None = None
        self._connection: AsyncConnection | None = None

    async def __aenter__(self) -> Self:
        return self

    async def __aexit__(self, *_: object) -> None:
        if self._driver is not None:
            # Whoever is cancelled meanwhile must not leave with the connection.
            await asyncio.shield(asyncio.ensure_future(self.rollback()))

    async def driver(self) -> psycopg.AsyncConnection[Any]:
        """Return psycopg's own connection, in the same transaction: the fast road for a hot read."""
        if self._driver is None:
            self._lent = await self._engine.raw_connection()
            self._driver = cast("psycopg.AsyncConnection[Any]", self._lent.driver_connection)
        return self._driver

    async def cursor(self) -> psycopg.AsyncCursor[Any]:
        """Return the fast road's one cursor, whose rows are read before it is used again: making one has its price."""
        if self._cursor is None:
            self._cursor = (await self.driver()).cursor()
        return self._cursor

    async def connection(self) -> AsyncConnection:
        """Return SQLAlchemy's connection, in the session's transaction."""
        if self._connection is None:
            await self.driver()
            self._connection = AsyncConnection(self._engine, Connection(self._engine.sync_engine, self._lent))
        return self._connection

    @asynccontextmanager
    async def begin_nested(self) -> AsyncIterator[None]:
        """Keep what is done inside apart: where it fails, it alone is undone."""
        async with (await self.connection()).begin_nested():
            yield

    async def commit(self) -> None:
        """Make what was done last; a failure leaves it to be undone.

        InFailedSqlTransaction after a statement that failed: the server would take the commit, and undo everything.
        """
        if self._driver is None:
            return
        if self._driver.pgconn.transaction_status == TransactionStatus.INERROR:
            raise InFailedSqlTransaction
        await self._driver.commit()
        self._give_back()

    async def rollback(self) -> None:
        """Undo what was done. A connection that cannot do even that is given up, and the server undoes it."""
        if self._driver is None:
            return
        try:
            await self._driver.rollback()
        except psycopg.Error:
            await self.invalidate()
        else:
            self._give_back()

    async def invalidate(self) -> None:
        """Give the connection up: nobody else is lent it."""
        await (await self.connection()).invalidate()
        self._give_back()

    def _give_back(self) -> None:
        lent, self._lent, self._driver, self._cursor, self._connection = self._lent, None, None, None, None
        if lent is not None:
            lent.close()


Sessions = Callable[[], Session]


def create_session_factory(engine: AsyncEngine) -> Sessions:
    """Return what opens sessions."""
    return partial(Session, engine)


async def refuse_privileged_login(connection: AsyncConnection) -> None:
    """Refuse to serve as a superuser or as the tables' owner: append-only holds only if the service cannot delete."""
    powers = (await connection.execute(_POWERS_OF_THIS_LOGIN)).one()
    if powers.is_superuser:
        raise StartUpRefused(f"DATABASE_URL logs in as {powers.login}, a superuser; use the application's login.")
    if powers.is_owner:
        raise StartUpRefused(
            f"DATABASE_URL logs in as {powers.login}, which owns the tables; use the application's login."
        )
