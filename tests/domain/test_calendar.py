"""Counting days and months as guidance does, at the ends of months and of the calendar."""

import datetime

import pytest
from hypothesis import given
from hypothesis import strategies as st

from service.domain.calendar import months_after, months_before, whole_months_until


def day(text: str) -> datetime.date:
    return datetime.date.fromisoformat(text)


@pytest.mark.parametrize(
    ("start", "months", "end"),
    [
        ("2027-01-31", 1, "2027-02-28"),
        ("2028-01-31", 1, "2028-02-29"),
        ("2026-11-23", 14, "2028-01-23"),
        ("2026-03-31", -1, "2026-02-28"),
        ("0001-02-01", -3, "0001-01-01"),
        ("9999-11-01", 3, "9999-12-31"),
    ],
)
def test_months_end_on_the_same_day_or_the_months_last(start: str, months: int, end: str) -> None:
    assert months_after(day(start), months) == day(end)


@pytest.mark.parametrize(
    ("today", "until", "months"),
    [
        ("2026-11-23", "2027-05-23", 6),
        ("2026-11-23", "2027-05-22", 5),
        ("2026-11-23", "2026-11-23", 0),
        ("2026-11-23", "2026-11-22", -1),
        ("2027-08-31", "2028-02-29", 6),
    ],
)
def test_exactly_six_months_away_is_six_and_a_day_less_is_five(today: str, until: str, months: int) -> None:
    assert whole_months_until(day(today), day(until)) == months


@given(st.dates(), st.dates())
def test_any_two_dates_have_months_between_them(today: datetime.date, until: datetime.date) -> None:
    months = whole_months_until(today, until)

    assert months_after(today, months) <= until or until == datetime.date.min
    assert months_before(until, 0) == until
