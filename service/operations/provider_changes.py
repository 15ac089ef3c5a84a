"""Telling providers what changed: exactly one entry for a change in anything they may see, in its own transaction."""

import datetime
import time
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any, Protocol

from sqlmodel.ext.asyncio.session import AsyncSession

from service.access import feed_cursors
from service.catalogue.disclosures import disclosure_table
from service.domain.disclosure import changed_items, live_view
from service.domain.profiles import Answers
from service.domain.provider_changes import FEED_KEPT_FOR, raises_risk
from service.errors import FeedCursorGone
from service.operations.actors import Actor
from service.operations.provided_referrals import relevant
from service.store import provider_changes as store

ENDS_LOOKED_FOR = datetime.timedelta(days=60)


async def tell_of_profile(
    session: AsyncSession, crn: str, before: Answers, after: Answers, now: datetime.datetime
) -> None:
    """Tell each provider of a person in whose live view something is now another, and nobody else."""
    table, entries = disclosure_table(), []
    for one in await store.audience(session, "crn", crn, now):
        disclosed, needed = frozenset(one["disclosed"]), one["conditions_needed"]
        was, now_shown = (live_view(table, relevant(said, needed), disclosed) for said in (before, after))
        if items := changed_items(was, now_shown):
            entries.append(_entry(one, "changed", items, raised=raises_risk(was, now_shown, items)))
    await store.append(session, entries, now)


async def tell_of_referral(session: AsyncSession, referral_id: Any, kind: str, now: datetime.datetime) -> None:
    """Tell the organisations on a referral's contract that it was `added`, or moved on (`referral`)."""
    audience = await store.audience(session, "referral", referral_id, now)
    await store.append(session, [_entry(one, kind) for one in audience], now)


async def tell_of_person(session: AsyncSession, crn: str, now: datetime.datetime) -> None:
    """Tell a person's providers that something happened which moved their referrals on."""
    await store.append(
        session, [_entry(one, "referral") for one in await store.audience(session, "crn", crn, now)], now
    )


async def tell_of_disclosure(
    session: AsyncSession, kept: Mapping[str, Any], shown_before: bool, now: datetime.datetime
) -> None:
    """Tell the one organisation that an item is shown now, or is not any more, unless nothing changed by it."""
    audience = await store.audience(session, "referral", kept["referral_id"], now)
    entries = [
        _entry(one, "changed", [kept["item"]])
        for one in audience
        if one["organisation"] == kept["organisation"] and (kept["item"] in one["disclosed"]) is not shown_before
    ]
    await store.append(session, entries, now)


async def tell_of_members(
    session: AsyncSession,
    before: Sequence[Mapping[str, Any]],
    after: Sequence[Mapping[str, Any]],
    now: datetime.datetime,
) -> None:
    """Tell organisations of the referrals they came to see, or see no more, as a contract's members changed."""
    had, have = {_place(one): one for one in before}, {_place(one): one for one in after}
    entries = [_entry(had[place], "removed") for place in sorted(had.keys() - have.keys())]
    entries += [_entry(have[place], "added") for place in sorted(have.keys() - had.keys())]
    await store.append(session, sorted(entries, key=lambda one: one["organisation"]), now)


async def tell_of_restriction(
    session: AsyncSession, crn: str, *, was_restricted: bool, is_restricted: bool, now: datetime.datetime
) -> None:
    """Tell a person's providers that they lost sight of them, or have it again; the reason stays here."""
    if was_restricted is is_restricted:
        return
    kind = "removed" if is_restricted else "added"
    await store.append(session, [_entry(one, kind) for one in await store.audience(session, "crn", crn, now)], now)


async def tell_of_ends(session: AsyncSession, now: datetime.datetime) -> None:
    """Tell of what ended by time alone, each once: expired disclosures, and referrals whose closing time is over."""
    expired, closed = await store.ends(session, now, now - ENDS_LOOKED_FOR)
    entries = [_entry(one, "changed", [one["item"]]) | {"disclosure_id": one["disclosure_id"]} for one in expired]
    entries += [_entry(one, "removed") for one in closed]
    await store.append(session, sorted(entries, key=lambda one: one["organisation"]), now)
    await store.forget(session, now - FEED_KEPT_FOR)


