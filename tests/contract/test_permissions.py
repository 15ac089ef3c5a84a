"""Every operation, every role, every way of standing to a person: what the permission table and visibility make of it.

The operations come from the published description, so that a new one fails here until somebody has decided about it.
"""

from collections.abc import Mapping
from typing import Any

import pytest
from fastapi import FastAPI
from httpx import AsyncClient, Response

from service.access.callers import Role
from service.access.permissions import PERMITTED, PUBLIC, permits
from tests.contract.relations import ORGANISATION, PREMISES, WORKERS, Operation, Person, Relation, operations_of
from tests.contract.watching import watched
from tests.routes.callers import AsRole

People = Mapping[Relation, Person]
# What the paths of today can name. An operation that names something else is to be thought about first.
KNOWN = {"crn", "referral_id", "query_id", "number", "pack", "recipient_id", "worker_id"}
KNOWN |= {"appointment_id", "note_id", "concern_id", "proposal_id", "client_id"}
KNOWN |= {"booking_id"}
KNOWN |= {"check_id", "lowering_id", "hand_over_id"}
KNOWN |= {"organisation_id", "contract_id", "disclosure_id"}
KNOWN |= {"organisation_id", "contract_id", "disclosure_id", "change_id", "service_id"}
KNOWN |= {"premises_id", "stay_id"}
# What names somebody in a path.
PEOPLE = {"crn", "referral_id", "stay_id"}
REFUSALS = {401, 403, 404}
# Whom nobody has a case of until this matrix opens one: neither its absent person, nor one of the published examples.
OPENED_HERE = "A000009"
GETS_PAST = "neither 401, 403 nor 404"
CASE_WORK = {Role.PRACTITIONER, Role.MANAGER}
RECIPIENTS = {Role.ASSESSOR, Role.COORDINATOR}
# For everybody who may not see a person, these are the same as nobody.
HIDDEN = (Relation.OTHERS, Relation.RESTRICTED, Relation.EXCLUDED, Relation.ENDED)
# Their own team's: of one whose referral has ended only the provider sees nothing more.
THEIRS = {Relation.OWN, Relation.ENDED}
TRACE_PARENT = {"traceparent": "00-4bf92f3577b34da6a3ce929d0e0e4736-00f067aa0ba902b7-01"}


def sees_case(role: Role, relation: Relation) -> bool:
    if role is Role.RECORD_SYSTEM:
        return relation is not Relation.ABSENT
    return role in CASE_WORK and relation in THEIRS


def sees(operation: Operation, role: Role, relation: Relation) -> bool:
    """Whether a caller is told that what the path names exists."""
    if operation.id == "open_case_for_a_while" and role in CASE_WORK:
        return relation in THEIRS | {Relation.OTHERS}
    if "referral_id" in operation.names and role is Role.PROVIDER:
        return relation is Relation.OWN
    if "referral_id" in operation.names and role in RECIPIENTS:
        return relation in THEIRS
    if "stay_id" in operation.names:
        return role in CASE_WORK | {Role.PREMISES} and relation in THEIRS
    return sees_case(role, relation)


def expected(operation: Operation, role: Role, relation: Relation) -> int | str:
    """Return how a call with a token ends, as far as permissions go: 404 before 403, and then it is the operation's."""
    if operation.names & PEOPLE and not sees(operation, role, relation):
        return 404
    if not permits(operation.id, role):
        return 403
    # Nobody in this matrix was told of any change.
    if "change_id" in operation.names:
        return 404
    # A case that is kept from the caller cannot be opened again, and they are not told why.
    kept = {Relation.RESTRICTED, Relation.EXCLUDED}
    if operation.id == "open_case" and role is not Role.RECORD_SYSTEM and relation in kept:
        return 404
    return GETS_PAST


async def call(client: AsyncClient, operation: Operation, person: Person, **more: Any) -> Response:
    """Call an operation about a person, with nothing in the body: what comes before the body is looked at decides."""
    if operation.id == "open_case":
        more["json"] = {"crn": person.crn if person.exists else OPENED_HERE}
    elif operation.takes_a_body:
        more["json"] = {}
    return await client.request(operation.method, operation.path_about(person), params=operation.query(), **more)


def test_paths_name_nothing_that_this_matrix_does_not_know(app: FastAPI) -> None:
    assert {name for operation in operations_of(app) for name in operation.names} <= KNOWN


def test_each_operation_is_public_or_somebody_s(app: FastAPI) -> None:
    undecided = (
        {operation.id for operation in operations_of(app)}
        - PUBLIC
        - {operation for operation, roles in PERMITTED.items() if roles}
    )

    assert undecided == set()


@pytest.mark.parametrize("relation", list(Relation))
@pytest.mark.parametrize("role", list(Role))
async def test_a_call_is_absent_refused_or_let_past_as_the_table_and_visibility_say(
    app: FastAPI, people: People, as_role: AsRole, role: Role, relation: Relation
) -> None:
    caller, wrong = as_role(role, organisation=ORGANISATION, premises=PREMISES), {}
    for operation in operations_of(app):
        if operation.id in PUBLIC:
            continue
        status = (await call(caller, operation, people[relation])).status_code
        outcome = status if status in REFUSALS else GETS_PAST
        if outcome != (said := expected(operation, role, relation)):
            wrong[operation.id] = f"{status} and not {said}"

    assert wrong == {}


@pytest.mark.parametrize("relation", [Relation.OWN, Relation.ABSENT])
async def test_without_a_token_everything_but_the_public_operations_is_401(
    app: FastAPI, people: People, client: AsyncClient, relation: Relation
) -> None:
    statuses = {one.id: (await call(client, one, people[relation])).status_code for one in operations_of(app)}

    wrong = {operation: status for operation, status in statuses.items() if (status == 401) is (operation in PUBLIC)}
    assert wrong == {}


@pytest.mark.parametrize("relation", HIDDEN)
@pytest.mark.parametrize("role", [*CASE_WORK, Role.ASSESSOR, Role.PROVIDER, Role.PREMISES, Role.AUDITOR])
async def test_hidden_and_absent_are_one_answer_byte_for_byte_after_the_same_statements(
    app: FastAPI, people: People, as_role: AsRole, role: Role, relation: Relation
) -> None:
    caller, different = as_role(role, organisation=ORGANISATION, premises=PREMISES), []
    for operation in operations_of(app):
        if not operation.names & PEOPLE or sees(operation, role, relation):
            continue
        told = []
        for person in (people[relation], people[Relation.ABSENT]):
            with watched() as statements:
                answer = await call(caller, operation, person, headers=TRACE_PARENT)
            told.append((answer.status_code, _sent(answer), answer.content, statements))
        if told[0] != told[1] or told[0][0] != 404:
            different.append(operation.id)

    assert different == []


def _sent(answer: Response) -> list[tuple[bytes, bytes]]:
    """Return an answer's headers, but for the one that counts how often the caller has asked anything."""
    return [header for header in answer.headers.raw if header[0] != b"ratelimit"]


def test_the_roles_of_the_matrix_have_workers_of_their_own() -> None:
    assert len(set(WORKERS.values())) >= len(CASE_WORK | RECIPIENTS)
