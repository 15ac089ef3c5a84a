"""Somebody expected at approved premises is expected on another day: with a reason, and seen at once by all."""

import pytest

from service.db import Session
from tests.make import A_MONDAY
from tests.routes.conftest import AsRole
from tests.routes.stays import House, does, open_house

pytestmark = pytest.mark.usefixtures("clock")
TODAY = A_MONDAY.date().isoformat()
LATER = {"expected_arrival_on": "2026-12-14", "reason": "Released from court a fortnight later."}


@pytest.fixture
async def house(committing: Session, as_role: AsRole, crn: str) -> House:
    return await open_house(committing, as_role, crn)


async def test_an_expected_arrival_is_moved_with_a_reason_and_the_day_of_leaving_the_board_and_the_timeline_with_it(
    house: House,
) -> None:
    body = {"crn": house.crn, "premises": house.premises, "expected_arrival_on": "2026-11-30"}
    stay = (await house.practitioner.post("/v1/placements", json=body)).json()["id"]

    async def days() -> tuple[str, str, str, str]:
        (row,) = (await house.staff.get("/v1/move-on/board")).json()["items"]
        items = (await house.practitioner.get(f"/v1/cases/{house.crn}/timeline")).json()["items"]
        (applied,) = [one for one in items if one["name"] == "approved_premises_application"]
        return row["expected_arrival_on"], row["expected_departure_on"], applied["due_on"], applied["status"]

    before = await days()
    moved = await does(house.staff, stay, "rescheduling", LATER, **{"If-Match": '"1"'})
    after = await days()
    page = (await house.practitioner.get(f"/v1/placements/{stay}")).json()

    assert before == ("2026-11-30", "2027-02-22", "2026-05-30", "done")
    assert (moved.status_code, moved.headers["ETag"], moved.json()["status"]) == (200, '"2"', "expected")
    assert after == ("2026-12-14", "2027-03-08", "2026-06-14", "done")
    assert [step["act"] for step in page["steps"]] == ["expectation", "rescheduling"]
    assert (page["steps"][1]["note"], page["steps"][1]["by"]) == (LATER["reason"], f"s-{house.crn.lower()}")
    assert page["steps"][1]["details"] == {"expected_arrival_on": "2026-12-14", "before": "2026-11-30"}


async def test_moving_an_arrival_leaves_an_event_and_a_record_without_words_and_repeats_nothing(house: House) -> None:
    stay = await house.stay()
    first, again = [
        await does(house.practitioner, stay, "rescheduling", LATER, **{"Idempotency-Key": "moved"}) for _ in range(2)
    ]
    events = await house.rows("SELECT type, data FROM outbox_event WHERE crn = :crn", crn=house.crn)
    audit = await house.rows(
        "SELECT outcome, CAST(details AS text) AS said FROM audit_entry WHERE action = 'reschedule_arrival' "
        "AND :crn = ANY(crns)",
        crn=house.crn,
    )

    assert (first.status_code, first.content) == (200, again.content)
    assert [row.type for row in events] == ["stay.rescheduling"]
    assert "court" not in str([row.data for row in events] + [row.said for row in audit])
    assert sorted(row.outcome for row in audit) == ["changed", "shown"]


@pytest.mark.parametrize(
    ("changes", "code"),
    [
        ({"expected_arrival_on": TODAY}, "unchanged"),
        ({"expected_arrival_on": "2029-01-01"}, "too-far-ahead"),
        ({"expected_arrival_on": "2026-11-01"}, "too-long-ago"),
        ({"expected_arrival_on": "2026-13-01"}, None),
        ({"reason": ""}, None),
    ],
)
async def test_an_arrival_that_cannot_be_moved_there_is_refused_and_changes_nothing(
    house: House, changes: dict[str, str], code: str | None
) -> None:
    stay = await house.stay()
    answer = await does(house.staff, stay, "rescheduling", LATER | changes)
    (fault,) = answer.json()["errors"]

    assert (answer.status_code, fault["pointer"]) == (422, f"/{next(iter(changes))}")
    assert code in (None, fault["code"])
    assert (await house.staff.get(f"/v1/placements/{stay}")).json()["revision"] == 1


async def test_only_who_is_still_to_come_is_expected_another_day_and_only_by_those_who_see_the_stay(
    house: House,
) -> None:
    stay = await house.stay()
    strangers = await does(house.others, stay, "rescheduling", LATER)
    stale = await does(house.staff, stay, "rescheduling", LATER, **{"If-Match": '"7"'})
    await does(house.staff, stay, "arrival", {"arrived_on": TODAY})
    there = await does(house.staff, stay, "rescheduling", LATER)

    assert (strangers.status_code, stale.status_code) == (404, 412)
    assert (there.status_code, there.json()["code"]) == (409, "transition-not-allowed")
