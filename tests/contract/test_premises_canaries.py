"""What reaches the staff of approved premises: a case in which every answer is a marker, through every route there is.

They are shown a resident's name and what the stay needs; of the profile and of what was sent, nothing. What they are
shown of a draft that they share is looked at in `tests/routes/test_shared_work.py`.
"""

from dataclasses import dataclass, replace

import pytest
from fastapi import FastAPI
from httpx import AsyncClient
from sqlalchemy import text

from service.access.callers import Role
from service.domain.check_requests import PARTS
from service.domain.checks import CheckKind
from service.models.recipients import Recipient
from tests import make, rows
from tests.contract.relations import Person
from tests.contract.test_canaries import called, make_canary, marker, markers_from
from tests.make import A_MONDAY
from tests.routes.callers import AsRole

OWN, OTHERS, UNIT = "ap-canary", "ap-canary-others", "canary-unit"
NAME = {marker("live", "family_name"), marker("live", "given_names")}
SHOWS_THE_NAME = {"read_stay", "list_stays", "read_board", "read_move_on"}


@dataclass(frozen=True)
class Residents:
    """People full of markers, by how the premises stand to them."""

    own: Person
    expected: Person
    others: Person
    restricted: Person
    left: Person


@pytest.fixture(scope="module")
async def residents(app: FastAPI) -> Residents:
    """Commit everybody and the premises."""
    async with app.state.sessions() as session:
        await make.add_premises(session, OWN)
        await make.add_premises(session, OTHERS)
        await rows.merge(session, Recipient(id=UNIT, pack="commissioned_services", name=UNIT, organisation=UNIT))
        made = [await make_canary(session, f"D00000{number}", UNIT, restricted=number == 4) for number in range(1, 6)]
        names = text("UPDATE case_record SET family_name = :family, given_names = :given WHERE crn = ANY(:crns)")
        family, given = (marker("live", name) for name in ("family_name", "given_names"))
        people = {"family": family, "given": given, "crns": [one.crn for one in made]}
        connection = await session.connection()
        await connection.execute(names, people)
        # How a check stands and what is due are worked out from days, and a marker is no day.
        days = ["duty_to_refer_made_on", *(kind.item(part) for kind in CheckKind for part in PARTS)]
        without = text("UPDATE profile SET answers = answers - CAST(:days AS text[]) WHERE crn = ANY(:crns)")
        await connection.execute(without, {"days": days, "crns": people["crns"]})
        day = A_MONDAY.date()
        ended = {"status": "departed", "resident_since": None, "ended_on": day, "ended_at": day_ago()}
        stays = [
            await make.add_stay(session, made[0].crn, OWN, arrived_on=day),
            await make.add_stay(session, made[1].crn, OWN),
            await make.add_stay(session, made[2].crn, OTHERS, arrived_on=day),
            await make.add_stay(session, made[3].crn, OWN, arrived_on=day),
            await make.add_stay(session, made[4].crn, OWN, arrived_on=day, **ended),
        ]
        await session.commit()
    return Residents(*(replace(one, stay_id=stay) for one, stay in zip(made, stays, strict=True)))


def day_ago() -> object:
    return A_MONDAY.replace(day=22)


@pytest.fixture
def staff(as_role: AsRole) -> AsyncClient:
    """Return a client for a member of the premises' staff."""
    return as_role(Role.PREMISES, "staff.canary", premises=OWN)


@pytest.mark.parametrize("relation", ["own", "expected"])
async def test_staff_are_shown_a_resident_s_name_and_no_answer_about_them(
    app: FastAPI, residents: Residents, staff: AsyncClient, relation: str
) -> None:
    wrong = {}
    for operation in called(app):
        found = await markers_from(staff, operation, getattr(residents, relation))
        allowed = NAME if operation.id in SHOWS_THE_NAME else set()
        if found != allowed:
            wrong[operation.id] = (sorted(found - allowed), sorted(allowed - found))

    assert wrong == {}


@pytest.mark.parametrize("relation", ["others", "restricted", "left"])
async def test_nothing_comes_back_about_somebody_who_is_not_theirs_to_see(
    app: FastAPI, residents: Residents, staff: AsyncClient, relation: str
) -> None:
    person, found = getattr(residents, relation), {}
    for operation in called(app):
        about = "stay_id" in operation.names or "crn" in operation.names
        if about and (markers := await markers_from(staff, operation, person)):
            found[operation.id] = markers
    lists = ("/v1/placements", "/v1/move-on/board")
    listed = "".join([(await staff.get(address, params={"limit": 200})).text for address in lists])

    assert found == {}
    assert str(person.stay_id) not in listed
    assert person.crn not in listed
    assert residents.own.crn in listed


async def test_staff_of_other_premises_and_of_none_get_nothing(
    app: FastAPI, residents: Residents, as_role: AsRole
) -> None:
    strangers = [as_role(Role.PREMISES, "e.canary", premises="ap-none"), as_role(Role.PREMISES, "n.canary")]
    found = [
        await markers_from(stranger, operation, residents.own) for stranger in strangers for operation in called(app)
    ]

    assert set().union(*found) == set()
