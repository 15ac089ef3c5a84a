"""What a housing team sends about a CAS3 booking, and what both sides see of it: nights, limits, warnings, steps."""

import datetime
import uuid
from collections.abc import Iterable, Mapping, Sequence
from typing import Annotated, Any

from pydantic import BaseModel, Field

from service.domain.booking_nights import Count, Limits, NightWarning, count, warnings
from service.domain.bookings import Act, Booking, Status
from service.domain.eligibility.facts import IsoDate
from service.schemas.referrals import Input
from service.schemas.texts import Code, ShortWords, Words

Sentence = Annotated[str, Field(pattern="^[A-Za-z0-9-]{1,20}$")]


class Overstay(Input):
    """The word on a stay over the limit: whether it is authorised. The stay itself is never refused."""

    authorised: bool = Field(strict=True)
    reason: Words | None = None


class BedBooked(Input):
    """A bed, from the night of arrival to the day of leaving, which is not slept."""

    place: ShortWords = Field(description="The property and the bed, as the housing team names them.")
    arrival_on: IsoDate
    departure_on: IsoDate
    sentence: Sentence | None = Field(
        default=None, description="The number of the sentence's event; that of what was sent unless given."
    )
    overstay: Overstay | None = None
    note: Words | None = None


class Confirmation(Input):
    """That the bed is held."""

    note: Words | None = None


class Arrival(Input):
    """The day the person came, at most a fortnight ago; the planned day of leaving stays unless another is given."""

    arrived_on: IsoDate
    departure_on: IsoDate | None = None
    overstay: Overstay | None = None
    note: Words | None = None


class Extension(Input):
    """A later or an earlier day of leaving."""

    departure_on: IsoDate
    overstay: Overstay | None = None
    note: Words | None = None


class Departure(Input):
    """The day the person left, and why."""

    departed_on: IsoDate
    reason: Code = Field(description="A code of the outcomes of CAS3 from `GET /v1/life-cycle`.")
    overstay: Overstay | None = None
    note: Words | None = None


class Nights(BaseModel):
    """Nights by the rule: the night of arrival counts, the day of leaving does not."""

    booked: int
    slept: int
    limit: int
    left: int
    over: int


class SentenceNights(Nights):
    """The nights of every booking of one sentence together."""

    sentence: str
    bookings: int


class BookingShown(BaseModel):
    """A booking with its nights, those of its sentence, and what to look at: `warnings` never stand in the way."""

    id: uuid.UUID
    referral_id: uuid.UUID
    crn: str
    sentence: str
    place: str
    status: Status
    arrival_on: datetime.date
    departure_on: datetime.date
    first_arrival_on: datetime.date
    first_departure_on: datetime.date
    end_reason: str | None
    overstay_authorised: bool | None
    overstay_reason: str | None
    revision: int
    booked_by: str
    booked_at: datetime.datetime
    updated_at: datetime.datetime
    nights: Nights
    nights_of_sentence: SentenceNights
    warnings: list[NightWarning]


class BookingStepShown(BaseModel):
    """One change to a booking, and the days it had then."""

    act: Act
    from_status: Status | None
    to_status: Status
    arrival_on: datetime.date
    departure_on: datetime.date
    reason: str | None
    note: str | None
    overstay_authorised: bool | None
    overstay_reason: str | None
    revision: int
    actor: str
    at: datetime.datetime


class BookingWithSteps(BookingShown):
    """A booking and all that was done to it, the oldest first."""

    steps: list[BookingStepShown]


class BookingList(BaseModel):
    """Bookings by their first night, each with the nights of its sentence."""

    items: list[BookingShown]
    next: str | None


def nights(counted: Count) -> Nights:
    """Return a count as callers are shown it."""
    return Nights(booked=counted.booked, slept=counted.slept, limit=counted.limit, left=counted.left, over=counted.over)


class Ledger:
    """A person's bookings as they stand on a day, for what is shown of any of them."""

    def __init__(self, rows: Iterable[Mapping[str, Any]], today: datetime.date, limits: Limits) -> None:
        self.today, self.limits = today, limits
        self.rows = list(rows)
        self.bookings = {row["id"]: _booking(row) for row in self.rows}

    def of_sentence(self, sentence: str) -> SentenceNights:
        """Return the nights of every booking of a sentence that holds or held a bed."""
        held = self._held(sentence)
        counted = nights(count(held, self.today, self.limits))
        return SentenceNights(**counted.model_dump(), sentence=sentence, bookings=len(held))

    def _held(self, sentence: str) -> list[Booking]:
        return [booking for booking in self.bookings.values() if booking.sentence == sentence and booking.is_held]

    def shown(self, booking_id: uuid.UUID) -> BookingShown:
        """Return one of the bookings with its nights and warnings."""
        (row,) = [row for row in self.rows if row["id"] == booking_id]
        booking = self.bookings[booking_id]
        of_sentence = count(self._held(booking.sentence), self.today, self.limits)
        return BookingShown(
            **row,
            nights=nights(count([booking], self.today, self.limits)),
            nights_of_sentence=self.of_sentence(booking.sentence),
            warnings=warnings(booking, of_sentence, self.today, self.limits),
        )

    def listed(self, referral_id: uuid.UUID | None = None) -> BookingList:
        """Return the bookings, or those of one referral."""
        wanted = [row["id"] for row in self.rows if referral_id is None or row["referral_id"] == referral_id]
        return BookingList(items=[self.shown(booking) for booking in wanted], next=None)


def _booking(row: Mapping[str, Any]) -> Booking:
    names = ("arrival_on", "departure_on", "sentence", "end_reason", "overstay_authorised", "overstay_reason")
    return Booking(Status(row["status"]), **{name: row[name] for name in names})


def with_steps(shown: BookingShown, steps: Sequence[Mapping[str, Any]]) -> BookingWithSteps:
    """Return a booking with what was done to it."""
    return BookingWithSteps(**shown.model_dump(), steps=[BookingStepShown(**step) for step in steps])
