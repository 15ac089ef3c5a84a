"""Whether a request may go on: its token not ended, its proof not used before, its caller within their limits.

One statement that commits by itself, before the request's own transaction: a row that many requests count in is held
for the statement and no longer, and what was spent stays spent when the request is refused. It does not wait for the
disk: a request that leaves anything behind commits later in the same log, and takes these rows to the disk with it.
"""

import datetime
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

from psycopg import AsyncConnection
from psycopg.pq import TransactionStatus

from service.access.callers import Caller
from service.access.proofs import Proof
from service.db import Session
from service.domain.request_limits import Quota, window_at
from service.store.clients import HAS_ENDED
from service.store.sessions import for_driver, rows, run, text_array

_ADMIT = for_driver(
    f"""
    WITH spent AS (
        INSERT INTO spent_proof (id, until)
        SELECT CAST(:proof AS text), CAST(:until AS timestamptz) WHERE CAST(:proof AS text) IS NOT NULL
        ON CONFLICT DO NOTHING RETURNING id
    ), counted AS (
        INSERT INTO request_count AS c (kind, name, began_at, requests)
        SELECT kind, name, :began_at, 1 FROM unnest(CAST(:kinds AS text[]), CAST(:names AS text[])) AS q (kind, name)
        ON CONFLICT (kind, name) DO UPDATE
            SET requests = CASE WHEN c.began_at = excluded.began_at THEN c.requests + 1 ELSE 1 END,
                began_at = excluded.began_at
        RETURNING kind, requests
    )
    SELECT CAST(:proof AS text) IS NULL OR EXISTS (SELECT FROM spent),
           {HAS_ENDED},
           COALESCE((SELECT jsonb_object_agg(kind, requests) FROM counted), '{{}}'),
           set_config('synchronous_commit', 'off', TRUE)
    """  # noqa: S608
)
# Clocks of processes differ: what one may still take for fresh, another must not forget.
_FORGET = for_driver(
    """
    WITH proofs AS (DELETE FROM spent_proof WHERE until < CAST(:now AS timestamptz) - interval '1 minute'),
         tokens AS (DELETE FROM revoked_token WHERE until < :now)
    DELETE FROM request_count WHERE began_at < CAST(:now AS timestamptz) - interval '10 minutes'
    """
)


@dataclass(frozen=True, slots=True)
class Admission:
    """What the database says of a request: was its proof fresh, has its token ended, how often was each kind asked."""

    fresh: bool
    ended: bool
    counted: dict[str, int]


async def admit(
    session: Session, caller: Caller, proof: Proof | None, quotas: Sequence[Quota], now: datetime.datetime
) -> Admission:
    """Spend a caller's proof, count their request, and say whether their token still stands."""
    parameters = _asking(proof, quotas, now) | {
        "tokens": text_array(caller.lineage),
        "client_id": caller.client,
        "issued_at": caller.issued_at,
    }
    return await _admit(session, parameters)


async def spend(session: Session, proof: Proof | None, quotas: Sequence[Quota], now: datetime.datetime) -> Admission:
    """Spend what somebody without a token signed, and count them."""
    nobody = {"tokens": "{}", "client_id": "", "issued_at": 0}
    return await _admit(session, _asking(proof, quotas, now) | nobody)


def _asking(proof: Proof | None, quotas: Sequence[Quota], now: datetime.datetime) -> dict[str, Any]:
    # In one order for everybody, so that no two requests wait for each other's rows.
    ordered = sorted(quotas, key=lambda quota: quota.kind)
    return {
        "proof": proof and proof.id,
        "until": proof and proof.until,
        "began_at": window_at(now),
        "kinds": text_array([quota.kind for quota in ordered]),
        "names": text_array([quota.name for quota in ordered]),
    }


async def _admit(session: Session, parameters: dict[str, Any]) -> Admission:
    connection = await session.driver()
    await connection.set_autocommit(True)
    try:
        (row,) = await rows(session, _ADMIT, parameters)
    finally:
        await _end_autocommit(session, connection)
    return Admission(row[0], row[1], row[2])


async def _end_autocommit(session: Session, connection: AsyncConnection[Any]) -> None:
    """Go back to transactions; a connection that was cut off in the middle of its statement is given up."""
    if connection.info.transaction_status is TransactionStatus.IDLE:
        await connection.set_autocommit(False)
    else:
        await session.invalidate()


async def forget(session: Session, now: datetime.datetime) -> None:
    """Forget what is past use: proofs and ended tokens that no longer could be used, and minutes gone by."""
    await run(session, _FORGET, {"now": now})
