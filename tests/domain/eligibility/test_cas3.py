"""CAS3: from which homes, after which referrals, and the stage a referral has reached."""

from itertools import product

import pytest

from service.domain.eligibility.facts import Cas3Application, Cas3Assessment, Cas3Booking
from service.domain.eligibility.lines import Line, Service
from tests.domain.eligibility.making import (
    LIVE_SERVICES,
    LONG_AHEAD,
    SENT_RECENTLY,
    in_prison_until,
    line,
    line_for,
    make_facts,
    weeks_ago,
)

START = "start_cas3_referral"
OPEN_ASSESSMENTS = ["unallocated", "in_review", "ready_to_place"]
ENDED_STAYS = ["arrived", "departed", "closed"]


def answer(application: str | None = None, assessment: str | None = None, booking: str | None = None) -> Line:
    """Answer for somebody eligible who has sent what must be sent first."""
    facts = make_facts(
        cas3={"application": application, "assessment": assessment, "booking": booking},
        duty_to_refer=SENT_RECENTLY,
        commissioned_services=LIVE_SERVICES,
    )
    return line_for(Service.CAS3, facts)


@pytest.mark.parametrize(
    ("stages", "expected"),
    [
        ((None, None, None), line("not_started", START)),
        (("draft", None, None), line("not_submitted")),
        (("rejected", None, None), line("rejected", START)),
        (("submitted", "rejected", None), line("rejected", START)),
        (("rejected", "rejected", None), line("rejected", START)),
        (("submitted", "closed", None), line("not_started", START)),
        (("rejected", "closed", None), line("not_started", START)),
        *((("submitted", "closed", booking), line("not_started", START)) for booking in ENDED_STAYS),
        *((("rejected", "rejected", booking), line("not_started", START)) for booking in ENDED_STAYS),
        *((("submitted", None, booking), line("not_started", START)) for booking in ENDED_STAYS),
    ],
)
def test_without_a_live_referral_the_last_ones_end_is_shown(
    stages: tuple[str | None, str | None, str | None], expected: Line
) -> None:
    assert answer(*stages) == expected


@pytest.mark.parametrize(
    ("booking", "expected"),
    [
        ("confirmed", line("booking_confirmed")),
        ("provisional", line("bedspace_offered", "reply_to_cas3_bedspace_offer")),
        ("not_arrived", line("not_arrived")),
        ("cancelled", line("booking_cancelled")),
    ],
)
@pytest.mark.parametrize("assessment", [None, "closed", "rejected", *OPEN_ASSESSMENTS])
@pytest.mark.parametrize("application", [None, *(each.value for each in Cas3Application)])
def test_a_booking_not_yet_taken_up_counts_before_everything(
    application: str | None, assessment: str | None, booking: str, expected: Line
) -> None:
    assert answer(application, assessment, booking) == expected


@pytest.mark.parametrize(
    ("application", "assessment"),
    [
        ("submitted", None),
        ("requested_further_information", None),
        *product(("submitted", "requested_further_information", "draft", "rejected"), OPEN_ASSESSMENTS),
    ],
)
def test_a_referral_under_way_is_submitted(application: str, assessment: str | None) -> None:
    assert answer(application, assessment) == line("submitted")


def test_a_live_referral_is_shown_even_to_somebody_who_could_not_start_one() -> None:
    facts = make_facts(
        current_accommodation={"kind": "settled"}, has_next_accommodation=True, cas3={"booking": "confirmed"}
    )

    assert line_for(Service.CAS3, facts) == line("booking_confirmed")


@pytest.mark.parametrize(
    ("kind", "has_next", "reasons"),
    [
        ("prison", False, []),
        ("approved_premises", False, []),
        ("cas2", False, []),
        ("cas3", False, ["invalid_current_accommodation_type"]),
        ("homeless", False, ["invalid_current_accommodation_type"]),
        ("settled", False, ["invalid_current_accommodation_type"]),
        ("transient", False, ["invalid_current_accommodation_type"]),
        (None, False, ["invalid_current_accommodation_type"]),
        ("prison", None, []),
        ("prison", True, ["has_next_accommodation"]),
        ("approved_premises", True, ["has_next_accommodation"]),
        ("settled", True, ["invalid_current_accommodation_type", "has_next_accommodation"]),
        (None, True, ["invalid_current_accommodation_type", "has_next_accommodation"]),
    ],
)
@pytest.mark.parametrize("cas3", [None, {"application": "draft"}, {"application": "rejected"}])
def test_the_present_and_the_next_home_decide_for_drafts_too(
    cas3: dict[str, str] | None, kind: str | None, has_next: bool | None, reasons: list[str]
) -> None:
    facts = make_facts(
        cas3=cas3,
        current_accommodation={"kind": kind},
        has_next_accommodation=has_next,
        duty_to_refer=SENT_RECENTLY,
        commissioned_services=LIVE_SERVICES,
    )
    result = line_for(Service.CAS3, facts)

    assert [reason.value for reason in result.reasons] == reasons
    assert (result.status == "not_eligible") == bool(reasons)


