"""What a provider reads of a referral: what was sent, the profile as it stands, and what was disclosed by decision."""

import datetime
import uuid
from functools import cache
from typing import Any

from psycopg.rows import dict_row
from sqlmodel.ext.asyncio.session import AsyncSession

from service.access.callers import Caller
from service.store.sessions import driver_connection, for_driver
from service.store.visibility import reach_of, referral_visible_to

# In one statement with the check that the caller may see the referral: what is read was theirs to see at that instant.
_FIND = """
    SELECT r.id, r.crn, r.pack, r.pack_version, r.recipient_id, r.service_category, r.status, r.status_since,
           r.revision, r.version, r.received_version, r.submitted_at, v.content, v.submitted_at AS version_sent_at,
           p.answers, t.title AS contract_title, COALESCE(t.needs -> 'conditions', '[]') AS conditions_needed,
           ARRAY(SELECT d.item FROM disclosure d
                 WHERE d.referral_id = r.id AND d.organisation_id = :organisation AND d.decided_at <= :now
                   AND d.expires_at > :now AND d.withdrawn_at IS NULL ORDER BY d.item) AS disclosed,
           ARRAY(SELECT DISTINCT d.gateway FROM disclosure d
                 WHERE d.referral_id = r.id AND d.organisation_id = :organisation AND d.decided_at <= :now
                   AND d.expires_at > :now AND d.withdrawn_at IS NULL ORDER BY d.gateway) AS gateways
    FROM referral r JOIN case_record c ON c.crn = r.crn JOIN profile p ON p.crn = r.crn
    JOIN referral_version v ON v.referral_id = r.id AND v.number = r.version
    LEFT JOIN contract t ON t.id = r.recipient_id
    WHERE r.id = :id AND {visible}
"""


@cache
def _find(visible: str) -> str:
    return for_driver(_FIND.format(visible=visible))


async def find_provided(
    session: AsyncSession, referral_id: uuid.UUID, caller: Caller, now: datetime.datetime
) -> dict[str, Any] | None:
    """Return a sent referral with all that its provider's view is made from; None whether absent or hidden."""
    parameters = {"id": referral_id, "worker_id": caller.worker, "now": now, **reach_of(caller, now)}
    connection = await driver_connection(session)
    async with connection.cursor(row_factory=dict_row) as cursor:
        await cursor.execute(_find(referral_visible_to(caller)), parameters)
        return await cursor.fetchone()
