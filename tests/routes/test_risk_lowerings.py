"""A risk level lowered without a current check, or near a release, waits for a manager's view, which is recorded."""

import asyncio
from typing import Any

import pytest
from httpx import AsyncClient

from service.db import Session
from tests import make
from tests.routes import traces
from tests.routes.conftest import AsRole
from tests.routes.loops import Loop, open_loop
from tests.routes.test_checks import CHILDREN, POLICE, ask, does, learn

pytestmark = pytest.mark.usefixtures("clock")
AGREED = {"view": "agreed", "note": "Secret words."}


@pytest.fixture
async def loop(committing: Session, as_role: AsRole, crn: str) -> Loop:
    loop = await open_loop(committing, as_role, crn)
    await make.add_worker(committing, f"p-{crn.lower()}", f"team-{crn}")
    await make.add_worker(committing, f"m.{crn}", f"team-{crn}")
    await loop.rows("UPDATE allocation SET team = :team WHERE crn = :crn RETURNING id", team=f"team-{crn}", crn=crn)
    return loop


@pytest.fixture
def manager(as_role: AsRole, crn: str) -> AsyncClient:
    return as_role("manager", worker=f"m.{crn}")


async def lowerings(loop: Loop) -> list[dict[str, Any]]:
    items: list[dict[str, Any]] = (await loop.practitioner.get(f"/v1/cases/{loop.crn}/risk-lowerings")).json()["items"]
    return items


async def work(client: AsyncClient) -> list[str]:
    items = (await client.get("/v1/work", params={"limit": 200})).json()["items"]
    return [one["crn"] for one in items if one["kind"] == "lowered_risk_to_view"]


async def view(client: AsyncClient, loop: Loop, lowering: str) -> Any:
    return await client.post(f"/v1/cases/{loop.crn}/risk-lowerings/{lowering}/view", json=AGREED)


async def test_a_level_lowered_without_checks_waits_for_the_manager_until_the_view_is_given(
    loop: Loop, manager: AsyncClient
) -> None:
    await learn(loop, risk_overall_level="high")
    none = await lowerings(loop)
    await learn(loop, risk_overall_level="medium")
    (lowering,) = await lowerings(loop)
    waits = [await work(manager), await work(loop.practitioner)]
    given = await view(manager, loop, lowering["id"])
    again = await view(manager, loop, lowering["id"])

    assert none == []
    assert lowering["because"] == ["no_current_domestic_abuse_check", "no_current_child_safeguarding_check"]
    assert lowering["levels"] == [{"item": "risk_overall_level", "part": None, "before": "high", "after": "medium"}]
    assert waits == [[loop.crn], []]
    assert (given.status_code, given.json()["view"], given.json()["given_by"]) == (200, "agreed", f"m.{loop.crn}")
    assert (again.status_code, again.json()["code"]) == (409, "view-already-given")
    assert (await work(manager), await lowerings(loop)) == ([], [given.json()])


async def test_with_both_checks_answered_a_lowering_asks_only_near_the_release(loop: Loop) -> None:
    for body in (POLICE, CHILDREN):
        check = (await ask(loop, body)).json()["id"]
        await does(loop, check, "answer", {"result": "nothing_held"})
    await learn(loop, risk_overall_level="very_high", sentence_release_date="2027-06-01")
    await learn(loop, risk_overall_level="high")
    far = await lowerings(loop)
    await learn(loop, sentence_release_date="2026-12-10")
    await learn(loop, risk_overall_level="medium")

    assert far == []
    assert [one["because"] for one in await lowerings(loop)] == [["near_release"]]


async def test_a_record_systems_lowering_waits_too(loop: Loop, as_role: AsRole, manager: AsyncClient) -> None:
    for level in ("high", "low"):
        body = {"answers": {"risk_children_level": {"value": {"community": level}, "source": "oasys"}}}
        address = f"/v1/cases/{loop.crn}/profile"
        assert (await as_role("record_system").patch(address, json=body, headers={"If-Match": "*"})).is_success

    assert [one["lowered_by"] for one in await lowerings(loop)] == ["r.test"]
    assert await work(manager) == [loop.crn]


async def test_whoever_lowered_it_is_not_the_manager_who_looks_at_it(loop: Loop, manager: AsyncClient) -> None:
    for level in ("high", "low"):
        await learn(loop, manager, risk_overall_level=level)
    (lowering,) = await lowerings(loop)
    own = await view(manager, loop, lowering["id"])
    practitioner = await view(loop.practitioner, loop, lowering["id"])

    assert (own.status_code, own.json()["code"]) == (409, "view-needs-another")
    assert practitioner.status_code == 403
    assert await work(manager) == []


async def test_two_managers_at_once_give_one_view(loop: Loop, manager: AsyncClient) -> None:
    lowering = str(await make.add_risk_lowering(loop.session, loop.crn))
    await loop.session.commit()
    answers = await asyncio.gather(*(view(manager, loop, lowering) for _ in range(4)))

    assert sorted(one.status_code for one in answers) == [200, 409, 409, 409]


async def test_no_event_and_no_record_says_how_the_risk_was_judged(loop: Loop, manager: AsyncClient) -> None:
    for level in ("very_high", "medium"):
        await learn(loop, risk_overall_level=level)
    await view(manager, loop, (await lowerings(loop))[0]["id"])
    events = await traces.outbox_of(loop.session, loop.crn)
    (row,) = await traces.audit_of(loop.session, loop.crn, "give_view")

    assert [one["type"] for one in events if one["type"].startswith("risk.")] == [
        "risk.lowered",
        "risk.lowering_viewed",
    ]
    assert row["items"] == ["risk_overall_level"]
    for word in ("very_high", "medium", "Secret"):
        assert word not in str(events) + str(row)
