"""Finding a person over HTTP, with nothing personal in the address."""

from fastapi import APIRouter

from service.errors import InvalidInput, NotPermitted
from service.operations import searches as operations
from service.routes.dependencies import CallerDep, Now, RecordDep, SessionDep
from service.routes.problems import problems_of
from service.routes.transactions import TransactionalRoute
from service.schemas.searches import PeopleFound, PeopleWanted

router = APIRouter(route_class=TransactionalRoute, prefix="/v1/searches", tags=["cases"])


@router.post("", responses=problems_of(NotPermitted, InvalidInput))
async def search_people(
    body: PeopleWanted, session: SessionDep, caller: CallerDep, now: Now, record: RecordDep
) -> PeopleFound:
    """Find people by CRN, by prison number, or by family name and date of birth.

    You are told of the cases you can see, and of those you could open for a while with a reason. Capitals, accents,
    hyphens and apostrophes in a name do not matter.
    """
    return PeopleFound.of(await operations.search_people(session, body, caller=caller, now=now, record=record))
