"""Limited access: who is kept from a case, from the next request on, whoever they are to it."""

from typing import Any

import pytest
from httpx import AsyncClient

from service.db import Session
from tests import make
from tests.routes import traces
from tests.routes.conftest import A_MONDAY, AsRole

pytestmark = pytest.mark.usefixtures("clock")


@pytest.fixture
async def case(committing: Session, crn: str) -> str:
    await make.open_case(committing, crn, worker=f"own.{crn}", team=f"team-{crn}")
    for worker in ("own", "mate", "man"):
        await make.add_worker(committing, f"{worker}.{crn}", f"team-{crn}")
    await committing.commit()
    return crn


@pytest.fixture
def own(as_role: AsRole, crn: str) -> AsyncClient:
    return as_role("practitioner", worker=f"own.{crn}")


@pytest.fixture
def mate(as_role: AsRole, crn: str) -> AsyncClient:
    return as_role("practitioner", worker=f"mate.{crn}")


async def limit(as_role: AsRole, crn: str, *, restricted: bool, allowed: Any = (), excluded: Any = ()) -> Any:
    lists = {
        "allowed": [f"{worker}.{crn}" for worker in allowed],
        "excluded": [f"{worker}.{crn}" for worker in excluded],
    }
    client = as_role("record_system")
    return await client.put(f"/v1/cases/{crn}/limited-access", json={"restricted": restricted} | lists)


async def test_a_restriction_holds_from_the_next_request_on_for_whoever_opened_the_case_too(
    as_role: AsRole, own: AsyncClient, mate: AsyncClient, case: str
) -> None:
    assert [(await client.get(f"/v1/cases/{case}")).status_code for client in (own, mate)] == [200, 200]
    limited = await limit(as_role, case, restricted=True, allowed=["mate"])

    assert limited.json() == {"crn": case, "restricted": True, "allowed": [f"mate.{case}"], "excluded": []}
    assert [(await client.get(f"/v1/cases/{case}")).status_code for client in (own, mate)] == [404, 200]


async def test_an_excluded_worker_finds_no_trace_of_the_case(
    as_role: AsRole, own: AsyncClient, committing: Session, case: str
) -> None:
    referral = await make.add_referral(committing, case)
    await committing.commit()
    await limit(as_role, case, restricted=False, excluded=["own"])

    for path in (f"/v1/cases/{case}", f"/v1/cases/{case}/profile", f"/v1/referrals/{referral}"):
        assert (await own.get(path)).status_code == 404
    assert (await own.get("/v1/cases")).json()["items"] == []
    assert (await own.post("/v1/searches", json={"crn": case})).json()["items"] == []


async def test_an_exclusion_outweighs_being_allowed(as_role: AsRole, own: AsyncClient, case: str) -> None:
    await limit(as_role, case, restricted=True, allowed=["own"], excluded=["own"])

    assert (await own.get(f"/v1/cases/{case}")).status_code == 404


async def test_lists_are_replaced_not_added_to(as_role: AsRole, own: AsyncClient, case: str) -> None:
    await limit(as_role, case, restricted=True, allowed=["mate"], excluded=["own"])
    await limit(as_role, case, restricted=False)

    assert (await own.get(f"/v1/cases/{case}")).status_code == 200


async def test_an_opening_ends_when_the_case_is_restricted(as_role: AsRole, case: str) -> None:
    stranger = as_role("practitioner", worker=f"else.{case}")
    await stranger.post(f"/v1/cases/{case}/openings", json={"kind": "reason", "reason": "Covering"})
    assert (await stranger.get(f"/v1/cases/{case}")).status_code == 200
    await limit(as_role, case, restricted=True)

    assert (await stranger.get(f"/v1/cases/{case}")).status_code == 404


async def test_a_recipients_worker_kept_from_the_case_sees_no_referral_of_it(
    as_role: AsRole, committing: Session, case: str
) -> None:
    await make.add_recipient(committing, f"r-{case}", organisation=f"org-{case}")
    as_sent: dict[str, Any] = {"status": "submitted", "version": 1, "submitted_at": A_MONDAY}
    sent = await make.add_referral(committing, case, recipient_id=f"r-{case}", **as_sent)
    await committing.commit()
    assessor = as_role("coordinator", worker=f"kin.{case}", organisation=f"org-{case}")
    assert (await assessor.get("/v1/referrals")).json()["items"][0]["id"] == str(sent)
    await limit(as_role, case, restricted=False, excluded=["kin"])

    assert (await assessor.get("/v1/referrals")).json()["items"] == []
    assert (await assessor.get(f"/v1/referrals/{sent}")).status_code == 404


async def test_only_a_record_system_limits_access(as_role: AsRole, own: AsyncClient, case: str) -> None:
    body = {"restricted": False, "allowed": [], "excluded": []}
    stranger = as_role("practitioner", worker=f"else.{case}")
    answers = [await client.put(f"/v1/cases/{case}/limited-access", json=body) for client in (own, stranger)]

    assert [answer.status_code for answer in answers] == [403, 404]


async def test_the_event_names_nobody(as_role: AsRole, committing: Session, case: str) -> None:
    await limit(as_role, case, restricted=True, allowed=["own"], excluded=["mate"])

    (event,) = await traces.outbox_of(committing, case)
    assert (event["type"], event["subject"], event["data"]) == ("case.access_limited", "case", {})
    (entry,) = await traces.audit_of(committing, case, "limit_access")
    assert (entry["outcome"], entry["details"]) == ("changed", {"restricted": True, "allowed": 1, "excluded": 1})


async def test_a_suspended_worker_sees_nothing(own: AsyncClient, committing: Session, case: str) -> None:
    await make.add_worker(committing, f"own.{case}", f"team-{case}", active=False)
    await committing.commit()

    assert (await own.get(f"/v1/cases/{case}")).status_code == 404
    assert (await own.post("/v1/cases", json={"crn": f"Z{case[1:]}"})).status_code == 403
