"""The categories of service that commissioned providers offer, as reference data beside their form."""

from functools import cache
from pathlib import Path

from service.catalogue.reading import plain, read_yaml


@cache
def service_categories() -> frozenset[str]:
    """Return the codes of the categories, like `acc`."""
    known = plain(read_yaml(Path(__file__).parent / "service_categories.yaml"))
    return frozenset(known["categories"])
