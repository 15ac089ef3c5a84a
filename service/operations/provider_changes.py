"""Serving the feed: a page of it to one worker, waiting for the next, its cursors, and acknowledging an entry."""

import datetime
import time
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Any, Protocol

from service.access.feed_cursors import FeedCursors, new_key
from service.db import Session
from service.errors import FeedCursorGone
from service.operations.actors import Actor
from service.store import provider_changes as store


async def changes_after(
    session: Session, place: int | None, limit: int, now: datetime.datetime, actor: Actor
) -> tuple[list[dict[str, Any]], int]:
    """Return the entries after a place that the worker may be served, `limit` at most, and the place then reached.

    What this worker may not be served is passed without a trace. Without a place the feed is begun: nothing is served
    yet. Raises FeedCursorGone for a place older than what is kept.
    """
    found = await _page(session, place, limit, now, actor)
    shown = found.entries[:limit]
    told = [entry for entry in shown if entry["kind"] != "removed"]
    actor.record.shows([entry["crn"] for entry in told], sorted({item for entry in told for item in entry["items"]}))
    return shown, shown[-1]["number"] if len(found.entries) > limit else max(place or 0, found.last)


async def _page(session: Session, place: int | None, limit: int, now: datetime.datetime, actor: Actor) -> store.Page:
    found = await store.page(session, actor.caller, place, limit, now)
    if place is not None and place < found.forgotten:
        raise FeedCursorGone
    return found


class Feed(Protocol):
    """What tells that an organisation's feed has moved on."""

    @property
    def is_stopping(self) -> bool: ...
    async def wait(self, organisation: str, after: int, seconds: float) -> None: ...


@dataclass(frozen=True, slots=True)
class Waiting:
    """What a poll waits with: the feed's watcher, and the clock by which it looks again."""

    feed: Feed
    clock: Callable[[], datetime.datetime]


async def wait_for_more(
    session: Session, place: int | None, seconds: int, waiting: Waiting, actor: Actor
) -> int | None:
    """Return once there is anything after a place for this worker, or the time is up, or the service stops.

    Returns the place; where there was none, the end of the feed as it was when the wait began. Who waits holds no
    connection. What is not for them must not be told by a wait that ends early: it goes on.
    """
    until = time.monotonic() + seconds
    while seconds and not waiting.feed.is_stopping:
        found = await _page(session, place, 0, waiting.clock(), actor)
        await session.rollback()
        place = found.last if place is None else place
        left = until - time.monotonic()
        if found.entries or left <= 0:
            break
        await waiting.feed.wait(str(actor.caller.organisation), found.last, left)
    return place


def place_of(cursors: FeedCursors, after: str | None, actor: Actor) -> int | None:
    """Return the number a cursor stands for; None without one. FeedCursorGone for one of another organisation."""
    if after is None:
        return None
    number = cursors.unseal(after, actor.caller.organisation or "")
    if number is None:
        raise FeedCursorGone
    return number


def sealed(cursors: FeedCursors, number: int, actor: Actor) -> str:
    """Return the cursor after an entry."""
    return cursors.seal(actor.caller.organisation or "", number)


async def make_cursor_key(session: Session, now: datetime.datetime) -> dict[str, Any]:
    """Return the key that cursors are sealed with, made where there is none: every process asks when it starts."""
    if (key := await store.cursor_key(session)) is not None:
        return key
    await store.add_cursor_key(session, new_key(), now)
    return await store.cursor_key(session) or {}


async def acknowledge(session: Session, entry: Mapping[str, Any], actor: Actor) -> dict[str, Any]:
    """Keep that the worker knows of a change, and return who said so first, and when."""
    await store.acknowledge(session, entry, actor.caller.worker, actor.now)
    actor.record.changes(entry["crn"], change=str(entry["id"]))
    known = await store.find_entry(session, entry["id"], actor.caller, actor.now)
    return dict(known or entry)
