"""The move-on board: who leaves when, with nowhere confirmed to go, and whose move is next."""

from typing import Annotated

from fastapi import Query, Request
from starlette.responses import Response

from service.domain import cursors
from service.operations import move_on as operations
from service.operations.move_on import Page
from service.pages.move_on_words import WORDS
from service.pages.page_routes import pages_of
from service.pages.rendering import page
from service.routes.dependencies import ActorDep, Cursor, SessionDep

router = pages_of("board")
ON_A_PAGE = 200  # premises have no more places than this: their board is one page
AtRisk = Annotated[bool, Query()]


@router.get("/board", operation_id="read_board")
async def show_board(
    request: Request, session: SessionDep, actor: ActorDep, cursor: Cursor = None, at_risk: AtRisk = False
) -> Response:
    """Show the board, whoever leaves soonest with nothing confirmed at the top."""
    as_of, after = cursors.decode_board_place(cursor, actor.now)
    nobody_in_particular = {"at": None, "region": None, "practitioner": None}
    only = True if at_risk else None
    rows, last = await operations.read_board(
        session, actor, nobody_in_particular, Page(as_of, after, ON_A_PAGE), at_risk=only
    )
    return page(
        request,
        "board",
        rows=rows,
        next=cursors.encode(as_of.isoformat(), *last) if last else None,
        at_risk=at_risk,
        risky=sum(row.at_risk for row in rows),
        places=sorted({row.premises_name for row in rows}),
        words=WORDS,
        packs={name: actor.catalogue.pack(name).label for name in actor.catalogue.pack_names},
    )
