"""Looking into somebody else's case for a while: for how long, who is told, and where it never works."""

from typing import Any

import pytest
from httpx import AsyncClient, Response

from service.access.callers import Caller, Role
from service.db import Session
from service.store import cases
from tests import make
from tests.routes import traces
from tests.routes.conftest import AsRole, Clock

pytestmark = pytest.mark.usefixtures("clock")


@pytest.fixture
async def case(committing: Session, crn: str) -> str:
    await make.add_worker(committing, f"man.{crn}", f"team-{crn}")
    await make.open_case(committing, crn, worker=f"own.{crn}", team=f"team-{crn}")
    await committing.commit()
    return crn


@pytest.fixture
def stranger(as_role: AsRole, crn: str) -> AsyncClient:
    return as_role("practitioner", worker=f"else.{crn}")


async def look_in(client: AsyncClient, crn: str, kind: str = "reason", reason: str = "Covering for leave") -> Response:
    return await client.post(f"/v1/cases/{crn}/openings", json={"kind": kind, "reason": reason})


@pytest.mark.parametrize(("kind", "hours"), [("reason", 24), ("break_glass", 12)])
async def test_an_opening_lasts_its_hours_and_not_a_minute_more(
    stranger: AsyncClient, clock: Clock, case: str, kind: str, hours: int
) -> None:
    opened = await look_in(stranger, case, kind)
    clock.advance(hours=hours, minutes=-1)
    just_before = await stranger.get(f"/v1/cases/{case}/profile")
    clock.advance(minutes=1)
    just_after = await stranger.get(f"/v1/cases/{case}/profile")

    assert (opened.status_code, just_before.status_code, just_after.status_code) == (201, 200, 404)


async def test_the_cases_practitioner_sees_who_looked_and_why(
    as_role: AsRole, stranger: AsyncClient, committing: Session, case: str
) -> None:
    await look_in(stranger, case, reason="Duty officer today")
    page = await as_role("practitioner", worker=f"own.{case}").get(f"/v1/cases/{case}")

    seen = [(one["worker_id"], one["kind"], one["reason"]) for one in page.json()["openings"]]
    assert seen == [(f"else.{case}", "reason", "Duty officer today")]
    assert [row["worker_id"] for row in await traces.audit_of(committing, case, "open_case_for_a_while")] == [
        f"else.{case}"
    ]


async def test_breaking_the_glass_alerts_the_practitioner_and_their_team_and_tells_no_reason(
    stranger: AsyncClient, committing: Session, case: str
) -> None:
    await look_in(stranger, case, "break_glass", "Missing tonight")

    (event,) = await traces.outbox_of(committing, case)
    assert event["type"] == "case.glass_broken"
    assert (event["data"]["practitioners"], event["data"]["teams"]) == ([f"own.{case}"], [f"team-{case}"])
    assert "Missing" not in str(event)
    assert case not in event["subject"]


async def told(session: Session, worker: str, role: Role, clock: Clock) -> list[tuple[str, str]]:
    await session.rollback()
    openings = await cases.openings_to_see(session, Caller(worker, role, "tests"), clock.now)
    return [(opening["kind"], opening["worker_id"]) for opening in openings]


async def test_the_practitioner_is_told_of_every_opening_and_the_manager_of_broken_glass(
    stranger: AsyncClient, committing: Session, clock: Clock, case: str
) -> None:
    await look_in(stranger, case)
    clock.advance(hours=1)
    await look_in(stranger, case, "break_glass")

    glass, reason = ("break_glass", f"else.{case}"), ("reason", f"else.{case}")
    assert await told(committing, f"own.{case}", Role.PRACTITIONER, clock) == [glass, reason]
    assert await told(committing, f"man.{case}", Role.MANAGER, clock) == [glass]
    assert await told(committing, f"else.{case}", Role.PRACTITIONER, clock) == []
    clock.advance(days=14)
    assert await told(committing, f"own.{case}", Role.PRACTITIONER, clock) == []


@pytest.mark.parametrize("kind", ["reason", "break_glass"])
@pytest.mark.parametrize("kept_out", ["restricted", "excluded", "absent"])
async def test_no_reason_opens_a_case_kept_from_the_caller(
    stranger: AsyncClient, committing: Session, crn: str, kind: str, kept_out: str
) -> None:
    if kept_out != "absent":
        await make.open_case(committing, crn, worker=f"own.{crn}", restricted=kept_out == "restricted")
    if kept_out == "excluded":
        await make.limit_access(committing, crn, excluded=[f"else.{crn}"])
    await committing.commit()

    refused = await look_in(stranger, crn, kind)
    assert (refused.status_code, refused.json()["code"]) == (404, "not-found")
    assert len(await traces.refusals_of(committing, crn, "open_case_for_a_while")) == 1


async def test_an_allowed_worker_sees_a_restricted_case_only_once_it_is_allocated_to_them(
    stranger: AsyncClient, committing: Session, crn: str
) -> None:
    await make.open_case(committing, crn, worker=f"own.{crn}", restricted=True)
    await make.limit_access(committing, crn, allowed=[f"else.{crn}"])
    await committing.commit()

    assert (await look_in(stranger, crn)).status_code == 404


async def test_a_case_one_holds_need_not_be_opened(as_role: AsRole, case: str) -> None:
    for worker, role in ((f"own.{case}", "practitioner"), (f"man.{case}", "manager")):
        refused = await look_in(as_role(role, worker=worker), case)
        assert (refused.status_code, refused.json()["code"]) == (409, "case-already-visible")


async def test_an_opening_can_be_renewed_with_a_new_reason(stranger: AsyncClient, clock: Clock, case: str) -> None:
    await look_in(stranger, case)
    clock.advance(hours=20)
    assert (await look_in(stranger, case, reason="Still covering")).status_code == 201
    clock.advance(hours=20)

    page = (await stranger.get(f"/v1/cases/{case}")).json()
    assert [one["reason"] for one in page["openings"]] == ["Still covering", "Covering for leave"]


async def test_opening_is_for_those_who_work_with_cases(as_role: AsRole, case: str) -> None:
    statuses = [
        (await look_in(as_role(role, organisation="org"), case)).status_code
        for role in ("record_system", "assessor", "auditor")
    ]

    assert statuses == [403, 404, 404]


@pytest.mark.parametrize(
    ("body", "pointer"),
    [
        ({"kind": "reason"}, "/reason"),
        ({"kind": "reason", "reason": " \n"}, "/reason"),
        ({"kind": "curiosity", "reason": "Why not"}, "/kind"),
    ],
)
async def test_an_opening_needs_a_reason_in_words(
    stranger: AsyncClient, case: str, body: dict[str, Any], pointer: str
) -> None:
    refused = await stranger.post(f"/v1/cases/{case}/openings", json=body)

    assert (refused.status_code, refused.json()["errors"][0]["pointer"]) == (422, pointer)
    assert (await stranger.get(f"/v1/cases/{case}")).status_code == 404
