"""Who looks after a provider's workers: an organisation that has an administrator is not left without one unseen."""

from collections.abc import Collection

from service.conflicts import LastAdministrator


def require_another(administrators: Collection[str], leaving: str) -> None:
    """Refuse to take away the only administrator that an organisation has: LastAdministrator."""
    if set(administrators) == {leaving}:
        raise LastAdministrator
