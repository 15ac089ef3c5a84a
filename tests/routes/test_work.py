"""Everything that waits for one caller, the most urgent first, in as many queries for one case as for thirty."""

import datetime
from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any

import pytest
from fastapi import FastAPI
from httpx import AsyncClient
from sqlalchemy import event

from service.db import Session
from service.models.cases import CaseOpening
from service.models.referrals import ReferralVersion
from tests import make, rows
from tests.routes.conftest import AsRole, Clock
from tests.routes.loops import Loop, act, open_loop

pytestmark = pytest.mark.usefixtures("clock")


@pytest.fixture
async def loop(committing: Session, as_role: AsRole, crn: str) -> Loop:
    return await open_loop(committing, as_role, crn)


def day(number: int) -> datetime.datetime:
    return make.A_MONDAY - datetime.timedelta(days=number)


# What stands on the list of nearly every case here; the tests about these ask for them.
STANDING = {"check_outstanding", "check_overdue", "deadline_without_draft"}


async def work(client: AsyncClient, *, without: set[str] = STANDING, **asked: Any) -> list[tuple[str, str | None]]:
    answer = await client.get("/v1/work", params=asked)
    assert answer.status_code == 200, answer.text
    assert all(waiting["why"] for waiting in answer.json()["items"])
    items = [waiting for waiting in answer.json()["items"] if waiting["kind"] not in without]
    return [(waiting["kind"], waiting["referral_id"]) for waiting in items]


async def items_of(loop: Loop, kind: str) -> list[dict[str, Any]]:
    answer = (await loop.practitioner.get("/v1/work", params={"limit": 200})).json()
    return [item for item in answer["items"] if item["kind"] == kind]


async def release_on(loop: Loop, date: str, crn: str | None = None) -> None:
    answers = {"sentence_release_date": {"value": date}, "current_location": {"value": "prison"}}
    saved = await loop.practitioner.patch(
        f"/v1/cases/{crn or loop.crn}/profile", json={"answers": answers}, headers={"If-Match": "*"}
    )
    assert saved.status_code == 200, saved.text


async def add_opening(loop: Loop, kind: str, worker: str = "p.nosy") -> None:
    opening = CaseOpening(
        crn=loop.crn,
        worker_id=worker,
        kind=kind,
        reason="On duty.",
        opened_at=make.A_MONDAY,
        expires_at=make.A_MONDAY + datetime.timedelta(hours=24),
    )
    await rows.add(loop.session, opening)
    await loop.session.commit()


@contextmanager
def counted(app: FastAPI) -> Iterator[list[str]]:
    statements: list[str] = []

    def note(_connection: Any, _cursor: Any, statement: str, *_rest: Any) -> None:
        statements.append(statement)

    event.listen(app.state.engine.sync_engine, "before_cursor_execute", note)
    yield statements
    event.remove(app.state.engine.sync_engine, "before_cursor_execute", note)


async def test_a_recipient_is_told_what_to_receive_and_what_to_decide(loop: Loop) -> None:
    sent = await loop.referral("submitted", pack="cas3")
    received = await loop.referral("received", pack="mappa")
    amended = await loop.referral("scheduled", version=2, received_version=1)
    await loop.referral("query", pack="commissioned_services")
    await loop.referral("rejected")
    await loop.referral("accepted", pack="other")

    assert await work(loop.assessor) == [
        ("new_version_to_receive", str(amended)), ("to_receive", str(sent)), ("to_decide", str(received))
    ]  # fmt: skip


async def test_an_answered_question_comes_before_everything_else_a_recipient_has(loop: Loop, clock: Clock) -> None:
    asked = await loop.referral("received", pack="cas3")
    await loop.referral("submitted")
    query = (await act(loop.assessor, asked, "queries", {"question": "When?"})).json()["id"]
    while_waiting = [await work(loop.assessor), await work(loop.practitioner)]
    clock.advance(hours=1)
    await act(loop.practitioner, asked, f"queries/{query}/answer", {"answer": "In May."})

    assert [kinds[0] for kinds in while_waiting] == [
        ("to_receive", while_waiting[0][0][1]),
        ("query_to_answer", str(asked)),
    ]
    assert (await work(loop.assessor))[0] == ("query_answered", str(asked))
    assert await work(loop.practitioner) == []


async def test_a_practitioner_is_told_what_came_back_and_what_has_not_arrived(loop: Loop) -> None:
    rejected = await loop.referral("rejected", at=day(13))
    waiting = await loop.referral("submitted", pack="cas3", at=day(3))
    amended = await loop.referral("received", pack="mappa", version=2, received_version=1)
    await loop.referral("rejected", at=day(14))
    await loop.referral("submitted", pack="commissioned_services", at=day(2))
    await loop.referral("received", pack="other", at=day(30))

    assert await work(loop.practitioner) == [
        ("rejection_to_read", str(rejected)), ("amendment_not_received", str(amended)), ("not_received", str(waiting))
    ]  # fmt: skip


