"""A stay in approved premises from the expectation to the departure, and who is shown it meanwhile."""

import asyncio
import uuid
from typing import Any

import pytest
from httpx import Response
from sqlalchemy import text
from sqlalchemy.exc import ProgrammingError

from service.db import Session
from tests import make
from tests.make import A_MONDAY
from tests.routes.conftest import AsRole, Clock
from tests.routes.stays import House, does, open_house

pytestmark = pytest.mark.usefixtures("clock")
TODAY = A_MONDAY.date().isoformat()
LEFT = {"departed_on": "2026-11-30", "reason": "planned_move_on", "move_on_category": "supported_housing"}
TRACE_PARENT = {"traceparent": "00-4bf92f3577b34da6a3ce929d0e0e4736-00f067aa0ba902b7-01"}


@pytest.fixture
async def house(committing: Session, as_role: AsRole, crn: str) -> House:
    return await open_house(committing, as_role, crn)


def expectation(house: House, **changes: Any) -> dict[str, Any]:
    return {"crn": house.crn, "premises": house.premises, "expected_arrival_on": TODAY, **changes}


async def test_a_stay_goes_from_expected_to_left_and_says_who_did_what_and_when(house: House, clock: Clock) -> None:
    opened = await house.practitioner.post("/v1/placements", json=expectation(house))
    stay = opened.json()["id"]
    arrived = await does(house.staff, stay, "arrival", {"arrived_on": TODAY})
    extended = await does(
        house.staff, stay, "extension", {"expected_departure_on": "2027-03-01", "reason": "A tenancy begins then."}
    )
    named = await does(house.staff, stay, "key-worker", {"worker_id": "kit"})
    clock.advance(days=7)
    left = await does(house.staff, stay, "departure", LEFT)
    page = (await house.practitioner.get(f"/v1/placements/{stay}")).json()

    assert [one.status_code for one in (opened, arrived, extended, named, left)] == [201, 200, 200, 200, 200]
    assert opened.json()["expected_departure_on"] == arrived.json()["expected_departure_on"] == "2027-02-15"
    assert (extended.json()["nights_left"], extended.json()["departure_changed"]) == (98, True)
    assert (page["status"], page["nights"], page["nights_left"]) == ("departed", 7, None)
    assert (page["end_reason_code"], page["move_on_code"], page["key_worker"]) == ("O", "MC06", "kit")
    assert [step["act"] for step in page["steps"]] == ["expectation", "arrival", "extension", "key_worker", "departure"]
    assert {step["by"] for step in page["steps"]} == {f"p-{house.crn.lower()}", f"s-{house.crn.lower()}"}
    assert page["steps"][2]["details"] == {"expected_departure_on": "2027-03-01", "before": "2027-02-15"}


async def test_an_event_and_the_record_say_no_place_and_no_words(house: House) -> None:
    stay = (await house.practitioner.post("/v1/placements", json=expectation(house, note="Secret words."))).json()["id"]
    await does(house.staff, stay, "arrival", {"arrived_on": TODAY, "note": "Secret words."})
    events = await house.rows("SELECT type, data FROM outbox_event WHERE crn = :crn ORDER BY id", crn=house.crn)
    audit = await house.rows(
        "SELECT action, outcome, CAST(details AS text) AS said FROM audit_entry WHERE :crn = ANY(crns)", crn=house.crn
    )

    assert [row.type for row in events] == ["stay.expectation", "stay.arrival"]
    assert {row.outcome for row in audit} == {"changed"}
    said = str([row.data for row in events]) + str([row.said for row in audit])
    assert "Secret" not in said
    assert house.premises not in said


def told(answer: Response) -> dict[str, str]:
    """Return an answer's headers but the count of what is left, which goes down with every call."""
    return {name: value for name, value in answer.headers.items() if name != "ratelimit"}


