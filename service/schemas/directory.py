"""The directory as Open Referral UK (HSDS 3) has it: services, organisations, and pages of them."""

import uuid
from collections.abc import Mapping, Sequence
from typing import Any, Literal, Self

from pydantic import BaseModel


def directory_id(kind: str, name: str) -> uuid.UUID:
    """Return the id the directory gives to what we know by a name: HSDS asks for a UUID, and it must stay the same."""
    return uuid.uuid5(uuid.NAMESPACE_URL, f"referral-broker:{kind}:{name}")


class DirectoryOrganization(BaseModel):
    """A commissioned provider."""

    id: uuid.UUID
    name: str
    description: str
    website: str | None
    email: str | None

    @classmethod
    def of(cls, row: Mapping[str, Any]) -> Self:
        """Return a row's organisation."""
        return cls(
            id=directory_id("organization", row["organisation"]),
            name=row["organisation_name"],
            description=row["organisation_description"] or row["organisation_name"],
            website=row["website"],
            email=row["email"],
        )


class ServiceArea(BaseModel):
    """A region or police area that a service is for."""

    id: uuid.UUID
    name: str


class DirectoryService(BaseModel):
    """A contract in force."""

    id: uuid.UUID
    name: str
    description: str
    status: Literal["active"] = "active"
    alternate_name: str
    minimum_age: int
    maximum_age: int
    organization: DirectoryOrganization
    service_areas: list[ServiceArea]

    @classmethod
    def of(cls, row: Mapping[str, Any]) -> Self:
        """Return a row's service; its alternate name is the recipient that a referral names."""
        return cls(
            id=directory_id("service", row["id"]),
            name=row["title"],
            description=row["description"] or f"Service categories: {', '.join(row['categories'])}.",
            alternate_name=row["id"],
            minimum_age=row["minimum_age"],
            maximum_age=row["maximum_age"],
            organization=DirectoryOrganization.of(row),
            service_areas=[ServiceArea(id=directory_id("service_area", area), name=area) for area in row["areas"]],
        )


class _Page(BaseModel):
    total_items: int
    total_pages: int
    page_number: int
    size: int
    first_page: bool
    last_page: bool
    empty: bool


class ServicePage(_Page):
    """A page of the directory's services."""

    contents: list[DirectoryService]


class OrganizationPage(_Page):
    """A page of the directory's organisations."""

    contents: list[DirectoryOrganization]


def paging(rows: Sequence[Mapping[str, Any]], page: int, per_page: int) -> dict[str, Any]:
    """Return what HSDS says of a page of rows that each carry the `total`; beyond the last page the total is 0."""
    total = rows[0]["total"] if rows else 0
    pages = -(-total // per_page)
    numbers = {"total_items": total, "total_pages": pages, "page_number": page, "size": len(rows)}
    return numbers | {"first_page": page == 1, "last_page": page >= pages, "empty": not rows}
