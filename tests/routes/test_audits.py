"""The record of access, searched: who saw, changed, looked for and was refused what; and the search on it too."""

import datetime
import uuid
from typing import Any

import pytest
from httpx import AsyncClient

from service.db import Session
from tests import make
from tests.routes import traces
from tests.routes.conftest import A_MONDAY, AsRole, Clock

pytestmark = pytest.mark.usefixtures("clock")


@pytest.fixture
async def case(committing: Session, crn: str) -> str:
    await make.open_case(committing, crn, worker=f"own.{crn}")
    await committing.commit()
    return crn


@pytest.fixture
def auditor(as_role: AsRole) -> AsyncClient:
    return as_role("auditor")


async def search(client: AsyncClient, **body: Any) -> dict[str, Any]:
    answer = await client.post("/v1/audit/searches", json=body)
    assert answer.status_code == 200, answer.text
    page: dict[str, Any] = answer.json()
    return page


async def acts(client: AsyncClient, **body: Any) -> list[tuple[str, str, str]]:
    return [(row["action"], row["outcome"], row["worker_id"]) for row in (await search(client, **body))["items"]]


async def test_what_happened_about_a_person_is_found_whoever_did_it(
    auditor: AsyncClient, as_role: AsRole, clock: Clock, case: str
) -> None:
    own, stranger = (as_role("practitioner", worker=f"{who}.{case}") for who in ("own", "else"))
    await own.get(f"/v1/cases/{case}")
    clock.advance(minutes=1)
    await stranger.get(f"/v1/cases/{case}")
    clock.advance(minutes=1)
    await stranger.post(f"/v1/cases/{case}/openings", json={"kind": "reason", "reason": "Covering"})

    assert await acts(auditor, crn=case) == [
        ("open_case_for_a_while", "changed", f"else.{case}"),
        ("read_case", "refused", f"else.{case}"),
        ("read_case", "shown", f"own.{case}"),
    ]


async def test_a_worker_and_a_time_narrow_the_search(
    auditor: AsyncClient, as_role: AsRole, clock: Clock, case: str
) -> None:
    own = as_role("practitioner", worker=f"own.{case}")
    for _ in range(3):
        await own.get(f"/v1/cases/{case}")
        clock.advance(hours=1)

    def at(hours: int) -> str:
        return (A_MONDAY + datetime.timedelta(hours=hours)).isoformat()

    assert len(await acts(auditor, worker_id=f"own.{case}")) == 3
    assert len(await acts(auditor, worker_id=f"own.{case}", **{"from": at(1)})) == 2
    assert len(await acts(auditor, worker_id=f"own.{case}", **{"from": at(1), "to": at(2)})) == 1
    assert await acts(auditor, crn=case, worker_id=f"else.{case}") == []


