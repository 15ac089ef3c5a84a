"""Finding people: who is found, what is told of them, and what the search leaves on the record."""

import datetime
from typing import Any

import pytest
from httpx import AsyncClient

from service.db import Session
from tests import make
from tests.routes import traces
from tests.routes.conftest import AsRole

pytestmark = pytest.mark.usefixtures("clock")


@pytest.fixture
async def born(committing: Session, crn: str) -> str:
    """Open a case of somebody called O'Neill, whose birthday nobody else in the tests has; return the birthday."""
    birthday = datetime.date(1900, 1, 1) + datetime.timedelta(days=int(crn[1:]))
    called: dict[str, Any] = {"family_name": "O'Neill", "given_names": "Pat", "noms_number": f"A{crn[3:]}BC"}
    await make.open_case(committing, crn, worker=f"own.{crn}", date_of_birth=birthday, **called)
    await committing.commit()
    return birthday.isoformat()


@pytest.fixture
def own(as_role: AsRole, crn: str) -> AsyncClient:
    return as_role("practitioner", worker=f"own.{crn}")


@pytest.fixture
def stranger(as_role: AsRole, crn: str) -> AsyncClient:
    return as_role("practitioner", worker=f"else.{crn}")


async def look(client: AsyncClient, **body: Any) -> list[dict[str, Any]]:
    answer = await client.post("/v1/searches", json=body)
    assert answer.status_code == 200, answer.text
    found: list[dict[str, Any]] = answer.json()["items"]
    return found


async def test_a_person_is_found_each_of_the_three_ways(own: AsyncClient, crn: str, born: str) -> None:
    ways: list[dict[str, str]] = [
        {"crn": crn},
        {"noms_number": f"A{crn[3:]}BC"},
        {"family_name": "ONEILL", "date_of_birth": born},
    ]

    assert [[one["crn"] for one in await look(own, **way)] for way in ways] == [[crn]] * 3


async def test_of_a_case_not_the_callers_no_more_is_told_than_whom_it_is_about(
    own: AsyncClient, stranger: AsyncClient, crn: str, born: str
) -> None:
    (mine,), (theirs,) = await look(own, crn=crn), await look(stranger, crn=crn)

    assert (mine["access"], mine["links"]["self"]) == ("visible", f"/v1/cases/{crn}")
    assert theirs == {
        "crn": crn,
        "family_name": "O'Neill",
        "given_names": "Pat",
        "access": "open_with_a_reason",
        "links": {"openings": f"/v1/cases/{crn}/openings"},
    }


@pytest.mark.parametrize("kept_out", ["restricted", "excluded"])
async def test_a_case_kept_from_the_caller_does_not_exist(
    stranger: AsyncClient, committing: Session, crn: str, born: str, kept_out: str
) -> None:
    if kept_out == "restricted":
        await traces.rows(
            committing, "UPDATE case_record SET restricted = TRUE WHERE crn = :crn RETURNING crn", crn=crn
        )
    else:
        await make.limit_access(committing, crn, excluded=[f"else.{crn}"])
    await committing.commit()

    assert await look(stranger, crn=crn) == []
    assert await look(stranger, noms_number=f"A{crn[3:]}BC") == []
    assert await look(stranger, family_name="O'Neill", date_of_birth=born) == []


async def test_another_name_or_birthday_finds_nobody(own: AsyncClient, born: str) -> None:
    assert await look(own, family_name="Neil", date_of_birth=born) == []
    assert await look(own, family_name="O'Neill", date_of_birth="1899-01-01") == []


async def test_a_search_is_on_the_record_with_whom_it_showed_and_without_their_name(
    stranger: AsyncClient, committing: Session, crn: str, born: str
) -> None:
    await look(stranger, family_name="O'Neill", date_of_birth=born)

    (entry,) = await traces.audit_of(committing, crn, "search_people")
    assert (entry["outcome"], entry["worker_id"], entry["details"]["by"]) == ("shown", f"else.{crn}", "name")
    assert "Neill" not in str(entry)
    assert born not in str(entry)


async def test_a_search_that_finds_nobody_is_on_the_record_too(
    stranger: AsyncClient, committing: Session, crn: str
) -> None:
    await look(stranger, crn=crn)

    statement = "SELECT outcome, crns, details FROM audit_entry WHERE worker_id = :worker"
    (entry,) = await traces.rows(committing, statement, worker=f"else.{crn}")
    assert (entry["outcome"], entry["crns"]) == ("nothing_found", [])
    assert entry["details"] == {"by": "crn", "asked_for": {"crn": crn}}


@pytest.mark.parametrize(
    "body",
    [
        {},
        {"family_name": "O'Neill"},
        {"date_of_birth": "1980-01-01"},
        {"crn": "X123456", "noms_number": "A1234BC"},
        {"crn": "X123456", "family_name": "O'Neill"},
        {"crn": None},
        {"crn": "X123456", "noms_number": None},
        {"crn": "%"},
        {"family_name": "O'Neill", "date_of_birth": 0},
    ],
)
async def test_a_search_goes_one_way(as_role: AsRole, body: dict[str, Any]) -> None:
    refused = await as_role("practitioner").post("/v1/searches", json=body)

    assert (refused.status_code, refused.json()["code"]) == (422, "invalid-input")


@pytest.mark.parametrize("role", ["assessor", "coordinator", "record_system", "auditor", "administrator", "provider"])
async def test_only_those_who_work_with_cases_look_for_people(as_role: AsRole, role: str) -> None:
    refused = await as_role(role, organisation="org").post("/v1/searches", json={"crn": "X123456"})

    assert refused.status_code == 403
