"""Premises with their staff, a person and the person's practitioner: what tests of stays start from."""

import uuid
from dataclasses import dataclass
from typing import Any

from httpx import AsyncClient, Response
from sqlalchemy import text

from service.db import Session
from tests import make
from tests.routes.conftest import AsRole


@dataclass
class House:
    """Premises and others of another kind, which no other test uses, and callers for each side."""

    session: Session
    crn: str
    premises: str
    elsewhere: str
    staff: AsyncClient
    others: AsyncClient
    practitioner: AsyncClient
    manager: AsyncClient

    async def stay(self, crn: str | None = None, **columns: Any) -> uuid.UUID:
        """Commit a stay at the premises, for the person unless another is named."""
        stay = await make.add_stay(self.session, crn or self.crn, columns.pop("premises", self.premises), **columns)
        await self.session.commit()
        return stay

    async def person(self, crn: str, **columns: Any) -> None:
        """Commit another person of the same practitioner."""
        await make.open_case(self.session, crn, f"p-{self.crn.lower()}", f"t-{self.crn.lower()}", **columns)
        await self.session.commit()

    async def rows(self, statement: str, **parameters: Any) -> list[Any]:
        """Look something up, or change it."""
        connection = await self.session.connection()
        found = await connection.execute(text(statement), parameters)
        rows = list(found.all()) if found.returns_rows else []
        await self.session.commit()
        return rows


async def open_house(session: Session, as_role: AsRole, crn: str) -> House:
    """Commit premises and a case that no other test uses."""
    name, elsewhere = f"ap-{crn.lower()}", f"pipe-{crn.lower()}"
    worker, manager, team = f"p-{crn.lower()}", f"m-{crn.lower()}", f"t-{crn.lower()}"
    await make.add_premises(session, name)
    await make.add_premises(session, elsewhere, "pipe")
    for one in (worker, manager):
        await make.add_worker(session, one, team)
    await make.open_case(session, crn, worker, team)
    await session.commit()
    return House(
        session,
        crn,
        name,
        elsewhere,
        as_role("premises", worker=f"s-{crn.lower()}", premises=name),
        as_role("premises", worker=f"e-{crn.lower()}", premises=elsewhere),
        as_role("practitioner", worker=worker),
        as_role("manager", worker=manager),
    )


async def does(client: AsyncClient, stay: uuid.UUID | str, act: str, body: Any, **headers: str) -> Response:
    """Do something to a stay."""
    return await client.post(f"/v1/placements/{stay}/{act}", json=body, headers=headers)
