"""The whole service on a real database, a clock that tests set, and callers of every role with really signed tokens."""

import itertools
from collections.abc import AsyncIterator, Iterator

import pytest
from fastapi import FastAPI
from httpx import ASGITransport, AsyncClient
from joserfc.jwk import ECKey
from pydantic import SecretStr
from sqlalchemy import text
from sqlalchemy.ext.asyncio import AsyncEngine

from service.access import tokens
from service.access.callers import Role
from service.access.tokens import Bearer
from service.app import create_app
from service.db import Session
from service.operations import signing_keys
from service.settings import Settings
from tests.clusters import DatabaseUrls
from tests.routes.callers import A_MONDAY, AsRole, Clock, FreshTokens, TokenFor

__all__ = ["A_MONDAY", "AsRole", "Clock", "FreshTokens", "TokenFor"]

NUMBERS = itertools.count(1)
UNLIMITED = 1_000_000


@pytest.fixture(scope="session")
def app_settings(database_urls: DatabaseUrls) -> Settings:
    """Return the settings the service is tested under."""
    return Settings(
        environment="development",
        database_url=SecretStr(database_urls.application),
        # Under a clock that stands still a minute never ends.
        client_requests_per_minute=UNLIMITED,
        worker_requests_per_minute=UNLIMITED,
        person_lookups_per_minute=UNLIMITED,
        stranger_requests_per_minute=UNLIMITED,
    )


@pytest.fixture(scope="session")
def session_clock() -> Clock:
    """Return the clock that the app was given; tests take `clock`."""
    return Clock()


@pytest.fixture(scope="session")
async def app(app_settings: Settings, session_clock: Clock, owner_engine: AsyncEngine) -> AsyncIterator[FastAPI]:
    """Give the service, started."""
    # Partitions are made for the months to come; a test's clock may stand anywhere.
    async with owner_engine.begin() as owner:
        await owner.execute(text("CREATE TABLE audit_entry_whenever PARTITION OF audit_entry DEFAULT"))
        await owner.execute(text("GRANT SELECT, INSERT ON audit_entry_whenever TO broker_app"))
    app = create_app(app_settings, session_clock)
    async with app.router.lifespan_context(app):
        yield app


@pytest.fixture
def clock(session_clock: Clock) -> Iterator[Clock]:
    """Give the service's clock, standing at nine on a Monday until the test moves it, and back there after."""
    session_clock.set(A_MONDAY)
    yield session_clock
    session_clock.set(A_MONDAY)


@pytest.fixture(scope="session")
async def signing_key(app: FastAPI) -> ECKey:
    """Return the embedded issuer's private key."""
    async with app.state.sessions() as session:
        key = await signing_keys.signing_key(await session.driver(), A_MONDAY)
        await session.commit()
    return key


@pytest.fixture
def token_for(app_settings: Settings, signing_key: ECKey, clock: Clock) -> TokenFor:
    """Give what signs tokens: for a role's worker (`p.test` and so on) unless one is named."""

    def sign(
        role: str | Role,
        worker: str | None = None,
        organisation: str | None = None,
        area: str | None = None,
        premises: str | None = None,
    ) -> str:
        bearer = Bearer(worker or f"{role[0]}.test", Role(role), "tests", organisation, area, premises)
        issuer, audience = app_settings.address, app_settings.audience
        return tokens.sign(signing_key, bearer, issuer=issuer, audience=audience, now=clock.now)

    return sign


@pytest.fixture
async def client(app: FastAPI, app_settings: Settings) -> AsyncIterator[AsyncClient]:
    """Give a client without a token."""
    async with AsyncClient(transport=ASGITransport(app=app), base_url=app_settings.address) as client:
        yield client


@pytest.fixture
def as_role(app: FastAPI, app_settings: Settings, token_for: TokenFor) -> AsRole:
    """Give what opens clients by role; over this transport there is no connection to close."""

    def open_client(
        role: str | Role,
        worker: str | None = None,
        organisation: str | None = None,
        area: str | None = None,
        premises: str | None = None,
    ) -> AsyncClient:
        fresh = FreshTokens(lambda: token_for(role, worker, organisation, area, premises))
        return AsyncClient(transport=ASGITransport(app=app), base_url=app_settings.address, auth=fresh)

    return open_client


@pytest.fixture
async def committing(app: FastAPI) -> AsyncIterator[Session]:
    """Give a session on the service's database, for what a test prepares (commit it) or looks up."""
    async with app.state.sessions() as session:
        yield session


@pytest.fixture
def crn() -> str:
    """Return a case reference number that no other test has used."""
    return f"X{next(NUMBERS):06d}"
