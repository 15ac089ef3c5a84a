"""Sealing the record of access: its newest rows a batch at a time, behind the requests that write them."""

import asyncio
import datetime
from dataclasses import dataclass
from typing import Any

from service.access import seal_signatures
from service.domain.seals import hash_of, seal_claims
from service.store import audit_seals as store
from service.store.audit_seals import Connection

# Most rows are committed by then, and stand in one seal in their order.
SETTLED_AFTER = datetime.timedelta(seconds=1)
# Rows carry the time at which their request began: those committed later than that are looked for this far back,
LATE_BY = datetime.timedelta(minutes=2)
# and by the hourly sweep this far, longer than any transaction may take.
SWEPT_BACK = datetime.timedelta(hours=25)
ROWS_IN_A_SEAL = 500
_BEGINNING = datetime.datetime(1, 1, 2, tzinfo=datetime.UTC)


@dataclass(frozen=True, slots=True)
class Sealed:
    """A seal that was added: its number, its hash and the key's id, and whether there may be more to seal."""

    number: int
    hash: str
    key: str
    may_be_more: bool


async def seal_next(connection: Connection, now: datetime.datetime, *, swept: bool = False) -> Sealed | None:
    """Seal the oldest rows without a seal in the caller's transaction; None where there are none, or others seal.

    A row is sealed exactly once, however late it is committed: by its key, a second seal cannot hold it.
    """
    if not await store.may_seal(connection):
        return None
    until = now - SETTLED_AFTER
    covered = await store.covered_until(connection)
    back = SWEPT_BACK if swept else LATE_BY
    since = _BEGINNING if covered is None else min(covered, until) - back
    rows = await store.unsealed_rows(connection, since, until, ROWS_IN_A_SEAL)
    if not rows:
        return None
    batch = [row for row in rows if row["at"][:7] == rows[0]["at"][:7]]
    is_whole = len(batch) == len(rows) < ROWS_IN_A_SEAL
    number, digest, key = await _seal(connection, batch, store.instant(until) if is_whole else batch[-1]["at"], now)
    return Sealed(number, digest, key, may_be_more=not is_whole)


async def _seal(
    connection: Connection, rows: list[dict[str, Any]], covers_until: str, now: datetime.datetime
) -> tuple[int, str, str]:
    # Hashing hundreds of rows would hold up the requests that this process serves.
    members = await asyncio.to_thread(_members, rows)
    number, previous = await store.head(connection)
    claims = seal_claims(number + 1, previous, members, store.instant(now), covers_until)
    key, digest = await _key(connection, now), hash_of(claims)
    await store.add_seal(connection, claims, members, digest, seal_signatures.sign(claims, key))
    return number + 1, digest, key["kid"]


def _members(rows: list[dict[str, Any]]) -> list[dict[str, Any]]:
    return [{"entry_id": row["id"], "at": row["at"], "row_hash": hash_of(row)} for row in rows]


async def _key(connection: Connection, now: datetime.datetime) -> dict[str, Any]:
    """Return the key that signs, made on first use: whoever seals does so alone."""
    document = await store.key_in_use(connection)
    if document is None:
        document = seal_signatures.new_key()
        await store.add_key(connection, document, now)
    return document
