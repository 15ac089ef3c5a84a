"""A provider reports, at the end of its work, how far each outcome the referral asked for was reached."""

from collections.abc import Mapping
from typing import Any

from service.conflicts import ReportAlreadyWritten
from service.db import Session
from service.domain.end_of_service_reports import faults_in_report
from service.domain.provision import Writing, require_open
from service.errors import InvalidInput, NotFound
from service.operations import proposals, tellings
from service.operations.actors import Actor
from service.operations.locks import lock
from service.operations.provision_events import happened
from service.schemas.end_of_service_reports import ReportGiven
from service.store import end_of_service_reports as store

Referral = Mapping[str, Any]
Row = dict[str, Any]


async def write(session: Session, referral: Referral, body: ReportGiven, actor: Actor) -> Row:
    """Keep the one report on a referral: an entry for each outcome as sent, or as agreed since.

    Raises InvalidInput naming each outcome that has no entry and each entry that has no outcome, ProvisionNotOpen,
    ReportAlreadyWritten.
    """
    locked = await lock(session, referral, actor)
    now, _ = await proposals.what_stands(session, locked, actor)
    if faults := faults_in_report(now.outcomes, body.outcomes):
        raise InvalidInput(errors=faults)
    require_open(Writing.END_OF_SERVICE_REPORT, locked["status"])
    if await store.find_report(session, locked["id"]) is not None:
        raise ReportAlreadyWritten
    about = {"referral_id": locked["id"], "crn": locked["crn"], "version": locked["version"]}
    entries = [{"outcome": name, **entry.model_dump(mode="json")} for name, entry in body.outcomes.items()]
    report = {**about, "further": body.further, "outcomes": entries}
    await store.insert_report(session, report, by=actor.caller.worker, now=actor.now)
    await happened(session, locked, "service_reported", actor, version=locked["version"])
    await tellings.tell_of_referral(session, locked["id"], actor.now)
    return await read(session, locked)


async def read(session: Session, referral: Referral) -> Row:
    """Return the report on a visible referral; NotFound before it is written."""
    found = await store.find_report(session, referral["id"])
    if found is None:
        raise NotFound
    return found
