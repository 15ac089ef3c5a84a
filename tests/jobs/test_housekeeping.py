"""House is kept while the service serves, goes on after failures, and never outlives the service."""

import asyncio
import datetime
from typing import Any

import pytest
from sqlalchemy import text
from sqlalchemy.ext.asyncio import AsyncEngine
from structlog.testing import capture_logs

from service import db
from service.jobs import housekeeping
from service.jobs.housekeeping import Sessions

NOW = datetime.datetime(2026, 11, 23, 9, tzinfo=datetime.UTC)
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

    await housekeeping.keep_house_once(sessions, NOW)

    async with sessions() as session:
        assert list((await (await session.connection()).execute(KEPT)).scalars()) == ["of today"]


async def test_the_record_of_access_has_room_for_three_months_to_come(sessions: Sessions) -> None:
    await housekeeping.keep_house_once(sessions, NOW)

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
        async with housekeeping.running(failing, clock):  # type: ignore[arg-type]
            for _ in range(3):
                await asyncio.wait_for(attempts.get(), timeout=5)

    assert {line["where"] for line in lines} == {"housekeeping"}
    assert {line["error"] for line in lines} == {"RuntimeError"}
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

    async with housekeeping.running(Stuck, clock):  # type: ignore[arg-type]
        await asyncio.wait_for(started.wait(), timeout=5)

    assert ended.is_set()
    assert asyncio.all_tasks() == before
