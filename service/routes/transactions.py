"""One request, one transaction: permission, audit, repeats and deadlocks are settled here, for every route."""

from collections.abc import Awaitable, Callable, Coroutine
from contextvars import ContextVar
from functools import wraps
from typing import Any

from fastapi import Request, Response
from fastapi.routing import APIRoute

from service.access.callers import Caller
from service.access.permissions import PUBLIC
from service.access.records import PROVISION, AccessRecord
from service.access.scopes import lets
from service.errors import (
    FieldError,
    InvalidInput,
    NotFound,
    NotPermitted,
    Problem,
)
from service.routes import challenges
from service.routes.admissions import admit
from service.routes.json_bodies import JsonRequest
from service.routes.query_parameters import query_parameters, why_astray
from service.store import audit, idempotency, sessions

Handler = Callable[[Request], Coroutine[Any, Any, Response]]
ATTEMPTS = 4
PERSON_PARAMETERS = frozenset({"crn", "referral_id", "stay_id"})
# They look for a person although their paths name none.
SEARCHES = frozenset({"search_people", "open_case", "expect_arrival"})

_permitted: ContextVar[bool] = ContextVar("permitted", default=False)
# Why the request's query cannot be what the caller meant; said after the guards have spoken.
_astray: ContextVar[str] = ContextVar("astray", default="")


class TransactionalRoute(APIRoute):
    """A route whose whole work commits before its answer is sent, or leaves nothing behind."""

    def __init__(self, path: str, endpoint: Callable[..., Any], **options: Any) -> None:
        options.setdefault("operation_id", endpoint.__name__)
        if options["operation_id"] is None:
            options["operation_id"] = endpoint.__name__
        if options["operation_id"] not in PUBLIC:
            endpoint = _refused_by_default(endpoint)
        super().__init__(path, endpoint, **options)

    def get_route_handler(self) -> Handler:
        """Return the handler, wrapped in its transaction."""
        handler = super().get_route_handler()
        operation = str(self.operation_id)
        if operation in PUBLIC:
            return handler
        about_a_person = bool(PERSON_PARAMETERS & set(self.param_convertors))
        known = query_parameters(self.dependant)

        async def in_one_transaction(request: Request) -> Response:
            strict = JsonRequest(request.scope, request.receive)
            _astray.set(why_astray(strict.query_params, known))
            return await _answer(strict, handler, operation, about_a_person=about_a_person)

        return in_one_transaction


def _refused_by_default(endpoint: Callable[..., Awaitable[Any]]) -> Callable[..., Awaitable[Any]]:
    """Wrap an endpoint so that it cannot run unless the permission table said yes, to a query that it understands."""

    @wraps(endpoint)
    async def permitted_only(*arguments: Any, **named: Any) -> Any:
        if not _permitted.get():
            raise NotPermitted
        if why := _astray.get():
            raise InvalidInput(errors=[FieldError("/query", "unknown-parameter", why)])
        return await endpoint(*arguments, **named)

    return permitted_only


async def _answer(request: Request, handler: Handler, operation: str, *, about_a_person: bool) -> Response:
    caller: Caller = request.state.caller
    request.state.permitted = lets(operation, caller)
    purpose = PROVISION if caller.provides else None
    async with request.app.state.sessions() as session:
        request.state.session = session
        await _admit(request, looks_up_a_person=about_a_person or operation in SEARCHES)
        for attempt in range(1, ATTEMPTS + 1):
            request.state.record = AccessRecord(operation, purpose=purpose, asked_for=dict(request.path_params))
            request.state.repeatable = None
            request.state.now = request.app.state.clock()
            token = _permitted.set(request.state.permitted)
            try:
                # Where somebody is named in the path, the guard answers 404 first to those who may not see them.
                if not request.state.permitted and not about_a_person:
                    raise NotPermitted
                return await _committed(request, await handler(request))
            except idempotency.Repeated as repeated:
                return await _committed(request, Response(repeated.body, repeated.status, headers=repeated.headers))
            except Problem as problem:
                await _record_refusal(request, problem)
                if isinstance(problem, NotPermitted):
                    address = request.app.state.settings.address
                    problem.headers |= challenges.to_a_narrow_token(address, operation, caller)
                raise
            except sessions.TRANSIENT as failure:
                await session.rollback()
                if not sessions.worth_another_try(failure) or attempt == ATTEMPTS:
                    raise sessions.as_problem(failure) from failure
            finally:
                _permitted.reset(token)
    raise AssertionError  # the loop returns or raises


async def _admit(request: Request, *, looks_up_a_person: bool) -> None:
    try:
        await admit(request, looks_up_a_person=looks_up_a_person)
    except sessions.TRANSIENT as failure:
        raise sessions.as_problem(failure) from failure


async def _committed(request: Request, response: Response) -> Response:
    session, record = request.state.session, request.state.record
    if record.about_somebody:
        await audit.append(session, record, request.state.caller, request.state.now, request.state.trace_id)
    if request.state.repeatable is not None:
        await idempotency.keep(session, request.state.repeatable, response)
    await session.commit()
    return response


async def _record_refusal(request: Request, problem: Problem) -> None:
    """Undo the work; where somebody was refused sight of a person or an act, say so in a transaction of its own."""
    session, record = request.state.session, request.state.record
    await session.rollback()
    if isinstance(problem, (NotFound, NotPermitted)):
        record.outcome = "refused"
        record.details = {"code": problem.code, "asked_for": record.asked_for}
        record.crns, record.items, record.referral_id = [], [], None
        await audit.append(session, record, request.state.caller, request.state.now, request.state.trace_id)
        await session.commit()
