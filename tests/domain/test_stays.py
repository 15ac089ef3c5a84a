"""What is done to a stay and when; nights against a count of our own, day by day."""

import datetime
from collections.abc import Callable
from dataclasses import dataclass, field

import pytest
from hypothesis import given
from hypothesis import strategies as st

from service.conflicts import TransitionNotAllowed
from service.domain import stay_faults as faults
from service.domain import stays
from service.domain.person_events import EventKind
from service.domain.premises import Kind, nights_of
from service.domain.stays import OPEN, TRANSITIONS, Act, MoveOn, Status, Stay

TODAY = datetime.date(2026, 11, 23)
KINDS = st.sampled_from(Kind)
RECALLS = (EventKind.RECALL_FIXED_TERM, EventKind.RECALL_STANDARD)


def day(number: int) -> datetime.date:
    return TODAY + datetime.timedelta(days=number)


@pytest.mark.parametrize(
    ("kind", "nights"),
    [
        *((Kind.NORMAL, 84), (Kind.PIPE, 182), (Kind.ESAP, 364), (Kind.RFAP, 84)),
        *((Kind.MHAP_ELLIOTT_HOUSE, 84), (Kind.MHAP_ST_JOSEPHS, 84)),
    ],
)
def test_the_kind_of_premises_says_how_many_nights_a_stay_has(kind: Kind, nights: int) -> None:
    stay = stays.arrive(stays.expect(kind, day(3)), day(5))

    assert nights_of(kind) == nights
    assert stay.expected_departure_on == day(5 + nights)


@given(st.sampled_from(Act), st.sampled_from(Status))
def test_what_the_table_does_not_name_is_refused_with_what_may_be_done_instead(act: Act, status: Status) -> None:
    if (act, status) in TRANSITIONS:
        stays.require_allowed(act, status)
        return
    with pytest.raises(TransitionNotAllowed) as refused:
        stays.require_allowed(act, status)
    assert act not in refused.value.context["allowed"]
    assert bool(refused.value.context["allowed"]) is (status in OPEN | {Status.DEPARTED})


def test_nothing_leads_on_from_a_stay_that_has_ended() -> None:
    ended = {after: act for (act, status), after in TRANSITIONS.items() if status not in OPEN}

    assert ended == {Status.DEPARTED: Act.OUTCOME}


@dataclass
class Diary:
    """A stay, and beside it a list of the days somebody woke up in the premises, kept day by day."""

    stay: Stay
    today: int = 0
    is_resident: bool = False
    woke: list[int] = field(default_factory=list)

    def tomorrow(self) -> None:
        self.today += 1
        if self.is_resident:
            self.woke.append(self.today)


MOVES = st.lists(
    st.sampled_from(["wait", "wait", "arrive", "put off", "extend", "transfer", "leave", "recall", "release", "die"])
    | st.tuples(st.just("transfer"), KINDS),
    max_size=60,
)


ACTS: dict[str, tuple[Act, Callable[[Stay, datetime.date, Kind], Stay]]] = {
    "arrive": (Act.ARRIVAL, lambda stay, on, _: stays.arrive(stay, on)),
    "put off": (Act.RESCHEDULING, lambda stay, on, _: stays.reschedule(stay, on + datetime.timedelta(days=10))),
    "extend": (Act.EXTENSION, lambda stay, on, _: stays.extend(stay, on + datetime.timedelta(days=100))),
    "transfer": (Act.TRANSFER, lambda stay, on, kind: stays.transfer(stay, kind, on)),
    "leave": (Act.DEPARTURE, lambda stay, on, _: stays.end(stay, Status.DEPARTED, on, "planned_move_on")),
}
ENDS_RESIDENCE = {"leave", "recall", "die"}


def play(diary: Diary, move: str | tuple[str, Kind]) -> None:
    """Do one thing on the diary's day, where the stay allows it, and keep the diary by itself."""
    name, kind = move if isinstance(move, tuple) else (move, Kind.PIPE)
    on = day(diary.today)
    if name == "wait":
        diary.tomorrow()
    elif name in ACTS:
        act, does = ACTS[name]
        if (act, diary.stay.status) not in TRANSITIONS:
            return
        diary.stay = does(diary.stay, on, kind)
    elif name == "release":
        diary.stay = stays.note_re_release(diary.stay, day(diary.today + 2))
    else:
        event = EventKind.DEATH if name == "die" else EventKind.RECALL_FIXED_TERM
        diary.stay = stays.follow(diary.stay, event, on)
    diary.is_resident = (diary.is_resident or name == "arrive") and name not in ENDS_RESIDENCE


@given(KINDS, MOVES)
def test_nights_are_those_of_a_diary_and_nobody_falls_off_the_list_while_in_residence(
    kind: Kind, moves: list[str | tuple[str, Kind]]
) -> None:
    diary = Diary(stays.expect(kind, day(0)))
    for move in moves:
        play(diary, move)
        assert stays.nights_slept(diary.stay, day(diary.today)) == len(diary.woke)
        assert diary.is_resident is (diary.stay.status is Status.IN_RESIDENCE)
        assert diary.stay.is_open or not diary.is_resident
        assert (diary.stay.ended_on is None) is diary.stay.is_open
        assert (diary.stay.resident_since is not None) is diary.is_resident


