"""What requests leave behind: rows of the record of access, events in the outbox, steps of referrals."""

from typing import Any

from sqlalchemy import text

from service.db import Session


async def rows(session: Session, statement: str, **parameters: Any) -> list[dict[str, Any]]:
    """Return the rows a statement finds, as everybody else has committed them."""
    await session.rollback()
    connection = await session.connection()
    return [dict(row) for row in (await connection.execute(text(statement), parameters)).mappings()]


async def audit_of(session: Session, crn: str, action: str) -> list[dict[str, Any]]:
    """Return the entries of one action that name a person, in the order they were written."""
    statement = "SELECT * FROM audit_entry WHERE crns @> ARRAY[:crn] AND action = :action ORDER BY at, id"
    return await rows(session, statement, crn=crn, action=action)


async def refusals_of(session: Session, crn: str, action: str) -> list[dict[str, Any]]:
    """Return the entries of one action refused to somebody who asked for a person."""
    statement = (
        "SELECT * FROM audit_entry WHERE details -> 'asked_for' ->> 'crn' = :crn AND action = :action "
        "AND outcome = 'refused' ORDER BY at, id"
    )
    return await rows(session, statement, crn=crn, action=action)


async def outbox_of(session: Session, crn: str) -> list[dict[str, Any]]:
    """Return the events about a person, in the order they were written."""
    return await rows(session, "SELECT type, subject, data FROM outbox_event WHERE crn = :crn ORDER BY id", crn=crn)
