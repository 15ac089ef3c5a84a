"""The record of access over HTTP, for auditors; asked in a body, so that no CRN stands in an address."""

from fastapi import APIRouter

from service.errors import InvalidInput, NotPermitted
from service.operations import audits as operations
from service.routes.dependencies import RecordDep, SessionDep
from service.routes.problems import problems_of
from service.routes.transactions import TransactionalRoute
from service.schemas.audits import EntriesWanted, EntryList

router = APIRouter(route_class=TransactionalRoute, prefix="/v1/audit/searches", tags=["audit"])


@router.post("", responses=problems_of(NotPermitted, InvalidInput))
async def search_audit(body: EntriesWanted, session: SessionDep, record: RecordDep) -> EntryList:
    """Read who saw, changed, looked for or was refused what: about a person, by a worker, or since; the newest first.

    The search itself is put on the record, naming everybody who appears in what you are shown.
    """
    return EntryList.of(await operations.search_audit(session, body, record=record), body.limit)
