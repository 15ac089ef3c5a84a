"""Signed-in browsers and sign-ins under way, on psycopg's own connection: the command line writes a link as well."""

import datetime
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from psycopg import AsyncConnection
from psycopg.types.json import Jsonb

Connection = AsyncConnection[Any]

_ADD_SIGN_IN = """
    INSERT INTO browser_sign_in (digest, browser_digest, nonce, verifier, caller, until)
    VALUES (%(digest)s, %(browser_digest)s, %(nonce)s, %(verifier)s, %(caller)s, %(until)s)
"""
# Whoever comes second with the same answer of the issuer finds nothing.
_TAKE_SIGN_IN = """
    DELETE FROM browser_sign_in WHERE digest = %(digest)s AND browser_digest = %(browser)s AND until > %(now)s
    RETURNING nonce, verifier
"""
_FIND_LINK = "SELECT caller FROM browser_sign_in WHERE digest = %(digest)s AND caller IS NOT NULL AND until > %(now)s"
_ADD = """
    INSERT INTO browser_session (digest, caller, began_at, seen_at, until)
    VALUES (%(digest)s, %(caller)s, %(now)s, %(now)s, %(until)s)
"""
_FIND = """
    SELECT caller, seen_at FROM browser_session
    WHERE digest = %(digest)s AND until > %(now)s AND seen_at > %(idle_since)s
"""
_SEE = "UPDATE browser_session SET seen_at = %(now)s WHERE digest = %(digest)s AND seen_at < %(now)s"
_END = "DELETE FROM browser_session WHERE digest = %(digest)s"
_FORGET = (
    "DELETE FROM browser_sign_in WHERE until < %(now)s",
    "DELETE FROM browser_session WHERE until < %(now)s",
)


@dataclass(frozen=True, slots=True)
class SignInBegun:
    """What was made for a sign-in, to be compared with what comes back."""

    nonce: str
    verifier: str


@dataclass(frozen=True, slots=True)
class StoredSession:
    """Whom a signed-in browser speaks for, as a caller is kept, and when it was last heard of."""

    caller: dict[str, Any]
    seen_at: datetime.datetime


async def add_sign_in(
    connection: Connection, digest: str, browser_digest: str, begun: SignInBegun, until: datetime.datetime
) -> None:
    """Keep a sign-in that has begun at the issuer, for the one browser that began it."""
    kept = {"digest": digest, "browser_digest": browser_digest, "nonce": begun.nonce, "verifier": begun.verifier}
    await connection.execute(_ADD_SIGN_IN, {**kept, "caller": None, "until": until})


async def take_sign_in(
    connection: Connection, digest: str, browser_digest: str, now: datetime.datetime
) -> SignInBegun | None:
    """Return a sign-in that this browser began, once; None where there is none."""
    named = {"digest": digest, "browser": browser_digest, "now": now}
    row = await (await connection.execute(_TAKE_SIGN_IN, named)).fetchone()
    return SignInBegun(row[0], row[1]) if row else None


async def add_link(connection: Connection, digest: str, caller: Mapping[str, Any], until: datetime.datetime) -> None:
    """Keep whom a development machine's link signs in."""
    kept = {"digest": digest, "browser_digest": None, "nonce": None, "verifier": None}
    await connection.execute(_ADD_SIGN_IN, {**kept, "caller": Jsonb(dict(caller)), "until": until})


async def find_link(connection: Connection, digest: str, now: datetime.datetime) -> dict[str, Any] | None:
    """Return whom a link signs in, or None."""
    row = await (await connection.execute(_FIND_LINK, {"digest": digest, "now": now})).fetchone()
    return row[0] if row else None


async def add_session(
    connection: Connection, digest: str, caller: Mapping[str, Any], now: datetime.datetime, until: datetime.datetime
) -> None:
    """Sign a browser in."""
    kept = {"digest": digest, "caller": Jsonb(dict(caller)), "now": now, "until": until}
    await connection.execute(_ADD, kept)


async def find_session(
    connection: Connection, digest: str, *, now: datetime.datetime, idle_since: datetime.datetime
) -> StoredSession | None:
    """Return a signed-in browser that was heard of since a time; None where it is not, or not any more."""
    named = {"digest": digest, "now": now, "idle_since": idle_since}
    row = await (await connection.execute(_FIND, named)).fetchone()
    return StoredSession(row[0], row[1]) if row else None


async def see_session(connection: Connection, digest: str, now: datetime.datetime) -> None:
    """Note that a browser was heard of."""
    await connection.execute(_SEE, {"digest": digest, "now": now})


async def end_session(connection: Connection, digest: str) -> None:
    """Sign a browser out."""
    await connection.execute(_END, {"digest": digest})


async def forget(connection: Connection, now: datetime.datetime) -> None:
    """Forget what has ended."""
    for statement in _FORGET:
        await connection.execute(statement, {"now": now})
