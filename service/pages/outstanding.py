"""What is still to be asked about a person, for the forms somebody has begun."""

from service.catalogue import services
from service.catalogue.definitions import AgeLimit
from service.domain.readiness import outstanding_checks
from service.operations import fillings
from service.operations.actors import Actor
from service.operations.fillings import CaseAnswers
from service.routes.dependencies import SessionDep
from service.schemas.questions import QuestionCounts, QuestionList, question_list
from service.store import referrals as store

NOTHING = QuestionCounts(asked_by_forms=0, distinct=0, already_answered=0, outstanding=0)


async def find(session: SessionDep, case: CaseAnswers, actor: Actor) -> QuestionList:
    """Return what is still to be asked for the person's open drafts, each thing once; nothing where there are none."""
    drafts = await store.referrals_of_case(session, case.crn, actor.caller, actor.now, drafts_only=True)
    packs = list(dict.fromkeys(draft["pack"] for draft in drafts))
    if not packs:
        return QuestionList(
            crn=case.crn, profile_revision=case.revision, packs=[], questions=[], warnings=[], counts=NOTHING
        )
    filled = await fillings.fill_wanted(session, packs, case, actor)
    warnings = outstanding_checks(case.answers, case.surroundings.oldest[AgeLimit.CHECK])
    return question_list(case.crn, case.revision, packs, filled, warnings, actor.catalogue)


def categories() -> dict[str, str]:
    """Return the categories of commissioned services by their codes, in words."""
    return services.category_labels()
