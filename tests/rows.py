"""Rows of the models, laid into the database in a session's transaction, as tests prepare them."""

from collections.abc import AsyncIterator
from contextlib import asynccontextmanager

from sqlmodel import SQLModel
from sqlmodel.ext.asyncio.session import AsyncSession

from service.db import Session


@asynccontextmanager
async def _mapped(session: Session) -> AsyncIterator[AsyncSession]:
    """Give an ORM's session in the transaction that is under way, which its end does not end."""
    connection = await session.connection()
    if not connection.in_transaction():
        await connection.begin()
    async with AsyncSession(connection, expire_on_commit=False, join_transaction_mode="rollback_only") as mapped:
        yield mapped
        await mapped.commit()


async def add(session: Session, *rows: SQLModel) -> None:
    """Add rows that do not refer to each other: which is inserted first is not said."""
    async with _mapped(session) as mapped:
        mapped.add_all(rows)


async def merge(session: Session, row: SQLModel) -> None:
    """Add a row, or put it in the place of the one with its key."""
    async with _mapped(session) as mapped:
        await mapped.merge(row)
