"""The service with its pages, and people who look at them: each signed in as a browser would be."""

from collections.abc import AsyncIterator, Awaitable, Callable, Iterator
from pathlib import Path

import pytest
from fastapi import FastAPI
from httpx import ASGITransport, AsyncClient

from service.access.callers import Role
from service.access.tokens import Bearer
from service.embedded_postgres import RunningCluster
from service.operations.browser_sessions import make_link
from service.settings import Settings
from tests import conftest as every_test
from tests.clusters import DatabaseUrls, copy_of_template
from tests.pages.visitors import Visitor
from tests.routes import conftest as routes
from tests.routes.callers import Clock
from tests.routes.drafting import serving_two_packs

# The same fixtures as the routes' tests have, made once more over the database below.
engine, owner_engine = every_test.engine, every_test.owner_engine
app, app_settings, session_clock, clock = routes.app, routes.app_settings, routes.session_clock, routes.clock
client, as_role, token_for, signing_key = routes.client, routes.as_role, routes.token_for, routes.signing_key
committing, crn = routes.committing, routes.crn

SignIn = Callable[..., Awaitable[Visitor]]


@pytest.fixture(scope="session")
def database_urls(cluster: RunningCluster, worker: str) -> Iterator[DatabaseUrls]:
    """Give these tests' database."""
    with copy_of_template(cluster, f"pages_{worker}") as urls:
        yield urls


@pytest.fixture
async def sign_in(app: FastAPI, app_settings: Settings, clock: Clock) -> SignIn:
    """Give what signs somebody in by a development machine's link: a role's worker (`p.test`) unless one is named."""

    async def signed_in(role: str | Role, worker: str | None = None, premises: str | None = None) -> Visitor:
        async with app.state.sessions() as session:
            bearer = Bearer(worker or f"{role[0]}.test", Role(role), "pages", premises=premises)
            key = await make_link(await session.driver(), bearer, clock.now)
            await session.commit()
        visitor = Visitor(AsyncClient(transport=ASGITransport(app=app), base_url=app_settings.address))
        assert (await visitor.get(f"/pages/sign-in/link?key={key}")).status_code == 303
        return visitor

    return signed_in


@pytest.fixture
async def two_packs(app: FastAPI, tmp_path: Path) -> AsyncIterator[None]:
    """Serve a catalogue of two small packs."""
    async with serving_two_packs(app, tmp_path / "catalogue"):
        yield
