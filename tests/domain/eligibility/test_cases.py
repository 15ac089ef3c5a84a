"""The case's next steps in order, and whether the person has or risks having nowhere to live."""

from datetime import date

import pytest

from service.domain.eligibility.assessments import assess
from service.domain.eligibility.cases import accommodation_status, next_steps
from service.domain.eligibility.facts import Facts, HomeKind
from service.domain.eligibility.lines import Line
from service.domain.eligibility.thresholds import Thresholds
from tests.domain.eligibility.making import TODAY, in_prison_until, line, make_facts, weeks_ahead


def steps(facts: Facts) -> list[tuple[str, str, date | None]]:
    merged = next_steps(assess(facts, TODAY, Thresholds()))
    return [(step.service.value, step.action.value, step.starts_on) for step in merged]


def test_undated_steps_come_in_the_services_order_and_what_cannot_start_yet_is_left_out() -> None:
    assert steps(make_facts()) == [
        ("duty_to_refer", "add_dtr_referral_details", None),
        ("commissioned_services", "submit_crs_accommodation_referral", None),
        ("approved_premises", "start_approved_premise_application", None),
        ("proposed_address", "add_and_confirm_proposed_address", None),
    ]


def test_dated_steps_come_first_by_date() -> None:
    facts = make_facts(current_accommodation=in_prison_until(weeks_ahead(60)))

    assert steps(facts) == [
        ("approved_premises", "start_approved_premise_application", date(2027, 1, 16)),
        ("commissioned_services", "submit_crs_accommodation_referral", date(2027, 10, 24)),
        ("duty_to_refer", "submit_dtr_referral", date(2027, 11, 21)),
        ("proposed_address", "add_and_confirm_proposed_address", None),
    ]


def test_steps_of_one_day_keep_the_services_order() -> None:
    day = date(2027, 1, 1)
    lines: dict[str, Line] = {
        "cas3": line("not_started", "start_cas3_referral", day),
        "approved_premises": line("upcoming", "start_approved_premise_application", day),
        "duty_to_refer": line("upcoming", "submit_dtr_referral", day),
    }

    assert [step.service for step in next_steps(lines)] == ["duty_to_refer", "approved_premises", "cas3"]


def test_lines_without_an_action_give_no_step() -> None:
    facts = make_facts(has_next_accommodation=True, tier="D2", mappa={"category": "1"})

    assert steps(facts) == []


@pytest.mark.parametrize(
    ("current", "next_homes", "expected"),
    [
        (None, [], "no_fixed_abode"),
        (None, ["settled"], "no_fixed_abode"),
        ("homeless", [], "no_fixed_abode"),
        ("homeless", ["settled"], "no_fixed_abode"),
        ("homeless", ["approved_premises"], "no_fixed_abode"),
        *((kind, [], "risk_of_no_fixed_abode") for kind in HomeKind if kind not in {"homeless", "settled"}),
        ("settled", [], None),
        ("settled", ["homeless"], "risk_of_no_fixed_abode"),
        ("settled", ["settled"], None),
        ("prison", ["settled"], None),
        ("transient", ["settled"], None),
        ("prison", ["homeless"], None),
        ("prison", ["approved_premises"], "risk_of_no_fixed_abode"),
        ("prison", ["cas3"], "risk_of_no_fixed_abode"),
        ("approved_premises", ["cas3"], "risk_of_no_fixed_abode"),
        ("settled", ["transient"], "risk_of_no_fixed_abode"),
        ("prison", ["settled", "transient"], "risk_of_no_fixed_abode"),
    ],
)
def test_the_risk_of_having_no_home_follows_the_present_and_the_next_ones(
    current: str | None, next_homes: list[str], expected: str | None
) -> None:
    home = HomeKind(current) if current else None

    assert accommodation_status(home, [HomeKind(each) for each in next_homes]) == expected
