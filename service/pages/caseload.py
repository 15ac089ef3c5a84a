"""Pages of the people somebody works with: their caseload, and where each page of the service begins."""

from typing import Annotated

from fastapi import FastAPI, Query, Request
from starlette.responses import RedirectResponse, Response

from service.errors import NotPermitted
from service.pages.authentication import START
from service.pages.page_routes import pages_of
from service.pages.problem_pages import problem_page
from service.pages.rendering import menu_of, page
from service.routes import cases as api
from service.routes.dependencies import CallerDep, Cursor, Now, RecordDep, SessionDep

router = pages_of("caseload")
ON_A_PAGE = 50
Team = Annotated[bool, Query()]


def install(app: FastAPI) -> None:
    """Serve the first page: it leads to the first thing in the menu of whoever signed in."""
    app.add_route(START, _begin, include_in_schema=False)


async def _begin(request: Request) -> Response:
    menu = menu_of(request.state.caller, START)
    return RedirectResponse(menu[0]["address"], 303) if menu else problem_page(request, NotPermitted())


@router.get("/people", operation_id="list_cases")
async def show_people(
    request: Request,
    session: SessionDep,
    caller: CallerDep,
    now: Now,
    record: RecordDep,
    team: Team = False,
    cursor: Cursor = None,
) -> Response:
    """Show the caseload, or the team's."""
    found = await api.list_cases(session, caller, now, record, team, cursor, ON_A_PAGE)
    return page(request, "people", people=found.items, next=found.next, team=team)
