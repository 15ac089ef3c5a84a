"""The closed loop over HTTP: a recipient decides, a sender withdraws or reopens, both see what was done."""

import asyncio
import datetime
from typing import Any

import pytest
from httpx import AsyncClient

from service.db import Session
from service.models.referrals import ReferralVersion
from tests import make, rows
from tests.routes.conftest import AsRole, Clock
from tests.routes.loops import Loop, act, open_loop

pytestmark = pytest.mark.usefixtures("clock")


@pytest.fixture
async def loop(committing: Session, as_role: AsRole, crn: str) -> Loop:
    return await open_loop(committing, as_role, crn)


REASON = {"reason": "other", "note": "Told by phone."}


async def test_a_referral_goes_all_the_way_and_each_step_is_kept(loop: Loop) -> None:
    referral = await loop.referral()
    revision = 1
    for path, body, status in [
        ("receipt", {"version": 1}, "received"),
        ("acceptance", None, "accepted"),
        ("scheduling", {"scheduled_on": "2026-12-01"}, "scheduled"),
        ("scheduling-cancellation", {"reason": "failed_to_arrive"}, "accepted"),
        ("scheduling", {"scheduled_on": "2026-12-08", "note": "A second try."}, "scheduled"),
        ("start", {"started_on": "2026-11-23"}, "started"),
        ("outcome", {"reason": "planned_move_on"}, "completed"),
    ]:
        answer = await act(loop.assessor, referral, path, body)
        revision += 1
        assert (answer.status_code, answer.json().get("status")) == (200, status), answer.text
        assert answer.headers["etag"] == f'"{revision}"'
    steps = (await loop.practitioner.get(f"/v1/referrals/{referral}/steps")).json()["items"]

    assert [step["action"] for step in steps] == [
        *("receipt", "acceptance", "scheduling", "cancellation", "scheduling", "start", "outcome")
    ]
    assert [step["reason_label"] for step in steps if step["reason"]] == [
        "Failed to arrive as planned",
        "Planned move-on",
    ]
    assert steps[4]["details"] == {"scheduled_on": "2026-12-08"}
    assert steps[-1]["to_status_label"] == "Departed"


async def test_an_act_leaves_one_event_and_one_row_in_the_record_of_access(loop: Loop) -> None:
    referral = await loop.referral("received")
    await act(loop.assessor, referral, "rejection", {"reason": "needs_cannot_be_met", "note": "No ground-floor room."})
    events = await loop.rows("SELECT type, subject, data FROM outbox_event WHERE crn = :crn", crn=loop.crn)
    audit = await loop.rows("SELECT action, outcome, role FROM audit_entry WHERE :crn = ANY(crns)", crn=loop.crn)

    assert [tuple(row) for row in audit] == [("reject_referral", "changed", "assessor")]
    assert [(row.type, row.subject) for row in events] == [("referral.rejection", str(referral))]
    assert events[0].data == {
        "pack": "approved_premises", "status": "rejected", "reason": "needs_cannot_be_met", "version": 1
    }  # fmt: skip


@pytest.mark.parametrize(
    ("status", "path", "body", "allowed"),
    [
        ("submitted", "acceptance", None, ["receipt"]),
        ("received", "start", {"started_on": "2026-11-23"}, None),
        ("received", "receipt", None, None),
        ("query", "acceptance", None, None),
        ("scheduled", "rejection", {"reason": "needs_cannot_be_met"}, ["cancellation", "start"]),
        ("completed", "outcome", {"reason": "died"}, []),
        ("withdrawn", "receipt", None, []),
    ],
)
async def test_an_act_the_status_does_not_allow_is_refused_with_what_it_allows(
    loop: Loop, status: str, path: str, body: Any, allowed: list[str] | None
) -> None:
    answer = await act(loop.assessor, await loop.referral(status), path, body)

    assert (answer.status_code, answer.json()["code"]) == (409, "transition-not-allowed")
    assert answer.json()["status_now"] == status
    assert allowed is None or answer.json()["allowed"] == allowed


