"""The tables a migrated database has are the tables the models describe, and every step can be taken back."""

import os
import subprocess
import sys
from pathlib import Path

import psycopg
from alembic import command

from service import schema_versions
from tests.clusters import DatabaseUrls


def tables(url: str) -> set[str]:
    """Return the names of all tables."""
    with psycopg.connect(url.replace("+psycopg", "")) as connection:
        rows = connection.execute("SELECT tablename FROM pg_tables WHERE schemaname = 'public'").fetchall()
    return {str(row[0]) for row in rows}


def test_the_migrated_tables_are_those_the_models_describe(fresh_database: DatabaseUrls) -> None:
    command.check(schema_versions.configuration(fresh_database.owner))


def test_every_migration_can_be_taken_back_and_done_again(fresh_database: DatabaseUrls) -> None:
    before = tables(fresh_database.owner)

    command.downgrade(schema_versions.configuration(fresh_database.owner), "base")
    assert tables(fresh_database.owner) == {"alembic_version"}

    schema_versions.upgrade(fresh_database.owner)
    assert tables(fresh_database.owner) == before


def test_two_migrations_at_once_wait_for_each_other(fresh_database: DatabaseUrls) -> None:
    command.downgrade(schema_versions.configuration(fresh_database.owner), "base")

    both = [
        subprocess.Popen(
            [sys.executable, "-m", "alembic", "upgrade", "head"],
            cwd=Path(__file__).parents[2],
            env=os.environ | {"BROKER_OWNER_DATABASE_URL": fresh_database.owner},
        )
        for _ in range(2)
    ]

    assert [migration.wait() for migration in both] == [0, 0]
    command.check(schema_versions.configuration(fresh_database.owner))


def test_who_was_suspended_before_it_was_kept_by_whom_stays_so_unless_their_own_administrator_did_it(
    fresh_database: DatabaseUrls,
) -> None:
    command.downgrade(schema_versions.configuration(fresh_database.owner), "0018")
    with psycopg.connect(fresh_database.owner.replace("+psycopg", "")) as owner:
        owner.execute("INSERT INTO organisation VALUES ('one', 'One', '', NULL, NULL, TRUE, now())")
        for worker, is_administrator, ended_by in (
            ("chief", True, None),
            ("by.chief", False, "chief"),
            ("by.service", False, "d.test"),
            ("at.work", False, None),
        ):
            owner.execute(
                "INSERT INTO provider_worker VALUES (gen_random_uuid(), 'one', %s, 'Name', %s, 'd.test', "
                "now() - interval '1 day', %s, CASE WHEN %s::text IS NULL THEN NULL ELSE now() END)",
                (worker, is_administrator, ended_by, ended_by),
            )
    schema_versions.upgrade(fresh_database.owner)

    with psycopg.connect(fresh_database.owner.replace("+psycopg", "")) as owner:
        kept = owner.execute("SELECT worker_id, organisation_id, suspended_by FROM service_suspension").fetchall()
    assert kept == [("by.service", "one", "d.test")]
