"""A case goes from one officer to another: planned, met about, completed, nothing lost, both told when it is late."""

import asyncio
from typing import Any

import pytest
from httpx import AsyncClient, Response

from service.db import Session
from tests import make
from tests.routes import traces
from tests.routes.conftest import AsRole, Clock
from tests.routes.loops import Loop, open_loop

pytestmark = pytest.mark.usefixtures("clock")
COMMUNITY, PRISON = "community_practitioner", "prison_practitioner"
HELD = {"meeting": {"held": True, "held_on": "2026-11-23"}}


@pytest.fixture
async def loop(committing: Session, as_role: AsRole, crn: str) -> Loop:
    loop = await open_loop(committing, as_role, crn)
    await make.add_worker(committing, f"p-{crn.lower()}", f"team-{crn}")
    await make.add_worker(committing, f"m.{crn}", f"team-{crn}")
    await make.add_worker(committing, f"new.{crn}", f"elsewhere-{crn}", name="New Officer")
    await loop.rows("UPDATE allocation SET team = :team WHERE crn = :crn RETURNING id", team=f"team-{crn}", crn=crn)
    return loop


@pytest.fixture
def manager(as_role: AsRole, crn: str) -> AsyncClient:
    return as_role("manager", worker=f"m.{crn}")


@pytest.fixture
def arriving(as_role: AsRole, crn: str) -> AsyncClient:
    return as_role("practitioner", worker=f"new.{crn}")


def address(loop: Loop, *parts: str) -> str:
    return "/".join((f"/v1/cases/{loop.crn}/hand-overs", *parts))


async def plan(loop: Loop, **changes: Any) -> Response:
    body: dict[str, Any] = {"from_capacity": COMMUNITY, "to_capacity": COMMUNITY, "to_worker_id": f"new.{loop.crn}"}
    body |= {"planned_on": "2026-12-07", "promised": ["A call on Monday."]}
    return await loop.practitioner.post(address(loop), json=body | changes)


async def planned(loop: Loop, **changes: Any) -> str:
    answer = await plan(loop, **changes)
    assert answer.status_code == 201, answer.text
    return str(answer.json()["id"])


async def change(loop: Loop, hand_over: str, revision: str = "*", **body: Any) -> Response:
    return await loop.practitioner.patch(address(loop, hand_over), json=body, headers={"If-Match": revision})


async def complete(client: AsyncClient, loop: Loop, hand_over: str, body: Any = HELD) -> Response:
    return await client.post(address(loop, hand_over, "completion"), json=body)


async def page(client: AsyncClient, loop: Loop, hand_over: str) -> dict[str, Any]:
    answer = await client.get(address(loop, hand_over))
    assert answer.status_code == 200, answer.text
    shown: dict[str, Any] = answer.json()
    return shown


async def all_under_way(loop: Loop) -> dict[str, str]:
    """Commit one of everything that an officer may be in the midst of; return the id of each."""
    worker = f"p-{loop.crn.lower()}"
    draft = await loop.referral("draft", pack="cas3", updated_by=worker)
    asked = await loop.referral("query", submitted_by=worker)
    sent = await loop.referral("received", pack="mappa", submitted_by=worker)
    await loop.rows(
        "INSERT INTO referral_query (id, referral_id, crn, question, about, asked_by, asked_at) "
        "VALUES (gen_random_uuid(), :id, :crn, 'When?', '[]', 'a.test', now()) RETURNING id",
        id=asked,
        crn=loop.crn,
    )
    _, _, concern = await make.add_provision(loop.session, sent, loop.crn)
    check = await make.add_check(loop.session, loop.crn)
    await loop.session.commit()
    return {"draft": str(draft), "asked": str(asked), "sent": str(sent), "concern": str(concern), "check": str(check)}


