"""What cannot be of a stay: days that do not fit, and a move-on category where none is asked or one is missing."""

import datetime

from service.domain.calendar import months_after
from service.domain.stays import ASKS_WHERE, MoveOn, Stay
from service.errors import FieldError

Day = datetime.date
DAYS_BACK = 7  # as arrivals and departures are recorded today; a manager records what was missed
MONTHS_AHEAD = 24


def faults_in_expectation(on: Day, today: Day, *, long_ago: bool) -> list[FieldError]:
    """Return what is wrong with the day somebody is expected on."""
    if on > months_after(today, MONTHS_AHEAD):
        return [FieldError("/expected_arrival_on", "too-far-ahead", f"Give a day within {MONTHS_AHEAD} months.")]
    return _too_long_ago("expected_arrival_on", on, today, long_ago=long_ago)


def faults_in_rescheduling(stay: Stay, on: Day, today: Day, *, long_ago: bool) -> list[FieldError]:
    """Return what is wrong with another day on which somebody is expected."""
    if on == stay.expected_arrival_on:
        return [FieldError("/expected_arrival_on", "unchanged", "The person is expected on this day already.")]
    misplaced = _misplaced("expected_arrival_on", stay, on)
    return misplaced or faults_in_expectation(on, today, long_ago=long_ago)


def faults_in_arrival(stay: Stay, on: Day, today: Day, *, long_ago: bool) -> list[FieldError]:
    """Return what is wrong with the day somebody arrived."""
    return _misplaced("arrived_on", stay, on) or _past("arrived_on", on, today, long_ago=long_ago)


def _misplaced(field: str, stay: Stay, on: Day) -> list[FieldError]:
    """Return what is wrong with a day of arrival beside a recall, and a day of leaving that was set."""
    if stay.recalled_on is not None and on < stay.recalled_on:
        return [FieldError(f"/{field}", "before-recall", "This is before the recall.")]
    if stay.departure_set and stay.expected_departure_on is not None and on >= stay.expected_departure_on:
        return [FieldError(f"/{field}", "after-departure", "This is not before the day of leaving.")]
    return []


def faults_in_extension(stay: Stay, until: Day, today: Day) -> list[FieldError]:
    """Return what is wrong with another day of leaving: it lies ahead, and after the arrival."""
    at = "/expected_departure_on"
    if until <= today or until <= (stay.resident_since or stay.expected_arrival_on):
        return [FieldError(at, "not-ahead", "The day of leaving lies ahead, and after the arrival.")]
    if until > months_after(today, MONTHS_AHEAD):
        return [FieldError(at, "too-far-ahead", f"Give a day within {MONTHS_AHEAD} months.")]
    if until == stay.expected_departure_on:
        return [FieldError(at, "unchanged", "This is the day of leaving already.")]
    return []


def faults_in_move(stay: Stay, on: Day, today: Day, *, field: str, long_ago: bool) -> list[FieldError]:
    """Return what is wrong with the day somebody left, for good or for other premises."""
    came = stay.resident_since or stay.recalled_on
    if came is not None and on < came:
        return [FieldError(f"/{field}", "before-arrival", "This is before the person came, or was recalled.")]
    return _past(field, on, today, long_ago=long_ago)


def faults_in_move_on(reason: str, category: MoveOn | None) -> list[FieldError]:
    """Return what is wrong with where somebody went: it is asked for some reasons of leaving, and for no other."""
    if reason in ASKS_WHERE and category is None:
        return [FieldError("/move_on_category", "missing", "Say where the person went.")]
    if reason not in ASKS_WHERE and category is not None:
        return [FieldError("/move_on_category", "not-asked", "This reason says where the person went.")]
    return []


def faults_in_non_arrival(stay: Stay, today: Day) -> list[FieldError]:
    """Return what is wrong with saying that somebody did not come: the day must have come."""
    if today < stay.expected_arrival_on:
        return [FieldError("/reason", "not-yet", "The person is still to come: cancel the stay instead.")]
    return []


def _past(field: str, on: Day, today: Day, *, long_ago: bool) -> list[FieldError]:
    if on > today:
        return [FieldError(f"/{field}", "in-the-future", "This date is in the future.")]
    return _too_long_ago(field, on, today, long_ago=long_ago)


def _too_long_ago(field: str, on: Day, today: Day, *, long_ago: bool) -> list[FieldError]:
    if not long_ago and (today - on).days > DAYS_BACK:
        detail = f"This is more than {DAYS_BACK} days ago: a manager records it."
        return [FieldError(f"/{field}", "too-long-ago", detail)]
    return []
