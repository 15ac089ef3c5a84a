"""Looking into the record of access, which is itself recorded."""

from typing import Any

from service.access.records import AccessRecord
from service.db import Session
from service.schemas.audits import EntriesWanted
from service.store import audits as store


async def search_audit(session: Session, wanted: EntriesWanted, *, record: AccessRecord) -> list[dict[str, Any]]:
    """Return the entries wanted; one row says who looked, for what, and names everybody who appears in them."""
    entries = await store.find_entries(session, wanted)
    asked = wanted.model_dump(mode="json", exclude={"cursor", "limit"}, exclude_none=True)
    record.notes("shown" if entries else "nothing_found", asked_for=asked, entries=len(entries[: wanted.limit]))
    record.shows(crn for entry in entries[: wanted.limit] for crn in entry["crns"])
    return entries
