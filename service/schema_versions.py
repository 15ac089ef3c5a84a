"""Which version of the tables a database has, and how it comes to the newest."""

from functools import cache
from pathlib import Path

from alembic import command
from alembic.config import Config
from alembic.script import ScriptDirectory

MIGRATIONS = Path(__file__).resolve().parents[1] / "migrations"


def configuration(owner_url: str) -> Config:
    """Return what Alembic needs to work on one database, as the owner."""
    config = Config()
    # An attribute is not read as a format string, so a percent sign in the address does no harm.
    config.attributes["url"] = owner_url
    config.set_main_option("script_location", str(MIGRATIONS).replace("%", "%%"))
    return config


def upgrade(owner_url: str, revision: str = "head") -> None:
    """Bring a database up to `revision`, as the owner; a second run changes nothing."""
    command.upgrade(configuration(owner_url), revision)


@cache
def newest() -> str | None:
    """Return the version of the tables that this release was written for."""
    return ScriptDirectory(str(MIGRATIONS)).get_current_head()
