"""An organisation's own administrator: whom they register and suspend, and who they are not."""

import asyncio
from typing import Any

import pytest
from httpx import AsyncClient
from sqlalchemy import text

from service.access.callers import Role
from service.db import Session
from tests import make
from tests.routes.callers import AsRole
from tests.routes.test_provided_referrals import Provision, provider, provision

__all__ = ["provider", "provision"]
WORKERS = "/v1/provider/workers"


@pytest.fixture
async def administrator(as_role: AsRole, provision: Provision, committing: Session) -> AsyncClient:
    """Return a client for the administrator of the organisation."""
    await make.add_provider_worker(committing, f"chief-{provision.crn}", provision.organisation, administrator=True)
    await committing.commit()
    return as_role(Role.PROVIDER, f"chief-{provision.crn}", provision.organisation)


async def shown(administrator: AsyncClient, **query: Any) -> dict[str, bool]:
    answer = await administrator.get(WORKERS, params=query)
    assert answer.status_code == 200, answer.text
    return {one["id"].partition("-")[0]: one["active"] for one in answer.json()["items"]}


async def test_a_suspension_and_its_end_hold_from_the_worker_s_next_request_on(
    administrator: AsyncClient, provider: AsyncClient, provision: Provision
) -> None:
    statuses = [(await provider.get(provision.address)).status_code]
    for act in ("suspension", "suspension", "reinstatement", "reinstatement"):
        done = await administrator.post(f"{WORKERS}/{provision.worker}/{act}")
        assert (done.status_code, done.json()["active"]) == (200, act == "reinstatement")
        statuses.append((await provider.get(provision.address)).status_code)

    assert statuses == [200, 404, 404, 200, 200]


async def test_a_new_worker_sees_what_their_organisation_may_and_is_recorded(
    administrator: AsyncClient, provision: Provision, as_role: AsRole, committing: Session
) -> None:
    new = f"new-{provision.crn}"
    client = as_role(Role.PROVIDER, new, provision.organisation)
    assert (await client.get(provision.address)).status_code == 404

    made = await administrator.put(f"{WORKERS}/{new}", json={"name": "New Invented"})

    assert made.json() == {
        "id": new,
        "organisation": provision.organisation,
        "name": "New Invented",
        "administrator": False,
        "active": True,
    }
    assert (await client.get(provision.address)).status_code == 200
    assert await shown(administrator) == {"chief": True, "new": True, "worker": True}
    connection = await committing.connection()
    found = await connection.execute(
        text("SELECT worker_id, outcome, details FROM audit_entry WHERE trace_id = :id"),
        {"id": made.headers["trace-id"]},
    )
    by, outcome, details = found.one()
    assert (by, outcome) == (f"chief-{provision.crn}", "changed")
    assert details == {"organisation": provision.organisation, "worker": new, "active": True}


async def test_pages_show_each_worker_once(administrator: AsyncClient, provision: Provision) -> None:
    for act in ("suspension", "reinstatement", "suspension"):
        await administrator.post(f"{WORKERS}/{provision.worker}/{act}")
    first = (await administrator.get(WORKERS, params={"limit": 1})).json()
    second = (await administrator.get(WORKERS, params={"limit": 1, "cursor": first["next"]})).json()

    assert [one["id"] for one in first["items"] + second["items"]] == [f"chief-{provision.crn}", provision.worker]
    assert second["next"] is None
    assert await shown(administrator) == {"chief": True, "worker": False}


