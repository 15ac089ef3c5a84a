"""What pages show to the staff of approved premises: people in whom every answer is a marker, through every page."""

import pytest
from fastapi.routing import APIRoute

from service.pages.registered_pages import ROUTERS
from tests.contract.relations import Person
from tests.contract.test_canaries import MARKER
from tests.contract.test_premises_canaries import NAME, OWN, Residents, residents
from tests.pages.conftest import SignIn
from tests.pages.visitors import Visitor

__all__ = ["residents"]

OTHERS = {"item": "given_names", "question": "offence_summary"}
PAGES = [
    (method, route.path)
    for router in ROUTERS
    for route in router.routes
    if isinstance(route, APIRoute)
    for method in sorted(route.methods or ())
]


async def found_on(visitor: Visitor, person: Person) -> dict[str, set[str]]:
    """Return the markers on each page about somebody, and what came back of each form sent about them."""
    found = {}
    for method, path in PAGES:
        where = path.format(**OTHERS, crn=person.crn, referral_id=person.referral_id, stay_id=person.stay_id)
        answer = await (visitor.get(where) if method == "GET" else visitor.send(where, {}))
        if markers := set(MARKER.findall(answer.text)):
            found[f"{method} {path}"] = markers
    return found


@pytest.mark.parametrize("relation", ["own", "expected"])
async def test_pages_show_staff_a_residents_name_and_no_answer_about_them(
    sign_in: SignIn, residents: Residents, relation: str
) -> None:
    visitor = await sign_in("premises", "staff.canary", premises=OWN)

    found = await found_on(visitor, getattr(residents, relation))

    assert set().union(*found.values()) == NAME
    assert {"GET /pages/board", "GET /pages/residents/{stay_id}"} <= set(found)


@pytest.mark.parametrize("relation", ["others", "restricted", "left"])
async def test_pages_show_staff_nothing_of_somebody_who_is_not_theirs_to_see(
    sign_in: SignIn, residents: Residents, relation: str
) -> None:
    visitor, person = await sign_in("premises", "staff.canary", premises=OWN), getattr(residents, relation)

    found = await found_on(visitor, person)
    board = (await visitor.get("/pages/board")).text

    assert set(found) <= {"GET /pages/board"}
    assert str(person.stay_id) not in board
    assert residents.own.crn in board or str(residents.own.stay_id) in board


async def test_staff_of_other_premises_see_an_empty_board(sign_in: SignIn, residents: Residents) -> None:
    visitor = await sign_in("premises", "e.canary", premises="ap-none")

    assert await found_on(visitor, residents.own) == {}
