"""How a change to the tables reaches a database: as the owner, one at a time, never waiting long on a lock."""

from alembic import context
from sqlalchemy import Connection, create_engine, text
from sqlalchemy.pool import NullPool
from sqlmodel import SQLModel

import service.models  # noqa: F401  importing the package is what fills SQLModel.metadata
from service.settings import owner_database_url

# Any number will do; it must only never change, or two releases could migrate at once.
ONE_AT_A_TIME = 7_203_514_826
LIMITS = ("SET lock_timeout = '5s'", "SET statement_timeout = '10min'")


def partitions(connection: Connection) -> set[str]:
    """Return the partitions' names: a database function makes them, so no model describes them."""
    return set(connection.scalars(text("SELECT relname FROM pg_class WHERE relispartition")))


def configure_online(connection: Connection) -> None:
    """Compare and migrate all tables but the job queue's, which procrastinate owns, and the partitions."""
    made_elsewhere = partitions(connection)
    # Alembic leaves commits to the caller when it is configured inside a transaction.
    connection.commit()
    context.configure(
        connection=connection,
        target_metadata=SQLModel.metadata,
        transaction_per_migration=True,
        compare_type=True,
        compare_server_default=True,
        include_name=lambda name, kind, _parents: (
            kind != "table" or not (str(name).startswith("procrastinate_") or name in made_elsewhere)
        ),
    )


def migrate_online() -> None:
    """Migrate a database; a second migration that starts meanwhile waits until this one is done."""
    url = context.config.attributes.get("url") or owner_database_url()
    engine = create_engine(url, poolclass=NullPool)
    with engine.connect() as connection:
        connection.execute(text("SELECT pg_advisory_lock(:key)"), {"key": ONE_AT_A_TIME})
        # After the advisory lock, whose holder may rightly take longer than any table's lock may be waited for.
        for limit in LIMITS:
            connection.execute(text(limit))
        connection.commit()
        configure_online(connection)
        with context.begin_transaction():
            context.run_migrations()


def write_offline() -> None:
    """Print the SQL, to be read or linted before it is run."""
    context.configure(
        dialect_name="postgresql",
        target_metadata=SQLModel.metadata,
        literal_binds=True,
        transaction_per_migration=True,
        dialect_opts={"paramstyle": "named"},
    )
    for limit in LIMITS:
        context.get_context().impl.static_output(f"{limit};")
    with context.begin_transaction():
        context.run_migrations()


if context.is_offline_mode():
    write_offline()
else:
    migrate_online()
