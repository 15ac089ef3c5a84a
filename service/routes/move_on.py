"""Moving on from approved premises over HTTP: the board, one resident's page, and what is written of it."""

import datetime
from typing import Annotated, Literal

from fastapi import APIRouter, Header, Query, Response, status

from service.conflicts import TransitionNotAllowed
from service.domain import cursors
from service.errors import (
    InvalidInput,
    NotAcceptable,
    NotFound,
    NotPermitted,
    RevisionStale,
)
from service.operations import move_on as operations
from service.operations.move_on import Page, Place
from service.routes.accepting import preferred
from service.routes.dependencies import ActorDep, Cursor, ReaderDep, Repeatable, SessionDep, VisibleStay
from service.routes.problems import problems_of
from service.routes.transactions import TransactionalRoute
from service.schemas.move_on import Board, BoardRow, HomeGiven, MoveOnPage, OutcomeGiven, PlanGiven, as_csv
from service.schemas.texts import Code, PlaceName, WorkerId

router = APIRouter(route_class=TransactionalRoute, prefix="/v1", tags=["move-on"])
ABOUT = "/placements/{stay_id}"
READ = problems_of(NotFound, NotPermitted)
WRITTEN = problems_of(NotFound, NotPermitted, TransitionNotAllowed, RevisionStale)
CHECKED = problems_of(NotFound, NotPermitted, InvalidInput, TransitionNotAllowed, RevisionStale)
JSON, CSV = "application/json", "text/csv"
Accept = Annotated[str | None, Header(include_in_schema=False)]
AtPremises = Annotated[Code | None, Query(description="Only at these premises.")]
InRegion = Annotated[PlaceName | None, Query(description="Only at premises of this region.")]
OfPractitioner = Annotated[WorkerId | None, Query(description="Only those whose case this worker manages.")]
AtRisk = Annotated[bool | None, Query(description="Only those at risk, or only the others.")]
Format = Annotated[Literal["json", "csv"] | None, Query(alias="format", description="Instead of an Accept header.")]
# Premises have far fewer places than 200, so that their board is one page; the whole country's have about 2,000.
BoardLimit = Annotated[int, Query(ge=1, le=2000, description="How many at most.")]


@router.get(
    "/move-on/board",
    response_model=Board,
    responses={200: {"content": {CSV: {}}}, **problems_of(NotPermitted, NotAcceptable)},
)
async def read_board(
    session: SessionDep,
    actor: ReaderDep,
    accept: Accept = None,
    premises: AtPremises = None,
    region: InRegion = None,
    practitioner: OfPractitioner = None,
    at_risk: AtRisk = None,
    form: Format = None,
    cursor: Cursor = None,
    limit: BoardLimit = 200,
) -> Response:
    """Read who leaves when, with nowhere confirmed to go, and whose move is next: the soonest such departure first.

    Staff of premises see their own; a practitioner or manager those whose cases they see. Every state is worked out
    from what is there: a plan, referrals, homes found. Also as CSV, whose next page the `Link` header names.
    """
    kind = {"json": JSON, "csv": CSV}[form] if form else preferred(accept, (JSON, CSV))
    as_of, after = cursors.decode_board_place(cursor, actor.now)
    narrowed = {"at": premises, "region": region, "practitioner": practitioner}
    found = await operations.read_board(session, actor, narrowed, Page(as_of, after, limit), at_risk=at_risk)
    actor.record.details["format"] = kind
    return _board(*found, as_of=as_of, kind=kind)


def _board(rows: list[BoardRow], last: Place | None, *, as_of: datetime.datetime, kind: str) -> Response:
    """Return a page of the board in one of the two formats."""
    ending = cursors.encode(as_of.isoformat(), *last) if last else None
    headers = {"Link": f'</v1/move-on/board?cursor={ending}>; rel="next"'} if ending else {}
    if kind == CSV:
        headers["Content-Disposition"] = 'attachment; filename="move-on-board.csv"'
        return Response(as_csv(rows), media_type=CSV, headers=headers)
    return Response(Board(items=rows, next=ending).model_dump_json(), media_type=JSON)


@router.get(f"{ABOUT}/move-on", responses=READ)
async def read_move_on(stay: VisibleStay, session: SessionDep, actor: ReaderDep) -> MoveOnPage:
    """Read one resident's move-on: what the board shows, the plan, every home found, what became of the person."""
    return await operations.read_move_on(session, stay, actor)


@router.post(f"{ABOUT}/move-on-plan", status_code=status.HTTP_201_CREATED, responses=WRITTEN)
async def record_move_on_plan(
    stay: VisibleStay, body: PlanGiven, session: SessionDep, actor: ActorDep, _repeat: Repeatable
) -> MoveOnPage:
    """Write what is aimed for, and how. Written again, the last word is the plan, and the earlier ones are kept."""
    return await operations.record_plan(session, stay, body, actor)


@router.post(f"{ABOUT}/homes", status_code=status.HTTP_201_CREATED, responses=CHECKED)
async def record_home(
    stay: VisibleStay, body: HomeGiven, session: SessionDep, actor: ActorDep, _repeat: Repeatable
) -> MoveOnPage:
    """Write how it stands with a home found without a referral of ours: private rent, family, supported housing."""
    return await operations.record_home(session, stay, body, actor)


@router.post(f"{ABOUT}/outcomes", status_code=status.HTTP_201_CREATED, responses=CHECKED)
async def record_stay_outcome(
    stay: VisibleStay, body: OutcomeGiven, session: SessionDep, actor: ActorDep, _repeat: Repeatable
) -> MoveOnPage:
    """Say what became of somebody who left, four and twelve weeks later; at departure, where the reason misleads."""
    return await operations.record_outcome(session, stay, body, actor)
