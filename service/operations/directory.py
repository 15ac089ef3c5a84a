"""The public directory's services, found by the ids that the directory itself gave."""

import datetime
import uuid
from dataclasses import dataclass
from typing import Any

from service.catalogue.services import service_categories
from service.db import Session
from service.schemas.directory import TAXONOMY, directory_id, term_id
from service.store import directory as store
from service.store.directory import ServicesWanted


@dataclass(frozen=True, slots=True)
class Asked:
    """How the services are narrowed, as HSDS has it."""

    search: str | None = None
    organization_id: uuid.UUID | None = None
    taxonomy_term_id: uuid.UUID | None = None
    taxonomy_id: uuid.UUID | None = None
    modified_after: datetime.date | None = None


async def services(
    session: Session, today: datetime.date, asked: Asked, *, skipped: int, limit: int
) -> list[dict[str, Any]]:
    """Return the services asked for, each row with how many there are; none for an id of nothing that there is."""
    terms = {term_id(category): category for category in service_categories()}
    organisations: dict[uuid.UUID, str] = {}
    if asked.organization_id is not None:
        organisations = {directory_id("organization", one): one for one in await store.known_organisations(session)}
    taxonomies = {directory_id("taxonomy", TAXONOMY): TAXONOMY}
    for known, named in (
        (terms, asked.taxonomy_term_id),
        (organisations, asked.organization_id),
        (taxonomies, asked.taxonomy_id),
    ):
        if named is not None and named not in known:
            return []
    wanted = ServicesWanted(
        organisation=None if asked.organization_id is None else organisations[asked.organization_id],
        category=None if asked.taxonomy_term_id is None else terms[asked.taxonomy_term_id],
        search=asked.search,
        modified_after=asked.modified_after,
    )
    return await store.services_in_force(session, today, wanted, skipped=skipped, limit=limit)
