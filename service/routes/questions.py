"""What is still to be asked about a person, over HTTP."""

from typing import Annotated

from fastapi import APIRouter, Query

from service.catalogue.definitions import AgeLimit
from service.domain.readiness import outstanding_checks
from service.errors import NotFound, NotPermitted
from service.operations import fillings
from service.routes.dependencies import ReaderDep, SessionDep, VisibleCaseAnswers
from service.routes.problems import problems_of
from service.routes.transactions import TransactionalRoute
from service.schemas.questions import QuestionList, listed_packs, question_list

router = APIRouter(route_class=TransactionalRoute, prefix="/v1/cases/{crn}", tags=["questions"])

Packs = Annotated[str, Query(pattern="^[a-z0-9_, ]{1,400}$", description="Pack names, separated by commas.")]


@router.get("/questions", responses=problems_of(NotFound, NotPermitted))
async def list_questions(
    packs: Packs,
    case: VisibleCaseAnswers,
    session: SessionDep,
    actor: ReaderDep,
) -> QuestionList:
    """List what is still to be answered for a set of packs: each thing once, what decides most first.

    A pack with open drafts is judged by them, one without as a new referral's would be. Answer a question that has an
    `item` in the profile, any other on its referral. Answering can open further questions; the list always empties.
    """
    wanted = listed_packs(packs, actor.catalogue)
    filled = await fillings.fill_wanted(session, wanted, case, actor)
    outstanding = outstanding_checks(case.answers, case.surroundings.oldest[AgeLimit.CHECK])
    questions = question_list(case.crn, case.revision, wanted, filled, outstanding, actor.catalogue)
    actor.record.items.extend(question.id for question in questions.questions)
    return questions
