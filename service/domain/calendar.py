"""Whole days and calendar months between dates, as guidance counts them."""

import calendar
import datetime


def months_before(day: datetime.date, months: int) -> datetime.date:
    """Return the same day of an earlier month; the month's last day where that month is shorter."""
    return months_after(day, -months)


def months_after(day: datetime.date, months: int) -> datetime.date:
    """Return the same day of a later month; the month's last day where that month is shorter."""
    years, month = divmod(day.month - 1 + months, 12)
    year = day.year + years
    last = calendar.monthrange(year, month + 1)[1]
    return datetime.date(year, month + 1, min(day.day, last))


def whole_months_until(today: datetime.date, day: datetime.date) -> int:
    """Return the whole calendar months from today to a day: exactly six months away counts as six, a day less as five.

    Negative once the day is past: yesterday is -1 month away, since it is less than nought.
    """
    months = (day.year - today.year) * 12 + day.month - today.month
    return months - 1 if months_after(today, months) > day else months
