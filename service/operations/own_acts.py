"""What this service itself did is written into the profile, so that no form asks a person for it."""

from collections.abc import Mapping
from typing import Any

from service.db import Session
from service.domain import profiles
from service.domain.calendar import british_day
from service.domain.duty_to_refer import PACK, answers_once_decided, answers_once_sent
from service.domain.lifecycle import Action
from service.domain.profiles import Author, Change
from service.operations.actors import Actor
from service.operations.profiles import write_answers
from service.store import duty_to_refer as store
from service.store import profiles as profile_store

SOURCE = "broker"


async def note_sending(session: Session, referral: Mapping[str, Any], actor: Actor) -> None:
    """Note in the profile that a duty to refer is being sent, and hold the profile until the transaction ends."""
    council = referral["recipient_name"] or ""
    await _note(session, referral["crn"], answers_once_sent(council, british_day(actor.now)), actor)


async def note_decision(
    session: Session,
    referral: Mapping[str, Any],
    action: Action,
    reason: str | None,
    note: str | None,
    actor: Actor,
) -> None:
    """Note in the profile what a council decided about the person's newest duty to refer; nothing for other acts."""
    if referral["pack"] != PACK:
        return
    answers = answers_once_decided(action, reason, note)
    if answers and await store.is_newest_sent(session, referral["crn"], referral["id"]):
        await _note(session, referral["crn"], answers, actor)


async def _note(session: Session, crn: str, answers: Mapping[str, Any], actor: Actor) -> None:
    """Write answers whose source is this service: its own act stands over what anybody said of it before."""
    stored = await profile_store.profile_behind(session, crn, for_change=True)
    changes = [Change(item, value, has_value=True) for item, value in answers.items() if _differs(stored, item, value)]
    if changes:
        await write_answers(session, stored, changes, actor, Author(actor.caller.worker, SOURCE))


def _differs(stored: profile_store.StoredProfile, item: str, value: Any) -> bool:
    known = profiles.given(stored.answers.get(item))
    return value is not None or known is not None
