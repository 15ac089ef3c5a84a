"""Two logins stand between the service and its own past: neither may be the wrong one."""

import pytest
from pydantic import SecretStr
from sqlalchemy import text
from sqlalchemy.ext.asyncio import AsyncEngine

from service import db
from service.embedded_postgres import RunningCluster
from service.refusals import StartUpRefused
from service.settings import Settings
from tests.clusters import DatabaseUrls

SERVER_PROCESS = text("SELECT pg_backend_pid()")


async def test_the_application_login_may_serve(engine: AsyncEngine) -> None:
    async with engine.connect() as connection:
        await db.refuse_privileged_login(connection)


async def test_the_owner_of_the_tables_may_not_serve(owner_engine: AsyncEngine) -> None:
    async with owner_engine.connect() as connection:
        await connection.execute(text("CREATE TABLE somebodys_table (id int)"))
        with pytest.raises(StartUpRefused, match="owns the tables"):
            await db.refuse_privileged_login(connection)


async def test_a_connection_that_the_server_ended_is_replaced_before_a_request_meets_it(
    cluster: RunningCluster, database_urls: DatabaseUrls
) -> None:
    settings = Settings(environment="development", database_url=SecretStr(database_urls.application))
    engine = db.create_engine(settings.model_copy(update={"database_pool_size": 1}))
    async with engine.connect() as connection:
        ended = await connection.scalar(SERVER_PROCESS)
    async with engine.connect() as connection:
        assert await connection.scalar(SERVER_PROCESS) == ended

    with cluster.administrator() as administrator:
        administrator.execute("SELECT pg_terminate_backend(%s, 5000)", (ended,))

    async with engine.connect() as connection:
        assert await connection.scalar(SERVER_PROCESS) != ended
    await engine.dispose()
