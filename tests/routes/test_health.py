"""Those who keep the service running can see whether it is alive and ready, without a token."""

from collections.abc import AsyncIterator

import pytest
from fastapi import FastAPI
from httpx import ASGITransport, AsyncClient
from pydantic import SecretStr
from sqlalchemy import text
from sqlalchemy.ext.asyncio import create_async_engine
from sqlalchemy.pool import NullPool

from service import db
from service.app import create_app
from service.settings import Settings
from tests.clusters import DatabaseUrls


async def test_a_running_service_is_alive_and_ready(client: AsyncClient) -> None:
    live, ready = await client.get("/health/live"), await client.get("/health/ready")

    assert (live.status_code, live.json()) == (200, {"status": "alive"})
    assert (ready.status_code, ready.json()) == (200, {"status": "ready"})


@pytest.fixture
async def unready(fresh_database: DatabaseUrls) -> AsyncIterator[FastAPI]:
    """Give a service whose database a test may spoil."""
    app = create_app(Settings(environment="development", database_url=SecretStr(fresh_database.application)))
    async with app.router.lifespan_context(app):
        yield app


@pytest.mark.parametrize(
    ("spoil", "said"),
    [
        ("UPDATE alembic_version SET version_num = '0000'", "migrated"),
        ("DELETE FROM alembic_version", "migrated"),
        ("DROP TABLE alembic_version", "migrated"),
        ("REVOKE ALL ON alembic_version FROM broker_app", "does not answer"),
    ],
)
async def test_a_service_whose_tables_are_another_releases_is_alive_but_not_ready(
    unready: FastAPI, fresh_database: DatabaseUrls, spoil: str, said: str
) -> None:
    owner = create_async_engine(fresh_database.owner, poolclass=NullPool)
    async with owner.begin() as connection:
        await connection.execute(text(spoil))

    async with AsyncClient(transport=ASGITransport(app=unready), base_url="http://broker") as client:
        live, ready = await client.get("/health/live"), await client.get("/health/ready")

    assert live.status_code == 200
    assert (ready.status_code, ready.json()["code"]) == (503, "unavailable")
    assert said in ready.json()["detail"]


async def test_a_service_without_its_database_is_not_ready_and_says_so(unready: FastAPI) -> None:
    lost = Settings(environment="development", database_url=SecretStr("postgresql://nobody@/nothing?host=/nowhere"))
    engine = db.create_engine(lost)
    unready.state.sessions = db.create_session_factory(engine)

    async with AsyncClient(transport=ASGITransport(app=unready), base_url="http://broker") as client:
        ready = await client.get("/health/ready")

    assert (ready.status_code, ready.json()["detail"]) == (503, "The database does not answer.")
    await engine.dispose()
