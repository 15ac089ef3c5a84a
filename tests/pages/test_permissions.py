"""Every page, every role, every way of standing to a person: what the operation of the API that it shows would say."""

import uuid
from collections.abc import Mapping

import pytest
from fastapi import FastAPI
from fastapi.routing import APIRoute

from service.access.callers import Role
from service.access.permissions import PERMITTED
from service.pages.registered_pages import ROUTERS
from tests.contract.relations import PREMISES, Operation, Person, Relation, make_people
from tests.contract.test_permissions import GETS_PAST, PEOPLE, expected, sees
from tests.contract.watching import watched
from tests.pages.conftest import SignIn

HAVE_PAGES = (Role.PRACTITIONER, Role.MANAGER, Role.PREMISES)
PAGES = [
    (method, route.path, str(route.operation_id))
    for router in ROUTERS
    for route in router.routes
    if isinstance(route, APIRoute)
    for method in sorted(route.methods or ())
]
OTHERS = {"item": "given_names", "question": "offence_summary"}
KNOWN = {*PEOPLE, *OTHERS}


@pytest.fixture(scope="module")
async def people(app: FastAPI) -> dict[Relation, Person]:
    """Return somebody for each way a caller can stand to a person."""
    async with app.state.sessions() as session:
        return await make_people(session)


def shown_by(method: str, path: str, operation: str) -> Operation:
    """Return the operation that a page does, at the page's own address."""
    return Operation(method, path, {"operationId": operation})


def address(path: str, person: Person) -> str:
    return path.format(**OTHERS, crn=person.crn, referral_id=person.referral_id, stay_id=person.stay_id)


def test_each_page_is_named_for_an_operation_somebody_may_do() -> None:
    assert {operation for _, _, operation in PAGES} <= set(PERMITTED)
    assert {name for one in PAGES for name in shown_by(*one).names} <= KNOWN


@pytest.mark.parametrize("relation", list(Relation))
@pytest.mark.parametrize("role", HAVE_PAGES)
async def test_a_page_refuses_whatever_its_operation_would_refuse(
    people: Mapping[Relation, Person], sign_in: SignIn, role: Role, relation: Relation
) -> None:
    visitor, wrong = await sign_in(role, premises=PREMISES), {}
    for method, path, operation in PAGES:
        said = expected(shown_by(method, path, operation), role, relation)
        where = address(path, people[relation])
        answer = await (visitor.get(where) if method == "GET" else visitor.send(where, {}))
        outcome = answer.status_code if answer.status_code in {401, 403, 404} else GETS_PAST
        if outcome != said and not (said == GETS_PAST and _has_nothing_to_do(method, path, outcome)):
            wrong[f"{method} {path}"] = f"{answer.status_code} and not {said}"

    assert wrong == {}


def _has_nothing_to_do(method: str, path: str, outcome: int | str) -> bool:
    """Whether a form that carries no key was refused, or the referral was sent and takes no more answers."""
    return (method == "POST" and outcome == 403) or (path.endswith("{question}") and outcome == 404)


@pytest.mark.parametrize("relation", [Relation.OTHERS, Relation.RESTRICTED, Relation.EXCLUDED])
@pytest.mark.parametrize("role", HAVE_PAGES)
async def test_hidden_and_absent_are_one_page_after_the_same_statements(
    people: Mapping[Relation, Person], sign_in: SignIn, role: Role, relation: Relation
) -> None:
    visitor, different = await sign_in(role, premises=PREMISES), []
    for method, path, operation in PAGES:
        page = shown_by(method, path, operation)
        if not page.names & PEOPLE or sees(page, role, relation):
            continue
        told = []
        for person in (people[relation], people[Relation.ABSENT]):
            with watched() as statements:
                where = address(path, person)
                answer = await (visitor.get(where) if method == "GET" else visitor.send(where, {}))
            told.append((answer.status_code, answer.text, statements))
        if told[0] != told[1] or told[0][0] != 404:
            different.append(f"{method} {path}")

    assert different == []


async def test_a_page_that_names_no_id_of_ours_is_not_there(sign_in: SignIn) -> None:
    visitor = await sign_in("practitioner")

    for path in ("/pages/people/x", "/pages/referrals/1", f"/pages/referrals/{uuid.uuid4()}/questions/UPPER"):
        assert (await visitor.get(path)).status_code == 404
