"""MAPPA: the category, the level, and whether the level was set in time for release."""

from datetime import date
from itertools import product

import pytest

from service.domain.eligibility.lines import Line, Service
from tests.domain.eligibility.making import TODAY, line, line_for, make_facts


def answer(category: str | None, level: str | None, release_on: date | None, on: date = TODAY) -> Line:
    release = release_on.isoformat() if release_on else None
    mappa = {"category": category, "level": level, "first_release_on": release}
    return line_for(Service.MAPPA, make_facts(mappa=mappa), on)


@pytest.mark.parametrize("level", [None, "1", "2", "3"])
def test_without_a_category_mappa_does_not_apply(level: str | None) -> None:
    assert answer(None, level, date(2027, 1, 1)) == line("not_eligible", None, None, "no_category")


def test_nothing_known_about_mappa_is_no_category() -> None:
    assert line_for(Service.MAPPA, make_facts()) == line("not_eligible", None, None, "no_category")


@pytest.mark.parametrize(("category", "level"), [pair for pair in product("1234", "123") if pair != ("3", "1")])
@pytest.mark.parametrize("release_on", [None, date(2020, 1, 1), date(2027, 1, 1), date(2040, 1, 1)])
def test_a_level_once_set_is_shown_however_far_release_is(category: str, level: str, release_on: date | None) -> None:
    assert answer(category, level, release_on) == line(f"level_{level}")


@pytest.mark.parametrize("release_on", [None, date(2027, 1, 1), date(2040, 1, 1)])
def test_category_3_cannot_be_managed_at_level_1(release_on: date | None) -> None:
    assert answer("3", "1", release_on) == line("not_eligible", None, None, "category_3_needs_level_2")


@pytest.mark.parametrize("category", ["1", "2", "3", "4"])
@pytest.mark.parametrize(
    ("on", "release_on", "expected"),
    [
        (date(2026, 11, 22), date(2027, 8, 23), line("upcoming", None, date(2026, 11, 23))),
        (date(2026, 11, 22), date(2027, 8, 22), line("not_started")),
        (date(2026, 11, 22), date(2027, 5, 23), line("not_started")),
        (date(2026, 11, 22), date(2027, 5, 22), line("not_started")),
        (date(2026, 11, 22), date(2027, 5, 21), line("level_not_set")),
        (date(2026, 11, 22), date(2026, 11, 22), line("level_not_set")),
        (date(2026, 11, 22), date(2026, 1, 1), line("level_not_set")),
        (date(2026, 11, 22), None, line("not_started")),
        (date(2027, 5, 28), date(2028, 2, 29), line("upcoming", None, date(2027, 5, 29))),
        (date(2027, 5, 29), date(2028, 2, 29), line("not_started")),
        (date(2028, 2, 29), date(2028, 8, 31), line("not_started")),
        (date(2028, 3, 1), date(2028, 8, 31), line("level_not_set")),
    ],
)
def test_without_a_level_the_nearness_of_release_decides(
    category: str, on: date, release_on: date | None, expected: Line
) -> None:
    assert answer(category, None, release_on, on) == expected