@pytest.mark.parametrize(
    ("sex", "council", "services", "action"),
    [
        ("M", None, LIVE_SERVICES, "submit_dtr_before_cas3"),
        ("F", None, LIVE_SERVICES, "submit_dtr_before_cas3"),
        (None, None, LIVE_SERVICES, "submit_dtr_before_cas3"),
        ("M", SENT_RECENTLY, None, "submit_crs_accommodation_before_cas3"),
        ("F", SENT_RECENTLY, None, "submit_crs_before_cas3"),
        ("N", SENT_RECENTLY, None, "submit_crs_before_cas3"),
        ("NS", SENT_RECENTLY, None, "submit_crs_before_cas3"),
        (None, SENT_RECENTLY, None, "submit_crs_before_cas3"),
        ("M", None, None, "submit_dtr_and_crs_accommodation_before_cas3"),
        ("F", None, None, "submit_dtr_and_crs_before_cas3"),
        (None, None, None, "submit_dtr_and_crs_before_cas3"),
    ],
)
def test_what_is_missing_must_be_sent_first(
    sex: str | None, council: dict[str, str] | None, services: dict[str, str] | None, action: str
) -> None:
    facts = make_facts(sex=sex, duty_to_refer=council, commissioned_services=services)

    assert line_for(Service.CAS3, facts) == line("cannot_start_yet", action)


@pytest.mark.parametrize("status", ["completed", "withdrawn", None])
def test_a_commissioned_referral_that_is_over_counts_as_none(status: str | None) -> None:
    services = {"accommodation_referral": status}
    facts = make_facts(duty_to_refer=SENT_RECENTLY, commissioned_services=services)

    assert line_for(Service.CAS3, facts) == line("cannot_start_yet", "submit_crs_accommodation_before_cas3")


@pytest.mark.parametrize("status", ["submitted", "accepted", "not_accepted", "withdrawn", None])
@pytest.mark.parametrize(
    ("sent_on", "is_recent"),
    [
        (weeks_ago(0), True),
        (weeks_ago(25), True),
        (weeks_ago(26), True),
        (weeks_ago(26, days=1), False),
        (weeks_ago(60), False),
        (None, False),
    ],
)
def test_a_refused_council_referral_still_counts_until_it_is_26_weeks_old(
    status: str | None, sent_on: str | None, is_recent: bool
) -> None:
    council = {"status": status, "submitted_on": sent_on}
    facts = make_facts(duty_to_refer=council, commissioned_services=LIVE_SERVICES)
    expected = line("not_started", START) if is_recent else line("cannot_start_yet", "submit_dtr_before_cas3")

    assert line_for(Service.CAS3, facts) == expected


def test_a_draft_is_held_back_too() -> None:
    facts = make_facts(cas3={"application": "draft"})

    assert line_for(Service.CAS3, facts).status == "cannot_start_yet"


def test_there_is_no_window_of_time() -> None:
    far = in_prison_until(LONG_AHEAD.isoformat())
    facts = make_facts(current_accommodation=far, duty_to_refer=SENT_RECENTLY, commissioned_services=LIVE_SERVICES)

    assert line_for(Service.CAS3, facts) == line("not_started", START)


def test_every_combination_of_stages_has_exactly_one_known_answer() -> None:
    stages = product((None, *Cas3Application), (None, *Cas3Assessment), (None, *Cas3Booking))
    answers = [answer(*each) for each in stages]

    assert len(answers) == 5 * 6 * 8
    assert not any(each.reasons for each in answers)
    assert {each.status.value for each in answers} == {
        "not_started", "not_submitted", "rejected", "submitted",
        "bedspace_offered", "not_arrived", "booking_cancelled", "booking_confirmed",
    }  # fmt: skip
