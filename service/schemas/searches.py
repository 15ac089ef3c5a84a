"""What callers look for people by, and what they are told of those found."""

from collections.abc import Mapping, Sequence
from enum import StrEnum
from typing import Annotated, Any, Self

from pydantic import BaseModel, ConfigDict, Field, model_validator
from pydantic.config import JsonDict
from pydantic_core import PydanticCustomError

from service.domain.eligibility.facts import IsoDate
from service.schemas.cases import links_of
from service.schemas.texts import CaseNumber, LeftOut, PrisonNumber, ShortWords

_WAYS = ({"crn"}, {"noms_number"}, {"family_name", "date_of_birth"})
_ANY_ONE_WAY: JsonDict = {"oneOf": [{"required": [*sorted(way)], "maxProperties": len(way)} for way in _WAYS]}


class PeopleWanted(BaseModel):
    """Whom to look for: a CRN, a prison number, or a family name with a date of birth; one of the three."""

    model_config = ConfigDict(extra="forbid", json_schema_extra=_ANY_ONE_WAY)

    crn: LeftOut[CaseNumber] = None
    noms_number: LeftOut[PrisonNumber] = None
    family_name: LeftOut[ShortWords] = None
    date_of_birth: LeftOut[IsoDate] = None

    @model_validator(mode="after")
    def _is_one_way(self) -> Self:
        if set(self.model_dump(exclude_none=True)) not in _WAYS:
            reason = "Look by CRN, by prison number, or by family name and date of birth together."
            raise PydanticCustomError("broker_one_way_to_look", reason)
        return self

    @property
    def way(self) -> str:
        """How the caller looks, in a word."""
        return "crn" if self.crn else "noms_number" if self.noms_number else "name"


class Access(StrEnum):
    """What the caller can do with a case found."""

    VISIBLE = "visible"
    OPEN_WITH_A_REASON = "open_with_a_reason"


class PersonFound(BaseModel):
    """Somebody found: no more than is needed to tell that it is the right person."""

    crn: str
    family_name: str | None
    given_names: str | None
    access: Access
    links: Annotated[dict[str, str], Field(description="The case; or where to open it for a while.")]

    @classmethod
    def of(cls, row: Mapping[str, Any]) -> "PersonFound":
        """Return one row found as callers see it."""
        visible = Access.VISIBLE if row["visible"] else Access.OPEN_WITH_A_REASON
        links = links_of(row["crn"]) if row["visible"] else {"openings": f"/v1/cases/{row['crn']}/openings"}
        names = {name: row[name] for name in ("crn", "family_name", "given_names")}
        return cls(**names, access=visible, links=links)


class PeopleFound(BaseModel):
    """Everybody found who the caller may see, or could after giving a reason."""

    items: list[PersonFound]
    next: None

    @classmethod
    def of(cls, rows: Sequence[Mapping[str, Any]]) -> "PeopleFound":
        """Return the people found; there is never a second page."""
        return cls(items=[PersonFound.of(row) for row in rows], next=None)
