"""A page's route: the same transaction, permission and record of access as the operation it is a page of."""

from typing import Any

from fastapi import APIRouter, Depends, Request, Response
from fastapi.exceptions import RequestValidationError
from starlette.exceptions import HTTPException

from service.access.scopes import lets
from service.errors import NotFound, Problem
from service.observation import note_failure
from service.pages.problem_pages import problem_page
from service.routes.observed_requests import route_of
from service.routes.transactions import Handler, TransactionalRoute


class PageRoute(TransactionalRoute):
    """A route of the one kind there is, named for the API's operation it does; what it refuses is a page."""

    def get_route_handler(self) -> Handler:
        """Return the handler, its refusals turned into pages."""
        handler = super().get_route_handler()

        async def shown(request: Request) -> Response:
            try:
                return await handler(request)
            except RequestValidationError:  # only an address can have the wrong shape: forms are read by hand
                return problem_page(request, NotFound())
            except HTTPException as refusal:
                cause = refusal.__cause__
                return problem_page(request, cause if isinstance(cause, Problem) else NotFound())
            except Problem as problem:
                return problem_page(request, problem)
            except Exception as failure:  # noqa: BLE001  whatever it is, whoever looks gets a page and no text of it
                note_failure("request", failure, trace_id=request.state.trace_id, route=route_of(request.scope))
                return problem_page(request, Problem())

        return shown


def pages_of(tag: str) -> APIRouter:
    """Return a router for pages: they are no part of the published API."""
    return APIRouter(route_class=PageRoute, prefix="/pages", tags=[tag], include_in_schema=False)


def also(*operations: str) -> Any:
    """Return a condition on a page that shows what several operations give: each must be the caller's to do.

    It is noted before the guards look for the person, and they refuse: 404 comes before 403 here as everywhere.
    """

    async def note_permission(request: Request) -> None:
        state = request.state
        state.permitted = state.permitted and all(lets(each, state.caller) for each in operations)

    return Depends(note_permission)