async def test_nobody_but_an_administrator_of_the_same_organisation_does_any_of_this(
    administrator: AsyncClient, provider: AsyncClient, provision: Provision, as_role: AsRole, committing: Session
) -> None:
    other = f"other-{provision.crn}"
    await make.add_contract(committing, f"second-{provision.crn}", other)
    await make.add_provider_worker(committing, f"boss-{provision.crn}", other, administrator=True)
    await committing.commit()
    strangers = [
        provider,
        as_role(Role.PROVIDER, f"chief-{provision.crn}", other),
        as_role(Role.PROVIDER, f"boss-{provision.crn}", provision.organisation),
        as_role(Role.PRACTITIONER),
    ]
    address = f"{WORKERS}/{provision.worker}"
    for one in strangers:
        answers = [
            await one.get(WORKERS),
            await one.put(address, json={"name": "Mine"}),
            await one.post(f"{address}/suspension"),
            await one.post(f"{address}/reinstatement"),
        ]
        assert [answer.status_code for answer in answers] == [403] * 4
    boss = as_role(Role.PROVIDER, f"boss-{provision.crn}", other)
    reaching = [await boss.post(f"{address}/suspension"), await boss.put(address, json={"name": "Mine"})]

    assert [answer.json()["code"] for answer in reaching] == ["worker-registered-elsewhere"] * 2
    assert (await boss.post(f"{WORKERS}/nobody-{provision.crn}/suspension")).status_code == 404
    assert await shown(administrator) == {"chief": True, "worker": True}
    assert (await provider.get(provision.address)).status_code == 200


async def test_a_suspended_administrator_administers_nothing(
    administrator: AsyncClient, provision: Provision, as_role: AsRole, committing: Session
) -> None:
    second = f"second-{provision.crn}"
    await make.add_provider_worker(committing, second, provision.organisation, administrator=True)
    await committing.commit()
    assert (await administrator.post(f"{WORKERS}/{second}/suspension")).status_code == 200
    suspended = as_role(Role.PROVIDER, second, provision.organisation)

    answers = [await suspended.get(WORKERS), await suspended.post(f"{WORKERS}/{second}/reinstatement")]
    back = await administrator.post(f"{WORKERS}/{second}/reinstatement")

    assert [answer.status_code for answer in answers] == [403, 403]
    assert (back.json()["active"], back.json()["administrator"]) == (True, False)
    assert (await suspended.get(WORKERS)).status_code == 403


async def test_the_last_administrator_is_not_suspended_by_their_own_organisation(
    administrator: AsyncClient, provision: Provision
) -> None:
    refused = await administrator.post(f"{WORKERS}/chief-{provision.crn}/suspension")

    assert (refused.status_code, refused.json()["code"]) == (409, "last-administrator")
    assert (await shown(administrator))["chief"] is True


async def test_two_administrators_who_suspend_each_other_at_once_leave_one(
    administrator: AsyncClient, provision: Provision, as_role: AsRole, committing: Session
) -> None:
    second = f"second-{provision.crn}"
    await make.add_provider_worker(committing, second, provision.organisation, administrator=True)
    await committing.commit()
    other = as_role(Role.PROVIDER, second, provision.organisation)

    answers = await asyncio.gather(
        administrator.post(f"{WORKERS}/{second}/suspension"),
        other.post(f"{WORKERS}/chief-{provision.crn}/suspension"),
    )

    assert sorted(answer.status_code for answer in answers) in ([200, 403], [200, 409])


@pytest.mark.parametrize("change", [{"active": False}, {"administrator": False}])
async def test_the_service_s_administrator_leaves_an_organisation_without_one_only_in_words(
    administrator: AsyncClient, provision: Provision, as_role: AsRole, change: dict[str, bool]
) -> None:
    address = f"/v1/organisations/{provision.organisation}/workers/chief-{provision.crn}"
    body = {"name": "Chief", "administrator": True} | change

    refused = await as_role(Role.ADMINISTRATOR).put(address, json=body)
    renamed = await as_role(Role.ADMINISTRATOR).put(address, json={"name": "Renamed", "administrator": True})
    meant = await as_role(Role.ADMINISTRATOR).put(address, json=body | {"leaving_no_administrator": True})

    assert (refused.status_code, refused.json()["code"]) == (409, "last-administrator")
    assert (renamed.status_code, meant.status_code) == (200, 200)
    assert (await administrator.get(WORKERS)).status_code == 403


SUSPENDED_BY_SERVICE = (409, "worker-suspended-by-service")


async def _at_work(_: AsyncClient, __: str) -> None:
    """Nobody did anything before."""


async def _suspended_already(administrator: AsyncClient, address: str) -> None:
    assert (await administrator.post(f"{address}/suspension")).status_code == 200