@pytest.mark.parametrize(
    ("status", "pack", "path", "body", "fault"),
    [
        ("received", "cas3", "rejection", {"reason": "no_such_reason"}, ("/reason", "unknown-reason")),
        ("received", "cas3", "rejection", {}, ("/reason", None)),
        ("received", "cas3", "rejection", {"reason": "remanded_or_detained"}, ("/note", "missing")),
        ("received", "cas3", "rejection", {"reason": "too_early", "note": " "}, ("/note", None)),
        ("received", "cas3", "acceptance", {"reason": "too_early"}, ("/reason", "unknown-reason")),
        ("received", "mappa", "acceptance", None, ("/reason", "missing")),
        ("received", "mappa", "rejection", {"reason": "remain_level_1"}, ("/note", "missing")),
        ("rejected", "cas3", "reopening", {"reason": "new_information"}, ("/note", None)),
        ("accepted", "cas3", "scheduling", {"scheduled_on": "2026-11-22"}, ("/scheduled_on", "before-sending")),
        ("accepted", "cas3", "scheduling", {"scheduled_on": "tomorrow"}, ("/scheduled_on", None)),
        ("scheduled", "cas3", "start", {"started_on": "2026-11-24"}, ("/started_on", "in-the-future")),
        ("submitted", "cas3", "receipt", {"version": 2}, ("/version", "not-the-newest")),
    ],
)
async def test_what_an_act_says_is_checked_and_the_fault_points_at_its_field(
    loop: Loop, status: str, pack: str, path: str, body: Any, fault: tuple[str, str | None]
) -> None:
    answer = await act(loop.assessor, await loop.referral(status, pack=pack), path, body)

    assert answer.status_code == 422
    (found,) = answer.json()["errors"]
    assert found["pointer"] == fault[0]
    assert fault[1] in (None, found["code"])


async def test_a_coordinator_accepts_at_a_level(loop: Loop) -> None:
    referral = await loop.referral("received", pack="mappa")
    answer = await act(loop.assessor, referral, "acceptance", {"reason": "accepted_level_2"})

    assert (answer.json()["status"], answer.json()["status_reason"]) == ("accepted", "accepted_level_2")


async def screenings(loop: Loop) -> list[Any]:
    listed = await loop.practitioner.get(f"/v1/cases/{loop.crn}/mappa-screenings")
    items: list[Any] = listed.json()["items"]
    return items


@pytest.mark.parametrize("level", ["2", "3"])
@pytest.mark.parametrize("known_from", ["profile", "screening", "sent"])
async def test_accepting_at_a_level_is_a_screening_that_keeps_the_category(
    loop: Loop, known_from: str, level: str
) -> None:
    referral = await loop.referral("received", pack="mappa")
    if known_from == "profile":
        body: dict[str, Any] = {"answers": {"mappa_category": {"value": "category_3"}}}
        await loop.practitioner.patch(f"/v1/cases/{loop.crn}/profile", json=body, headers={"If-Match": "*"})
    elif known_from == "screening":
        body = {"category": "3", "reason": "Other dangerous.", "screened_on": "2026-11-20"}
        await loop.practitioner.post(f"/v1/cases/{loop.crn}/mappa-screenings", json=body)
    else:
        content = {"sections": [{"questions": [{"id": "mappa_category", "value": "category_3"}]}], "form": {}}
        sent = await make.add_referral(loop.session, loop.crn, "mappa", status="received", version=1,
                                       received_version=1, recipient_id=loop.recipient, second_number=1)  # fmt: skip
        await rows.add(
            loop.session,
            ReferralVersion(
                referral_id=sent,
                number=1,
                crn=loop.crn,
                digest="0" * 64,
                content=content,
                profile_revision=0,
                submitted_by="p",
                submitted_at=make.A_MONDAY,
            ),
        )
        await loop.session.commit()
        referral = sent
    accepted = await act(loop.assessor, referral, "acceptance", {"reason": f"accepted_level_{level}"})
    (screening, *_) = await screenings(loop)
    eligibility = (await loop.practitioner.get(f"/v1/cases/{loop.crn}/eligibility")).json()

    assert accepted.status_code == 200
    assert (screening["category"], screening["level"], screening["screened_on"]) == ("3", level, "2026-11-23")
    assert (screening["reason"], screening["recorded_by"]) == (f"Accepted at level {level}", "a.test")
    assert eligibility["mappa"]["status"] == f"level_{level}"