@pytest.mark.parametrize(
    ("release", "expected"), [("2026-12-21", True), ("2026-12-22", False), ("2026-11-01", True), (None, False)]
)
async def test_a_draft_waits_from_four_weeks_before_its_deadline_until_it_is_sent(
    loop: Loop, release: str | None, expected: bool
) -> None:
    draft = await loop.referral("draft", pack="cas3")
    if release:
        await release_on(loop, release)
    answer = await items_of(loop, "draft_to_send")

    assert [(item["kind"], item["referral_id"], item["due_on"]) for item in answer] == (
        [("draft_to_send", str(draft), release)] if expected else []
    )


async def test_drafts_are_placed_by_their_deadline_between_questions_and_rejections(loop: Loop) -> None:
    await release_on(loop, "2026-12-10")
    other = f"Y{loop.crn[1:]}"
    await make.open_case(loop.session, other, f"p-{loop.crn.lower()}")
    later = await loop.referral("draft", pack="cas3")
    sooner = await loop.referral("draft", pack="cas3", crn=other)
    rejected = await loop.referral("rejected")
    await release_on(loop, "2026-12-01", other)

    assert await work(loop.practitioner) == [
        ("draft_to_send", str(sooner)), ("draft_to_send", str(later)), ("rejection_to_read", str(rejected))
    ]  # fmt: skip


async def test_a_check_waits_while_something_is_open_until_it_has_been_answered_lately(loop: Loop) -> None:
    await loop.referral("withdrawn", pack="cas3")
    nothing_open = await items_of(loop, "check_outstanding")
    await loop.referral("submitted")
    both = [item["why"] for item in await items_of(loop, "check_outstanding")]
    answers = {
        "domestic_abuse_check_answered_on": {"value": "2026-11-20"},
        "child_safeguarding_check_answered_on": {"value": "2026-08-01"},
    }
    await loop.practitioner.patch(f"/v1/cases/{loop.crn}/profile", json={"answers": answers}, headers={"If-Match": "*"})
    left = await items_of(loop, "check_outstanding")

    assert nothing_open == []
    assert sorted(both) == [
        "The child safeguarding check has not been answered.",
        "The domestic abuse check has not been answered.",
    ]
    assert [item["why"] for item in left] == ["The child safeguarding check was answered too long ago to rely on."]


@pytest.mark.parametrize(
    ("pack", "status", "waits"),
    [("cas3", "draft", False), ("cas3", "submitted", False), ("cas3", "rejected", True), ("mappa", "draft", True)],
)
async def test_a_deadline_waits_until_something_is_open_to_meet_it(
    loop: Loop, pack: str, status: str, waits: bool
) -> None:
    await release_on(loop, "2026-12-10")
    before = {item["pack"] for item in await items_of(loop, "deadline_without_draft")}
    await loop.referral(status, pack=pack)
    after = {item["pack"]: item["due_on"] for item in await items_of(loop, "deadline_without_draft")}

    assert "cas3" in before
    assert ("cas3" in after) == waits
    assert after.get("cas3", "2026-12-10") == "2026-12-10"


@pytest.mark.parametrize(
    ("sent", "asked", "waits"), [("2026-12-10", True, True), ("2026-12-24", True, False), ("2026-12-10", False, False)]
)
async def test_a_date_that_moved_since_it_was_sent_waits_to_be_amended(
    loop: Loop, sent: str, asked: bool, waits: bool
) -> None:
    referral = await loop.referral("received", pack="cas3")
    question = {"id": "sentence_release_date", "asked": asked, "value": sent}
    # Versions are never changed: the service's login may not, so the test sends another one.
    await rows.add(
        loop.session,
        ReferralVersion(
            referral_id=referral,
            number=2,
            crn=loop.crn,
            digest="0" * 64,
            content={"sections": [{"questions": [question]}], "form": {}},
            profile_revision=0,
            submitted_by="p.test",
            submitted_at=make.A_MONDAY,
        ),
    )
    await loop.rows("UPDATE referral SET version = 2, received_version = 2 WHERE id = :id RETURNING id", id=referral)
    await release_on(loop, "2026-12-24")

    assert [item["referral_id"] for item in await items_of(loop, "amendment_to_send")] == [str(referral)] * waits


async def test_what_recipients_decided_is_there_to_read_for_two_weeks(loop: Loop, clock: Clock) -> None:
    accepted = await loop.referral("received")
    scheduled = await loop.referral("accepted", pack="cas3")
    cancelled = await loop.referral("scheduled", pack="mappa")
    await act(loop.assessor, accepted, "acceptance")
    await act(loop.assessor, scheduled, "scheduling", {"scheduled_on": "2026-12-01"})
    await act(loop.assessor, cancelled, "scheduling-cancellation", {"reason": "meeting_postponed"})
    to_read = await work(loop.practitioner)
    clock.advance(days=14)

    assert to_read == [
        ("cancellation_to_read", str(cancelled)),
        ("acceptance_to_read", str(accepted)),
        ("scheduling_to_read", str(scheduled)),
    ]
    assert await work(loop.practitioner) == []


