"""House is kept while the service serves, goes on after failures, and never outlives the service."""

import asyncio
import datetime
from typing import Any

import pytest
from sqlalchemy import text
from sqlalchemy.ext.asyncio import AsyncEngine
from structlog.testing import capture_logs

from service import db
from service.db import Sessions
from service.domain.ages import Age
from service.jobs import housekeeping
from tests import make

NOW = datetime.datetime(2026, 11, 23, 9, tzinfo=datetime.UTC)
HALF_A_YEAR = datetime.timedelta(days=180)
AN_ANSWER = text(
    """
    INSERT INTO idempotent_answer (client_id, worker_id, route, key, fingerprint, headers, created_at)
    VALUES ('housekeeping', 'p.test', 'POST /v1/cases', :key, '', '{}', :created_at)
    """
)
KEPT = text("SELECT key FROM idempotent_answer WHERE client_id = 'housekeeping' ORDER BY key")


def clock() -> datetime.datetime:
    return NOW


@pytest.fixture
def sessions(engine: AsyncEngine) -> Sessions:
    """Return what opens sessions on the tests' database."""
    return db.create_session_factory(engine)


async def test_answers_are_forgotten_after_a_day_and_not_before(sessions: Sessions) -> None:
    ages = {"of today": datetime.timedelta(hours=24), "of yesterday": datetime.timedelta(hours=24, seconds=1)}
    async with sessions() as session:
        connection = await session.connection()
        for key, age in ages.items():
            await connection.execute(AN_ANSWER, {"key": key, "created_at": NOW - age})
        await session.commit()

    await housekeeping.keep_house_once(sessions, NOW, HALF_A_YEAR)

    async with sessions() as session:
        assert list((await (await session.connection()).execute(KEPT)).scalars()) == ["of today"]


async def drafts_of(sessions: Sessions, crn: str, *days_untouched: float) -> None:
    """Commit a case with a draft for each number of days that nobody has touched it."""
    async with sessions() as session:
        await make.open_case(session, crn)
        for number, days in enumerate(days_untouched):
            touched = NOW - datetime.timedelta(days=days)
            await make.add_referral(session, crn, "cas3", second_number=number, updated_at=touched)
        await session.commit()


async def rows(sessions: Sessions, statement: str, **parameters: Any) -> list[tuple[Any, ...]]:
    async with sessions() as session:
        found = await (await session.connection()).execute(text(statement), parameters)
        return [tuple(row) for row in found]


