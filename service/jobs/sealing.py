"""Seals the record of access in the background: every process tries, one at a time does, and a kill loses nothing."""

import asyncio
import datetime
import time
from collections.abc import AsyncIterator, Callable
from contextlib import asynccontextmanager

from service.db import Sessions
from service.domain.seal_checkpoints import SEALED
from service.observation import log, note_failure
from service.operations import audit_seals

EVERY_SECONDS = 2.0
AGAIN_SECONDS = 10.0  # after a failure
SWEEP_EVERY_SECONDS = 3600.0
LAST_SECONDS = 5.0  # what a seal gets to end in when the service stops

Clock = Callable[[], datetime.datetime]


@asynccontextmanager
async def running(sessions: Sessions, clock: Clock) -> AsyncIterator[None]:
    """Seal in the background while the service serves: what has settled, and hourly what came very late."""
    stopping = asyncio.Event()
    task = asyncio.create_task(_keep_sealing(sessions, clock, stopping), name="sealing")
    try:
        yield
    finally:
        stopping.set()
        _, unfinished = await asyncio.wait([task], timeout=LAST_SECONDS)
        if unfinished:
            task.cancel()
            await asyncio.wait([task])


async def _keep_sealing(sessions: Sessions, clock: Clock, stopping: asyncio.Event) -> None:
    sweep_at = 0.0
    while not stopping.is_set():
        swept = time.monotonic() >= sweep_at
        done = await _succeeded(sessions, clock, swept=swept)
        if swept and done:
            sweep_at = time.monotonic() + SWEEP_EVERY_SECONDS
        try:
            async with asyncio.timeout(EVERY_SECONDS if done else AGAIN_SECONDS):
                await stopping.wait()
        except TimeoutError:
            continue


async def _succeeded(sessions: Sessions, clock: Clock, *, swept: bool) -> bool:
    try:
        await seal_all(sessions, clock(), swept=swept)
    except Exception as failure:  # noqa: BLE001  nothing here may end the service: it is counted and tried again
        note_failure("sealing", failure)
        return False
    return True


async def seal_all(sessions: Sessions, now: datetime.datetime, *, swept: bool = False) -> None:
    """Seal every row that has settled, each seal in a transaction of its own.

    Each is logged once it stands: a log that is kept elsewhere says what the record must still hold.
    """
    more = True
    while more:
        async with sessions() as session:
            sealed = await audit_seals.seal_next(await session.driver(), now, swept=swept)
            await session.commit()
        if sealed is not None:
            log().info(SEALED, seal=sealed.number, hash=sealed.hash, key=sealed.key)
        more = sealed is not None and sealed.may_be_more
