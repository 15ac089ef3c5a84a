"""A query that an operation does not understand: a filter misspelt would show more people than were asked for."""

from collections.abc import Iterable

from fastapi.dependencies.models import Dependant


def query_parameters(dependant: Dependant) -> list[str]:
    """Return the query parameters that an operation and its guards take, in the order they are published."""
    own = [field.alias for field in dependant.query_params]
    return own + [name for guard in dependant.dependencies for name in query_parameters(guard)]


def why_astray(sent: Iterable[str], known: list[str]) -> str:
    """Return why a query cannot be what the caller meant, naming what there is and not what was sent; empty if it can.

    What was sent may be a person's reference or name.
    """
    if set(sent) <= set(known):
        return ""
    if not known:
        return "There are no parameters here."
    names = ", ".join(known[:-1]) + " and " + known[-1] if len(known) > 1 else known[0]
    return f"Ask by {names}: there is no other parameter."
