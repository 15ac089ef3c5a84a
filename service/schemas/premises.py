"""What an administrator sends about approved premises, and what staff see of them."""

from collections.abc import Mapping, Sequence
from typing import Annotated, Any

from pydantic import BaseModel, Field

from service.domain import cursors
from service.domain.premises import WEEKS, Kind
from service.schemas.referrals import Input
from service.schemas.texts import PlaceName, ShortWords, Whole


class PremisesKept(Input):
    """Approved premises; no address is kept here. Another kind counts for who arrives from now on."""

    name: ShortWords
    kind: Kind
    places: Annotated[int, Field(strict=True, ge=1, le=200), Whole]
    region: PlaceName


class PremisesShown(BaseModel):
    """Approved premises, and how many weeks a stay there has unless a reason is given."""

    id: str
    name: str
    kind: Kind
    weeks: int
    places: int
    region: str


class PremisesList(BaseModel):
    """Approved premises in the order of their ids, and where the next page starts."""

    items: list[PremisesShown]
    next: str | None


def premises_shown(row: Mapping[str, Any]) -> PremisesShown:
    """Return stored premises as they are shown."""
    return PremisesShown.model_validate({**row, "weeks": WEEKS[Kind(row["kind"])]})


def premises_list(rows: Sequence[Mapping[str, Any]], limit: int) -> PremisesList:
    """Return a page of rows; `rows` has one more than `limit` where there is a next page."""
    items = [premises_shown(row) for row in rows[:limit]]
    return PremisesList(items=items, next=cursors.encode(items[-1].id) if len(rows) > limit else None)
