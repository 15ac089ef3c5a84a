"""What becomes of a person's CAS3 bookings when something happens to them, to their referral or to their case."""

import datetime
from collections.abc import Mapping, Sequence
from typing import Any

from service.access.callers import Caller
from service.db import Session
from service.domain import bookings as domain
from service.domain.bookings import Act, Booking, Status
from service.domain.calendar import british_day
from service.domain.lifecycle import Action
from service.domain.person_events import Happening
from service.operations.actors import Doer
from service.store import bookings as store
from service.store import events

Row = Mapping[str, Any]
# Acts on a referral that leave nothing of what was booked for it; after the last of them nobody is in the bed either.
ENDS_BOOKINGS = frozenset({Action.CANCELLATION, Action.REJECTION, Action.WITHDRAWAL, Action.EXPIRY, Action.OUTCOME})


def booking_of(row: Row) -> Booking:
    """Return a stored booking as the decisions take it."""
    return Booking(
        status=Status(row["status"]),
        arrival_on=row["arrival_on"],
        departure_on=row["departure_on"],
        sentence=row["sentence"],
        end_reason=row["end_reason"],
        overstay_authorised=row["overstay_authorised"],
        overstay_reason=row["overstay_reason"],
    )


def row_with(row: Row, booking: Booking) -> dict[str, Any]:
    """Return a stored booking as a decision leaves it."""
    names = ("arrival_on", "departure_on", "end_reason", "overstay_authorised", "overstay_reason")
    return {**row, "status": str(booking.status), **{name: getattr(booking, name) for name in names}}


async def keep(session: Session, before: Row, after: Row, act: Act, doer: Caller, now: datetime.datetime) -> None:
    """Write a booking that changed, and the step that changed it."""
    revision = await store.save(session, after, now)
    step = {**after, "act": str(act), "from_status": before["status"], "revision": revision, "note": after.get("note")}
    await store.append_step(session, step, by=doer.worker, role=str(doer.role), now=now)
    thin = {"about": str(after["id"]), "status": after["status"], "reason": after["end_reason"]}
    await events.append(session, after["crn"], f"booking.{act}", str(after["referral_id"]), thin, now)


async def follow_event(session: Session, crn: str, event: Happening, caller: Caller, now: datetime.datetime) -> None:
    """Let a death or a recall end what the person had booked, in the event's own transaction."""
    for row in await store.lock_bookings(session, [crn]):
        await _follow(session, row, domain.follow(booking_of(row), event.kind, event.happened_on), caller, now)


async def _follow(session: Session, row: Row, after: Booking, caller: Caller, now: datetime.datetime) -> None:
    if after != booking_of(row):
        await keep(session, row, row_with(row, after), Act.PERSON_EVENT, caller, now)


async def follow_decision(session: Session, referral: Row, action: Action, reason: str | None, actor: Doer) -> None:
    """Let what is done to a CAS3 referral itself end what was booked for it; nothing for another pack or act."""
    if referral["pack"] != domain.PACK or action not in ENDS_BOOKINGS:
        return
    for row in await store.bookings_of_referral(session, referral["id"]):
        before = booking_of(row)
        over = action is Action.OUTCOME
        after = domain.end_with_referral(before, reason, british_day(actor.now), over=over)
        if after != before:
            await keep(session, row, row_with(row, after), Act.REFERRAL_ENDED, actor.caller, actor.now)


async def merge_bookings(session: Session, crn: str, survivor: str, caller: Caller, now: datetime.datetime) -> None:
    """Move every booking of a case to the surviving one; of two for one night the less sure one is cancelled."""
    rows = await store.lock_bookings(session, [crn, survivor])
    staying = [row for row in rows if row["crn"] == survivor]
    for moving in (row for row in rows if row["crn"] == crn):
        after = await _make_room(session, moving, staying, caller, now)
        await keep(session, moving, {**row_with(moving, after), "crn": survivor}, Act.MERGE, caller, now)


async def _make_room(
    session: Session, moving: Row, staying: Sequence[Row], caller: Caller, now: datetime.datetime
) -> Booking:
    """Return the moving booking as it may stand beside the others, which give way where they are less sure."""
    mine = booking_of(moving)
    in_the_way = [row for row in staying if domain.overlap(mine, booking_of(row))]
    if any(domain.gives_way(mine, booking_of(row)) for row in in_the_way):
        return domain.without_the_other(mine)
    for row in in_the_way:
        await keep(session, row, row_with(row, domain.without_the_other(booking_of(row))), Act.MERGE, caller, now)
    return mine
