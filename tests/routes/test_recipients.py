"""Recipients: who keeps them, who reads them, and what no longer changes once referrals name one."""

from typing import Any

import pytest
from fastapi import FastAPI
from httpx import AsyncClient

from service.db import Session
from tests import make
from tests.routes.conftest import AsRole

pytestmark = pytest.mark.usefixtures("clock")


@pytest.fixture
def administrator(as_role: AsRole) -> AsyncClient:
    return as_role("administrator")


@pytest.fixture
def pack(app: FastAPI) -> str:
    """Return a pack of this release."""
    return str(min(app.state.catalogue.current_versions))


def kept(pack: str, **changes: Any) -> dict[str, Any]:
    return {"pack": pack, "name": "North", "organisation": "org"} | changes


async def test_a_recipient_is_kept_and_everybody_reads_it(
    administrator: AsyncClient, as_role: AsRole, pack: str, crn: str
) -> None:
    contract = {"categories": ["acc", "ete"], "outcomes": {"acc": ["progress"]}}
    put = await administrator.put(f"/v1/recipients/0-{crn}", json=kept(pack, area="North", contract=contract))

    shown = (await as_role("assessor").get("/v1/recipients", params={"pack": pack, "limit": 200})).json()["items"]
    assert (put.status_code, put.json()["contract"], put.json()["area"]) == (200, contract, "North")
    assert put.json() in shown


async def test_recipients_are_read_page_by_page_without_those_that_take_no_more(
    administrator: AsyncClient, as_role: AsRole, pack: str, crn: str
) -> None:
    names = [f"zz-{crn}-{number}" for number in range(4)]
    for name in names:
        await administrator.put(f"/v1/recipients/{name}", json=kept(pack, active=name != names[1]))

    seen: list[str] = []
    more: dict[str, str] = {}
    while True:
        page = (await as_role("practitioner").get("/v1/recipients", params={"limit": "2"} | more)).json()
        seen += [one["id"] for one in page["items"]]
        if page["next"] is None:
            break
        more = {"cursor": page["next"]}
    assert [name for name in seen if name.startswith(f"zz-{crn}")] == [names[0], *names[2:]]
    assert len(seen) == len(set(seen))


async def test_a_recipient_that_referrals_name_stays_with_its_organisation(
    administrator: AsyncClient, committing: Session, pack: str, crn: str
) -> None:
    address = f"/v1/recipients/r-{crn}"
    await administrator.put(address, json=kept(pack))
    assert (await administrator.put(address, json=kept(pack, organisation="other"))).status_code == 200
    await make.open_case(committing, crn)
    await make.add_referral(committing, crn, pack, recipient_id=f"r-{crn}", status="withdrawn")
    await committing.commit()

    refused = await administrator.put(address, json=kept(pack, organisation="org"))
    assert (refused.status_code, refused.json()["code"]) == (409, "recipient-in-use")
    renamed = await administrator.put(address, json=kept(pack, organisation="other", name="South"))
    assert (renamed.status_code, renamed.json()["name"]) == (200, "South")


async def test_a_pack_nobody_has_written_has_no_recipients(administrator: AsyncClient) -> None:
    refused = await administrator.put("/v1/recipients/r", json=kept("letters"))

    assert (refused.status_code, refused.json()["errors"][0]["pointer"]) == (422, "/pack")


@pytest.mark.parametrize("role", ["practitioner", "manager", "record_system", "assessor"])
async def test_only_an_administrator_keeps_recipients(as_role: AsRole, role: str) -> None:
    assert (await as_role(role, organisation="org").put("/v1/recipients/r", json=kept("mappa"))).status_code == 403