async def test_staff_see_their_own_residents_and_nobody_else_s(house: House, crn: str) -> None:
    own, absent = await house.stay(arrived_on=A_MONDAY.date()), uuid.uuid4()
    await house.person(f"Y{crn[1:]}")
    theirs = await house.stay(f"Y{crn[1:]}", premises=house.elsewhere)
    listed = (await house.staff.get("/v1/placements")).json()["items"]
    hidden = [await house.staff.get(f"/v1/placements/{one}", headers=TRACE_PARENT) for one in (theirs, absent)]
    acted = [await does(house.staff, one, "arrival", {"arrived_on": TODAY}, **TRACE_PARENT) for one in (theirs, absent)]

    assert [one["id"] for one in listed] == [str(own)]
    assert (await house.others.get(f"/v1/placements/{theirs}")).status_code == 200
    for one, another in (hidden, acted):
        assert (one.status_code, one.content, told(one)) == (404, another.content, told(another))
    assert (await house.staff.get("/v1/placements", params={"premises": house.elsewhere})).json()["items"] == []


async def test_what_staff_read_of_a_resident_is_what_the_stay_needs(house: House) -> None:
    stay = await house.stay(arrived_on=A_MONDAY.date())
    page = (await house.staff.get(f"/v1/placements/{stay}")).json()

    assert set(page) == {
        *("id", "crn", "family_name", "given_names", "premises", "premises_name", "premises_kind", "status"),
        *("expected_arrival_on", "arrived_on", "nights", "nights_left", "expected_departure_on", "departure_changed"),
        *("recalled_on", "re_release_on", "ended_on", "end_reason", "end_reason_label", "end_reason_code"),
        *("move_on_category", "move_on_code", "key_worker", "practitioner", "revision", "steps"),
    }
    assert page["practitioner"] == {"worker_id": f"p-{house.crn.lower()}", "name": f"p-{house.crn.lower()}"}
    assert (await house.staff.get(f"/v1/cases/{house.crn}/profile")).status_code == 404
    assert (await house.staff.get(f"/v1/cases/{house.crn}/stays")).status_code == 404


@pytest.mark.parametrize("kept", ["restricted", "excluded"])
async def test_a_resident_kept_from_a_member_of_staff_is_absent_to_them(house: House, kept: str) -> None:
    stay, who = await house.stay(arrived_on=A_MONDAY.date()), f"s-{house.crn.lower()}"
    await house.rows("UPDATE case_record SET restricted = :on WHERE crn = :crn", on=kept == "restricted", crn=house.crn)
    if kept == "excluded":
        await make.limit_access(house.session, house.crn, excluded=[who])
        await house.session.commit()
    answers = [await house.staff.get(f"/v1/placements/{one}", headers=TRACE_PARENT) for one in (stay, uuid.uuid4())]
    listed = (await house.staff.get("/v1/placements")).json()["items"]

    assert (answers[0].status_code, answers[0].content) == (404, answers[1].content)
    assert listed == []


async def test_a_restricted_resident_is_shown_to_staff_who_are_allowed(house: House) -> None:
    stay = await house.stay(arrived_on=A_MONDAY.date())
    await house.rows("UPDATE case_record SET restricted = TRUE WHERE crn = :crn", crn=house.crn)
    await make.limit_access(house.session, house.crn, allowed=[f"s-{house.crn.lower()}"])
    await house.session.commit()

    assert (await house.staff.get(f"/v1/placements/{stay}")).status_code == 200


async def test_a_suspended_member_of_staff_or_one_of_no_premises_sees_nobody(house: House, as_role: AsRole) -> None:
    stay = await house.stay(arrived_on=A_MONDAY.date())
    await make.add_worker(house.session, f"s-{house.crn.lower()}", active=False)
    await house.session.commit()
    for client in (house.staff, as_role("premises", worker="s.nowhere"), as_role("premises", premises="ap-unknown")):
        assert (await client.get(f"/v1/placements/{stay}")).status_code == 404
        assert (await client.get("/v1/placements")).json()["items"] == []


