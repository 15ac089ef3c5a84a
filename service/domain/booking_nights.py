"""CAS3 nights: calendar nights, the night of arrival counted and the day of leaving not.

The rule is 84 nights for each booking. Nights are shown for the bookings of a sentence together as well. Either is only
ever a warning, ahead of the end and after it.
"""

import datetime
from collections.abc import Iterable
from dataclasses import dataclass
from enum import StrEnum

from service.domain.bookings import Booking, Day, Status
from service.domain.calendar import days_after
from service.errors import FieldError


@dataclass(frozen=True, slots=True)
class Limits:
    """How many nights the rule allows, and how many days ahead of an end it is warned of."""

    nights: int = 84
    warn_days: int = 28


@dataclass(frozen=True, slots=True)
class Count:
    """Nights of one booking or of several: those booked, and how many of them are slept."""

    booked: int
    slept: int
    limit: int

    @property
    def left(self) -> int:
        """How many nights the rule would still allow."""
        return max(0, self.limit - self.booked)

    @property
    def over(self) -> int:
        """How many nights are booked beyond the rule."""
        return max(0, self.booked - self.limit)


class NightWarning(StrEnum):
    """What to look at, and why: never a refusal."""

    ENDS_SOON = "ends_soon"
    DEPARTURE_NOT_RECORDED = "departure_not_recorded"
    LIMIT_NEAR = "limit_near"
    OVER_LIMIT = "over_limit"
    OVERSTAY_NOT_AUTHORISED = "overstay_not_authorised"
    SENTENCE_LIMIT_NEAR = "sentence_limit_near"
    SENTENCE_OVER_LIMIT = "sentence_over_limit"


def leaves_on(booking: Booking, today: Day) -> Day:
    """Return the day a booking is counted to: while nobody has recorded that they left, today at the earliest."""
    return max(booking.departure_on, today) if booking.status is Status.ARRIVED else booking.departure_on


def nights(booking: Booking, today: Day) -> int:
    """Return the nights of a booking, planned or slept; none of one that was cancelled."""
    return (leaves_on(booking, today) - booking.arrival_on).days if booking.is_held else 0


def slept(booking: Booking, today: Day) -> int:
    """Return the nights slept by a day; the night after it is not slept yet."""
    if booking.status not in {Status.ARRIVED, Status.DEPARTED}:
        return 0
    return max(0, (min(today, leaves_on(booking, today)) - booking.arrival_on).days)


def count(bookings: Iterable[Booking], today: Day, limits: Limits) -> Count:
    """Return the nights of bookings taken together."""
    known = list(bookings)
    booked = sum(nights(booking, today) for booking in known)
    return Count(booked, sum(slept(booking, today) for booking in known), limits.nights)


def warnings(booking: Booking, of_sentence: Count, today: Day, limits: Limits) -> list[NightWarning]:
    """Return what to look at in a booking that is not over; `of_sentence` is the count of all of that sentence."""
    if booking.status in {Status.DEPARTED, Status.CANCELLED}:
        return []
    own = count([booking], today, limits)
    last = days_after(booking.arrival_on, limits.nights)
    found = {
        NightWarning.ENDS_SOON: _within(booking.departure_on, today, limits),
        NightWarning.DEPARTURE_NOT_RECORDED: booking.departure_on < today,
        NightWarning.LIMIT_NEAR: not own.over and _within(last, today, limits),
        NightWarning.OVER_LIMIT: own.over > 0,
        NightWarning.OVERSTAY_NOT_AUTHORISED: own.over > 0 and not booking.overstay_authorised,
        NightWarning.SENTENCE_LIMIT_NEAR: not of_sentence.over
        and of_sentence.limit - of_sentence.slept <= limits.warn_days,
        NightWarning.SENTENCE_OVER_LIMIT: of_sentence.over > 0,
    }
    arrived = booking.status is Status.ARRIVED
    before_arriving = {NightWarning.OVER_LIMIT, NightWarning.OVERSTAY_NOT_AUTHORISED, NightWarning.SENTENCE_OVER_LIMIT}
    return [warning for warning, holds in found.items() if holds and (arrived or warning in before_arriving)]


def _within(day: Day, today: Day, limits: Limits) -> bool:
    return today <= day <= today + datetime.timedelta(days=limits.warn_days)


def faults_in_overstay(booking: Booking, authorised: bool | None, today: Day, limits: Limits) -> list[FieldError]:
    """Return what is wrong with the word on a longer stay: it is said whether it is authorised, and of no other stay.

    The stay itself is never refused.
    """
    over = count([booking], today, limits).over
    if over and authorised is None:
        detail = f"This is {over} nights over the limit of {limits.nights}: say whether that is authorised."
        return [FieldError("/overstay/authorised", "missing", detail)]
    if not over and authorised is not None:
        return [FieldError("/overstay", "not-over", f"This stay is within the limit of {limits.nights} nights.")]
    return []