async def test_drafts_nobody_touched_for_half_a_year_expire_as_any_other_act_and_only_once(
    sessions: Sessions, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(housekeeping, "DRAFTS_AT_ONCE", 1)
    await drafts_of(sessions, "H000001", 180, 179.9, 400)
    async with sessions() as session:
        await make.add_sent_referral(session, "H000001", at=NOW - datetime.timedelta(days=999))
        await session.commit()

    await asyncio.gather(*(housekeeping.keep_house_once(sessions, NOW, HALF_A_YEAR) for _ in range(3)))
    await housekeeping.keep_house_once(sessions, NOW, HALF_A_YEAR)

    statuses = "SELECT status FROM referral WHERE crn = 'H000001' ORDER BY pack, second_number"
    assert await rows(sessions, statuses) == [("submitted",), ("expired",), ("draft",), ("expired",)]
    steps = "SELECT action, from_status, to_status, role FROM referral_step WHERE crn = 'H000001'"
    assert await rows(sessions, steps) == [("expiry", "draft", "expired", "system")] * 2
    events = "SELECT type, data ->> 'status' FROM outbox_event WHERE crn = 'H000001'"
    assert await rows(sessions, events) == [("referral.expiry", "expired")] * 2
    audit = "SELECT action, role, outcome, referral_id IS NULL FROM audit_entry WHERE 'H000001' = ANY(crns)"
    assert await rows(sessions, audit) == [("expire_draft", "system", "changed", False)] * 2


async def test_a_council_that_does_not_answer_in_26_weeks_lets_the_referral_run_out_and_any_other_stands(
    sessions: Sessions,
) -> None:
    unanswered = {"submitted": 183, "received": 400, "query": 182, "accepted": 400, "rejected": 400}
    async with sessions() as session:
        await make.open_case(session, "H000004")
        for status, days in unanswered.items():
            await make.add_recipient(session, f"council-{status}", "duty_to_refer")
            sent = {"recipient_id": f"council-{status}", "at": NOW - datetime.timedelta(days=days)}
            await make.add_sent_referral(session, "H000004", "duty_to_refer", status, **sent)  # type: ignore[arg-type]
        await make.add_sent_referral(session, "H000004", "cas3", "submitted", at=NOW - datetime.timedelta(days=400))
        await session.commit()

    await housekeeping.keep_house_once(sessions, NOW, HALF_A_YEAR)

    statuses = "SELECT recipient_id, status FROM referral WHERE crn = 'H000004' AND status = 'expired' ORDER BY 1"
    assert await rows(sessions, statuses) == [("council-received", "expired"), ("council-submitted", "expired")]
    audit = "SELECT DISTINCT action, role FROM audit_entry WHERE 'H000004' = ANY(crns)"
    assert await rows(sessions, audit) == [("expire_duty_to_refer", "system")]

    await housekeeping.keep_house_once(sessions, NOW, HALF_A_YEAR, Age(days=181))
    assert len(await rows(sessions, statuses)) == 3


async def test_a_draft_somebody_is_changing_is_left_for_the_next_run(sessions: Sessions) -> None:
    await drafts_of(sessions, "H000002", 400)
    status = "SELECT status FROM referral WHERE crn = 'H000002'"
    async with sessions() as holding:
        await (await holding.connection()).execute(text(status + " FOR UPDATE"))
        await housekeeping.keep_house_once(sessions, NOW, HALF_A_YEAR)
        assert await rows(sessions, status) == [("draft",)]

    await housekeeping.keep_house_once(sessions, NOW, HALF_A_YEAR)
    assert await rows(sessions, status) == [("expired",)]


async def test_the_record_of_access_has_room_for_three_months_to_come(sessions: Sessions) -> None:
    await housekeeping.keep_house_once(sessions, NOW, HALF_A_YEAR)

    async with sessions() as session:
        ahead = text(
            """
            SELECT count(*) FROM generate_series(0, 3) AS months,
                to_regclass('audit_entry_' || to_char(now() + make_interval(months => months), 'YYYY_MM')) AS partition
            WHERE partition IS NOT NULL
            """
        )
        assert (await (await session.connection()).execute(ahead)).scalar() == 4


async def test_a_failure_is_noted_and_tried_again_and_ends_nothing(monkeypatch: pytest.MonkeyPatch) -> None:
    attempts = asyncio.Queue[int]()
    monkeypatch.setattr(housekeeping, "AGAIN_SECONDS", 0.01)

    def failing() -> Any:
        attempts.put_nowait(1)
        message = "Smith of Acacia Avenue"
        raise RuntimeError(message)

    with capture_logs() as lines:
        async with housekeeping.running(failing, clock, HALF_A_YEAR):
            for _ in range(3):
                await asyncio.wait_for(attempts.get(), timeout=5)

    failures = [line for line in lines if line["event"] == "failure"]
    assert {(line["where"], line["error"]) for line in failures} == {("housekeeping", "RuntimeError")}
    assert "Smith" not in repr(lines)


async def test_it_starts_at_once_and_ends_with_the_service_however_long_it_takes(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    started, ended, before = asyncio.Event(), asyncio.Event(), asyncio.all_tasks()
    monkeypatch.setattr(housekeeping, "LAST_SECONDS", 0.01)

    class Stuck:
        async def __aenter__(self) -> None:
            started.set()
            try:
                await asyncio.Event().wait()
            finally:
                ended.set()

        async def __aexit__(self, *_: object) -> None: ...

    async with housekeeping.running(Stuck, clock, HALF_A_YEAR):  # type: ignore[arg-type]
        await asyncio.wait_for(started.wait(), timeout=5)

    assert ended.is_set()
    assert asyncio.all_tasks() == before
