"""Which folders other users may pass through: the database server is such a user when root starts it."""

from pathlib import Path


def closed_parent(path: Path) -> Path | None:
    """Return the nearest folder above `path` that other users of this machine may not pass through, if there is one."""
    for parent in path.parents:
        if parent.exists() and not parent.stat().st_mode & 0o001:
            return parent
    return None
