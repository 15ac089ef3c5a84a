"""Cases over HTTP: who opens one, whose caseload it is in, what its page says, and whom it is handed to."""

import asyncio
from typing import Any

import pytest
from httpx import AsyncClient

from service.db import Session
from tests import make
from tests.routes import traces
from tests.routes.conftest import AsRole

pytestmark = pytest.mark.usefixtures("clock")


@pytest.fixture
async def case(committing: Session, crn: str) -> str:
    await make.open_case(committing, crn, worker=f"own.{crn}", team=f"team-{crn}")
    await committing.commit()
    return crn


@pytest.fixture
def owner(as_role: AsRole, crn: str) -> AsyncClient:
    return as_role("practitioner", worker=f"own.{crn}")


@pytest.fixture
async def team_manager(as_role: AsRole, committing: Session, crn: str) -> AsyncClient:
    await make.add_worker(committing, f"man.{crn}", f"team-{crn}")
    await committing.commit()
    return as_role("manager", worker=f"man.{crn}")


async def test_whoever_opens_a_case_is_allocated_to_it_and_finds_an_empty_profile(owner: AsyncClient, crn: str) -> None:
    opened = await owner.post("/v1/cases", json={"crn": crn, "noms_number": "A1234BC", "region": "London"})
    profile = await owner.get(f"/v1/cases/{crn}/profile")

    assert (opened.status_code, opened.headers["location"]) == (201, f"/v1/cases/{crn}")
    assert (opened.json()["status"], opened.json()["region"]) == ("open", "London")
    allocation = opened.json()["allocations"][0]
    assert (allocation["worker_id"], allocation["capacity"]) == (f"own.{crn}", "community_practitioner")
    assert (profile.json()["revision"], profile.json()["answers"]) == (0, {})


async def test_a_case_can_be_opened_as_the_prison_practitioner(owner: AsyncClient, crn: str) -> None:
    opened = await owner.post("/v1/cases", json={"crn": crn, "capacity": "prison_practitioner"})

    assert [held["capacity"] for held in opened.json()["allocations"]] == ["prison_practitioner"]


async def test_whoever_opens_a_case_brings_their_team(
    owner: AsyncClient, team_manager: AsyncClient, committing: Session, crn: str
) -> None:
    await make.add_worker(committing, f"own.{crn}", f"team-{crn}")
    await committing.commit()
    await owner.post("/v1/cases", json={"crn": crn})

    assert (await team_manager.get(f"/v1/cases/{crn}")).status_code == 200


async def test_a_record_system_opens_a_case_unallocated(as_role: AsRole, crn: str) -> None:
    opened = await as_role("record_system").post("/v1/cases", json={"crn": crn})

    assert (opened.status_code, opened.json()["allocations"]) == (201, [])
    assert (await as_role("practitioner").get(f"/v1/cases/{crn}")).status_code == 404


async def test_a_record_system_has_no_capacity_in_a_case(as_role: AsRole, crn: str) -> None:
    body = {"crn": crn, "capacity": "prison_practitioner"}
    refused = await as_role("record_system").post("/v1/cases", json=body)

    assert (refused.status_code, refused.json()["errors"][0]["pointer"]) == (422, "/capacity")
    assert (await as_role("record_system").get(f"/v1/cases/{crn}")).status_code == 404


async def test_a_case_the_caller_sees_is_open_already(owner: AsyncClient, case: str) -> None:
    again = await owner.post("/v1/cases", json={"crn": case})

    assert (again.status_code, again.json()["code"]) == (409, "case-already-open")
    assert again.json()["opens_with_a_reason"] is False


async def test_somebody_elses_unrestricted_case_is_to_be_opened_with_a_reason(as_role: AsRole, case: str) -> None:
    stranger = as_role("practitioner", worker=f"else.{case}")
    again = await stranger.post("/v1/cases", json={"crn": case})

    assert (again.status_code, again.json()["code"]) == (409, "case-already-open")
    assert again.json()["opens_with_a_reason"] is True
    assert (await stranger.get(f"/v1/cases/{case}")).status_code == 404


@pytest.mark.parametrize("kept_out", ["restricted", "excluded"])
async def test_a_case_kept_from_the_caller_answers_as_one_merged_away_out_of_sight(
    as_role: AsRole, committing: Session, crn: str, kept_out: str
) -> None:
    gone, barred = crn, f"Y{crn[1:]}"
    stranger = f"else.{crn}"
    await make.open_case(committing, barred, worker=f"own.{crn}", restricted=kept_out == "restricted")
    if kept_out == "excluded":
        await make.limit_access(committing, barred, excluded=[stranger])
    merged: dict[str, Any] = {"status": "closed", "closed_because": "merged", "merged_into": barred}
    await make.open_case(committing, gone, worker=f"own.{crn}", **merged)
    await committing.commit()

    for path, body in (
        ("/v1/cases", {"crn": "CRN"}),
        ("/v1/cases/CRN/openings", {"kind": "reason", "reason": "Looking"}),
        ("/v1/searches", {"crn": "CRN"}),
    ):
        said = [await _said(as_role("practitioner", worker=stranger), path, body, one) for one in (barred, gone)]
        assert said[0] == said[1]
    assert [row["worker_id"] for row in await traces.refusals_of(committing, barred, "open_case")] == [stranger]


async def _said(client: AsyncClient, path: str, body: dict[str, Any], crn: str) -> tuple[int, Any]:
    filled = {name: value.replace("CRN", crn) for name, value in body.items()}
    answer = await client.post(path.replace("CRN", crn), json=filled)
    return answer.status_code, answer.json() | {"trace_id": None}


