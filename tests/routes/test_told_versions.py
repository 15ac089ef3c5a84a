"""A new version of what was sent reaches everybody who works under the contract, whoever has taken the person on."""

import pytest
from httpx import AsyncClient

from service.access.callers import Role
from service.db import Session
from tests import make
from tests.routes.callers import AsRole
from tests.routes.drafting import CHECKS, change, know, ready_housing, send, two_packs
from tests.routes.test_provider_changes import changes, told

__all__ = ["two_packs"]
pytestmark = pytest.mark.usefixtures("clock", "two_packs")


@pytest.fixture
async def workers(committing: Session, as_role: AsRole, crn: str) -> list[AsyncClient]:
    """Put two organisations on a contract that takes the small pack, and return a client for a worker of each."""
    prime, sub = f"prime-{crn}", f"sub-{crn}"
    await make.open_case(committing, crn)
    await make.add_contract(committing, f"homes-{crn}", prime, [sub])
    await make.add_recipient(committing, f"homes-{crn}", "housing", prime)
    for organisation in (prime, sub):
        await make.add_provider_worker(committing, f"v-{organisation}", organisation)
    await committing.commit()
    return [as_role(Role.PROVIDER, f"v-{organisation}", organisation) for organisation in (prime, sub)]


async def test_sending_and_amending_are_told_to_every_organisation_on_the_contract(
    workers: list[AsyncClient], as_role: AsRole, crn: str
) -> None:
    practitioner = as_role("practitioner")
    referral = await ready_housing(practitioner, crn)
    await change(practitioner, referral, recipient=f"homes-{crn}")
    await change(practitioner, referral, answers={"consent": {"value": True}}, read={"risk": True})
    places = [(await changes(worker, None))[1] for worker in workers]
    sent = await send(practitioner, referral)
    await know(practitioner, crn, release_on="2027-02-01")
    body = {"reason": "The release date moved.", "reasons": CHECKS}
    amended = await practitioner.post(f"/v1/referrals/{referral}/amendments", json=body)

    assert (sent.status_code, amended.status_code) == (201, 201), (sent.text, amended.text)
    for worker, place in zip(workers, places, strict=True):
        assert told((await changes(worker, place))[0]) == [("added", []), ("referral", [])]
        assert (await worker.get("/v1/provider/referrals")).json()["items"][0]["version"] == 2


@pytest.mark.parametrize("reason", [{}, {"reason": ""}, {"reason": "  "}])
async def test_a_new_version_is_not_sent_without_saying_why(
    as_role: AsRole, crn: str, reason: dict[str, str], committing: Session
) -> None:
    await make.open_case(committing, crn)
    await committing.commit()
    practitioner = as_role("practitioner")
    referral = await ready_housing(practitioner, crn)
    await send(practitioner, referral)
    await know(practitioner, crn, release_on="2027-02-01")
    refused = await practitioner.post(f"/v1/referrals/{referral}/amendments", json=reason | {"reasons": CHECKS})

    assert (refused.status_code, [fault["pointer"] for fault in refused.json()["errors"]]) == (422, ["/reason"])
