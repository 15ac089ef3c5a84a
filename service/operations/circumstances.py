"""People's circumstances as the decisions take them, from what is stored."""

import datetime
from collections.abc import Mapping, Sequence
from typing import Any

from service.access.callers import Caller
from service.access.records import AccessRecord
from service.catalogue.reasons import reasons
from service.db import Session
from service.domain.calendar import british_day
from service.domain.circumstances import Booking, Circumstances, RecallFact, ReferralFact, ScreeningFact, StayFact
from service.domain.lifecycle import Action, Status
from service.errors import NotFound
from service.operations.prospects import prospects_of, standing_referrals
from service.store import circumstances as store

DID_NOT_ARRIVE = "Did not arrive"  # the group of cancellation reasons that say so, in every pack


async def read_circumstances(
    session: Session, crn: str, *, caller: Caller, now: datetime.datetime, record: AccessRecord
) -> Circumstances:
    """Return one visible person's circumstances, and note which items of theirs were read; NotFound if not visible."""
    found = await find_circumstances(session, [crn], caller, now)
    if crn not in found:
        raise NotFound
    record.shows([crn], sorted(found[crn].answers))
    return found[crn]


async def find_circumstances(
    session: Session, crns: Sequence[str], caller: Caller, now: datetime.datetime, *, arriving: bool = False
) -> dict[str, Circumstances]:
    """Return, by CRN, the circumstances of those people whose cases the caller may see, in one query.

    `arriving` also of those whose cases are about to be handed over to them.
    """
    stored = await store.circumstances_of(session, crns, caller, now, arriving=arriving)
    return {
        crn: Circumstances(
            answers=row["answers"],
            referrals=[referral_fact(referral) for referral in row["referrals"]],
            screening=screening_fact(row["screening"]),
            recall=_recall(row["recall"]),
            stay=_stay(row),
            expected_on=row["expected_on"],
        )
        for crn, row in stored.items()
    }


def referral_fact(stored: Mapping[str, Any]) -> ReferralFact:
    """Return a stored referral as the decisions take it."""
    needed_from = stored["needed_from"]
    return ReferralFact(
        pack=stored["pack"],
        status=Status(stored["status"]),
        created_at=datetime.datetime.fromisoformat(stored["created_at"]),
        categories=_categories(stored),
        needed_from=datetime.date.fromisoformat(needed_from) if needed_from else None,
        submitted_on=_day_of(stored["submitted_at"]),
        lost_booking=_lost_booking(stored),
        bed_offered=stored["bed_offered"],
    )


def _day_of(instant: str | None) -> datetime.date | None:
    return british_day(datetime.datetime.fromisoformat(instant)) if instant else None


def _categories(stored: Mapping[str, Any]) -> frozenset[str]:
    """Return the service categories a commissioned referral asks for: its own, those chosen, else the contract's."""
    if stored["service_category"]:
        return frozenset({stored["service_category"]})
    chosen = stored["chosen_categories"] or stored["contract_categories"] or []
    return frozenset(chosen)


def _lost_booking(stored: Mapping[str, Any]) -> Booking | None:
    if stored["status"] != Status.ACCEPTED:
        return None
    pack = reasons().packs.get(stored["pack"])
    reason = pack.offered(Action.CANCELLATION).get(stored["status_reason"]) if pack else None
    if reason is None:
        return None
    return Booking.NOT_ARRIVED if reason.group == DID_NOT_ARRIVE else Booking.CANCELLED


def _stay(row: Mapping[str, Any]) -> StayFact | None:
    """Return the stay of somebody in residence, with what may lead them to a next home as the board has it."""
    stored = row["stay"]
    if stored is None:
        return None
    days = (stored["arrived_on"], stored["departs_on"])
    arrived_on, departs_on = (datetime.date.fromisoformat(day) if day else None for day in days)
    standing = standing_referrals(row["referrals"], datetime.datetime.fromisoformat(stored["opened_at"]))
    return StayFact(arrived_on, departs_on, prospects_of(stored["written"], standing, row["answers"], arrived_on))


def screening_fact(stored: Mapping[str, Any] | None) -> ScreeningFact | None:
    """Return a stored screening as the decisions take it."""
    if stored is None:
        return None
    screened_on = datetime.date.fromisoformat(stored["screened_on"])
    return ScreeningFact(category=stored["category"], level=stored["level"], screened_on=screened_on)


def _recall(stored: Mapping[str, Any] | None) -> RecallFact | None:
    if stored is None:
        return None
    recalled_on = datetime.date.fromisoformat(stored["recalled_on"])
    if stored["re_release_on"] is None:
        return RecallFact(recalled_on)
    noted_at = datetime.datetime.fromisoformat(stored["noted_at"]).astimezone(datetime.UTC)
    return RecallFact(recalled_on, datetime.date.fromisoformat(stored["re_release_on"]), noted_at.isoformat())
