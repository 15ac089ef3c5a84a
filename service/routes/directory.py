"""The public directory over HTTP, in the Open Referral UK shape: no token, no person, no secret address."""

import uuid
from typing import Annotated

from fastapi import APIRouter, Depends, Query, Request

from service.domain.calendar import british_day
from service.domain.eligibility.facts import IsoDate
from service.errors import InvalidInput, NotFound, Unavailable
from service.operations import directory as operations
from service.operations.directory import Asked
from service.routes.problems import problems_of
from service.routes.transactions import TransactionalRoute
from service.schemas.directory import (
    BriefService,
    DirectoryAbout,
    DirectoryOrganization,
    DirectoryService,
    OrganizationPage,
    ServicePage,
    directory_id,
    paging,
)
from service.store import directory as store
from service.store import sessions

router = APIRouter(route_class=TransactionalRoute, prefix="/directory", tags=["directory"])
PageNumber = Annotated[int, Query(ge=1, le=10_000, description="Which page.")]
PerPage = Annotated[int, Query(ge=1, le=200, description="How many at most.")]


async def _asked(
    search: Annotated[str | None, Query(max_length=200, description="Words in the name or description.")] = None,
    organization_id: Annotated[uuid.UUID | None, Query(description="Of this organisation.")] = None,
    taxonomy_term_id: Annotated[uuid.UUID | None, Query(description="Of this category.")] = None,
    taxonomy_id: Annotated[uuid.UUID | None, Query(description="Of the categories of this taxonomy.")] = None,
    modified_after: Annotated[IsoDate | None, Query(description="Changed on this day or since.")] = None,
) -> Asked:
    return Asked(search, organization_id, taxonomy_term_id, taxonomy_id, modified_after)


Filters = Annotated[Asked, Depends(_asked)]
Minimal = Annotated[bool, Query(description="The ids alone, with when each was changed last.")]


@router.get("")
async def read_directory(request: Request) -> DirectoryAbout:
    """Read what this directory is: the version of HSDS, its UK profile, and where it is described."""
    return DirectoryAbout(openapi_url=f"{request.app.state.settings.address}/openapi.json")


@router.get("/services", responses=problems_of(InvalidInput, Unavailable))
async def read_directory_services(
    request: Request,
    asked: Filters,
    page: PageNumber = 1,
    per_page: PerPage = 50,
    minimal: Minimal = False,
) -> ServicePage:
    """Read the commissioned services in force today, as Open Referral UK (HSDS 3) has them; no token is needed.

    Every one is whole, whether HSDS's `full` is asked for or not. Approved premises are never among them: their
    addresses are secret.
    """
    today, skipped = british_day(request.app.state.clock()), (page - 1) * per_page
    try:
        async with request.app.state.sessions() as session:
            rows = await operations.services(session, today, asked, skipped=skipped, limit=per_page)
    except sessions.TRANSIENT as failure:
        raise sessions.as_problem(failure) from failure
    shape = BriefService.brief if minimal else DirectoryService.of
    return ServicePage(contents=[shape(row) for row in rows], **paging(rows, page, per_page))


@router.get("/services/{service_id}", responses=problems_of(NotFound, InvalidInput, Unavailable))
async def read_directory_service(request: Request, service_id: uuid.UUID) -> DirectoryService:
    """Read one commissioned service in force today, as Open Referral UK (HSDS 3) has it; no token is needed."""
    today = british_day(request.app.state.clock())
    try:
        async with request.app.state.sessions() as session:
            known = await store.contracts_in_force(session, today)
            # An id is made from the contract's name, and cannot be turned back into it.
            named = next((one for one in known if directory_id("service", one) == service_id), None)
            row = await store.service_in_force(session, today, named) if named is not None else None
    except sessions.TRANSIENT as failure:
        raise sessions.as_problem(failure) from failure
    if row is None:
        raise NotFound("There is no such service in force.")
    return DirectoryService.of(row)


@router.get("/organizations", responses=problems_of(InvalidInput, Unavailable))
async def read_directory_organizations(
    request: Request, page: PageNumber = 1, per_page: PerPage = 50
) -> OrganizationPage:
    """Read the commissioned providers, as Open Referral UK (HSDS 3) has them; no token is needed."""
    try:
        async with request.app.state.sessions() as session:
            rows = await store.organisations_at_work(session, skipped=(page - 1) * per_page, limit=per_page)
    except sessions.TRANSIENT as failure:
        raise sessions.as_problem(failure) from failure
    return OrganizationPage(contents=[DirectoryOrganization.of(row) for row in rows], **paging(rows, page, per_page))
