"""The move-on board's rows: each open stay with its referrals, plan, homes and outcomes, in one statement."""

import datetime
import uuid
from collections.abc import Mapping
from typing import Any

from sqlalchemy import RowMapping, text

from service.access.callers import Caller, Role
from service.db import Session
from service.domain.move_on import PACKS
from service.models.stays import OPEN
from service.store.circumstances import REFERRAL_FACTS
from service.store.reaches import CASES_IN_REACH
from service.store.stays import SHOWN_COLUMNS, SHOWN_FROM
from service.store.visibility import kept_from, placed_with, stay_visible_to

Row = dict[str, Any]
_CHANGED_AT = """
    GREATEST(s.opened_at, (SELECT max(w.at) FROM stay_step w WHERE w.stay_id = s.id),
             (SELECT max(r.updated_at) FROM referral r WHERE r.crn = s.crn AND r.pack = ANY(:packs)))
"""
# A plan, a home and an outcome are steps of the stay: nothing of it is changed or deleted.
_WRITTEN = """
    (SELECT COALESCE(jsonb_agg(jsonb_build_object('id', w.id, 'act', w.act, 'note', w.note, 'details', w.details,
                                                  'by', w.actor, 'at', w.at) ORDER BY w.revision), '[]')
     FROM stay_step w WHERE w.stay_id = s.id AND w.act IN ('plan', 'home', 'outcome'))
"""
# What the profile says that a deadline depends on. A profile is long: as a record it is unpacked once for each person.
_COUNCIL = ("duty_to_refer_made", "duty_to_refer_made_on", "duty_to_refer_outcome")
_PROFILE = f"""
    LEFT JOIN profile f ON f.crn = s.crn
    LEFT JOIN LATERAL jsonb_to_record(f.answers)
        AS said (move_on_plan jsonb, {", ".join(f"{item} jsonb" for item in _COUNCIL)}) ON TRUE
"""
# Of the plan only that there is one, and since when.
_PLANNED = """
    CASE WHEN said.move_on_plan -> 'value' <> 'null' THEN jsonb_set(said.move_on_plan, '{value}', 'true') END
"""


def _referrals(shown: str) -> str:
    """Return the SQL of a person's referrals for moving on, open or over, as far as a condition lets them be shown."""
    return f"""
    (SELECT COALESCE(jsonb_agg(jsonb_build_object(
            {REFERRAL_FACTS}, 'recipient_name', x.name,
            'asked_at', (SELECT min(q.asked_at) FROM referral_query q
                         WHERE q.referral_id = r.id AND q.answered_at IS NULL),
            'held_by', (SELECT jsonb_build_object('side', h.side, 'at', h.at) FROM passed_work h
                        WHERE h.referral_id = r.id AND h.question IS NULL ORDER BY h.id DESC LIMIT 1),
            'begins_on', (SELECT COALESCE(t.details ->> 'started_on', t.details ->> 'scheduled_on')
                          FROM referral_step t WHERE t.referral_id = r.id AND t.action IN ('scheduling', 'start')
                          ORDER BY t.id DESC LIMIT 1)) ORDER BY r.created_at, r.id), '[]')
     FROM referral r LEFT JOIN recipient x ON x.id = r.recipient_id
     WHERE r.crn = s.crn AND r.pack = ANY(:packs) AND {shown})
    """  # noqa: S608


def _answers(caller: Caller) -> str:
    """Return the SQL of what the profile says that a deadline depends on.

    What this service itself wrote there, of a referral it sent, would tell premises of one that is kept from them.
    """
    ours = 'CASE WHEN NOT said.{0} @> \'{{"source": "broker"}}\' THEN said.{0} END'
    form = ours if caller.role is Role.PREMISES else "said.{0}"
    council = ", ".join(f"'{item}', {form.format(item)}" for item in _COUNCIL)
    return f"jsonb_build_object('move_on_plan', {_PLANNED}, {council})"


def _selected(caller: Caller) -> str:
    shown = f"NOT {kept_from()}" if caller.role is Role.PREMISES else "TRUE"
    return f"""
        SELECT {SHOWN_COLUMNS}, p.region, {_referrals(shown)} AS referrals, {_WRITTEN} AS written,
               {_answers(caller)} AS answers, {_CHANGED_AT} AS changed_at
        {SHOWN_FROM} {_PROFILE}
    """


def _row(found: RowMapping) -> Row:
    """Return a row as it is read, with only those answers that there are."""
    said = {item: answer for item, answer in found["answers"].items() if answer is not None}
    return {**found, "answers": said}


def _named(caller: Caller, now: datetime.datetime, **more: Any) -> Row:
    return {**placed_with(caller, now), "packs": list(PACKS), "organisation": caller.organisation, **more}


async def board(
    session: Session, caller: Caller, now: datetime.datetime, narrowed: Mapping[str, str | None]
) -> list[Row]:
    """Return every open stay the caller may see, with all that its place on the board is derived from.

    `narrowed` to premises (`at`), their `region`, or the cases of one `practitioner`, each None for all.
    """
    reach = "s.premises_id = :premises" if caller.role is Role.PREMISES else f"s.crn IN ({CASES_IN_REACH})"
    statement = text(
        f"""
        {_selected(caller)}
        WHERE s.{OPEN} AND {reach} AND {stay_visible_to(caller)}
          AND (CAST(:at AS text) IS NULL OR s.premises_id = :at)
          AND (CAST(:region AS text) IS NULL OR p.region = :region)
          AND (CAST(:practitioner AS text) IS NULL OR EXISTS (
                SELECT FROM allocation n WHERE n.crn = s.crn AND n.ended_at IS NULL AND n.worker_id = :practitioner))
        """
    )
    connection = await session.connection()
    found = await connection.execute(statement, _named(caller, now, **narrowed))
    return [_row(row) for row in found.mappings()]


async def find_resident(session: Session, stay_id: uuid.UUID, caller: Caller, now: datetime.datetime) -> Row:
    """Return one stay the caller has been shown, open or ended, as the board has it."""
    connection = await session.connection()
    statement = text(f"{_selected(caller)} WHERE s.id = :id")
    return _row((await connection.execute(statement, _named(caller, now, id=stay_id))).mappings().one())
