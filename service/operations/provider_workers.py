"""An organisation's own administrator registers and suspends its workers; it holds from their next request on."""

from typing import Any

from service.conflicts import WorkerRegisteredElsewhere, WorkerSuspendedByService
from service.db import Session
from service.domain.provider_workers import require_another
from service.errors import NotFound, NotPermitted
from service.operations import tellings
from service.operations.actors import Actor
from service.schemas.organisations import ProviderWorkerKept
from service.store import organisations
from service.store import provider_workers as store

Row = dict[str, Any]


async def put_worker(
    session: Session, organisation_id: str, worker_id: str, kept: ProviderWorkerKept, actor: Actor
) -> Row:
    """Register a provider's worker, move one from another organisation, or suspend one, as the service's administrator.

    Whom they suspend, at work or not, only they bring back. Raises NotFound where there is no such organisation;
    LastAdministrator where one would be left without, unless the administrator says that it shall be.
    """
    if organisation_id not in await organisations.known_organisations(session, [organisation_id]):
        raise NotFound
    before = await tellings.seen_before(session, "worker", worker_id, actor.now)
    at_work_for = await store.lock_worker(session, worker_id)
    await store.lock_organisations(session, [organisation_id, *filter(None, [at_work_for])])
    goes_on = kept.active and kept.administrator and at_work_for == organisation_id
    if at_work_for is not None and not goes_on and not kept.leaving_no_administrator:
        require_another(await store.administrators_of(session, at_work_for), worker_id)
    by, now = actor.caller.worker, actor.now
    if kept.active:
        await store.lift_suspension(session, worker_id, by, now)
    else:
        await store.suspend_by_service(session, worker_id, at_work_for or organisation_id, by, now)
    worker = {"organisation": organisation_id, "id": worker_id, **kept.model_dump()}
    return await _put(session, worker, before, actor)


async def list_workers(session: Session, after: str, limit: int, actor: Actor) -> list[Row]:
    """Return the workers of the administrator's organisation, one more than `limit` where there are more."""
    organisation = await _own_organisation(session, actor)
    return await store.workers_page(session, organisation, after, limit)


async def register(session: Session, worker_id: str, name: str, actor: Actor) -> Row:
    """Register a worker of the administrator's organisation or change their name; reinstates nobody's administration.

    Raises NotPermitted, WorkerRegisteredElsewhere, WorkerSuspendedByService.
    """
    before = await _seen_before(session, worker_id, actor)
    organisation, known = await _held(session, worker_id, actor)
    await _require_no_suspension_by_service(session, organisation, worker_id)
    is_administrator = known is not None and known["active"] and known["administrator"]
    worker = {"id": worker_id, "name": name, "administrator": is_administrator, "active": True}
    return await _put(session, {**worker, "organisation": organisation}, before, actor)


async def suspend(session: Session, worker_id: str, actor: Actor) -> Row:
    """Suspend a worker of the administrator's organisation; one suspended already stays so.

    Raises NotPermitted, NotFound for somebody who never was its worker, LastAdministrator.
    """
    before = await _seen_before(session, worker_id, actor)
    organisation, known = await _held(session, worker_id, actor)
    if known is None:
        raise NotFound
    if known["active"]:
        require_another(await store.administrators_of(session, organisation), worker_id)
    return await _put(session, {**known, "active": False}, before, actor)


async def reinstate(session: Session, worker_id: str, actor: Actor) -> Row:
    """Let a suspended worker work again, as no administrator; one at work stays as they are.

    Raises NotPermitted, NotFound for somebody who never was its worker, WorkerRegisteredElsewhere,
    WorkerSuspendedByService.
    """
    before = await _seen_before(session, worker_id, actor)
    organisation, known = await _held(session, worker_id, actor)
    if known is None:
        raise NotFound
    await _require_no_suspension_by_service(session, organisation, worker_id)
    back = known if known["active"] else {**known, "active": True, "administrator": False}
    return await _put(session, back, before, actor)


async def _seen_before(session: Session, worker_id: str, actor: Actor) -> tellings.Before:
    """Hold sight, before anything else; but not for who administers nothing."""
    await _own_organisation(session, actor)
    return await tellings.seen_before(session, "worker", worker_id, actor.now)


async def _held(session: Session, worker_id: str, actor: Actor) -> tuple[str, Row | None]:
    """Take hold of a worker and the administrator's organisation; return it, and the worker as it last had them."""
    at_work_for = await store.lock_worker(session, worker_id)
    await store.lock_organisations(session, [*filter(None, [actor.caller.organisation])])
    organisation = await _own_organisation(session, actor)
    known = await store.find_worker(session, organisation, worker_id)
    if at_work_for not in {None, organisation}:
        # Of somebody who never was its worker, an organisation learns no more than that they cannot be registered.
        raise WorkerRegisteredElsewhere
    return organisation, known


async def _require_no_suspension_by_service(session: Session, organisation: str, worker_id: str) -> None:
    suspended_at = await store.suspended_by_service_at(session, worker_id)
    if suspended_at == organisation:
        raise WorkerSuspendedByService
    if suspended_at is not None:
        raise WorkerRegisteredElsewhere


async def _own_organisation(session: Session, actor: Actor) -> str:
    caller = actor.caller
    if caller.organisation is None or caller.narrowed_to is not None or not await store.administers(session, caller):
        raise NotPermitted
    return caller.organisation


async def _put(session: Session, worker: Row, before: tellings.Before, actor: Actor) -> Row:
    """Write a worker, and tell them, and nobody else, where a list of names keeps something from them now or no more.

    Somebody new to an organisation begins at the end of its feed: they are told nothing of what was there.
    """
    await organisations.put_worker(session, worker["id"], worker, by=actor.caller.worker, now=actor.now)
    there = {seen.place for seen in before.seen}
    after = await tellings.seen_now(session, "worker", worker["id"], actor.now)
    await tellings.tell_of_difference(session, before, [seen for seen in after if seen.place in there], actor.now)
    named = {"organisation": worker["organisation"], "worker": worker["id"], "active": worker["active"]}
    actor.record.notes("changed", **named)
    return worker
