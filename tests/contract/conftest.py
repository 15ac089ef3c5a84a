"""The whole service once more, on a database of its own: what these tests count, nobody else adds to."""

from collections.abc import AsyncIterator, Iterator, Mapping
from typing import Any

import pytest
from fastapi import FastAPI
from sqlalchemy import text

from service.db import Session
from service.embedded_postgres import RunningCluster
from tests import conftest as every_test
from tests.clusters import DatabaseUrls, copy_of_template
from tests.contract.relations import Person, Relation, make_people
from tests.routes import conftest as routes

# What grows, or moves on, with every change there can be.
TRACES = text(
    """
    SELECT (SELECT count(*) FROM outbox_event), (SELECT count(*) FROM profile_history),
           (SELECT count(*) FROM referral_step), (SELECT count(*) FROM case_record),
           (SELECT count(*) FROM idempotent_answer), (SELECT sum(revision) FROM profile),
           (SELECT sum(revision) FROM referral), (SELECT count(*) FROM audit_entry WHERE outcome = 'changed')
    """
)
# The same fixtures, made once more over the database below.
engine, owner_engine = every_test.engine, every_test.owner_engine
app, app_settings, session_clock, clock = routes.app, routes.app_settings, routes.session_clock, routes.clock
client, as_role, token_for, signing_key = routes.client, routes.as_role, routes.token_for, routes.signing_key
committing = routes.committing


@pytest.fixture(scope="session")
def database_urls(cluster: RunningCluster, worker: str) -> Iterator[DatabaseUrls]:
    """Give these tests' database."""
    with copy_of_template(cluster, f"contract_{worker}") as urls:
        yield urls


@pytest.fixture(scope="session")
async def people(app: FastAPI) -> dict[Relation, Person]:
    """Return somebody for each way a caller can stand to a person."""
    async with app.state.sessions() as session:
        return await make_people(session)


@pytest.fixture
async def untouched(people: Mapping[Relation, Person], committing: Session) -> AsyncIterator[None]:
    """Fail the test where anything was changed by it."""
    before = await _traces(committing)
    yield
    assert await _traces(committing) == before


async def _traces(session: Session) -> tuple[Any, ...]:
    traces = (await (await session.connection()).execute(TRACES)).one()
    await session.commit()
    return tuple(traces)