async def test_a_completed_hand_over_gives_the_new_officer_the_case_and_all_that_was_under_way(
    loop: Loop, manager: AsyncClient, arriving: AsyncClient
) -> None:
    begun = await all_under_way(loop)
    hand_over = await planned(loop)
    done = await complete(manager, loop, hand_over)
    read = await page(arriving, loop, hand_over)

    assert (done.status_code, done.json()["status"], done.json()["unowned"]) == (200, "completed", 0), done.text
    assert [one["worker_id"] for one in (await arriving.get(f"/v1/cases/{loop.crn}")).json()["allocations"]] == [
        f"new.{loop.crn}"
    ]
    handed = {one["kind"]: (one["before"], one["owner"]) for one in read["handed_over"]}
    assert set(handed) == {
        *("draft", "query_to_answer", "concern_to_acknowledge", "check", "referral_under_way", "deadline")
    } - ({"deadline"} - set(handed))
    assert set(handed.values()) == {(f"p-{loop.crn.lower()}", f"new.{loop.crn}")}
    assert {one["owner"] for one in read["outstanding"]} == {f"new.{loop.crn}"}
    assert set(begun.values()) - {begun["asked"]} <= {one["id"] for one in read["outstanding"]}
    assert (read["practitioners_in_last_12_months"], read["promised"]) == (2, ["A call on Monday."])
    assert read["meeting"] == {"held": True, "held_on": "2026-11-23", "because": None}


async def test_what_the_new_officer_may_not_have_is_named_as_nobodys(
    loop: Loop, manager: AsyncClient, arriving: AsyncClient
) -> None:
    barred = {"must_not_receive": {"value": [{"name": "new  OFFICER", "reason": "A relative."}]}}
    draft = await loop.referral("draft", pack="cas3", own=barred)
    hand_over = await planned(loop)
    done = await complete(manager, loop, hand_over)
    (first, *_) = (await page(arriving, loop, hand_over))["outstanding"]

    assert done.json()["unowned"] == 1
    assert (first["id"], first["owner"], first["unowned"]) == (str(draft), None, "must_not_receive")


async def give_to_prison_officer(loop: Loop, as_role: AsRole) -> None:
    await make.add_worker(loop.session, f"pom.{loop.crn}")
    await loop.session.commit()
    body = {"capacity": PRISON, "worker_id": f"pom.{loop.crn}"}
    await as_role("record_system").post(f"/v1/cases/{loop.crn}/allocations", json=body)


async def test_from_prison_to_community_the_prison_officer_has_the_case_no_longer(
    loop: Loop, manager: AsyncClient, as_role: AsRole
) -> None:
    await give_to_prison_officer(loop, as_role)
    hand_over = await planned(loop, from_capacity=PRISON, to_worker_id=f"p-{loop.crn.lower()}")
    done = await complete(manager, loop, hand_over)
    third = await planned(loop)
    taken = await plan(loop, from_capacity=PRISON)

    assert (done.status_code, done.json()["from_worker"]) == (200, f"pom.{loop.crn}")
    held = (await loop.practitioner.get(f"/v1/cases/{loop.crn}")).json()["allocations"]
    assert [(one["capacity"], one["worker_id"]) for one in held] == [(COMMUNITY, f"p-{loop.crn.lower()}")]
    assert third
    assert (taken.status_code, taken.json()["code"]) == (409, "hand-over-not-possible")


async def test_a_case_goes_to_no_capacity_that_a_third_officer_has(
    loop: Loop, manager: AsyncClient, as_role: AsRole
) -> None:
    await give_to_prison_officer(loop, as_role)
    refused = await complete(manager, loop, await planned(loop, from_capacity=PRISON))

    assert (refused.status_code, refused.json()["code"]) == (409, "hand-over-not-possible")


async def test_nothing_is_left_to_nobody_and_the_meeting_is_accounted_for(loop: Loop, manager: AsyncClient) -> None:
    hand_over = await planned(loop, to_worker_id=None)
    incomplete = await complete(manager, loop, hand_over, None)
    named = await change(loop, hand_over, to_worker_id=f"new.{loop.crn}")
    still = await complete(manager, loop, hand_over, None)
    not_held = {"meeting": {"held": False, "because": "The prison was locked down."}}
    done = await complete(manager, loop, hand_over, not_held)

    assert (incomplete.status_code, incomplete.json()["code"]) == (409, "hand-over-incomplete")
    assert [fault["pointer"] for fault in incomplete.json()["errors"]] == ["/to_worker_id", "/meeting"]
    assert (named.status_code, [one["pointer"] for one in still.json()["errors"]]) == (200, ["/meeting"])
    assert (done.status_code, done.json()["meeting"]["held"]) == (200, False)


async def late(client: AsyncClient) -> list[tuple[str, str | None]]:
    items = (await client.get("/v1/work", params={"limit": 200})).json()["items"]
    return [(one["crn"], one["due_on"]) for one in items if one["kind"] == "hand_over_late"]


