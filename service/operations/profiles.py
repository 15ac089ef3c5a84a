"""Changing a profile: all of a set of changes or none of it, each kept for ever with who said it."""

import datetime
from collections.abc import Sequence

from sqlmodel.ext.asyncio.session import AsyncSession

from service.access.callers import Caller
from service.access.records import AccessRecord
from service.catalogue.definitions import Catalogue
from service.domain import profiles
from service.domain.profiles import Author, Change
from service.errors import CaseClosed, InvalidInput, NotFound
from service.operations import revisions
from service.store import events
from service.store import profiles as profile_store
from service.store.profiles import StoredProfile


async def amend_profile(
    session: AsyncSession,
    crn: str,
    changes: Sequence[Change],
    *,
    caller: Caller,
    if_match: str | None,
    now: datetime.datetime,
    catalogue: Catalogue,
    record: AccessRecord,
    case_status: str = "open",
) -> tuple[StoredProfile, dict[str, str]]:
    """Save a set of changes and return the profile as it then stands, with what became of each item.

    Raises InvalidInput naming every item that cannot hold what was sent, CaseClosed, RevisionMissing, RevisionStale
    (naming the items changed since the caller's revision); NotFound where the case has gone out of sight meanwhile.
    """
    stored = await profile_store.find_profile(session, crn, caller, now, for_change=True)
    if stored is None:
        raise NotFound
    author = Author(caller.worker, str(caller.role))
    if faults := profiles.faults_in(changes, catalogue.items, stored.answers, author, now.date()):
        raise InvalidInput(errors=faults)
    if case_status != "open":
        raise CaseClosed
    await revisions.require_profile(session, stored, if_match)
    return await write_changes(session, stored, changes, author=author, now=now, catalogue=catalogue, record=record)


async def write_changes(
    session: AsyncSession,
    stored: StoredProfile,
    changes: Sequence[Change],
    *,
    author: Author,
    now: datetime.datetime,
    catalogue: Catalogue,
    record: AccessRecord,
) -> tuple[StoredProfile, dict[str, str]]:
    """Apply valid changes to a locked profile: its answers, its history, the event and the record of access."""
    revision = stored.revision + 1
    amended = profiles.amend(stored.answers, changes, catalogue.items, author, now=now, revision=revision)
    if not amended.changed:
        return stored, {}
    profile = StoredProfile(stored.crn, revision, dict(amended.answers))
    await profile_store.save_profile(session, profile, now)
    await profile_store.append_history(session, profile, amended.changed, by=author.id, now=now)
    await events.append(
        session, stored.crn, "profile.changed", f"profile-revision-{revision}", {"items": sorted(amended.changed)}, now
    )
    record.changes(stored.crn, sorted(amended.changed))
    return profile, amended.changed
