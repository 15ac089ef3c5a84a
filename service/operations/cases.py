"""Opening, allocating and closing off a case: who works with it, who looks in, who may never."""

import datetime
import uuid
from collections.abc import Mapping
from typing import Any

from service.access.callers import Caller, Role
from service.access.records import AccessRecord
from service.conflicts import (
    CaseAlreadyOpen,
    CaseAlreadyVisible,
    CaseClosed,
    WorkerMayNotSeeCase,
)
from service.db import Session
from service.domain.cases import expiry_of_opening
from service.domain.hand_overs import Holder
from service.errors import (
    FieldError,
    InvalidInput,
    NotFound,
    NotPermitted,
)
from service.operations import hand_over_records, tellings
from service.schemas.cases import AccessLimits, AllocationWanted, Capacity, CaseOpened, OpeningWanted
from service.store import allocations, events, workers
from service.store import cases as store

# The CRN belongs in no event's subject, and a case has no other id.
THE_CASE = "case"


async def open_case(
    session: Session, opened: CaseOpened, *, caller: Caller, now: datetime.datetime, record: AccessRecord
) -> None:
    """Open a case with an empty profile; whoever opens it is allocated to it, unless it is a record system.

    Raises CaseAlreadyOpen (also for a case the caller could open for a while) and CaseClosed. A case the caller is
    barred from answers NotFound, exactly as one does that was merged away out of the caller's sight: the record system
    is to decide upstream which CRNs there are, and one that it does not know is to be answered the same way.
    """
    worker = await workers.find_worker(session, caller.worker)
    if worker is not None and not worker["active"]:
        raise NotPermitted
    by_system = caller.role is Role.RECORD_SYSTEM
    if by_system and opened.capacity is not None:
        detail = "A record system manages no case: leave this out, and allocate the case to its practitioner."
        raise InvalidInput(errors=[FieldError("/capacity", "not-a-practitioner", detail)])
    case = opened.model_dump(include={"crn", "noms_number", "region"})
    if not await store.insert_case(session, case, by=caller.worker, now=now):
        raise _refused(await store.find_standing(session, opened.crn, caller, now))
    await events.append(session, opened.crn, "case.opened", THE_CASE, {}, now)
    record.changes(opened.crn)
    if not by_system:
        mine = {"id": caller.worker, "team": worker["team"] if worker else None}
        capacity = opened.capacity or Capacity.COMMUNITY
        await allocate(session, opened.crn, capacity, mine, by=caller.worker, now=now)


def _refused(standing: Mapping[str, Any] | None) -> Exception:
    if standing is None:
        return NotFound()
    if not standing["visible"]:
        return CaseAlreadyOpen(
            "A case with this CRN is open and not yours: open it for a while, giving a reason.",
            opens_with_a_reason=True,
        )
    if standing["status"] != "open":
        return CaseClosed()
    return CaseAlreadyOpen("You can see this case already.", opens_with_a_reason=False)


async def allocate(
    session: Session,
    crn: str,
    capacity: str,
    worker: Mapping[str, Any],
    *,
    by: str,
    now: datetime.datetime,
) -> dict[str, Any]:
    """Hand a locked case to a worker in one capacity, ending whoever had it; return the allocation as it stands.

    A change of practitioner is recorded with all that was under way, whether or not anybody planned it.
    """
    before = await hand_over_records.holders_of(session, crn)
    allocation, departing = await change_holder(session, crn, capacity, worker, by=by, now=now)
    if departing is not None:
        arriving = Holder(worker["id"], worker.get("name") or "")
        change = hand_over_records.Change(crn, str(capacity), departing, arriving)
        await hand_over_records.record_change(session, change, before, by=by, now=now)
    return allocation


async def change_holder(
    session: Session,
    crn: str,
    capacity: str,
    worker: Mapping[str, Any],
    *,
    by: str,
    now: datetime.datetime,
) -> tuple[dict[str, Any], str | None]:
    """Do so without the record; return the allocation, and who had the case in that capacity until now."""
    present = {row["capacity"]: row for row in await allocations.current_allocations(session, crn)}.get(capacity)
    if present is not None and present["worker_id"] == worker["id"]:
        return dict(present), None
    if present is not None:
        await allocations.end_allocation(session, present["id"], now)
    allocation = {"crn": crn, "capacity": str(capacity), "worker_id": worker["id"], "team": worker["team"]}
    started = await allocations.start_allocation(session, allocation, by=by, now=now)
    data = {"capacity": str(capacity), "worker": worker["id"], "before": present["worker_id"] if present else None}
    await events.append(session, crn, "case.allocated", str(started), data, now)
    departing = present["worker_id"] if present is not None else None
    return allocation | {"id": started, "allocated_by": by, "started_at": now}, departing