@pytest.mark.parametrize("before", [_at_work, _suspended_already])
async def test_whom_the_service_s_administrator_suspended_only_they_bring_back(
    administrator: AsyncClient, provider: AsyncClient, provision: Provision, as_role: AsRole, before: Any
) -> None:
    service, address = as_role(Role.ADMINISTRATOR), f"{WORKERS}/{provision.worker}"
    kept = f"/v1/organisations/{provision.organisation}/workers/{provision.worker}"
    await before(administrator, address)
    for _ in range(2):
        assert (await service.put(kept, json={"name": "Worker", "active": False})).status_code == 200

    refused = [
        await administrator.post(f"{address}/reinstatement"),
        await administrator.put(address, json={"name": "Worker"}),
    ]

    assert [(one.status_code, one.json()["code"]) for one in refused] == [SUSPENDED_BY_SERVICE] * 2
    assert (await administrator.post(f"{address}/suspension")).status_code == 200
    assert (await provider.get(provision.address)).status_code == 404
    assert (await service.put(kept, json={"name": "Worker"})).status_code == 200
    assert (await provider.get(provision.address)).status_code == 200
    for act in ("suspension", "reinstatement"):
        assert (await administrator.post(f"{address}/{act}")).status_code == 200


async def test_whom_the_service_s_administrator_suspended_no_other_organisation_takes_on(
    administrator: AsyncClient, provision: Provision, as_role: AsRole, committing: Session
) -> None:
    other, service = f"other-{provision.crn}", as_role(Role.ADMINISTRATOR)
    await make.add_contract(committing, f"second-{provision.crn}", other)
    await make.add_provider_worker(committing, f"boss-{provision.crn}", other, administrator=True)
    await committing.commit()
    boss = as_role(Role.PROVIDER, f"boss-{provision.crn}", other)
    for worker in (provision.worker, f"unregistered-{provision.crn}"):
        kept = f"/v1/organisations/{provision.organisation}/workers/{worker}"
        await service.put(kept, json={"name": "Worker", "active": False})

        here = await administrator.put(f"{WORKERS}/{worker}", json={"name": "Worker"})
        there = await boss.put(f"{WORKERS}/{worker}", json={"name": "Worker"})

        assert (here.status_code, here.json()["code"]) == SUSPENDED_BY_SERVICE
        # It learns no more than of a worker who is at work for another.
        assert (there.status_code, there.json()["code"]) == (409, "worker-registered-elsewhere")
    moved = await service.put(f"/v1/organisations/{other}/workers/{provision.worker}", json={"name": "Worker"})
    assert moved.status_code == 200
    assert (await boss.post(f"{WORKERS}/{provision.worker}/suspension")).status_code == 200
    assert (await boss.post(f"{WORKERS}/{provision.worker}/reinstatement")).status_code == 200


async def test_an_administrator_may_suspend_themself_where_there_is_another_and_is_not_back_by_themself(
    administrator: AsyncClient, provision: Provision, committing: Session
) -> None:
    await make.add_provider_worker(committing, f"second-{provision.crn}", provision.organisation, administrator=True)
    await committing.commit()
    own = f"{WORKERS}/chief-{provision.crn}"

    assert (await administrator.post(f"{own}/suspension")).status_code == 200
    assert (await administrator.post(f"{own}/reinstatement")).status_code == 403


async def test_a_prime_s_administrator_has_nothing_to_do_with_a_subcontractor_s_workers(
    administrator: AsyncClient, provision: Provision, as_role: AsRole, committing: Session
) -> None:
    under, worker = f"under-{provision.crn}", f"sub-{provision.crn}"
    await make.add_contract(committing, f"joint-{provision.crn}", provision.organisation, subcontractors=[under])
    await make.add_provider_worker(committing, worker, under)
    await make.add_provider_worker(committing, f"head-{provision.crn}", under, administrator=True)
    await committing.commit()

    at_work = await administrator.post(f"{WORKERS}/{worker}/suspension")
    head = as_role(Role.PROVIDER, f"head-{provision.crn}", under)
    assert (await head.post(f"{WORKERS}/{worker}/suspension")).status_code == 200
    suspended = await administrator.post(f"{WORKERS}/{worker}/reinstatement")

    assert (at_work.status_code, at_work.json()["code"]) == (409, "worker-registered-elsewhere")
    assert suspended.status_code == 404
