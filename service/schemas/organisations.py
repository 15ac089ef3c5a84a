"""What an administrator sends about commissioned providers and their contracts, and what is shown of them."""

import datetime
from collections.abc import Mapping, Sequence
from typing import Annotated, Any, Literal, Self

from pydantic import BaseModel, ConfigDict, Field, StrictBool, StringConstraints, model_validator
from pydantic_core import PydanticCustomError

from service.domain import cursors
from service.domain.eligibility.facts import IsoDate
from service.schemas.recipients import Category
from service.schemas.texts import (
    Code,
    PlaceName,
    ShortWords,
    Whole,
    Words,
)

ContractType = Annotated[str, StringConstraints(pattern=r"^[a-z]{3}$")]
Age = Annotated[int, Field(strict=True, ge=10, le=150), Whole]
# A category of the licence's conditions, as the catalogue names them.
ConditionKind = Annotated[str, StringConstraints(pattern=r"^[a-z][a-z_]{0,59}$")]


class OrganisationKept(BaseModel):
    """A commissioned provider. One that is not active sees nothing, from its workers' next requests on."""

    model_config = ConfigDict(extra="forbid")

    name: ShortWords
    description: Words | None = None
    active: StrictBool = True


class OrganisationShown(BaseModel):
    """A commissioned provider as it is registered."""

    id: str
    name: str
    description: str | None
    active: bool


class ContractKept(BaseModel):
    """What a recipient is contracted for, and who works under it; its recipient must be registered first."""

    model_config = ConfigDict(extra="forbid")

    title: ShortWords
    contract_type: ContractType
    categories: list[Category] = Field(min_length=1, max_length=8, description="Those its type holds: acc, ete…")
    area_kind: Literal["region", "police_area"]
    areas: list[PlaceName] = Field(min_length=1, max_length=50)
    sex: Literal["any", "female", "male"] = "any"
    minimum_age: Age = 18
    maximum_age: Age = 150
    starts_on: IsoDate
    ends_on: IsoDate | None = None
    prime: Code = Field(description="The organisation that holds it.")
    subcontractors: list[Code] = Field(default_factory=list, max_length=9)
    conditions_needed: list[ConditionKind] = Field(
        default_factory=list,
        max_length=30,
        description="The kinds of licence condition its work needs to know of: it is shown these and no others.",
    )

    @model_validator(mode="after")
    def _is_possible(self) -> Self:
        if self.ends_on is not None and self.ends_on < self.starts_on:
            raise PydanticCustomError("broker_dates", "A contract cannot end before it starts.")
        if self.minimum_age > self.maximum_age:
            raise PydanticCustomError("broker_ages", "The lowest age cannot be above the highest.")
        if self.prime in self.subcontractors or len(set(self.subcontractors)) < len(self.subcontractors):
            raise PydanticCustomError("broker_members", "Name each organisation once.")
        return self


class ContractShown(BaseModel):
    """A contract and the organisations that work under it now."""

    id: str
    title: str
    contract_type: str
    categories: list[str]
    area_kind: str
    areas: list[str]
    sex: str
    minimum_age: int
    maximum_age: int
    starts_on: datetime.date
    ends_on: datetime.date | None
    prime: str
    subcontractors: list[str]
    conditions_needed: list[str]


class ContractList(BaseModel):
    """Contracts in the order of their ids, and where the next page starts."""

    items: list[ContractShown]
    next: str | None

    @classmethod
    def of(cls, rows: Sequence[Mapping[str, Any]], limit: int) -> "ContractList":
        """Return a page of rows; `rows` has one more than `limit` where there is a next page."""
        items = [ContractShown.model_validate(row) for row in rows[:limit]]
        return cls(items=items, next=cursors.encode(items[-1].id) if len(rows) > limit else None)


class ProviderWorkerKept(BaseModel):
    """A worker of a provider. One who is not active sees nothing from their next request on."""

    model_config = ConfigDict(extra="forbid")

    name: ShortWords
    administrator: StrictBool = Field(default=False, description="Whether they register their organisation's workers.")
    active: StrictBool = True
    leaving_no_administrator: StrictBool = Field(
        default=False, description="Go on although the organisation is left without an administrator."
    )


class ProviderWorkerShown(BaseModel):
    """A worker of a provider."""

    id: str
    organisation: str
    name: str
    administrator: bool
    active: bool
