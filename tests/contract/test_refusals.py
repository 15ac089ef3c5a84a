"""Who was refused what: every refusal of sight or of an act is on the record, with its asker and without an answer."""

import dataclasses
import uuid
from collections.abc import Mapping
from typing import Any

import pytest
from fastapi import FastAPI

from service.access.callers import Role
from service.access.permissions import PERMITTED, PUBLIC
from service.db import Session
from service.routes.examples import BODIES
from tests.contract.relations import ORGANISATION, PREMISES, WORKERS, Operation, Person, Relation, operations_of
from tests.contract.test_mixed_ids import OF_A_PERSON, behind_own, housed, mixed
from tests.contract.test_permissions import call, expected
from tests.routes import traces
from tests.routes.callers import AsRole

__all__ = ["housed"]
CODES = {403: "not-permitted", 404: "not-found"}


async def rows_of(session: Session, traced: list[str]) -> dict[str, list[dict[str, Any]]]:
    """Return the rows of the record that some requests left, by the trace of each."""
    statement = "SELECT * FROM audit_entry WHERE trace_id = ANY(:traced)"
    found: dict[str, list[dict[str, Any]]] = {trace: [] for trace in traced}
    for row in await traces.rows(session, statement, traced=traced):
        found[row["trace_id"]].append(row)
    return found


def owed(operation: Operation, role: Role, person: Person, status: int) -> list[dict[str, Any]]:
    """Return what the record owes a refusal: who asked for what, and nothing of what they did not get."""
    path = operation.path_about(person).split("/")
    named = {part[1:-1]: path[place] for place, part in enumerate(operation.path.split("/")) if part.startswith("{")}
    if operation.id == "open_case" and status == 404:
        named["crn"] = person.crn
    said: dict[str, Any] = {"action": operation.id, "outcome": "refused", "worker_id": WORKERS[role], "role": str(role)}
    said |= {"organisation": ORGANISATION, "crns": [], "items": [], "withheld": [], "referral_id": None}
    return [said | {"details": {"code": CODES[status], "asked_for": named}}]


@pytest.mark.parametrize("relation", [Relation.OWN, Relation.OTHERS])
@pytest.mark.parametrize("role", list(Role))
async def test_every_refusal_is_on_the_record_with_who_asked_for_whom_and_nothing_shown(
    app: FastAPI,
    people: Mapping[Relation, Person],
    as_role: AsRole,
    committing: Session,
    role: Role,
    relation: Relation,
) -> None:
    caller, due = as_role(role, organisation=ORGANISATION, premises=PREMISES), {}
    for operation in operations_of(app):
        if operation.id in PUBLIC or expected(operation, role, relation) not in CODES:
            continue
        answer = await call(caller, operation, people[relation])
        due[answer.headers["trace-id"]] = owed(operation, role, people[relation], answer.status_code)
    await expect_on_the_record(committing, due)


async def expect_on_the_record(session: Session, due: dict[str, list[dict[str, Any]]]) -> None:
    left = await rows_of(session, list(due))
    parts = due[next(iter(due))][0].keys()
    assert {trace: [{part: row[part] for part in parts} for row in rows] for trace, rows in left.items()} == due


async def test_of_a_person_found_on_the_way_to_a_refusal_nothing_is_recorded_as_shown(
    app: FastAPI,
    people: Mapping[Relation, Person],
    housed: uuid.UUID,
    as_role: AsRole,
    committing: Session,
) -> None:
    """The case or the referral in the path was there for the caller; what was asked for in it was not."""
    theirs, due = {name: getattr(people[Relation.OTHERS], name) for name in OF_A_PERSON}, {}
    for operation in mixed(app):
        person = dataclasses.replace(behind_own(operation, people[Relation.OWN], housed), **theirs)
        role = min(PERMITTED[operation.id])
        caller = as_role(role, organisation=ORGANISATION, premises=PREMISES)
        body = BODIES[operation.id] if operation.takes_a_body else None
        answer = await caller.request(operation.method, operation.path_about(person), json=body)
        due[answer.headers["trace-id"]] = owed(operation, role, person, answer.status_code)

    await expect_on_the_record(committing, due)
