"""A CAS3 booking: what may be done to it, and what becomes of it when something happens to the person.

Its nights are counted in `booking_nights`. Nothing here is refused for being too many nights: that is warned of, and a
longer stay is recorded as authorised or not.
"""

import datetime
from dataclasses import dataclass, replace
from enum import StrEnum

from service.conflicts import TransitionNotAllowed
from service.domain.person_events import RECALLS, EventKind
from service.errors import FieldError

Day = datetime.date
PACK = "cas3"
OLDEST_ARRIVAL = datetime.timedelta(days=14)  # an arrival is recorded within a fortnight


class Status(StrEnum):
    """Where a booking is."""

    PROVISIONAL = "provisional"
    CONFIRMED = "confirmed"
    ARRIVED = "arrived"
    DEPARTED = "departed"
    CANCELLED = "cancelled"


class Act(StrEnum):
    """What is done to a booking; the last three follow from what happened to the person or to the referral."""

    BOOKING = "booking"
    CONFIRMATION = "confirmation"
    ARRIVAL = "arrival"
    EXTENSION = "extension"
    DEPARTURE = "departure"
    CANCELLATION = "cancellation"
    PERSON_EVENT = "person_event"
    REFERRAL_ENDED = "referral_ended"
    MERGE = "merge"


PLANNED = frozenset({Status.PROVISIONAL, Status.CONFIRMED})
# The table. Arriving again corrects the day of arrival, leaving again the day of leaving, cancelling again the reason.
TRANSITIONS: dict[tuple[Act, Status], Status] = {
    (Act.CONFIRMATION, Status.PROVISIONAL): Status.CONFIRMED,
    (Act.ARRIVAL, Status.CONFIRMED): Status.ARRIVED,
    (Act.ARRIVAL, Status.ARRIVED): Status.ARRIVED,
    (Act.EXTENSION, Status.ARRIVED): Status.ARRIVED,
    (Act.DEPARTURE, Status.ARRIVED): Status.DEPARTED,
    (Act.DEPARTURE, Status.DEPARTED): Status.DEPARTED,
    (Act.CANCELLATION, Status.PROVISIONAL): Status.CANCELLED,
    (Act.CANCELLATION, Status.CONFIRMED): Status.CANCELLED,
    (Act.CANCELLATION, Status.CANCELLED): Status.CANCELLED,
}
# The coded reasons with which what happened to the person ends a booking (those of CAS3, and one of our own).
RECALLED, RECALLED_BEFORE, DIED = "bed_withdrawn_recall_or_breach", "did_not_arrive_arrested_or_recalled", "died"
MERGED = "merged_duplicate"


@dataclass(frozen=True, slots=True)
class Booking:
    """A bed for a person from the night of `arrival_on` to the day of leaving; in `sentence`, an event's number."""

    status: Status
    arrival_on: Day
    departure_on: Day
    sentence: str = ""
    end_reason: str | None = None
    overstay_authorised: bool | None = None
    overstay_reason: str | None = None

    @property
    def is_held(self) -> bool:
        """Whether the bed is, was or is to be the person's."""
        return self.status is not Status.CANCELLED


def require_allowed(act: Act, status: Status) -> None:
    """Refuse what is not done to a booking in its status: TransitionNotAllowed, naming what is."""
    if (act, status) not in TRANSITIONS:
        allowed = [str(one) for one, from_status in TRANSITIONS if from_status is status]
        raise TransitionNotAllowed("The booking's status does not allow this.", status_now=str(status), allowed=allowed)


def moved(booking: Booking, act: Act, *, arrival_on: Day | None = None, departure_on: Day | None = None) -> Booking:
    """Return a booking as an allowed act leaves it, with the days that the act names."""
    return replace(
        booking,
        status=TRANSITIONS[act, booking.status],
        arrival_on=arrival_on or booking.arrival_on,
        departure_on=departure_on or booking.departure_on,
    )