async def test_past_its_day_both_sides_and_the_manager_are_told_until_it_is_done(
    loop: Loop, manager: AsyncClient, arriving: AsyncClient, as_role: AsRole, clock: Clock
) -> None:
    hand_over = await planned(loop)
    clock.advance(days=14)
    in_time = [await late(one) for one in (loop.practitioner, arriving, manager)]
    clock.advance(days=1)
    told = [await late(one) for one in (loop.practitioner, arriving, manager)]
    others = await late(as_role("practitioner", worker="p.stranger"))
    moved = await change(loop, hand_over, planned_on="2026-12-20")
    again = await late(arriving)

    assert in_time == [[], [], []]
    assert told == [[(loop.crn, "2026-12-07")]] * 3
    assert (others, again) == ([], [])
    assert (moved.json()["first_planned_on"], moved.json()["planned_on"]) == ("2026-12-07", "2026-12-20")


async def test_the_officer_who_is_named_reads_the_page_before_the_case_is_theirs_and_nothing_else(
    loop: Loop, arriving: AsyncClient, as_role: AsRole
) -> None:
    told = {"value": "Secret words.", "do_not_ask_again": "It was told three times."}
    body = {"answers": {"offence_summary": told, "religion": {"value": "None"}}}
    saved = await loop.practitioner.patch(f"/v1/cases/{loop.crn}/profile", json=body, headers={"If-Match": "*"})
    assert saved.status_code == 200, saved.text
    hand_over = await planned(loop)
    read = await page(arriving, loop, hand_over)
    await change(loop, hand_over, to_worker_id=f"p.other.{loop.crn}")

    assert [one["item"] for one in read["not_to_ask_again"]] == ["offence_summary", "religion"]
    assert read["not_to_ask_again"][0]["do_not_ask_again"] == "It was told three times."
    assert "Secret" not in str(read)
    assert (await arriving.get(f"/v1/cases/{loop.crn}")).status_code == 404
    assert (await arriving.get(address(loop))).status_code == 404
    assert (await as_role("practitioner", worker="p.other").get(address(loop, hand_over))).status_code == 404


async def test_an_officer_kept_from_the_person_is_not_planned_and_reads_nothing(
    loop: Loop, arriving: AsyncClient
) -> None:
    hand_over = await planned(loop)
    await make.limit_access(loop.session, loop.crn, excluded=[f"new.{loop.crn}"])
    await loop.session.commit()
    refused = await arriving.get(address(loop, hand_over))
    replanned = await change(loop, hand_over, to_worker_id=f"new.{loop.crn}")

    assert refused.status_code == 404
    assert (replanned.status_code, replanned.json()["code"]) == (409, "worker-may-not-see-case")


@pytest.mark.parametrize(
    ("changes", "pointer"),
    [
        ({"planned_on": "2026-11-22"}, "/planned_on"),
        ({"to_worker_id": "nobody.registered"}, "/to_worker_id"),
        ({"from_capacity": "other"}, "/from_capacity"),
        ({"promised": [" "]}, "/promised/0"),
    ],
)
async def test_a_plan_that_cannot_be_is_refused_naming_the_field(
    loop: Loop, changes: dict[str, Any], pointer: str
) -> None:
    refused = await plan(loop, **changes)

    assert (refused.status_code, [one["pointer"] for one in refused.json()["errors"]]) == (422, [pointer])
    assert (await loop.practitioner.get(address(loop))).json()["items"] == []


async def test_a_change_names_the_revision_it_was_made_from(loop: Loop) -> None:
    hand_over = await planned(loop)
    missing = await loop.practitioner.patch(address(loop, hand_over), json={"promised": []})
    first = await change(loop, hand_over, '"1"', promised=[])
    stale = await change(loop, hand_over, '"1"', promised=["Something else."])

    assert [one.status_code for one in (missing, first, stale)] == [428, 200, 412]
    assert (first.headers["ETag"], stale.json()["revision"]) == ('"2"', 2)


async def test_two_who_plan_at_once_plan_one_and_two_who_complete_at_once_complete_it_once(
    loop: Loop, manager: AsyncClient
) -> None:
    plans = await asyncio.gather(*(plan(loop) for _ in range(4)))
    (made,) = (one.json()["id"] for one in plans if one.status_code == 201)
    done = await asyncio.gather(*(complete(manager, loop, made) for _ in range(4)))
    started = await loop.rows("SELECT id FROM allocation WHERE crn = :crn AND ended_at IS NULL", crn=loop.crn)

    assert sorted(one.status_code for one in plans) == [201, 409, 409, 409]
    assert sum(one.is_success for one in done) == 1
    assert len(started) == 1