async def test_pages_show_each_entry_once_the_newest_first(
    auditor: AsyncClient, as_role: AsRole, clock: Clock, case: str
) -> None:
    own = as_role("practitioner", worker=f"own.{case}")
    for number in range(5):
        await own.get(f"/v1/cases/{case}")
        clock.advance(seconds=number // 2)  # some at the same instant

    seen: list[dict[str, Any]] = []
    cursor: dict[str, str] = {}
    while True:
        page = await search(auditor, worker_id=f"own.{case}", limit=2, **cursor)
        seen += page["items"]
        if page["next"] is None:
            break
        cursor = {"cursor": page["next"]}

    times = [row["at"] for row in seen]
    assert times == sorted(times, reverse=True)
    assert len({row["id"] for row in seen}) == len(seen) == 5


async def test_the_search_is_on_the_record_with_everybody_it_showed(
    auditor: AsyncClient, as_role: AsRole, committing: Session, case: str
) -> None:
    await as_role("practitioner", worker=f"own.{case}").get("/v1/cases")
    await search(auditor, worker_id=f"own.{case}")
    await search(auditor, worker_id=f"nobody.{case}")

    (entry,) = await traces.audit_of(committing, case, "search_audit")
    assert (entry["crns"], entry["details"]) == ([case], {"asked_for": {"worker_id": f"own.{case}"}, "entries": 1})
    statement = "SELECT outcome FROM audit_entry WHERE details -> 'asked_for' ->> 'worker_id' = :worker"
    assert await traces.rows(committing, statement, worker=f"nobody.{case}") == [{"outcome": "nothing_found"}]


@pytest.mark.parametrize(
    ("body", "pointer"),
    [
        ({}, ""),
        ({"to": "2026-11-23T09:00:00Z"}, ""),
        ({"organisation": "harbour-homes"}, ""),
        ({"referral_id": "not-one", "from": "2026-11-23T09:00:00Z"}, "/referral_id"),
        ({"outcome": "anything", "from": "2026-11-23T09:00:00Z"}, "/outcome"),
        ({"crn": "X123456", "from": "2026-11-23T09:00:00"}, "/from"),
        ({"crn": "X123456", "cursor": "nonsense"}, "/cursor"),
        ({"crn": "X123456", "cursor": "WyJhIiwiYiJd"}, "/cursor"),
        ({"crn": "X123456", "from": 0}, "/from"),
        ({"crn": "X123456", "limit": 201}, "/limit"),
        ({"crn": "X123456", "limit": "20"}, "/limit"),
        ({"worker_id": " a"}, "/worker_id"),
        ({"crn": "X123456", "worker_id": None}, "/worker_id"),
    ],
)
async def test_a_search_of_the_record_names_somebody_or_a_first_instant_and_is_well_formed(
    auditor: AsyncClient, body: dict[str, Any], pointer: str
) -> None:
    refused = await auditor.post("/v1/audit/searches", json=body)

    assert (refused.status_code, [error["pointer"] for error in refused.json()["errors"]]) == (422, [pointer])


async def test_all_of_the_record_is_found_whoever_and_whatever_it_is_about(
    auditor: AsyncClient, as_role: AsRole, clock: Clock, committing: Session, crn: str
) -> None:
    organisation, worker, somebody = f"org-{crn}", f"worker-{crn}", f"contract-{crn}"
    await make.add_contract(committing, somebody, organisation)
    await make.add_provider_worker(committing, worker, organisation)
    await make.open_case(committing, crn)
    sent = {"recipient_id": somebody, "at": A_MONDAY}
    referral = await make.add_sent_referral(committing, crn, "commissioned_services", "received", **sent)  # type: ignore[arg-type]
    await committing.commit()
    theirs = as_role("provider", worker, organisation)
    clock.advance(days=400)  # where no other test has been
    seen = await theirs.get(f"/v1/provider/referrals/{referral}")
    unseen, since = uuid.uuid4(), clock.now.isoformat()
    refused = await theirs.get(f"/v1/provider/referrals/{unseen}")
    shown, not_shown = ("read_provided_referral", "shown", worker), ("read_provided_referral", "refused", worker)

    async def found(**body: Any) -> list[tuple[str, str, str]]:
        return await acts(auditor, **body, **{"from": since})

    assert set(await found(organisation=organisation)) == {shown, not_shown}
    assert await found(organisation=organisation, outcome="refused") == [not_shown]
    assert await found(referral_id=str(referral)) == [shown]
    assert await found(referral_id=str(unseen)) == [not_shown]
    assert await found(trace_id=seen.headers["trace-id"]) == [shown]
    assert await found(action="read_provided_referral", client_id="tests", worker_id=worker, crn=crn) == [shown]
    assert not_shown in await found()
    assert refused.status_code == 404


@pytest.mark.parametrize("role", ["practitioner", "manager", "record_system", "administrator", "assessor"])
async def test_nobody_but_an_auditor_reads_the_record(as_role: AsRole, role: str) -> None:
    refused = await as_role(role, organisation="org").post("/v1/audit/searches", json={"crn": "X123456"})

    assert refused.status_code == 403


async def test_an_auditor_reads_no_case(auditor: AsyncClient, case: str) -> None:
    assert (await auditor.get(f"/v1/cases/{case}")).status_code == 404
    assert (await auditor.get(f"/v1/cases/{case}/profile")).status_code == 404
