"""A draft's document over HTTP: dated when it is read, open about checks nobody has answered, short on request."""

import datetime
import uuid

import pytest
from httpx import AsyncClient

from service.db import Session
from tests.routes.conftest import AsRole
from tests.routes.loops import Loop, open_loop

HTML = {"Accept": "text/html"}


@pytest.fixture
async def loop(committing: Session, as_role: AsRole, crn: str) -> Loop:
    return await open_loop(committing, as_role, crn)


async def draft(loop: Loop) -> uuid.UUID:
    """Commit an empty draft that last changed years ago."""
    long_ago = datetime.datetime(2020, 1, 31, 9, 0, tzinfo=datetime.UTC)
    return await loop.referral("draft", pack_version="2026-11", updated_at=long_ago)


async def read(client: AsyncClient, referral: uuid.UUID, **asked: str) -> str:
    answer = await client.get(f"/v1/referrals/{referral}/document", headers=HTML, params=asked)
    assert answer.status_code == 200, answer.text
    return answer.text


async def test_a_draft_is_dated_when_it_is_read_and_not_when_it_last_changed(loop: Loop) -> None:
    referral = await draft(loop)
    document = await read(loop.practitioner, referral)

    assert "As it stood on" in document
    assert "31 January 2020" not in document
    assert "<dt>Submitted</dt>" not in document


async def test_a_draft_says_which_checks_nobody_has_answered(loop: Loop) -> None:
    document = await read(loop.practitioner, await draft(loop))

    assert "The domestic abuse check is not answered" in document
    assert "The child safeguarding check is not answered" in document


async def test_what_does_not_apply_is_spelt_out_unless_it_is_asked_for_collapsed(loop: Loop) -> None:
    referral = await draft(loop)
    whole, collapsed = (
        await read(loop.practitioner, referral),
        await read(loop.practitioner, referral, collapsed="true"),
    )

    assert ("Not applicable: " in whole, "Not applicable: " in collapsed) == (False, True)
    assert len(collapsed) < len(whole)
