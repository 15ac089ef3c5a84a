"""CAS3 bookings over HTTP: what the housing team records of a bed, and the nights both sides see."""

import uuid
from collections.abc import Awaitable, Callable
from typing import Annotated, Any

from fastapi import APIRouter, Depends, Response, status

from service.conflicts import (
    BedsOverlap,
    NotForThisPack,
    ReferralSuspended,
    TransitionNotAllowed,
    VersionNotReceived,
)
from service.domain.booking_nights import Limits
from service.domain.calendar import british_day
from service.errors import (
    NotFound,
    NotPermitted,
    Problem,
    RevisionStale,
)
from service.operations import bookings as operations
from service.operations import revisions
from service.routes.dependencies import (
    ActorDep,
    Now,
    Repeatable,
    SessionDep,
    SettingsDep,
    VisibleCase,
    VisibleReferral,
)
from service.routes.problems import problems_of
from service.routes.transactions import TransactionalRoute
from service.schemas.bookings import (
    Arrival,
    BedBooked,
    BookingList,
    BookingShown,
    BookingWithSteps,
    Confirmation,
    Departure,
    Extension,
    Ledger,
    with_steps,
)
from service.schemas.decisions import Reasoned
from service.store import bookings as store

router = APIRouter(route_class=TransactionalRoute, prefix="/v1", tags=["bookings"])
BOOKINGS = "/referrals/{referral_id}/bookings"
BOOKING = f"{BOOKINGS}/{{booking_id}}"
ALWAYS: tuple[type[Problem], ...] = (NotFound, NotPermitted, NotForThisPack, TransitionNotAllowed)
READ = problems_of(NotFound, NotPermitted)
BOOKED = problems_of(*ALWAYS, ReferralSuspended, BedsOverlap)
CHANGED = problems_of(*ALWAYS, RevisionStale)
MOVED = problems_of(*ALWAYS, RevisionStale, BedsOverlap)
BEGUN = problems_of(*ALWAYS, RevisionStale, BedsOverlap, ReferralSuspended, VersionNotReceived)


async def _limits(settings: SettingsDep) -> Limits:
    return Limits(settings.cas3_nights, settings.cas3_warning_days)


LimitsDep = Annotated[Limits, Depends(_limits)]


async def _shown(
    session: SessionDep, limits: LimitsDep, now: Now, response: Response
) -> Callable[[dict[str, Any]], Awaitable[BookingShown]]:
    """Give the handler what shows a booking among all of the person's, whose nights count together."""

    async def shown(booking: dict[str, Any]) -> BookingShown:
        response.headers["ETag"] = revisions.etag(booking["revision"])
        ledger = Ledger(await store.bookings_of_person(session, booking["crn"]), british_day(now), limits)
        return ledger.shown(booking["id"])

    return shown


Shown = Annotated[Callable[[dict[str, Any]], Awaitable[BookingShown]], Depends(_shown)]


@router.post(BOOKINGS, status_code=status.HTTP_201_CREATED, responses=BOOKED)
async def book_bed(
    referral: VisibleReferral,
    session: SessionDep,
    actor: ActorDep,
    body: BedBooked,
    limits: LimitsDep,
    shown: Shown,
    _repeat: Repeatable,
) -> BookingShown:
    """Book a bed provisionally for an accepted CAS3 referral. Too many nights are warned of, never refused."""
    return await shown(await operations.book_bed(session, referral, body, limits, actor))


@router.get(BOOKINGS, responses=READ)
async def list_bookings(referral: VisibleReferral, session: SessionDep, limits: LimitsDep, now: Now) -> BookingList:
    """List a referral's bookings, each with the nights of its sentence across all of the person's bookings."""
    rows = await store.bookings_of_person(session, referral["crn"])
    return Ledger(rows, british_day(now), limits).listed(referral["id"])


@router.get(BOOKING, responses=READ)
async def read_booking(
    referral: VisibleReferral, booking_id: uuid.UUID, session: SessionDep, shown: Shown
) -> BookingWithSteps:
    """Read a booking with all that was done to it."""
    booking = await operations.read_booking(session, referral, booking_id)
    return with_steps(await shown(booking), await store.steps_of(session, booking_id))


@router.post(f"{BOOKING}/confirmation", responses=BEGUN)
async def confirm_booking(
    referral: VisibleReferral,
    booking_id: uuid.UUID,
    session: SessionDep,
    actor: ActorDep,
    limits: LimitsDep,
    shown: Shown,
    _repeat: Repeatable,
    body: Confirmation | None = None,
) -> BookingShown:
    """Confirm a provisional booking, once. The referral is then booked."""
    note = body.note if body else None
    return await shown(await operations.confirm_booking(session, referral, booking_id, note, limits, actor))


@router.post(f"{BOOKING}/arrival", responses=BEGUN)
async def record_booking_arrival(
    referral: VisibleReferral,
    booking_id: uuid.UUID,
    session: SessionDep,
    actor: ActorDep,
    body: Arrival,
    limits: LimitsDep,
    shown: Shown,
    _repeat: Repeatable,
) -> BookingShown:
    """Record that the person came, at most a fortnight ago. Do it again to correct the day: it is tested again."""
    return await shown(await operations.record_arrival(session, referral, booking_id, body, limits, actor))


@router.post(f"{BOOKING}/extension", responses=MOVED)
async def extend_booking(
    referral: VisibleReferral,
    booking_id: uuid.UUID,
    session: SessionDep,
    actor: ActorDep,
    body: Extension,
    limits: LimitsDep,
    shown: Shown,
    _repeat: Repeatable,
) -> BookingShown:
    """Move the day of leaving, later or earlier. Over the limit, say whether the longer stay is authorised."""
    return await shown(await operations.extend_booking(session, referral, booking_id, body, limits, actor))


@router.post(f"{BOOKING}/departure", responses=MOVED)
async def record_booking_departure(
    referral: VisibleReferral,
    booking_id: uuid.UUID,
    session: SessionDep,
    actor: ActorDep,
    body: Departure,
    limits: LimitsDep,
    shown: Shown,
    _repeat: Repeatable,
) -> BookingShown:
    """Record that the person left, and why. With no other bed booked for them the referral is then complete."""
    return await shown(await operations.record_departure(session, referral, booking_id, body, limits, actor))


@router.post(f"{BOOKING}/cancellation", responses=CHANGED)
async def cancel_booking(
    referral: VisibleReferral,
    booking_id: uuid.UUID,
    session: SessionDep,
    actor: ActorDep,
    body: Reasoned,
    limits: LimitsDep,
    shown: Shown,
    _repeat: Repeatable,
) -> BookingShown:
    """Cancel what was booked, or say that the person did not come. The referral is then accepted, as before."""
    given = (body.reason, body.note)
    return await shown(await operations.cancel_booking(session, referral, booking_id, given, limits, actor))


@router.get("/cases/{crn}/bookings", responses=READ)
async def list_case_bookings(case: VisibleCase, session: SessionDep, limits: LimitsDep, now: Now) -> BookingList:
    """List a person's CAS3 bookings on every referral, each with the nights of its sentence together."""
    return Ledger(await store.bookings_of_person(session, case["crn"]), british_day(now), limits).listed()
