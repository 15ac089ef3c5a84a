"""Telling providers what changed, in its transaction: what a comparison of each worker's views would say."""

import datetime
from collections.abc import Collection, Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

from service.catalogue.disclosures import disclosure_table
from service.db import Session
from service.domain.disclosure import Shown, changed_items, live_view
from service.domain.lifecycle import OPEN_STATUSES
from service.domain.profiles import Answers
from service.domain.provider_changes import FEED_KEPT_FOR, NOBODY, Sight, changes_of_sight, raises_risk, sight
from service.store import sights
from service.store import tellings as store
from service.store.visibility import CLOSING_TIME

LICENCE_CONDITIONS = "licence_conditions"
Row = dict[str, Any]


@dataclass(frozen=True, slots=True)
class Seen:
    """What an organisation sees of a referral; `view` only as far as it was read to be compared."""

    one: Row
    view: Mapping[str, Shown]

    @property
    def place(self) -> tuple[str, str]:
        """Return whose it is and of which referral."""
        return self.one["organisation"], str(self.one["referral_id"])

    @property
    def sight(self) -> Sight:
        """Return which of the organisation's workers see it."""
        return _sight(self.one)


@dataclass(frozen=True, slots=True)
class Before:
    """What organisations saw before something is changed; the `ends` that nobody was told of by then, as `entries`."""

    seen: list[Seen] = field(default_factory=list)
    ends: list[Row] = field(default_factory=list)
    entries: list[Row] = field(default_factory=list)


async def seen_before(
    session: Session, by: str, key: Any, now: datetime.datetime, answers: Mapping[str, Answers] | None = None
) -> Before:
    """Return who sees what, so that nobody else tells of it, or changes whom there is to tell, until this has ended.

    By `crn` or `referral`, or for who changes what many see by `contract`, `organisation` or `worker`. `answers` of
    each person, by CRN, where they may change too.
    """
    await sights.hold(session, by, key)
    ends = await store.untold_ends(session, by, key, now)
    return Before(await seen_now(session, by, key, now, answers), ends, await _of_ends(session, ends, now))


async def seen_before_merge(session: Session, answers: Mapping[str, Answers], now: datetime.datetime) -> Before:
    """Return who sees what of some people, given each one's answers by CRN, held as `seen_before` does."""
    both = Before()
    for crn in sorted(answers):
        before = await seen_before(session, "crn", crn, now, answers)
        both.seen.extend(before.seen)
        both.ends.extend(before.ends)
        both.entries.extend(before.entries)
    return both


async def seen_now(
    session: Session, by: str, key: Any, now: datetime.datetime, answers: Mapping[str, Answers] | None = None
) -> list[Seen]:
    """Return who sees what of something that `seen_before` holds."""
    found = await sights.audience(session, by, key, now)
    return [Seen(one, _view(one, (answers or {}).get(one["crn"], _conditions_of(one)))) for one in found]


def _conditions_of(one: Row) -> Answers:
    """Return the one answer of which a contract decides how much is shown, where it was read."""
    answer: Any = one.get(LICENCE_CONDITIONS)
    return {LICENCE_CONDITIONS: answer} if answer is not None else {}


def _view(one: Row, answers: Answers) -> dict[str, Shown]:
    return live_view(disclosure_table(), answers, frozenset(one["disclosed"]), one["conditions_needed"])


def _sight(one: Row) -> Sight:
    return sight(restricted=one["restricted"], named=one["named"], kept=one["kept"])


async def tell_of_difference(
    session: Session,
    before: Before,
    after: Sequence[Seen],
    now: datetime.datetime,
    *,
    moved: Collection[Any] = (),
) -> None:
    """Tell every worker who saw, or now sees, something otherwise of exactly that; `moved` are referrals that moved on.

    `after` is about the same as `before`. The reason stays here.
    """
    had, have = {seen.place: seen for seen in before.seen}, {seen.place: seen for seen in after}
    entries = [*before.entries]
    for place in sorted(had.keys() | have.keys()):
        entries += _differences(had.get(place), have.get(place), moved)
    await store.mark_told(session, before.ends, now)
    await store.append(session, entries, now)


def _differences(had: Seen | None, have: Seen | None, moved: Collection[Any]) -> list[Row]:
    saw, sees = had.sight if had else NOBODY, have.sight if have else NOBODY
    one: Row = (have or had).one  # type: ignore[union-attr]  # one of them is there
    entries = [_entry(one, kind, whose) for kind, whose in changes_of_sight(saw, sees)]
    if had is not None and have is not None:
        if one["referral_id"] in moved:
            entries.append(_entry(one, "referral", saw & sees))
        entries += _changed(one, had.view, have.view, saw & sees)
    return entries


