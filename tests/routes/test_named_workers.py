"""Which provider's workers see a person with restricted access: those named, from the next request on, no other."""

import json
from typing import Any

import pytest
from httpx import AsyncClient, Response
from sqlalchemy import text

from service.access.callers import Role
from service.db import Session
from service.operations import tellings
from tests import make
from tests.routes import traces
from tests.routes.callers import AsRole, Clock
from tests.routes.test_provided_referrals import Provision, answer, provider, provision
from tests.routes.test_provider_changes import changes, told

__all__ = ["provider", "provision"]


@pytest.fixture
async def colleague(as_role: AsRole, provision: Provision, committing: Session) -> AsyncClient:
    """Return a client for another worker of the same organisation."""
    await make.add_provider_worker(committing, f"colleague-{provision.crn}", provision.organisation)
    await committing.commit()
    return as_role(Role.PROVIDER, f"colleague-{provision.crn}", provision.organisation)


async def limit(as_role: AsRole, provision: Provision, *, restricted: bool, excluded: Any = ()) -> None:
    body = {"restricted": restricted, "allowed": ["p.test"], "excluded": list(excluded)}
    done = await as_role(Role.RECORD_SYSTEM).put(f"/v1/cases/{provision.crn}/limited-access", json=body)
    assert done.status_code == 200, done.text


async def name(as_role: AsRole, provision: Provision, method: str = "PUT", worker: str | None = None) -> Response:
    address = f"/v1/referrals/{provision.referral}/named-workers/{worker or provision.worker}"
    return await as_role(Role.PRACTITIONER).request(method, address)


async def test_who_is_named_sees_a_restricted_person_and_who_is_withdrawn_does_not(
    provider: AsyncClient, colleague: AsyncClient, provision: Provision, as_role: AsRole
) -> None:
    await limit(as_role, provision, restricted=True)
    seen = [(await provider.get(provision.address)).status_code]
    for method in ("PUT", "PUT", "DELETE", "DELETE", "PUT"):
        assert (await name(as_role, provision, method)).status_code == 200
        seen.append((await provider.get(provision.address)).status_code)
        assert (await colleague.get(provision.address)).status_code == 404

    listed = (await as_role(Role.PRACTITIONER).get(f"/v1/referrals/{provision.referral}/named-workers")).json()["items"]
    assert seen == [404, 200, 200, 404, 404, 200]
    assert sorted(str(one["withdrawn_by"]) for one in listed) == ["None", "p.test"]
    assert {one["organisation"] for one in listed} == {provision.organisation}


async def test_the_feed_tells_who_is_named_and_withdrawn_and_nobody_else(
    provider: AsyncClient, colleague: AsyncClient, provision: Provision, as_role: AsRole
) -> None:
    start, theirs = (await changes(provider, None))[1], (await changes(colleague, None))[1]
    await answer(as_role, provision.crn, risk_overall_level="low")
    await limit(as_role, provision, restricted=True)
    await name(as_role, provision)
    await answer(as_role, provision.crn, risk_overall_level="high")

    assert told((await changes(provider, start))[0]) == [
        ("removed", []),
        ("added", []),
        ("changed", ["risk_overall_level"]),
    ]
    assert told((await changes(colleague, theirs))[0]) == [("removed", [])]

    await name(as_role, provision, "DELETE")
    await answer(as_role, provision.crn, risk_overall_level="very_high")

    assert told((await changes(provider, start))[0]) == [("removed", [])]
    assert told((await changes(colleague, theirs))[0]) == [("removed", [])]


async def test_who_is_named_before_a_restriction_goes_on_seeing_and_is_told_nothing_of_it(
    provider: AsyncClient, colleague: AsyncClient, provision: Provision, as_role: AsRole
) -> None:
    start = (await changes(provider, None))[1]
    await name(as_role, provision)
    await limit(as_role, provision, restricted=True)
    assert (await provider.get(provision.address)).status_code == 200
    await answer(as_role, provision.crn, risk_overall_level="high")
    await limit(as_role, provision, restricted=False)

    assert told((await changes(provider, start))[0]) == [("changed", ["risk_overall_level"])]
    assert told((await changes(colleague, start))[0]) == [("removed", []), ("added", [])]
    assert (await name(as_role, provision, "DELETE")).status_code == 200
    assert told((await changes(provider, start))[0]) == [("changed", ["risk_overall_level"])]


