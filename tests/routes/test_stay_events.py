"""What a death, a recall, a re-release and a merge make of a stay, over HTTP."""

from typing import Any

import pytest
from httpx import Response

from service.db import Session
from tests import make
from tests.make import A_MONDAY
from tests.routes.conftest import AsRole, Clock
from tests.routes.stays import House, does, open_house

pytestmark = pytest.mark.usefixtures("clock")
ARRIVED = A_MONDAY.date().replace(day=2)


@pytest.fixture
async def house(committing: Session, as_role: AsRole, crn: str) -> House:
    return await open_house(committing, as_role, crn)


async def happens(house: House, kind: str, on: str, **more: Any) -> Response:
    body = {"kind": kind, "happened_on": on, **more}
    answer = await house.practitioner.post(f"/v1/cases/{house.crn}/events", json=body)
    assert answer.status_code == 201, answer.text
    return answer


async def test_a_standard_recall_ends_a_stay_with_its_own_code(house: House) -> None:
    stay = await house.stay(arrived_on=ARRIVED)
    await happens(house, "recall_standard", "2026-11-20")
    page = (await house.practitioner.get(f"/v1/placements/{stay}")).json()

    assert (page["status"], page["end_reason"], page["ended_on"]) == ("departed", "recalled", "2026-11-20")
    assert page["nights"] == 18
    assert [(step["act"], step["reason"]) for step in page["steps"]] == [("recall", "recalled")]
    assert (await house.staff.get("/v1/placements")).json()["items"] == []


async def test_a_death_ends_a_stay(house: House) -> None:
    stay = await house.stay(arrived_on=ARRIVED)
    await happens(house, "death", "2026-11-20")
    page = (await house.practitioner.get(f"/v1/placements/{stay}")).json()
    again = await house.practitioner.post(
        "/v1/placements",
        json={"crn": house.crn, "premises": house.premises, "expected_arrival_on": "2026-11-23"},
    )

    assert (page["status"], page["end_reason"], page["end_reason_code"]) == ("departed", "died", "P")
    assert (again.status_code, again.json()["code"]) == (409, "case-closed")


async def test_a_fixed_term_recall_suspends_a_stay_until_the_person_is_back(house: House, clock: Clock) -> None:
    stay = await house.stay(arrived_on=ARRIVED)
    await happens(house, "recall_fixed_term", "2026-11-20", re_release_on="2026-12-18")
    away = (await house.staff.get(f"/v1/placements/{stay}")).json()
    refused = await does(house.staff, stay, "extension", {"expected_departure_on": "2027-06-01", "reason": "Too soon."})
    clock.advance(days=28)
    back = await does(house.staff, stay, "arrival", {"arrived_on": "2026-12-21"})

    assert (away["status"], away["nights"], away["expected_departure_on"]) == ("suspended", 18, "2027-03-12")
    assert refused.json()["allowed"] == ["arrival", "departure", "key_worker", "plan", "home"]
    assert (back.json()["status"], back.json()["expected_departure_on"]) == ("in_residence", "2027-03-12")
    assert back.json()["nights"] == 18


async def test_resuming_a_referral_starts_the_clock_of_the_stay_again(house: House) -> None:
    stay = await house.stay(arrived_on=ARRIVED)
    await make.add_recipient(house.session, "cas3-team", "cas3")
    referral = await make.add_sent_referral(house.session, house.crn, "cas3", "accepted", recipient_id="cas3-team")
    await house.session.commit()
    await happens(house, "recall_fixed_term", "2026-11-20")
    before = (await house.staff.get(f"/v1/placements/{stay}")).json()
    resumed = await house.practitioner.post(
        f"/v1/referrals/{referral}/resumption", json={"re_release_on": "2026-12-18"}
    )
    after = (await house.staff.get(f"/v1/placements/{stay}")).json()

    assert resumed.status_code == 200, resumed.text
    assert (before["expected_departure_on"], before["nights_left"]) == (None, None)
    assert (after["re_release_on"], after["expected_departure_on"]) == ("2026-12-18", "2027-03-12")
    assert [step["act"] for step in after["steps"]] == ["recall", "re_release"]


@pytest.mark.parametrize("further", ["moving", "staying"])
async def test_a_merge_takes_the_stay_along_and_keeps_the_one_further_on(house: House, crn: str, further: str) -> None:
    survivor = f"Y{crn[1:]}"
    await house.person(survivor)
    stays = {
        "moving": await house.stay(arrived_on=ARRIVED if further == "moving" else None),
        "staying": await house.stay(survivor, arrived_on=ARRIVED if further == "staying" else None),
    }
    await happens(house, "merge", "2026-11-23", surviving_crn=survivor)
    items = (await house.practitioner.get(f"/v1/cases/{survivor}/stays")).json()["items"]
    found = {one["id"]: (one["status"], one["end_reason"]) for one in items}

    assert found.pop(str(stays[further])) == ("in_residence", None)
    assert list(found.values()) == [("cancelled", "merged_duplicate")]
    listed = (await house.staff.get("/v1/placements")).json()["items"]
    assert [(one["id"], one["crn"]) for one in listed] == [(str(stays[further]), survivor)]


async def test_a_person_with_one_stay_keeps_it_through_a_merge(house: House, crn: str) -> None:
    survivor = f"Y{crn[1:]}"
    await house.person(survivor)
    stay = await house.stay(arrived_on=ARRIVED)
    await happens(house, "merge", "2026-11-23", surviving_crn=survivor)
    page = (await house.staff.get(f"/v1/placements/{stay}")).json()

    assert (page["crn"], page["status"], [step["act"] for step in page["steps"]]) == (
        survivor,
        "in_residence",
        ["merge"],
    )
