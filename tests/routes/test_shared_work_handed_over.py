"""A case changes hands while the premises have a draft of it: they keep it, and the new officer is told so."""

from typing import Any

import pytest
from httpx import AsyncClient

from service.db import Session
from tests import make
from tests.routes.conftest import A_MONDAY, AsRole, Clock
from tests.routes.stays import House, does, open_house
from tests.routes.test_shared_work import answers, drafted, passes

pytestmark = pytest.mark.usefixtures("clock")


@pytest.fixture
async def house(committing: Session, as_role: AsRole, crn: str) -> House:
    """Return premises with a resident, and a worker who is to have the case."""
    house = await open_house(committing, as_role, crn)
    await house.stay(arrived_on=A_MONDAY.date())
    await make.add_worker(committing, f"new.{crn}", f"t-{crn.lower()}")
    await committing.commit()
    return house


@pytest.fixture
def arriving(as_role: AsRole, crn: str) -> AsyncClient:
    return as_role("practitioner", worker=f"new.{crn}")


async def hand_over(house: House) -> None:
    """Give the case to the new officer."""
    body = {"capacity": "community_practitioner", "worker_id": f"new.{house.crn}"}
    answer = await house.manager.post(f"/v1/cases/{house.crn}/allocations", json=body)
    assert answer.status_code == 201, answer.text


async def drafts_of(client: AsyncClient, house: House) -> dict[str, dict[str, Any]]:
    """Return the draft as it was handed over, and as it stands now."""
    (change,) = (await client.get(f"/v1/cases/{house.crn}/hand-overs")).json()["items"]
    page = (await client.get(f"/v1/cases/{house.crn}/hand-overs/{change['id']}")).json()
    return {part: one for part in ("handed_over", "outstanding") for one in page[part] if one["kind"] == "draft"}


async def taken_over(client: AsyncClient) -> list[str]:
    items = (await client.get("/v1/work")).json()["items"]
    return [one["referral_id"] for one in items if one["kind"] == "draft_taken_over"]


@pytest.mark.parametrize("passed", [True, False])
async def test_what_the_premises_have_stays_with_them_and_the_new_officer_is_told(
    house: House, arriving: AsyncClient, clock: Clock, *, passed: bool
) -> None:
    draft = await drafted(house)
    if passed:
        await passes(house.practitioner, draft, "premises", note="You see them every day.")
    clock.advance(hours=1)
    await hand_over(house)
    found = await drafts_of(arriving, house)
    holding = (await arriving.get(f"/v1/referrals/{draft}/holding")).json()
    answered = await answers(house.staff, draft, person_phone="01632 960001")

    assert [one["with_premises"] for one in found.values()] == [passed, passed]
    # Whoever has the case answers for it all the same.
    assert {one["owner"] for one in found.values()} == {f"new.{house.crn}"}
    assert ("premises" in found["outstanding"]["why"]) is passed
    assert (holding["held_by"], answered.status_code) == (("premises", 200) if passed else ("practitioner", 409))


async def test_the_new_officers_list_has_no_draft_that_the_premises_work_on_until_it_comes_back(
    house: House, arriving: AsyncClient, clock: Clock
) -> None:
    with_premises, with_officer = await drafted(house), await drafted(house, "supported_housing")
    await passes(house.practitioner, with_premises, "premises")
    clock.advance(hours=1)
    await hand_over(house)
    before = await taken_over(arriving)
    await passes(house.staff, with_premises, "practitioner", note="Something is left for you.")
    after = await taken_over(arriving)

    assert before == [with_officer]
    assert sorted(after) == sorted([with_premises, with_officer])


async def test_what_the_premises_had_is_the_officers_once_nobody_there_can_work_on_it(
    house: House, arriving: AsyncClient, clock: Clock
) -> None:
    draft = await drafted(house)
    await passes(house.staff, draft, "premises")
    clock.advance(hours=1)
    await hand_over(house)
    (stay,) = (await house.staff.get("/v1/placements")).json()["items"]
    left = {"departed_on": A_MONDAY.date().isoformat(), "reason": "hospital"}
    assert (await does(house.staff, stay["id"], "departure", left)).status_code == 200

    assert await taken_over(arriving) == [draft]
    assert (await drafts_of(arriving, house))["outstanding"]["with_premises"] is False
