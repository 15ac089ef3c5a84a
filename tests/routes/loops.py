"""A case with a recipient of its own, and callers on both sides: what tests of the closed loop start from."""

import uuid
from dataclasses import dataclass
from typing import Any

from httpx import AsyncClient, Response
from sqlalchemy import text

from service.db import Session
from tests import make
from tests.routes.conftest import AsRole


@dataclass
class Loop:
    """A case, allocated to the practitioner, and the recipient's organisation, which the assessor works for."""

    session: Session
    crn: str
    recipient: str
    practitioner: AsyncClient
    assessor: AsyncClient

    async def referral(self, status: str = "submitted", pack: str = "approved_premises", **columns: Any) -> uuid.UUID:
        """Commit a referral to the case's recipient."""
        make_one = make.add_referral if status == "draft" else make.add_sent_referral
        columns = {"crn": self.crn, "recipient_id": self.recipient, **columns}
        referral = await make_one(self.session, columns.pop("crn"), pack, status=status, **columns)
        await self.session.commit()
        return referral

    async def rows(self, statement: str, **parameters: Any) -> list[Any]:
        """Look something up, or change it."""
        connection = await self.session.connection()
        found = (await connection.execute(text(statement), parameters)).all()
        await self.session.commit()
        return list(found)


async def open_loop(session: Session, as_role: AsRole, crn: str) -> Loop:
    """Commit a case and a recipient that no other test uses."""
    recipient = f"unit-{crn.lower()}"
    await make.open_case(session, crn, f"p-{crn.lower()}")
    await make.add_recipient(session, recipient, organisation=recipient)
    await session.commit()
    practitioner = as_role("practitioner", worker=f"p-{crn.lower()}")
    return Loop(session, crn, recipient, practitioner, as_role("assessor", organisation=recipient))


async def act(client: AsyncClient, referral: uuid.UUID | str, path: str, body: Any = None, **headers: str) -> Response:
    """Do something to a referral."""
    return await client.post(f"/v1/referrals/{referral}/{path}", json=body, headers=headers)
