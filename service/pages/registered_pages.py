"""Every page there is, put into the app."""

from fastapi import FastAPI, Request
from starlette.responses import Response

from service.errors import NotFound
from service.pages import (
    assets,
    board,
    caseload,
    people,
    questions,
    referral_questions,
    referrals,
    residents,
    shared_work,
    signing_in,
)
from service.pages.problem_pages import problem_page

ROUTERS = (
    *(board.router, residents.router, caseload.router, people.router),
    *(questions.router, referral_questions.router, referrals.router, shared_work.router),
)


def install(app: FastAPI) -> None:
    """Serve every page; any other address below them is a page that says there is nothing there."""
    assets.install(app)
    signing_in.install(app)
    caseload.install(app)
    for router in ROUTERS:
        app.include_router(router)
    app.add_route("/pages/{anything:path}", _nothing_here, include_in_schema=False)


async def _nothing_here(request: Request) -> Response:
    return problem_page(request, NotFound())
