"""What commands may do on a development machine alone: reach its database and sign with its issuer's key."""

import datetime
import os
from collections.abc import AsyncIterator, Sequence
from contextlib import asynccontextmanager

import psycopg
from joserfc.jwk import ECKey

from service import embedded_postgres
from service.access import tokens
from service.access.tokens import Bearer, Expected, TokenRefused
from service.operations import browser_sessions, signing_keys
from service.refusals import StartUpRefused
from service.settings import Settings, load_settings
from service.store.signing_keys import Connection


class OutsideDevelopment(StartUpRefused):
    """The command is for development machines, and this is not one; the message says how to make it one."""

    exit_code = 2


def development_settings(command: str) -> Settings:
    """Return the settings, or raise OutsideDevelopment: an unset environment is production."""
    if os.environ.get("BROKER_ENVIRONMENT") != "development":
        raise OutsideDevelopment(f"`{command}` works only in development: set BROKER_ENVIRONMENT=development.")
    settings = load_settings()
    if settings.issuer is not None:
        raise OutsideDevelopment(f"`{command}` has no key: tokens come from BROKER_ISSUER, {settings.issuer}.")
    return settings


@asynccontextmanager
async def open_connection(settings: Settings) -> AsyncIterator[Connection]:
    """Open a transaction on the database that runs here, committed in the end; StartUpRefused where none does."""
    try:
        async with await psycopg.AsyncConnection.connect(
            database_url(settings), connect_timeout=settings.database_connect_seconds
        ) as connection:
            yield connection
    except psycopg.Error:
        raise StartUpRefused(
            "The database does not answer, or has no tables yet: start `referral-broker run` first."
        ) from None


def database_url(settings: Settings) -> str:
    """Return the application's login as psycopg takes it; StartUpRefused where no database runs here."""
    if settings.database_url is not None:
        return settings.database_url.get_secret_value().replace("+psycopg", "", 1)
    running = embedded_postgres.find(settings.data_dir)
    if running is None:
        raise StartUpRefused(f"No database runs on {settings.data_dir}: start `referral-broker run` first.")
    return running.application_url().replace("+psycopg", "", 1)


async def sign_in_links(settings: Settings, bearers: Sequence[Bearer]) -> list[str]:
    """Return a link for each bearer that signs a browser in as them, good for 8 hours at this machine's service."""
    now = datetime.datetime.now(datetime.UTC)
    async with open_connection(settings) as connection:
        keys = [await browser_sessions.make_link(connection, bearer, now) for bearer in bearers]
    return [f"{settings.address}/pages/sign-in/link?key={key}" for key in keys]


async def sign_tokens(settings: Settings, bearers: Sequence[Bearer]) -> list[str]:
    """Return a token for each bearer, good for 8 hours at this machine's service; its first key is made on the way."""
    now = datetime.datetime.now(datetime.UTC)
    async with open_connection(settings) as connection:
        key = await signing_keys.signing_key(connection, now)
    return [_signed(key, bearer, settings, now) for bearer in bearers]


def _signed(key: ECKey, bearer: Bearer, settings: Settings, now: datetime.datetime) -> str:
    token = tokens.sign(key, bearer, issuer=settings.address, audience=settings.audience, now=now)
    try:
        tokens.caller_of(token, key, Expected((settings.address,), settings.audience), now)
    except TokenRefused as refusal:
        raise StartUpRefused(f"The service would not take such a token: {refusal}.") from None
    return token
