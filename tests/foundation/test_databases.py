"""Two logins stand between the service and its own past: neither may be the wrong one."""

import pytest
from sqlalchemy import text
from sqlalchemy.ext.asyncio import AsyncEngine

from service import db
from service.refusals import StartUpRefused


async def test_the_application_login_may_serve(engine: AsyncEngine) -> None:
    async with engine.connect() as connection:
        await db.refuse_privileged_login(connection)


async def test_the_owner_of_the_tables_may_not_serve(owner_engine: AsyncEngine) -> None:
    async with owner_engine.connect() as connection:
        await connection.execute(text("CREATE TABLE somebodys_table (id int)"))
        with pytest.raises(StartUpRefused, match="owns the tables"):
            await db.refuse_privileged_login(connection)
