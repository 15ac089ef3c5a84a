"""The embedded issuer's keys live in the database: every process shares them, and a new one means no outage."""

import asyncio
import datetime
import time
from collections.abc import AsyncIterator

import psycopg
import pytest
from pydantic import SecretStr

from service import db
from service.access.callers import Role
from service.access.issuers import EMBEDDED, Issuer
from service.access.tokens import LIFE, Bearer, TokenRefused, sign
from service.operations import issuers, signing_keys
from service.settings import Settings
from tests.access.conftest import AUDIENCE, NOW
from tests.clusters import DatabaseUrls

ADDRESS = "http://127.0.0.1:8000"
BEARER = Bearer("p.demo", Role.PRACTITIONER)


@pytest.fixture
def settings(fresh_database: DatabaseUrls) -> Settings:
    """Return the settings of a database without a key."""
    return Settings(environment="development", database_url=SecretStr(fresh_database.application))


@pytest.fixture
async def issuer(settings: Settings) -> AsyncIterator[Issuer]:
    """Give the issuer as a serving process knows it."""
    engine = db.create_engine(settings)
    yield issuers.embedded_issuer(ADDRESS, AUDIENCE, db.create_session_factory(engine))
    await engine.dispose()


async def connect(settings: Settings) -> psycopg.AsyncConnection[tuple[object, ...]]:
    assert settings.database_url is not None
    url = settings.database_url.get_secret_value().replace("+psycopg", "")
    return await psycopg.AsyncConnection.connect(url)


async def signed(settings: Settings, now: datetime.datetime = NOW) -> str:
    """Sign a token as another process would."""
    async with await connect(settings) as connection:
        key = await signing_keys.signing_key(connection, now)
    return sign(key, BEARER, issuer=ADDRESS, audience=AUDIENCE, now=now)


async def rotate(settings: Settings, now: datetime.datetime, *, end_others: bool = False) -> None:
    async with await connect(settings) as connection:
        await signing_keys.rotate_keys(connection, now, end_others=end_others)


async def test_processes_that_need_the_first_key_at_once_share_one(settings: Settings, issuer: Issuer) -> None:
    tokens = await asyncio.gather(*(signed(settings) for _ in range(12)))

    assert len(await issuer.keys.documents()) == 1
    assert {(await issuer.identify(token, NOW)).worker for token in tokens} == {"p.demo"}


async def test_what_is_published_holds_no_private_part(settings: Settings, issuer: Issuer) -> None:
    await signed(settings)

    (published,) = await issuer.keys.documents()

    assert set(published) == {"kty", "crv", "x", "y", "kid", "use", "alg"}


async def test_a_new_key_signs_at_once_and_the_old_ones_tokens_stay_good(settings: Settings, issuer: Issuer) -> None:
    old = await signed(settings)
    await issuer.identify(old, NOW)
    later = NOW + datetime.timedelta(minutes=5)

    await rotate(settings, later)
    new = await signed(settings, later)

    assert new.split(".")[0] != old.split(".")[0]
    assert {(await issuer.identify(token, later)).worker for token in (old, new)} == {"p.demo"}


async def test_a_key_is_retired_once_no_token_of_its_can_be_left(settings: Settings, issuer: Issuer) -> None:
    await signed(settings)
    (first,) = await issuer.keys.documents()
    await rotate(settings, NOW + datetime.timedelta(minutes=1))
    await rotate(settings, NOW + LIFE)
    assert first in await issuer.keys.documents()

    await rotate(settings, NOW + LIFE + datetime.timedelta(minutes=1))

    assert first not in await issuer.keys.documents()


async def test_when_a_new_key_ends_the_others_a_running_process_forgets_them_within_a_minute(
    settings: Settings, issuer: Issuer
) -> None:
    old = await signed(settings)
    await issuer.identify(old, NOW)
    known_for = EMBEDDED.fresh

    await rotate(settings, NOW, end_others=True)
    issuer.keys.monotonic = lambda: time.monotonic() + known_for + 1

    with pytest.raises(TokenRefused):
        await issuer.identify(old, NOW)
    assert (await issuer.identify(await signed(settings), NOW)).worker == "p.demo"
    assert len(await issuer.keys.documents()) == 1


async def test_another_database_s_tokens_are_not_believed(settings: Settings, issuer: Issuer) -> None:
    async with await connect(settings) as connection:
        key = await signing_keys.signing_key(connection, NOW)
        await connection.rollback()

    with pytest.raises(TokenRefused):
        await issuer.identify(sign(key, BEARER, issuer=ADDRESS, audience=AUDIENCE, now=NOW), NOW)
