"""CAS3 nights: counted as somebody would on a calendar, whatever was done to the bookings; warned of, never refused."""

import datetime
from dataclasses import dataclass, field, replace
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from service.domain import booking_nights, bookings
from service.domain.booking_nights import Limits, NightWarning
from service.domain.bookings import Act, Booking, Status
from service.domain.person_events import EventKind

TODAY = datetime.date(2026, 11, 23)
LIMITS = Limits()


def day(offset: int) -> datetime.date:
    return TODAY + datetime.timedelta(days=offset)


def booking(status: str = "arrived", arrival: int = -10, departure: int = 30, **more: Any) -> Booking:
    return Booking(Status(status), day(arrival), day(departure), **more)


def counted(*known: Booking, on: int = 0) -> tuple[int, int]:
    found = booking_nights.count(known, day(on), LIMITS)
    return found.booked, found.slept


@pytest.mark.parametrize(
    ("known", "expected"),
    [
        ([booking("provisional", 3, 87)], (84, 0)),
        ([booking("arrived", 0, 84)], (84, 0)),
        ([booking("arrived", -1, 83)], (84, 1)),
        ([booking("departed", -5, -5)], (0, 0)),  # who leaves on the day they came slept no night
        ([booking("departed", -90, -6)], (84, 84)),
        ([booking("cancelled", -90, 30)], (0, 0)),
        ([booking("arrived", -90, -6)], (90, 90)),  # nobody has said that they left
        ([booking("departed", -20, -10), booking("arrived", -10, 5), booking("confirmed", 5, 9)], (29, 20)),
    ],
)
def test_the_night_of_arrival_counts_and_the_day_of_leaving_does_not(
    known: list[Booking], expected: tuple[int, int]
) -> None:
    assert counted(*known) == expected


def test_a_change_of_clocks_is_neither_a_night_more_nor_less() -> None:
    spring = Booking(Status.DEPARTED, datetime.date(2027, 3, 27), datetime.date(2027, 3, 29))
    autumn = Booking(Status.DEPARTED, datetime.date(2026, 10, 24), datetime.date(2026, 10, 26))

    assert [booking_nights.nights(one, TODAY) for one in (spring, autumn)] == [2, 2]


def warned(held: Booking, *others: Booking, limits: Limits = LIMITS) -> list[str]:
    of_sentence = booking_nights.count([held, *others], TODAY, limits)
    return [str(warning) for warning in booking_nights.warnings(held, of_sentence, TODAY, limits)]


@pytest.mark.parametrize(
    ("held", "others", "expected"),
    [
        (booking("arrived", -10, 29), [], []),
        (booking("arrived", -10, 28), [], ["ends_soon"]),
        (booking("arrived", -10, -1), [], ["departure_not_recorded"]),
        (booking("arrived", -56, 28), [], ["ends_soon", "limit_near", "sentence_limit_near"]),
        (booking("arrived", -20, 65), [], ["over_limit", "overstay_not_authorised", "sentence_over_limit"]),
        (booking("arrived", -20, 65, overstay_authorised=True), [], ["over_limit", "sentence_over_limit"]),
        (
            booking("arrived", -20, 65, overstay_authorised=False),
            [],
            ["over_limit", "overstay_not_authorised", "sentence_over_limit"],
        ),
        (booking("arrived", -10, 40), [booking("departed", -90, -50)], ["sentence_over_limit"]),
        (booking("arrived", -10, 30), [booking("departed", -96, -50)], ["sentence_over_limit"]),
        (booking("arrived", -10, 32), [booking("departed", -90, -49)], []),
        (booking("provisional", 5, 100), [], ["over_limit", "overstay_not_authorised", "sentence_over_limit"]),
        (booking("confirmed", 2, 20), [], []),
        (booking("departed", -100, -1), [], []),
        (booking("cancelled", 5, 100), [], []),
    ],
)
def test_what_is_warned_of_and_when(held: Booking, others: list[Booking], expected: list[str]) -> None:
    assert warned(held, *others) == expected


def test_the_limit_and_how_far_ahead_it_is_warned_of_can_be_set() -> None:
    held = booking("arrived", -10, 20)

    assert warned(held, limits=Limits(nights=56, warn_days=7)) == []
    assert warned(held, limits=Limits(nights=29, warn_days=7)) == [
        "over_limit", "overstay_not_authorised", "sentence_over_limit",
    ]  # fmt: skip


@pytest.mark.parametrize(
    ("departure", "authorised", "codes"),
    [(74, None, []), (75, None, ["missing"]), (75, True, []), (75, False, []), (74, True, ["not-over"])],
)
def test_a_longer_stay_is_said_to_be_authorised_or_not_and_is_never_refused(
    departure: int, authorised: bool | None, codes: list[str]
) -> None:
    faults = booking_nights.faults_in_overstay(booking("arrived", -10, departure), authorised, TODAY, LIMITS)

    assert [fault.code for fault in faults] == codes


