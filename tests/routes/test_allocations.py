"""Handing a case on: who may, to whom, and who sees it then."""

from typing import Any

import pytest
from httpx import AsyncClient

from service.db import Session
from tests import make
from tests.routes import traces
from tests.routes.conftest import A_MONDAY, AsRole, Clock

pytestmark = pytest.mark.usefixtures("clock")


@pytest.fixture
async def case(committing: Session, crn: str) -> str:
    await make.open_case(committing, crn, worker=f"own.{crn}", team=f"team-{crn}")
    await committing.commit()
    return crn


@pytest.fixture
def owner(as_role: AsRole, crn: str) -> AsyncClient:
    return as_role("practitioner", worker=f"own.{crn}")


@pytest.fixture
async def team_manager(as_role: AsRole, committing: Session, crn: str) -> AsyncClient:
    await make.add_worker(committing, f"man.{crn}", f"team-{crn}")
    await committing.commit()
    return as_role("manager", worker=f"man.{crn}")


async def test_practitioners_are_counted_over_the_last_twelve_months(
    owner: AsyncClient, team_manager: AsyncClient, clock: Clock, committing: Session, case: str
) -> None:
    for worker in ("second", "third"):
        await make.add_worker(committing, f"{worker}.{case}", f"team-{case}")
        await committing.commit()
        await _allocate(team_manager, case, f"{worker}.{case}")

    async def counted() -> int:
        page = await team_manager.get(f"/v1/cases/{case}")
        return int(page.json()["practitioners_in_last_12_months"])

    assert await counted() == 3
    clock.set(A_MONDAY.replace(year=2027))
    assert await counted() == 1


async def _allocate(client: AsyncClient, crn: str, worker: str, capacity: str = "community_practitioner") -> Any:
    return await client.post(f"/v1/cases/{crn}/allocations", json={"capacity": capacity, "worker_id": worker})


async def test_a_manager_hands_a_case_from_one_of_the_team_to_another(
    owner: AsyncClient, team_manager: AsyncClient, as_role: AsRole, committing: Session, case: str
) -> None:
    await make.add_worker(committing, f"next.{case}", f"other-{case}")
    await committing.commit()
    handed = await _allocate(team_manager, case, f"next.{case}")

    assert (handed.status_code, handed.json()["worker_id"], handed.json()["team"]) == (
        *(201, f"next.{case}"),
        f"other-{case}",
    )
    assert (await owner.get(f"/v1/cases/{case}")).status_code == 404
    assert (await as_role("practitioner", worker=f"next.{case}").get(f"/v1/cases/{case}")).status_code == 200
    event = (await traces.outbox_of(committing, case))[-1]
    assert (event["type"], event["data"]["worker"], event["data"]["before"]) == (
        *("case.allocated", f"next.{case}"),
        f"own.{case}",
    )


async def test_handing_a_case_to_whoever_has_it_changes_nothing(
    team_manager: AsyncClient, committing: Session, case: str
) -> None:
    await make.add_worker(committing, f"own.{case}", f"team-{case}")
    await committing.commit()
    handed = await _allocate(team_manager, case, f"own.{case}")

    assert (handed.status_code, handed.json()["allocated_by"]) == (201, f"own.{case}")
    assert await traces.outbox_of(committing, case) == []


async def test_the_two_capacities_are_held_side_by_side(
    as_role: AsRole, owner: AsyncClient, committing: Session, case: str
) -> None:
    await make.add_worker(committing, f"prison.{case}")
    await committing.commit()
    await _allocate(as_role("record_system"), case, f"prison.{case}", "prison_practitioner")

    held = (await owner.get(f"/v1/cases/{case}")).json()["allocations"]
    assert [(one["capacity"], one["worker_id"]) for one in held] == [
        ("community_practitioner", f"own.{case}"),
        ("prison_practitioner", f"prison.{case}"),
    ]


async def test_only_the_teams_manager_hands_a_case_on(as_role: AsRole, owner: AsyncClient, case: str) -> None:
    outsider = as_role("manager", worker=f"outside.{case}")

    assert (await _allocate(owner, case, f"own.{case}")).status_code == 403
    assert (await _allocate(outsider, case, f"own.{case}")).status_code == 404
    await outsider.post(f"/v1/cases/{case}/openings", json={"kind": "reason", "reason": "Covering"})
    assert (await outsider.get(f"/v1/cases/{case}")).status_code == 200
    assert (await _allocate(outsider, case, f"outside.{case}")).status_code == 403


async def test_a_case_goes_to_nobody_unknown_suspended_or_kept_from_it(
    team_manager: AsyncClient, committing: Session, case: str
) -> None:
    await make.add_worker(committing, f"gone.{case}", active=False)
    await make.add_worker(committing, f"kin.{case}")
    await make.limit_access(committing, case, excluded=[f"kin.{case}"])
    await committing.commit()

    answers = [await _allocate(team_manager, case, f"{worker}.{case}") for worker in ("who", "gone", "kin")]
    assert [(answer.status_code, answer.json()["code"]) for answer in answers] == [
        (422, "invalid-input"),
        (422, "invalid-input"),
        (409, "worker-may-not-see-case"),
    ]
