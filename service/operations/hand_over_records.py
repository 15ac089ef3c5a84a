"""Every change of practitioner leaves a record, planned or not: what was under way, and whose it is now."""

import datetime
import uuid
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from service.db import Session
from service.domain.hand_overs import (
    HandOverStatus,
    Holder,
    Owned,
    Work,
    WorkKind,
    handed_over,
    holders_after,
    plain,
)
from service.store import events
from service.store import hand_overs as store

Row = dict[str, Any]
OVERTAKEN = "Another change of practitioner came first."
WHY = {
    WorkKind.CONCERN: "A provider's concern waits to be acknowledged.",
    WorkKind.QUERY: "A recipient's question waits for its answer.",
    WorkKind.PROPOSAL: "A provider's proposal waits for a decision.",
    WorkKind.CHECK: "A check has been asked and not answered.",
    WorkKind.DRAFT: "A referral has been begun and not sent.",
    WorkKind.REFERRAL: "A referral has been sent and is under way.",
}
WITH_PREMISES = "The staff of the premises have this referral; it has not been sent."


@dataclass(frozen=True, slots=True)
class Change:
    """Who left a capacity of a case, and who has it now."""

    crn: str
    capacity: str
    departing: str
    arriving: Holder


async def work_in(session: Session, crn: str) -> list[Work]:
    """Return what is under way in a case that the caller has been shown or has locked."""
    return [
        Work(
            kind=WorkKind(row["kind"]),
            id=str(row["id"]),
            why=WITH_PREMISES if row["with_premises"] else WHY[WorkKind(row["kind"])],
            since=row["since"],
            referral_id=str(row["referral_id"]) if row["referral_id"] else None,
            pack=row["pack"],
            doer=row["doer"],
            kept_from=_kept_from(row["barred"]),
            with_premises=row["with_premises"],
        )
        for row in await store.work_under_way(session, crn)
    ]


def _kept_from(barred: Any) -> frozenset[str]:
    """Return whom a referral's must-not-receive list names: it keeps a referral from an officer as from a recipient."""
    rows = barred if isinstance(barred, list) else []
    return frozenset(plain(str(part)) for row in rows if isinstance(row, Mapping) for part in row.values() if part)


async def holders_of(session: Session, crn: str) -> list[Holder]:
    """Return who holds a case now, each once, the community practitioner first."""
    rows = await store.holders_of(session, crn)
    return list({row["worker_id"]: Holder(row["worker_id"], row["name"]) for row in rows}.values())


def written(found: Iterable[Owned]) -> list[Row]:
    """Return what became of each piece of work as it is kept: ids and codes, and nothing of what it says."""
    return [
        {
            "kind": str(one.work.kind),
            "id": one.work.id,
            "referral_id": one.work.referral_id,
            "pack": one.work.pack,
            "before": one.before,
            "owner": one.owner,
            "unowned": one.unowned,
            "with_premises": one.work.with_premises,
        }
        for one in found
    ]


async def record_change(
    session: Session, change: Change, before: Sequence[Holder], *, by: str, now: datetime.datetime
) -> None:
    """Record that an officer's place in a locked case went to another, outside a hand-over's own completion.

    One that was planned for just that is completed by it; one that was planned to somebody else is overtaken.
    """
    after = await holders_of(session, change.crn)
    ordered = holders_after(after, "", change.arriving)
    outstanding = written(handed_over(await work_in(session, change.crn), before, ordered))
    planned = await store.planned_for(session, change.crn, change.capacity)
    ended = {"outstanding": outstanding, "ended_by": by, "ended_at": now}
    if planned is not None and (planned["to_worker"], planned["to_capacity"]) == (
        change.arriving.worker_id,
        change.capacity,
    ):
        await end(session, planned | ended | {"status": str(HandOverStatus.COMPLETED)}, now)
        return
    if planned is not None:
        overtaken = {"status": str(HandOverStatus.OVERTAKEN), "ended_because": OVERTAKEN}
        await end(session, planned | ended | overtaken | {"outstanding": []}, now)
    unplanned = {"id": uuid.uuid4(), "crn": change.crn, "status": str(HandOverStatus.COMPLETED), "promised": []}
    unplanned |= {"from_worker": change.departing, "to_worker": change.arriving.worker_id, "planned_on": None}
    unplanned |= {"from_capacity": change.capacity, "to_capacity": change.capacity}
    await store.insert_hand_over(session, unplanned | ended, by=by, now=now)


async def end(session: Session, hand_over: Mapping[str, Any], now: datetime.datetime) -> None:
    """Write that a hand-over ended, and say so."""
    await store.save_hand_over(session, hand_over)
    happened = f"hand_over.{hand_over['status']}"
    await events.append(session, hand_over["crn"], happened, str(hand_over["id"]), {}, now)
