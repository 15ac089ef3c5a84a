"""One unit of work: all of it lasts or none of it, and its connection is always given back."""

import asyncio
from collections.abc import AsyncIterator, Awaitable, Callable

import psycopg
import pytest
from psycopg.errors import InFailedSqlTransaction
from pydantic import SecretStr
from sqlalchemy import text
from sqlalchemy.exc import DBAPIError, IntegrityError

from service import db
from service.db import Session, Sessions
from service.embedded_postgres import RunningCluster
from service.settings import Settings
from tests.clusters import DatabaseUrls

# A table that the service may write and read, for notes; by SQLAlchemy's road and by psycopg's own.
SAY, ALL = "INSERT INTO spent_proof (id, until) VALUES ('{}', now())", "SELECT id FROM spent_proof ORDER BY id"
PROCESS = "SELECT pg_backend_pid()"


@pytest.fixture
async def sessions(fresh_database: DatabaseUrls) -> AsyncIterator[Sessions]:
    """Give sessions on a pool of one connection."""
    settings = Settings(
        environment="development",
        database_url=SecretStr(fresh_database.application),
        database_pool_size=1,
        database_pool_wait_seconds=1,
    )
    engine = db.create_engine(settings)
    yield db.create_session_factory(engine)
    await engine.dispose()


async def process_of(session: Session) -> int:
    """Return which process of the server a session speaks to."""
    row = await (await (await session.driver()).execute(PROCESS)).fetchone()
    return int(row[0]) if row is not None else 0


async def said(sessions: Sessions) -> list[str]:
    async with sessions() as session:
        return list((await (await session.connection()).execute(text(ALL))).scalars())


async def test_what_is_committed_lasts_by_either_road_and_both_are_one_transaction(sessions: Sessions) -> None:
    async with sessions() as session:
        await (await session.driver()).execute(SAY.format("a"))
        await (await session.connection()).execute(text(SAY.format("b")))
        await (await session.driver()).execute(SAY.format("c"))
        await session.commit()
        await (await session.driver()).execute(SAY.format("d"))
        await session.rollback()
        await (await session.connection()).execute(text(SAY.format("e")))

    assert await said(sessions) == ["a", "b", "c"]


async def test_a_part_that_fails_is_undone_alone(sessions: Sessions) -> None:
    async with sessions() as session:
        await (await session.driver()).execute(SAY.format("a"))
        with pytest.raises(IntegrityError):  # noqa: PT012
            async with session.begin_nested():
                await (await session.driver()).execute(SAY.format("b"))
                await (await session.connection()).execute(text(SAY.format("a")))
        await (await session.driver()).execute(SAY.format("c"))
        await session.commit()

    assert await said(sessions) == ["a", "c"]


async def test_a_commit_after_a_failure_that_was_passed_over_is_refused(sessions: Sessions) -> None:
    async with sessions() as session:
        await (await session.driver()).execute(SAY.format("a"))
        with pytest.raises(IntegrityError):
            await (await session.connection()).execute(text(SAY.format("a")))
        with pytest.raises(InFailedSqlTransaction):
            await session.commit()

    assert await said(sessions) == []


async def by_driver(session: Session) -> None:
    await (await session.driver()).execute(PROCESS)


async def by_connection(session: Session) -> None:
    await (await session.connection()).execute(text(PROCESS))


@pytest.mark.parametrize("ask", [by_driver, by_connection])
async def test_a_connection_lost_on_the_way_is_replaced_for_the_next(
    sessions: Sessions, cluster: RunningCluster, ask: Callable[[Session], Awaitable[None]]
) -> None:
    async with sessions() as session:
        lost = await process_of(session)
        with cluster.administrator() as administrator:
            administrator.execute("SELECT pg_terminate_backend(%s, 5000)", (lost,))
        with pytest.raises((DBAPIError, psycopg.OperationalError)):
            await ask(session)
        await session.rollback()
        another = await process_of(session)

    assert another != lost


async def test_who_leaves_in_the_middle_of_a_statement_takes_no_connection_along(sessions: Sessions) -> None:
    async def slow() -> None:
        async with sessions() as session:
            await (await session.driver()).execute(SAY.format("a"))
            await (await session.driver()).execute("SELECT pg_sleep(30)")

    for _ in range(3):
        with pytest.raises(TimeoutError):
            async with asyncio.timeout(0.2):
                await slow()

    assert await said(sessions) == []


async def test_who_has_finished_holds_no_connection_while_the_session_is_open(sessions: Sessions) -> None:
    async with sessions() as first, sessions() as second:
        await (await first.driver()).execute(SAY.format("a"))
        await first.commit()
        await (await second.driver()).execute(SAY.format("b"))
        await second.rollback()

        assert await said(sessions) == ["a"]
