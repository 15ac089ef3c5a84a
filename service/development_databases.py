"""The database a development machine works with: the embedded one, or a server the developer names."""

from dataclasses import dataclass
from pathlib import Path
from urllib.parse import urlsplit

import psycopg
from psycopg import sql

from service import embedded_postgres, schema_versions
from service.database_roles import APPLICATION, OWNER, Passwords, ensure_roles, keep_passwords
from service.refusals import StartUpRefused


@dataclass(frozen=True)
class DevelopmentDatabase:
    """The application's login, and the owner's where it is known: without it, the tables must be there already."""

    application_url: str
    owner_url: str | None
    is_embedded: bool


def ready_database(application_url: str | None, owner_url: str | None, data_dir: Path) -> DevelopmentDatabase:
    """Start or find the database and bring its tables up to date.

    A named login that may create logins is used only for that: the two the broker works with are made beside it.
    """
    if application_url is None:
        cluster = embedded_postgres.start(data_dir)
        database = DevelopmentDatabase(cluster.application_url(), cluster.owner_url(), is_embedded=True)
    elif owner_url is None:
        database = _with_logins_of_its_own(application_url, data_dir)
    else:
        database = DevelopmentDatabase(application_url, owner_url, is_embedded=False)
    if database.owner_url is not None:
        schema_versions.upgrade(database.owner_url)
    return database


def _with_logins_of_its_own(url: str, data_dir: Path) -> DevelopmentDatabase:
    try:
        with psycopg.connect(url.replace("+psycopg", "", 1), connect_timeout=5, autocommit=True) as connection:
            row = connection.execute(
                "SELECT rolsuper OR rolcreaterole FROM pg_roles WHERE rolname = session_user"
            ).fetchone()
            if row is None or not row[0]:
                return DevelopmentDatabase(url, None, is_embedded=False)
            passwords = keep_passwords(data_dir / "passwords.json")
            ensure_roles(connection, passwords)
            connection.execute(
                sql.SQL("GRANT USAGE, CREATE ON SCHEMA public TO {}").format(sql.Identifier(OWNER)),
            )
    except psycopg.OperationalError as trouble:
        raise StartUpRefused("The database that DATABASE_URL names does not answer, or refuses the login.") from trouble
    return _as_both_logins(url, passwords)


def _as_both_logins(url: str, passwords: Passwords) -> DevelopmentDatabase:
    # By hand: what else the address says must stay as it is written, and SQLAlchemy's writer puts a plus for a space.
    parts = urlsplit(url)
    server = parts.netloc.rpartition("@")[2]
    application, owner = (
        parts._replace(netloc=f"{login}:{password}@{server}").geturl()
        for login, password in ((APPLICATION, passwords.application), (OWNER, passwords.owner))
    )
    return DevelopmentDatabase(application, owner, is_embedded=False)
