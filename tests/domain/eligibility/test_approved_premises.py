"""Approved premises: who may apply and when, and the stage an application has reached."""

from datetime import date
from itertools import product

import pytest

from service.domain.eligibility.facts import Placement, PlacementRequest, PremisesApplication
from service.domain.eligibility.lines import Line, Service
from tests.domain.eligibility.making import (
    IN_ONE_YEAR,
    LONG_AHEAD,
    in_prison_until,
    line,
    line_for,
    make_facts,
)

START, CONTINUE, CREATE = (
    "start_approved_premise_application",
    "continue_approved_premise_application",
    "create_placement",
)
RUNNING = [
    "unallocated_assessment",
    "awaiting_assessment",
    "assessment_in_progress",
    "requested_further_information",
    "pending_placement_request",
    "awaiting_placement",
    "placement_allocated",
]
ENDED = ["started", "rejected", "expired", "inapplicable", "withdrawn"]


def answer(application: str | None = None, request: str | None = None, placement: str | None = None) -> Line:
    stages = {"application": application, "placement_request": request, "placement": placement}
    return line_for(Service.APPROVED_PREMISES, make_facts(approved_premises=stages))


@pytest.mark.parametrize(
    ("application", "expected"),
    [
        (None, line("not_started", START)),
        ("started", line("not_submitted", CONTINUE)),
        ("rejected", line("application_rejected", START)),
        ("expired", line("not_started", START)),
        ("inapplicable", line("not_started", START)),
        ("withdrawn", line("not_started", START)),
        ("unallocated_assessment", line("submitted")),
        ("awaiting_assessment", line("submitted")),
        ("assessment_in_progress", line("submitted")),
        ("requested_further_information", line("info_requested", "provide_information")),
        ("pending_placement_request", line("submitted")),
        ("awaiting_placement", line("submitted")),
        ("placement_allocated", line("submitted")),
    ],
)
def test_an_application_alone_shows_its_own_stage(application: str | None, expected: Line) -> None:
    assert answer(application) == expected


@pytest.mark.parametrize(
    ("request_", "expected"),
    [
        ("withdrawn", line("placement_request_withdrawn", CREATE)),
        ("unsubmitted", line("placement_request_not_started", CREATE)),
        ("rejected", line("placement_request_rejected", CREATE)),
        ("submitted", line("placement_request_submitted")),
        ("awaiting_match", line("placement_request_submitted")),
        ("booked", line("placement_request_submitted")),
    ],
)
@pytest.mark.parametrize("application", [None, *RUNNING, "started", "rejected", "inapplicable", "withdrawn"])
def test_a_placement_request_counts_before_the_application(
    application: str | None, request_: str, expected: Line
) -> None:
    assert answer(application, request_) == expected


@pytest.mark.parametrize(
    ("placement", "expected"),
    [
        ("upcoming", line("placement_booked")),
        ("arrived", line("arrived")),
        ("not_arrived", line("not_arrived", CREATE)),
        ("cancelled", line("placement_cancelled", CREATE)),
        ("departed", line("placement_request_not_started", CREATE)),
    ],
)
@pytest.mark.parametrize("request_", [None, "withdrawn", "booked"])
@pytest.mark.parametrize("application", [None, *RUNNING, "started", "rejected", "inapplicable", "withdrawn"])
def test_a_placement_counts_before_everything(
    application: str | None, request_: str | None, placement: str, expected: Line
) -> None:
    assert answer(application, request_, placement) == expected


@pytest.mark.parametrize(
    ("placement", "expected"),
    [
        ("upcoming", line("placement_booked")),
        ("arrived", line("arrived")),
        ("not_arrived", line("not_started", START)),
        ("cancelled", line("not_started", START)),
        ("departed", line("not_started", START)),
        (None, line("not_started", START)),
    ],
)
@pytest.mark.parametrize("request_", [None, "booked", "withdrawn"])
def test_an_expired_application_lives_only_in_a_place_that_is_booked_or_taken(
    request_: str | None, placement: str | None, expected: Line
) -> None:
    assert answer("expired", request_, placement) == expected


@pytest.mark.parametrize(
    ("sex", "tier", "reasons"),
    [
        *(("M", tier, []) for tier in ("A1", "A2", "A3", "B1", "B2", "B3")),
        *(("M", tier, ["male_not_high_risk_tier"]) for tier in ("A0", "B0", "C1", "C2", "C3", "D0", "D3", None)),
        *(("M", tier, ["s_tier"]) for tier in ("A1S", "B3S")),
        *(("M", tier, ["s_tier", "male_not_high_risk_tier"]) for tier in ("C3S", "D1S")),
        *((sex, tier, []) for sex in ("F", "N", "NS") for tier in ("A1", "A2", "A3", "B1", "B2", "B3", "C3")),
        *(
            (sex, tier, ["non_male_not_high_risk_tier"])
            for sex in ("F", "N", "NS")
            for tier in ("B0", "C1", "C2", "D0", "D3", None)
        ),
        ("F", "C3S", ["s_tier"]),
        ("NS", "C2S", ["s_tier", "non_male_not_high_risk_tier"]),
    ],
)
def test_the_tier_decides_with_every_failing_reason(sex: str, tier: str | None, reasons: list[str]) -> None:
    expected = line("not_eligible", None, None, *reasons) if reasons else line("not_started", START)

    assert line_for(Service.APPROVED_PREMISES, make_facts(sex=sex, tier=tier)) == expected


