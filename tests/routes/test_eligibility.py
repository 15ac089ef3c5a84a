"""Eligibility over HTTP: the same answer for facts supplied and for the same facts on record."""

from typing import Any

import pytest

from service.db import Session
from tests.routes.conftest import AsRole
from tests.routes.loops import Loop, act, open_loop

pytestmark = pytest.mark.usefixtures("clock")

SERVICES = {"approved_premises", "cas3", "commissioned_services", "duty_to_refer", "proposed_address", "mappa"}
IN_PRISON = {
    "sex": {"value": "male"},
    "tier": {"value": "b2"},
    "current_location": {"value": "prison"},
    "sentence_release_date": {"value": "2027-05-01"},
}
THE_SAME_SUPPLIED = {"sex": "M", "tier": "B2", "current_accommodation": {"kind": "prison", "ends_on": "2027-05-01"}}


@pytest.fixture
async def loop(committing: Session, as_role: AsRole, crn: str) -> Loop:
    return await open_loop(committing, as_role, crn)


async def answer(loop: Loop, answers: dict[str, Any]) -> None:
    saved = await loop.practitioner.patch(
        f"/v1/cases/{loop.crn}/profile", json={"answers": answers}, headers={"If-Match": "*"}
    )
    assert saved.status_code == 200, saved.text


async def eligibility(loop: Loop) -> dict[str, Any]:
    read = await loop.practitioner.get(f"/v1/cases/{loop.crn}/eligibility")
    assert read.status_code == 200, read.text
    lines: dict[str, Any] = read.json()
    return lines


async def test_the_designs_example_is_answered_in_the_designs_shape(as_role: AsRole) -> None:
    facts = {
        "on": "2026-11-22",
        "sex": "M",
        "tier": "B2",
        "current_accommodation": {"kind": "prison", "ends_on": "2028-02-01"},
        "has_next_accommodation": False,
        "cas3": {"application": "submitted", "assessment": "in_review", "booking": "provisional"},
        "duty_to_refer": {"status": "submitted", "submitted_on": "2026-10-01"},
        "commissioned_services": {"accommodation_referral": "live"},
        "mappa": {"category": "3", "level": "1", "first_release_on": "2027-05-01"},
    }
    lines = (await as_role("auditor").post("/v1/eligibility", json=facts)).json()

    assert set(lines) == SERVICES
    assert lines["approved_premises"] == {
        "status": "upcoming",
        "action": "start_approved_premise_application",
        "starts_on": "2027-02-01",
        "reasons": [],
    }
    assert (lines["cas3"]["status"], lines["cas3"]["action"]) == ("bedspace_offered", "reply_to_cas3_bedspace_offer")
    assert lines["mappa"] == {
        "status": "not_eligible", "action": None, "starts_on": None, "reasons": ["category_3_needs_level_2"]
    }  # fmt: skip


async def test_nothing_is_kept_of_a_what_if_and_no_fact_is_needed(loop: Loop, as_role: AsRole) -> None:
    lines = await as_role("practitioner").post("/v1/eligibility", json={})
    rows = await loop.rows("SELECT id FROM audit_entry WHERE action = 'assess_eligibility'")

    assert (lines.status_code, set(lines.json()), rows) == (200, SERVICES, [])


@pytest.mark.parametrize(
    ("facts", "pointer"),
    [
        ({"sex": "X"}, "/sex"),
        ({"on": 20261122}, "/on"),
        ({"tier": "b2"}, "/tier"),
        ({"cas3": {"booking": "maybe"}}, "/cas3/booking"),
        ({"shoe_size": 9}, "/shoe_size"),
    ],
)
async def test_a_fact_nobody_could_mean_is_refused_with_its_name(
    as_role: AsRole, facts: dict[str, Any], pointer: str
) -> None:
    refused = await as_role("practitioner").post("/v1/eligibility", json=facts)

    assert (refused.status_code, [fault["pointer"] for fault in refused.json()["errors"]]) == (422, [pointer])


async def test_a_real_person_is_answered_for_as_the_same_facts_would_be(loop: Loop) -> None:
    await answer(loop, IN_PRISON)
    supplied = {**THE_SAME_SUPPLIED, "mappa": {"first_release_on": "2027-05-01"}}

    assert await eligibility(loop) == (await loop.practitioner.post("/v1/eligibility", json=supplied)).json()


async def test_a_person_nobody_has_recorded_anything_about_is_still_answered_for(loop: Loop) -> None:
    lines = await eligibility(loop)

    assert set(lines) == SERVICES
    assert lines["approved_premises"]["reasons"] == ["sex_data_not_available"]


async def test_the_answer_follows_the_referral_along_its_life(loop: Loop) -> None:
    await answer(loop, IN_PRISON)
    referral = await loop.referral("submitted")
    seen = [(await eligibility(loop))["approved_premises"]["status"]]
    for path, body in [
        ("receipt", None),
        ("acceptance", None),
        ("scheduling", {"scheduled_on": "2027-05-01"}),
        ("scheduling-cancellation", {"reason": "failed_to_arrive"}),
        ("rejection", {"reason": "risk_to_staff"}),
    ]:
        assert (await act(loop.assessor, referral, path, body)).status_code == 200
        seen.append((await eligibility(loop))["approved_premises"]["status"])

    assert seen == [
        *("submitted", "submitted", "placement_request_submitted", "placement_booked", "not_arrived"),
        "application_rejected",
    ]


async def test_cas3_waits_for_a_duty_to_refer_and_a_live_accommodation_referral(loop: Loop) -> None:
    await answer(loop, IN_PRISON)
    before = await eligibility(loop)
    await answer(loop, {"duty_to_refer_made": {"value": True}, "duty_to_refer_made_on": {"value": "2026-11-01"}})
    between = await eligibility(loop)
    await loop.referral("received", pack="commissioned_services", service_category="acc")
    after = await eligibility(loop)

    assert [lines["cas3"]["action"] for lines in (before, between, after)] == [
        "submit_dtr_and_crs_accommodation_before_cas3",
        "submit_crs_accommodation_before_cas3",
        "start_cas3_referral",
    ]


async def test_a_screening_settles_mappa_unless_the_record_is_newer(loop: Loop) -> None:
    screening = {"category": "2", "level": "2", "reason": "Needs coordination.", "screened_on": "2026-11-20"}
    await loop.practitioner.post(f"/v1/cases/{loop.crn}/mappa-screenings", json=screening)
    screened = await eligibility(loop)
    await answer(loop, {"mappa_category": {"value": "category_2"}, "mappa_level": {"value": "level_1"}})
    recorded = await eligibility(loop)

    assert (screened["mappa"]["status"], recorded["mappa"]["status"]) == ("level_2", "level_1")


async def test_reading_eligibility_leaves_a_row_that_names_the_items_read(loop: Loop) -> None:
    await answer(loop, IN_PRISON)
    await eligibility(loop)
    (row,) = await loop.rows(
        "SELECT items, outcome FROM audit_entry WHERE action = 'read_eligibility' AND :crn = ANY(crns)", crn=loop.crn
    )

    assert (row.outcome, row.items) == ("shown", sorted(IN_PRISON))


async def test_eligibility_is_for_those_who_see_the_case(loop: Loop, as_role: AsRole) -> None:
    address = f"/v1/cases/{loop.crn}/eligibility"

    assert (await as_role("practitioner", worker="p.stranger").get(address)).status_code == 404
    assert (await loop.assessor.get(address)).status_code == 404
