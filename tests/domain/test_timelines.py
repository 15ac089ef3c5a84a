"""One person's deadlines: worked back from the recorded dates, moving with them, and honest about what is not known."""

from datetime import date, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st
from pydantic import ValidationError

from service.domain.deadlines import DeadlineName, DeadlineStatus, KeyDates
from service.domain.eligibility.facts import Facts
from service.domain.eligibility.periods import Period
from service.domain.eligibility.thresholds import Threshold, Thresholds
from service.domain.timelines import timeline
from tests.domain.eligibility.making import (
    ANY_DATES,
    ANY_DAY,
    ANY_FACTS,
    LONG_BEFORE,
    PRISONER,
    RELEASE,
    RESIDENT,
    UNHURRIED,
    entries,
)


@pytest.mark.parametrize(
    ("name", "opens_on", "due_on"),
    [
        ("mappa_referral", date(2027, 2, 22), date(2027, 3, 22)),
        ("mappa_level", date(2027, 2, 22), date(2027, 5, 22)),
        ("approved_premises_application", date(2026, 11, 22), date(2027, 5, 22)),
        ("commissioned_services_referral", date(2027, 8, 30), RELEASE),
        ("duty_to_refer", date(2027, 9, 27), RELEASE),
        ("cas3_referral", date(2027, 8, 22), RELEASE),
    ],
)
def test_each_deadline_is_worked_back_from_release_and_passes_through_its_states(
    name: str, opens_on: date, due_on: date
) -> None:
    day = timedelta(days=1)
    entry = entries()[name]

    assert (entry.window_opens_on, entry.due_on) == (opens_on, due_on)
    assert entries(opens_on - day)[name].status == "upcoming"
    assert entries(opens_on)[name].status == "due"
    assert entries(due_on)[name].status == "due"
    assert entries(due_on + day)[name].status == "overdue"


def test_the_timeline_moves_when_the_release_date_moves() -> None:
    later = entries(LONG_BEFORE, KeyDates(release_on=RELEASE + timedelta(weeks=4)))

    assert later["duty_to_refer"].window_opens_on == date(2027, 10, 25)
    assert later["mappa_level"].due_on == date(2027, 6, 20)
    for name in ("approved_premises_application", "commissioned_services_referral", "cas3_referral"):
        assert later[name].due_on != entries()[name].due_on


def test_the_earliest_due_comes_first_and_what_has_no_date_last() -> None:
    sent = {"status": "submitted", "submitted_on": "2027-10-01"}

    assert list(entries(duty_to_refer=sent)) == [
        "mappa_referral",
        "mappa_level",
        "approved_premises_application",
        "commissioned_services_referral",
        "duty_to_refer",
        "cas3_referral",
        "duty_to_refer_expiry",
        "oasys_review",
        "move_on_plan",
        "next_home_confirmed",
    ]


def test_without_a_release_date_every_entry_stands_and_says_so() -> None:
    without = entries(LONG_BEFORE, KeyDates())

    assert set(without) == set(DeadlineName)
    for name in ("mappa_referral", "mappa_level", "approved_premises_application", "cas3_referral", "duty_to_refer"):
        assert without[name].status == "date_not_known"
        assert (without[name].window_opens_on, without[name].due_on) == (None, None)
        assert without[name].why.startswith("No release date is recorded")


def test_what_is_done_is_done_even_without_a_release_date() -> None:
    assert entries(LONG_BEFORE, KeyDates(), mappa={"category": "2", "level": "2"})["mappa_level"].status == "done"


@pytest.mark.parametrize("name", list(DeadlineName))
def test_every_entry_says_why_and_by_which_source(name: str) -> None:
    entry = entries()[name]

    assert entry.why
    assert entry.source


def test_a_changed_number_moves_the_deadline_and_is_named_in_the_reason() -> None:
    changed = Thresholds(duty_to_refer_may_start=Threshold(period=Period(weeks=10), source="A new instruction"))
    facts = Facts.model_validate(PRISONER)
    found = {each.name: each for each in timeline(KeyDates(release_on=RELEASE), facts, changed, LONG_BEFORE)}

    assert found[DeadlineName.DUTY_TO_REFER].window_opens_on == date(2027, 9, 13)
    assert "10 weeks" in found[DeadlineName.DUTY_TO_REFER].why
    assert found[DeadlineName.DUTY_TO_REFER].source == "A new instruction"


@pytest.mark.parametrize(
    ("mappa", "referral", "level"),
    [
        (None, "not_needed", "not_needed"),
        ({"level": "2"}, "not_needed", "not_needed"),
        ({"category": "1"}, "upcoming", "upcoming"),
        ({"category": "1", "level": "1"}, "not_needed", "done"),
        ({"category": "1", "level": "2"}, "done", "done"),
        ({"category": "1", "level": "3"}, "done", "done"),
        ({"category": "3", "level": "1"}, "upcoming", "upcoming"),
        ({"category": "3", "level": "2"}, "done", "done"),
    ],
)
def test_a_level_the_category_allows_settles_mappa(mappa: dict[str, str] | None, referral: str, level: str) -> None:
    found = entries(mappa=mappa)

    assert (found["mappa_referral"].status, found["mappa_level"].status) == (referral, level)


