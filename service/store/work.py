"""What waits for a caller, found in one statement however many cases there are, each kind from its own index."""

import datetime
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from sqlalchemy import text

from service.access.callers import Caller
from service.db import Session
from service.domain.lifecycle import AMENDABLE, IN_HAND, OPEN_STATUSES, Status
from service.domain.readiness import CHECKS
from service.domain.work import DATES_SENT, RANK, Kind
from service.store.reaches import CASES_IN_REACH
from service.store.shared_work import WITH_PREMISES
from service.store.visibility import case_visible_to, reach_of, referral_visible_to

BEFORE_ALL = ("-infinity", "00000000-0000-0000-0000-000000000000")
_HAS_NEWER = "r.version > r.received_version AND r.received_version > 0"
_ANSWERED = "EXISTS (SELECT FROM referral_query q WHERE q.referral_id = r.id AND q.answered_at >= r.status_since)"


@dataclass(frozen=True, slots=True)
class _Sort:
    """One kind of waiting: in which statuses, what else must hold, and since when it waits."""

    statuses: tuple[Status, ...]
    holds: str = "TRUE"
    since: str = "r.status_since"


_NEWER_SENT_AT = "(SELECT v.submitted_at FROM referral_version v WHERE v.referral_id = r.id AND v.number = r.version)"
_ASKED_AT = "(SELECT min(q.asked_at) FROM referral_query q WHERE q.referral_id = r.id AND q.answered_at IS NULL)"
# The oldest that nobody has acknowledged; a referral that has ended keeps its concerns.
_CONCERNED_AT = """
    (SELECT min(n.written_at) FROM provision_note n
     WHERE n.referral_id = r.id AND n.kind = 'concern'
       AND NOT EXISTS (SELECT FROM concern_acknowledgement k WHERE k.concern_id = n.id))
"""
_PROPOSED_AT = """
    (SELECT min(p.proposed_at) FROM proposal p
     WHERE p.referral_id = r.id
       AND NOT EXISTS (SELECT FROM proposal_decision d WHERE d.proposal_id = p.id))
"""
_SENT_STATUSES = tuple(status for status in Status if status is not Status.DRAFT)
# The history says by index whether a date was answered again since; then what was sent is compared with it.
_DATES = ", ".join(f"'{item}'" for item in DATES_SENT)
_MOVED_AT = f"""
    (SELECT max(h.recorded_at) FROM referral_version v
     JOIN profile_history h ON h.crn = r.crn AND h.item IN ({_DATES}) AND h.revision > v.profile_revision
     JOIN profile p ON p.crn = r.crn
     WHERE v.referral_id = r.id AND v.number = r.version
       AND EXISTS (SELECT FROM jsonb_path_query(v.content, '$.sections[*].questions[*]') AS sent
                   WHERE sent ->> 'id' = h.item AND CAST(sent ->> 'asked' AS boolean)
                     AND sent ->> 'value' IS DISTINCT FROM p.answers -> h.item ->> 'value'))
"""  # noqa: S608
# Whoever has the case, or the draft, since the draft was last worked on.
_TAKEN_OVER_AT = """
    GREATEST(
        (SELECT max(a.started_at) FROM allocation a
         WHERE a.crn = r.crn AND a.ended_at IS NULL AND a.worker_id = :worker_id AND a.started_at > r.updated_at),
        (SELECT max(s.at) FROM referral_step s
         WHERE s.referral_id = r.id AND s.action = 'person_event' AND s.reason IN ('transferred', 'merged')
           AND s.at >= r.updated_at))
"""
_LAST_ENTERED_BY = """
    COALESCE((SELECT s.action FROM referral_step s
              WHERE s.referral_id = r.id AND s.to_status = r.status AND s.from_status IS DISTINCT FROM s.to_status
              ORDER BY s.id DESC LIMIT 1), '')
"""
# Not of those who are off the contract, nor of what was told before sight was lost and regained by all who were told:
# nobody there could say any more that they know of it.
_RAISED_AT = """
    (SELECT min(e.occurred_at) FROM feed_entry e
     WHERE e.referral_id = r.id AND e.raised AND e.occurred_at <= :unacknowledged_since
       AND NOT EXISTS (SELECT FROM acknowledgement k WHERE k.entry_id = e.id)
       AND EXISTS (SELECT FROM contract_member m JOIN organisation o ON o.id = m.organisation_id AND o.active
                   WHERE m.contract_id = r.recipient_id AND m.organisation_id = e.organisation_id
                     AND m.ended_at IS NULL)
       AND NOT EXISTS (SELECT FROM feed_entry later
                       WHERE later.referral_id = e.referral_id AND later.organisation_id = e.organisation_id
                         AND later.kind IN ('removed', 'added') AND later.number > e.number
                         AND CASE WHEN e.only_for IS NULL
                                  THEN later.only_for IS NULL
                                       AND COALESCE(later.not_for, '{}') <@ COALESCE(e.not_for, '{}')
                                  WHEN later.only_for IS NULL THEN NOT COALESCE(later.not_for, '{}') && e.only_for
                                  ELSE later.only_for @> e.only_for END))
"""
_ANSWERED_LATELY = "r.status_since > :answered_since"
_IN_HAND_UNASKED = tuple(status for status in IN_HAND if status is not Status.QUERY)
_FOR_SENDER = {
    Kind.CONCERN_TO_ACKNOWLEDGE: _Sort(_SENT_STATUSES, f"{_CONCERNED_AT} IS NOT NULL", _CONCERNED_AT),
    Kind.RAISED_RISK_UNACKNOWLEDGED: _Sort(AMENDABLE, f"{_RAISED_AT} IS NOT NULL", _RAISED_AT),
    Kind.QUERY_TO_ANSWER: _Sort((Status.QUERY,), "TRUE", _ASKED_AT),
    Kind.PROPOSAL_TO_DECIDE: _Sort(IN_HAND, f"{_PROPOSED_AT} IS NOT NULL", _PROPOSED_AT),
    Kind.AMENDMENT_TO_SEND: _Sort(AMENDABLE, f"{_MOVED_AT} IS NOT NULL", _MOVED_AT),
    # What the premises have is theirs to go on with.
    Kind.DRAFT_TAKEN_OVER: _Sort(
        (Status.DRAFT,), f"{_TAKEN_OVER_AT} IS NOT NULL AND NOT {WITH_PREMISES}", _TAKEN_OVER_AT
    ),
    Kind.REJECTION_TO_READ: _Sort((Status.REJECTED,), _ANSWERED_LATELY),
    Kind.CANCELLATION_TO_READ: _Sort((Status.ACCEPTED,), f"{_ANSWERED_LATELY} AND {_LAST_ENTERED_BY} = 'cancellation'"),
    Kind.ACCEPTANCE_TO_READ: _Sort((Status.ACCEPTED,), f"{_ANSWERED_LATELY} AND {_LAST_ENTERED_BY} <> 'cancellation'"),
    Kind.SCHEDULING_TO_READ: _Sort((Status.SCHEDULED,), _ANSWERED_LATELY),
    Kind.AMENDMENT_NOT_RECEIVED: _Sort(_IN_HAND_UNASKED, _HAS_NEWER, _NEWER_SENT_AT),
    Kind.NOT_RECEIVED: _Sort((Status.SUBMITTED,), "r.status_since <= :unreceived_since"),
}
_FOR_RECIPIENT = {
    Kind.QUERY_ANSWERED: _Sort((Status.RECEIVED,), f"NOT ({_HAS_NEWER}) AND {_ANSWERED}"),
    Kind.NEW_VERSION_TO_RECEIVE: _Sort(IN_HAND, _HAS_NEWER, _NEWER_SENT_AT),
    Kind.TO_RECEIVE: _Sort((Status.SUBMITTED,)),
    Kind.TO_DECIDE: _Sort((Status.RECEIVED,), f"NOT ({_HAS_NEWER}) AND NOT {_ANSWERED}"),
}
# Of each recipient a page's worth of rows and no more, in the order of the index.
_RECEIVED = """
    (SELECT {rank} AS rank, page.* FROM recipient mine CROSS JOIN LATERAL (
        SELECT {since} AS since, r.id, r.crn, r.pack FROM referral r JOIN case_record c ON c.crn = r.crn
        WHERE r.recipient_id = mine.id AND r.status {statuses} AND {holds} AND {visible} AND {after}
        ORDER BY {since}, r.id LIMIT :limit) AS page
     WHERE mine.organisation = :organisation)
"""
_SENT = """
    (SELECT {rank} AS rank, {since} AS since, r.id, r.crn, r.pack
     FROM reach JOIN case_record c ON c.crn = reach.crn JOIN referral r ON r.crn = c.crn
     WHERE r.status {statuses} AND {holds} AND {visible} AND {after}
     ORDER BY 2, 3 LIMIT :limit)
"""


