"""The 44 things several forms ask, as the comparison of the real forms found them."""

from functools import cache
from pathlib import Path

from service.catalogue.definitions import RECORD_SYSTEMS
from service.catalogue.reading import plain, read_yaml


@cache
def rows_with_a_source() -> frozenset[str]:
    """Return the inventory rows of those concepts for which the comparison names a record system as the source."""
    concepts = plain(read_yaml(Path(__file__).parent / "shared_concepts.yaml"))
    return frozenset(
        row
        for concept in concepts
        if set(concept.get("source") or ()) & set(RECORD_SYSTEMS)
        for rows in concept["rows"].values()
        for row in rows
    )
