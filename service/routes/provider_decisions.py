"""The closed loop for commissioned providers: the acts of any recipient, at the provider's own addresses."""

from collections.abc import Callable, Mapping
from typing import Any

from fastapi import APIRouter, status

from service.conflicts import TransitionNotAllowed
from service.errors import NotFound, NotPermitted, RevisionStale
from service.routes import decisions, queries
from service.routes.problems import problems_of
from service.routes.transactions import TransactionalRoute

router = APIRouter(route_class=TransactionalRoute, prefix="/v1/provider/referrals/{referral_id}", tags=["provision"])

# The same handlers, so that no rule of the loop can be one thing for a recipient and another for a provider.
ACTS: Mapping[str, tuple[Callable[..., Any], dict[int | str, dict[str, Any]]]] = {
    "receipt": (decisions.receive_referral, decisions.ACTED),
    "acceptance": (decisions.accept_referral, decisions.DECIDED),
    "rejection": (decisions.reject_referral, decisions.DECIDED),
    "scheduling": (decisions.schedule_referral, decisions.DECIDED),
    "scheduling-cancellation": (decisions.cancel_schedule, decisions.ACTED),
    "start": (decisions.start_referral, decisions.DECIDED),
    "outcome": (decisions.record_outcome, decisions.ACTED),
}
for path, (act, responses) in ACTS.items():
    router.add_api_route(
        f"/{path}", act, methods=["POST"], operation_id=f"{act.__name__}_as_provider", responses=responses
    )
router.add_api_route(
    "/queries",
    queries.ask_query,
    methods=["POST"],
    operation_id="ask_query_as_provider",
    status_code=status.HTTP_201_CREATED,
    responses=problems_of(NotFound, NotPermitted, TransitionNotAllowed, RevisionStale),
)
router.add_api_route(
    "/queries",
    queries.list_queries,
    methods=["GET"],
    operation_id="list_queries_as_provider",
    responses=problems_of(NotFound, NotPermitted),
)
