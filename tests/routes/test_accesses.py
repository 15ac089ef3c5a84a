"""The practitioner sees who has seen a person's record and what they saw, and nothing about anybody else."""

from typing import Any

import pytest
from httpx import AsyncClient

from service.access.callers import Role
from service.db import Session
from tests import make
from tests.routes import traces
from tests.routes.callers import AsRole, Clock
from tests.routes.test_provided_referrals import Provision, provider, provision

__all__ = ["provider", "provision"]
pytestmark = pytest.mark.usefixtures("clock")


async def accesses(client: AsyncClient, crn: str, **query: Any) -> dict[str, Any]:
    response = await client.get(f"/v1/cases/{crn}/access", params=query)
    assert response.status_code == 200, response.text
    page: dict[str, Any] = response.json()
    return page


async def test_a_provider_s_reading_is_shown_with_what_was_shown_and_withheld(
    provider: AsyncClient, as_role: AsRole, clock: Clock, provision: Provision
) -> None:
    await provider.get(f"{provision.address}/summary")
    clock.advance(minutes=1)

    (seen,) = (await accesses(as_role(Role.PRACTITIONER), provision.crn))["items"]

    assert (seen["worker_id"], seen["organisation"]) == (provision.worker, provision.organisation)
    assert (seen["action"], seen["referral_id"]) == ("read_live_summary", str(provision.referral))
    assert "risk_overall_level" in seen["items"]
    assert "safeguarding_detail" in seen["withheld"]


async def test_who_looked_is_narrowed_to_an_organisation_or_a_worker(
    provider: AsyncClient, as_role: AsRole, clock: Clock, provision: Provision
) -> None:
    own = as_role(Role.PRACTITIONER)
    await provider.get(f"{provision.address}/summary")
    await own.get(f"/v1/cases/{provision.crn}")
    clock.advance(minutes=1)

    async def actions(**query: str) -> set[str]:
        return {row["action"] for row in (await accesses(own, provision.crn, **query))["items"]}

    assert await actions(organisation=provision.organisation) == {"read_live_summary"}
    assert await actions(worker="p.test") == {"read_case", "list_accesses"}
    assert await actions(worker="nobody") == set()


async def test_a_list_of_many_people_names_no_other_here(
    as_role: AsRole, committing: Session, clock: Clock, crn: str
) -> None:
    # A caseload of their own: that of all tests together is longer than a page.
    other, worker, team = f"Y{crn[1:]}", f"p.{crn}", f"team-{crn}"
    await make.add_worker(committing, worker, team)
    for one in (crn, other):
        await make.open_case(committing, one, worker, team)
    await committing.commit()
    practitioner = as_role(Role.PRACTITIONER, worker)
    await practitioner.get("/v1/cases")
    clock.advance(minutes=1)

    response = await practitioner.get(f"/v1/cases/{crn}/access")

    assert [row["action"] for row in response.json()["items"]] == ["list_cases"]
    assert other not in response.text


async def test_pages_show_each_access_once_the_newest_first_and_the_reading_is_on_the_record(
    as_role: AsRole, committing: Session, clock: Clock, crn: str
) -> None:
    await make.open_case(committing, crn)
    await committing.commit()
    own, seen = as_role(Role.PRACTITIONER), list[str]()
    cursor = dict[str, str]()
    for _ in range(5):
        await own.get(f"/v1/cases/{crn}")
    clock.advance(minutes=1)

    while True:
        page = await accesses(own, crn, limit=2, **cursor)
        seen += [row["id"] for row in page["items"] if row["action"] == "read_case"]
        if page["next"] is None:
            break
        cursor = {"cursor": page["next"]}

    assert len(set(seen)) == len(seen) == 5
    assert len(await traces.audit_of(committing, crn, "list_accesses")) == 3


async def test_who_may_not_see_the_case_may_not_see_who_did(as_role: AsRole, committing: Session, crn: str) -> None:
    await make.open_case(committing, crn, worker=f"own.{crn}", team=f"team-{crn}")
    await committing.commit()

    stranger = await as_role(Role.PRACTITIONER, worker=f"else.{crn}").get(f"/v1/cases/{crn}/access")
    provider = await as_role(Role.PROVIDER, organisation="org").get(f"/v1/cases/{crn}/access")

    assert (stranger.status_code, provider.status_code) == (404, 404)
