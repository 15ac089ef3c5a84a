"""Telling providers what changed: exactly one entry for a change in anything they may see, in its own transaction."""

import datetime
import time
from collections.abc import Callable, Collection, Mapping, Sequence
from dataclasses import dataclass
from typing import Any, Protocol

from sqlmodel.ext.asyncio.session import AsyncSession

from service.access.feed_cursors import FeedCursors, new_key
from service.catalogue.disclosures import disclosure_table
from service.domain.disclosure import Shown, changed_items, live_view
from service.domain.lifecycle import OPEN_STATUSES
from service.domain.profiles import Answers
from service.domain.provider_changes import FEED_KEPT_FOR, raises_risk, told_of_restriction
from service.errors import FeedCursorGone
from service.operations.actors import Actor
from service.operations.provided_referrals import LICENCE_CONDITIONS, relevant
from service.store import provider_changes as store
from service.store.visibility import CLOSING_TIME

ENDS_LOOKED_FOR = datetime.timedelta(days=60)


async def tell_of_profile(
    session: AsyncSession, crn: str, before: Answers, after: Answers, now: datetime.datetime
) -> None:
    """Tell each provider of a person in whose live view something is now another, and nobody else."""
    audience = await sight_of(session, "crn", crn, now)
    entries = [_changed(_view(one, before), _view(one, after), one) for one in audience]
    await store.append(session, [entry for entry in entries if entry is not None], now)


def _view(one: Mapping[str, Any], answers: Answers) -> dict[str, Shown]:
    return live_view(disclosure_table(), relevant(answers, one["conditions_needed"]), frozenset(one["disclosed"]))


def _changed(before: Mapping[str, Shown], after: Mapping[str, Shown], one: Mapping[str, Any]) -> dict[str, Any] | None:
    """Return the entry about what an organisation is shown otherwise of a referral; None where that is nothing."""
    items = changed_items(before, after)
    return _entry(one, "changed", items, raised=raises_risk(before, after, items)) if items else None


async def sight_of(session: AsyncSession, by: str, key: Any, now: datetime.datetime) -> list[dict[str, Any]]:
    """Return which organisations have sight of which referrals, so that nobody changes it before this has ended.

    By `crn` or `referral`: nobody else tells of that person meanwhile. By `contract` or `organisation`, for who changes
    what these see: nobody tells of anything.
    """
    await (store.hold(session, by, key) if by in {"crn", "referral"} else store.hold_sight(session))
    return await store.audience(session, by, key, now)


async def tell_of_referral(session: AsyncSession, referral_id: Any, kind: str, now: datetime.datetime) -> None:
    """Tell the organisations on a referral's contract that it was `added`, or moved on (`referral`)."""
    audience = await sight_of(session, "referral", referral_id, now)
    await store.append(session, [_entry(one, kind) for one in audience], now)


async def tell_of_step(session: AsyncSession, before: Mapping[str, Any], now: datetime.datetime) -> None:
    """Tell of an act on a referral: that it moved on; or that it is there again, opened after its closing time."""
    if before["version"] == 0:
        return
    out_of_sight = before["status"] not in OPEN_STATUSES and before["status_since"] <= now - CLOSING_TIME
    await tell_of_referral(session, before["id"], "added" if out_of_sight else "referral", now)


async def tell_of_person(session: AsyncSession, crn: str, moved: Collection[Any], now: datetime.datetime) -> None:
    """Tell a person's providers of those of their referrals that something which happened has moved on."""
    audience = await sight_of(session, "crn", crn, now)
    await store.append(session, [_entry(one, "referral") for one in audience if one["referral_id"] in moved], now)


@dataclass(frozen=True, slots=True)
class Seen:
    """What an organisation saw of a referral."""

    one: Mapping[str, Any]
    view: Mapping[str, Shown]


async def seen_of(session: AsyncSession, answers: Mapping[str, Answers], now: datetime.datetime) -> list[Seen]:
    """Return what organisations see of some people now, given each one's answers by CRN."""
    return [
        Seen(one, _view(one, said))
        for crn, said in sorted(answers.items())
        for one in await sight_of(session, "crn", crn, now)
    ]


async def tell_of_merge(
    session: AsyncSession,
    before: Sequence[Seen],
    after: Sequence[Seen],
    moved: Collection[Any],
    now: datetime.datetime,
) -> None:
    """Tell organisations of what two cases' becoming one has moved, shows otherwise, or takes out of their sight."""
    had, have = ({_place(each.one): each for each in some} for some in (before, after))
    entries = [_entry(had[place].one, "removed") for place in had.keys() - have.keys()]
    entries += [_entry(have[place].one, "added") for place in have.keys() - had.keys()]
    for place in sorted(had.keys() & have.keys()):
        one = have[place].one
        if one["referral_id"] in moved:
            entries.append(_entry(one, "referral"))
        if (changed := _changed(had[place].view, have[place].view, one)) is not None:
            entries.append(changed)
    await store.append(session, sorted(entries, key=lambda entry: entry["organisation"]), now)


