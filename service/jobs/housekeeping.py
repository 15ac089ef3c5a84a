"""What must be done every minute whoever calls: room to record access, old answers forgotten, what time ended said."""

import asyncio
import datetime
from collections.abc import AsyncIterator, Awaitable, Callable
from contextlib import asynccontextmanager
from functools import partial

from service.db import Session, Sessions
from service.domain.ages import Age
from service.domain.calendar import british_day
from service.observation import note_failure
from service.operations import duty_to_refer, expiries, tellings
from service.store import admissions, audit, browser_sessions, idempotency

MONTHS_AHEAD = 3
EVERY_SECONDS = 60.0
AGAIN_SECONDS = 60.0  # after a failure
LAST_SECONDS = 5.0  # what a run gets to end in when the service stops
DRAFTS_AT_ONCE = 100  # ended in one transaction, so that none is held for long
COUNCIL_ANSWERS_WITHIN = Age(days=26 * 7)

Clock = Callable[[], datetime.datetime]


@asynccontextmanager
async def running(
    sessions: Sessions,
    clock: Clock,
    expires_after: datetime.timedelta,
    council_answers_within: Age = COUNCIL_ANSWERS_WITHIN,
) -> AsyncIterator[None]:
    """Keep house in the background while the service serves: at once, then every minute."""
    stopping = asyncio.Event()

    async def keep_house() -> None:
        await keep_house_once(sessions, clock(), expires_after, council_answers_within)

    task = asyncio.create_task(_keep_house(keep_house, stopping), name="housekeeping")
    try:
        yield
    finally:
        stopping.set()
        _, unfinished = await asyncio.wait([task], timeout=LAST_SECONDS)
        if unfinished:
            task.cancel()
            await asyncio.wait([task])


async def _keep_house(keep_house: Callable[[], Awaitable[None]], stopping: asyncio.Event) -> None:
    while not stopping.is_set():
        pause = EVERY_SECONDS if await _succeeded(keep_house) else AGAIN_SECONDS
        try:
            async with asyncio.timeout(pause):
                await stopping.wait()
        except TimeoutError:
            continue


async def _succeeded(keep_house: Callable[[], Awaitable[None]]) -> bool:
    try:
        await keep_house()
    except Exception as failure:  # noqa: BLE001  nothing here may end the service: it is counted and tried again
        note_failure("housekeeping", failure)
        return False
    return True


async def keep_house_once(
    sessions: Sessions,
    now: datetime.datetime,
    expires_after: datetime.timedelta,
    council_answers_within: Age = COUNCIL_ANSWERS_WITHIN,
) -> None:
    """Do what is to be done, each in a transaction of its own; several processes may do it at once."""
    async with sessions() as session:
        await audit.make_partitions(session, MONTHS_AHEAD)
        await session.commit()
    async with sessions() as session:
        await idempotency.forget_old_answers(session, now)
        await admissions.forget(session, now)
        await browser_sessions.forget(await session.driver(), now)
        await session.commit()
    async with sessions() as session:
        await tellings.tell_of_ends(session, now)
        await session.commit()
    untouched_since, sent_before = now - expires_after, council_answers_within.oldest(british_day(now))
    await _until_none_is_left(
        sessions, partial(expiries.expire_drafts, untouched_since=untouched_since, now=now, limit=DRAFTS_AT_ONCE)
    )
    await _until_none_is_left(
        sessions, partial(duty_to_refer.expire_unanswered, sent_before=sent_before, now=now, limit=DRAFTS_AT_ONCE)
    )


async def _until_none_is_left(sessions: Sessions, expire: Callable[[Session], Awaitable[int]]) -> None:
    """End what is over in transactions of a few each, until fewer than that many were there."""
    ended = DRAFTS_AT_ONCE
    while ended == DRAFTS_AT_ONCE:
        async with sessions() as session:
            ended = await expire(session)
            await session.commit()