async def test_staff_expect_only_whom_a_place_was_granted_and_only_at_their_own_premises(
    house: House, crn: str
) -> None:
    await house.person(f"Y{crn[1:]}")
    kept = f"Y{crn[1:]}"
    await make.add_recipient(house.session, "ap-unit", "approved_premises")
    for one in (house.crn, kept):
        await make.add_sent_referral(house.session, one, "approved_premises", "received", recipient_id="ap-unit")
    await house.session.commit()
    bodies = [expectation(house), expectation(house, crn=kept), expectation(house, crn="Z999999")]
    early = [await house.staff.post("/v1/placements", json=one, headers=TRACE_PARENT) for one in bodies]
    await house.rows("UPDATE referral SET status = 'accepted' WHERE crn = ANY(:crns)", crns=[house.crn, kept])
    await make.limit_access(house.session, kept, excluded=[f"s-{house.crn.lower()}"])
    await house.session.commit()
    barred = await house.staff.post("/v1/placements", json=bodies[1], headers=TRACE_PARENT)
    elsewhere = await house.staff.post("/v1/placements", json=expectation(house, premises=house.elsewhere))
    granted = await house.staff.post("/v1/placements", json=bodies[0])

    assert {(one.status_code, one.content) for one in (*early, barred)} == {(404, early[0].content)}
    assert [fault["code"] for fault in elsewhere.json()["errors"]] == ["not-yours"]
    assert granted.status_code == 201


async def test_a_person_has_one_open_stay_however_many_are_opened_at_once(house: House) -> None:
    answers = await asyncio.gather(
        *(house.practitioner.post("/v1/placements", json=expectation(house)) for _ in range(4))
    )
    rows = await house.rows("SELECT id FROM stay WHERE crn = :crn", crn=house.crn)

    assert sorted(one.status_code for one in answers) == [201, 409, 409, 409]
    assert {one.json()["code"] for one in answers if one.status_code == 409} == {"stay-already-open"}
    assert len(rows) == 1


async def test_after_a_transfer_the_stay_is_the_other_premises_and_the_first_see_it_no_more(house: House) -> None:
    stay = await house.stay(arrived_on=A_MONDAY.date(), key_worker="kit")
    body = {"premises": house.elsewhere, "moved_on": TODAY, "reason": "risk_to_resident"}
    same = await does(house.staff, stay, "transfer", body | {"premises": house.premises})
    moved = await does(house.staff, stay, "transfer", body)

    assert [fault["code"] for fault in same.json()["errors"]] == ["unchanged"]
    assert (moved.json()["premises"], moved.json()["premises_kind"]) == (house.elsewhere, "pipe")
    assert (moved.json()["nights_left"], moved.json()["key_worker"]) == (182, None)
    assert (await house.staff.get(f"/v1/placements/{stay}")).status_code == 404
    assert (await house.others.get("/v1/placements")).json()["items"][0]["id"] == str(stay)


async def test_whoever_left_is_gone_from_the_list_at_once_and_by_their_id_a_day_later(
    house: House, clock: Clock
) -> None:
    stay = await house.stay(arrived_on=A_MONDAY.date())
    body, key = LEFT | {"departed_on": TODAY}, {"Idempotency-Key": "left"}
    first, again = [await does(house.staff, stay, "departure", body, **key) for _ in range(2)]
    listed = (await house.staff.get("/v1/placements")).json()["items"]
    clock.advance(days=1)
    later = await does(house.staff, stay, "departure", body, **key)

    assert (first.status_code, first.content) == (200, again.content)
    assert listed == []
    assert later.status_code == 404
    assert (await house.practitioner.get(f"/v1/cases/{house.crn}/stays")).json()["items"][0]["status"] == "departed"


@pytest.mark.parametrize(
    ("act", "body", "pointer"),
    [
        ("arrival", {"arrived_on": "2026-11-24"}, "/arrived_on"),
        ("extension", {"expected_departure_on": "2026-11-23", "reason": "Why."}, "/expected_departure_on"),
        ("departure", LEFT | {"departed_on": "2026-11-01"}, "/departed_on"),
        ("departure", {"departed_on": TODAY, "reason": "planned_move_on"}, "/move_on_category"),
        ("departure", {"departed_on": TODAY, "reason": "hospital", "move_on_category": "cas3"}, "/move_on_category"),
        ("departure", {"departed_on": TODAY, "reason": "breach"}, "/reason"),
        ("transfer", {"premises": "nowhere", "moved_on": TODAY, "reason": "prioritisation"}, "/premises"),
    ],
)
async def test_what_cannot_be_of_a_resident_is_refused_and_changes_nothing(
    house: House, act: str, body: dict[str, Any], pointer: str
) -> None:
    stay = await house.stay(arrived_on=A_MONDAY.date())
    answer = await does(house.staff, stay, act, body)

    assert (answer.status_code, [fault["pointer"] for fault in answer.json()["errors"]]) == (422, [pointer])
    assert (await house.staff.get(f"/v1/placements/{stay}")).json()["revision"] == 1