async def tell_of_disclosure(
    session: AsyncSession, kept: Mapping[str, Any], shown_before: bool, now: datetime.datetime
) -> None:
    """Tell the one organisation that an item is shown now, or is not any more, unless nothing changed by it."""
    audience = await sight_of(session, "referral", kept["referral_id"], now)
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
    """Tell organisations of the referrals they came to see, or see no more, as who may see what has changed.

    And of the licence conditions they are shown, as what their contract needs to know of has.
    """
    had, have = {_place(one): one for one in before}, {_place(one): one for one in after}
    entries = [_entry(had[place], "removed") for place in sorted(had.keys() - have.keys())]
    entries += [_entry(have[place], "added") for place in sorted(have.keys() - had.keys())]
    for place in sorted(had.keys() & have.keys()):
        answers: Any = {LICENCE_CONDITIONS: have[place].get(LICENCE_CONDITIONS)}
        before_it, after_it = (_view(each[place], answers) for each in (had, have))
        if (changed := _changed(before_it, after_it, have[place])) is not None:
            entries.append(changed)
    await store.append(session, sorted(entries, key=lambda one: one["organisation"]), now)


async def tell_of_restriction(
    session: AsyncSession,
    before: Sequence[Mapping[str, Any]],
    after: Sequence[Mapping[str, Any]],
    now: datetime.datetime,
) -> None:
    """Tell workers that they lost sight of a person whose access was restricted, or have it again, and nobody else.

    `before` and `after` are who had sight of that person's referrals. The reason stays here.
    """
    had, have = {_place(one): one for one in before}, {_place(one): one for one in after}
    entries = []
    for place in sorted(had.keys() | have.keys()):
        one = have.get(place) or had[place]
        told = told_of_restriction(
            restricted=one["restricted"] if place in have else True,
            was_restricted=had[place]["restricted"] if place in had else True,
            named=one["named"],
        )
        if told is not None:
            entries.append(_entry(one, told.kind) | {"only_for": None, "not_for": told.not_for})
    await store.append(session, entries, now)


async def tell_worker(
    session: AsyncSession, about: Mapping[str, Any], worker: str, kind: str, now: datetime.datetime
) -> None:
    """Tell one worker of an organisation, and nobody else of it, that they see a referral now, or see it no more."""
    await store.append(session, [_entry(about, kind) | {"only_for": [worker]}], now)


async def tell_of_ends(session: AsyncSession, now: datetime.datetime) -> None:
    """Tell of what ended by time alone, each once: expired disclosures, and referrals whose closing time is over."""
    expired, closed = await store.ends(session, now, now - ENDS_LOOKED_FOR)
    entries = [_entry(one, "changed", [one["item"]]) | {"disclosure_id": one["disclosure_id"]} for one in expired]
    entries += [_entry(one, "removed") for one in closed]
    await store.append(session, sorted(entries, key=lambda one: one["organisation"]), now)
    await store.forget(session, now - FEED_KEPT_FOR)


def _entry(one: Mapping[str, Any], kind: str, items: Sequence[str] = (), *, raised: bool = False) -> dict[str, Any]:
    """Return an entry for all of an organisation's workers; of a restricted person, for those named alone."""
    named = {name: one[name] for name in ("organisation", "referral_id", "crn")}
    named |= {"only_for": sorted(one["named"]) if one.get("restricted") else None, "not_for": None}
    return named | {"kind": kind, "items": list(items), "raised": raised}


def _place(one: Mapping[str, Any]) -> tuple[str, str]:
    return one["organisation"], str(one["referral_id"])


async def changes_after(
    session: AsyncSession, place: int | None, limit: int, now: datetime.datetime, actor: Actor
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


async def _page(
    session: AsyncSession, place: int | None, limit: int, now: datetime.datetime, actor: Actor
) -> store.Page:
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
    session: AsyncSession, place: int | None, seconds: int, waiting: Waiting, actor: Actor
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


async def disclosed_to(
    session: AsyncSession, referral_id: Any, organisation: str, now: datetime.datetime
) -> frozenset[str]:
    """Return the items disclosed to an organisation for a referral by decisions that stand now."""
    audience = await sight_of(session, "referral", referral_id, now)
    return frozenset(item for one in audience if one["organisation"] == organisation for item in one["disclosed"])


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


async def make_cursor_key(session: AsyncSession, now: datetime.datetime) -> dict[str, Any]:
    """Return the key that cursors are sealed with, made where there is none: every process asks when it starts."""
    if (key := await store.cursor_key(session)) is not None:
        return key
    await store.add_cursor_key(session, new_key(), now)
    return await store.cursor_key(session) or {}


async def acknowledge(session: AsyncSession, entry: Mapping[str, Any], actor: Actor) -> dict[str, Any]:
    """Keep that the worker knows of a change, and return who said so first, and when."""
    await store.acknowledge(session, entry, actor.caller.worker, actor.now)
    actor.record.changes(entry["crn"], change=str(entry["id"]))
    known = await store.find_entry(session, entry["id"], actor.caller, actor.now)
    return dict(known or entry)