@pytest.mark.parametrize("application", ENDED)
def test_an_application_that_is_over_or_a_draft_does_not_save_anybody_from_the_tier_test(application: str) -> None:
    facts = make_facts(tier="D2", approved_premises={"application": application})

    assert line_for(Service.APPROVED_PREMISES, facts) == line("not_eligible", None, None, "male_not_high_risk_tier")


@pytest.mark.parametrize(("tier", "application"), list(product(("B2S", "D2", None), RUNNING)))
def test_a_live_application_is_shown_whatever_the_tier(tier: str | None, application: str) -> None:
    facts = make_facts(tier=tier, approved_premises={"application": application})

    assert line_for(Service.APPROVED_PREMISES, facts) == answer(application)


def test_without_a_recorded_sex_nothing_can_be_said_even_of_a_booked_place() -> None:
    facts = make_facts(sex=None, tier="D2", approved_premises={"placement": "upcoming"})

    assert line_for(Service.APPROVED_PREMISES, facts) == line("not_eligible", None, None, "sex_data_not_available")


@pytest.mark.parametrize(
    ("on", "ends_on", "starts_on"),
    [
        (date(2026, 11, 22), date(2027, 11, 22), None),
        (date(2026, 11, 22), date(2027, 11, 23), date(2026, 11, 23)),
        (date(2026, 11, 22), date(2026, 11, 1), None),
        (date(2026, 11, 22), None, None),
        (date(2027, 2, 28), date(2028, 2, 28), None),
        (date(2027, 2, 28), date(2028, 2, 29), date(2027, 3, 1)),
        (date(2027, 3, 1), date(2028, 2, 29), None),
        (date(2028, 2, 29), date(2029, 2, 28), None),
        (date(2028, 2, 29), date(2029, 3, 1), date(2028, 3, 1)),
        (date(2026, 11, 22), date.max, date(9998, 12, 31)),
    ],
)
def test_an_application_may_start_a_year_ahead_to_the_day(
    on: date, ends_on: date | None, starts_on: date | None
) -> None:
    facts = make_facts(current_accommodation=in_prison_until(ends_on.isoformat() if ends_on else None))
    expected = line("upcoming", START, starts_on) if starts_on else line("not_started", START)

    assert line_for(Service.APPROVED_PREMISES, facts, on) == expected


@pytest.mark.parametrize("home", [None, {}, {"kind": "homeless"}])
def test_no_known_end_of_the_present_home_counts_as_within_the_year(home: dict[str, str] | None) -> None:
    assert line_for(Service.APPROVED_PREMISES, make_facts(current_accommodation=home)) == line("not_started", START)


@pytest.mark.parametrize(
    "stages", [{"application": "awaiting_placement"}, {"application": "placement_allocated", "placement": "upcoming"}]
)
def test_over_a_year_ahead_an_existing_application_is_ignored(stages: dict[str, str]) -> None:
    far = in_prison_until(LONG_AHEAD.isoformat())
    facts = make_facts(current_accommodation=far, approved_premises=stages)

    assert line_for(Service.APPROVED_PREMISES, facts) == line("upcoming", START, date(2028, 6, 1))


def test_over_a_year_ahead_the_tier_still_decides() -> None:
    facts = make_facts(tier="C3", current_accommodation=in_prison_until(LONG_AHEAD.isoformat()))

    assert line_for(Service.APPROVED_PREMISES, facts) == line("not_eligible", None, None, "male_not_high_risk_tier")


def test_a_next_home_makes_no_difference() -> None:
    facts = make_facts(has_next_accommodation=True, current_accommodation=in_prison_until(IN_ONE_YEAR.isoformat()))

    assert line_for(Service.APPROVED_PREMISES, facts) == line("not_started", START)


def test_every_combination_of_stages_has_exactly_one_known_answer() -> None:
    stages = product((None, *PremisesApplication), (None, *PlacementRequest), (None, *Placement))
    answers = [answer(*each) for each in stages]

    assert len(answers) == 13 * 7 * 6
    assert not any(each.reasons for each in answers)
    assert {each.status.value for each in answers} == {
        "not_started", "not_submitted", "application_rejected", "submitted", "info_requested",
        "placement_request_withdrawn", "placement_request_not_started", "placement_request_rejected",
        "placement_request_submitted", "placement_booked", "placement_cancelled", "arrived", "not_arrived",
    }  # fmt: skip
