"""What a provider reads of a referral: what was sent, and beside it how things stand and what was disclosed.

The database is asked for no more of a profile, or of what was sent, than the view may show: what nobody at a provider
is shown never leaves it for them.
"""

import datetime
import uuid
from collections.abc import Collection
from functools import cache
from typing import Any

from psycopg.rows import dict_row

from service.access.callers import Caller
from service.db import Session
from service.store.sessions import for_driver, rows, text_array
from service.store.visibility import reach_of, referral_visible_to

# In one statement with the check that the caller may see the referral: what is read was theirs to see at that instant.
_FIND = """
    SELECT r.id, r.crn, r.pack, r.pack_version, r.recipient_id, r.service_category, r.status, r.status_since,
           r.revision, r.version, r.received_version, r.submitted_at, v.submitted_at AS version_sent_at,
           t.title AS contract_title, {parts}
    FROM referral r JOIN case_record c ON c.crn = r.crn
    JOIN referral_version v ON v.referral_id = r.id AND v.number = r.version
    LEFT JOIN contract t ON t.id = r.recipient_id
    WHERE r.id = :id AND {visible}
"""
_SENT = "v.content"
# A large value is unpacked for each look into it: the profile's is unpacked once, and looked into as often as needed.
_BESIDE = """
           (SELECT COALESCE(jsonb_object_agg(item, held.answers -> item), '{}')
            FROM (SELECT p.answers || '{}' AS answers FROM profile p WHERE p.crn = r.crn OFFSET 0) AS held,
                 unnest(CAST(:items AS text[])) AS item
            WHERE held.answers ? item) AS answers,
           jsonb_path_query_array(v.content, '$.sections[*].questions[*] ? (@.id == $ids[*])',
                                  jsonb_build_object('ids', to_jsonb(CAST(:questions AS text[])))) AS sent,
           COALESCE(t.needs -> 'conditions', '[]') AS conditions_needed,
           ARRAY(SELECT d.item FROM disclosure d
                 WHERE d.referral_id = r.id AND d.organisation_id = :organisation AND d.decided_at <= :now
                   AND d.expires_at > :now AND d.withdrawn_at IS NULL ORDER BY d.item) AS disclosed,
           ARRAY(SELECT DISTINCT d.gateway FROM disclosure d
                 WHERE d.referral_id = r.id AND d.organisation_id = :organisation AND d.decided_at <= :now
                   AND d.expires_at > :now AND d.withdrawn_at IS NULL ORDER BY d.gateway) AS gateways
"""


@cache
def _find(parts: str, visible: str) -> str:
    return for_driver(_FIND.format(parts=parts, visible=visible))


async def find_provided(
    session: Session, referral_id: uuid.UUID, caller: Caller, now: datetime.datetime
) -> dict[str, Any] | None:
    """Return a referral with its `content` as sent; None whether absent or hidden."""
    return await _found(session, _SENT, {"id": referral_id}, caller, now)


async def find_beside(
    session: Session,
    referral_id: uuid.UUID,
    wanted: tuple[Collection[str], Collection[str]],
    caller: Caller,
    now: datetime.datetime,
) -> dict[str, Any] | None:
    """Return a referral with what stands beside what was sent; None whether absent or hidden.

    `wanted` are the items and the questions looked for: `answers` holds the profile's for these items, `sent` what was
    sent under these questions. With the conditions the contract needs, and the items disclosed by decision.
    """
    items, questions = wanted
    looked_for = {"id": referral_id, "items": text_array(items), "questions": text_array(questions)}
    return await _found(session, _BESIDE, looked_for, caller, now)


async def _found(
    session: Session, parts: str, looked_for: dict[str, Any], caller: Caller, now: datetime.datetime
) -> dict[str, Any] | None:
    parameters = looked_for | {"worker_id": caller.worker, "now": now} | reach_of(caller, now)
    found = await rows(session, _find(parts, referral_visible_to(caller)), parameters, dict_row)
    return found[0] if found else None
