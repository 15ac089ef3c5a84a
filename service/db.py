"""The one road to PostgreSQL: a bounded pool, one session a request, and a refusal to run with too much power."""

import select
from typing import Any

from pydantic_core import from_json
from sqlalchemy import event, text
from sqlalchemy.exc import DisconnectionError
from sqlalchemy.ext.asyncio import AsyncConnection, AsyncEngine, async_sessionmaker, create_async_engine
from sqlmodel.ext.asyncio.session import AsyncSession

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


def create_session_factory(engine: AsyncEngine) -> async_sessionmaker[AsyncSession]:
    """Return what opens sessions; rows stay readable after commit, since nothing may load lazily under async."""
    return async_sessionmaker(engine, class_=AsyncSession, expire_on_commit=False)


async def refuse_privileged_login(connection: AsyncConnection) -> None:
    """Refuse to serve as a superuser or as the tables' owner: append-only holds only if the service cannot delete."""
    powers = (await connection.execute(_POWERS_OF_THIS_LOGIN)).one()
    if powers.is_superuser:
        raise StartUpRefused(f"DATABASE_URL logs in as {powers.login}, a superuser; use the application's login.")
    if powers.is_owner:
        raise StartUpRefused(
            f"DATABASE_URL logs in as {powers.login}, which owns the tables; use the application's login."
        )
