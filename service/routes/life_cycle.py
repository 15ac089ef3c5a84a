"""How a referral moves, for anybody who builds on the service: statuses, acts and coded reasons."""

from fastapi import APIRouter

from service.catalogue.reasons import reasons
from service.routes.transactions import TransactionalRoute
from service.schemas.life_cycle import LifeCycle, life_cycle

router = APIRouter(route_class=TransactionalRoute, prefix="/v1", tags=["closed loop"])


@router.get("/life-cycle")
async def read_life_cycle() -> LifeCycle:
    """Read every status, which act leads from where to where, and each pack's own words and coded reasons.

    What is not `verified` is ours, until somebody has checked it against the recipient's own material.
    """
    return life_cycle(reasons())
