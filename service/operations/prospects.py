"""What may lead somebody in approved premises to a next home, from what is stored: for the board and the timeline."""

import datetime
import uuid
from collections.abc import Mapping, Sequence
from typing import Any

from service.domain.calendar import british_day
from service.domain.lifecycle import OPEN_STATUSES
from service.domain.lifecycle import Status as Referred
from service.domain.move_on import PACKS, Home, HomeKind, HomeState, Prospects, Referral, is_suspended
from service.domain.profiles import Answers
from service.domain.shared_work import Side
from service.domain.stays import Act

Stored = Mapping[str, Any]
_DECIDED = frozenset({Referred.REJECTED, Referred.COMPLETED})


def prospects_of(
    written: Sequence[Stored], referrals: Sequence[Stored], answers: Answers, since: datetime.date | None
) -> Prospects:
    """Return what may lead somebody to a next home, by what was written of the stay, their referrals and the profile.

    `referrals` are those that stand (`standing_referrals`); `since` is the day from which the person is in residence.
    """
    return Prospects(
        planned_on=_planned_on(written, answers, since),
        referrals=[_referral(one) for one in referrals],
        homes=[_home(step) for step in standing_homes(written)],
    )


def _planned_on(written: Sequence[Stored], answers: Answers, since: datetime.date | None) -> datetime.date | None:
    """Return when the plan was last written: of the stay, or in the profile since the person came."""
    days = [_day(step["at"]) for step in written if step["act"] == Act.PLAN]
    answer = answers.get("move_on_plan")
    if since is not None and answer is not None and answer["value"] is not None:
        days += [day for day in [datetime.date.fromisoformat(answer["as_of"])] if day >= since]
    return max(days, default=None)


def standing_referrals(referrals: Sequence[Stored], opened_at: datetime.datetime) -> list[Stored]:
    """Return the referrals for moving on that are open, or were decided since the stay was opened."""
    return [
        one
        for one in referrals
        if one["pack"] in PACKS
        and (
            one["status"] in OPEN_STATUSES
            or (one["status"] in _DECIDED and datetime.datetime.fromisoformat(one["since"]) >= opened_at)
        )
    ]


def standing_homes(written: Sequence[Stored]) -> list[Stored]:
    """Return the homes that no later word stands in for."""
    homes = [step for step in written if step["act"] == Act.HOME]
    replaced = {step["details"].get("replaces") for step in homes}
    return [step for step in homes if step["id"] not in replaced]


def _home(step: Stored) -> Home:
    said = step["details"]
    begins = said.get("available_from")
    return Home(
        uuid.UUID(step["id"]),
        HomeKind(said["kind"]),
        HomeState(said["state"]),
        _day(step["at"]),
        datetime.date.fromisoformat(begins) if begins else None,
    )


def _referral(stored: Stored) -> Referral:
    """Return a referral as the board takes it; what only the board shows is not there for the timeline."""
    held, begins_on, asked_at = stored.get("held_by") or {}, stored.get("begins_on"), stored.get("asked_at")
    return Referral(
        id=uuid.UUID(stored["id"]),
        pack=stored["pack"],
        status=Referred(stored["status"]),
        since=_day(stored["since"]),
        suspended=is_suspended(stored["status_reason"]),
        asked_on=_day(asked_at) if asked_at else None,
        begins_on=datetime.date.fromisoformat(begins_on) if begins_on else None,
        held_by_premises=held.get("side") == Side.PREMISES,
        passed_on=_day(held["at"]) if held else None,
    )


def _day(instant: str) -> datetime.date:
    return british_day(datetime.datetime.fromisoformat(instant))
