"""A recipient asks about a referral, the sender answers, and what the answer changes goes into the profile."""

import uuid
from collections.abc import Mapping, Sequence
from dataclasses import replace
from typing import Any

from service.catalogue.definitions import Catalogue
from service.conflicts import QueryAlreadyAnswered
from service.db import Session
from service.domain.lifecycle import Action
from service.domain.profiles import Change
from service.errors import FieldError, InvalidInput, NotFound
from service.operations import profiles
from service.operations.actors import Actor
from service.operations.decisions import Act, Referral, move, require_revision, take_step
from service.operations.locks import lock
from service.schemas.queries import QueryAnswered, QueryAsked
from service.store import profiles as profile_store
from service.store import queries as store


async def ask_query(
    session: Session, referral: Mapping[str, Any], body: QueryAsked, actor: Actor
) -> tuple[Referral, dict[str, Any]]:
    """Keep a question about a received referral; return the referral as it then stands, and the question.

    Raises InvalidInput for a question id the referral's form does not have, TransitionNotAllowed, RevisionStale.
    """
    locked = await lock(session, referral, actor)
    if faults := _faults_in_about(body.about, locked, actor.catalogue):
        raise InvalidInput(errors=faults)
    transition = move(locked, Action.QUERY, actor)
    require_revision(locked, actor)
    query = {
        "id": uuid.uuid4(),
        "referral_id": locked["id"],
        "crn": locked["crn"],
        "question": body.question,
        "about": body.about,
        "asked_by": actor.caller.worker,
    }
    await store.insert_query(session, query, actor.now)
    act = Act(Action.QUERY, details={"query_id": str(query["id"]), "about": body.about})
    moved = await take_step(session, locked, transition, act, actor)
    return moved, await _found(session, locked, query["id"])


def _faults_in_about(about: Sequence[str], referral: Mapping[str, Any], catalogue: Catalogue) -> list[FieldError]:
    known = catalogue.pack(referral["pack"], referral["pack_version"]).by_id
    return [
        FieldError(f"/about/{place}", "unknown-question", "The form has no such question.")
        for place, question in enumerate(about)
        if question not in known
    ]


async def answer_query(
    session: Session,
    referral: Mapping[str, Any],
    query_id: uuid.UUID,
    body: QueryAnswered,
    actor: Actor,
) -> tuple[Referral, dict[str, Any]]:
    """Answer a question, change the profile with it, and return the referral and the question as they then stand.

    What was sent stays as it was: the referral shows as changed since, and an amendment sends the change. Raises
    NotFound for a question that is not this referral's, InvalidInput naming each item that cannot hold its value,
    CaseClosed, QueryAlreadyAnswered, TransitionNotAllowed, RevisionStale (of the referral).
    """
    locked = await lock(session, referral, actor)
    query = await store.find_query(session, locked["id"], query_id)
    if query is None:
        raise NotFound
    revision = await _profile_revision(session, locked["crn"], body, actor)
    if query["answered_at"] is not None:
        raise QueryAlreadyAnswered
    others = await store.others_open(session, locked["id"], query_id)
    transition = move(locked, Action.ANSWER, actor, other_queries_open=others)
    require_revision(locked, actor)
    given = {"answer": body.answer, "profile_revision": revision, "answered_by": actor.caller.worker}
    await store.answer_query(session, {**query, **given}, actor.now)
    act = Act(Action.ANSWER, details={"query_id": str(query_id), "profile_revision": revision})
    moved = await take_step(session, locked, transition, act, actor)
    return moved, await _found(session, locked, query_id)


async def _profile_revision(session: Session, crn: str, body: QueryAnswered, actor: Actor) -> int:
    """Save what the answer changes in the profile, and return the revision the answer rests on."""
    if not body.answers:
        stored = await profile_store.find_profile(session, crn, actor.caller, actor.now)
        return stored.revision if stored is not None else 0
    changes = [
        Change(item, value=given.value, has_value=True, as_of=given.as_of) for item, given in body.answers.items()
    ]
    saved, _ = await profiles.amend_profile(
        session,
        crn,
        changes,
        replace(actor, if_match="*"),  # the answer is to the recipient's question, whatever else has changed meanwhile
    )
    return saved.revision


async def _found(session: Session, referral: Mapping[str, Any], query_id: uuid.UUID) -> dict[str, Any]:
    query = await store.find_query(session, referral["id"], query_id)
    if query is None:
        raise NotFound
    return query