def faults_in_booking(arrival_on: Day, departure_on: Day, today: Day) -> list[FieldError]:
    """Return what is wrong with the days of a new booking: one night at least, and not all of it gone by."""
    if departure_on <= arrival_on:
        return [FieldError("/departure_on", "not-after-arrival", "The day of leaving comes after that of arriving.")]
    if departure_on < today:
        return [FieldError("/departure_on", "in-the-past", "This booking would be over already.")]
    return []


def faults_in_arrival(arrived_on: Day, departure_on: Day, today: Day) -> list[FieldError]:
    """Return what is wrong with a day of arrival, the first time and whenever it is changed."""
    if arrived_on > today:
        return [FieldError("/arrived_on", "in-the-future", "Nobody arrives on a day to come.")]
    if arrived_on < today - OLDEST_ARRIVAL:
        return [FieldError("/arrived_on", "too-long-ago", f"Record it within {OLDEST_ARRIVAL.days} days.")]
    if departure_on < arrived_on:
        return [FieldError("/departure_on", "before-arrival", "The day of leaving lies before that of arriving.")]
    return []


def faults_in_extension(booking: Booking, departure_on: Day, today: Day) -> list[FieldError]:
    """Return what is wrong with a new day of leaving, later or earlier than the one before."""
    if departure_on < booking.arrival_on:
        return [FieldError("/departure_on", "before-arrival", "The day of leaving lies before that of arriving.")]
    if departure_on < today:
        return [FieldError("/departure_on", "in-the-past", "Record a departure instead: this day has gone by.")]
    return []


def faults_in_departure(booking: Booking, departed_on: Day, today: Day) -> list[FieldError]:
    """Return what is wrong with the day on which somebody left."""
    if departed_on > today:
        return [FieldError("/departed_on", "in-the-future", "Nobody leaves on a day to come: extend or shorten it.")]
    if departed_on < booking.arrival_on:
        return [FieldError("/departed_on", "before-arrival", "Nobody leaves before they came.")]
    return []


def follow(booking: Booking, event: EventKind, on: Day) -> Booking:
    """Return what a death or a recall makes of a booking; the same booking where it makes nothing of it.

    A fixed-term recall leaves what is only planned as it is: the referral waits, and goes on when the person is out.
    """
    planned = booking.status in PLANNED
    if event is EventKind.DEATH:
        return _cancelled(booking, DIED) if planned else _left(booking, on, DIED)
    if event not in RECALLS:
        return booking
    if planned:
        stays = event is EventKind.RECALL_FIXED_TERM
        return booking if stays else _cancelled(booking, RECALLED_BEFORE)
    return booking if on < booking.arrival_on else _left(booking, on, RECALLED)


def end_with_referral(booking: Booking, reason: str | None, on: Day, *, over: bool) -> Booking:
    """Return what is left of a booking whose referral ended otherwise: nothing planned; `over`: nobody in it."""
    if booking.status in PLANNED:
        return _cancelled(booking, reason)
    return _left(booking, on, reason) if over else booking


def _cancelled(booking: Booking, reason: str | None) -> Booking:
    return replace(booking, status=Status.CANCELLED, end_reason=reason)


def _left(booking: Booking, on: Day, reason: str | None) -> Booking:
    if booking.status is not Status.ARRIVED:
        return booking
    return replace(booking, status=Status.DEPARTED, departure_on=max(on, booking.arrival_on), end_reason=reason)


# How sure a booking is, for which of two in the way of each other stays when two cases of one person are merged.
_SURENESS = (Status.CANCELLED, Status.PROVISIONAL, Status.CONFIRMED, Status.DEPARTED, Status.ARRIVED)


def overlap(one: Booking, other: Booking) -> bool:
    """Whether two bookings hold the same night (the database's constraint says the same)."""
    both_held = one.is_held and other.is_held
    return both_held and max(one.arrival_on, other.arrival_on) < min(one.departure_on, other.departure_on)


def gives_way(moving: Booking, staying: Booking) -> bool:
    """Whether of two bookings for the same night the one of the case that is merged away is cancelled."""
    return _SURENESS.index(moving.status) <= _SURENESS.index(staying.status)


def without_the_other(booking: Booking) -> Booking:
    """Return a booking that was the same person's, made twice."""
    return _cancelled(booking, MERGED)
