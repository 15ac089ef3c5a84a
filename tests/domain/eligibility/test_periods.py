"""Boundary days are counted as guidance counts them, leap days included."""

from datetime import date, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st
from pydantic import ValidationError

from service.domain.eligibility.periods import Period, day_after, day_before, first_day_within, is_within
from tests.domain.eligibility.making import UNHURRIED

ONE_YEAR, SIX_MONTHS, EIGHT_WEEKS = Period(years=1), Period(months=6), Period(weeks=8)
PERIODS = st.sampled_from([ONE_YEAR, SIX_MONTHS, EIGHT_WEEKS, Period(months=9), Period(months=3), Period(weeks=26)])


@pytest.mark.parametrize(
    ("day", "period", "later"),
    [
        (date(2026, 11, 22), ONE_YEAR, date(2027, 11, 22)),
        (date(2028, 2, 29), ONE_YEAR, date(2029, 2, 28)),
        (date(2027, 2, 28), ONE_YEAR, date(2028, 2, 28)),
        (date(2026, 8, 31), SIX_MONTHS, date(2027, 2, 28)),
        (date(2027, 8, 31), SIX_MONTHS, date(2028, 2, 29)),
        (date(2026, 12, 31), Period(months=2), date(2027, 2, 28)),
        (date(2026, 11, 22), EIGHT_WEEKS, date(2027, 1, 17)),
        (date(2028, 2, 1), Period(weeks=26), date(2028, 8, 1)),
        (date(2028, 2, 20), Period(days=10), date(2028, 3, 1)),
        (date(9999, 6, 1), ONE_YEAR, date.max),
        (date(9999, 12, 30), EIGHT_WEEKS, date.max),
    ],
)
def test_a_period_ends_on_the_same_day_of_the_calendar_or_the_last_there_is(
    day: date, period: Period, later: date
) -> None:
    assert day_after(day, period) == later


@pytest.mark.parametrize(
    ("day", "period", "earlier"),
    [
        (date(2028, 2, 29), ONE_YEAR, date(2027, 2, 28)),
        (date(2027, 8, 31), SIX_MONTHS, date(2027, 2, 28)),
        (date(2028, 8, 31), SIX_MONTHS, date(2028, 2, 29)),
        (date(2027, 1, 15), Period(months=9), date(2026, 4, 15)),
        (date(2027, 1, 17), EIGHT_WEEKS, date(2026, 11, 22)),
        (date(2028, 3, 1), Period(days=10), date(2028, 2, 20)),
        (date(1, 3, 1), ONE_YEAR, date.min),
        (date(1, 1, 20), EIGHT_WEEKS, date.min),
    ],
)
def test_a_period_is_counted_back_the_same_way(day: date, period: Period, earlier: date) -> None:
    assert day_before(day, period) == earlier


def test_a_window_of_a_year_before_a_leap_day_opens_on_the_first_of_march() -> None:
    assert not is_within(date(2028, 2, 29), date(2027, 2, 28), ONE_YEAR)
    assert is_within(date(2028, 2, 29), date(2027, 3, 1), ONE_YEAR)
    assert first_day_within(date(2028, 2, 29), ONE_YEAR) == date(2027, 3, 1)


def test_a_window_of_a_year_seen_from_a_leap_day_reaches_the_28th_of_february() -> None:
    assert is_within(date(2029, 2, 28), date(2028, 2, 29), ONE_YEAR)
    assert not is_within(date(2029, 3, 1), date(2028, 2, 29), ONE_YEAR)


@UNHURRIED
@given(event=st.dates(), on=st.dates(), period=PERIODS)
def test_a_window_is_open_from_its_first_day_on_and_never_before(event: date, on: date, period: Period) -> None:
    assert is_within(event, on, period) == (on >= first_day_within(event, period))


@UNHURRIED
@given(event=st.dates(), on=st.dates(max_value=date.max - timedelta(days=1)), period=PERIODS)
def test_a_window_once_open_stays_open(event: date, on: date, period: Period) -> None:
    assert is_within(event, on + timedelta(days=1), period) or not is_within(event, on, period)


@pytest.mark.parametrize("units", [{}, {"weeks": 0}, {"years": 1, "weeks": 1}, {"weeks": -1}, {"weeks": 1, "days": 3}])
def test_a_period_is_given_in_exactly_one_unit(units: dict[str, int]) -> None:
    with pytest.raises(ValidationError):
        Period.model_validate(units)


@pytest.mark.parametrize(
    ("period", "words"),
    [
        (ONE_YEAR, "1 year"),
        (SIX_MONTHS, "6 months"),
        (EIGHT_WEEKS, "8 weeks"),
        (Period(weeks=1), "1 week"),
        (Period(days=10), "10 days"),
    ],
)
def test_a_period_reads_as_guidance_says_it(period: Period, words: str) -> None:
    assert str(period) == words
