"""Practitioner and premises share the work on moving on: passed, taken over, answered once, and kept from others."""

import asyncio
import json
from typing import Any

import pytest
from httpx import AsyncClient, Response

from service.db import Session
from tests.routes.callers import A_MONDAY, AsRole
from tests.routes.stays import House, open_house

ANY = {"If-Match": "*"}
SECRETS = {"rm_victim_safety": "She lives at the old mill", "mappa_level": "level_3", "mappa_category": "category_2"}


@pytest.fixture
async def house(committing: Session, as_role: AsRole, crn: str) -> House:
    """Return premises with a resident."""
    house = await open_house(committing, as_role, crn)
    await house.stay(arrived_on=A_MONDAY.date())
    return house


async def drafted(house: House, pack: str = "duty_to_refer") -> str:
    body = {"packs": [{"pack": pack, "went_on_because": "Asked for by the person."}]}
    made = await house.practitioner.post(f"/v1/cases/{house.crn}/referrals", json=body)
    assert made.status_code == 201, made.text
    return str(made.json()["items"][0]["id"])


async def passes(client: AsyncClient, referral: str, to: str, **more: str) -> Response:
    return await client.post(f"/v1/referrals/{referral}/holding", json={"to": to, **more})


async def answers(client: AsyncClient, referral: str, read: dict[str, bool] | None = None, **said: Any) -> Response:
    body = {"answers": {name: {"value": value} for name, value in said.items()}, "read": read or {}}
    return await client.patch(f"/v1/referrals/{referral}/shared-questions", json=body, headers=ANY)


async def questions(client: AsyncClient, referral: str) -> dict[str, dict[str, Any]]:
    page = await client.get(f"/v1/referrals/{referral}/shared-questions")
    assert page.status_code == 200, page.text
    return {one["id"]: one for one in page.json()["questions"]}


async def test_premises_take_over_answer_and_the_practitioner_sees_it_once_for_every_form(house: House) -> None:
    referral = await drafted(house)
    taken = await passes(house.staff, referral, "premises", note="She sees them every day.")
    answered = await answers(house.staff, referral, person_phone="01632 960001", homelessness_cause="leaving_prison")
    profile = (await house.practitioner.get(f"/v1/cases/{house.crn}/profile")).json()["answers"]

    assert (taken.status_code, taken.json()["held_by"], taken.json()["passed"][0]["act"]) == (
        201,
        "premises",
        "taken_over",
    )
    assert answered.status_code == 200, answered.text
    assert profile["person_phone"]["value"] == "01632 960001"
    seen = (await house.practitioner.get(f"/v1/referrals/{referral}/holding")).json()
    assert (seen["held_by"], seen["passed"][0]["note"]) == ("premises", "She sees them every day.")


async def test_what_the_practitioner_has_the_premises_must_take_over_first(house: House) -> None:
    referral = await drafted(house)
    refused = await answers(house.staff, referral, person_phone="01632 960001")
    await passes(house.practitioner, referral, "premises", question="person_phone")
    allowed = await answers(house.staff, referral, person_phone="01632 960001")
    another = await answers(house.staff, referral, homeless_from="2027-01-01")

    assert (refused.status_code, refused.json()["code"]) == (409, "work-held-elsewhere")
    assert refused.json()["questions"] == ["person_phone"]
    assert (allowed.status_code, another.status_code) == (200, 409)
    assert (await questions(house.staff, referral))["person_phone"]["held_by"] == "premises"


async def test_one_of_two_who_take_over_at_once_has_it_and_the_other_is_told(house: House) -> None:
    referral = await drafted(house)
    told = await asyncio.gather(*(passes(house.staff, referral, "premises") for _ in range(3)))

    assert sorted(answer.status_code for answer in told) == [201, 409, 409]


async def test_handed_back_it_is_the_practitioner_s_again(house: House) -> None:
    referral = await drafted(house)
    await passes(house.practitioner, referral, "premises")
    back = await passes(house.staff, referral, "practitioner")
    listed = await house.staff.get(
        f"/v1/placements/{(await house.rows('SELECT id FROM stay WHERE crn = :crn', crn=house.crn))[0][0]}/referrals"
    )

    assert [one["act"] for one in back.json()["passed"]] == ["given", "handed_back"]
    assert [(one["pack"], one["held_by"]) for one in listed.json()["items"]] == [("duty_to_refer", "practitioner")]


