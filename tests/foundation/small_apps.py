"""The smallest service: it keeps numbers in the database, so that a test sees what survives."""

import asyncio
import os
from typing import Any

import psycopg

from service.launcher import Hooks, run
from service.refusals import StartUpRefused
from service.settings import Settings, load_settings

APPLICATION = "tests.foundation.small_apps:create_app"
SLOW = ("/hung", "/endless", "/stubborn")


def create_app() -> Any:
    """Return an application that answers every request with how many it has ever answered."""
    url = os.environ["DATABASE_URL"].replace("+psycopg", "")

    async def application(scope: Any, receive: Any, send: Any) -> None:
        if scope["type"] == "lifespan":
            await _live(receive, send)
            return
        if scope["path"] in SLOW:
            await _linger(scope["path"], send)
            return
        body = str(await _count(url, scope["path"])).encode()
        await send({"type": "http.response.start", "status": 200, "headers": []})
        await send({"type": "http.response.body", "body": body})

    return application


async def _live(receive: Any, send: Any) -> None:
    while (message := await receive())["type"] != "lifespan.shutdown":
        await send({"type": message["type"] + ".complete"})
    await send({"type": "lifespan.shutdown.complete"})


async def _linger(path: str, send: Any) -> None:
    """Begin an answer that never ends: one waits, one sends without end, one will not be told to stop."""
    await send({"type": "http.response.start", "status": 200, "headers": []})
    await send({"type": "http.response.body", "body": b"x", "more_body": True})
    while True:
        try:
            if path == "/endless":
                await send({"type": "http.response.body", "body": b"x" * 1_000_000, "more_body": True})
            await asyncio.sleep(0 if path == "/endless" else 3600)
        except asyncio.CancelledError:
            if path != "/stubborn":
                raise


async def _count(url: str, path: str) -> int:
    async with await psycopg.AsyncConnection.connect(url, autocommit=True) as connection:
        if path == "/visits":
            await connection.execute("INSERT INTO visit DEFAULT VALUES")
        row = await (await connection.execute("SELECT count(*) FROM visit")).fetchone()
    assert row is not None
    return int(row[0])


def make_table(settings: Settings) -> None:
    """Make the table, as the owner, where demonstration data would be loaded."""
    assert settings.owner_database_url is not None
    url = settings.owner_database_url.get_secret_value().replace("+psycopg", "")
    with psycopg.connect(url, autocommit=True) as connection:
        connection.execute("CREATE TABLE IF NOT EXISTS visit (id bigint GENERATED ALWAYS AS IDENTITY)")
        connection.execute("GRANT SELECT, INSERT ON visit TO broker_app")


if __name__ == "__main__":
    hooks = Hooks(make_table, lambda settings: f"ready at {settings.address}", APPLICATION)
    try:
        raise SystemExit(run(load_settings(), hooks))
    except StartUpRefused as refusal:
        print(refusal)  # noqa: T201  as the command does
        raise SystemExit(1) from None
