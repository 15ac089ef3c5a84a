"""The catalogue over HTTP: what can be known about a person, and what each form asks."""

from typing import Annotated, Any, Literal

from fastapi import APIRouter, Depends, Path, Query

from service.catalogue.definitions import Catalogue, Pack
from service.errors import NotFound
from service.operations.catalogues import catalogue_for
from service.routes.dependencies import CallerDep, CatalogueDep
from service.routes.problems import problems_of
from service.routes.transactions import TransactionalRoute
from service.schemas.packs import (
    ItemList,
    PackList,
    PackShown,
    item_shown,
    pack_json_schema,
    pack_shown,
    pack_summary,
)
from service.schemas.texts import CatalogueName, PackVersion

router = APIRouter(route_class=TransactionalRoute, prefix="/v1", tags=["catalogue"])

Version = Annotated[PackVersion | None, Query(description="A version of the pack; the newest unless given.")]
Format = Annotated[Literal["questions", "json_schema"], Query(alias="format", description="How to write it.")]


async def _known(caller: CallerDep, catalogue: CatalogueDep) -> Catalogue:
    """Find as much of the catalogue as the caller may know of."""
    return catalogue_for(caller, catalogue)


Known = Annotated[Catalogue, Depends(_known)]


@router.get("/items")
async def list_items(catalogue: Known) -> ItemList:
    """List everything that can be known about a person, and the packs that ask it; a provider, what it may be shown."""
    return ItemList(items=[item_shown(item, catalogue) for item in catalogue.items.values()], next=None)


@router.get("/packs")
async def list_packs(catalogue: Known) -> PackList:
    """List the forms a referral can be made of; a provider, those that are sent to it."""
    return PackList(items=[pack_summary(name, catalogue) for name in catalogue.pack_names], next=None)


@router.get("/packs/{pack}", responses=problems_of(NotFound))
async def read_pack(
    pack: Annotated[CatalogueName, Path()],
    catalogue: Known,
    version: Version = None,
    written: Format = "questions",
) -> PackShown | dict[str, Any]:
    """Read one form: every question with its conditions; with `format=json_schema` as JSON Schema to draw it from."""
    found = _find(catalogue, pack, version)
    return pack_json_schema(found) if written == "json_schema" else pack_shown(found)


def _find(catalogue: Catalogue, pack: str, version: str | None) -> Pack:
    try:
        return catalogue.pack(pack, version)
    except KeyError:
        raise NotFound from None
