"""A real PostgreSQL for the tests: one server a run, one migrated database a worker, all gone afterwards."""

import itertools
from collections.abc import AsyncIterator, Iterator
from pathlib import Path
from typing import Any, cast

import psycopg
import pytest
from pydantic import SecretStr
from sqlalchemy.ext.asyncio import AsyncConnection, AsyncEngine, AsyncTransaction, create_async_engine
from sqlalchemy.pool import NullPool
from xdist.workermanage import WorkerController  # type: ignore[import-untyped]

from service import db
from service.db import Session
from service.embedded_postgres import RunningCluster
from service.settings import Settings
from tests.clusters import DatabaseUrls, clear_away, copy_of_template, make_run_folder, migrated_cluster

RUN_FOLDER = pytest.StashKey[Path]()
COUNTER = itertools.count(1)


def pytest_configure(config: pytest.Config) -> None:
    """Name the run's folder; the server in it starts with the first test that needs one."""
    given = getattr(config, "workerinput", None)
    config.stash[RUN_FOLDER] = Path(given["run_folder"]) if given else make_run_folder()


@pytest.hookimpl(optionalhook=True)
def pytest_configure_node(node: WorkerController) -> None:
    """Tell each worker where the run's server is."""
    node.workerinput["run_folder"] = str(node.config.stash[RUN_FOLDER])


def pytest_unconfigure(config: pytest.Config) -> None:
    """Stop the run's server, whatever became of the tests."""
    if not hasattr(config, "workerinput") and (folder := config.stash.get(RUN_FOLDER, None)):
        clear_away(folder)


@pytest.fixture(scope="session")
def worker(pytestconfig: pytest.Config) -> str:
    """Return the name of this worker process."""
    return str(getattr(pytestconfig, "workerinput", {}).get("workerid", "alone"))


@pytest.fixture(scope="session")
def cluster(pytestconfig: pytest.Config) -> RunningCluster:
    """Return the run's server, with a migrated template database in it."""
    return migrated_cluster(pytestconfig.stash[RUN_FOLDER])


@pytest.fixture(scope="session")
def database_urls(cluster: RunningCluster, worker: str) -> Iterator[DatabaseUrls]:
    """Give this worker's database, which its tests share: they roll back, or leave rows nobody else looks for."""
    with copy_of_template(cluster, f"tests_{worker}") as urls:
        yield urls


@pytest.fixture
def fresh_database(cluster: RunningCluster, worker: str) -> Iterator[DatabaseUrls]:
    """Give one test a migrated database of its own, for commits that are real (about a tenth of a second)."""
    with copy_of_template(cluster, f"fresh_{worker}_{next(COUNTER)}") as urls:
        yield urls


@pytest.fixture(scope="session")
async def engine(database_urls: DatabaseUrls) -> AsyncIterator[AsyncEngine]:
    """Give the application's engine, as the service makes it."""
    engine = db.create_engine(Settings(environment="development", database_url=SecretStr(database_urls.application)))
    yield engine
    await engine.dispose()


@pytest.fixture(scope="session")
async def owner_engine(database_urls: DatabaseUrls) -> AsyncIterator[AsyncEngine]:
    """Give the owner's engine, for what the application must not be able to do."""
    engine = create_async_engine(database_urls.owner, poolclass=NullPool)
    yield engine
    await engine.dispose()


@pytest.fixture
async def connection(engine: AsyncEngine) -> AsyncIterator[AsyncConnection]:
    """Give a connection whose work is undone after the test."""
    async with engine.connect() as connection:
        transaction = await connection.begin()
        yield connection
        await transaction.rollback()


class Undone(Session):
    """A session on a connection in a transaction already: what it commits is a savepoint there."""

    def __init__(self, connection: AsyncConnection) -> None:
        super().__init__(connection.engine)
        self._outer = connection
        self._savepoint: AsyncTransaction | None = None

    async def __aexit__(self, *_: object) -> None:
        await self.rollback()

    async def driver(self) -> psycopg.AsyncConnection[Any]:
        raw = await (await self.connection()).get_raw_connection()
        return cast("psycopg.AsyncConnection[Any]", raw.driver_connection)

    async def connection(self) -> AsyncConnection:
        if self._savepoint is None:
            self._savepoint = await self._outer.begin_nested()
        return self._outer

    async def commit(self) -> None:
        if self._savepoint is not None:
            await self._savepoint.commit()
        self._savepoint = None

    async def rollback(self) -> None:
        if self._savepoint is not None:
            await self._savepoint.rollback()
        self._savepoint = None


@pytest.fixture
async def session(connection: AsyncConnection) -> AsyncIterator[Session]:
    """Give a session whose commits are undone after the test."""
    async with Undone(connection) as session:
        yield session
