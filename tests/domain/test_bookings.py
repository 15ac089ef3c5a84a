"""What may be done to a CAS3 booking, which days it takes, and what a recall, a death or a merge makes of it."""

import datetime
from typing import Any

import pytest

from service.catalogue.reasons import reasons
from service.conflicts import TransitionNotAllowed
from service.domain import bookings
from service.domain.bookings import DIED, RECALLED, RECALLED_BEFORE, Act, Booking, Status
from service.domain.person_events import EventKind

TODAY = datetime.date(2026, 11, 23)


def day(offset: int) -> datetime.date:
    return TODAY + datetime.timedelta(days=offset)


def booking(status: str = "arrived", arrival: int = -10, departure: int = 30, **more: Any) -> Booking:
    return Booking(Status(status), day(arrival), day(departure), **more)


@pytest.mark.parametrize(
    ("act", "allowed"),
    [
        (Act.CONFIRMATION, {"provisional"}),
        (Act.ARRIVAL, {"confirmed", "arrived"}),
        (Act.EXTENSION, {"arrived"}),
        (Act.DEPARTURE, {"arrived", "departed"}),
        (Act.CANCELLATION, {"provisional", "confirmed", "cancelled"}),
    ],
)
@pytest.mark.parametrize("status", list(Status))
def test_each_act_is_done_where_the_real_service_does_it(act: Act, allowed: set[str], status: Status) -> None:
    if status in allowed:
        bookings.require_allowed(act, status)
    else:
        with pytest.raises(TransitionNotAllowed):
            bookings.require_allowed(act, status)


@pytest.mark.parametrize(
    ("arrival", "departure", "codes"),
    [
        (0, 1, []),
        (5, 89, []),
        (-3, 0, []),
        (-3, -1, ["in-the-past"]),
        (4, 4, ["not-after-arrival"]),
        (4, 3, ["not-after-arrival"]),
    ],
)
def test_a_new_booking_has_a_night_and_is_not_over(arrival: int, departure: int, codes: list[str]) -> None:
    assert [fault.code for fault in bookings.faults_in_booking(day(arrival), day(departure), TODAY)] == codes


@pytest.mark.parametrize(
    ("arrived", "departure", "codes"),
    [(0, 84, []), (-14, 5, []), (-15, 5, ["too-long-ago"]), (1, 5, ["in-the-future"]), (-1, -2, ["before-arrival"])],
)
def test_an_arrival_is_of_the_last_fortnight_the_first_time_and_when_it_is_changed(
    arrived: int, departure: int, codes: list[str]
) -> None:
    assert [fault.code for fault in bookings.faults_in_arrival(day(arrived), day(departure), TODAY)] == codes


@pytest.mark.parametrize(("until", "codes"), [(0, []), (400, []), (-1, ["in-the-past"]), (-11, ["before-arrival"])])
def test_a_stay_is_extended_or_shortened_but_not_into_the_past(until: int, codes: list[str]) -> None:
    assert [fault.code for fault in bookings.faults_in_extension(booking(), day(until), TODAY)] == codes


@pytest.mark.parametrize(("left", "codes"), [(0, []), (-10, []), (1, ["in-the-future"]), (-11, ["before-arrival"])])
def test_nobody_leaves_before_they_came_nor_tomorrow(left: int, codes: list[str]) -> None:
    assert [fault.code for fault in bookings.faults_in_departure(booking(), day(left), TODAY)] == codes


@pytest.mark.parametrize(
    ("status", "event", "expected"),
    [
        ("arrived", EventKind.RECALL_FIXED_TERM, ("departed", -2, RECALLED)),
        ("arrived", EventKind.RECALL_STANDARD, ("departed", -2, RECALLED)),
        ("arrived", EventKind.DEATH, ("departed", -2, DIED)),
        ("arrived", EventKind.TRANSFER, ("arrived", 30, None)),
        ("confirmed", EventKind.RECALL_FIXED_TERM, ("confirmed", 30, None)),
        ("confirmed", EventKind.RECALL_STANDARD, ("cancelled", 30, RECALLED_BEFORE)),
        ("provisional", EventKind.DEATH, ("cancelled", 30, DIED)),
        ("departed", EventKind.DEATH, ("departed", 30, None)),
        ("cancelled", EventKind.RECALL_STANDARD, ("cancelled", 30, None)),
    ],
)
def test_what_happens_to_the_person_ends_the_nights(
    status: str, event: EventKind, expected: tuple[str, int, str | None]
) -> None:
    after = bookings.follow(booking(status), event, day(-2))

    assert (after.status, after.departure_on, after.end_reason) == (expected[0], day(expected[1]), expected[2])


def test_a_recall_from_before_the_arrival_ends_no_stay_that_began_after_it() -> None:
    assert bookings.follow(booking(), EventKind.RECALL_STANDARD, day(-11)) == booking()


@pytest.mark.parametrize(
    ("status", "over", "expected"),
    [
        ("provisional", False, ("cancelled", 30)),
        ("confirmed", True, ("cancelled", 30)),
        ("arrived", False, ("arrived", 30)),
        ("arrived", True, ("departed", 0)),
        ("departed", True, ("departed", 30)),
    ],
)
def test_a_referral_that_ends_takes_what_was_booked_with_it(status: str, over: bool, expected: tuple[str, int]) -> None:
    after = bookings.end_with_referral(booking(status), "withdrawn", TODAY, over=over)

    assert (after.status, after.departure_on) == (expected[0], day(expected[1]))


def test_the_surer_of_two_bookings_for_one_night_stays_when_cases_are_merged() -> None:
    assert bookings.overlap(booking(), booking("confirmed", 29, 40))
    assert not bookings.overlap(booking(), booking("confirmed", 30, 40))
    assert not bookings.overlap(booking(), booking("cancelled"))
    assert bookings.gives_way(booking("confirmed"), booking("arrived"))
    assert bookings.gives_way(booking("confirmed"), booking("confirmed"))
    assert not bookings.gives_way(booking("arrived"), booking("departed"))


def test_the_reasons_given_here_are_those_of_the_catalogue() -> None:
    cas3 = reasons().packs["cas3"]

    assert {RECALLED, DIED} <= set(cas3.offered("outcome"))
    assert RECALLED_BEFORE in cas3.offered("cancellation")
