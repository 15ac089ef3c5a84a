"""Work that arrives while a case is being closed waits, and is then told that the case is closed."""

import asyncio
from collections.abc import Callable, Coroutine
from typing import Any

import pytest
from fastapi import FastAPI
from httpx import AsyncClient, Response
from sqlalchemy import text

from service.db import Session
from tests import make
from tests.routes.conftest import AsRole

pytestmark = pytest.mark.usefixtures("clock")
Work = Callable[[AsyncClient, str], Coroutine[Any, Any, Response]]


async def refer(client: AsyncClient, crn: str) -> Response:
    return await client.post(f"/v1/cases/{crn}/referrals", json={"packs": [{"pack": "cas3"}]})


async def answer(client: AsyncClient, crn: str) -> Response:
    body = {"answers": {"family_name": {"value": "Invented"}}}
    return await client.patch(f"/v1/cases/{crn}/profile", json=body, headers={"If-Match": '"0"'})


@pytest.mark.parametrize("work", [refer, answer])
async def test_work_on_a_case_that_is_being_closed_waits_and_is_refused(
    app: FastAPI, as_role: AsRole, committing: Session, crn: str, work: Work
) -> None:
    await make.open_case(committing, crn)
    await committing.commit()
    async with app.state.sessions() as closing:
        connection = await closing.connection()
        await connection.execute(text("SELECT FROM case_record WHERE crn = :crn FOR UPDATE"), {"crn": crn})
        await connection.execute(text("SELECT FROM profile WHERE crn = :crn FOR UPDATE"), {"crn": crn})
        waiting = asyncio.create_task(work(as_role("practitioner"), crn))
        done, _ = await asyncio.wait([waiting], timeout=0.5)
        await connection.execute(text("UPDATE case_record SET status = 'closed' WHERE crn = :crn"), {"crn": crn})
        await closing.commit()

    refused = await waiting
    assert not done, "it should have waited for the case to be closed"
    assert (refused.status_code, refused.json()["code"]) == (409, "case-closed")
