"""Reading the rows of the record that have no seal, and adding seals; on psycopg's own connection, as all of it is SQL.

What a row says is written here in one form, whichever connection reads it: its hash must come out the same for ever.
"""

import datetime
import uuid
from collections.abc import Mapping, Sequence
from typing import Any

from psycopg import AsyncConnection
from psycopg.rows import dict_row
from psycopg.types.json import Jsonb

Connection = AsyncConnection[Any]

# Every column of the record: a row is sealed whole.
ENTRY_COLUMNS = (
    *("id", "at", "worker_id", "role", "client_id", "organisation", "action", "outcome", "crns", "referral_id"),
    *("items", "withheld", "purpose", "gateway", "details", "trace_id"),
)
# Any number will do. It ends with the transaction, so a killed process holds nobody up.
_ONE_AT_A_TIME = "SELECT pg_try_advisory_xact_lock(7203514829)"
_HEAD = "SELECT number, hash FROM audit_seal ORDER BY number DESC LIMIT 1"
_COVERED_UNTIL = "SELECT max(covers_until) FROM audit_seal"
_UNSEALED = f"""
    SELECT {", ".join(ENTRY_COLUMNS)} FROM audit_entry entry
    WHERE at >= %(since)s AND at < %(until)s
      AND NOT EXISTS (SELECT FROM audit_sealed sealed
                      WHERE sealed.entry_id = entry.id AND sealed.at = entry.at
                        AND sealed.at >= %(since)s AND sealed.at < %(until)s)
    ORDER BY at, id LIMIT %(limit)s
"""  # noqa: S608  names of columns, from above
_ADD_MEMBERS = """
    INSERT INTO audit_sealed (entry_id, at, seal, position, row_hash)
    SELECT entry_id, at, %(seal)s, position, row_hash
    FROM unnest(%(entry_ids)s::uuid[], %(ats)s::timestamptz[], %(hashes)s::text[])
        WITH ORDINALITY AS member (entry_id, at, row_hash, position)
"""
_ADD_SEAL = """
    INSERT INTO audit_seal (number, month, covers_until, hash, signature)
    VALUES (%(number)s, %(month)s, %(covers_until)s, %(hash)s, %(signature)s)
"""
_KEY = "SELECT jwk FROM signing_key WHERE kind = 'audit' AND retired_at IS NULL ORDER BY created_at DESC, kid LIMIT 1"
_ADD_KEY = "INSERT INTO signing_key (kid, kind, jwk, created_at) VALUES (%(kid)s, 'audit', %(jwk)s, %(now)s)"


def as_json(row: Mapping[str, Any]) -> dict[str, Any]:
    """Return a row as values of JSON."""
    return {name: _value(row[name]) for name in ENTRY_COLUMNS}


def _value(value: Any) -> Any:
    if isinstance(value, datetime.datetime):
        return instant(value)
    return str(value) if isinstance(value, uuid.UUID) else value


def instant(at: datetime.datetime) -> str:
    """Write an instant in UTC to the microsecond, so that the order of the texts is the order in time."""
    return at.astimezone(datetime.UTC).strftime("%Y-%m-%dT%H:%M:%S.%fZ")


async def may_seal(connection: Connection) -> bool:
    """Say whether nobody else is sealing, and keep others from it until this transaction ends."""
    row = await (await connection.execute(_ONE_AT_A_TIME)).fetchone()
    return row is not None and bool(row[0])


async def head(connection: Connection) -> tuple[int, str | None]:
    """Return the number and hash of the last seal; before the first, zero and nothing."""
    row = await (await connection.execute(_HEAD)).fetchone()
    return (row[0], row[1]) if row is not None else (0, None)


async def covered_until(connection: Connection) -> datetime.datetime | None:
    """Return up to when every row that was there has a seal."""
    row = await (await connection.execute(_COVERED_UNTIL)).fetchone()
    return row[0] if row is not None else None


async def unsealed_rows(
    connection: Connection, since: datetime.datetime, until: datetime.datetime, limit: int
) -> list[dict[str, Any]]:
    """Return the rows of a time that no seal holds, as values of JSON, the oldest first."""
    async with connection.cursor(row_factory=dict_row) as cursor:
        await cursor.execute(_UNSEALED, {"since": since, "until": until, "limit": limit})
        return [as_json(row) for row in await cursor.fetchall()]


async def add_seal(
    connection: Connection, claims: Mapping[str, Any], members: Sequence[Mapping[str, Any]], digest: str, signed: str
) -> None:
    """Add a seal and what it holds."""
    await connection.execute(
        _ADD_MEMBERS,
        {
            "seal": claims["number"],
            "entry_ids": [uuid.UUID(member["entry_id"]) for member in members],
            "ats": [datetime.datetime.fromisoformat(member["at"]) for member in members],
            "hashes": [member["row_hash"] for member in members],
        },
    )
    await connection.execute(_ADD_SEAL, {**claims, "hash": digest, "signature": signed})


async def key_in_use(connection: Connection) -> dict[str, Any] | None:
    """Return the private key (JWK) that signs seals, if there is one yet."""
    row = await (await connection.execute(_KEY)).fetchone()
    return row[0] if row is not None else None


async def add_key(connection: Connection, jwk: Mapping[str, Any], now: datetime.datetime) -> None:
    """Add a private key, which signs seals from now on."""
    await connection.execute(_ADD_KEY, {"kid": jwk["kid"], "jwk": Jsonb(dict(jwk)), "now": now})
