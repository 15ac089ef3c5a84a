"""Requests that may be repeated: the first answer under a key is kept for a day and given again."""

import datetime
import hashlib
import json
from dataclasses import dataclass
from typing import Any

from sqlalchemy import text

from service.access.callers import Caller
from service.db import Session
from service.errors import IdempotencyKeyReused

KEPT_FOR = datetime.timedelta(hours=24)
KEPT_HEADERS = ("content-type", "etag", "location")

# A key older than a day is free again; a younger one makes a concurrent repeat wait here until the first is done.
_CLAIM = text(
    """
    INSERT INTO idempotent_answer (client_id, worker_id, route, key, fingerprint, headers, created_at)
    VALUES (:client_id, :worker_id, :route, :key, :fingerprint, '{}', :now)
    ON CONFLICT (client_id, worker_id, route, key) DO UPDATE
        SET fingerprint = excluded.fingerprint, created_at = excluded.created_at, status = NULL, body = NULL
        WHERE idempotent_answer.created_at < :forgotten_before
    RETURNING key
    """
)
_WHOSE = "client_id = :client_id AND worker_id = :worker_id AND route = :route AND key = :key"
_READ = text(f"SELECT fingerprint, status, headers, body FROM idempotent_answer WHERE {_WHOSE}")  # noqa: S608
_KEEP = text(
    f"UPDATE idempotent_answer SET status = :status, headers = CAST(:headers AS jsonb), body = :body WHERE {_WHOSE}"  # noqa: S608
)
_FORGET = text("DELETE FROM idempotent_answer WHERE created_at < :forgotten_before")


@dataclass(frozen=True, slots=True)
class Repeatable:
    """A claimed key: whose, for which route."""

    client_id: str
    worker_id: str
    route: str
    key: str

    def named(self) -> dict[str, str]:
        """Return the claim as statement parameters."""
        return {"client_id": self.client_id, "worker_id": self.worker_id, "route": self.route, "key": self.key}


class Repeated(Exception):
    """The request was answered before; here is that answer."""

    def __init__(self, status: int, headers: dict[str, str], body: bytes) -> None:
        super().__init__("repeated")
        self.status = status
        self.headers = headers
        self.body = body


async def claim(
    session: Session, caller: Caller, route: str, key: str, request_body: bytes, now: datetime.datetime
) -> Repeatable:
    """Claim a key for a request; raises Repeated with the first answer, or IdempotencyKeyReused for another request.

    The row is claimed inside the request's transaction: if that fails, the key is free again.
    """
    repeatable = Repeatable(caller.client, caller.worker, route, key)
    fingerprint = hashlib.sha256(request_body).hexdigest()
    parameters: dict[str, Any] = {
        **repeatable.named(),
        "fingerprint": fingerprint,
        "now": now,
        "forgotten_before": now - KEPT_FOR,
    }
    connection = await session.connection()
    if (await connection.execute(_CLAIM, parameters)).first() is not None:
        return repeatable
    first = (await connection.execute(_READ, repeatable.named())).one()
    if first.fingerprint != fingerprint:
        raise IdempotencyKeyReused
    raise Repeated(first.status, first.headers, bytes(first.body))


async def keep(session: Session, repeatable: Repeatable, answer: Any) -> None:
    """Keep an answer (its status, a few headers, its bytes) under a claimed key."""
    headers = {name: answer.headers[name] for name in KEPT_HEADERS if name in answer.headers}
    connection = await session.connection()
    await connection.execute(
        _KEEP,
        {**repeatable.named(), "status": answer.status_code, "headers": json.dumps(headers), "body": answer.body},
    )


async def forget_old_answers(session: Session, now: datetime.datetime) -> None:
    """Delete the answers that are over a day old."""
    connection = await session.connection()
    await connection.execute(_FORGET, {"forgotten_before": now - KEPT_FOR})
