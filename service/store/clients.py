"""Registered clients, and the tokens of theirs that ended early. Statements on psycopg's own connection."""

import datetime
import json
from collections.abc import Mapping
from typing import Any

from psycopg.rows import dict_row

from service.db import Session
from service.store.sessions import for_driver, rows, run
from service.store.visibility import AT_WORK_FOR_PROVIDER

Row = dict[str, Any]
_SHOWN = """id, name, role, organisation, scopes, keys, secret_digest IS NOT NULL AS has_secret, worker, active,
            registered_at"""
# Whoever is stopped, or loses something, loses the tokens made until now, even when they go on later.
_PUT = for_driver(
    f"""
    INSERT INTO client AS c (id, name, role, organisation, scopes, keys, secret_digest, worker, active, ends_before,
                             registered_at)
    VALUES (:id, :name, :role, :organisation, CAST(:scopes AS jsonb), CAST(:keys AS jsonb), :secret_digest, :worker,
            :active, CASE WHEN NOT CAST(:active AS boolean) THEN CAST(:now AS timestamptz) END, :now)
    ON CONFLICT (id) DO UPDATE
        SET name = excluded.name, role = excluded.role, organisation = excluded.organisation,
            scopes = excluded.scopes, keys = excluded.keys, secret_digest = excluded.secret_digest,
            worker = excluded.worker, active = excluded.active,
            ends_before = CASE
                WHEN NOT excluded.active OR c.role <> excluded.role
                     OR c.organisation IS DISTINCT FROM excluded.organisation
                     OR NOT c.scopes <@ excluded.scopes OR NOT c.keys <@ excluded.keys
                THEN CAST(:now AS timestamptz) ELSE c.ends_before END
    RETURNING {_SHOWN}
    """  # noqa: S608
)
_LIST = for_driver(f"SELECT {_SHOWN} FROM client WHERE id > :after ORDER BY id LIMIT :limit")  # noqa: S608
_FIND = for_driver(
    """
    SELECT c.id, c.role, c.organisation, c.scopes, c.keys, c.secret_digest, c.worker, c.ends_before
    FROM client c WHERE c.id = :id AND c.active
    """
)
_IS_AT_WORK = for_driver(f"SELECT {AT_WORK_FOR_PROVIDER} AS at_work")
_REVOKE = for_driver(
    """
    INSERT INTO revoked_token (id, client_id, revoked_at, until) VALUES (:id, :client_id, :now, :until)
    ON CONFLICT DO NOTHING
    """
)
# Whether a token, or the one it was narrowed from, was revoked, or its client stopped since it was made.
HAS_ENDED = """
    (EXISTS (SELECT FROM revoked_token WHERE id = ANY(CAST(:tokens AS text[])))
     OR EXISTS (SELECT FROM client WHERE id = :client_id
                  AND (NOT active OR ends_before > to_timestamp(CAST(:issued_at AS bigint)))))
"""
_HAS_ENDED = for_driver(f"SELECT {HAS_ENDED} AS ended")


async def put_client(session: Session, client_id: str, kept: Mapping[str, Any], now: datetime.datetime) -> Row:
    """Register a client or replace it; its tokens end where it is stopped, or loses an organisation, scope or key."""
    values = dict(kept) | {"id": client_id, "now": now}
    values |= {name: json.dumps(values[name]) for name in ("scopes", "keys")}
    return dict((await rows(session, _PUT, values, dict_row))[0])


async def list_clients(session: Session, after: str, limit: int) -> list[Row]:
    """Return clients by their ids, from after one of them; one more than `limit` where there are more."""
    return await rows(session, _LIST, {"after": after, "limit": limit + 1}, dict_row)


async def find_client(session: Session, client_id: str) -> Row | None:
    """Return an active client with its keys; None for any other."""
    found = await rows(session, _FIND, {"id": client_id}, dict_row)
    return found[0] if found else None


async def is_at_work(session: Session, worker: str, organisation: str) -> bool:
    """Whether a worker is registered and not suspended at an organisation that is active."""
    found = await rows(session, _IS_AT_WORK, {"worker_id": worker, "organisation": organisation}, dict_row)
    return bool(found[0]["at_work"])


async def revoke(
    session: Session, token: str, client_id: str, until: datetime.datetime, now: datetime.datetime
) -> None:
    """End a token by its id, for as long as it would have lasted."""
    await run(session, _REVOKE, {"id": token, "client_id": client_id, "until": until, "now": now})


async def has_ended(session: Session, tokens: list[str], client_id: str, issued_at: int) -> bool:
    """Whether a token, or the one it was narrowed from, was revoked, or its client stopped since."""
    asked = {"tokens": tokens, "client_id": client_id, "issued_at": issued_at}
    return bool((await rows(session, _HAS_ENDED, asked))[0][0])
