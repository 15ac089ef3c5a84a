"""Which contracts of commissioned services a person could be referred to, as a practitioner reads it."""

import datetime

from pydantic import BaseModel, Field

from service.domain.contracts import Fact, Fit, Misfit


class ReferredShown(BaseModel):
    """What is known of the person that contracts turn on; null is not known, and stands in `unknown`."""

    region: str | None
    police_area: str | None
    sex: str | None
    age: int | None


class MisfitShown(BaseModel):
    """One reason why a contract does not take the person."""

    code: Misfit
    detail: str


class ContractJudged(BaseModel):
    """A contract and how it fits: `cannot_tell` while nothing stands against it and a fact it turns on is unknown."""

    id: str = Field(description="The recipient that a referral to it names.")
    title: str
    categories: list[str]
    prime: str | None
    subcontractors: list[str]
    fit: Fit
    reasons: list[MisfitShown] = Field(description="Every reason why it does not take the person.")
    unknown: list[Fact] = Field(description="What would have to be known to be sure.")


class ContractsJudged(BaseModel):
    """Every contract, those that take the person first, and the facts they were judged by."""

    crn: str
    on: datetime.date
    facts: ReferredShown
    unknown: list[Fact] = Field(description="The facts nobody has said.")
    items: list[ContractJudged]