async def worker_to_allocate(session: Session, crn: str, worker_id: str, now: datetime.datetime) -> Mapping[str, Any]:
    """Return an active worker who may see the case; InvalidInput or WorkerMayNotSeeCase otherwise."""
    worker = await workers.find_worker(session, worker_id)
    if worker is None or not worker["active"]:
        raise InvalidInput(errors=[FieldError("/worker_id", "unknown-worker", "There is no such worker.")])
    if not await workers.may_see_case(session, crn, worker_id, now):
        raise WorkerMayNotSeeCase
    return worker


async def lock_case(session: Session, crn: str, caller: Caller, now: datetime.datetime) -> Mapping[str, Any]:
    """Lock a case the caller sees and return its header; NotFound where it has gone out of sight meanwhile."""
    case = (await store.lock_cases(session, [crn], caller, now)).get(crn)
    if case is None:
        raise NotFound
    return case


async def allocate_case(
    session: Session,
    crn: str,
    wanted: AllocationWanted,
    *,
    caller: Caller,
    now: datetime.datetime,
    record: AccessRecord,
) -> dict[str, Any]:
    """Hand the case to another worker in one capacity; the one who has it already keeps it."""
    case = await lock_case(session, crn, caller, now)
    worker = await worker_to_allocate(session, crn, wanted.worker_id, now)
    if case["status"] != "open":
        raise CaseClosed
    allocation = await allocate(session, crn, wanted.capacity, worker, by=caller.worker, now=now)
    record.changes(crn, capacity=str(wanted.capacity), worker=wanted.worker_id)
    return allocation | {"worker_name": worker["name"]}


async def open_case_for_a_while(
    session: Session,
    standing: Mapping[str, Any],
    wanted: OpeningWanted,
    *,
    caller: Caller,
    now: datetime.datetime,
    record: AccessRecord,
) -> dict[str, Any]:
    """Let the caller see an unrestricted case until a time; its practitioners can see that, and why.

    Breaking the glass alerts them and their teams besides. Raises CaseAlreadyVisible for a case the caller holds.
    """
    if standing["held"]:
        raise CaseAlreadyVisible
    crn = standing["crn"]
    ends = expiry_of_opening(wanted.kind, now)
    opening = {"id": uuid.uuid4(), "crn": crn, "worker_id": caller.worker, "kind": str(wanted.kind)}
    opening |= {"reason": wanted.reason, "opened_at": now, "expires_at": ends}
    await allocations.insert_opening(session, opening)
    await _tell_practitioners(session, opening, now)
    record.changes(crn, opening=str(wanted.kind), expires_at=ends.isoformat())
    worker = await workers.find_worker(session, caller.worker)
    return opening | {"worker_name": worker["name"] if worker else None}


async def _tell_practitioners(session: Session, opening: Mapping[str, Any], now: datetime.datetime) -> None:
    holders = await allocations.current_allocations(session, opening["crn"])
    data = {"kind": opening["kind"], "worker": opening["worker_id"]}
    data |= {"practitioners": [row["worker_id"] for row in holders]}
    happened = "case.opened_for_a_while"
    if opening["kind"] == "break_glass":
        happened = "case.glass_broken"
        data |= {"teams": sorted({row["team"] for row in holders if row["team"]})}
    await events.append(session, opening["crn"], happened, str(opening["id"]), data, now)


async def limit_access(
    session: Session,
    crn: str,
    limits: AccessLimits,
    *,
    caller: Caller,
    now: datetime.datetime,
    record: AccessRecord,
) -> None:
    """Replace who may and may not see the case; it holds from the next request on, for its creator too."""
    await lock_case(session, crn, caller, now)
    lists = {"allowed": frozenset(limits.allowed), "excluded": frozenset(limits.excluded)}
    before = await tellings.seen_before(session, "crn", crn, now)
    await allocations.replace_lists(session, crn, lists, restricted=limits.restricted, by=caller.worker, now=now)
    # Nothing is said of whom: an event may be read by those who are kept from the case.
    await events.append(session, crn, "case.access_limited", THE_CASE, {}, now)
    record.changes(crn, restricted=limits.restricted, allowed=len(lists["allowed"]), excluded=len(lists["excluded"]))
    after = await tellings.seen_now(session, "crn", crn, now)
    await tellings.tell_of_difference(session, before, after, now)