async def test_victim_and_mappa_detail_are_in_nothing_the_premises_read(house: House) -> None:
    referral = await drafted(house, "cas3")
    reads = [f"/v1/referrals/{referral}/shared-questions", f"/v1/referrals/{referral}/holding"]
    await passes(house.practitioner, referral, "premises")
    before = [(await house.staff.get(one)).json() for one in reads]
    changes = {"answers": {item: {"value": value} for item, value in SECRETS.items()}}
    said = await house.practitioner.patch(f"/v1/cases/{house.crn}/profile", json=changes, headers=ANY)
    after = [(await house.staff.get(one)).json() for one in reads]

    assert said.status_code == 200, said.text
    assert before == after
    assert not any(name in json.dumps(after) for name in SECRETS)
    guessed = await answers(house.staff, referral, rm_victim_safety="Where does she live?")
    nonsense = await answers(house.staff, referral, no_such_question="?")
    assert guessed.status_code == nonsense.status_code == 422
    assert guessed.json()["errors"][0]["code"] == nonsense.json()["errors"][0]["code"] == "unknown-question"


async def test_what_is_lacking_is_said_question_by_question_and_nothing_is_sent(house: House) -> None:
    referral = await drafted(house)
    await passes(house.staff, referral, "premises")
    refused = await house.staff.post(f"/v1/referrals/{referral}/shared-submission", json={})
    known = set(await questions(house.staff, referral))

    assert (refused.status_code, refused.json()["code"]) == (409, "referral-incomplete")
    pointed = {
        one["pointer"].split("/")[2] for one in refused.json()["errors"] if one["pointer"].startswith("/questions/")
    }
    assert pointed
    assert pointed <= known
    assert (await house.rows("SELECT status FROM referral WHERE crn = :crn", crn=house.crn))[0][0] == "draft"


async def test_premises_send_no_cas3_where_their_region_does_not_let_them(house: House) -> None:
    referral = await drafted(house, "cas3")
    await passes(house.staff, referral, "premises")

    assert (await house.staff.post(f"/v1/referrals/{referral}/shared-submission", json={})).status_code == 403


@pytest.mark.parametrize("pack", ["approved_premises", "mappa"])
async def test_other_referrals_are_the_practitioner_s_alone(house: House, pack: str) -> None:
    referral = await drafted(house, pack)

    assert (await passes(house.staff, referral, "premises")).status_code == 404
    assert (await passes(house.practitioner, referral, "premises")).status_code == 409


@pytest.mark.parametrize("why", ["other premises", "left", "restricted"])
async def test_nobody_else_s_premises_see_any_of_it(house: House, why: str) -> None:
    referral = await drafted(house)
    client = house.others if why == "other premises" else house.staff
    if why == "left":
        await house.rows(
            "UPDATE stay SET status = 'departed', resident_since = NULL, ended_on = expected_arrival_on, "
            "ended_at = now() WHERE crn = :crn RETURNING id",
            crn=house.crn,
        )
    if why == "restricted":
        await house.rows("UPDATE case_record SET restricted = TRUE WHERE crn = :crn RETURNING crn", crn=house.crn)

    told = [
        await client.get(f"/v1/referrals/{referral}/holding"),
        await client.get(f"/v1/referrals/{referral}/shared-questions"),
        await passes(client, referral, "premises"),
        await answers(client, referral, person_phone="01632 960001"),
        await client.post(f"/v1/referrals/{referral}/shared-submission", json={}),
        await client.get(f"/v1/referrals/{referral}"),
    ]
    assert {one.status_code for one in told} == {404}


async def test_the_staff_read_no_profile_and_no_whole_draft(house: House) -> None:
    referral = await drafted(house)

    assert (await house.staff.get(f"/v1/cases/{house.crn}/profile")).status_code == 404
    assert (await house.staff.get(f"/v1/referrals/{referral}")).status_code == 403
    assert (await house.staff.get(f"/v1/referrals/{referral}/document")).status_code == 403


async def test_the_board_shows_how_the_checks_stand_and_nothing_of_what_came_back(house: House) -> None:
    stay = (await house.rows("SELECT id FROM stay WHERE crn = :crn", crn=house.crn))[0][0]
    before = (await house.staff.get("/v1/move-on/board")).json()["items"][0]["checks"]
    asked = {"kind": "domestic_abuse", "asked_of": "The police, public protection"}
    check = await house.practitioner.post(f"/v1/cases/{house.crn}/checks", json=asked)
    assert check.status_code == 201, check.text
    came_back = {"result": "information_held", "detail": "Called to the house twice in May."}
    after_asking = (await house.staff.get(f"/v1/placements/{stay}/move-on")).json()["checks"]
    answered = await house.practitioner.post(
        f"/v1/cases/{house.crn}/checks/{check.json()['id']}/answer", json=came_back
    )
    assert answered.is_success, answered.text
    shown = [
        (await house.staff.get("/v1/move-on/board", headers={"Accept": kind})).text for kind in ("*/*", "text/csv")
    ]

    assert {one["kind"]: one["status"] for one in before} == dict.fromkeys(
        ("domestic_abuse", "child_safeguarding"), "not_needed"
    )
    assert {one["kind"]: one["status"] for one in after_asking}["domestic_abuse"] == "asked"
    assert all("answered" in one and "house twice" not in one and "information_held" not in one for one in shown)
