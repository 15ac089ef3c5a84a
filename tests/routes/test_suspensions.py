"""A fixed-term recall suspends what is open: nobody decides, books or begins it until its sender lets it go on."""

from typing import Any

import pytest
from httpx import Response

from service.db import Session
from tests.routes.conftest import AsRole, Clock
from tests.routes.loops import Loop, act, open_loop

pytestmark = pytest.mark.usefixtures("clock")

AGAIN = {"re_release_on": "2026-12-18"}
REJECTION = {"reason": "needs_cannot_be_met"}


@pytest.fixture
async def loop(committing: Session, as_role: AsRole, crn: str) -> Loop:
    return await open_loop(committing, as_role, crn)


async def recall(loop: Loop, kind: str = "recall_fixed_term", on: str = "2026-11-20", **more: Any) -> Response:
    body = {"kind": kind, "happened_on": on, **more}
    recorded = await loop.practitioner.post(f"/v1/cases/{loop.crn}/events", json=body)
    assert recorded.status_code == 201, recorded.text
    return recorded


async def release_on(loop: Loop, day: str) -> None:
    answers = {"sentence_release_date": {"value": day}, "current_location": {"value": "prison"}}
    saved = await loop.practitioner.patch(
        f"/v1/cases/{loop.crn}/profile", json={"answers": answers}, headers={"If-Match": "*"}
    )
    assert saved.status_code == 200, saved.text


async def timeline_release(loop: Loop) -> Any:
    return (await loop.practitioner.get(f"/v1/cases/{loop.crn}/timeline")).json()["release_on"]


@pytest.mark.parametrize(
    ("status", "path", "body"),
    [
        ("received", "acceptance", None),
        ("accepted", "scheduling", {"scheduled_on": "2026-12-01"}),
        ("scheduled", "start", {"started_on": "2026-11-23"}),
    ],
)
async def test_a_suspended_referral_is_not_decided_booked_or_begun_until_it_is_resumed(
    loop: Loop, status: str, path: str, body: Any
) -> None:
    referral = await loop.referral(status)
    await recall(loop)
    refused = await act(loop.assessor, referral, path, body)
    resumed = await act(loop.practitioner, referral, "resumption", AGAIN)
    done = await act(loop.assessor, referral, path, body)

    assert (refused.status_code, refused.json()["code"]) == (409, "suspended-by-recall")
    assert (resumed.status_code, resumed.json()["status"], resumed.json()["status_reason"]) == (200, status, None)
    assert done.status_code == 200, done.text


async def test_no_other_act_ends_a_suspension(loop: Loop) -> None:
    referral = await loop.referral("received")
    await recall(loop)
    query = (await act(loop.assessor, referral, "queries", {"question": "When?"})).json()["id"]
    reasons = []
    for client, path, body in [
        (loop.practitioner, f"queries/{query}/answer", {"answer": "Not yet known."}),
        (loop.assessor, "rejection", REJECTION),
        (loop.practitioner, "reopening", {"reason": "new_information", "note": "See letter."}),
    ]:
        assert (await act(client, referral, path, body)).status_code in {200, 201}
        shown = (await loop.practitioner.get(f"/v1/referrals/{referral}")).json()
        reasons.append((shown["status"], shown["status_reason"]))

    assert reasons == [
        ("received", "suspended_by_recall"),
        ("rejected", "needs_cannot_be_met"),
        ("received", "suspended_by_recall"),
    ]
    assert (await act(loop.assessor, referral, "acceptance")).json()["code"] == "suspended-by-recall"


async def test_a_resumed_referral_has_the_reason_back_that_its_status_was_entered_with(loop: Loop) -> None:
    referral = await loop.referral("scheduled")
    await act(loop.assessor, referral, "scheduling-cancellation", {"reason": "failed_to_arrive"})
    await recall(loop)
    resumed = await act(loop.practitioner, referral, "resumption", {**AGAIN, "note": "Hearing held."})
    (step,) = [
        one
        for one in (await loop.assessor.get(f"/v1/referrals/{referral}/steps")).json()["items"]
        if one["action"] == "resumption"
    ]

    assert (resumed.json()["status"], resumed.json()["status_reason"]) == ("accepted", "failed_to_arrive")
    assert (step["details"], step["note"]) == (AGAIN, "Hearing held.")
    (event,) = await loop.rows(
        "SELECT subject FROM outbox_event WHERE crn = :crn AND type = 'referral.resumption'", crn=loop.crn
    )
    assert event.subject == str(referral)


async def test_only_the_sender_resumes_and_only_what_is_suspended(loop: Loop) -> None:
    referral = await loop.referral("received")
    early = await act(loop.practitioner, referral, "resumption", AGAIN)
    await recall(loop)
    theirs = await act(loop.assessor, referral, "resumption", AGAIN)
    before = await act(loop.practitioner, referral, "resumption", {"re_release_on": "2026-11-20"})
    refused = await act(loop.assessor, referral, "start", {"started_on": "2026-11-23"})

    assert (early.status_code, early.json()["code"]) == (409, "transition-not-allowed")
    assert theirs.status_code == 403
    assert (before.status_code, before.json()["errors"][0]["code"]) == (422, "before-recall")
    assert refused.json()["allowed"] == ["query", "rejection"]


async def test_a_standard_recall_after_a_fixed_term_one_suspends_mappa_no_longer(loop: Loop) -> None:
    referral = await loop.referral("received", pack="mappa")
    await recall(loop)
    await recall(loop, "recall_standard", "2026-11-21")

    assert (await act(loop.assessor, referral, "acceptance", {"reason": "accepted_level_2"})).status_code == 200


async def test_the_clock_starts_again_from_the_re_release_date_that_was_noted_last(loop: Loop, clock: Clock) -> None:
    referral = await loop.referral("received", pack="cas3")
    await release_on(loop, "2026-11-02")
    clock.advance(hours=1)
    await recall(loop)
    unknown = await timeline_release(loop)
    clock.advance(hours=1)
    await recall(loop, on="2026-11-21", re_release_on="2026-12-04")
    noted = await timeline_release(loop)
    clock.advance(hours=1)
    await act(loop.practitioner, referral, "resumption", AGAIN)
    moved = await timeline_release(loop)
    clock.advance(hours=1)
    await release_on(loop, "2027-01-08")

    assert (unknown, noted, moved) == (None, "2026-12-04", "2026-12-18")
    assert await timeline_release(loop) == "2027-01-08"


async def test_what_is_made_after_the_recall_is_not_suspended(loop: Loop) -> None:
    await recall(loop)
    referral = await loop.referral("received")

    assert (await act(loop.assessor, referral, "acceptance")).status_code == 200


async def test_the_life_cycle_says_what_a_recall_holds_up(as_role: AsRole) -> None:
    lines = (await as_role("auditor").get("/v1/life-cycle")).json()["transitions"]

    assert {line["action"] for line in lines if line["held_by_recall"]} == {"acceptance", "scheduling", "start"}
    assert {line["condition"] for line in lines if line["action"] == "resumption"} == {"suspended_by_recall"}
