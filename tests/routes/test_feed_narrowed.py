"""The feed as a narrowed token reads it."""

import uuid

import pytest

from service.db import Session
from tests import make
from tests.routes.callers import AsRole
from tests.routes.clients import System
from tests.routes.test_tokens import LIST, referral, system

__all__ = ["referral", "system"]
pytestmark = pytest.mark.usefixtures("clock")


async def test_a_token_narrowed_to_one_referral_is_told_when_that_one_is_gone_and_of_no_other(
    system: System, as_role: AsRole, committing: Session, referral: uuid.UUID, crn: str
) -> None:
    await make.add_sent_referral(
        committing, crn, "commissioned_services", "received", recipient_id=f"contract-{crn}", second_number=1
    )
    await committing.commit()
    wide = await system.token(scope="referrals.read changes.read")
    resource = f"{system.address}{LIST}/{referral}"
    narrow = (await system.exchange(wide, resource=resource, scope="changes.read")).json()["access_token"]
    place = (await system.get("/v1/provider/changes", narrow)).json()["next"]
    limits = {"restricted": True, "allowed": ["p.test"], "excluded": []}
    await as_role("record_system").put(f"/v1/cases/{crn}/limited-access", json=limits)

    told = (await system.get(f"/v1/provider/changes?after={place}", narrow)).json()["items"]
    assert [(one["type"], one["data"]["referral_id"]) for one in told] == [("provision.removed", str(referral))]
