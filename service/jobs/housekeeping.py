"""What must be done every minute whoever calls: room to record access, old answers forgotten, what time ended said."""

import asyncio
import datetime
from collections.abc import AsyncIterator, Callable
from contextlib import asynccontextmanager

from sqlalchemy.ext.asyncio import async_sessionmaker
from sqlmodel.ext.asyncio.session import AsyncSession

from service.observation import note_failure
from service.operations import expiries, provider_changes
from service.store import admissions, audit, idempotency

MONTHS_AHEAD = 3
EVERY_SECONDS = 60.0
AGAIN_SECONDS = 60.0  # after a failure
LAST_SECONDS = 5.0  # what a run gets to end in when the service stops
DRAFTS_AT_ONCE = 100  # ended in one transaction, so that none is held for long

Sessions = async_sessionmaker[AsyncSession]
Clock = Callable[[], datetime.datetime]


@asynccontextmanager
async def running(sessions: Sessions, clock: Clock, expires_after: datetime.timedelta) -> AsyncIterator[None]:
    """Keep house in the background while the service serves: at once, then every minute."""
    stopping = asyncio.Event()
    task = asyncio.create_task(_keep_house(sessions, clock, expires_after, stopping), name="housekeeping")
    try:
        yield
    finally:
        stopping.set()
        _, unfinished = await asyncio.wait([task], timeout=LAST_SECONDS)
        if unfinished:
            task.cancel()
            await asyncio.wait([task])


async def _keep_house(
    sessions: Sessions, clock: Clock, expires_after: datetime.timedelta, stopping: asyncio.Event
) -> None:
    while not stopping.is_set():
        pause = EVERY_SECONDS if await _succeeded(sessions, clock, expires_after) else AGAIN_SECONDS
        try:
            async with asyncio.timeout(pause):
                await stopping.wait()
        except TimeoutError:
            continue


async def _succeeded(sessions: Sessions, clock: Clock, expires_after: datetime.timedelta) -> bool:
    try:
        await keep_house_once(sessions, clock(), expires_after)
    except Exception as failure:  # noqa: BLE001  nothing here may end the service: it is counted and tried again
        note_failure("housekeeping", failure)
        return False
    return True


async def keep_house_once(sessions: Sessions, now: datetime.datetime, expires_after: datetime.timedelta) -> None:
    """Do what is to be done, each in a transaction of its own; several processes may do it at once."""
    async with sessions() as session:
        await audit.make_partitions(session, MONTHS_AHEAD)
        await session.commit()
    async with sessions() as session:
        await idempotency.forget_old_answers(session, now)
        await admissions.forget(session, now)
        await session.commit()
    async with sessions() as session:
        await provider_changes.tell_of_ends(session, now)
        await session.commit()
    await _expire_drafts(sessions, now, now - expires_after)


async def _expire_drafts(sessions: Sessions, now: datetime.datetime, untouched_since: datetime.datetime) -> None:
    ended = DRAFTS_AT_ONCE
    while ended == DRAFTS_AT_ONCE:
        async with sessions() as session:
            ended = await expiries.expire_drafts(
                session, untouched_since=untouched_since, now=now, limit=DRAFTS_AT_ONCE
            )
            await session.commit()
