"""What an organisation's own administrator sends about its workers, and the list of them."""

from collections.abc import Mapping, Sequence
from typing import Any

from pydantic import BaseModel

from service.domain import cursors
from service.schemas.organisations import ProviderWorkerShown
from service.schemas.referrals import Input
from service.schemas.texts import ShortWords


class WorkerRegistered(Input):
    """A worker of your organisation. Whether they are an administrator is not yours to say."""

    name: ShortWords


class ProviderWorkerList(BaseModel):
    """An organisation's workers, suspended ones too, in the order of their ids, and where the next page starts."""

    items: list[ProviderWorkerShown]
    next: str | None

    @classmethod
    def of(cls, rows: Sequence[Mapping[str, Any]], limit: int) -> "ProviderWorkerList":
        """Return a page of rows; `rows` has one more than `limit` where there is a next page."""
        items = [ProviderWorkerShown.model_validate(row) for row in rows[:limit]]
        return cls(items=items, next=cursors.encode(items[-1].id) if len(rows) > limit else None)