def _changed(one: Row, before: Mapping[str, Shown], after: Mapping[str, Shown], whose: Sight) -> list[Row]:
    """Return the entry about what is shown otherwise of a referral; none where that is nothing."""
    items = changed_items(before, after)
    return [_entry(one, "changed", whose, items, raised=raises_risk(before, after, items))] if items else []


def _entry(one: Row, kind: str, whose: Sight, items: Sequence[str] = (), *, raised: bool = False) -> Row:
    named = {name: one[name] for name in ("organisation", "referral_id", "crn")}
    listed = sorted(whose.listed)
    for_whom = {"only_for": None, "not_for": listed or None} if whose.all_but else {"only_for": listed, "not_for": None}
    return named | for_whom | {"kind": kind, "items": list(items), "raised": raised}


async def _held_audience(session: Session, by: str, key: Any, now: datetime.datetime) -> list[Row]:
    await sights.hold(session, by, key)
    return await sights.audience(session, by, key, now)


async def tell_of_profile(session: Session, crn: str, before: Answers, after: Answers, now: datetime.datetime) -> None:
    """Tell each provider of a person in whose live view something is now another, and nobody else."""
    audience = await _held_audience(session, "crn", crn, now)
    changed = [_changed(one, _view(one, before), _view(one, after), _sight(one)) for one in audience]
    await store.append(session, [entry for entries in changed for entry in entries], now)


async def tell_of_referral(session: Session, referral_id: Any, now: datetime.datetime) -> None:
    """Tell the organisations on a referral's contract that it has moved on, or of something written on it."""
    audience = await _held_audience(session, "referral", referral_id, now)
    await store.append(session, [_entry(one, "referral", _sight(one)) for one in audience], now)


async def tell_of_step(session: Session, before: Mapping[str, Any], now: datetime.datetime) -> None:
    """Tell of an act on a referral: that it moved on; or that it is there again, opened after its closing time."""
    if before["version"] == 0:
        return
    is_back = before["status"] not in OPEN_STATUSES and before["status_since"] <= now - CLOSING_TIME
    if not is_back:
        await tell_of_referral(session, before["id"], now)
        return
    audience = await _held_audience(session, "referral", before["id"], now)
    end = {"about": before["id"], "ended_at": before["status_since"]}
    kinds = ["added"] if await store.is_told(session, **end) else ["removed", "added"]
    # What expired while it was out of sight is told to nobody.
    expired = await store.untold_ends(session, "referral", before["id"], now)
    await store.mark_told(session, [end, *expired], now)
    await store.append(session, [_entry(one, kind, _sight(one)) for one in audience for kind in kinds], now)


async def tell_of_person(session: Session, crn: str, moved: Collection[Any], now: datetime.datetime) -> None:
    """Tell a person's providers of those of their referrals that something which happened has moved on."""
    audience = await _held_audience(session, "crn", crn, now)
    entries = [_entry(one, "referral", _sight(one)) for one in audience if one["referral_id"] in moved]
    await store.append(session, entries, now)


async def tell_of_ends(session: Session, now: datetime.datetime) -> None:
    """Tell of what ended by time alone, each once: expired disclosures, and referrals whose closing time is over."""
    ends = await store.all_untold_ends(session, now)
    await store.mark_told(session, ends, now)
    await store.append(session, await _of_ends(session, ends, now), now)
    await store.forget(session, now - FEED_KEPT_FOR)


async def _of_ends(session: Session, ends: Sequence[Row], now: datetime.datetime) -> list[Row]:
    """Return the entries about ends: of what was in sight until then; of an item, unless it is disclosed otherwise."""
    if not ends:
        return []
    expired, closed = [end for end in ends if end["item"]], [end["referral_id"] for end in ends if not end["item"]]
    there = await sights.audience(session, "referrals", [end["referral_id"] for end in expired], now)
    entries = list(_of_expired(expired, there))
    entries += [_entry(one, "removed", _sight(one)) for one in await sights.audience(session, "closed", closed, now)]
    return sorted(entries, key=lambda entry: entry["organisation"])


def _of_expired(expired: Iterable[Row], there: Iterable[Row]) -> Iterable[Row]:
    by_place = {(one["organisation"], one["referral_id"]): one for one in there}
    ended = {(end["organisation"], end["referral_id"], end["item"]): end["about"] for end in expired}
    for (organisation, referral_id, item), disclosure in ended.items():
        one = by_place.get((organisation, referral_id))
        if one is not None and item not in one["disclosed"]:
            yield _entry(one, "changed", _sight(one), [item]) | {"disclosure_id": disclosure}