async def test_a_worker_suspended_while_named_finds_what_changed_when_they_are_back(
    provider: AsyncClient, provision: Provision, as_role: AsRole
) -> None:
    await limit(as_role, provision, restricted=True)
    await name(as_role, provision)
    start = (await changes(provider, None))[1]
    address = f"/v1/organisations/{provision.organisation}/workers/{provision.worker}"
    await as_role(Role.ADMINISTRATOR).put(address, json={"name": "Val", "active": False})
    await answer(as_role, provision.crn, risk_overall_level="high")
    assert (await changes(provider, start))[0] == []
    await as_role(Role.ADMINISTRATOR).put(address, json={"name": "Val"})

    assert told((await changes(provider, start))[0]) == [("changed", ["risk_overall_level"])]


async def test_the_end_of_closing_time_is_told_to_those_named_alone_and_once(
    provider: AsyncClient,
    colleague: AsyncClient,
    provision: Provision,
    as_role: AsRole,
    clock: Clock,
    committing: Session,
) -> None:
    await limit(as_role, provision, restricted=True)
    await name(as_role, provision)
    withdrawal = {"reason": "need_met_elsewhere", "note": "Elsewhere."}
    await as_role(Role.PRACTITIONER).post(f"/v1/referrals/{provision.referral}/withdrawal", json=withdrawal)
    await name(as_role, provision, "DELETE")
    await name(as_role, provision)
    start, theirs = (await changes(provider, None))[1], (await changes(colleague, None))[1]

    clock.advance(days=28)
    for _ in range(2):
        await tellings.tell_of_ends(committing, clock.now)
        await committing.commit()

    assert told((await changes(provider, start))[0]) == [("removed", [])]
    assert (await changes(colleague, theirs))[0] == []


async def test_naming_is_on_the_record_and_its_event_names_nobody(
    provision: Provision, as_role: AsRole, committing: Session
) -> None:
    await name(as_role, provision)
    await name(as_role, provision, "DELETE")

    (named,) = await traces.audit_of(committing, provision.crn, "name_worker")
    (withdrawn,) = await traces.audit_of(committing, provision.crn, "withdraw_named_worker")
    events = [one for one in await traces.outbox_of(committing, provision.crn) if "worker" in one["type"]]
    assert [(one["outcome"], one["details"]) for one in (named, withdrawn)] == [
        ("changed", {"worker": provision.worker})
    ] * 2
    assert [(one["type"], one["data"]) for one in events] == [
        ("referral.worker_named", {}),
        ("referral.worker_withdrawn", {}),
    ]


async def test_only_somebody_at_work_under_the_contract_is_named_and_nobody_barred_or_excluded(
    provision: Provision, as_role: AsRole, committing: Session
) -> None:
    other = f"other-{provision.crn}"
    await make.add_contract(committing, f"second-{provision.crn}", f"org-{other}")
    await make.add_provider_worker(committing, other, f"org-{other}")
    await committing.commit()
    strangers = [await name(as_role, provision, worker=worker) for worker in (other, "nobody")]
    never = await name(as_role, provision, "DELETE")
    await limit(as_role, provision, restricted=False, excluded=[provision.worker])
    excluded = await name(as_role, provision)
    connection = await committing.connection()
    barred = text("UPDATE referral SET own = CAST(:own AS jsonb) WHERE id = :id")
    own = json.dumps({"must_not_receive": {"value": [{"name": provision.worker, "reason": "A relative."}]}})
    await connection.execute(barred, {"own": own, "id": provision.referral})
    await committing.commit()

    assert [one.json()["errors"][0]["code"] for one in strangers] == ["not-on-contract"] * 2
    assert never.status_code == 404
    assert excluded.json()["code"] == "worker-may-not-see-case"
    assert (await name(as_role, provision)).json()["code"] == "recipient-must-not-receive"


async def test_only_who_sees_the_case_names_anybody(
    provision: Provision, provider: AsyncClient, as_role: AsRole
) -> None:
    address = f"/v1/referrals/{provision.referral}/named-workers/{provision.worker}"
    stranger = as_role(Role.PRACTITIONER, worker=f"else-{provision.crn}")

    assert [(await one.put(address)).status_code for one in (stranger, provider)] == [404, 403]