@pytest.mark.parametrize("how", ["transfer", "allocation"])
async def test_a_draft_that_comes_with_a_case_waits_for_its_new_practitioner_until_they_work_on_it(
    loop: Loop, as_role: AsRole, clock: Clock, how: str
) -> None:
    draft = await loop.referral("draft", pack="mappa", pack_version="2026-11")
    await make.add_worker(loop.session, f"new.{loop.crn}", region="Wales")
    await loop.session.commit()
    clock.advance(hours=1)
    if how == "transfer":
        body = {"kind": "transfer", "happened_on": "2026-11-23", "region": "Wales", "worker_id": f"new.{loop.crn}"}
        moved = await loop.practitioner.post(f"/v1/cases/{loop.crn}/events", json=body)
    else:
        body = {"capacity": "community_practitioner", "worker_id": f"new.{loop.crn}"}
        moved = await as_role("record_system").post(f"/v1/cases/{loop.crn}/allocations", json=body)
    assert moved.status_code == 201, moved.text
    new = as_role("practitioner", worker=f"new.{loop.crn}")
    waiting = await work(new)
    clock.advance(hours=1)
    changed = await new.patch(f"/v1/referrals/{draft}", json={"went_on_because": "Agreed."}, headers={"If-Match": "*"})

    assert waiting == [("draft_taken_over", str(draft))]
    assert (changed.status_code, await work(new)) == (200, [])


async def test_openings_by_others_are_on_the_list_and_a_broken_glass_comes_first(loop: Loop) -> None:
    rejected = await loop.referral("rejected")
    await add_opening(loop, "reason")
    await add_opening(loop, "break_glass")

    assert await work(loop.practitioner) == [
        ("case_opened_in_emergency", None), ("rejection_to_read", str(rejected)), ("case_opened", None)
    ]  # fmt: skip


async def test_nothing_of_other_peoples_waits_for_a_caller(loop: Loop, as_role: AsRole) -> None:
    await loop.referral("submitted", at=day(9))

    assert await work(as_role("practitioner", worker="p.stranger")) == []
    assert await work(as_role("assessor", organisation="another-unit")) == []
    assert await work(as_role("assessor")) == []


async def test_an_opening_that_has_ended_shows_nothing_even_to_an_older_cursor(
    loop: Loop, as_role: AsRole, clock: Clock
) -> None:
    for pack in ("cas3", "mappa", "approved_premises"):
        await loop.referral("rejected", pack=pack)
    await add_opening(loop, "reason", "p.helper")
    helper = as_role("practitioner", worker="p.helper")
    first = (await helper.get("/v1/work", params={"limit": 1})).json()
    clock.advance(hours=25)
    second = (await helper.get("/v1/work", params={"limit": 1, "cursor": first["next"]})).json()

    assert (len(first["items"]), second["items"]) == (1, [])


@pytest.mark.parametrize("limit", [1, 3, 200])
async def test_pages_show_everything_once_and_in_order(loop: Loop, limit: int) -> None:
    await release_on(loop, "2026-12-10")
    for number, pack in enumerate(("approved_premises", "cas3", "mappa", "commissioned_services")):
        await loop.referral("rejected", pack=pack, at=day(number))
        await loop.referral("draft", pack=pack)
    await add_opening(loop, "reason")
    shown: list[tuple[str, str, str]] = []
    cursor: dict[str, str] = {}
    while cursor or not shown:
        page = (await loop.practitioner.get("/v1/work", params={"limit": limit, **cursor})).json()
        shown += [(item["kind"], str(item["referral_id"]), item["why"]) for item in page["items"]]
        cursor = {"cursor": page["next"]} if page["next"] else {}

    everything = (await loop.practitioner.get("/v1/work", params={"limit": 200})).json()["items"]
    assert shown == [(item["kind"], str(item["referral_id"]), item["why"]) for item in everything]
    assert len(set(shown)) == len(shown) >= 6


async def test_thirty_cases_take_no_more_queries_than_one(loop: Loop, app: FastAPI) -> None:
    async def count() -> tuple[int, int]:
        with counted(app) as statements:
            sender = await work(loop.practitioner, limit=200)
        return len(statements), len(sender)

    await loop.referral("rejected", pack="mappa")
    await loop.referral("draft", pack="cas3")
    await release_on(loop, "2026-12-10")
    one = await count()
    for number in range(30):
        crn = f"Z{int(loop.crn[1:]) % 1000:03d}{number:03d}"
        await make.open_case(loop.session, crn, f"p-{loop.crn.lower()}")
        await loop.referral("rejected", pack="mappa", crn=crn)
        await loop.referral("draft", pack="cas3", crn=crn)
    many = await count()

    assert (one[0], one[1] < many[1]) == (many[0], True)


async def test_one_row_in_the_record_of_access_names_everybody_on_the_list(loop: Loop) -> None:
    await loop.referral("submitted")
    await work(loop.assessor)
    (row,) = await loop.rows(
        "SELECT crns FROM audit_entry WHERE action = 'read_work' AND organisation = :unit", unit=loop.recipient
    )

    assert row.crns == [loop.crn]


@pytest.mark.parametrize("role", ["auditor", "record_system", "administrator", "provider"])
async def test_those_who_neither_send_nor_receive_have_no_list(as_role: AsRole, role: str) -> None:
    assert (await as_role(role).get("/v1/work")).status_code == 403
