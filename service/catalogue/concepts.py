"""The 44 things several forms ask, as the comparison of the real forms found them."""

from functools import cache
from pathlib import Path
from typing import Any

from service.catalogue.definitions import RECORD_SYSTEMS
from service.catalogue.reading import plain, read_yaml

ASKED_AFRESH = frozenset({"C", "D"})  # why this service, how urgent, who approves, who agrees


@cache
def items_asked_afresh() -> frozenset[str]:
    """Return the items that every referral asks anew, because each answers for one destination or is a decision."""
    return frozenset(item for concept in _concepts() if concept["class"] in ASKED_AFRESH for item in concept["items"])


@cache
def rows_with_a_source() -> frozenset[str]:
    """Return the inventory rows of those concepts for which the comparison names a record system as the source."""
    return frozenset(
        row
        for concept in _concepts()
        if set(concept.get("source") or ()) & set(RECORD_SYSTEMS)
        for rows in concept["rows"].values()
        for row in rows
    )


@cache
def _concepts() -> list[dict[str, Any]]:
    concepts: list[dict[str, Any]] = plain(read_yaml(Path(__file__).parent / "shared_concepts.yaml"))
    return concepts
