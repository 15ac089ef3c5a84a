"""Referrals over a small catalogue of two packs: what tests of drafts and of sending them start from."""

from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from pathlib import Path
from typing import Any

import pytest
from fastapi import FastAPI
from httpx import AsyncClient, Response

from service.models.recipients import Recipient
from tests import rows
from tests.domain.catalogues import small_catalogue

CHECKS = {"domestic_abuse_check_outstanding": "Asked on Monday.", "child_safeguarding_check_outstanding": "None known."}


@asynccontextmanager
async def serving_two_packs(app: FastAPI, folder: Path) -> AsyncIterator[None]:
    """Serve a catalogue of two small packs, each with two recipients."""
    whole = app.state.catalogue
    app.state.catalogue = small_catalogue(folder)
    async with app.state.sessions() as session:
        for pack in ("housing", "care"):
            for name in ("near", "far"):
                recipient = Recipient(id=f"{pack}-{name}", pack=pack, name=f"{pack} {name}", organisation="there")
                await rows.merge(session, recipient)
        await session.commit()
    yield
    app.state.catalogue = whole


async def refer(client: AsyncClient, crn: str, *packs: dict[str, Any], key: str | None = None) -> Response:
    headers = {"Idempotency-Key": key} if key else {}
    return await client.post(f"/v1/cases/{crn}/referrals", json={"packs": list(packs)}, headers=headers)


async def know(client: AsyncClient, crn: str, **answers: Any) -> None:
    profile = await client.get(f"/v1/cases/{crn}/profile")
    body = {"answers": {item: {"value": value} for item, value in answers.items()}}
    saved = await client.patch(f"/v1/cases/{crn}/profile", json=body, headers={"If-Match": profile.headers["etag"]})
    assert saved.status_code == 200, saved.text


async def change(client: AsyncClient, referral: str, etag: str | None = None, **body: Any) -> Response:
    if etag is None:
        etag = (await client.get(f"/v1/referrals/{referral}")).headers["etag"]
    return await client.patch(f"/v1/referrals/{referral}", json=body, headers={"If-Match": etag})


async def ready_housing(client: AsyncClient, crn: str) -> str:
    """Return a housing referral with nothing left but to send it."""
    made = await refer(client, crn, {"pack": "housing", "recipient": "housing-near"})
    referral: str = made.json()["items"][0]["id"]
    await know(client, crn, release_known=True, release_on="2027-01-20", risk="The public.")
    changed = await change(client, referral, answers={"consent": {"value": True}}, read={"risk": True})
    assert changed.json()["lacks"] == []
    return referral


async def send(client: AsyncClient, referral: str, **headers: str) -> Response:
    return await client.post(f"/v1/referrals/{referral}/submission", json={"reasons": CHECKS}, headers=headers)


@pytest.fixture(scope="module")
async def two_packs(app: FastAPI, tmp_path_factory: pytest.TempPathFactory) -> AsyncIterator[None]:
    """Serve a catalogue of two small packs, each with two recipients."""
    async with serving_two_packs(app, Path(tmp_path_factory.mktemp("catalogue"))):
        yield
