"""Which contracts a person could be referred to, over HTTP: for those who hold the case."""

from typing import Annotated

from fastapi import APIRouter, Depends, Query

from service.errors import InvalidInput, NotFound, NotPermitted
from service.operations import contracts as operations
from service.operations.contracts import ContractsWanted
from service.routes.dependencies import ReaderDep, SessionDep, VisibleCase, VisibleProfile
from service.routes.problems import problems_of
from service.routes.transactions import TransactionalRoute
from service.schemas.contracts import ContractsJudged
from service.schemas.recipients import Category
from service.schemas.texts import PlaceName

router = APIRouter(route_class=TransactionalRoute, prefix="/v1/cases/{crn}/contracts", tags=["eligibility and timing"])


async def _wanted(
    category: Annotated[Category | None, Query(description="Only for this service category, like acc.")] = None,
    police_area: Annotated[
        PlaceName | None, Query(description="Where the person lives or will live: no item of the profile says it.")
    ] = None,
) -> ContractsWanted:
    return ContractsWanted(category, police_area)


@router.get("", responses=problems_of(NotFound, NotPermitted, InvalidInput))
async def read_contracts_for_person(
    case: VisibleCase,
    profile: VisibleProfile,
    wanted: Annotated[ContractsWanted, Depends(_wanted)],
    session: SessionDep,
    actor: ReaderDep,
) -> ContractsJudged:
    """Read which contracts of commissioned services the person could be referred to, and why not to the others.

    Every reason is named. A fact that nobody has said is named too, and a contract that turns on it cannot be told.
    """
    return await operations.contracts_for(session, case, profile, wanted, actor)
