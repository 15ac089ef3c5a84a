"""Whole days and calendar months between dates, as guidance counts them.

Where a month lacks the day (29 February, 31 April) its last day stands for it. Sums that leave the calendar stop at
its first or last day, so that no date a caller can send makes a rule raise.
"""

import calendar
import datetime
from zoneinfo import ZoneInfo

MONTHS_A_YEAR = 12
BRITAIN = ZoneInfo("Europe/London")


def british_day(now: datetime.datetime) -> datetime.date:
    """Return the day it is in England and Wales at an instant: on summer nights it is ahead of the UTC day."""
    return now.astimezone(BRITAIN).date()


def months_before(day: datetime.date, months: int) -> datetime.date:
    """Return the same day of an earlier month."""
    return months_after(day, -months)


def months_after(day: datetime.date, months: int) -> datetime.date:
    """Return the same day of a later month, or of an earlier one for fewer than no months."""
    year, month = divmod(day.year * MONTHS_A_YEAR + day.month - 1 + months, MONTHS_A_YEAR)
    if not datetime.MINYEAR <= year <= datetime.MAXYEAR:
        return datetime.date.max if months > 0 else datetime.date.min
    return datetime.date(year, month + 1, min(day.day, calendar.monthrange(year, month + 1)[1]))


def days_after(day: datetime.date, days: int) -> datetime.date:
    """Return the day so many days later, or earlier for fewer than none."""
    try:
        return day + datetime.timedelta(days=days)
    except OverflowError:
        return datetime.date.max if days > 0 else datetime.date.min


def whole_months_until(today: datetime.date, day: datetime.date) -> int:
    """Return the whole calendar months from today to a day: exactly six months away counts as six, a day less as five.

    Negative once the day is past: yesterday is -1 month away, since it is less than nought.
    """
    months = (day.year - today.year) * MONTHS_A_YEAR + day.month - today.month
    return months - 1 if months_after(today, months) > day else months
