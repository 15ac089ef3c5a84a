"""What ends by time alone: told once, to whom it is an end, whatever else happens before the job comes round."""

import pytest
from httpx import AsyncClient

from service.db import Session
from service.operations import tellings
from tests.routes.callers import AsRole, Clock
from tests.routes.test_disclosures import disclose
from tests.routes.test_feed_lists import listed
from tests.routes.test_feed_sight import Put, another, contract, restrict, written
from tests.routes.test_provided_referrals import Provision, provider, provision
from tests.routes.test_provider_changes import changes, told

__all__ = ["another", "contract", "provider", "provision", "restrict"]
pytestmark = pytest.mark.usefixtures("clock")


async def tell_of_ends(session: Session, clock: Clock) -> None:
    await tellings.tell_of_ends(session, clock.now)
    await session.commit()


async def test_who_left_and_came_back_is_told_when_closing_time_is_over(
    provider: AsyncClient,
    provision: Provision,
    another: AsyncClient,
    as_role: AsRole,
    contract: Put,
    clock: Clock,
    committing: Session,
) -> None:
    withdrawal = {"reason": "need_met_elsewhere", "note": "Elsewhere."}
    await as_role("practitioner").post(f"/v1/referrals/{provision.referral}/withdrawal", json=withdrawal)
    await contract(f"another-{provision.crn}")
    await contract(provision.organisation)
    place = (await changes(provider, None))[1]
    clock.advance(days=28)
    await tell_of_ends(committing, clock)

    assert told((await changes(provider, place))[0]) == [("removed", [])]


async def test_a_disclosure_that_ends_out_of_sight_is_no_change_then_or_later(
    provider: AsyncClient,
    provision: Provision,
    as_role: AsRole,
    restrict: Put,
    clock: Clock,
    committing: Session,
) -> None:
    assert (await disclose(as_role, provision, expires_on="2026-11-24")).status_code == 201
    start = (await changes(provider, None))[1]
    await restrict(True)
    clock.advance(days=3)
    await tell_of_ends(committing, clock)
    await restrict(False)
    await tell_of_ends(committing, clock)

    assert told((await changes(provider, start))[0]) == [("removed", []), ("added", [])]


async def test_a_referral_opened_again_after_its_closing_time_is_in_sight_again(
    provider: AsyncClient, provision: Provision, as_role: AsRole, clock: Clock, committing: Session
) -> None:
    start = (await changes(provider, None))[1]
    await provider.post(f"{provision.address}/rejection", json={"reason": "no_capacity"})
    clock.advance(days=28)
    await tell_of_ends(committing, clock)
    again = {"reason": "new_information", "note": "There is room."}
    done = await as_role("practitioner").post(f"/v1/referrals/{provision.referral}/reopening", json=again)

    assert done.status_code == 200, done.text
    assert told((await changes(provider, start))[0]) == [("removed", []), ("added", [])]


async def test_of_an_end_nobody_was_told_of_yet_who_loses_sight_meanwhile_is_told_first(
    provider: AsyncClient,
    provision: Provision,
    another: AsyncClient,
    as_role: AsRole,
    contract: Put,
    clock: Clock,
    committing: Session,
) -> None:
    """The job that tells of ends comes round every minute: who leaves the contract in between has lost sight before."""
    assert (await disclose(as_role, provision, expires_on="2026-11-24")).status_code == 201
    place, theirs = (await changes(provider, None))[1], (await changes(another, None))[1]
    clock.advance(days=3)
    await contract(f"another-{provision.crn}")
    await contract(provision.organisation, f"another-{provision.crn}")
    await tell_of_ends(committing, clock)

    assert await written(committing, provision.referral) == ["added", "changed", "changed", "removed", "added"]
    assert told((await changes(provider, place))[0]) == [("removed", []), ("added", [])]
    assert told((await changes(another, theirs))[0]) == [("added", [])]


async def test_who_leaves_the_contract_after_closing_time_and_before_it_is_told_is_told(
    provider: AsyncClient,
    provision: Provision,
    another: AsyncClient,
    as_role: AsRole,
    contract: Put,
    clock: Clock,
    committing: Session,
) -> None:
    await provider.post(f"{provision.address}/rejection", json={"reason": "no_capacity"})
    place, theirs = (await changes(provider, None))[1], (await changes(another, None))[1]
    clock.advance(days=28)
    await contract(f"another-{provision.crn}")
    await tell_of_ends(committing, clock)

    assert told((await changes(provider, place))[0]) == [("removed", [])]
    assert told((await changes(another, theirs))[0]) == []


async def test_a_referral_opened_again_after_its_closing_time_was_gone_even_if_nobody_was_told_of_that(
    provider: AsyncClient, provision: Provision, as_role: AsRole, clock: Clock, committing: Session
) -> None:
    start = (await changes(provider, None))[1]
    await provider.post(f"{provision.address}/rejection", json={"reason": "no_capacity"})
    clock.advance(days=28)
    again = {"reason": "new_information", "note": "There is room."}
    await as_role("practitioner").post(f"/v1/referrals/{provision.referral}/reopening", json=again)
    await tell_of_ends(committing, clock)

    assert told((await changes(provider, start))[0]) == [("removed", []), ("added", [])]


async def test_a_disclosure_taken_back_after_its_end_has_ended_once(
    provider: AsyncClient, provision: Provision, as_role: AsRole, clock: Clock, committing: Session
) -> None:
    kept = (await disclose(as_role, provision, expires_on="2026-11-24")).json()
    place = (await changes(provider, None))[1]
    clock.advance(days=3)
    await as_role("practitioner").post(f"/v1/referrals/{provision.referral}/disclosures/{kept['id']}/withdrawal")
    await tell_of_ends(committing, clock)

    assert told((await changes(provider, place))[0]) == [("changed", ["mappa_level"])]


async def test_an_organisation_that_came_off_the_list_after_closing_time_is_told_of_no_end(
    another: AsyncClient,
    provider: AsyncClient,
    provision: Provision,
    as_role: AsRole,
    contract: Put,
    clock: Clock,
    committing: Session,
) -> None:
    organisation = f"another-{provision.crn}"
    await listed(committing, provision, "Harbour Homes")
    await as_role("administrator").put(f"/v1/organisations/{organisation}", json={"name": "Harbour Homes"})
    await contract(provision.organisation, organisation)
    theirs = (await changes(another, None))[1]
    await provider.post(f"{provision.address}/rejection", json={"reason": "no_capacity"})
    clock.advance(days=28)
    await as_role("administrator").put(f"/v1/organisations/{organisation}", json={"name": organisation})
    await tell_of_ends(committing, clock)

    assert told((await changes(another, theirs))[0]) == []
