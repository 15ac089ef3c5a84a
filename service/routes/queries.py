"""A recipient's questions about a referral over HTTP, and the sender's answers."""

import uuid

from fastapi import APIRouter, Response, status

from service.conflicts import CaseClosed, QueryAlreadyAnswered, TransitionNotAllowed
from service.domain import cursors
from service.errors import NotFound, NotPermitted, RevisionStale
from service.operations import queries, revisions
from service.routes.dependencies import ActorDep, Cursor, Limit, Repeatable, SessionDep, VisibleReferral
from service.routes.problems import problems_of
from service.routes.transactions import TransactionalRoute
from service.schemas.queries import QueryAnswered, QueryAsked, QueryList, QueryShown
from service.store import queries as store

router = APIRouter(route_class=TransactionalRoute, prefix="/v1/referrals/{referral_id}", tags=["closed loop"])


@router.post(
    "/queries",
    status_code=status.HTTP_201_CREATED,
    responses=problems_of(NotFound, NotPermitted, TransitionNotAllowed, RevisionStale),
)
async def ask_query(
    referral: VisibleReferral,
    session: SessionDep,
    actor: ActorDep,
    body: QueryAsked,
    response: Response,
    _repeat: Repeatable,
) -> QueryShown:
    """Ask the sender something about a referral you have received. It waits for the answer before it is decided."""
    moved, query = await queries.ask_query(session, referral, body, actor)
    response.headers["ETag"] = revisions.etag(moved["revision"])
    return QueryShown.model_validate(query)


@router.post(
    "/queries/{query_id}/answer",
    responses=problems_of(
        NotFound, NotPermitted, QueryAlreadyAnswered, TransitionNotAllowed, CaseClosed, RevisionStale
    ),
)
async def answer_query(
    query_id: uuid.UUID,
    referral: VisibleReferral,
    session: SessionDep,
    actor: ActorDep,
    body: QueryAnswered,
    response: Response,
    _repeat: Repeatable,
) -> QueryShown:
    """Answer a recipient's question, and correct the profile with it where the answer shows that it should be.

    What was sent does not change: send an amendment for the recipient to have the corrected form. The ETag is the
    referral's, and so is `If-Match`.
    """
    moved, query = await queries.answer_query(session, referral, query_id, body, actor)
    response.headers["ETag"] = revisions.etag(moved["revision"])
    return QueryShown.model_validate(query)


@router.get("/queries", responses=problems_of(NotFound, NotPermitted))
async def list_queries(
    referral: VisibleReferral, session: SessionDep, cursor: Cursor = None, limit: Limit = 50
) -> QueryList:
    """List what the recipient has asked about the referral and what was answered, the newest first."""
    before = cursors.decode_instant_and_id(cursor)
    found = await store.queries_page(session, referral["id"], before=before, limit=limit)
    last = found[limit - 1] if len(found) > limit else None
    return QueryList(
        items=[QueryShown.model_validate(query) for query in found[:limit]],
        next=cursors.encode(last["asked_at"].isoformat(), str(last["id"])) if last else None,
    )
