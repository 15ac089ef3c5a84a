"""The directory as Open Referral UK (HSDS 3) has it: what it is, its services and organisations, and pages of them."""

import datetime
import uuid
from collections.abc import Mapping, Sequence
from typing import Any, Literal, Self

from pydantic import BaseModel

from service.catalogue.services import category_labels

TAXONOMY = "referral-broker-service-categories"
WHO = {"any": "People", "female": "Women", "male": "Men"}
NO_LIMIT = 150  # years: as contracts have it that take anybody, however old


def directory_id(kind: str, name: str) -> uuid.UUID:
    """Return the id the directory gives to what we know by a name: HSDS asks for a UUID, and it must stay the same."""
    return uuid.uuid5(uuid.NAMESPACE_URL, f"referral-broker:{kind}:{name}")


class DirectoryAbout(BaseModel):
    """What the directory is: the version of HSDS, its UK profile, and where it is described."""

    version: str = "3.0"
    profile: str = "https://docs.openreferraluk.org/"
    publisher: str = "Referral Broker"
    openapi_url: str


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


class TaxonomyTerm(BaseModel):
    """A category of commissioned services."""

    id: uuid.UUID
    code: str
    name: str
    description: str
    taxonomy: str = TAXONOMY
    taxonomy_id: uuid.UUID

    @classmethod
    def of(cls, category: str) -> Self:
        """Return a category as a term of the one taxonomy there is."""
        label = category_labels().get(category, category)
        return cls(
            id=term_id(category),
            code=category,
            name=label,
            description=f"Commissioned rehabilitative services: {label}.",
            taxonomy_id=directory_id("taxonomy", TAXONOMY),
        )


def term_id(category: str) -> uuid.UUID:
    """Return the id of a category as a term."""
    return directory_id("taxonomy_term", category)


class ServiceAttribute(BaseModel):
    """That a service is of a category."""

    id: uuid.UUID
    link_id: uuid.UUID
    link_entity: Literal["service"] = "service"
    taxonomy_term_id: uuid.UUID
    taxonomy_term: TaxonomyTerm


class BriefService(BaseModel):
    """A contract in force, as `minimal` has it."""

    id: uuid.UUID
    last_modified: datetime.datetime

    @classmethod
    def brief(cls, row: Mapping[str, Any]) -> "BriefService":
        """Return a row's service, as `minimal` has it."""
        return BriefService(id=directory_id("service", row["id"]), last_modified=row["last_modified"])


class DirectoryService(BriefService):
    """A contract in force. A person is referred to it by a probation practitioner, and in no other way."""

    name: str
    description: str
    status: Literal["active"] = "active"
    alternate_name: str
    minimum_age: int
    maximum_age: int | None
    eligibility_description: str
    organization: DirectoryOrganization
    service_areas: list[ServiceArea]
    attributes: list[ServiceAttribute]

    @classmethod
    def of(cls, row: Mapping[str, Any]) -> Self:
        """Return a row's service; its alternate name is the recipient that a referral names."""
        lowest, highest = row["minimum_age"], None if row["maximum_age"] >= NO_LIMIT else row["maximum_age"]
        ages = f"{lowest} and over" if highest is None else f"{lowest} to {highest}"
        return cls(
            **cls.brief(row).model_dump(),
            name=row["title"],
            description=row["description"] or f"Service categories: {', '.join(row['categories'])}.",
            alternate_name=row["id"],
            minimum_age=lowest,
            maximum_age=highest,
            eligibility_description=f"{WHO[row['sex']]} aged {ages} whom a probation practitioner refers.",
            organization=DirectoryOrganization.of(row),
            service_areas=[ServiceArea(id=directory_id("service_area", area), name=area) for area in row["areas"]],
            attributes=[_attribute(row["id"], category) for category in row["categories"]],
        )


def _attribute(contract: str, category: str) -> ServiceAttribute:
    return ServiceAttribute(
        id=directory_id("attribute", f"{contract}:{category}"),
        link_id=directory_id("service", contract),
        taxonomy_term_id=term_id(category),
        taxonomy_term=TaxonomyTerm.of(category),
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

    contents: list[DirectoryService] | list[BriefService]


class OrganizationPage(_Page):
    """A page of the directory's organisations."""

    contents: list[DirectoryOrganization]


def paging(rows: Sequence[Mapping[str, Any]], page: int, per_page: int) -> dict[str, Any]:
    """Return what HSDS says of a page of rows that each carry the `total`; beyond the last page the total is 0."""
    total = rows[0]["total"] if rows else 0
    pages = -(-total // per_page)
    numbers = {"total_items": total, "total_pages": pages, "page_number": page, "size": len(rows)}
    return numbers | {"first_page": page == 1, "last_page": page >= pages, "empty": not rows}
