"""Registering workers: their cases follow them to another team, and a suspended worker is one nobody hears from."""

import pytest
from httpx import AsyncClient

from service.db import Session
from tests import make
from tests.routes import traces
from tests.routes.conftest import AsRole

pytestmark = pytest.mark.usefixtures("clock")


@pytest.fixture
def administrator(as_role: AsRole) -> AsyncClient:
    return as_role("administrator")


async def test_a_worker_is_registered_and_replaced(administrator: AsyncClient, crn: str) -> None:
    first = await administrator.put(f"/v1/workers/w.{crn}", json={"name": "Pat", "team": "red", "region": "Wales"})
    second = await administrator.put(f"/v1/workers/w.{crn}", json={"name": "Pat Neill", "active": False})

    assert first.json() == {
        "id": f"w.{crn}",
        "name": "Pat",
        "team": "red",
        "region": "Wales",
        "active": True,
        "cases_moved": 0,
    }
    assert (second.json()["name"], second.json()["team"], second.json()["active"]) == ("Pat Neill", None, False)


async def test_a_workers_cases_go_with_them_to_another_team(
    administrator: AsyncClient, as_role: AsRole, committing: Session, crn: str
) -> None:
    await make.open_case(committing, crn, worker=f"own.{crn}", team=f"old-{crn}")
    for team in ("old", "new"):
        await make.add_worker(committing, f"{team}.{crn}", f"{team}-{crn}")
    await committing.commit()
    moved = await administrator.put(f"/v1/workers/own.{crn}", json={"name": "Own", "team": f"new-{crn}"})

    managers = [as_role("manager", worker=f"{team}.{crn}") for team in ("old", "new")]
    assert moved.json()["cases_moved"] == 1
    assert [(await manager.get(f"/v1/cases/{crn}")).status_code for manager in managers] == [404, 200]
    (entry,) = await traces.audit_of(committing, crn, "put_worker")
    assert (entry["outcome"], entry["details"]["worker"]) == ("changed", f"own.{crn}")


@pytest.mark.parametrize("role", ["practitioner", "manager", "record_system", "auditor"])
async def test_only_an_administrator_registers_workers(as_role: AsRole, role: str) -> None:
    assert (await as_role(role).put("/v1/workers/w", json={"name": "Pat"})).status_code == 403
