"""The categories of service that commissioned providers offer, as reference data beside their form."""

from functools import cache
from pathlib import Path
from typing import Any

from service.catalogue.reading import plain, read_yaml

GREATER_MANCHESTER = "greater_manchester"


@cache
def _known() -> dict[str, Any]:
    known: dict[str, Any] = plain(read_yaml(Path(__file__).parent / "service_categories.yaml"))
    return known


@cache
def service_categories() -> frozenset[str]:
    """Return the codes of the categories, like `acc`."""
    return frozenset(_known()["categories"])


def complexity_levels(category: str) -> tuple[str, ...]:
    """Return the levels a category has; none of what is no category."""
    return tuple(_known()["categories"].get(category, {}).get("complexity", ()))


def outcomes_offered(category: str, area: str | None) -> tuple[str, ...]:
    """Return the outcomes that contracts of an area offer in a category; none of what is no category."""
    known = _known()
    elsewhere = "not_in_greater_manchester" if area == GREATER_MANCHESTER else "greater_manchester_only"
    return tuple(
        one for one in known["categories"].get(category, {}).get("outcomes", ()) if one not in known[elsewhere]
    )


@cache
def contract_types() -> dict[str, tuple[str, ...]]:
    """Return the categories that each type of contract holds, by the type's code."""
    return {name: tuple(categories) for name, categories in _known()["contract_types"].items()}


@cache
def category_labels() -> dict[str, str]:
    """Return what each category is called, by its code."""
    return {code: str(category["label"]) for code, category in _known()["categories"].items()}
