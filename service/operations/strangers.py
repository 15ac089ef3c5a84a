"""Counts whom the service refused as nobody it knows, by where they come from, in all processes together."""

import asyncio
import datetime

from service.access.strangers import mark_of
from service.db import Sessions
from service.domain.request_limits import STRANGER, Quota, network_of, window_at
from service.store import admissions
from service.store import sessions as database

# A flood of strangers waits for itself: it never takes the pool from those who are let in.
CONNECTIONS = 2
WAIT_SECONDS = 1.0


class Strangers:
    """How often each network was refused in the present minute, and how often (`most`) it may be."""

    def __init__(self, sessions: Sessions, key: bytes, most: int) -> None:
        self.most = most
        self._sessions = sessions
        self._key = key
        self._turn = asyncio.Semaphore(CONNECTIONS)
        # Counts only grow within a minute: of a network known to be beyond its limit nothing new can be learnt in it.
        self._minute: datetime.datetime | None = None
        self._beyond: set[str] = set()

    async def count(self, host: str, now: datetime.datetime) -> int | None:
        """Count a refusal; return how many there were this minute, or None where the database does not say in time.

        Once beyond the limit they are not counted on: the number returned is then `most` and one.
        """
        name, minute = mark_of(self._key, network_of(host)), window_at(now)
        if minute != self._minute:
            self._minute, self._beyond = minute, set()
        if name in self._beyond:
            return self.most + 1
        try:
            async with asyncio.timeout(WAIT_SECONDS), self._turn, self._sessions() as session:
                found = await admissions.spend(session, None, [Quota(STRANGER, name, self.most)], now)
        except (TimeoutError, *database.TRANSIENT):
            return None
        if found.counted[STRANGER] > self.most and minute == self._minute:
            self._beyond.add(name)
        return found.counted[STRANGER]
