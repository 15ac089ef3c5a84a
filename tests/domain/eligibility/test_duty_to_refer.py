"""The duty to refer: a standing referral, whether one is needed, and from when."""

from datetime import date

import pytest

from service.domain.eligibility.lines import Line, Service
from tests.domain.eligibility.making import in_prison_until, line, line_for, make_facts, weeks_ago, weeks_ahead

ADD_DETAILS, ADD_OUTCOME, SUBMIT = "add_dtr_referral_details", "add_dtr_outcome", "submit_dtr_referral"
NOT_STARTED = line("not_started", ADD_DETAILS)


@pytest.mark.parametrize(
    ("status", "expected"),
    [
        ("submitted", line("submitted", ADD_OUTCOME)),
        ("accepted", line("accepted")),
        ("not_accepted", line("not_accepted")),
        (None, line("submitted", ADD_OUTCOME)),
        ("withdrawn", NOT_STARTED),
    ],
)
def test_a_recent_referral_shows_what_the_council_answered(status: str | None, expected: Line) -> None:
    facts = make_facts(duty_to_refer={"status": status, "submitted_on": weeks_ago(4)})

    assert line_for(Service.DUTY_TO_REFER, facts) == expected


@pytest.mark.parametrize("status", ["submitted", "accepted", "not_accepted"])
@pytest.mark.parametrize(
    ("sent_on", "stands"),
    [(weeks_ago(0), True), (weeks_ago(26), True), (weeks_ago(26, days=1), False), (None, False)],
)
def test_a_referral_stands_for_exactly_26_weeks_whatever_the_answer(
    status: str, sent_on: str | None, stands: bool
) -> None:
    facts = make_facts(duty_to_refer={"status": status, "submitted_on": sent_on})

    assert (line_for(Service.DUTY_TO_REFER, facts).status == status) == stands
    assert (line_for(Service.DUTY_TO_REFER, facts) == NOT_STARTED) == (not stands)


def test_a_referral_of_1_february_in_a_leap_year_stands_until_1_august() -> None:
    facts = make_facts(duty_to_refer={"status": "accepted", "submitted_on": "2028-02-01"})

    assert line_for(Service.DUTY_TO_REFER, facts, date(2028, 8, 1)) == line("accepted")
    assert line_for(Service.DUTY_TO_REFER, facts, date(2028, 8, 2)) == NOT_STARTED


@pytest.mark.parametrize("council", [None, {}, {"status": "withdrawn", "submitted_on": weeks_ago(1)}])
def test_with_a_next_home_none_is_needed(council: dict[str, str] | None) -> None:
    facts = make_facts(has_next_accommodation=True, duty_to_refer=council)

    assert line_for(Service.DUTY_TO_REFER, facts) == line("not_required", None, None, "has_next_accommodation")


def test_a_standing_referral_is_shown_even_with_a_next_home_and_long_before_release() -> None:
    facts = make_facts(
        has_next_accommodation=True,
        current_accommodation=in_prison_until(weeks_ahead(40)),
        duty_to_refer={"status": "submitted", "submitted_on": weeks_ago(1)},
    )

    assert line_for(Service.DUTY_TO_REFER, facts) == line("submitted", ADD_OUTCOME)


@pytest.mark.parametrize(
    ("ends_on", "expected"),
    [
        (weeks_ahead(8), NOT_STARTED),
        (weeks_ahead(8, days=1), line("upcoming", SUBMIT, date(2026, 11, 23))),
        (weeks_ahead(40), line("upcoming", SUBMIT, date(2027, 7, 4))),
        (weeks_ago(3), NOT_STARTED),
        (None, NOT_STARTED),
    ],
)
def test_one_may_start_exactly_eight_weeks_ahead(ends_on: str | None, expected: Line) -> None:
    facts = make_facts(current_accommodation=in_prison_until(ends_on))

    assert line_for(Service.DUTY_TO_REFER, facts) == expected


def test_a_next_home_counts_before_the_window() -> None:
    facts = make_facts(has_next_accommodation=True, current_accommodation=in_prison_until(weeks_ahead(40)))

    assert line_for(Service.DUTY_TO_REFER, facts).status == "not_required"