def _part(kind: Kind, caller: Caller) -> str:
    sort = (_FOR_RECIPIENT if caller.receives else _FOR_SENDER)[kind]
    rank = RANK[kind]
    after = f"({sort.since}, r.id) > (CAST(:since_{rank} AS timestamptz), CAST(:id_{rank} AS uuid))"
    listed = ", ".join(f"'{status}'" for status in sort.statuses)
    return (_RECEIVED if caller.receives else _SENT).format(
        rank=rank,
        since=sort.since,
        statuses=f"= {listed}" if len(sort.statuses) == 1 else f"IN ({listed})",
        holds=sort.holds,
        visible=referral_visible_to(caller),
        after=after,
    )


async def referrals_waiting(
    session: Session,
    caller: Caller,
    now: datetime.datetime,
    *,
    after: tuple[int, datetime.datetime, str] | None,
    limit: int,
    since: Mapping[str, datetime.datetime],
) -> list[dict[str, Any]]:
    """Return the referrals that wait for a caller after a place (rank, since, id), the most urgent first.

    Each has its kind's rank and since when it waits; one more than `limit` where there are more. `since` says how far
    back a sender's list looks (`answered_since`, `unreceived_since`).
    """
    reached = after[0] if after else -1
    kinds = [kind for kind in (_FOR_RECIPIENT if caller.receives else _FOR_SENDER) if RANK[kind] >= reached]
    if not kinds:
        return []
    parameters: dict[str, Any] = {"worker_id": caller.worker, "now": now, "limit": limit + 1, **since}
    parameters.update(reach_of(caller, now))
    for rank in (RANK[kind] for kind in kinds):
        started = (after[1].isoformat(), after[2]) if after and rank == after[0] else BEFORE_ALL
        parameters[f"since_{rank}"], parameters[f"id_{rank}"] = started
    parts = " UNION ALL ".join(_part(kind, caller) for kind in kinds)
    reach = "" if caller.receives else f"WITH reach AS MATERIALIZED ({CASES_IN_REACH})"
    connection = await session.connection()
    found = await connection.execute(text(f"{reach} {parts} ORDER BY rank, since, id LIMIT :limit"), parameters)
    return [dict(row) for row in found.mappings()]


