"""The embedded issuer's keys: the newest signs, all that are not retired verify.

On psycopg's own connection, so that the command line, which signs tokens, need not load an ORM to do so.
"""

import datetime
from collections.abc import Mapping
from typing import Any

from psycopg import AsyncConnection
from psycopg.types.json import Jsonb

Connection = AsyncConnection[Any]

# Any number will do: of two processes that find no key, the second waits and finds the first one's.
_ONE_AT_A_TIME = "SELECT pg_advisory_xact_lock(7203514828)"
_IN_USE = "SELECT jwk FROM signing_key WHERE kind = 'token' AND retired_at IS NULL ORDER BY created_at DESC, kid"
_ADD = "INSERT INTO signing_key (kid, jwk, created_at) VALUES (%(kid)s, %(jwk)s, %(now)s)"
# A key that another has replaced for a token's whole life has no token left to verify.
_RETIRE_REPLACED = """
    UPDATE signing_key old SET retired_at = %(now)s
    WHERE old.kind = 'token' AND old.retired_at IS NULL
      AND EXISTS (SELECT FROM signing_key newer
                  WHERE newer.kind = 'token' AND newer.created_at > old.created_at
                    AND newer.created_at <= %(replaced_before)s)
"""
_RETIRE_ALL = "UPDATE signing_key SET retired_at = %(now)s WHERE kind = 'token' AND retired_at IS NULL"


async def lock_keys(connection: Connection) -> None:
    """Wait until nobody else is adding a key, and keep others from it until this transaction ends."""
    await connection.execute(_ONE_AT_A_TIME)


async def keys_in_use(connection: Connection) -> list[dict[str, Any]]:
    """Return the private keys (JWKs) that are not retired, the newest first."""
    return [row[0] for row in await (await connection.execute(_IN_USE)).fetchall()]


async def add_key(connection: Connection, jwk: Mapping[str, Any], now: datetime.datetime) -> None:
    """Add a private key, which signs from now on."""
    await connection.execute(_ADD, {"kid": jwk["kid"], "jwk": Jsonb(dict(jwk)), "now": now})


async def retire_replaced_keys(
    connection: Connection, replaced_before: datetime.datetime, now: datetime.datetime
) -> None:
    """Retire the keys that had a successor before a time."""
    await connection.execute(_RETIRE_REPLACED, {"replaced_before": replaced_before, "now": now})


async def retire_all_keys(connection: Connection, now: datetime.datetime) -> None:
    """Retire every key, whenever it was made: no clock decides whether a leaked token ends."""
    await connection.execute(_RETIRE_ALL, {"now": now})
