"""Lengths of time as guidance states them, and the day they lead to, counted on the calendar.

Years and months are calendar ones; weeks have seven days. Where the day does not exist in the month reached
(29 February, 31 April) the last day of that month stands for it. Sums that leave the calendar stop at its first or last
day, so that no date a caller can send makes a rule raise.
"""

import re
from datetime import date, timedelta
from functools import cache

from pydantic import BaseModel, ConfigDict, Field, model_validator

from service.domain.calendar import MONTHS_A_YEAR, days_after, months_after

DAYS_A_WEEK = 7
WRITTEN = re.compile(r"^(\d{1,2}) (year|month|week|day)s?$")


class Period(BaseModel):
    """A length of time in exactly one of years, months, weeks or days."""

    model_config = ConfigDict(frozen=True, extra="forbid")

    years: int = Field(default=0, ge=0, le=100)
    months: int = Field(default=0, ge=0, le=1200)
    weeks: int = Field(default=0, ge=0, le=5200)
    days: int = Field(default=0, ge=0, le=36500)

    @model_validator(mode="after")
    def _has_one_unit(self) -> "Period":
        if sum(count > 0 for count in (self.years, self.months, self.weeks, self.days)) != 1:
            message = "A period is given in exactly one of years, months, weeks or days."
            raise ValueError(message)
        return self

    def __str__(self) -> str:
        """Say the period as guidance would: `1 year`, `26 weeks`."""
        return _said(self.years, self.months, self.weeks, self.days)


@cache
def _said(years: int, months: int, weeks: int, days: int) -> str:
    counts = ((years, "year"), (months, "month"), (weeks, "week"), (days, "day"))
    count, unit = next(one for one in counts if one[0])
    return f"{count} {unit}s" if count > 1 else f"{count} {unit}"


def read_period(text: str) -> Period:
    """Return the period a text says, as `Period` itself says one: `1 year`, `6 months`, `26 weeks`; else ValueError."""
    found = WRITTEN.match(text)
    if found is None or int(found.group(1)) == 0:
        message = "write it like '1 year', '6 months', '26 weeks' or '10 days'"
        raise ValueError(message)
    return Period.model_validate({f"{found.group(2)}s": int(found.group(1))})


def day_after(day: date, period: Period) -> date:
    """Return the day one period later: a year after 29 February is 28 February."""
    return _shifted(day, period, sign=1)


def day_before(day: date, period: Period) -> date:
    """Return the day one period earlier: six months before 31 August is the last day of February."""
    return _shifted(day, period, sign=-1)


def is_within(event: date, on: date, period: Period) -> bool:
    """Tell whether `event` is at most one period after `on`: exactly one period ahead, or past, counts as in."""
    return event <= day_after(on, period)


def first_day_within(event: date, period: Period) -> date:
    """Return the first day on which `event` is at most one period ahead.

    Usually that is the event less the period. When the event falls on a day the earlier month lacks, it is the day
    after: a year from 28 February 2027 is 28 February 2028, so a window of one year before 29 February 2028 opens on
    1 March 2027.
    """
    day = day_before(event, period)
    return day if is_within(event, day, period) else day + timedelta(days=1)


def _shifted(day: date, period: Period, *, sign: int) -> date:
    if period.weeks or period.days:
        return days_after(day, sign * (period.weeks * DAYS_A_WEEK + period.days))
    return months_after(day, sign * (period.years * MONTHS_A_YEAR + period.months))
