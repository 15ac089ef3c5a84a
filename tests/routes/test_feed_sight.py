"""Coming into sight and going out of it: told once to whom it is true of, and nothing of what lies between."""

import asyncio
import uuid
from collections.abc import Callable, Coroutine
from typing import Any

import pytest
from fastapi import FastAPI
from httpx import AsyncClient, Response
from sqlalchemy import text

from service.access.callers import Role
from service.db import Session
from service.operations import tellings
from tests import make
from tests.routes.callers import AsRole
from tests.routes.test_disclosures import disclose
from tests.routes.test_provided_referrals import Provision, answer, provider, provision
from tests.routes.test_provider_changes import changes, told

__all__ = ["provider", "provision"]
pytestmark = pytest.mark.usefixtures("clock")
Put = Callable[..., Coroutine[Any, Any, Response]]


@pytest.fixture
def restrict(as_role: AsRole, provision: Provision) -> Put:
    """Give what restricts the person, and still shows them to their practitioner."""

    async def put(restricted: bool, excluded: tuple[str, ...] = ()) -> Response:
        limits = {"restricted": restricted, "allowed": ["p.test"], "excluded": list(excluded)}
        return await as_role("record_system").put(f"/v1/cases/{provision.crn}/limited-access", json=limits)

    return put


@pytest.fixture
def contract(as_role: AsRole, provision: Provision) -> Put:
    """Give what puts organisations on the contract, and what it needs to know of."""

    async def put(prime: str, *subcontractors: str, needs: tuple[str, ...] = ("residence",)) -> Response:
        body: dict[str, Any] = {"title": "Homes", "contract_type": "acc", "categories": ["acc"], "area_kind": "region"}
        body |= {"areas": ["london"], "starts_on": "2026-01-01", "prime": prime}
        body |= {"subcontractors": list(subcontractors), "conditions_needed": list(needs)}
        kept = await as_role("administrator").put(f"/v1/contracts/contract-{provision.crn}", json=body)
        assert kept.status_code == 200, kept.text
        return kept

    return put


@pytest.fixture
async def another(as_role: AsRole, provision: Provision, committing: Session) -> AsyncClient:
    """Register an organisation that is on no contract yet, and return a client for its worker."""
    name = f"another-{provision.crn}"
    await make.add_contract(committing, f"elsewhere-{provision.crn}", name)
    await make.add_provider_worker(committing, name, name)
    await committing.commit()
    return as_role(Role.PROVIDER, name, name)


async def written(session: Session, referral: uuid.UUID) -> list[str]:
    connection = await session.connection()
    statement = text("SELECT kind FROM feed_entry WHERE referral_id = :id ORDER BY organisation_id, number")
    kinds = list((await connection.execute(statement, {"id": referral})).scalars())
    await session.commit()
    return kinds


async def test_that_somebody_else_works_with_the_person_is_told_to_no_provider(
    provider: AsyncClient, provision: Provision, as_role: AsRole, committing: Session
) -> None:
    place = (await changes(provider, None))[1]
    await make.add_worker(committing, "p.test", "tests")
    await committing.commit()
    handed = {"kind": "transfer", "happened_on": "2026-11-23", "region": "london", "worker_id": "p.test"}
    done = await as_role("practitioner").post(f"/v1/cases/{provision.crn}/events", json=handed)

    assert done.status_code == 201, done.text
    assert told((await changes(provider, place))[0]) == []


async def test_nothing_is_told_of_somebody_restricted_then_or_later(
    provider: AsyncClient, provision: Provision, as_role: AsRole, restrict: Put, committing: Session
) -> None:
    start = (await changes(provider, None))[1]
    await restrict(True)
    await answer(as_role, provision.crn, risk_overall_level="high")
    await disclose(as_role, provision)
    during = await written(committing, provision.referral)
    await restrict(False)

    assert during == ["removed"]
    assert told((await changes(provider, start))[0]) == [("removed", []), ("added", [])]


async def test_who_comes_and_goes_while_somebody_is_restricted_is_told_nothing_of_them(
    provision: Provision, another: AsyncClient, restrict: Put, contract: Put
) -> None:
    start = (await changes(another, None))[1]
    await restrict(True)
    await contract(provision.organisation, f"another-{provision.crn}")
    await contract(provision.organisation)
    await restrict(False)

    assert told((await changes(another, start))[0]) == []


async def test_a_worker_excluded_from_a_person_is_told_alone_that_their_referral_is_gone_and_is_back(
    provider: AsyncClient, provision: Provision, as_role: AsRole, restrict: Put, committing: Session
) -> None:
    name = f"colleague-{provision.crn}"
    await make.add_provider_worker(committing, name, provision.organisation)
    await committing.commit()
    colleague = as_role(Role.PROVIDER, name, provision.organisation)
    start, theirs = (await changes(provider, None))[1], (await changes(colleague, None))[1]
    await restrict(False, (provision.worker,))
    await answer(as_role, provision.crn, risk_overall_level="high")
    heard, place = await changes(provider, start)
    await restrict(True, (provision.worker,))
    while_kept = (await changes(provider, place))[0]
    await restrict(False)

    assert told(heard) == [("removed", [])]
    assert while_kept == []
    assert told((await changes(provider, start))[0]) == [("removed", []), ("added", [])]
    assert told((await changes(colleague, theirs))[0]) == [("removed", []), ("added", [])]


