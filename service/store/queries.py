"""A recipient's questions about referrals, and the answers to them."""

import datetime
import json
import uuid
from collections.abc import Mapping
from typing import Any

from sqlalchemy import text

from service.db import Session

_COLUMNS = "id, referral_id, question, about, asked_by, asked_at, answer, profile_revision, answered_by, answered_at"
_INSERT = text(
    """
    INSERT INTO referral_query (id, referral_id, crn, question, about, asked_by, asked_at)
    VALUES (:id, :referral_id, :crn, :question, CAST(:about AS jsonb), :asked_by, :now)
    """
)
_FIND = text(f"SELECT {_COLUMNS} FROM referral_query WHERE id = :id AND referral_id = :referral_id")  # noqa: S608
_PAGE = text(
    f"""
    SELECT {_COLUMNS} FROM referral_query
    WHERE referral_id = :referral_id
      AND (asked_at, id) < (CAST(:before_at AS timestamptz), CAST(:before_id AS uuid))
    ORDER BY asked_at DESC, id DESC LIMIT :limit
    """  # noqa: S608
)
_ANSWER = text(
    """
    UPDATE referral_query SET answer = :answer, profile_revision = :profile_revision, answered_by = :answered_by,
           answered_at = :now
    WHERE id = :id
    """
)
_OTHERS_OPEN = text(
    "SELECT EXISTS (SELECT FROM referral_query WHERE referral_id = :referral_id AND id <> :id AND answered_at IS NULL)"
)


async def insert_query(session: Session, query: Mapping[str, Any], now: datetime.datetime) -> None:
    """Keep a question about a referral whose row is locked."""
    connection = await session.connection()
    await connection.execute(_INSERT, {**query, "about": json.dumps(query["about"]), "now": now})


async def find_query(session: Session, referral_id: uuid.UUID, query_id: uuid.UUID) -> dict[str, Any] | None:
    """Return a question about a referral the caller has been shown; None where it is not one of that referral's."""
    connection = await session.connection()
    row = (await connection.execute(_FIND, {"referral_id": referral_id, "id": query_id})).mappings().first()
    return dict(row) if row is not None else None


async def queries_page(
    session: Session, referral_id: uuid.UUID, *, before: tuple[str, str], limit: int
) -> list[dict[str, Any]]:
    """Return a visible referral's questions before one of them, the newest first; one more than `limit` if there is."""
    connection = await session.connection()
    parameters = {"referral_id": referral_id, "before_at": before[0], "before_id": before[1], "limit": limit + 1}
    return [dict(row) for row in (await connection.execute(_PAGE, parameters)).mappings()]


async def answer_query(session: Session, query: Mapping[str, Any], now: datetime.datetime) -> None:
    """Write the answer to a question; the referral's row is locked."""
    connection = await session.connection()
    names = ("id", "answer", "profile_revision", "answered_by")
    await connection.execute(_ANSWER, {**{name: query[name] for name in names}, "now": now})


async def others_open(session: Session, referral_id: uuid.UUID, query_id: uuid.UUID) -> bool:
    """Whether any other question about the referral still waits for its answer."""
    connection = await session.connection()
    return bool((await connection.execute(_OTHERS_OPEN, {"referral_id": referral_id, "id": query_id})).scalar_one())
