"""One timeline a person, worked back from the recorded release date, which moves when that date moves."""

from datetime import timedelta
from typing import Any

import pytest
from fastapi import FastAPI

from service.access.callers import Caller, Role
from service.db import Session
from service.domain.eligibility.thresholds import read_thresholds
from service.store.circumstances import circumstances_of
from tests.routes.conftest import A_MONDAY, AsRole
from tests.routes.loops import Loop, open_loop
from tests.routes.stays import does, open_house

pytestmark = pytest.mark.usefixtures("clock")

DEADLINES = {
    *("mappa_referral", "mappa_level", "approved_premises_application", "oasys_review"),
    *("commissioned_services_referral", "duty_to_refer", "duty_to_refer_expiry", "cas3_referral"),
    *("move_on_plan", "next_home_confirmed"),
}


@pytest.fixture
async def loop(committing: Session, as_role: AsRole, crn: str) -> Loop:
    return await open_loop(committing, as_role, crn)


async def answer(loop: Loop, **values: Any) -> None:
    answers = {item: {"value": value} for item, value in values.items()}
    saved = await loop.practitioner.patch(
        f"/v1/cases/{loop.crn}/profile", json={"answers": answers}, headers={"If-Match": "*"}
    )
    assert saved.status_code == 200, saved.text


async def timeline(loop: Loop) -> dict[str, Any]:
    read = await loop.practitioner.get(f"/v1/cases/{loop.crn}/timeline")
    assert read.status_code == 200, read.text
    shown: dict[str, Any] = read.json()
    return shown


def due(shown: dict[str, Any], name: str) -> str | None:
    (found,) = [deadline["due_on"] for deadline in shown["items"] if deadline["name"] == name]
    return str(found) if found else None


async def test_without_a_release_date_every_deadline_is_still_there_and_says_so(loop: Loop) -> None:
    shown = await timeline(loop)

    assert {deadline["name"] for deadline in shown["items"]} == DEADLINES
    assert shown["release_on"] is None
    assert not any(deadline["due_on"] for deadline in shown["items"])


async def test_the_timeline_moves_when_the_release_date_moves(loop: Loop) -> None:
    await answer(loop, current_location="prison", sentence_release_date="2027-08-31", sex="male", tier="b2")
    before = await timeline(loop)
    await answer(loop, sentence_release_date="2027-09-30")
    after = await timeline(loop)

    # Six months before 31 August there is no 31 February.
    assert due(before, "approved_premises_application") == "2027-02-28"
    assert due(after, "approved_premises_application") == "2027-03-30"
    assert (due(before, "duty_to_refer"), due(after, "duty_to_refer")) == ("2027-08-31", "2027-09-30")
    days = [deadline["due_on"] for deadline in after["items"] if deadline["due_on"]]
    assert days == sorted(days)


async def test_a_release_date_that_is_no_longer_known_takes_the_deadlines_with_it(loop: Loop) -> None:
    await answer(loop, current_location="prison", sentence_release_date="2027-08-31")
    await answer(loop, release_date_known=False)

    assert due(await timeline(loop), "duty_to_refer") is None


async def test_moving_on_from_approved_premises_the_window_is_that_of_the_day_accommodation_is_needed(
    loop: Loop,
) -> None:
    await answer(loop, current_location="approved_premises", sentence_release_date="2026-10-19", sex="male")
    own = {"accommodation_needed_from": {"value": "2027-03-01", "recorded_by": "p", "recorded_at": "-"}}
    await loop.referral("draft", pack="cas3", own=own)
    shown = await timeline(loop)
    (cas3,) = [deadline for deadline in shown["items"] if deadline["name"] == "cas3_referral"]

    assert (cas3["window_opens_on"], cas3["due_on"]) == ("2026-12-01", "2027-01-11")
    assert cas3["waiting_for"] == ["duty_to_refer", "commissioned_services_referral"]


async def test_a_stay_in_premises_gives_the_days_and_an_extension_moves_them(
    committing: Session, as_role: AsRole, crn: str
) -> None:
    house = await open_house(committing, as_role, crn)
    arrived_on = A_MONDAY.date() - timedelta(days=7)
    stay = await house.stay(arrived_on=arrived_on)

    before = (await house.practitioner.get(f"/v1/cases/{crn}/timeline")).json()
    later = {"expected_departure_on": (arrived_on + timedelta(weeks=14)).isoformat(), "reason": "No home yet."}
    assert (await does(house.staff, stay, "extension", later, **{"If-Match": "*"})).status_code == 200
    after = (await house.practitioner.get(f"/v1/cases/{crn}/timeline")).json()

    def days(shown: dict[str, Any]) -> list[str | None]:
        return [due(shown, name) for name in ("move_on_plan", "duty_to_refer", "next_home_confirmed")]

    assert days(before) == [(arrived_on + timedelta(weeks=weeks)).isoformat() for weeks in (2, 4, 10)]
    assert days(after) == [(arrived_on + timedelta(weeks=weeks)).isoformat() for weeks in (2, 6, 12)]


async def test_the_numbers_of_the_timeline_can_be_set(loop: Loop, app: FastAPI) -> None:
    await answer(loop, current_location="prison", sentence_release_date="2027-08-31")
    usual = app.state.thresholds
    app.state.thresholds = read_thresholds({"duty_to_refer_may_start": "10 weeks"})
    try:
        shown = await timeline(loop)
    finally:
        app.state.thresholds = usual

    (council,) = [one for one in shown["items"] if one["name"] == "duty_to_refer"]
    assert (council["window_opens_on"], council["source"]) == ("2027-06-22", "Set for this place of work")


async def test_the_timeline_names_the_next_steps_and_whether_a_home_is_at_risk(loop: Loop) -> None:
    await answer(loop, current_location="prison", sentence_release_date="2026-12-21", sex="male", tier="b2")
    shown = await timeline(loop)

    assert shown["accommodation_status"] == "risk_of_no_fixed_abode"
    assert [step["action"] for step in shown["next_steps"]] == [
        "add_dtr_referral_details",
        "submit_crs_accommodation_referral",
        "start_approved_premise_application",
        "add_and_confirm_proposed_address",
    ]


async def test_the_timeline_is_for_those_who_see_the_case(loop: Loop, as_role: AsRole) -> None:
    address = f"/v1/cases/{loop.crn}/timeline"

    assert (await as_role("practitioner", worker="p.stranger").get(address)).status_code == 404
    assert (await as_role("record_system").get(address)).status_code == 403


async def test_the_arrival_wanted_at_approved_premises_is_not_the_first_night_of_cas3(loop: Loop) -> None:
    await answer(loop, current_location="prison", sentence_release_date="2027-08-31", sex="male")
    nights = {"arrival_wanted_on": "2027-09-10", "accommodation_needed_from": "2027-12-03"}
    for pack in ("approved_premises", "cas3"):
        own = {
            name: {"value": day, "recorded_by": "p", "recorded_at": "2026-11-23T09:00:00Z"}
            for name, day in nights.items()
        }
        await loop.referral("draft", pack=pack, own=own)

    assert await circumstances(loop) == {"approved_premises": "2027-09-10", "cas3": "2027-12-03"}


async def circumstances(loop: Loop) -> dict[str, str]:
    caller = Caller(f"p-{loop.crn.lower()}", Role.PRACTITIONER, "tests")
    found = await circumstances_of(loop.session, [loop.crn], caller, A_MONDAY)
    return {referral["pack"]: referral["needed_from"] for referral in found[loop.crn]["referrals"]}