async def test_a_closed_case_is_not_opened_again(owner: AsyncClient, committing: Session, crn: str) -> None:
    await make.open_case(committing, crn, worker=f"own.{crn}", status="closed", closed_because="person_died")
    await committing.commit()

    again = await owner.post("/v1/cases", json={"crn": crn})
    assert (again.status_code, again.json()["code"]) == (409, "case-closed")


async def test_of_many_who_open_one_case_at_once_one_succeeds(as_role: AsRole, crn: str) -> None:
    clients = [as_role("practitioner", worker=f"p{number}.{crn}") for number in range(8)]
    answers = await asyncio.gather(*(client.post("/v1/cases", json={"crn": crn}) for client in clients))

    assert sorted(answer.status_code for answer in answers) == [201] + [409] * 7


async def test_a_repeated_opening_gets_the_first_answer_until_the_case_is_kept_from_the_caller(
    as_role: AsRole, owner: AsyncClient, committing: Session, crn: str
) -> None:
    async def attempt() -> int:
        again = await owner.post("/v1/cases", json={"crn": crn}, headers={"Idempotency-Key": crn})
        return again.status_code

    assert [await attempt(), await attempt()] == [201, 201]
    assert len(await traces.audit_of(committing, crn, "open_case")) == 2

    limits = {"restricted": True, "allowed": [], "excluded": []}
    await as_role("record_system").put(f"/v1/cases/{crn}/limited-access", json=limits)
    assert await attempt() == 404


@pytest.mark.parametrize(
    ("body", "pointer"),
    [
        ({"crn": "x1"}, "/crn"),
        ({}, "/crn"),
        ({"crn": "X123456", "noms_number": "1"}, "/noms_number"),
        ({"crn": "X123456", "capacity": "friend"}, "/capacity"),
        ({"crn": "X123456", "name": "A"}, "/name"),
    ],
)
async def test_what_cannot_be_a_case_is_refused_at_its_place(
    as_role: AsRole, body: dict[str, str], pointer: str
) -> None:
    refused = await as_role("practitioner").post("/v1/cases", json=body)

    assert (refused.status_code, [error["pointer"] for error in refused.json()["errors"]]) == (422, [pointer])


async def test_those_who_receive_referrals_open_no_cases_and_see_none(as_role: AsRole, case: str) -> None:
    assessor = as_role("assessor", organisation="org")

    assert (await assessor.post("/v1/cases", json={"crn": case})).status_code == 403
    assert (await assessor.get("/v1/cases")).status_code == 403
    assert (await assessor.get(f"/v1/cases/{case}")).status_code == 404


async def test_a_caseload_is_read_page_by_page_and_its_addresses_name_nobody(
    as_role: AsRole, owner: AsyncClient, committing: Session, crn: str
) -> None:
    mine = [f"{letter}{crn[1:]}" for letter in "ABCDE"]
    for one in mine:
        await make.open_case(committing, one, worker=f"own.{crn}")
    await make.add_referral(committing, mine[0])
    await make.add_referral(committing, mine[0], "cas3", status="withdrawn")
    await committing.commit()

    seen: list[dict[str, Any]] = []
    cursor = None
    while True:
        page = await owner.get("/v1/cases", params={"limit": 2} | ({"cursor": cursor} if cursor else {}))
        seen, cursor = seen + page.json()["items"], page.json()["next"]
        assert crn[1:] not in str(page.url)
        if cursor is None:
            break

    assert [case["crn"] for case in seen] == mine
    assert [case["open_referrals"] for case in seen] == [1, 0, 0, 0, 0]
    assert [row["crns"] for row in await traces.audit_of(committing, mine[1], "list_cases")] == [mine[:2]]


async def test_a_team_sees_its_members_cases_and_each_member_their_own(
    owner: AsyncClient, team_manager: AsyncClient, case: str
) -> None:
    team = await team_manager.get("/v1/cases", params={"team": True})
    own = await team_manager.get("/v1/cases")

    assert [shown["crn"] for shown in team.json()["items"]] == [case]
    assert own.json() == {"items": [], "next": None}
    assert [shown["crn"] for shown in (await owner.get("/v1/cases")).json()["items"]] == [case]


async def test_a_closed_case_leaves_the_caseload_and_can_still_be_read(
    owner: AsyncClient, committing: Session, crn: str
) -> None:
    await make.open_case(committing, crn, worker=f"own.{crn}", status="closed", closed_because="person_died")
    await committing.commit()

    assert (await owner.get("/v1/cases")).json()["items"] == []
    assert (await owner.get(f"/v1/cases/{crn}")).json()["closed_because"] == "person_died"


@pytest.mark.parametrize("cursor", ["nonsense", "WzFd", "WyJ4Il0"])
async def test_a_cursor_that_is_not_ours_is_refused(as_role: AsRole, cursor: str) -> None:
    refused = await as_role("practitioner").get("/v1/cases", params={"cursor": cursor})

    assert (refused.status_code, refused.json()["errors"][0]["pointer"]) == (422, "/query/cursor")


async def test_a_cases_page_says_what_is_under_way_and_where_to_go_on(
    owner: AsyncClient, committing: Session, case: str
) -> None:
    await make.add_recipient(committing, f"mappa-{case}")
    sent = await make.add_referral(committing, case, recipient_id=f"mappa-{case}", status="submitted", version=1)
    await make.add_referral(committing, case, "cas3", status="rejected")
    await committing.commit()

    page = (await owner.get(f"/v1/cases/{case}")).json()
    shown = [(one["id"], one["recipient_name"], one["status"]) for one in page["open_referrals"]]
    assert shown == [(str(sent), f"mappa-{case}", "submitted")]
    assert page["links"]["profile"] == f"/v1/cases/{case}/profile"