def _entry(one: Mapping[str, Any], kind: str, items: Sequence[str] = (), *, raised: bool = False) -> dict[str, Any]:
    named = {name: one[name] for name in ("organisation", "referral_id", "crn")}
    return named | {"kind": kind, "items": list(items), "raised": raised}


def _place(one: Mapping[str, Any]) -> tuple[str, str]:
    return one["organisation"], str(one["referral_id"])


async def changes_after(
    session: AsyncSession, place: int, limit: int, now: datetime.datetime, actor: Actor
) -> tuple[list[dict[str, Any]], int]:
    """Return the entries after a place that the worker may be served, `limit` at most, and the place then reached.

    How far the feed has come is asked before what is in it: what is committed in between is served next time, and what
    this worker may not be served is passed without a trace.
    """
    last, _ = await store.mark_of(session, actor.caller.organisation)
    found = await store.page(session, actor.caller, (place, last), limit, now)
    shown = found[:limit]
    actor.record.shows([entry["crn"] for entry in shown if entry["kind"] != "removed"])
    return shown, shown[-1]["number"] if len(found) > limit else max(place, last)


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


async def wait_for_more(session: AsyncSession, place: int, seconds: int, waiting: Waiting, actor: Actor) -> None:
    """Return once there is anything after a place for this worker, or the time is up, or the service stops.

    Who waits holds no connection. What is not for them must not be told by a wait that ends early: it goes on.
    """
    until = time.monotonic() + seconds
    while seconds and not waiting.feed.is_stopping:
        mark, _ = await store.mark_of(session, actor.caller.organisation)
        found = await store.page(session, actor.caller, (place, mark), 0, waiting.clock())
        await session.rollback()
        left = until - time.monotonic()
        if found or left <= 0:
            return
        await waiting.feed.wait(str(actor.caller.organisation), mark, left)


async def disclosed_to(
    session: AsyncSession, referral_id: Any, organisation: str, now: datetime.datetime
) -> frozenset[str]:
    """Return the items disclosed to an organisation for a referral by decisions that stand now."""
    audience = await store.audience(session, "referral", referral_id, now)
    return frozenset(item for one in audience if one["organisation"] == organisation for item in one["disclosed"])


async def place_of(session: AsyncSession, after: str | None, actor: Actor) -> int:
    """Return the number a cursor stands for; without one, the end of the feed as it is now.

    Raises FeedCursorGone for one that is not this organisation's, or is older than what is kept.
    """
    last, forgotten = await store.mark_of(session, actor.caller.organisation)
    if after is None:
        return last
    number = feed_cursors.unseal(await store.cursor_key(session), after, actor.caller.organisation)
    if number is None or number < forgotten:
        raise FeedCursorGone
    return number


async def sealed(session: AsyncSession, number: int, actor: Actor) -> str:
    """Return the cursor after an entry."""
    key = await store.cursor_key(session)
    return feed_cursors.seal(dict(key or {}), actor.caller.organisation or "", number)


async def make_cursor_key(session: AsyncSession, now: datetime.datetime) -> None:
    """Make the key that cursors are sealed with, unless there is one: every process asks when it starts."""
    if await store.cursor_key(session) is None:
        await store.add_cursor_key(session, feed_cursors.new_key(), now)


async def acknowledge(session: AsyncSession, entry: Mapping[str, Any], actor: Actor) -> dict[str, Any]:
    """Keep that the worker knows of a change, and return who said so first, and when."""
    await store.acknowledge(session, entry, actor.caller.worker, actor.now)
    actor.record.changes(entry["crn"], change=str(entry["id"]))
    known = await store.find_entry(session, entry["id"], actor.caller, actor.now)
    return dict(known or entry)