@dataclass
class Diary:
    """The same stay, kept as somebody would on paper: each night it holds, one by one."""

    booked: Booking
    nights: set[datetime.date] = field(default_factory=set)

    def hold(self, arrival: datetime.date, departure: datetime.date) -> None:
        self.nights, one = set(), arrival
        while one < departure:
            self.nights.add(one)
            one += datetime.timedelta(days=1)


ACTS = st.tuples(
    st.sampled_from(["book", "confirm", "arrive", "extend", "leave", "cancel", "move", "recall", "standard recall"]),
    st.integers(0, 40),
    st.integers(1, 120),
)


class Story:
    """A person's bookings as a sequence of acts makes them, today moving on, with the diary beside them."""

    def __init__(self) -> None:
        self.today = TODAY
        self.diaries: list[Diary] = []

    def tell(self, act: str, offset: int, length: int) -> None:
        self.today += datetime.timedelta(days=offset % 7)
        if act in {"recall", "standard recall"}:
            self._recall(EventKind.RECALL_FIXED_TERM if act == "recall" else EventKind.RECALL_STANDARD)
        elif act == "book" or not self.diaries:
            self._book(self.today + datetime.timedelta(days=offset), length)
        else:
            self._change(self.diaries[offset % len(self.diaries)], act, offset, length)

    def _book(self, arrival: datetime.date, length: int) -> None:
        departure = arrival + datetime.timedelta(days=length)
        made = Diary(Booking(Status.PROVISIONAL, arrival, departure))
        made.hold(arrival, departure)
        if not any(made.nights & other.nights for other in self.diaries):
            self.diaries.append(made)

    def _change(self, diary: Diary, act: str, offset: int, length: int) -> None:
        known = {
            "confirm": Act.CONFIRMATION,
            "arrive": Act.ARRIVAL,
            "extend": Act.EXTENSION,
            "cancel": Act.CANCELLATION,
        }
        doing = known.get(act, Act.DEPARTURE)
        if (doing, diary.booked.status) not in bookings.TRANSITIONS:
            return
        arrival = self.today - datetime.timedelta(days=offset % 15) if doing is Act.ARRIVAL else diary.booked.arrival_on
        departure = diary.booked.departure_on
        if doing is Act.EXTENSION:
            departure = self.today + datetime.timedelta(days=length)
        elif doing is Act.DEPARTURE:
            departure = max(arrival, self.today - datetime.timedelta(days=offset % 3))
        departure = max(arrival, departure)
        diary.booked = bookings.moved(diary.booked, doing, arrival_on=arrival, departure_on=departure)
        diary.hold(arrival, departure)
        if doing is Act.CANCELLATION:
            diary.nights = set()
        if act == "move":
            self._book(departure, length)

    def _recall(self, kind: EventKind) -> None:
        for diary in self.diaries:
            before, diary.booked = diary.booked, bookings.follow(diary.booked, kind, self.today)
            if before.status is Status.ARRIVED and before.arrival_on <= self.today:
                diary.hold(before.arrival_on, self.today)
            elif kind is EventKind.RECALL_STANDARD and before.status in bookings.PLANNED:
                diary.nights = set()

    def on_paper(self, diary: Diary) -> set[datetime.date]:
        """Return the nights of one stay, with those of who is still there after the day they were to leave."""
        if diary.booked.status is not Status.ARRIVED:
            return diary.nights
        there = Diary(diary.booked)
        there.hold(diary.booked.arrival_on, self.today)
        return diary.nights | there.nights


@given(st.lists(ACTS, max_size=25))
def test_whatever_is_done_the_nights_are_those_counted_day_by_day(acts: list[tuple[str, int, int]]) -> None:
    story = Story()
    for act in acts:
        story.tell(*act)

    came = {Status.ARRIVED, Status.DEPARTED}
    for diary in story.diaries:
        paper = story.on_paper(diary)
        assert booking_nights.nights(diary.booked, story.today) == len(paper)
        was_there = diary.booked.status in came
        slept = {night for night in paper if night < story.today} if was_there else set()
        assert booking_nights.slept(diary.booked, story.today) == len(slept)
    total = booking_nights.count((diary.booked for diary in story.diaries), story.today, LIMITS)
    assert total.booked == sum(len(story.on_paper(diary)) for diary in story.diaries)
    assert (total.left, total.over) == (max(0, 84 - total.booked), max(0, total.booked - 84))


@given(st.lists(ACTS, max_size=25))
def test_no_number_of_nights_is_ever_refused(acts: list[tuple[str, int, int]]) -> None:
    story = Story()
    for act in acts:
        story.tell(*act)

    for diary in story.diaries:
        for authorised in (True, False):
            over = booking_nights.count([diary.booked], story.today, LIMITS).over
            said = authorised if over else None
            assert booking_nights.faults_in_overstay(diary.booked, said, story.today, LIMITS) == []
    assert all(NightWarning(warning) for diary in story.diaries for warning in warned(replace(diary.booked)))
