"""The clock of a raised risk runs while somebody who was told can say that they know, and what was told is kept."""

from typing import Any

import pytest
from httpx import AsyncClient

from service.db import Session
from service.operations import tellings
from tests import make
from tests.routes.callers import AsRole, Clock
from tests.routes.test_provided_referrals import Provision, answer, provider, provision
from tests.routes.test_provider_changes import FEED, changes

__all__ = ["provider", "provision"]
CONTRACT = {"title": "Homes", "contract_type": "acc", "categories": ["acc"], "area_kind": "region", "areas": ["london"]}


async def waits(as_role: AsRole, provision: Provision) -> bool:
    listed = (await as_role("practitioner").get("/v1/work", params={"limit": 200})).json()["items"]
    found = {(one["kind"], one["referral_id"]) for one in listed}
    return ("raised_risk_unacknowledged", str(provision.referral)) in found


async def told(as_role: AsRole, provision: Provision) -> list[dict[str, Any]]:
    listed = (await as_role("practitioner").get(f"/v1/cases/{provision.crn}/changes")).json()
    return listed["items"]  # type: ignore[no-any-return]


async def raise_risk(as_role: AsRole, provision: Provision, clock: Clock) -> None:
    await answer(as_role, provision.crn, risk_overall_level="very_high")
    clock.advance(days=2)
    assert await waits(as_role, provision)


async def give_contract_to(as_role: AsRole, provision: Provision, organisation: str) -> None:
    administrator = as_role("administrator")
    await administrator.put(f"/v1/organisations/{organisation}", json={"name": organisation})
    contract = CONTRACT | {"starts_on": "2026-01-01", "prime": organisation}
    kept = await administrator.put(f"/v1/contracts/contract-{provision.crn}", json=contract)
    assert kept.status_code == 200, kept.text


async def test_nobody_is_chased_who_is_off_the_contract_nor_for_what_they_were_told_before_they_came_back(
    provider: AsyncClient, provision: Provision, as_role: AsRole, clock: Clock
) -> None:
    await raise_risk(as_role, provision, clock)
    (entry,) = await told(as_role, provision)
    await give_contract_to(as_role, provision, f"other-{provision.crn}")
    left = await waits(as_role, provision)
    await give_contract_to(as_role, provision, entry["organisation"])
    back = await waits(as_role, provision)
    clock.advance(minutes=1)
    await answer(as_role, provision.crn, risk_children_level={"community": "very_high", "custody": "low"})
    clock.advance(days=2)

    assert (left, back, await waits(as_role, provision)) == (False, False, True)


@pytest.mark.parametrize("named", [False, True])
async def test_nobody_is_chased_while_all_who_were_told_have_lost_sight_whoever_else_was_kept_from_it(
    provision: Provision, as_role: AsRole, clock: Clock, committing: Session, *, named: bool
) -> None:
    """Another worker is excluded all along; or only the one who was named was told, and is named no more."""
    colleague = f"colleague-{provision.crn}"
    await make.add_provider_worker(committing, colleague, provision.organisation)
    await committing.commit()
    limits: dict[str, Any] = {"restricted": named, "allowed": ["p.test"], "excluded": [colleague]}
    address = f"/v1/referrals/{provision.referral}/named-workers/{provision.worker}"
    record_system, path = as_role("record_system"), f"/v1/cases/{provision.crn}/limited-access"
    await record_system.put(path, json=limits)
    if named:
        await as_role("practitioner").put(address)
    await raise_risk(as_role, provision, clock)
    if named:
        await as_role("practitioner").delete(address)
    else:
        await record_system.put(path, json=limits | {"restricted": True})

    assert not await waits(as_role, provision)


async def test_what_was_told_and_who_acknowledged_it_is_on_record_after_the_feed_has_forgotten_it(
    provider: AsyncClient, provision: Provision, as_role: AsRole, clock: Clock, committing: Session
) -> None:
    place = (await changes(provider, None))[1]
    await answer(as_role, provision.crn, risk_overall_level="high")
    (entry,), _ = await changes(provider, place)
    await provider.post(f"{FEED}/{entry['id']}/acknowledgement")
    clock.advance(minutes=1)
    await answer(as_role, provision.crn, risk_overall_level="very_high")
    before = await told(as_role, provision)
    for _ in range(3):
        clock.advance(days=40)
        await tellings.tell_of_ends(committing, clock.now)
        await committing.commit()

    assert await told(as_role, provision) == before
    assert [one["acknowledged_by"] for one in before] == [None, provision.worker]
    assert await waits(as_role, provision)
    assert (await provider.get(FEED, params={"after": place})).status_code == 410
