"""A MAPPA screening is a record of its own: category, level, reason, who and when, added and never changed."""

from typing import Any

import pytest

from service.db import Session
from tests.routes.conftest import AsRole, Clock
from tests.routes.loops import Loop, open_loop

pytestmark = pytest.mark.usefixtures("clock")

SCREENING = {"category": "2", "level": "2", "reason": "Active coordination is needed.", "screened_on": "2026-11-20"}


@pytest.fixture
async def loop(committing: Session, as_role: AsRole, crn: str) -> Loop:
    return await open_loop(committing, as_role, crn)


async def test_a_screening_is_read_back_with_who_and_when(loop: Loop) -> None:
    address = f"/v1/cases/{loop.crn}/mappa-screenings"
    recorded = await loop.practitioner.post(address, json={**SCREENING, "review_on": "2027-02-20"})
    listed = (await loop.practitioner.get(address)).json()

    assert recorded.status_code == 201
    assert listed == {"items": [recorded.json()], "next": None}
    assert recorded.json()["recorded_by"] == f"p-{loop.crn.lower()}"
    assert (recorded.json()["category"], recorded.json()["review_on"]) == ("2", "2027-02-20")


async def test_no_category_is_a_decision_too(loop: Loop) -> None:
    body = {"category": None, "reason": "No listed offence.", "screened_on": "2026-11-20"}
    recorded = await loop.practitioner.post(f"/v1/cases/{loop.crn}/mappa-screenings", json=body)

    assert (recorded.status_code, recorded.json()["category"], recorded.json()["level"]) == (201, None, None)


@pytest.mark.parametrize(
    ("changes", "pointers"),
    [
        ({"category": None}, ["/level"]),
        ({"category": "3", "level": "1"}, ["/level"]),
        ({"category": "5"}, ["/category"]),
        ({"level": "4"}, ["/level"]),
        ({"reason": " "}, ["/reason"]),
        ({"screened_on": "2026-11-24"}, ["/screened_on"]),
        ({"review_on": "2026-11-20"}, ["/review_on"]),
        ({"screened_on": 1700000000}, ["/screened_on"]),
        ({"category": "3", "level": "1", "screened_on": "2026-11-24"}, ["/level", "/screened_on"]),
    ],
)
async def test_a_screening_that_cannot_be_is_refused_with_every_fault(
    loop: Loop, changes: dict[str, Any], pointers: list[str]
) -> None:
    refused = await loop.practitioner.post(f"/v1/cases/{loop.crn}/mappa-screenings", json={**SCREENING, **changes})

    assert refused.status_code == 422
    assert [fault["pointer"] for fault in refused.json()["errors"]] == pointers


async def test_leaving_the_category_out_is_not_a_decision(loop: Loop) -> None:
    body = {"reason": "No listed offence.", "screened_on": "2026-11-20"}
    refused = await loop.practitioner.post(f"/v1/cases/{loop.crn}/mappa-screenings", json=body)

    assert [fault["pointer"] for fault in refused.json()["errors"]] == ["/category"]


async def test_screenings_are_for_those_who_hold_the_case(loop: Loop, as_role: AsRole) -> None:
    address = f"/v1/cases/{loop.crn}/mappa-screenings"

    assert (await as_role("practitioner", worker="p.stranger").get(address)).status_code == 404
    assert (await loop.assessor.get(address)).status_code == 404
    assert (await as_role("record_system").get(address)).status_code == 403


async def test_a_closed_case_takes_no_screening(loop: Loop) -> None:
    await loop.rows("UPDATE case_record SET status = 'closed' WHERE crn = :crn RETURNING crn", crn=loop.crn)
    refused = await loop.practitioner.post(f"/v1/cases/{loop.crn}/mappa-screenings", json=SCREENING)

    assert (refused.status_code, refused.json()["code"]) == (409, "case-closed")


async def test_the_event_of_a_screening_says_nothing_of_what_was_decided(loop: Loop) -> None:
    recorded = await loop.practitioner.post(f"/v1/cases/{loop.crn}/mappa-screenings", json=SCREENING)
    (event,) = await loop.rows("SELECT type, subject, data FROM outbox_event WHERE crn = :crn", crn=loop.crn)

    assert (event.type, event.subject, event.data) == ("screening.recorded", recorded.json()["id"], {})


async def test_the_latest_screening_comes_first_whatever_the_order_of_recording(loop: Loop, clock: Clock) -> None:
    address = f"/v1/cases/{loop.crn}/mappa-screenings"
    for day in ("2026-11-10", "2026-11-20", "2026-11-20", "2026-10-01"):
        await loop.practitioner.post(address, json={**SCREENING, "screened_on": day, "reason": f"At {clock.now}"})
        clock.advance(minutes=1)
    shown: list[dict[str, Any]] = []
    cursor = None
    while cursor is not None or not shown:
        page = (
            await loop.practitioner.get(address, params={"limit": 1, **({"cursor": cursor} if cursor else {})})
        ).json()
        shown += page["items"]
        cursor = page["next"]

    assert [screening["screened_on"] for screening in shown] == ["2026-11-20", "2026-11-20", "2026-11-10", "2026-10-01"]
    assert shown[0]["recorded_at"] > shown[1]["recorded_at"]