def test_mappa_is_worked_back_from_the_first_possible_release_when_that_is_earlier() -> None:
    found = entries(mappa={"category": "2", "first_release_on": "2027-08-22"})

    assert found["mappa_level"].due_on == date(2027, 2, 22)
    assert found["approved_premises_application"].due_on == date(2027, 5, 22)


def test_in_a_short_sentence_the_level_is_due_at_once() -> None:
    dates = KeyDates(release_on=RELEASE, sentence_started_on=date(2027, 9, 1))

    assert entries(LONG_BEFORE, dates)["mappa_level"].due_on == date(2027, 9, 1)


@pytest.mark.parametrize(
    ("facts", "status"),
    [
        ({}, "upcoming"),
        ({"approved_premises": {"application": "awaiting_assessment"}}, "done"),
        ({"approved_premises": {"application": "started"}}, "upcoming"),
        ({"approved_premises": {"application": "rejected"}}, "upcoming"),
        ({"tier": "D2"}, "not_needed"),
        ({"tier": "D2", "approved_premises": {"application": "awaiting_assessment"}}, "done"),
        ({"tier": None}, "upcoming"),
        ({"sex": None}, "upcoming"),
        ({"current_accommodation": RESIDENT}, "done"),
        ({"current_accommodation": {"kind": "settled"}}, "not_needed"),
        ({"current_accommodation": None}, "upcoming"),
    ],
)
def test_approved_premises_are_settled_by_an_application_a_stay_or_the_tier(
    facts: dict[str, object], status: str
) -> None:
    assert entries(**facts)["approved_premises_application"].status == status


def test_approved_premises_are_worked_back_from_a_separate_arrival() -> None:
    dates = KeyDates(release_on=RELEASE, approved_premises_arrival_on=date(2028, 2, 29))
    entry = entries(LONG_BEFORE, dates)["approved_premises_application"]

    assert (entry.window_opens_on, entry.due_on) == (date(2027, 3, 1), date(2027, 8, 29))


def test_whoever_is_expected_at_approved_premises_has_a_place_and_its_day_is_that_of_the_stay() -> None:
    dates = KeyDates(release_on=RELEASE, approved_premises_arrival_on=date(2028, 2, 29))
    expected = dates.model_copy(update={"premises_expected_on": date(2028, 3, 31)})
    entry = entries(LONG_BEFORE, expected)["approved_premises_application"]

    assert (entry.due_on, entry.status) == (date(2027, 9, 30), "done")


@pytest.mark.parametrize(
    ("completed_on", "today", "status"),
    [
        (date(2026, 1, 1), date(2026, 6, 30), "upcoming"),
        (date(2026, 1, 1), date(2026, 7, 1), "due"),
        (date(2026, 1, 1), date(2026, 7, 2), "overdue"),
        (date(2027, 8, 31), date(2028, 2, 29), "due"),
        (date(2027, 8, 31), date(2028, 3, 1), "overdue"),
        (None, LONG_BEFORE, "date_not_known"),
    ],
)
def test_an_oasys_is_too_old_the_day_after_six_months(completed_on: date | None, today: date, status: str) -> None:
    assert (
        entries(today, KeyDates(release_on=RELEASE, oasys_completed_on=completed_on))["oasys_review"].status == status
    )


def test_dates_are_whole_days_and_names_are_known() -> None:
    with pytest.raises(ValidationError, match="YYYY-MM-DD"):
        KeyDates.model_validate({"release_on": "2027-11-22T00:00:00"})
    with pytest.raises(ValidationError, match="parole_on"):
        KeyDates.model_validate({"parole_on": "2027-11-22"})


@UNHURRIED
@given(dates=ANY_DATES, facts=ANY_FACTS, today=ANY_DAY)
def test_anybody_has_a_whole_timeline_with_honest_dates(dates: KeyDates, facts: Facts, today: date) -> None:
    found = timeline(dates, facts, Thresholds(), today)

    assert sorted(each.name for each in found) == sorted(DeadlineName)
    assert found == timeline(dates, facts, Thresholds(), today)
    for each in found:
        assert (each.due_on is None) == (each.window_opens_on is None)
        assert each.due_on is not None or each.status not in {"due", "overdue", "upcoming"}
        assert each.status is not DeadlineStatus.DATE_NOT_KNOWN or each.due_on is None


@UNHURRIED
@given(dates=ANY_DATES, facts=ANY_FACTS, today=st.dates(date(2024, 1, 1), date(2030, 1, 1)), days=st.integers(0, 900))
def test_what_is_overdue_stays_so_and_nothing_due_becomes_upcoming(
    dates: KeyDates, facts: Facts, today: date, days: int
) -> None:
    first = {each.name: each.status for each in timeline(dates, facts, Thresholds(), today)}
    later = {each.name: each.status for each in timeline(dates, facts, Thresholds(), today + timedelta(days=days))}

    for name, status in first.items():
        assert status is not DeadlineStatus.OVERDUE or later[name] is DeadlineStatus.OVERDUE
        assert status is not DeadlineStatus.DUE or later[name] in {DeadlineStatus.DUE, DeadlineStatus.OVERDUE}
