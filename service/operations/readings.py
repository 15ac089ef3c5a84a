"""A referral as one caller reads it: a draft over its profile, or what was sent and what has changed since."""

from collections.abc import Mapping
from typing import Any

from service.catalogue.definitions import AgeLimit, Catalogue
from service.db import Session
from service.documents.contents import ReferralContents
from service.documents.referrals import referral_contents
from service.domain import readiness, snapshots
from service.domain.calendar import british_day
from service.domain.forms import form_rows
from service.errors import NotFound
from service.operations.actors import Actor
from service.operations.check_standings import standings_of_case
from service.operations.fillings import CaseAnswers, fill
from service.operations.submissions import content_for
from service.schemas import referral_pages as pages
from service.schemas.referrals import DraftShown, SentShown
from service.store import referrals as store


async def referral_page(
    session: Session,
    referral: Mapping[str, Any],
    case: CaseAnswers | None,
    actor: Actor,
) -> DraftShown | SentShown:
    """Return a referral for its reader; `case` is None for a recipient, who sees what was sent and nothing else."""
    if referral["version"] == 0:
        draft = await draft_page(session, referral, _held(case), actor)
        actor.record.items.extend(question.id for section in draft.sections for question in section.questions)
        return draft
    version = await sent_version(session, referral)
    actor.record.items.extend(_asked_in(version["content"]))
    changed = _changed_since(referral, version, case, actor.catalogue) if case is not None else None
    return pages.sent_page(referral, version, changed)


async def draft_page(session: Session, referral: Mapping[str, Any], case: CaseAnswers, actor: Actor) -> DraftShown:
    """Return a draft as it stands over its profile, with how the person's checks stand."""
    populated = fill(referral, actor.catalogue.pack(referral["pack"], referral["pack_version"]), case)
    warnings = readiness.outstanding_checks(case.answers, case.surroundings.oldest[AgeLimit.CHECK])
    checks = await standings_of_case(session, referral["crn"], actor)
    return pages.draft_page(referral, populated, warnings, checks, actor.catalogue)


def _held(case: CaseAnswers | None) -> CaseAnswers:
    if case is None:  # a recipient never gets as far as a draft; if one did, there would be nothing here
        raise NotFound
    return case


async def sent_version(session: Session, referral: Mapping[str, Any], number: int | None = None) -> dict[str, Any]:
    """Return a version of what was sent, the latest unless numbered; NotFound where there is none."""
    version = await store.read_version(session, referral["id"], number or referral["version"])
    if version is None:
        raise NotFound
    return version


def _asked_in(content: Mapping[str, Any]) -> list[str]:
    return [question["id"] for question in snapshots.questions_of(content) if question["asked"]]


def _changed_since(
    referral: Mapping[str, Any], version: Mapping[str, Any], case: CaseAnswers, catalogue: Catalogue
) -> list[dict[str, Any]]:
    populated = fill(referral, catalogue.pack(referral["pack"], referral["pack_version"]), case)
    return snapshots.differences(version["content"], content_for(populated, referral, case))


async def form_values(
    session: Session,
    referral: Mapping[str, Any],
    case: CaseAnswers | None,
    actor: Actor,
) -> dict[str, Any]:
    """Return the real form's rows: as sent, or as the draft now stands."""
    if referral["version"] > 0:
        rows: dict[str, Any] = (await sent_version(session, referral))["content"]["form"]
    else:
        pack = actor.catalogue.pack(referral["pack"], referral["pack_version"])
        rows = form_rows(fill(referral, pack, _held(case)), british_day(actor.now))
    actor.record.items.extend(rows)
    return rows


async def document_contents(
    session: Session,
    referral: Mapping[str, Any],
    case: CaseAnswers | None,
    actor: Actor,
) -> ReferralContents:
    """Return what a document of the referral says: as sent, or a draft as it would be sent now."""
    pack = actor.catalogue.pack(referral["pack"], referral["pack_version"])
    version = await sent_version(session, referral) if referral["version"] > 0 else None
    if version is not None:
        content = version["content"]
    else:
        content = content_for(fill(referral, pack, _held(case)), referral, _held(case))
    actor.record.items.extend(_asked_in(content))
    return referral_contents(content, pack, referral, version, actor.now)