async def test_an_acceptance_screens_nobody_in_no_category_and_no_other_pack(loop: Loop) -> None:
    mappa, premises = await loop.referral("received", pack="mappa"), await loop.referral("received")
    await act(loop.assessor, mappa, "acceptance", {"reason": "accepted_level_2"})
    await act(loop.assessor, premises, "acceptance")

    assert await screenings(loop) == []


@pytest.mark.parametrize(("status", "expected"), [("accepted", 422), ("started", 200)])
async def test_finishing_early_is_offered_only_once_the_service_has_started(
    loop: Loop, status: str, expected: int
) -> None:
    referral = await loop.referral(status, pack="commissioned_services")
    body = {"reason": "finished_early", "note": "All sessions held in half the time."}

    assert (await act(loop.practitioner, referral, "withdrawal", body)).status_code == expected


async def test_nobody_else_finds_the_referral_and_each_side_has_its_own_acts(
    loop: Loop, as_role: AsRole, client: AsyncClient
) -> None:
    referral = await loop.referral("received")
    elsewhere = as_role("assessor", organisation="another-unit")
    stranger = as_role("practitioner", worker="p.stranger")

    assert (await act(client, referral, "acceptance")).status_code == 401
    assert (await act(elsewhere, referral, "acceptance")).status_code == 404
    assert (await act(stranger, referral, "withdrawal", REASON)).status_code == 404
    assert (await act(loop.practitioner, referral, "acceptance")).status_code == 403
    assert (await act(loop.assessor, referral, "withdrawal", REASON)).status_code == 403


async def test_an_act_on_an_older_revision_is_refused_and_one_on_the_present_is_done(loop: Loop) -> None:
    referral = await loop.referral("received")
    stale = await act(loop.assessor, referral, "acceptance", None, **{"If-Match": '"0"'})
    present = await act(loop.assessor, referral, "acceptance", None, **{"If-Match": '"1-40"'})

    assert (stale.status_code, stale.headers["etag"]) == (412, '"1"')
    assert present.status_code == 200


async def test_the_state_of_a_referral_is_told_before_a_stale_revision(loop: Loop) -> None:
    answer = await act(loop.assessor, await loop.referral("submitted"), "acceptance", None, **{"If-Match": '"0"'})

    assert answer.status_code == 409


async def test_a_repeated_act_is_done_once_and_gets_the_first_answer(loop: Loop) -> None:
    referral = await loop.referral("received")
    answers = await asyncio.gather(
        *(act(loop.assessor, referral, "acceptance", None, **{"Idempotency-Key": "once"}) for _ in range(5))
    )
    steps = await loop.rows("SELECT id FROM referral_step WHERE referral_id = :id", id=referral)

    assert {answer.status_code for answer in answers} == {200}
    assert len({answer.text for answer in answers}) == 1
    assert len(steps) == 1


async def test_of_an_acceptance_and_a_rejection_at_once_one_is_told_of_the_other(loop: Loop) -> None:
    referral = await loop.referral("received")
    rejection = {"reason": "needs_cannot_be_met"}
    answers = await asyncio.gather(
        *(act(loop.assessor, referral, "acceptance") for _ in range(3)),
        *(act(loop.assessor, referral, "rejection", rejection) for _ in range(3)),
    )
    statuses = await loop.rows("SELECT to_status FROM referral_step WHERE referral_id = :id ORDER BY id", id=referral)

    # An accepted referral may still be rejected, so at most one of each goes through, and never one after a rejection.
    assert [row.to_status for row in statuses] in (["accepted", "rejected"], ["rejected"])
    assert sorted(answer.status_code for answer in answers) == [200] * len(statuses) + [409] * (6 - len(statuses))


async def test_a_decision_waits_until_the_newest_version_has_been_received(loop: Loop) -> None:
    referral = await loop.referral("received", version=2, received_version=1)
    early = await act(loop.assessor, referral, "acceptance")
    received = await act(loop.assessor, referral, "receipt", {"version": 2})
    decided = await act(loop.assessor, referral, "acceptance")

    assert (early.status_code, early.json()["code"], early.json()["version"]) == (409, "version-not-received", 2)
    assert (received.json()["status"], received.json()["received_version"]) == ("received", 2)
    assert decided.json()["status"] == "accepted"


