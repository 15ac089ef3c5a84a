"""Whatever the allocations, openings and limits, the queries show a case to exactly whom the design says."""

import datetime
import itertools
from typing import Any

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from sqlalchemy import text

from service.access.callers import Caller, Role
from service.db import Session
from service.models.cases import Allocation, CaseOpening, CaseRecord, LimitedAccess
from service.models.workers import Worker
from service.store.visibility import case_held_by, case_openable_by, case_visible_to
from tests import rows
from tests.make import A_MONDAY

WORKERS = ("ann", "bob", "cal")
CASE_WORK = (Role.PRACTITIONER, Role.MANAGER)
CRNS = (f"V9{number:05d}" for number in itertools.count(1))

workers = st.sampled_from(WORKERS)
teams = st.sampled_from(["red", "blue", None])
allocations = st.tuples(workers, teams)
WORLDS = st.fixed_dictionaries(
    {
        "teams": st.fixed_dictionaries(dict.fromkeys(WORKERS, teams)),
        "suspended": st.frozensets(workers, max_size=1),
        "unregistered": st.frozensets(workers, max_size=1),
        "restricted": st.booleans(),
        "merged_away": st.booleans(),
        "allowed": st.frozensets(workers),
        "excluded": st.frozensets(workers, max_size=2),
        "community_practitioner": st.none() | allocations,
        "prison_practitioner": st.none() | allocations,
        "past": st.lists(allocations, max_size=2),
        "openings": st.lists(st.tuples(workers, st.integers(-1, 1)), max_size=3),  # who, ending in how many hours
    }
)
CAPACITIES = ("community_practitioner", "prison_practitioner")


def at_work(world: dict[str, Any], who: str) -> bool:
    """Whether somebody has not been suspended; nobody registers those whom an external issuer vouches for."""
    return who in world["unregistered"] or who not in world["suspended"]


def is_barred(world: dict[str, Any], who: str) -> bool:
    """Whether somebody may never see the case, whoever they are to it."""
    left_out = world["restricted"] and who not in world["allowed"]
    return who in world["excluded"] or left_out or not at_work(world, who)


def is_held(world: dict[str, Any], who: str) -> bool:
    """Whether the case is somebody's own, or their team's."""
    team = None if who in world["unregistered"] else world["teams"][who]
    current = [world[capacity] for capacity in CAPACITIES if world[capacity] is not None]
    return any(holder == who or (team is not None and of == team) for holder, of in current)


def is_open_to(world: dict[str, Any], who: str) -> bool:
    """Whether somebody opened the case for a while that is not over: at the very instant it ends, it is."""
    return any(opener == who and hours > 0 for opener, hours in world["openings"])


def expected(world: dict[str, Any], who: str, role: Role) -> tuple[bool, bool, bool]:
    """Return whether a case is visible, held and openable, as design section 5 has it."""
    if role is Role.RECORD_SYSTEM:
        return True, True, False
    if role not in CASE_WORK or is_barred(world, who):
        return False, False, False
    held = is_held(world, who)
    return held or is_open_to(world, who), held, not world["restricted"] and not world["merged_away"]


async def build(session: Session, crn: str, world: dict[str, Any]) -> None:
    """Write the rows of a world."""
    at: dict[str, Any] = {"opened_by": "dan", "opened_at": A_MONDAY}
    at["merged_into"] = "V999999" if world["merged_away"] else None
    await rows.add(session, CaseRecord(crn=crn, restricted=world["restricted"], **at))
    for name in (name for name in WORKERS if name not in world["unregistered"]):
        active = name not in world["suspended"]
        await rows.add(session, Worker(id=name, name=name, team=world["teams"][name], active=active))
    for kind, name in _listed(world):
        await rows.add(
            session, LimitedAccess(crn=crn, worker_id=name, kind=kind, recorded_by="dan", recorded_at=A_MONDAY)
        )
    for capacity, held, ended in _allocations(world):
        row: dict[str, Any] = {"capacity": capacity, "allocated_by": "dan", "started_at": A_MONDAY, "ended_at": ended}
        await rows.add(session, Allocation(crn=crn, worker_id=held[0], team=held[1], **row))
    for name, hours in world["openings"]:
        ends = A_MONDAY + datetime.timedelta(hours=hours)
        opening: dict[str, Any] = {"kind": "reason", "reason": "Covering"}
        await rows.add(session, CaseOpening(crn=crn, worker_id=name, **opening, opened_at=A_MONDAY, expires_at=ends))


def _listed(world: dict[str, Any]) -> list[tuple[str, str]]:
    return [(kind, name) for kind in ("allowed", "excluded") for name in world[kind]]


def _allocations(world: dict[str, Any]) -> list[tuple[str, tuple[str, str | None], datetime.datetime | None]]:
    current = [(capacity, world[capacity], None) for capacity in CAPACITIES if world[capacity] is not None]
    return [*current, *(("community_practitioner", held, A_MONDAY) for held in world["past"])]


async def found(session: Session, crn: str, who: str, role: Role) -> tuple[bool, bool, bool]:
    """Return what the queries say."""
    caller = Caller(who, role, "tests")
    conditions = (case_visible_to(caller), case_held_by(caller), case_openable_by(caller))
    statement = text(f"SELECT {', '.join(conditions)} FROM case_record c WHERE c.crn = :crn")
    connection = await session.connection()
    row = (await connection.execute(statement, {"crn": crn, "worker_id": who, "now": A_MONDAY})).one()
    return row[0], row[1], row[2]


@pytest.mark.parametrize("role", list(Role))
@settings(max_examples=40, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(world=WORLDS)
async def test_the_queries_agree_with_the_design(session: Session, role: Role, world: dict[str, Any]) -> None:
    crn = next(CRNS)
    async with (await session.connection()).begin_nested() as savepoint:
        await build(session, crn, world)
        for who in WORKERS:
            assert await found(session, crn, who, role) == expected(world, who, role), who
        await savepoint.rollback()
