"""What eligibility and timing need to know of people, for any number of visible cases in one statement."""

import datetime
from collections.abc import Mapping, Sequence
from typing import Any

from sqlalchemy import text

from service.access.callers import Caller
from service.db import Session
from service.domain.circumstances import ITEMS
from service.store.visibility import case_met_by, case_visible_to

# Of referral `r` to recipient `x`: only what its stage depends on leaves the database.
REFERRAL_FACTS = """
    'id', r.id, 'pack', r.pack, 'status', r.status, 'status_reason', r.status_reason, 'since', r.status_since,
    'created_at', r.created_at, 'submitted_at', r.submitted_at,
    'bed_offered', r.pack = 'cas3' AND EXISTS (
        SELECT FROM cas3_booking b WHERE b.referral_id = r.id AND b.status = 'provisional'),
    'service_category', r.service_category, 'contract_categories', x.contract -> 'categories',
    'chosen_categories', r.own #> '{service_categories,value}',
    'needed_from', CASE r.pack
        WHEN 'approved_premises' THEN r.own #>> '{arrival_wanted_on,value}'
        WHEN 'cas3' THEN r.own #>> '{accommodation_needed_from,value}' END
"""
# Of a profile only the items that matter here leave the database.
_CIRCUMSTANCES = f"""
    SELECT c.crn,
        (SELECT COALESCE(jsonb_object_agg(answer.key, answer.value), '{{}}')
         FROM jsonb_each(p.answers) AS answer WHERE answer.key = ANY(:items)) AS answers,
        (SELECT COALESCE(jsonb_agg(jsonb_build_object({REFERRAL_FACTS})), '[]')
         FROM referral r LEFT JOIN recipient x ON x.id = r.recipient_id WHERE r.crn = c.crn) AS referrals,
        (SELECT jsonb_build_object('category', s.category, 'level', s.level, 'screened_on', s.screened_on)
         FROM mappa_screening s WHERE s.crn = c.crn
         ORDER BY s.screened_on DESC, s.recorded_at DESC, s.id DESC LIMIT 1) AS screening,
        (SELECT jsonb_build_object('recalled_on', e.happened_on, 're_release_on', noted.day, 'noted_at', noted.at)
         FROM person_event e LEFT JOIN LATERAL (
             SELECT day, at FROM (
                 SELECT e.details ->> 're_release_on' AS day, e.recorded_at AS at
                 UNION ALL
                 SELECT s.details ->> 're_release_on', s.at
                 FROM referral r JOIN referral_step s ON s.referral_id = r.id
                 WHERE r.crn = c.crn AND s.action = 'resumption' AND s.at >= e.recorded_at) AS said
             WHERE day IS NOT NULL ORDER BY at DESC LIMIT 1) AS noted ON TRUE
         WHERE e.crn = c.crn AND e.kind IN ('recall_fixed_term', 'recall_standard')
         ORDER BY e.happened_on DESC, e.recorded_at DESC LIMIT 1) AS recall,
        (SELECT jsonb_build_object('arrived_on', s.resident_since, 'departs_on', s.expected_departure_on,
                                   'opened_at', s.opened_at, 'written', (
             SELECT COALESCE(jsonb_agg(jsonb_build_object('id', w.id, 'act', w.act, 'details', w.details,
                                                          'at', w.at) ORDER BY w.revision), '[]')
             FROM stay_step w WHERE w.stay_id = s.id AND w.act IN ('plan', 'home')))
         FROM stay s WHERE s.crn = c.crn AND s.status = 'in_residence') AS stay,
        (SELECT s.expected_arrival_on FROM stay s WHERE s.crn = c.crn AND s.status = 'expected') AS expected_on
    FROM case_record c JOIN profile p ON p.crn = c.crn
"""  # noqa: S608


async def circumstances_of(
    session: Session, crns: Sequence[str], caller: Caller, now: datetime.datetime, *, arriving: bool = False
) -> dict[str, Mapping[str, Any]]:
    """Return, by CRN, the answers, referrals and latest screening of those cases that the caller may see.

    `arriving` also of those that are about to be handed over to them.
    """
    visible = case_met_by(caller) if arriving else case_visible_to(caller)
    statement = text(f"{_CIRCUMSTANCES} WHERE c.crn = ANY(:crns) AND {visible}")
    parameters = {"crns": list(crns), "items": list(ITEMS), "worker_id": caller.worker, "now": now}
    connection = await session.connection()
    found = await connection.execute(statement, parameters)
    return {row["crn"]: dict(row) for row in found.mappings()}
