"""Profiles: the current answers of a case in one row, and the history that only grows."""

import datetime
import json
from collections.abc import Sequence
from dataclasses import dataclass
from functools import cache
from typing import Any

from sqlalchemy import text

from service.access.callers import Caller
from service.db import Session
from service.domain import cursors
from service.domain.profiles import Amended
from service.store.sessions import for_driver, rows
from service.store.visibility import case_visible_to


@dataclass(frozen=True, slots=True)
class StoredProfile:
    """A profile as it stands: its revision and its answers by item."""

    crn: str
    revision: int
    answers: dict[str, Any]


async def find_profile(
    session: Session, crn: str, caller: Caller, now: datetime.datetime, *, for_change: bool = False
) -> StoredProfile | None:
    """Return a case's profile if this caller may see the case, its row locked `for_change`; None otherwise."""
    statement = _find(case_visible_to(caller), for_change=for_change)
    found = await rows(session, statement, {"crn": crn, "worker_id": caller.worker, "now": now})
    return StoredProfile(*found[0]) if found else None


@cache
def _find(visible: str, *, for_change: bool) -> str:
    tables = "profile p JOIN case_record c ON c.crn = p.crn"
    lock = "FOR UPDATE OF p" if for_change else ""
    return for_driver(f"SELECT p.crn, p.revision, p.answers FROM {tables} WHERE p.crn = :crn AND {visible} {lock}")  # noqa: S608


_BEHIND = for_driver("SELECT crn, revision, answers FROM profile WHERE crn = :crn")
_HELD_BEHIND = for_driver("SELECT crn, revision, answers FROM profile WHERE crn = :crn FOR UPDATE")


async def profile_behind(session: Session, crn: str, *, for_change: bool = False) -> StoredProfile:
    """Return the profile behind something the caller was found to work on, its row locked `for_change`.

    Nothing here asks whether they may see the case: what of it is shown is for disclosure to decide.
    """
    found = await rows(session, _HELD_BEHIND if for_change else _BEHIND, {"crn": crn})
    if not found:
        message = "A case always has a profile."
        raise LookupError(message)
    return StoredProfile(*found[0])


_SAVE = text(
    "UPDATE profile SET revision = :revision, answers = CAST(:answers AS jsonb), updated_at = :now WHERE crn = :crn"
)
_COPY_HEADER = text(
    "UPDATE case_record SET family_name = :family_name, given_names = :given_names, "
    "date_of_birth = CAST(:date_of_birth AS date), noms_number = COALESCE(:noms_number, noms_number) WHERE crn = :crn"
)
_HISTORY = text(
    """
    INSERT INTO profile_history (crn, item, revision, change, answer, recorded_by, recorded_at)
    SELECT :crn, entry ->> 'item', :revision, entry ->> 'change', NULLIF(entry -> 'answer', 'null'), :by, :now
    FROM jsonb_array_elements(CAST(:entries AS jsonb)) AS entry
    """
)


async def save_profile(session: Session, profile: StoredProfile, now: datetime.datetime) -> None:
    """Write a locked profile's new answers, and the copies of name and date of birth that searching uses."""
    connection = await session.connection()
    await connection.execute(
        _SAVE,
        {"crn": profile.crn, "revision": profile.revision, "answers": json.dumps(profile.answers), "now": now},
    )
    header = ("family_name", "given_names", "date_of_birth", "noms_number")
    values = {name: profile.answers.get(name, {}).get("value") for name in header}
    await connection.execute(_COPY_HEADER, {"crn": profile.crn, **values})


async def append_history(
    session: Session,
    profile: StoredProfile,
    amended: Amended,
    *,
    by: str,
    now: datetime.datetime,
) -> None:
    """Add one history row for each item changed: the answer as it now stands, or the older one that was noted."""
    entries = [
        {"item": item, "change": change, "answer": amended.noted.get(item, profile.answers.get(item))}
        for item, change in amended.changed.items()
    ]
    parameters = {"crn": profile.crn, "revision": profile.revision, "by": by, "now": now}
    connection = await session.connection()
    await connection.execute(_HISTORY, {**parameters, "entries": json.dumps(entries)})


_PAGE = text(
    """
    SELECT id, item, revision, change, answer, recorded_by, recorded_at FROM profile_history
    WHERE crn = :crn AND (CAST(:item AS text) IS NULL OR item = :item)
      AND (CAST(:before AS bigint) IS NULL OR id < :before)
    ORDER BY id DESC LIMIT :limit
    """
)
_SINCE = text("SELECT DISTINCT item FROM profile_history WHERE crn = :crn AND revision > :revision ORDER BY item")


async def history_page(session: Session, crn: str, item: str | None, cursor: str | None, limit: int) -> Sequence[Any]:
    """Return changes newest first, one more than `limit` where there are more; the caller sees the case already."""
    connection = await session.connection()
    before = cursors.decode(cursor, int)[0] if cursor else None
    parameters = {"crn": crn, "item": item, "before": before, "limit": limit + 1}
    return (await connection.execute(_PAGE, parameters)).all()


async def items_changed_since(session: Session, crn: str, revision: int) -> list[str]:
    """Return the items changed after a revision, so that a caller whose items are not among them can go on."""
    connection = await session.connection()
    return list((await connection.execute(_SINCE, {"crn": crn, "revision": revision})).scalars())