async def test_somebody_to_come_does_not_fail_to_come_before_the_day_and_can_be_cancelled(
    house: House, clock: Clock
) -> None:
    ahead = await house.practitioner.post("/v1/placements", json=expectation(house, expected_arrival_on="2026-11-25"))
    stay, body = ahead.json()["id"], {"reason": "failed_to_arrive"}
    early = await does(house.staff, stay, "non-arrival", body)
    swapped = await does(house.staff, stay, "cancellation", body)
    clock.advance(days=2)
    missed = await does(house.staff, stay, "non-arrival", body)
    after = await does(house.staff, stay, "arrival", {"arrived_on": "2026-11-25"})
    again = await house.practitioner.post("/v1/placements", json=expectation(house))
    cancelled = await does(house.practitioner, again.json()["id"], "cancellation", {"reason": "deprioritised"})

    assert [one.json()["errors"][0]["code"] for one in (early, swapped)] == ["not-yet", "unknown-reason"]
    assert (missed.json()["status"], missed.json()["end_reason_label"]) == (
        "not_arrived",
        "Failed to arrive as planned",
    )
    assert (after.status_code, after.json()["code"]) == (409, "transition-not-allowed")
    assert cancelled.json()["status"] == "cancelled"


async def test_an_arrival_long_past_is_a_manager_s_to_record(house: House) -> None:
    body = expectation(house, expected_arrival_on="2026-10-19")
    refused = await house.practitioner.post("/v1/placements", json=body)
    stay = (await house.manager.post("/v1/placements", json=body)).json()["id"]
    arrival = {"arrived_on": "2026-10-19"}
    statuses = [(await does(one, stay, "arrival", arrival)).status_code for one in (house.staff, house.manager)]

    assert refused.json()["errors"][0]["code"] == "too-long-ago"
    assert statuses == [422, 200]


async def test_an_act_on_a_revision_gone_by_is_refused(house: House) -> None:
    stay = await house.stay(arrived_on=A_MONDAY.date())
    held = (await house.staff.get(f"/v1/placements/{stay}")).headers["ETag"]
    first = await does(house.staff, stay, "key-worker", {"worker_id": "kit"}, **{"If-Match": held})
    second = await does(house.practitioner, stay, "key-worker", {"worker_id": "kim"}, **{"If-Match": held})

    assert (first.status_code, first.headers["ETag"], second.status_code) == (200, '"2"', 412)


async def test_a_key_worker_is_nobody_from_whom_the_case_is_kept(house: House) -> None:
    stay = await house.stay(arrived_on=A_MONDAY.date())
    await make.limit_access(house.session, house.crn, excluded=["kit"])
    await house.session.commit()
    answer = await does(house.staff, stay, "key-worker", {"worker_id": "kit"})

    assert (answer.status_code, answer.json()["code"]) == (409, "worker-may-not-see-case")


async def test_no_resident_is_missed_between_two_pages(house: House, crn: str) -> None:
    people = [f"{letter}{crn[1:]}" for letter in "RSTUV"]
    for one in people:
        await house.person(one)
        await house.stay(one, arrived_on=A_MONDAY.date())
    seen: list[str] = []
    for client in (house.staff, house.practitioner):
        seen, cursor = [], None
        while True:
            page = (
                await client.get("/v1/placements", params={"limit": 2} | ({"cursor": cursor} if cursor else {}))
            ).json()
            seen += [one["crn"] for one in page["items"]]
            # What is done to somebody between two pages moves nobody on the list.
            await does(house.staff, page["items"][0]["id"], "key-worker", {"worker_id": "kit"})
            cursor = page["next"]
            if cursor is None:
                break
        assert sorted(seen) == sorted(people)


async def test_a_step_of_a_stay_cannot_be_changed_or_taken_away(house: House) -> None:
    await house.practitioner.post("/v1/placements", json=expectation(house))
    for change in ("UPDATE stay_step SET act = 'arrival'", "DELETE FROM stay_step", "DELETE FROM stay"):
        with pytest.raises(ProgrammingError):
            await (await house.session.connection()).execute(text(change))
        await house.session.rollback()
