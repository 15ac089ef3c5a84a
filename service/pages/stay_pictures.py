"""A stay as a picture: a line from the day of arrival to the day of leaving, with today and what changed upon it.

Whatever the picture says, the page also says in words: it is there to be taken in at a glance.
"""

import datetime
from collections.abc import Sequence
from dataclasses import dataclass

LEFT, RIGHT = 12, 308
LABEL_WIDTH = 62  # room for a day and a month
WEEK = datetime.timedelta(days=7)
MOST_TICKS = 30


@dataclass(frozen=True, slots=True)
class Mark:
    """Something on the line: where it is, what it is called, and on which of two rows its words stand."""

    x: float
    words: str
    on: str
    kind: str
    row: int = 0


@dataclass(frozen=True, slots=True)
class Picture:
    """A stay's line: where it begins and ends, how much of it is past, a tick a week, and what is marked on it."""

    begins: float
    ends: float
    today: float
    ticks: tuple[float, ...]
    marks: tuple[Mark, ...]
    said: str


@dataclass(frozen=True, slots=True)
class Marked:
    """A day that means something to the stay."""

    on: datetime.date
    words: str
    kind: str = "change"


def draw(
    begins: datetime.date, ends: datetime.date | None, today: datetime.date, days: Sequence[Marked]
) -> Picture | None:
    """Return a stay's picture; None where nobody knows when it ends, for then there is no line to draw."""
    if ends is None:
        return None
    first, last = min(begins, today), max(ends, today, begins + datetime.timedelta(days=1))
    span = (last - first).days

    def place(day: datetime.date) -> float:
        share = min(max((day - first).days / span, 0.0), 1.0)
        return round(LEFT + share * (RIGHT - LEFT), 1)

    marks = [Marked(begins, "Arrival", "end"), Marked(ends, "Departure", "end"), Marked(today, "Today", "today"), *days]
    weeks = min((ends - begins).days // WEEK.days, MOST_TICKS)
    return Picture(
        begins=place(begins),
        ends=place(ends),
        today=place(today),
        ticks=tuple(place(begins + WEEK * number) for number in range(1, weeks + 1)),
        marks=_rows([Mark(place(one.on), one.words, short(one.on), one.kind) for one in marks]),
        said=f"From {in_full(begins)} to {in_full(ends)}; today is {in_full(today)}.",
    )


def _rows(marks: Sequence[Mark]) -> tuple[Mark, ...]:
    """Return the marks on rows of their own where their words would run into each other."""
    free: list[float] = []
    placed = []
    for mark in sorted(marks, key=lambda one: one.x):
        row = next((number for number, until in enumerate(free) if mark.x - LABEL_WIDTH / 2 >= until), len(free))
        free[row : row + 1] = [mark.x + LABEL_WIDTH / 2]
        placed.append(Mark(mark.x, mark.words, mark.on, mark.kind, row))
    return tuple(placed)


def short(day: datetime.date) -> str:
    """Return a day as it fits into a picture: 3 Mar."""
    return f"{day.day} {day:%b}"


def in_full(day: datetime.date) -> str:
    """Return a day in full."""
    return f"{day.day} {day:%B %Y}"