async def test_a_newer_version_reaches_a_booked_referral_without_undoing_the_booking(loop: Loop) -> None:
    referral = await loop.referral("scheduled", version=2, received_version=1)
    answer = await act(loop.assessor, referral, "receipt")

    assert (answer.json()["status"], answer.json()["received_version"]) == ("scheduled", 2)
    assert datetime.datetime.fromisoformat(answer.json()["status_since"]) == make.A_MONDAY


@pytest.mark.parametrize("side", ["practitioner", "assessor"])
async def test_a_rejected_referral_is_opened_again_by_either_side(loop: Loop, clock: Clock, side: str) -> None:
    referral = await loop.referral("rejected", status_reason="needs_cannot_be_met")
    clock.advance(days=2)
    body = {"reason": "appeal_accepted", "note": "Heard on Friday."}
    answer = await act(getattr(loop, side), referral, "reopening", body)

    assert (answer.status_code, answer.json()["status"], answer.json()["status_reason"]) == (
        200, "received", "appeal_accepted"
    )  # fmt: skip
    assert datetime.datetime.fromisoformat(answer.json()["status_since"]) == clock.now


async def test_reopening_beside_an_open_referral_is_refused_naming_the_open_one(loop: Loop) -> None:
    rejected = await loop.referral("rejected")
    opened = await loop.referral("draft")
    answer = await act(loop.practitioner, rejected, "reopening", {"reason": "new_information", "note": "See letter."})
    steps = await loop.rows("SELECT id FROM referral_step WHERE referral_id = :id", id=rejected)

    assert (answer.status_code, answer.json()["code"]) == (409, "referral-already-open")
    assert answer.json()["referral_id"] == str(opened)
    assert steps == []


async def test_of_two_rejected_referrals_reopened_at_once_one_is_opened(loop: Loop) -> None:
    both = [await loop.referral("rejected") for _ in range(2)]
    body = {"reason": "new_information", "note": "See letter."}
    answers = await asyncio.gather(*(act(loop.practitioner, referral, "reopening", body) for referral in both))

    assert sorted(answer.status_code for answer in answers) == [200, 409]


async def test_nothing_is_reopened_on_a_closed_case(loop: Loop) -> None:
    referral = await loop.referral("rejected")
    await loop.rows("UPDATE case_record SET status = 'closed' WHERE crn = :crn RETURNING crn", crn=loop.crn)
    answer = await act(loop.assessor, referral, "reopening", {"reason": "new_information", "note": "See letter."})

    assert (answer.status_code, answer.json()["code"]) == (409, "case-closed")


async def test_a_draft_is_withdrawn_like_anything_still_open(loop: Loop) -> None:
    answer = await act(loop.practitioner, await loop.referral("draft"), "withdrawal", {"reason": "made_in_error"})

    assert (answer.status_code, answer.json()["status"]) == (200, "withdrawn")


@pytest.mark.parametrize("named", ["a.test", "Alex  TEST", "the unit"])
async def test_somebody_who_must_not_receive_a_referral_does_not_find_it(
    loop: Loop, as_role: AsRole, named: str
) -> None:
    organisation = loop.recipient if named != "the unit" else named
    await make.add_recipient(loop.session, loop.recipient, organisation=organisation)
    await make.add_worker(loop.session, "a.test", name="Alex Test")
    own = {
        "must_not_receive": {
            "value": [{"name": named, "reason": "A relation."}],
            "recorded_by": "p",
            "recorded_at": "-",
        }
    }
    referral = await loop.referral("submitted", own=own)
    barred = as_role("assessor", organisation=organisation)
    colleague = as_role("assessor", worker="a.colleague", organisation=organisation)

    assert (await act(barred, referral, "receipt")).status_code == 404
    assert (await barred.get(f"/v1/referrals/{referral}")).status_code == 404
    assert (await barred.get(f"/v1/referrals/{referral}/steps")).status_code == 404
    assert (await barred.get("/v1/referrals")).json()["items"] == []
    assert (await barred.get("/v1/work")).json()["items"] == []
    assert len((await colleague.get("/v1/referrals")).json()["items"]) == (named != "the unit")
