"""The two database logins: an owner, who may change tables, and the application, which may do only what is granted."""

import json
import os
import secrets
from dataclasses import asdict, dataclass, field
from pathlib import Path
from typing import Any

from psycopg import Connection, sql

from service.refusals import StartUpRefused

SUPERUSER = "postgres"
OWNER = "broker_owner"
APPLICATION = "broker_app"

AdministratorConnection = Connection[tuple[Any, ...]]


def _password() -> str:
    return secrets.token_urlsafe(24)


@dataclass(frozen=True)
class Passwords:
    """The passwords of a development database; none is ever printed."""

    superuser: str = field(default_factory=_password, repr=False)
    owner: str = field(default_factory=_password, repr=False)
    application: str = field(default_factory=_password, repr=False)


def keep_passwords(path: Path) -> Passwords:
    """Return the passwords kept at `path`, made on first use; only this user may read the file."""
    try:
        return Passwords(**json.loads(path.read_text(encoding="utf-8")))
    except FileNotFoundError:
        return _new_passwords(path)
    except (OSError, ValueError, TypeError) as trouble:
        raise StartUpRefused(f"The database passwords in {path} cannot be read.") from trouble


def _new_passwords(path: Path) -> Passwords:
    passwords = Passwords()
    unfinished = path.with_suffix(".new")
    unfinished.unlink(missing_ok=True)
    # Created closed and moved when whole: there is no instant at which it is open to others or half written.
    descriptor = os.open(unfinished, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600)
    with os.fdopen(descriptor, "w", encoding="utf-8") as file:
        json.dump(asdict(passwords), file)
        file.flush()
        os.fsync(file.fileno())
    unfinished.rename(path)
    return passwords


def ensure_roles(connection: AdministratorConnection, passwords: Passwords) -> None:
    """Create both logins, or set their passwords again; `connection` is an administrator's, outside a transaction."""
    for role, password in ((OWNER, passwords.owner), (APPLICATION, passwords.application)):
        known = connection.execute("SELECT FROM pg_roles WHERE rolname = %s", (role,)).fetchone()
        verb = sql.SQL("ALTER ROLE" if known is not None else "CREATE ROLE")
        rights = sql.SQL("LOGIN NOSUPERUSER NOCREATEDB NOCREATEROLE NOREPLICATION NOBYPASSRLS PASSWORD")
        connection.execute(
            sql.SQL("{} {} {} {}").format(verb, sql.Identifier(role), rights, sql.Literal(password)),
        )


def ensure_database(connection: AdministratorConnection, name: str) -> None:
    """Create the owner's database `name` unless it exists; only the two logins may connect to it."""
    if connection.execute("SELECT FROM pg_database WHERE datname = %s", (name,)).fetchone() is None:
        create_database(connection, name, template="template0")


def create_database(connection: AdministratorConnection, name: str, *, template: str) -> None:
    """Create a database of the owner's as a copy of `template`, to which nobody may be connected."""
    database = sql.Identifier(name)
    connection.execute(
        sql.SQL("CREATE DATABASE {} OWNER {} TEMPLATE {}").format(
            database, sql.Identifier(OWNER), sql.Identifier(template)
        )
    )
    connection.execute(sql.SQL("REVOKE ALL ON DATABASE {} FROM PUBLIC").format(database))
    connection.execute(
        sql.SQL("GRANT CONNECT ON DATABASE {} TO {}").format(database, sql.Identifier(APPLICATION)),
    )


def drop_database(connection: AdministratorConnection, name: str) -> None:
    """Drop a database and end whatever is still connected to it."""
    connection.execute(sql.SQL("DROP DATABASE IF EXISTS {} WITH (FORCE)").format(sql.Identifier(name)))
