"""Finding a person, which leaves a row in the record of access whether or not anybody is found."""

import datetime
from typing import Any

from service.access.callers import Caller
from service.access.records import AccessRecord
from service.db import Session
from service.schemas.searches import PeopleWanted
from service.store import searches as store


async def search_people(
    session: Session, wanted: PeopleWanted, *, caller: Caller, now: datetime.datetime, record: AccessRecord
) -> list[dict[str, Any]]:
    """Return the people found; the record names them, and the reference asked for, but no name or date of birth."""
    found = await store.find_people(session, wanted, caller, now)
    record.asked_for |= wanted.model_dump(include={"crn", "noms_number"}, exclude_none=True)
    record.notes("shown" if found else "nothing_found", by=wanted.way, asked_for=record.asked_for)
    record.shows(row["crn"] for row in found)
    return found
