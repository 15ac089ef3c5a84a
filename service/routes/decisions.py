"""The closed loop over HTTP: what a recipient and a sender do to a referral, and the history of it."""

from collections.abc import Awaitable, Callable
from typing import Annotated

from fastapi import APIRouter, Depends, Response

from service.catalogue.reasons import reasons
from service.conflicts import (
    CaseClosed,
    ReferralAlreadyOpen,
    ReferralSuspended,
    TransitionNotAllowed,
    VersionNotReceived,
)
from service.domain import cursors
from service.domain.lifecycle import Action
from service.errors import (
    NotFound,
    NotPermitted,
    Problem,
    RevisionStale,
)
from service.operations import decisions, resumptions, revisions
from service.operations.decisions import Act, Day
from service.routes.dependencies import (
    ActorDep,
    CallerDep,
    Cursor,
    Limit,
    Repeatable,
    SessionDep,
    VisibleReferral,
)
from service.routes.problems import problems_of
from service.routes.transactions import TransactionalRoute
from service.schemas.decisions import (
    Acceptance,
    Reasoned,
    Receipt,
    Reopening,
    Resumption,
    Scheduling,
    Start,
    StepList,
    step_shown,
)
from service.schemas.referral_pages import summary
from service.schemas.referrals import ReferralSummary
from service.store import decisions as store

router = APIRouter(route_class=TransactionalRoute, prefix="/v1/referrals/{referral_id}", tags=["closed loop"])

ALWAYS: tuple[type[Problem], ...] = (NotFound, NotPermitted, TransitionNotAllowed, RevisionStale)
ACTED = problems_of(*ALWAYS)
DECIDED = problems_of(*ALWAYS, VersionNotReceived, ReferralSuspended)
REOPENED = problems_of(*ALWAYS, CaseClosed, ReferralAlreadyOpen)


async def _decide(
    referral: VisibleReferral, session: SessionDep, actor: ActorDep, response: Response, _repeat: Repeatable
) -> Callable[..., Awaitable[ReferralSummary]]:
    """Give the handler what does an act to the referral in the path, once the caller was found to see it.

    A repeated request is answered here, after the guards and before the act.
    """

    async def decide(act: Act, day: Day | None = None) -> ReferralSummary:
        moved = await decisions.decide(session, referral, act, actor, day)
        response.headers["ETag"] = revisions.etag(moved["revision"])
        return summary(moved)

    return decide


Decide = Annotated[Callable[..., Awaitable[ReferralSummary]], Depends(_decide)]


@router.post("/receipt", responses=ACTED)
async def receive_referral(decide: Decide, body: Receipt | None = None) -> ReferralSummary:
    """Say that you have the referral, or a new version of it. Name the version to be sure it is the one you hold."""
    return await decide(Act(Action.RECEIPT, version=body.version if body else None))


@router.post("/acceptance", responses=DECIDED)
async def accept_referral(decide: Decide, body: Acceptance | None = None) -> ReferralSummary:
    """Accept the referral in its newest version. MAPPA needs a reason: the level it is accepted at."""
    given = body or Acceptance()
    return await decide(Act(Action.ACCEPTANCE, given.reason, given.note))


@router.post("/rejection", responses=DECIDED)
async def reject_referral(decide: Decide, body: Reasoned) -> ReferralSummary:
    """Reject the referral, before or after accepting it, with a reason that the sender is shown."""
    return await decide(Act(Action.REJECTION, body.reason, body.note))


@router.post("/scheduling", responses=DECIDED)
async def schedule_referral(decide: Decide, body: Scheduling) -> ReferralSummary:
    """Book a place, a first appointment or a meeting for an accepted referral, and say for which day."""
    act = Act(Action.SCHEDULING, note=body.note, details={"scheduled_on": body.scheduled_on.isoformat()})
    return await decide(act, Day("scheduled_on", body.scheduled_on, may_lie_ahead=True))


@router.post("/scheduling-cancellation", responses=ACTED)
async def cancel_schedule(decide: Decide, body: Reasoned) -> ReferralSummary:
    """Cancel what was booked, or say that the person did not arrive: the referral is accepted, as before."""
    return await decide(Act(Action.CANCELLATION, body.reason, body.note))


@router.post("/start", responses=DECIDED)
async def start_referral(decide: Decide, body: Start) -> ReferralSummary:
    """Say that it began: the person arrived, attended first, or the first meeting was held."""
    act = Act(Action.START, details={"started_on": body.started_on.isoformat()})
    return await decide(act, Day("started_on", body.started_on))


@router.post("/outcome", responses=ACTED)
async def record_outcome(decide: Decide, body: Reasoned) -> ReferralSummary:
    """Say how it ended. The referral is then complete, and nothing more is done to it."""
    return await decide(Act(Action.OUTCOME, body.reason, body.note))


@router.post("/reopening", responses=REOPENED)
async def reopen_referral(decide: Decide, body: Reopening) -> ReferralSummary:
    """Open a rejected referral again, on an appeal or with new information, unless another has been opened since."""
    return await decide(Act(Action.REOPENING, body.reason, body.note))


@router.post("/withdrawal", responses=ACTED)
async def withdraw_referral(decide: Decide, body: Reasoned) -> ReferralSummary:
    """Withdraw a referral that is still open, a draft too. What was answered for it stays in the profile."""
    return await decide(Act(Action.WITHDRAWAL, body.reason, body.note))


@router.post("/resumption", responses=ACTED)
async def resume_referral(
    referral: VisibleReferral,
    body: Resumption,
    session: SessionDep,
    actor: ActorDep,
    response: Response,
    repeat: Repeatable,
) -> ReferralSummary:
    """Let a referral go on that a fixed-term recall suspended, from where it stood, with the new day of release."""
    resumed = await resumptions.resume_referral(session, referral, body, actor)
    response.headers["ETag"] = revisions.etag(resumed["revision"])
    return summary(resumed)


@router.get("/steps", responses=problems_of(NotFound, NotPermitted))
async def read_referral_steps(
    referral: VisibleReferral, session: SessionDep, caller: CallerDep, cursor: Cursor = None, limit: Limit = 50
) -> StepList:
    """Read what has been done to the referral, the oldest first, each step with its coded reason in words.

    Recipients are shown what happened from its sending on.
    """
    after = cursors.decode(cursor, int)[0] if cursor else 0
    steps = await store.steps_page(session, referral["id"], caller, after=after, limit=limit)
    return StepList(
        items=[step_shown(step, referral["pack"], reasons(), to_recipient=caller.is_sent_to) for step in steps[:limit]],
        next=cursors.encode(steps[limit - 1]["id"]) if len(steps) > limit else None,
    )
