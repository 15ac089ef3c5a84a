"""A referral sent to a contract, its practitioner and a worker of its provider: what tests of provision start from."""

import uuid
from dataclasses import dataclass
from typing import Any

from httpx import AsyncClient, Response
from sqlalchemy import text

from service.db import Session
from tests import make
from tests.routes.conftest import AsRole


@dataclass
class Provision:
    """A case, its practitioner, and a worker of the prime provider of a contract that no other test uses."""

    session: Session
    crn: str
    contract: str
    practitioner: AsyncClient
    provider: AsyncClient

    async def referral(self, status: str = "started", **columns: Any) -> uuid.UUID:
        """Commit a referral to the contract."""
        known = {"crn": self.crn, "recipient_id": self.contract, "service_category": "acc", **columns}
        referral = await make.add_sent_referral(
            self.session, known.pop("crn"), "commissioned_services", status, **known
        )
        await self.session.commit()
        return referral

    async def rows(self, statement: str, **parameters: Any) -> list[Any]:
        """Look something up, or change it."""
        connection = await self.session.connection()
        found = await connection.execute(text(statement), parameters)
        rows = list(found.all()) if found.returns_rows else []
        await self.session.commit()
        return rows


async def open_provision(session: Session, as_role: AsRole, crn: str) -> Provision:
    """Commit a case and a contract that no other test uses."""
    organisation, contract = f"org-{crn.lower()}", f"crs-{crn.lower()}"
    await make.open_case(session, crn, f"p-{crn.lower()}")
    await make.add_contract(session, contract, organisation)
    await make.add_provider_worker(session, f"v-{crn.lower()}", organisation)
    await session.commit()
    provider = as_role("provider", worker=f"v-{crn.lower()}", organisation=organisation)
    return Provision(session, crn, contract, as_role("practitioner", worker=f"p-{crn.lower()}"), provider)


async def does(client: AsyncClient, referral: uuid.UUID, path: str, body: Any = None, **headers: str) -> Response:
    """Do something about a referral, as its provider."""
    return await client.post(f"/v1/provider/referrals/{referral}/{path}", json=body, headers=headers)
