"""The work that practitioner and premises share, over HTTP: who has a move-on referral, and the premises' part."""

from fastapi import APIRouter, Response, status

from service.conflicts import (
    CaseClosed,
    ContractNotInForce,
    RecipientBlocked,
    ReferralAlreadyOpen,
    ReferralIncomplete,
    TooEarly,
    TransitionNotAllowed,
    WorkHeldElsewhere,
)
from service.errors import (
    Conflict,
    InvalidInput,
    NotFound,
    NotPermitted,
    RevisionMissing,
    RevisionStale,
)
from service.operations import revisions
from service.operations import shared_work as operations
from service.routes.dependencies import (
    ActorDep,
    Oldest,
    ReaderDep,
    RecordDep,
    Repeatable,
    SessionDep,
    SettingsDep,
    VisibleReferral,
    VisibleStay,
)
from service.routes.problems import problems_of
from service.routes.transactions import TransactionalRoute
from service.schemas.referrals import Submission
from service.schemas.shared_work import (
    HoldingShown,
    PassedOn,
    SharedAnswers,
    SharedQuestions,
    SharedSending,
    StayReferral,
    StayReferrals,
)
from service.store import shared_work as store

router = APIRouter(route_class=TransactionalRoute, prefix="/v1", tags=["moving on"])


@router.get("/placements/{stay_id}/referrals", responses=problems_of(NotFound, NotPermitted))
async def list_stay_referrals(stay: VisibleStay, session: SessionDep, record: RecordDep) -> StayReferrals:
    """List a resident's referrals for moving on, with who has each: the practitioner or the staff of the premises."""
    record.shows([stay["crn"]])
    found = await store.referrals_of(session, stay["crn"])
    return StayReferrals(items=[StayReferral.model_validate(one) for one in found], next=None)


@router.get("/referrals/{referral_id}/holding", responses=problems_of(NotFound, NotPermitted))
async def read_holding(referral: VisibleReferral, session: SessionDep) -> HoldingShown:
    """Read who has a referral for moving on, or a question of it, since when, and who had it before."""
    return await operations.holding(session, referral)


@router.post(
    "/referrals/{referral_id}/holding",
    status_code=status.HTTP_201_CREATED,
    responses=problems_of(NotFound, NotPermitted, InvalidInput, TransitionNotAllowed, Conflict),
)
async def pass_work(
    referral: VisibleReferral, body: PassedOn, session: SessionDep, actor: ActorDep, repeat: Repeatable
) -> HoldingShown:
    """Give a referral or a question to the other side, take it over, or hand it back; both see who has it."""
    return await operations.pass_work(session, referral, body, actor)


@router.get("/referrals/{referral_id}/shared-questions", responses=problems_of(NotFound, NotPermitted, Conflict))
async def read_shared_questions(
    referral: VisibleReferral, session: SessionDep, actor: ReaderDep, oldest: Oldest, response: Response
) -> SharedQuestions:
    """Read a draft for moving on as staff of the premises: the questions they may answer, and what those lack."""
    page, case = await operations.shared_questions(session, referral, actor, oldest)
    response.headers["ETag"] = revisions.etag(referral["revision"], case.revision)
    return page


@router.patch(
    "/referrals/{referral_id}/shared-questions",
    responses=problems_of(
        *(NotFound, NotPermitted, InvalidInput, CaseClosed, TransitionNotAllowed, WorkHeldElsewhere),
        *(ReferralAlreadyOpen, RevisionStale, RevisionMissing),
    ),
)
async def answer_shared_questions(
    referral: VisibleReferral, body: SharedAnswers, session: SessionDep, actor: ActorDep, oldest: Oldest
) -> SharedQuestions:
    """Answer questions of a draft that the premises have: what all forms share is kept in the profile, once for all."""
    page, _ = await operations.answer_questions(session, referral, body, actor, oldest)
    return page


@router.post(
    "/referrals/{referral_id}/shared-submission",
    status_code=status.HTTP_201_CREATED,
    responses=problems_of(
        *(NotFound, NotPermitted, TransitionNotAllowed, WorkHeldElsewhere, ReferralIncomplete, TooEarly),
        *(RecipientBlocked, ContractNotInForce, CaseClosed, RevisionStale),
    ),
)
async def submit_shared_referral(
    referral: VisibleReferral,
    body: Submission,
    session: SessionDep,
    actor: ActorDep,
    oldest: Oldest,
    settings: SettingsDep,
    repeat: Repeatable,
) -> SharedSending:
    """Send a referral for moving on as staff of the premises: CAS3 only where the region lets premises send it."""
    return await operations.send(
        session, referral, body, actor, oldest=oldest, cas3_regions=settings.premises_may_send_cas3_in
    )
