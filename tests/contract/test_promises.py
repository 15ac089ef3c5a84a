"""What holds for every operation: one shape of refusal, one of lists, a bounded number of statements, and a record."""

import datetime
import uuid
from typing import Any

import pytest
from fastapi import FastAPI
from httpx import AsyncClient, Response
from sqlalchemy import text

from service.access.permissions import PUBLIC
from service.db import Session
from service.routes.examples import BODIES, PARAMETERS
from tests.clusters import DatabaseUrls
from tests.contract import example_people as people
from tests.contract.example_worlds import CALLERS, prepare
from tests.contract.problems import faults_in_shape
from tests.contract.relations import Operation, operations_of
from tests.contract.watching import watched
from tests.routes.callers import AsRole, Clock

# These say nothing of any person, so nothing of them is recorded.
ABOUT_NOBODY = {"list_items", "list_packs", "read_pack", "read_life_cycle", "list_recipients", "assess_eligibility"}
# A poll that shows nobody leaves no row, and one without a cursor shows nobody.
ABOUT_NOBODY |= {"list_contracts", "list_provider_changes", "list_clients", "read_premises", "list_premises"}
ABOUT_NOBODY |= {"list_provider_workers"}
LOOKS = {"search_people", "search_audit"}
# One page for one question: the parts of its answer have names of their own (design §5).
NOT_A_LIST = {"list_questions"}
# Lists long enough here for a page of one to leave something out.
LONG = {"list_cases", "list_referrals", "list_recipients", "read_profile_history", "read_work"}
Clients = dict[str, AsyncClient]


@pytest.fixture
async def clients(app: FastAPI, as_role: AsRole, clock: Clock, database_urls: DatabaseUrls) -> Clients:
    """Return a client for each caller of the world that the published examples speak of, which is there now."""
    clock.set(datetime.datetime.now(datetime.UTC))
    clients = {
        name: as_role(one.role, one.worker, one.organisation, premises=one.premises) for name, one in CALLERS.items()
    }
    if not hasattr(app.state, "examples_are_prepared"):
        await prepare(clients, database_urls.owner)
        app.state.examples_are_prepared = True
    return clients


async def try_out(clients: Clients, operation: Operation, **query: Any) -> Response:
    """Call an operation with its published example, as somebody who may, on somebody it can be done to."""
    tried_on = people.TRIED_ON.get(operation.id, {})
    path = operation.path.format(**{name: (PARAMETERS | tried_on)[name] for name in operation.names})
    headers = {"If-Match": "*", "Idempotency-Key": str(uuid.uuid4())}
    body = people.as_of_today(BODIES.get(operation.id))
    client = clients[people.caller_of(operation.id)]
    return await client.request(operation.method, path, params=operation.query() | query, json=body, headers=headers)


def test_every_list_is_items_and_next_and_nothing_else(app: FastAPI) -> None:
    schemas, others = app.openapi()["components"]["schemas"], {}
    for operation in operations_of(app):
        pages = {"cursor"} & {one["name"] for one in operation.described.get("parameters", ())}
        is_list = operation.id.startswith(("list_", "search_")) or bool(pages)
        content = operation.described["responses"].get("200", {}).get("content", {}).get("application/json", {})
        name = content.get("schema", {}).get("$ref", "").rpartition("/")[2]
        members = set(schemas.get(name, {}).get("properties", {}))
        if content.get("schema", {}).get("type") == "array" or (is_list and members != {"items", "next"}):
            others[operation.id] = sorted(members)

    assert set(others) == NOT_A_LIST


async def test_every_refusal_has_the_one_shape(app: FastAPI, client: AsyncClient, clients: Clients) -> None:
    wrong: dict[str, list[str]] = {}
    for operation in operations_of(app):
        path = operation.path_of_examples()
        caller = clients[people.caller_of(operation.id)]
        answers = [
            await client.request(operation.method, path),
            await clients["premises"].request(operation.method, path, content=b"{"),
            await caller.request(operation.method, path, json={"nothing": "of the kind"}, params={"limit": "many"}),
            await caller.request(operation.method, path, content=b"{}", headers={"Content-Type": "text/plain"}),
            await caller.request("DELETE", path),
        ]
        faults = [fault for answer in answers if answer.is_error for fault in faults_in_shape(answer)]
        if faults or not any(answer.is_error for answer in answers):
            wrong[operation.id] = faults

    assert wrong == {}


async def test_the_number_of_statements_does_not_grow_with_the_page(app: FastAPI, clients: Clients) -> None:
    lists = [operation for operation in operations_of(app) if operation.has_parameter("limit")]
    numbers, shown = {}, {}
    for operation in lists:
        for limit in (1, 200):
            with watched() as statements:
                answer = await try_out(clients, operation, limit=limit)
            numbers[operation.id, limit] = len(statements)
            shown[operation.id, limit] = len(answer.json()["items"])

    assert {one.id for one in lists if numbers[one.id, 1] != numbers[one.id, 200]} == set()
    assert {one.id for one in lists if shown[one.id, 1] < shown[one.id, 200]} >= LONG


async def test_the_number_of_statements_does_not_grow_with_the_person_s_referrals(clients: Clients) -> None:
    practitioner, numbers, shown = clients["practitioner"], set(), []
    for crn in (people.TO_EXPECT, people.WITH_REFERRALS[0]):
        with watched() as statements:
            answer = await practitioner.get(f"/v1/cases/{crn}/referrals")
        numbers.add(len(statements))
        shown.append(len(answer.json()["items"]))

    assert len(numbers) == 1
    assert shown[0] < shown[1]


async def test_every_published_example_works_and_leaves_one_row_on_the_record_where_it_is_about_somebody(
    app: FastAPI, clients: Clients, committing: Session
) -> None:
    failed, wrong = {}, {}
    for operation in operations_of(app):
        if operation.id in PUBLIC:
            continue
        answer = await try_out(clients, operation)
        if not answer.is_success:
            failed[operation.id] = answer.text
            continue
        rows = await _rows_of(committing, answer.headers["trace-id"])
        if rows != _owed(operation):
            wrong[operation.id] = rows

    assert failed == {}
    assert wrong == {}


def _owed(operation: Operation) -> list[tuple[str, bool]]:
    """Return what the record owes an operation: that it showed somebody, or that it changed something; or nothing."""
    if operation.id in ABOUT_NOBODY:
        return []
    changes = operation.method != "GET" and operation.id not in LOOKS
    return [(operation.id, changes)]


async def _rows_of(session: Session, trace_id: str) -> list[tuple[str, bool]]:
    connection = await session.connection()
    found = await connection.execute(
        text("SELECT action, outcome FROM audit_entry WHERE trace_id = :trace_id"), {"trace_id": trace_id}
    )
    rows = [(action, outcome == "changed") for action, outcome in found]
    await session.commit()
    return rows
