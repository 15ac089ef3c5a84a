"""Lists of referrals across people: a recipient's inbox, a practitioner's own."""

import datetime
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from functools import cache
from typing import Any

from psycopg.rows import dict_row

from service.access.callers import Caller
from service.db import Session
from service.domain import cursors
from service.store.reaches import CASES_IN_REACH
from service.store.referrals import COLUMNS, TABLES
from service.store.sessions import for_driver, rows
from service.store.visibility import reach_of, referral_visible_to


@dataclass(frozen=True, slots=True)
class Wanted:
    """Which referrals to list: those as of an instant, sent before a place (instant or `infinity`, and id)."""

    statuses: Sequence[str]
    as_of: datetime.datetime
    before: tuple[str, str]
    limit: int
    recipient: str | None = None
    pack: str | None = None


_ASKED_FOR = """
    (CAST(:pack AS text) IS NULL OR r.pack = :pack)
    AND (CAST(:recipient AS text) IS NULL OR r.recipient_id = :recipient)
"""
# Each recipient and status is read from its own place in the index, a page's worth of rows and no more.
_RECEIVED = f"""
    SELECT {COLUMNS}, r.submitted_at AS sort_at
    FROM (
        SELECT page.id FROM ({{mine}}) AS mine
        CROSS JOIN unnest(CAST(:statuses AS text[])) AS wanted (status)
        CROSS JOIN LATERAL (
            SELECT r.id, r.submitted_at FROM referral r JOIN case_record c ON c.crn = r.crn
            WHERE r.recipient_id = mine.id AND r.status = wanted.status AND {_ASKED_FOR}
              AND r.submitted_at <= :as_of
              AND (r.submitted_at, r.id) < (CAST(:before_at AS timestamptz), CAST(:before_id AS uuid))
              AND {{visible}}
            ORDER BY r.submitted_at DESC, r.id DESC LIMIT :limit
        ) AS page
        ORDER BY page.submitted_at DESC, page.id DESC LIMIT :limit
    ) AS shown
    JOIN ({TABLES}) ON r.id = shown.id
    ORDER BY r.submitted_at DESC, r.id DESC
"""  # noqa: S608
_RECEIVES = "SELECT x.id FROM recipient x WHERE x.organisation = :organisation"
_PROVIDES = """
    SELECT m.contract_id AS id FROM contract_member m WHERE m.organisation_id = :organisation AND m.ended_at IS NULL
"""
# What was a draft at the instant pinned stays among the drafts, so that sending it moves it past nobody's page.
_SORT_AT = "CASE WHEN r.submitted_at <= :as_of THEN r.submitted_at ELSE 'infinity' END"
_SENT = f"""
    SELECT {COLUMNS}, NULLIF({_SORT_AT}, 'infinity') AS sort_at
    FROM ({CASES_IN_REACH}) AS reach JOIN ({TABLES}) ON r.crn = reach.crn
    WHERE {_ASKED_FOR} AND r.status = ANY(:statuses) AND r.created_at <= :as_of
      AND ({_SORT_AT}, r.id) < (CAST(:before_at AS timestamptz), CAST(:before_id AS uuid))
      AND {{visible}}
    ORDER BY {_SORT_AT} DESC, r.id DESC LIMIT :limit
"""  # noqa: S608


async def list_referrals(
    session: Session, wanted: Wanted, caller: Caller, now: datetime.datetime
) -> list[dict[str, Any]]:
    """Return the referrals wanted that the caller may see, the last sent first and drafts before them.

    One more than the limit where there are more. `sort_at` is the instant a row stands at: None among the drafts.
    """
    parameters: dict[str, Any] = {
        "worker_id": caller.worker,
        **reach_of(caller, now),
        "now": now,
        "statuses": list(wanted.statuses),
        "pack": wanted.pack,
        "recipient": wanted.recipient,
        "as_of": wanted.as_of,
        "before_at": wanted.before[0],
        "before_id": wanted.before[1],
        "limit": wanted.limit + 1,
    }
    mine = (_PROVIDES if caller.provides else _RECEIVES) if caller.is_sent_to else None
    return await rows(session, _listing(mine, referral_visible_to(caller)), parameters, dict_row)


@cache
def _listing(mine: str | None, visible: str) -> str:
    return for_driver(_SENT.format(visible=visible) if mine is None else _RECEIVED.format(mine=mine, visible=visible))


def following(wanted: Wanted, found: Sequence[Mapping[str, Any]]) -> str | None:
    """Return where the next page starts: after the last row shown, at the instant the list was begun."""
    if len(found) <= wanted.limit:
        return None
    last = found[wanted.limit - 1]
    stands_at = last["sort_at"].isoformat() if last["sort_at"] else "infinity"
    return cursors.encode(wanted.as_of.isoformat(), stands_at, str(last["id"]))