async def drafts_in_reach(session: Session, caller: Caller, now: datetime.datetime) -> list[dict[str, Any]]:
    """Return every draft of the cases the caller can see: id, crn, pack and when it was last changed."""
    statement = text(
        f"""
        SELECT r.id, r.crn, r.pack, r.updated_at FROM ({CASES_IN_REACH}) AS reach
        JOIN case_record c ON c.crn = reach.crn JOIN referral r ON r.crn = c.crn AND r.status = 'draft'
        WHERE {referral_visible_to(caller)} ORDER BY r.id
        """  # noqa: S608
    )
    connection = await session.connection()
    found = await connection.execute(statement, {"worker_id": caller.worker, "now": now})
    return [dict(row) for row in found.mappings()]


_OPEN = ", ".join(f"'{status}'" for status in OPEN_STATUSES)
_CHECKS = ", ".join(f"'{item}', p.answers -> '{item}'" for item in CHECKS.values())


async def open_cases_in_reach(session: Session, caller: Caller, now: datetime.datetime) -> list[dict[str, Any]]:
    """Return each open case the caller can see, with its answers about checks and what it has open.

    `packs` are those of its open referrals, `waiting_since` is when the oldest of these was made (None: it has none).
    """
    statement = text(
        f"""
        SELECT c.crn, jsonb_strip_nulls(jsonb_build_object({_CHECKS})) AS checks, o.packs, o.waiting_since
        FROM ({CASES_IN_REACH}) AS reach JOIN case_record c ON c.crn = reach.crn JOIN profile p ON p.crn = c.crn
        CROSS JOIN LATERAL (
            SELECT COALESCE(array_agg(r.pack), '{{}}') AS packs, min(r.created_at) AS waiting_since
            FROM referral r WHERE r.crn = c.crn AND r.status IN ({_OPEN})) AS o
        WHERE c.status = 'open' AND {case_visible_to(caller)} ORDER BY c.crn
        """  # noqa: S608
    )
    connection = await session.connection()
    found = await connection.execute(statement, {"worker_id": caller.worker, "now": now})
    return [dict(row) for row in found.mappings()]
