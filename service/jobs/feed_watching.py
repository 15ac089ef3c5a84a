"""Waking those who wait for changes: one watcher a process reads the counters; a waiting poll holds no connection."""

import asyncio
import signal
import threading
from collections.abc import AsyncIterator, Callable
from contextlib import asynccontextmanager, suppress
from types import FrameType

from service.db import Sessions
from service.observation import note_failure
from service.store import provider_changes

EVERY_SECONDS = 0.25
ENDING = (signal.SIGINT, signal.SIGTERM)


class FeedWatcher:
    """How far each organisation's feed has come, as this process last saw it, and who waits for more."""

    def __init__(self, sessions: Sessions) -> None:
        self._sessions = sessions
        self._marks: dict[str, int] = {}
        self._moved = asyncio.Condition()
        self._waiting = 0
        self._stopping = asyncio.Event()

    @property
    def is_stopping(self) -> bool:
        """Whether the service ends: nobody begins to wait any more."""
        return self._stopping.is_set()

    async def wait(self, organisation: str, after: int, seconds: float) -> None:
        """Return once an organisation's feed is past a number, the time is up, or the service stops."""
        self._waiting += 1
        try:
            async with asyncio.timeout(seconds), self._moved:
                await self._moved.wait_for(lambda: self._is_past(organisation, after))
        except TimeoutError:
            return
        finally:
            self._waiting -= 1

    def _is_past(self, organisation: str, after: int) -> bool:
        return self._stopping.is_set() or self._marks.get(organisation, 0) > after

    async def watch(self) -> None:
        """Look at the counters four times a second while anybody waits."""
        while not self._stopping.is_set():
            if self._waiting:
                await self._look()
            with suppress(TimeoutError):
                async with asyncio.timeout(EVERY_SECONDS):
                    await self._stopping.wait()
        async with self._moved:
            self._moved.notify_all()

    async def _look(self) -> None:
        try:
            async with self._sessions() as session:
                self._marks = await provider_changes.marks(session)
        except Exception as failure:  # noqa: BLE001  whoever waits is answered in time all the same
            note_failure("feed_watching", failure)
            return
        async with self._moved:
            self._moved.notify_all()

    def stop(self) -> None:
        """End every wait with what there is: an empty page."""
        self._stopping.set()


@asynccontextmanager
async def watching(sessions: Sessions) -> AsyncIterator[FeedWatcher]:
    """Watch the feeds while the service serves, and let everybody go at the first sign that it stops."""
    watcher = FeedWatcher(sessions)
    task = asyncio.create_task(watcher.watch(), name="feed-watching")
    put_back = _stopped_by_signals(watcher, asyncio.get_running_loop())
    try:
        yield watcher
    finally:
        put_back()
        watcher.stop()
        await task


def _stopped_by_signals(watcher: FeedWatcher, loop: asyncio.AbstractEventLoop) -> Callable[[], None]:
    """Hear the signals that the server ends by as well: it waits for open requests before it tells the app."""
    if threading.current_thread() is not threading.main_thread():
        return lambda: None
    # Without a handler of the server's there is nobody waiting to be heard before.
    before = {one: handler for one in ENDING if callable(handler := signal.getsignal(one))}

    def stop(number: int, frame: FrameType | None) -> None:
        loop.call_soon_threadsafe(watcher.stop)
        before[signal.Signals(number)](number, frame)

    for one in before:
        signal.signal(one, stop)

    def put_back() -> None:
        for one, handler in before.items():
            if signal.getsignal(one) is stop:
                signal.signal(one, handler)

    return put_back
