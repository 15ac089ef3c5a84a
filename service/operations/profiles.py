"""Changing a profile: all of a set of changes or none of it, each kept for ever with who said it."""

from collections.abc import Sequence

from service.conflicts import CaseClosed
from service.db import Session
from service.domain import profiles
from service.domain.calendar import british_day
from service.domain.profiles import Author, Change
from service.errors import InvalidInput, NotFound
from service.operations import revisions, risk_lowerings, tellings
from service.operations.actors import Actor
from service.store import cases, events
from service.store import profiles as profile_store
from service.store.profiles import StoredProfile


async def amend_profile(
    session: Session,
    crn: str,
    changes: Sequence[Change],
    actor: Actor,
) -> tuple[StoredProfile, dict[str, str]]:
    """Save a set of changes and return the profile as it then stands, with what became of each item.

    Raises InvalidInput naming every item that cannot hold what was sent, CaseClosed, RevisionMissing, RevisionStale
    (naming the items changed since the caller's revision); NotFound where the case has gone out of sight meanwhile.
    """
    case_status = await cases.hold_case(session, crn)
    stored = await profile_store.find_profile(session, crn, actor.caller, actor.now, for_change=True)
    if stored is None:
        raise NotFound
    author = Author(actor.caller.worker, str(actor.caller.role))
    items = actor.catalogue.items
    if faults := profiles.faults_in(changes, items, stored.answers, author, british_day(actor.now)):
        raise InvalidInput(errors=faults)
    if case_status != "open":
        raise CaseClosed
    await revisions.require_profile(session, stored, actor.if_match)
    return await write_answers(session, stored, changes, actor)


async def write_answers(
    session: Session, stored: StoredProfile, changes: Sequence[Change], actor: Actor, author: Author | None = None
) -> tuple[StoredProfile, dict[str, str]]:
    """Apply valid changes to a locked profile: its answers, its history, the event and the record of access.

    `author` is whoever says so where that is not the caller: this service itself, of its own acts.
    """
    author = author or Author(actor.caller.worker, str(actor.caller.role))
    items = actor.catalogue.items
    revision = stored.revision + 1
    amended = profiles.amend(stored.answers, changes, items, author, now=actor.now, revision=revision)
    if not amended.changed:
        return stored, {}
    profile = StoredProfile(stored.crn, revision, dict(amended.answers))
    await profile_store.save_profile(session, profile, actor.now)
    await profile_store.append_history(session, profile, amended, by=author.id, now=actor.now)
    data = {"items": sorted(amended.changed)}
    await events.append(session, stored.crn, "profile.changed", f"profile-revision-{revision}", data, actor.now)
    actor.record.changes(stored.crn, data["items"])
    await tellings.tell_of_profile(session, stored.crn, stored.answers, profile.answers, actor.now)
    await risk_lowerings.ask_for_view(
        session, stored.crn, stored.answers, profile.answers, revision=revision, actor=actor
    )
    return profile, amended.changed
