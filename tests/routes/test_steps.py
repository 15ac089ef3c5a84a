"""The steps of a referral's life over HTTP, and the life cycle they follow, published."""

import json

import pytest

from service.db import Session
from tests.routes.conftest import AsRole
from tests.routes.loops import Loop, act, open_loop

pytestmark = pytest.mark.usefixtures("clock")


@pytest.fixture
async def loop(committing: Session, as_role: AsRole, crn: str) -> Loop:
    return await open_loop(committing, as_role, crn)


async def test_a_recipient_is_shown_the_steps_from_the_sending_on(loop: Loop) -> None:
    referral = await loop.referral("submitted")
    for action, status in [("creation", "draft"), ("submission", "submitted")]:
        await loop.rows(
            "INSERT INTO referral_step (referral_id, crn, action, to_status, details, actor, role, at) "
            "VALUES (:id, :crn, :action, :status, '{\"reasons\": {}}', 'p', 'practitioner', now()) RETURNING id",
            id=referral,
            crn=loop.crn,
            action=action,
            status=status,
        )
    ours, theirs = [
        (await caller.get(f"/v1/referrals/{referral}/steps")).json()["items"]
        for caller in (loop.practitioner, loop.assessor)
    ]

    assert [step["action"] for step in ours] == ["creation", "submission"]
    assert [step["action"] for step in theirs] == ["submission"]
    assert theirs[0]["details"] == {}


async def test_why_the_sender_went_on_past_a_check_is_the_senders_to_read(loop: Loop) -> None:
    referral = await loop.referral("submitted")
    reasons = {"domestic_abuse_check_outstanding": "Chased on Friday.", "not_eligible": "A move was agreed."}
    await loop.rows(
        "INSERT INTO referral_step (referral_id, crn, action, to_status, details, actor, role, at) VALUES "
        "(:id, :crn, 'submission', 'submitted', CAST(:details AS jsonb), 'p', 'practitioner', now()) RETURNING id",
        id=referral,
        crn=loop.crn,
        details=json.dumps({"version": 1, "digest": "0", "reasons": reasons}),
    )
    ours, theirs = [
        (await caller.get(f"/v1/referrals/{referral}/steps")).json()["items"][0]["details"]
        for caller in (loop.practitioner, loop.assessor)
    ]

    assert ours == {"version": 1, "reasons": reasons}
    assert theirs == {"version": 1, "outstanding_checks": ["domestic_abuse_check_outstanding"]}


async def test_steps_come_a_page_at_a_time(loop: Loop) -> None:
    referral = await loop.referral()
    for path in ("receipt", "acceptance"):
        await act(loop.assessor, referral, path)
    address = f"/v1/referrals/{referral}/steps"
    first = (await loop.assessor.get(address, params={"limit": 1})).json()
    second = (await loop.assessor.get(address, params={"limit": 1, "cursor": first["next"]})).json()

    assert [first["items"][0]["action"], second["items"][0]["action"]] == ["receipt", "acceptance"]
    assert second["next"] is None


@pytest.mark.parametrize("cursor", ["x", "WyJ4Il0", "WzldX", "WzFlOTksIDJd", "Wzk5OTk5OTk5OTk5OTk5OTk5OTk5OV0"])
async def test_a_cursor_that_is_not_ours_is_refused(loop: Loop, cursor: str) -> None:
    referral = await loop.referral()
    answer = await loop.assessor.get(f"/v1/referrals/{referral}/steps", params={"cursor": cursor})

    assert (answer.status_code, answer.json()["errors"][0]["pointer"]) == (422, "/query/cursor")


async def test_the_life_cycle_is_published_to_everybody_with_each_packs_words_and_reasons(as_role: AsRole) -> None:
    published = (await as_role("auditor").get("/v1/life-cycle")).json()
    rejections = published["packs"]["cas3"]["reasons"]["rejection"]

    assert [status["code"] for status in published["statuses"] if not status["open"]] == [
        *("rejected", "completed", "withdrawn", "expired")
    ]
    assert published["packs"]["cas3"]["statuses"]["accepted"] == {"label": "Ready to place", "verified": True}
    assert len(rejections) == 19
    assert [reason["code"] for reason in rejections if reason["needs_note"]] == ["remanded_or_detained"]
