"""How things stood at an instant: from what was recorded before and after it, and what is said not to be known."""

import datetime
from typing import Any

import pytest

from service.domain.past_views import (
    Held,
    answers_at,
    held_at,
    status_at,
    was_open_to_provider,
    workers_who_saw,
)

KEPT_SINCE = datetime.datetime(2026, 11, 1, tzinfo=datetime.UTC)
AN_HOUR = datetime.timedelta(hours=1)
LATER = KEPT_SINCE + 10 * AN_HOUR
SEED: dict[str, Any] = {"held": {"is": "seeded"}, "recorded_at": KEPT_SINCE}
CHANGED: dict[str, Any] = {"held": {"is": "changed"}, "recorded_at": LATER}
TODAY, FIRST = {"is": "today"}, {"is": "first"}


@pytest.mark.parametrize(
    ("rows", "at", "first", "expected"),
    [
        ([], LATER, None, Held(TODAY)),
        ([], KEPT_SINCE - AN_HOUR, None, Held(TODAY, known=False)),
        ([SEED, CHANGED], LATER - AN_HOUR, None, Held(SEED["held"])),
        ([SEED, CHANGED], LATER, None, Held(CHANGED["held"])),
        ([SEED, CHANGED], KEPT_SINCE - AN_HOUR, None, Held(SEED["held"], known=False)),
        ([CHANGED], LATER - AN_HOUR, FIRST, Held(FIRST)),
        ([CHANGED], LATER - AN_HOUR, None, Held(CHANGED["held"])),
        ([CHANGED], KEPT_SINCE - AN_HOUR, FIRST, Held(FIRST, known=False)),
        ([SEED, CHANGED], KEPT_SINCE - AN_HOUR, FIRST, Held(SEED["held"], known=False)),
    ],
)
def test_the_last_row_up_to_an_instant_holds_and_before_the_first_what_is_known_of_it(
    rows: Any, at: datetime.datetime, first: Any, expected: Held
) -> None:
    assert held_at(rows, at, kept_since=KEPT_SINCE, today=TODAY, first=first) == expected


def test_what_was_only_noted_beside_an_answer_changes_nothing_and_what_was_taken_back_is_gone() -> None:
    history: list[dict[str, Any]] = [
        {"item": "tier", "change": "set", "answer": {"value": "b1"}},
        {"item": "tier", "change": "older", "answer": {"value": "a0"}},
        {"item": "tier", "change": "set_aside", "answer": {"value": "d3"}},
        {"item": "sex", "change": "set", "answer": {"value": "male"}},
        {"item": "sex", "change": "retracted", "answer": None},
        {"item": "religion", "change": "retracted", "answer": None},
    ]

    assert answers_at(history) == {"tier": {"value": "b1"}}


def step(before: str | None, after: str, hours: int) -> dict[str, Any]:
    return {"from_status": before, "to_status": after, "at": KEPT_SINCE + hours * AN_HOUR}


@pytest.mark.parametrize(
    ("steps", "at", "expected"),
    [
        ([], LATER, ("withdrawn", KEPT_SINCE + 5 * AN_HOUR)),
        ([], KEPT_SINCE + 4 * AN_HOUR, None),
        (
            [step("draft", "submitted", 1), step("submitted", "submitted", 2)],
            KEPT_SINCE + 3 * AN_HOUR,
            ("submitted", KEPT_SINCE + AN_HOUR),
        ),
    ],
)
def test_a_status_is_today_s_where_nothing_moved_since_and_else_the_last_step_s(
    steps: Any, at: datetime.datetime, expected: Any
) -> None:
    referral = {"status": "withdrawn", "status_since": KEPT_SINCE + 5 * AN_HOUR}

    assert status_at(referral, steps, at) == expected


@pytest.mark.parametrize(("days", "seen"), [(27, True), (28, False)])
def test_what_has_ended_is_seen_until_the_closing_time_is_over(days: int, seen: bool) -> None:
    closing = datetime.timedelta(days=28)
    ended = ("withdrawn", KEPT_SINCE)

    assert was_open_to_provider(ended, KEPT_SINCE + datetime.timedelta(days=days), closing) is seen
    assert was_open_to_provider(("started", KEPT_SINCE), KEPT_SINCE + 9 * closing, closing)
    assert was_open_to_provider(None, KEPT_SINCE, closing)


@pytest.mark.parametrize(
    ("limits", "seen"),
    [
        ({"restricted": False, "excluded": []}, ["ann", "bob"]),
        ({"restricted": False, "excluded": ["ann"]}, ["bob"]),
        ({"restricted": True, "excluded": []}, ["ann"]),
        ({"restricted": True, "excluded": ["ann"]}, []),
    ],
)
def test_the_workers_who_saw_are_those_neither_excluded_nor_barred_nor_left_out(limits: Any, seen: list[str]) -> None:
    assert workers_who_saw(["ann", "bob", "cal"], ["ann", "cal"], limits, ["cal"]) == seen