@given(st.integers(0, 400), st.integers(0, 400))
def test_the_night_of_arrival_counts_and_the_day_of_leaving_does_not(arrived: int, stayed: int) -> None:
    stay = stays.arrive(stays.expect(Kind.NORMAL, day(arrived)), day(arrived))
    left = stays.end(stay, Status.DEPARTED, day(arrived + stayed), "planned_move_on")

    assert stays.nights_slept(left, day(arrived + stayed + 50)) == stayed
    assert stays.nights_left(stay, day(arrived + stayed)) == 84 - stayed
    assert stays.nights_left(left, day(0)) is None


def test_a_clock_change_in_the_night_is_one_night_like_another() -> None:
    stay = stays.arrive(stays.expect(Kind.NORMAL, datetime.date(2026, 10, 24)), datetime.date(2026, 10, 24))

    assert stays.nights_slept(stay, datetime.date(2026, 10, 26)) == 2


@given(st.integers(0, 60), st.integers(1, 60), st.integers(0, 30))
def test_a_fixed_term_recall_stops_the_nights_and_the_clock_starts_again_from_the_re_release(
    stayed: int, away: int, late: int
) -> None:
    stay = stays.arrive(stays.expect(Kind.NORMAL, day(0)), day(0))
    recalled = stays.follow(stays.extend(stay, day(200)), EventKind.RECALL_FIXED_TERM, day(stayed))
    noted = stays.note_re_release(recalled, day(stayed + away))
    back = stays.arrive(noted, day(stayed + away + late))

    assert (recalled.status, stays.nights_left(recalled, day(stayed))) == (Status.SUSPENDED, None)
    assert stays.nights_slept(noted, day(stayed + away)) == stayed
    assert noted.expected_departure_on == back.expected_departure_on == day(stayed + away + 84)
    assert stays.nights_slept(back, day(stayed + away + late + 5)) == stayed + 5
    assert (back.arrived_on, back.resident_since) == (day(0), day(stayed + away + late))


def test_somebody_back_before_a_day_of_re_release_was_noted_has_the_weeks_from_that_day() -> None:
    stay = stays.arrive(stays.expect(Kind.NORMAL, day(0)), day(0))
    back = stays.arrive(stays.follow(stay, EventKind.RECALL_FIXED_TERM, day(10)), day(38))

    assert back.expected_departure_on == day(38 + 84)


@pytest.mark.parametrize("recall", RECALLS)
def test_a_recall_from_before_the_residence_ends_nothing_of_it(recall: EventKind) -> None:
    stay = stays.arrive(stays.expect(Kind.NORMAL, day(0)), day(0))

    assert stays.follow(stay, recall, day(-1)) == stay


@pytest.mark.parametrize(
    ("event", "expected", "resident", "suspended"),
    [
        (EventKind.DEATH, Status.CANCELLED, Status.DEPARTED, Status.DEPARTED),
        (EventKind.RECALL_STANDARD, Status.NOT_ARRIVED, Status.DEPARTED, Status.DEPARTED),
        (EventKind.RECALL_FIXED_TERM, Status.EXPECTED, Status.SUSPENDED, Status.SUSPENDED),
        (EventKind.TRANSFER, Status.EXPECTED, Status.IN_RESIDENCE, Status.SUSPENDED),
    ],
)
def test_what_happens_to_the_person_ends_or_suspends_the_stay(
    event: EventKind, expected: Status, resident: Status, suspended: Status
) -> None:
    to_come = stays.expect(Kind.NORMAL, day(0))
    there = stays.arrive(to_come, day(0))
    away = stays.follow(there, EventKind.RECALL_FIXED_TERM, day(3))
    gone = stays.end(there, Status.DEPARTED, day(4), "hospital")
    found = [stays.follow(stay, event, day(5)).status for stay in (to_come, there, away)]

    assert found == [expected, resident, suspended]
    assert stays.follow(gone, event, day(5)) == gone


def test_somebody_expected_who_is_recalled_is_expected_on_the_day_of_re_release() -> None:
    recalled = stays.follow(stays.expect(Kind.PIPE, day(2)), EventKind.RECALL_FIXED_TERM, day(0), day(28))

    assert (recalled.expected_arrival_on, recalled.expected_departure_on) == (day(28), day(28 + 182))


def test_premises_of_another_kind_count_their_own_weeks_from_the_move() -> None:
    stay = stays.extend(stays.arrive(stays.expect(Kind.NORMAL, day(0)), day(0)), day(100))
    same, other = stays.transfer(stay, Kind.NORMAL, day(50)), stays.transfer(stay, Kind.PIPE, day(50))

    assert same == stay
    assert (other.expected_departure_on, other.departure_set) == (day(50 + 182), False)
    assert stays.nights_slept(other, day(60)) == 60