async def test_what_else_a_contract_needs_to_know_of_is_a_change_of_what_is_shown(
    provider: AsyncClient, provision: Provision, as_role: AsRole, contract: Put
) -> None:
    conditions = [{"kind": "residence", "detail": "As told."}, {"kind": "curfew", "detail": "From nine."}]
    await answer(as_role, provision.crn, licence_conditions=conditions)
    place, seen = (await changes(provider, None))[1], []
    for needs in (("curfew",), ("curfew",), ("curfew", "drug_testing"), ("drug_testing",), ()):
        await contract(provision.organisation, needs=needs)
        entries, place = await changes(provider, place)
        seen.append(told(entries))

    changed = [("changed", ["licence_conditions"])]
    assert seen == [changed, [], [], changed, changed]


async def test_a_merge_tells_what_is_shown_otherwise_by_it(
    provider: AsyncClient, provision: Provision, as_role: AsRole, committing: Session
) -> None:
    crn = f"M{provision.crn[1:]}"
    await make.open_case(committing, crn)
    await committing.commit()
    await answer(as_role, crn, risk_overall_level="very_high")
    place = (await changes(provider, None))[1]
    merge = {"kind": "merge", "happened_on": "2026-11-23", "surviving_crn": provision.crn}
    done = await as_role("practitioner").post(f"/v1/cases/{crn}/events", json=merge)

    entries = (await changes(provider, place))[0]
    assert done.status_code == 201, done.text
    assert told(entries) == [("changed", ["risk_overall_level"])]
    assert entries[0]["data"]["risk_raised"] is True


async def test_a_merge_with_a_restricted_case_takes_the_referrals_out_of_sight(
    provider: AsyncClient, provision: Provision, as_role: AsRole, committing: Session
) -> None:
    crn = f"M{provision.crn[1:]}"
    await make.open_case(committing, crn, restricted=True)
    await make.limit_access(committing, crn, allowed=["p.test"])
    await committing.commit()
    place = (await changes(provider, None))[1]
    merge = {"kind": "merge", "happened_on": "2026-11-23", "surviving_crn": provision.crn}
    done = await as_role("practitioner").post(f"/v1/cases/{crn}/events", json=merge)

    assert done.status_code == 201, done.text
    assert told((await changes(provider, place))[0]) == [("removed", [])]
    assert (await provider.get(provision.address)).status_code == 404


async def level_of(client: AsyncClient, provision: Provision) -> Any:
    summary = await client.get(f"{provision.address}/summary")
    rows = {row["item"]: row for row in summary.json().get("items", ())}
    return rows["risk_overall_level"]["now"]["value"] if rows else None


async def begin_to_follow(client: AsyncClient, provision: Provision) -> tuple[str, Any]:
    place = (await changes(client, None))[1]
    return place, await level_of(client, provision)


@pytest.mark.parametrize("comes_into_sight_by", ["contract", "restriction", "organisation"])
async def test_who_comes_into_sight_while_a_change_is_being_written_is_told_of_it_or_reads_it(
    app: FastAPI,
    provision: Provision,
    another: AsyncClient,
    as_role: AsRole,
    restrict: Put,
    contract: Put,
    comes_into_sight_by: str,
) -> None:
    """The change is written and not yet committed when the other thing is done, which may have to wait for it."""
    name = f"another-{provision.crn}"
    administrator = as_role("administrator")

    async def active(active: bool) -> Response:
        return await administrator.put(f"/v1/organisations/{name}", json={"name": name, "active": active})

    if comes_into_sight_by == "restriction":
        await restrict(True)
    if comes_into_sight_by != "contract":
        await contract(provision.organisation, name)
    if comes_into_sight_by == "organisation":
        await active(False)
    acts = {
        "contract": lambda: contract(provision.organisation, name),
        "restriction": lambda: restrict(False),
        "organisation": lambda: active(True),
    }
    async with app.state.sessions() as slow:
        before: Any = {"risk_overall_level": {"value": "low"}}
        after: Any = {"risk_overall_level": {"value": "high", "as_of": "2026-11-23", "source": "p.test"}}
        connection = await slow.connection()
        statement = text(
            "UPDATE profile SET answers = jsonb_build_object('risk_overall_level', "
            "jsonb_build_object('value', 'high', 'as_of', '2026-11-23')) WHERE crn = :crn"
        )
        await connection.execute(statement, {"crn": provision.crn})
        await tellings.tell_of_profile(slow, provision.crn, before, after, make.A_MONDAY)
        doing = asyncio.create_task(acts[comes_into_sight_by]())
        await asyncio.sleep(0.3)
        began = await begin_to_follow(another, provision) if doing.done() else None
        await slow.commit()
    await doing
    place, level = began or await begin_to_follow(another, provision)

    items = [item for _, items in told((await changes(another, place))[0]) for item in items]
    assert level == "high" or items == ["risk_overall_level"]