async def test_a_hand_over_that_was_called_off_is_over(loop: Loop, manager: AsyncClient) -> None:
    hand_over = await planned(loop)
    ended = await loop.practitioner.post(address(loop, hand_over, "cancellation"), json={"reason": "They stay."})
    after = [await complete(manager, loop, hand_over), await change(loop, hand_over, promised=[])]

    assert (ended.json()["status"], ended.json()["ended_because"]) == ("cancelled", "They stay.")
    assert [one.json()["code"] for one in after] == ["hand-over-settled"] * 2
    assert await planned(loop) != hand_over


async def test_a_change_that_nobody_planned_is_recorded_too_and_overtakes_the_plan(
    loop: Loop, manager: AsyncClient, arriving: AsyncClient, clock: Clock
) -> None:
    begun = await all_under_way(loop)
    await make.add_worker(loop.session, f"third.{loop.crn}", f"team-{loop.crn}")
    await loop.session.commit()
    await planned(loop)
    clock.advance(minutes=1)
    body = {"capacity": COMMUNITY, "worker_id": f"third.{loop.crn}"}
    moved = await manager.post(f"/v1/cases/{loop.crn}/allocations", json=body)
    unplanned, overtaken = (await manager.get(address(loop))).json()["items"]
    read = await page(manager, loop, unplanned["id"])

    assert moved.status_code == 201
    assert (unplanned["status"], unplanned["planned_on"], unplanned["meeting"]) == ("completed", None, None)
    assert (overtaken["status"], overtaken["to_worker"]) == ("overtaken", f"new.{loop.crn}")
    assert {one["owner"] for one in read["handed_over"]} == {f"third.{loop.crn}"}
    assert begun["draft"] in {one["id"] for one in read["handed_over"]}
    assert (await arriving.get(address(loop, overtaken["id"]))).status_code == 404


async def test_an_allocation_to_the_officer_named_completes_the_plan(loop: Loop, manager: AsyncClient) -> None:
    hand_over = await planned(loop)
    body = {"capacity": COMMUNITY, "worker_id": f"new.{loop.crn}"}
    await loop.practitioner.get(f"/v1/cases/{loop.crn}")
    await manager.post(f"/v1/cases/{loop.crn}/allocations", json=body)
    rows = await loop.rows("SELECT id, status FROM hand_over WHERE crn = :crn", crn=loop.crn)

    assert [(str(row.id), row.status) for row in rows] == [(hand_over, "completed")]


async def test_a_merge_overtakes_what_was_planned_and_keeps_who_managed_the_case(loop: Loop) -> None:
    survivor = f"Y{loop.crn[1:]}"
    await make.open_case(loop.session, survivor, f"p-{loop.crn.lower()}")
    await loop.session.commit()
    await planned(loop)
    merge = {"kind": "merge", "happened_on": "2026-11-23", "surviving_crn": survivor}
    merged = await loop.practitioner.post(f"/v1/cases/{loop.crn}/events", json=merge)
    items = (await loop.practitioner.get(f"/v1/cases/{survivor}/hand-overs")).json()["items"]

    assert merged.status_code == 201, merged.text
    assert [one["status"] for one in items] == ["overtaken"]


async def test_only_a_manager_completes_and_only_who_holds_the_case_plans(loop: Loop, as_role: AsRole) -> None:
    hand_over = await planned(loop)
    helper = as_role("manager", worker=f"m.helper.{loop.crn}")
    opened = await helper.post(f"/v1/cases/{loop.crn}/openings", json={"kind": "reason", "reason": "Covering."})

    assert (await complete(loop.practitioner, loop, hand_over)).status_code == 403
    assert opened.status_code == 201
    assert (await complete(helper, loop, hand_over)).status_code == 403


async def test_promises_and_reasons_are_in_no_event_and_no_record(loop: Loop, manager: AsyncClient) -> None:
    hand_over = await planned(loop, promised=["Secret words."])
    await complete(manager, loop, hand_over, {"meeting": {"held": False, "because": "Secret words."}})
    events = await traces.outbox_of(loop.session, loop.crn)
    audit = [
        row for action in ("plan_hand_over", "complete_hand_over") for row in
        await traces.audit_of(loop.session, loop.crn, action)
    ]  # fmt: skip

    assert [one["type"] for one in events] == ["hand_over.planned", "case.allocated", "hand_over.completed"]
    assert [row["outcome"] for row in audit] == ["changed", "changed"]
    assert "Secret" not in str(events) + str(audit)
