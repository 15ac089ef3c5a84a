"""The categories of service that commissioned providers offer, as reference data beside their form."""

from functools import cache
from pathlib import Path

from service.catalogue.reading import plain, read_yaml


@cache
def service_categories() -> frozenset[str]:
    """Return the codes of the categories, like `acc`."""
    known = plain(read_yaml(Path(__file__).parent / "service_categories.yaml"))
    return frozenset(known["categories"])


@cache
def contract_types() -> dict[str, tuple[str, ...]]:
    """Return the categories that each type of contract holds, by the type's code."""
    known = plain(read_yaml(Path(__file__).parent / "service_categories.yaml"))
    return {name: tuple(categories) for name, categories in known["contract_types"].items()}
