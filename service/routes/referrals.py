"""Referrals over HTTP: make them, read them, change a draft, send it, amend what was sent."""

from typing import Annotated

from fastapi import APIRouter, Path, Response, status

from service.catalogue.differences import differences
from service.conflicts import (
    CaseClosed,
    ContractNotInForce,
    RecipientBlocked,
    ReferralAlreadyOpen,
    ReferralIncomplete,
    TooEarly,
    TransitionNotAllowed,
    WorkersNotNamed,
)
from service.errors import (
    Conflict,
    NotFound,
    NotPermitted,
    RevisionMissing,
    RevisionStale,
)
from service.operations import drafts, fillings, readings, revisions, submissions
from service.operations import referrals as operations
from service.routes.conditional import json_unless_held
from service.routes.dependencies import (
    ActorDep,
    CallerDep,
    IfNoneMatch,
    Now,
    ReaderDep,
    ReferralCase,
    Repeatable,
    SendersCase,
    SessionDep,
    VisibleCase,
    VisibleCaseAnswers,
    VisibleReferral,
)
from service.routes.problems import problems_of
from service.routes.transactions import TransactionalRoute
from service.schemas import referral_pages as pages
from service.schemas.referrals import (
    Amendment,
    DraftChanges,
    DraftShown,
    DraftsMade,
    PackMove,
    PackMoved,
    ReferralList,
    SentShown,
    Submission,
    VersionShown,
    WantedReferrals,
)
from service.store import referrals as store

router = APIRouter(route_class=TransactionalRoute, prefix="/v1", tags=["referrals"])
Number = Annotated[int, Path(ge=1, le=1000, description="Which version; the first sent is 1.")]


@router.post(
    "/cases/{crn}/referrals",
    status_code=status.HTTP_201_CREATED,
    responses=problems_of(NotFound, NotPermitted, CaseClosed, ReferralAlreadyOpen),
)
async def create_referrals(
    case: VisibleCaseAnswers,
    body: WantedReferrals,
    session: SessionDep,
    actor: ActorDep,
    repeat: Repeatable,
) -> DraftsMade:
    """Make any set of referrals in one go, each filled from the profile; all of them, or none.

    A recipient may be named later, but before it is sent. A 409 names the referral that is open already.
    """
    made = await operations.create_referrals(session, case.crn, body.packs, actor)
    packs = actor.catalogue.pack
    filled = [(referral, fillings.fill(referral, packs(referral["pack"]), case)) for referral in made]
    return DraftsMade(items=[pages.draft_made(referral, populated) for referral, populated in filled])


@router.get("/cases/{crn}/referrals", responses=problems_of(NotFound, NotPermitted))
async def list_case_referrals(case: VisibleCase, session: SessionDep, caller: CallerDep, now: Now) -> ReferralList:
    """List every referral live and past for the person, the newest first."""
    found = await store.referrals_of_case(session, case["crn"], caller, now)
    return ReferralList(items=[pages.summary(referral) for referral in found], next=None)


@router.get(
    "/referrals/{referral_id}", response_model=DraftShown | SentShown, responses=problems_of(NotFound, NotPermitted)
)
async def read_referral(
    referral: VisibleReferral,
    case: ReferralCase,
    session: SessionDep,
    actor: ReaderDep,
    held: IfNoneMatch = None,
) -> Response:
    """Read a referral: a draft as it stands over the profile, or what was sent and what has changed since.

    The ETag of a draft is its own revision and the profile's.
    """
    page = await readings.referral_page(session, referral, case, actor)
    revision = (referral["revision"], case.revision) if case is not None else (referral["revision"],)
    return json_unless_held(held, revision, lambda: page.model_dump_json(by_alias=True).encode())


@router.patch(
    "/referrals/{referral_id}",
    responses=problems_of(
        NotFound, NotPermitted, TransitionNotAllowed, ReferralAlreadyOpen, RevisionStale, RevisionMissing
    ),
)
async def change_draft(
    referral: VisibleReferral,
    case: SendersCase,
    body: DraftChanges,
    session: SessionDep,
    actor: ActorDep,
    response: Response,
) -> DraftShown:
    """Change a draft: its recipient, the form's own answers, rewordings and redactions, re-read ticks; all or none.

    Send the ETag you read as If-Match. A 412 lists what was changed since, so that both changes can be merged.
    """
    changed = await drafts.change_draft(session, referral, body, case.answers, actor)
    response.headers["ETag"] = revisions.etag(changed["revision"], case.revision)
    return await readings.draft_page(session, changed, case, actor)


@router.post(
    "/referrals/{referral_id}/pack-version",
    responses=problems_of(NotFound, NotPermitted, TransitionNotAllowed),
)
async def move_draft(
    referral: VisibleReferral,
    case: SendersCase,
    body: PackMove,
    session: SessionDep,
    actor: ActorDep,
    repeat: Repeatable,
) -> PackMoved:
    """Move a draft to another version of its pack, and say what changed and which answers it could not hold."""
    moved, dropped = await drafts.move_draft(session, referral, body.version, actor)
    old = actor.catalogue.pack(referral["pack"], referral["pack_version"])
    changes = differences(old, actor.catalogue.pack(moved["pack"], moved["pack_version"]))
    draft = await readings.draft_page(session, moved, case, actor)
    return pages.pack_moved(draft, changes, dropped)


@router.post(
    "/referrals/{referral_id}/submission",
    status_code=status.HTTP_201_CREATED,
    responses=problems_of(
        NotFound,
        NotPermitted,
        TransitionNotAllowed,
        ReferralIncomplete,
        TooEarly,
        RecipientBlocked,
        ContractNotInForce,
        WorkersNotNamed,
        CaseClosed,
        RevisionStale,
    ),
)
async def submit_referral(
    referral: VisibleReferral,
    case: SendersCase,
    body: Submission,
    session: SessionDep,
    actor: ActorDep,
    repeat: Repeatable,
) -> VersionShown:
    """Freeze a draft and send it. A 409 gives every reason against it at once, each pointing at its question.

    An outstanding check, or a person who is not eligible, needs a recorded reason to go on: `reasons` by code.
    """
    return VersionShown.of(await submissions.submit_referral(session, referral, body, case, actor))


@router.post(
    "/referrals/{referral_id}/amendments",
    status_code=status.HTTP_201_CREATED,
    responses=problems_of(
        NotFound, NotPermitted, Conflict, ReferralIncomplete, RecipientBlocked, CaseClosed, RevisionStale
    ),
)
async def amend_referral(
    referral: VisibleReferral,
    case: SendersCase,
    body: Amendment,
    session: SessionDep,
    actor: ActorDep,
    repeat: Repeatable,
) -> VersionShown:
    """Send what has changed since as a new version, which the recipient must receive; the status stays."""
    return VersionShown.of(await submissions.amend_referral(session, referral, body, case, actor))


@router.get("/referrals/{referral_id}/versions/{number}", responses=problems_of(NotFound, NotPermitted))
async def read_referral_version(referral: VisibleReferral, number: Number, session: SessionDep) -> VersionShown:
    """Read one version just as it was sent, with its differences from the one before."""
    return VersionShown.of(await readings.sent_version(session, referral, number))