def test_a_day_of_leaving_set_with_a_reason_outlasts_the_arrival() -> None:
    stay = stays.arrive(stays.extend(stays.expect(Kind.NORMAL, day(0)), day(60)), day(1))

    assert (stay.expected_departure_on, stay.departure_set) == (day(60), True)


@pytest.mark.parametrize(
    ("on", "long_ago", "code"),
    [(-8, False, "too-long-ago"), (-7, False, None), (0, False, None), (1, True, "in-the-future"), (-8, True, None)],
)
def test_an_arrival_lies_within_a_week_back_unless_a_manager_records_it(
    on: int, *, long_ago: bool, code: str | None
) -> None:
    found = faults.faults_in_arrival(stays.expect(Kind.NORMAL, day(-9)), day(on), TODAY, long_ago=long_ago)

    assert [fault.code for fault in found] == ([code] if code else [])


@given(st.sampled_from(["planned_move_on", "order_or_licence_expired", "bed_withdrawn", "hospital", "absconded"]))
def test_where_somebody_went_is_asked_for_three_reasons_alone(reason: str) -> None:
    asked = reason in {"planned_move_on", "order_or_licence_expired", "bed_withdrawn"}

    assert bool(faults.faults_in_move_on(reason, None)) is asked
    assert bool(faults.faults_in_move_on(reason, MoveOn.CAS3)) is not asked


@pytest.mark.parametrize(
    ("until", "code"),
    [(0, "not-ahead"), (1, None), (84, "unchanged"), (732, "too-far-ahead")],
)
def test_another_day_of_leaving_lies_ahead_and_is_another(until: int, code: str | None) -> None:
    stay = stays.arrive(stays.expect(Kind.NORMAL, TODAY), TODAY)
    found = faults.faults_in_extension(stay, day(until), TODAY)

    assert [fault.code for fault in found] == ([code] if code else [])


def test_nobody_leaves_before_they_came_nor_fails_to_come_before_the_day() -> None:
    stay = stays.arrive(stays.expect(Kind.NORMAL, TODAY), TODAY)
    early = faults.faults_in_move(stay, day(-1), TODAY, field="departed_on", long_ago=False)
    still = faults.faults_in_non_arrival(stays.expect(Kind.NORMAL, day(1)), TODAY)

    assert [fault.code for fault in (*early, *still)] == ["before-arrival", "not-yet"]
    assert faults.faults_in_non_arrival(stays.expect(Kind.NORMAL, TODAY), TODAY) == []


def test_another_day_of_arrival_moves_the_day_of_leaving_unless_that_was_set_or_counts_from_a_re_release() -> None:
    expected = stays.expect(Kind.PIPE, day(3))
    told = stays.extend(expected, day(100))
    recalled = stays.follow(expected, EventKind.RECALL_FIXED_TERM, day(1), day(20))
    moved = [stays.reschedule(stay, day(30)) for stay in (expected, told, recalled)]

    assert [stay.expected_arrival_on for stay in moved] == [day(30)] * 3
    assert [stay.expected_departure_on for stay in moved] == [day(30 + 182), day(100), day(20 + 182)]
    assert stays.arrive(moved[0], day(31)).expected_departure_on == day(31 + 182)


@pytest.mark.parametrize(
    ("stay", "on", "code"),
    [
        (stays.expect(Kind.NORMAL, day(3)), 3, "unchanged"),
        (stays.expect(Kind.NORMAL, day(3)), 0, None),
        (stays.expect(Kind.NORMAL, day(3)), 732, "too-far-ahead"),
        (stays.expect(Kind.NORMAL, day(3)), -8, "too-long-ago"),
        (stays.extend(stays.expect(Kind.NORMAL, day(3)), day(40)), 40, "after-departure"),
        (stays.extend(stays.expect(Kind.NORMAL, day(3)), day(40)), 39, None),
        (stays.follow(stays.expect(Kind.NORMAL, day(3)), EventKind.RECALL_FIXED_TERM, day(-1)), -2, "before-recall"),
    ],
)
def test_another_day_of_arrival_is_another_and_before_the_day_of_leaving_that_was_set(
    stay: Stay, on: int, code: str | None
) -> None:
    found = faults.faults_in_rescheduling(stay, day(on), TODAY, long_ago=False)

    assert [fault.code for fault in found] == ([code] if code else [])


@pytest.mark.parametrize(
    ("on", "long_ago", "code"), [(-8, False, "too-long-ago"), (732, False, "too-far-ahead"), (-8, True, None)]
)
def test_somebody_is_expected_within_two_years(on: int, *, long_ago: bool, code: str | None) -> None:
    found = faults.faults_in_expectation(day(on), TODAY, long_ago=long_ago)

    assert [fault.code for fault in found] == ([code] if code else [])
