"""An id of one person's behind the address of another's: what is found by the second id belongs to the first.

Whoever asks may see the person in the path, so only a check of both ids together keeps the other person's away.
"""

import dataclasses
import uuid
from collections.abc import Mapping

import pytest
from fastapi import FastAPI

from service.access.permissions import PERMITTED
from service.routes.examples import BODIES
from tests import make
from tests.contract.relations import ORGANISATION, PREMISES, Operation, Person, Relation, operations_of
from tests.contract.test_permissions import PEOPLE
from tests.routes.callers import AsRole

# What names one thing of a person, found within their case or referral.
OF_A_PERSON = frozenset(one.name for one in dataclasses.fields(Person)) - {"crn", "referral_id", "stay_id", "exists"}
HOUSED = "A000006"


def mixed(app: FastAPI) -> list[Operation]:
    """Return the operations whose path names a person's case or referral, and then one thing in it."""
    return [one for one in operations_of(app) if one.names & PEOPLE and one.names & OF_A_PERSON]


@pytest.fixture(scope="module")
async def housed(app: FastAPI, people: Mapping[Relation, Person]) -> uuid.UUID:
    """Commit a referral of the callers' own for which beds can be booked, once for all who ask, and return its id."""
    if not hasattr(app.state, "housed"):
        async with app.state.sessions() as session:
            await make.open_case(session, HOUSED, "p.test")
            referral = await make.add_sent_referral(session, HOUSED, "cas3", "scheduled", recipient_id="unit-own")
            await session.commit()
        app.state.housed = referral
    return app.state.housed  # type: ignore[no-any-return]


def behind_own(operation: Operation, own: Person, housed: uuid.UUID) -> Person:
    """Return the callers' own person whose referral is at a stage at which the operation can be asked for."""
    return dataclasses.replace(own, referral_id=housed) if "booking_id" in operation.names else own


@pytest.mark.usefixtures("untouched")
@pytest.mark.parametrize("whose", [Relation.OTHERS, Relation.RESTRICTED, Relation.EXCLUDED, Relation.ABSENT])
async def test_what_belongs_to_another_person_is_not_found_behind_one_s_own(
    app: FastAPI, people: Mapping[Relation, Person], housed: uuid.UUID, as_role: AsRole, whose: Relation
) -> None:
    theirs = {name: getattr(people[whose], name) for name in OF_A_PERSON}
    found = {}
    for operation in mixed(app):
        person = dataclasses.replace(behind_own(operation, people[Relation.OWN], housed), **theirs)
        body = BODIES[operation.id] if operation.takes_a_body else None
        for role in PERMITTED[operation.id]:
            caller = as_role(role, organisation=ORGANISATION, premises=PREMISES)
            answer = await caller.request(operation.method, operation.path_about(person), json=body)
            if answer.status_code != 404:
                found[operation.id, str(role)] = answer.text

    assert found == {}


async def test_each_thing_of_a_person_is_tried_behind_another_s_address(app: FastAPI) -> None:
    assert {name for operation in mixed(app) for name in operation.names & OF_A_PERSON} == OF_A_PERSON
