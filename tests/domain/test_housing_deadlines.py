"""What must be asked for before a home is needed: the council and its expiry, commissioned services, and CAS3."""

from datetime import date, timedelta

import pytest

from service.domain.deadlines import KeyDates, Window
from service.domain.eligibility.facts import Facts
from service.domain.eligibility.situations import Situation
from service.domain.eligibility.thresholds import Thresholds
from service.domain.housing_deadlines import cas3_window
from tests.domain.eligibility.making import (
    LONG_BEFORE,
    PRISONER,
    RESIDENT,
    entries,
)


@pytest.mark.parametrize(
    ("council", "today", "referral", "expiry"),
    [
        (None, date(2027, 10, 1), "due", "not_needed"),
        ({"status": "submitted", "submitted_on": "2027-10-01"}, date(2027, 10, 2), "done", "upcoming"),
        ({"status": "accepted", "submitted_on": "2027-05-24"}, date(2027, 11, 22), "done", "due"),
        ({"status": "accepted", "submitted_on": "2027-05-23"}, date(2027, 11, 22), "due", "overdue"),
        ({"status": "withdrawn", "submitted_on": "2027-10-01"}, date(2027, 10, 2), "due", "upcoming"),
        ({"status": "submitted"}, date(2027, 10, 2), "due", "date_not_known"),
    ],
)
def test_a_duty_to_refer_expires_26_weeks_after_it_was_sent(
    council: dict[str, str] | None, today: date, referral: str, expiry: str
) -> None:
    found = entries(today, duty_to_refer=council)

    assert (found["duty_to_refer"].status, found["duty_to_refer_expiry"].status) == (referral, expiry)


def test_the_expiry_is_the_last_valid_day() -> None:
    sent = {"status": "submitted", "submitted_on": "2027-10-01"}

    assert entries(duty_to_refer=sent)["duty_to_refer_expiry"].due_on == date(2028, 4, 1) - timedelta(days=1)


@pytest.mark.parametrize(
    ("facts", "waiting_for"),
    [
        ({}, ["duty_to_refer", "commissioned_services_referral"]),
        ({"duty_to_refer": {"submitted_on": "2027-10-01"}}, ["commissioned_services_referral"]),
        ({"commissioned_services": {"accommodation_referral": "live"}}, ["duty_to_refer"]),
        ({"cas3": {"booking": "confirmed"}}, []),
        ({"has_next_accommodation": True}, []),
    ],
)
def test_cas3_names_what_must_be_sent_first(facts: dict[str, object], waiting_for: list[str]) -> None:
    assert entries(date(2027, 11, 1), **facts)["cas3_referral"].waiting_for == waiting_for


@pytest.mark.parametrize(
    ("facts", "services", "council", "cas3"),
    [
        ({"has_next_accommodation": True}, "not_needed", "not_needed", "not_needed"),
        ({"current_accommodation": {"kind": "settled"}}, "not_needed", "date_not_known", "not_needed"),
        ({"current_accommodation": {"kind": "homeless"}}, "date_not_known", "date_not_known", "not_needed"),
        ({"current_accommodation": None}, "upcoming", "upcoming", "upcoming"),
        ({"commissioned_services": {"accommodation_referral": "live"}}, "done", "upcoming", "upcoming"),
        ({"cas3": {"application": "submitted"}}, "upcoming", "upcoming", "done"),
        ({"cas3": {"application": "draft"}}, "upcoming", "upcoming", "upcoming"),
    ],
)
def test_referrals_for_a_home_are_settled_by_the_homes_and_by_what_was_sent(
    facts: dict[str, object], services: str, council: str, cas3: str
) -> None:
    found = entries(**facts)

    assert found["commissioned_services_referral"].status == services
    assert found["duty_to_refer"].status == council
    assert found["cas3_referral"].status == cas3


@pytest.mark.parametrize("needed_on", [date(2027, 12, 1), None])
def test_moving_on_from_approved_premises_counts_from_the_day_a_home_is_needed(needed_on: date | None) -> None:
    dates = KeyDates(release_on=date(2027, 9, 1), accommodation_needed_from_on=needed_on)
    found = entries(date(2027, 10, 20), dates, current_accommodation=RESIDENT)
    last_day = needed_on or date(2027, 11, 22)

    assert found["commissioned_services_referral"].due_on == last_day
    assert found["commissioned_services_referral"].status == "due"
    assert found["duty_to_refer"].due_on == last_day - timedelta(weeks=8)
    assert found["cas3_referral"].due_on == last_day - timedelta(weeks=7)


def test_moving_on_without_any_day_says_which_day_is_missing() -> None:
    home = {"kind": "approved_premises"}
    entry = entries(date(2027, 10, 20), KeyDates(release_on=date(2027, 9, 1)), current_accommodation=home)

    assert entry["cas3_referral"].status == "date_not_known"
    assert entry["cas3_referral"].why.startswith("No day is recorded from which the next home is needed")


@pytest.mark.parametrize(
    ("release_on", "needed_on", "window"),
    [
        (date(2027, 11, 22), None, Window(date(2027, 8, 22), date(2027, 11, 22))),
        (date(2027, 11, 22), date(2027, 11, 29), Window(date(2027, 8, 29), date(2027, 11, 22))),
        (date(2027, 11, 22), date(2027, 11, 15), Window(date(2027, 8, 22), date(2027, 11, 15))),
        (date(2027, 5, 31), None, Window(date(2027, 3, 1), date(2027, 5, 31))),
        (None, date(2027, 11, 29), None),
        (None, None, None),
    ],
)
def test_from_prison_cas3_takes_both_dates_within_three_months(
    release_on: date | None, needed_on: date | None, window: Window | None
) -> None:
    dates = KeyDates(release_on=release_on, accommodation_needed_from_on=needed_on)
    situation = Situation.of(Facts.model_validate(PRISONER), LONG_BEFORE, Thresholds())

    assert cas3_window(dates, situation) == window
