"""The embedded issuer's signing keys: made when first needed, replaced without an outage."""

import datetime
from typing import Any

from joserfc import jwk
from joserfc.jwk import ECKey

from service.access.tokens import LIFE, OUR_ALGORITHM
from service.store import signing_keys
from service.store.signing_keys import Connection


async def signing_key(connection: Connection, now: datetime.datetime) -> ECKey:
    """Return the key that signs, made on first use; of two processes that need the first, one makes it."""
    keys = await signing_keys.keys_in_use(connection)
    if not keys:
        await signing_keys.lock_keys(connection)
        keys = await signing_keys.keys_in_use(connection) or [await _add_key(connection, now)]
    return ECKey.import_key(dict(keys[0]))


async def rotate_keys(connection: Connection, now: datetime.datetime, *, end_others: bool = False) -> None:
    """Add a key, which signs from now on; keys that had a successor for a token's whole life verify no more.

    With `end_others` no earlier key verifies; processes that serve forget them when they next ask for the keys.
    """
    await signing_keys.lock_keys(connection)
    if end_others:
        await signing_keys.retire_all_keys(connection, now)
    else:
        await signing_keys.retire_replaced_keys(connection, now - LIFE, now)
    await _add_key(connection, now)


async def _add_key(connection: Connection, now: datetime.datetime) -> dict[str, Any]:
    key = jwk.generate_key("EC", "P-256", {"use": "sig", "alg": OUR_ALGORITHM}, auto_kid=True)
    document = dict(key.as_dict(private=True))
    await signing_keys.add_key(connection, document, now)
    return document
