"""The service's own front door, with an issuer whose keys a test holds and without a database behind it."""

import datetime
from collections.abc import AsyncIterator

import pytest
from fastapi import FastAPI
from httpx import ASGITransport, AsyncClient
from joserfc import jwk
from joserfc.jwk import ECKey
from pydantic import SecretStr

from service import db
from service.access.issuers import EXTERNAL, Issuer, KeyDocuments, KeyRing
from service.access.tokens import Expected
from service.app import create_app
from service.operations.strangers import Strangers
from service.settings import Settings

NOW = datetime.datetime(2026, 11, 23, 9, tzinfo=datetime.UTC)
ISSUER = "https://issuer.example"
AUDIENCE = "referral-broker"


@pytest.fixture(scope="session")
def key() -> ECKey:
    """Return the issuer's private key."""
    return jwk.generate_key("EC", "P-256", auto_kid=True)


@pytest.fixture(scope="session")
def front_door(key: ECKey) -> FastAPI:
    """Return the app, not started: whatever gets past authentication finds no such path."""

    async def fetch() -> KeyDocuments:
        return [dict(key.as_dict(private=False))]

    app = create_app(Settings.model_construct(environment="development"), lambda: NOW)
    app.state.issuer = Issuer(Expected((ISSUER,), AUDIENCE), KeyRing(fetch, EXTERNAL))
    nowhere = Settings(environment="development", database_url=SecretStr("postgresql://nobody@/nothing?host=/nowhere"))
    sessions = db.create_session_factory(db.create_engine(nowhere))
    app.state.strangers = Strangers(sessions, b"key", most=1)
    return app


@pytest.fixture
async def visitor(front_door: FastAPI) -> AsyncIterator[AsyncClient]:
    """Give a client at the front door."""
    async with AsyncClient(transport=ASGITransport(app=front_door), base_url="http://broker") as client:
        yield client
