"""Naming the provider's workers who may see a person with restricted access, and taking it back."""

from collections.abc import Mapping
from typing import Any

from service.conflicts import RecipientBlocked, WorkerMayNotSeeCase, WorkersNotNamed
from service.db import Session
from service.domain import readiness
from service.errors import FieldError, InvalidInput, NotFound
from service.operations import tellings
from service.operations.actors import Actor
from service.operations.locks import lock
from service.store import cases, events, provider_workers
from service.store import named_workers as store

Referral = Mapping[str, Any]
Row = dict[str, Any]


async def name_worker(session: Session, referral: Referral, worker_id: str, actor: Actor) -> Row:
    """Name a worker for a referral: while access is restricted they see it from their next request on.

    One named already stays so. Raises InvalidInput for somebody not at work under the referral's contract,
    RecipientBlocked for one on its must-not-receive list, WorkerMayNotSeeCase for one excluded from the case.
    """
    locked = await _hold(session, referral, actor)
    worker = await provider_workers.worker_under(session, worker_id, locked["recipient_id"])
    if worker is None:
        fault = FieldError("/path/worker_id", "not-on-contract", "Nobody by this id works under its contract.")
        raise InvalidInput(errors=[fault])
    if readiness.must_not_receive(locked["own"], worker):
        raise RecipientBlocked
    if await store.is_excluded(session, locked["crn"], worker_id):
        raise WorkerMayNotSeeCase
    known = await store.find_named(session, locked["id"], worker_id)
    if known is not None and known["withdrawn_at"] is None:
        return known
    before = await tellings.seen_before(session, "referral", locked["id"], actor.now)
    await store.name_worker(session, locked, worker_id, by=actor.caller.worker, now=actor.now)
    await _record(session, locked, worker_id, "named", actor)
    await _tell(session, locked, before, actor)
    return await _found(session, locked, worker_id)


async def withdraw_worker(session: Session, referral: Referral, worker_id: str, actor: Actor) -> Row:
    """Withdraw a worker from a referral, from their next request on; one withdrawn already stays so.

    Raises NotFound for somebody who was never named.
    """
    locked = await _hold(session, referral, actor)
    known = await _found(session, locked, worker_id)
    if known["withdrawn_at"] is not None:
        return known
    before = await tellings.seen_before(session, "referral", locked["id"], actor.now)
    await store.withdraw_worker(session, locked["id"], worker_id, by=actor.caller.worker, now=actor.now)
    await _record(session, locked, worker_id, "withdrawn", actor)
    await _tell(session, locked, before, actor)
    return await _found(session, locked, worker_id)


async def require_named_workers(session: Session, referral: Referral) -> None:
    """Refuse to send a restricted person's referral to a contract before a worker is named: WorkersNotNamed."""
    if await store.lacks_named_workers(session, referral["id"]):
        raise WorkersNotNamed


async def _hold(session: Session, referral: Referral, actor: Actor) -> Row:
    """Lock the case, then the referral."""
    await cases.hold_case(session, referral["crn"])
    return await lock(session, referral, actor)


async def _found(session: Session, referral: Referral, worker_id: str) -> Row:
    found = await store.find_named(session, referral["id"], worker_id)
    if found is None:
        raise NotFound
    return found


async def _record(session: Session, referral: Referral, worker_id: str, act: str, actor: Actor) -> None:
    # Nothing is said of whom: an event may be read by those who are kept from the case.
    await events.append(session, referral["crn"], f"referral.worker_{act}", str(referral["id"]), {}, actor.now)
    actor.record.changes(referral["crn"], worker=worker_id)


async def _tell(session: Session, referral: Referral, before: tellings.Before, actor: Actor) -> None:
    """Tell the worker, and nobody else, that they have the referral now or have it no more, if that is so."""
    after = await tellings.seen_now(session, "referral", referral["id"], actor.now)
    await tellings.tell_of_difference(session, before, after, actor.now)
