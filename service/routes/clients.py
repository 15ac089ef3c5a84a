"""The systems that call for workers, over HTTP: kept by an administrator, who sees no case."""

from typing import Annotated

from fastapi import APIRouter, Path

from service.domain import cursors
from service.errors import InvalidInput, NotPermitted
from service.operations import clients as operations
from service.routes.dependencies import ActorDep, Cursor, Limit, SessionDep, SettingsDep
from service.routes.problems import problems_of
from service.routes.transactions import TransactionalRoute
from service.schemas.clients import ClientKept, ClientList, ClientShown
from service.schemas.texts import Code
from service.store import clients as store

router = APIRouter(route_class=TransactionalRoute, prefix="/v1", tags=["reference data"])


@router.put("/clients/{client_id}", responses=problems_of(NotPermitted, InvalidInput))
async def put_client(
    client_id: Annotated[Code, Path()],
    body: ClientKept,
    session: SessionDep,
    actor: ActorDep,
    settings: SettingsDep,
) -> ClientShown:
    """Register a system that calls for workers, or replace it: what it loses, its tokens lose on their next request."""
    kept = await operations.put_client(session, client_id, body, actor, is_development=settings.is_development)
    return ClientShown.model_validate(kept)


@router.get("/clients", responses=problems_of(NotPermitted))
async def list_clients(session: SessionDep, cursor: Cursor = None, limit: Limit = 50) -> ClientList:
    """Read the registered systems, with their public keys; a secret is never shown again."""
    after = cursors.decode(cursor, str)[0] if cursor else ""
    return ClientList.of(await store.list_clients(session, after, limit), limit)
