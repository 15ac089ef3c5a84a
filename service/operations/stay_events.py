"""What a death, a recall, a re-release or a merge makes of a person's open stay."""

import datetime

from service.access.callers import Caller
from service.db import Session
from service.domain import stays as domain
from service.domain.calendar import british_day
from service.domain.person_events import EventKind, Happening
from service.domain.stays import Act, Status, Stay
from service.operations.stays import Change, Row, write_step
from service.store import stays as store

_FURTHEST_FIRST = (Status.IN_RESIDENCE, Status.SUSPENDED, Status.EXPECTED)


async def follow_event(session: Session, crn: str, event: Happening, caller: Caller, now: datetime.datetime) -> None:
    """End, suspend or leave the open stay of a locked case, as a death or a recall asks."""
    for row in (await store.lock_open_stays(session, crn)).values():
        stay = store.as_stay(row)
        after = domain.follow(stay, event.kind, event.happened_on, event.re_release_on)
        act = Act.DEATH if event.kind is EventKind.DEATH else Act.RECALL
        days = {"happened_on": event.happened_on, "re_release_on": event.re_release_on}
        await _write(session, row, stay, Change(act, after, after.end_reason, details=days), caller, now)


async def note_re_release(
    session: Session, crn: str, on: datetime.date, caller: Caller, now: datetime.datetime
) -> None:
    """Start the clock of a suspended stay again from the day of re-release."""
    for row in (await store.lock_open_stays(session, crn)).values():
        stay = store.as_stay(row)
        change = Change(Act.RE_RELEASE, domain.note_re_release(stay, on), details={"re_release_on": on})
        await _write(session, row, stay, change, caller, now)


async def merge_stays(session: Session, crn: str, survivor: str, caller: Caller, now: datetime.datetime) -> None:
    """Move the stays of one locked case to another; of two open ones the further on stays, else the survivor's."""
    found = await store.lock_open_stays(session, *sorted((crn, survivor)))
    moving, staying = found.get(crn), found.get(survivor)
    if moving and staying:
        further = _FURTHEST_FIRST.index(moving["status"]) < _FURTHEST_FIRST.index(staying["status"])
        given_up = staying if further else moving
        stay = store.as_stay(given_up)
        ended = domain.end(stay, Status.CANCELLED, british_day(now), domain.MERGED)
        await _write(session, given_up, stay, Change(Act.MERGE, ended, domain.MERGED), caller, now)
        moving = moving if further else None
    await store.move_stays(session, crn, survivor)
    if moving:
        change = Change(Act.MERGE, store.as_stay(moving))
        await write_step(session, {**moving, "crn": survivor}, change, moving["status"], caller, now)


async def _write(
    session: Session, row: Row, before: Stay, change: Change, caller: Caller, now: datetime.datetime
) -> None:
    if change.stay == before:
        return
    await store.save_stay(session, row, change.stay, now)
    await write_step(session, row, change, row["status"], caller, now)
