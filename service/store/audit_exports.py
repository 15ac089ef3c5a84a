"""The record of access with its seals as one stream, for proof and export; and the retirement of a month, by its owner.

On a plain psycopg connection: these are commands, which need no ORM and no event loop.
"""

import datetime
from collections.abc import Iterator
from typing import Any

from psycopg import Connection, sql
from psycopg.rows import dict_row

from service.store.audit_seals import ENTRY_COLUMNS, as_json, instant

AnyConnection = Connection[Any]

_KEYS = "SELECT jwk - 'd' AS key FROM signing_key WHERE kind = 'audit' ORDER BY created_at, kid"
_SIGNING_KEY = """
    SELECT jwk FROM signing_key WHERE kind = 'audit' AND retired_at IS NULL ORDER BY created_at DESC, kid LIMIT 1
"""
_STUBS = "SELECT month, signature FROM audit_stub ORDER BY month"
_HEAD = """
    SELECT number, hash, (SELECT count(*) FROM audit_sealed) AS rows FROM audit_seal ORDER BY number DESC LIMIT 1
"""
_HORIZON = "SELECT max(covers_until) AS covered FROM audit_seal"
_ENTRY = ", ".join(f"entry.{name} AS entry_{name}" for name in ENTRY_COLUMNS)
_SEALS = f"""
    SELECT seal.number, seal.month, seal.hash, seal.signature,
           member.entry_id AS member_id, member.at AS member_at, member.row_hash, {_ENTRY}
    FROM audit_seal seal
    LEFT JOIN audit_sealed member ON member.seal = seal.number
    LEFT JOIN audit_entry entry ON entry.id = member.entry_id AND entry.at = member.at
    ORDER BY seal.number, member.position
"""  # noqa: S608  names of columns
_UNSEALED = f"""
    SELECT {_ENTRY} FROM audit_entry entry
    WHERE NOT EXISTS (SELECT FROM audit_sealed member WHERE member.entry_id = entry.id AND member.at = entry.at)
    ORDER BY at, id
"""  # noqa: S608  names of columns
_STRAYS = """
    SELECT entry_id, at FROM audit_sealed member
    WHERE NOT EXISTS (SELECT FROM audit_seal WHERE number = member.seal) ORDER BY at, entry_id
"""
_OTHERS_SEAL_NOTHING = "SELECT pg_advisory_xact_lock(7203514829)"
_HELD = """
    SELECT count(*) AS entries, count(member.entry_id) AS sealed
    FROM audit_entry entry
    LEFT JOIN audit_sealed member ON member.entry_id = entry.id AND member.at = entry.at
    WHERE entry.at >= %(first)s AND entry.at < %(next)s
"""
_PARTITION = "SELECT to_regclass(%(name)s) IS NOT NULL AS there"
_ADD_STUB = "INSERT INTO audit_stub (month, signature) VALUES (%(month)s, %(signature)s)"


def records(connection: AnyConnection, swept_back: datetime.timedelta) -> Iterator[dict[str, Any]]:
    """Give the record as `seal_checks.prove` reads it, a row at a time: it need not fit into memory."""
    for row in _rows(connection, "keys", _KEYS):
        yield {"kind": "key", **row}
    for row in _rows(connection, "stubs", _STUBS):
        yield {"kind": "stub", **row}
    yield from _seals(connection)
    (horizon,) = _rows(connection, "horizon", _HORIZON)
    yield {"kind": "horizon", "swept_until": instant(horizon["covered"] - swept_back) if horizon["covered"] else ""}
    for row in _rows(connection, "strays", _STRAYS):
        yield {"kind": "stray", "entry_id": str(row["entry_id"])}
    for row in _rows(connection, "unsealed", _UNSEALED):
        yield {"kind": "unsealed", "entry": _entry(row)}


def _seals(connection: AnyConnection) -> Iterator[dict[str, Any]]:
    last = None
    for row in _rows(connection, "seals", _SEALS):
        if row["number"] != last:
            last = row["number"]
            yield {"kind": "seal", **{name: row[name] for name in ("number", "month", "hash", "signature")}}
        if row["member_id"] is not None:
            yield {
                "kind": "member",
                "entry_id": str(row["member_id"]),
                "at": instant(row["member_at"]),
                "row_hash": row["row_hash"],
                "entry": _entry(row) if row["entry_id"] is not None else None,
            }


def _entry(row: dict[str, Any]) -> dict[str, Any]:
    return as_json({name: row[f"entry_{name}"] for name in ENTRY_COLUMNS})


def _rows(connection: AnyConnection, name: str, statement: str) -> Iterator[dict[str, Any]]:
    with connection.cursor(name=name, row_factory=dict_row) as cursor:
        cursor.itersize = 1000
        yield from cursor.execute(statement.encode())


def head(connection: AnyConnection) -> dict[str, Any] | None:
    """Return number and hash of the last seal, and how many rows that are not retired are sealed; None before it."""
    with connection.cursor(row_factory=dict_row) as cursor:
        return cursor.execute(_HEAD).fetchone()


def stubs(connection: AnyConnection) -> tuple[list[dict[str, Any]], list[dict[str, Any]]]:
    """Return the stubs of retired months, and the public keys (JWKs) that they may be signed with."""
    keys = [row["key"] for row in _rows(connection, "keys", _KEYS)]
    return [*_rows(connection, "stubs", _STUBS)], keys


def stop_sealing(connection: AnyConnection) -> None:
    """Let nobody seal until this transaction ends."""
    connection.execute(_OTHERS_SEAL_NOTHING)


def has_partition(connection: AnyConnection, month: str) -> bool:
    """Say whether the rows of a month (2026-11) stand in a partition of their own."""
    row = connection.execute(_PARTITION, {"name": _partition("audit_entry", month)}).fetchone()
    return row is not None and bool(row[0])


def rows_held(connection: AnyConnection, first: datetime.datetime, following: datetime.datetime) -> tuple[int, int]:
    """Return how many rows the record has between two instants, and how many of them are sealed."""
    ((entries, sealed),) = connection.execute(_HELD, {"first": first, "next": following}).fetchall()
    return entries, sealed


def signing_key(connection: AnyConnection) -> dict[str, Any] | None:
    """Return the private key (JWK) that signs, if there is one."""
    row = connection.execute(_SIGNING_KEY).fetchone()
    return row[0] if row is not None else None


def retire(connection: AnyConnection, month: str, signature: str) -> None:
    """Put a stub in the place of a month's rows; only the tables' owner may."""
    connection.execute(_ADD_STUB, {"month": month, "signature": signature})
    for table in ("audit_entry", "audit_sealed"):
        connection.execute(sql.SQL("DROP TABLE {}").format(sql.Identifier(_partition(table, month))))


def _partition(table: str, month: str) -> str:
    return f"{table}_{month.replace('-', '_')}"
