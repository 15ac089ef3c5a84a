"""Finding people: cases the caller sees, and those they could open with a reason; a barred one does not exist."""

import datetime
from typing import Any

from sqlalchemy import text

from service.access.callers import Caller
from service.db import Session
from service.domain.searches import is_same_name
from service.schemas.searches import PeopleWanted
from service.store.visibility import case_openable_by, case_visible_to

MOST_FOUND = 50
# Born on one day are a few dozen people at most: their names are compared letter by letter afterwards.
_CONDITIONS = {"crn": "c.crn = :crn", "noms_number": "c.noms_number = :noms_number", "name": "c.date_of_birth = :born"}


async def find_people(
    session: Session, wanted: PeopleWanted, caller: Caller, now: datetime.datetime
) -> list[dict[str, Any]]:
    """Return who is found (crn, names, `visible`) in the order of their CRNs, at most 50 of them."""
    statement = text(
        f"""
        SELECT * FROM (
            SELECT c.crn, c.family_name, c.given_names, {case_visible_to(caller)} AS visible,
                   {case_openable_by(caller)} AS openable
            FROM case_record c WHERE {_CONDITIONS[wanted.way]}) AS found
        WHERE visible OR openable ORDER BY crn
        """  # noqa: S608
    )
    parameters = {"worker_id": caller.worker, "now": now}
    named = {"crn": wanted.crn, "noms_number": wanted.noms_number, "born": wanted.date_of_birth}
    connection = await session.connection()
    rows = [dict(row) for row in (await connection.execute(statement, parameters | named)).mappings()]
    if wanted.way == "name":
        rows = [row for row in rows if is_same_name(row["family_name"], wanted.family_name)]
    return rows[:MOST_FOUND]
