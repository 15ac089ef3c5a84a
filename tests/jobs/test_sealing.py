"""The record of access is sealed behind the requests, exactly once a row, and what was sealed can be proven."""

import asyncio
import datetime
import uuid
from collections.abc import AsyncIterator, Callable
from typing import Any

import psycopg
import pytest
from pydantic import SecretStr
from sqlalchemy import text

from service import db
from service.access import seal_signatures
from service.db import Sessions
from service.domain.seal_checks import Proven, RecordBroken, prove
from service.embedded_postgres import RunningCluster
from service.jobs import sealing
from service.operations import audit_seals
from service.operations.audit_retirements import retire_month
from service.operations.audit_seals import SWEPT_BACK
from service.refusals import StartUpRefused
from service.settings import Settings
from service.store import audit_exports
from tests.clusters import DatabaseUrls

NOW = datetime.datetime.now(datetime.UTC)
A_ROW = """
    INSERT INTO audit_entry (id, at, worker_id, role, client_id, action, outcome, crns, items, details, trace_id)
    VALUES (:id, :at, 'p.test', 'practitioner', 'tests', 'read_case', 'shown', '{X000001}', '{risk_children_level}',
            '{"rows": 1, "share": 0.25, "name": "\\u20ac"}', 'trace')
"""


@pytest.fixture
async def sessions(fresh_database: DatabaseUrls) -> AsyncIterator[Sessions]:
    """Give what opens sessions on a database of the test's own."""
    engine = db.create_engine(Settings(environment="development", database_url=SecretStr(fresh_database.application)))
    yield db.create_session_factory(engine)
    await engine.dispose()


async def add(sessions: Sessions, *ages: float, at: datetime.datetime = NOW) -> list[str]:
    """Commit a row of each age in seconds."""
    ids = [uuid.uuid4() for _ in ages]
    async with sessions() as session:
        connection = await session.connection()
        for entry, age in zip(ids, ages, strict=True):
            await connection.execute(text(A_ROW), {"id": entry, "at": at - datetime.timedelta(seconds=age)})
        await session.commit()
    return [str(entry) for entry in ids]


def proof(urls: DatabaseUrls) -> Proven:
    with psycopg.connect(urls.owner.replace("+psycopg", "")) as connection:
        return prove(audit_exports.records(connection, SWEPT_BACK), seal_signatures.opened)


def as_owner(urls: DatabaseUrls, statement: str, *values: Any) -> None:
    with psycopg.connect(urls.owner.replace("+psycopg", "")) as connection:
        connection.execute(statement.encode(), values)


async def test_rows_that_have_settled_are_sealed_and_younger_ones_wait(
    sessions: Sessions, fresh_database: DatabaseUrls
) -> None:
    await add(sessions, 60, 50, 0.1)
    await sealing.seal_all(sessions, NOW)
    await sealing.seal_all(sessions, NOW)

    proven = proof(fresh_database)
    assert (proven.entries, proven.head, proven.waiting) == (2, 1, 1)


async def test_a_batch_is_one_seal_and_the_next_follows_from_it(
    sessions: Sessions, fresh_database: DatabaseUrls, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(audit_seals, "ROWS_IN_A_SEAL", 4)
    await add(sessions, *range(10, 20))
    await sealing.seal_all(sessions, NOW)

    proven = proof(fresh_database)
    assert (proven.entries, proven.head) == (10, 3)


@pytest.mark.parametrize(("age", "swept"), [(90, False), (5000, True)])
async def test_a_row_committed_after_its_time_was_sealed_is_sealed_once_in_a_later_seal(
    sessions: Sessions, fresh_database: DatabaseUrls, age: float, swept: bool
) -> None:
    async with sessions() as held_open:
        late = {"id": uuid.uuid4(), "at": NOW - datetime.timedelta(seconds=age)}
        await (await held_open.connection()).execute(text(A_ROW), late)
        await add(sessions, age + 10, 10)
        await sealing.seal_all(sessions, NOW)
        assert proof(fresh_database).entries == 2
        await held_open.commit()

    for _ in range(2):
        await sealing.seal_all(sessions, NOW, swept=swept)

    proven = proof(fresh_database)
    assert (proven.entries, proven.head, proven.waiting) == (3, 2, 0)


async def test_of_many_that_try_at_once_each_row_is_sealed_by_one(
    sessions: Sessions, fresh_database: DatabaseUrls, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(audit_seals, "ROWS_IN_A_SEAL", 7)
    await add(sessions, *range(10, 60))
    await asyncio.gather(*(sealing.seal_all(sessions, NOW) for _ in range(8)))
    await sealing.seal_all(sessions, NOW)

    assert proof(fresh_database).entries == 50


async def test_a_sealer_that_ends_before_its_commit_leaves_everything_to_the_next(
    sessions: Sessions, fresh_database: DatabaseUrls, cluster: RunningCluster
) -> None:
    await add(sessions, 60, 50)
    with pytest.raises(psycopg.OperationalError):  # noqa: PT012
        async with sessions() as session:
            connection = await session.driver()
            await audit_seals.seal_next(connection, NOW)
            with cluster.administrator() as administrator:
                administrator.execute("SELECT pg_terminate_backend(%s, 5000)", (connection.info.backend_pid,))
            await connection.execute("SELECT 1")
    await sealing.seal_all(sessions, NOW)

    proven = proof(fresh_database)
    assert (proven.entries, proven.head) == (2, 1)


async def test_sealing_waits_for_no_request_and_no_request_for_it(
    sessions: Sessions, fresh_database: DatabaseUrls
) -> None:
    await add(sessions, 60)
    async with sessions() as sealing_now:
        await audit_seals.seal_next(await sealing_now.driver(), NOW)
        async with asyncio.timeout(5):
            await add(sessions, 40, 30)
        await sealing_now.commit()
    await sealing.seal_all(sessions, NOW)

    assert proof(fresh_database).entries == 3


Damage = Callable[[DatabaseUrls, str], None]
DAMAGES: dict[str, tuple[Damage, str]] = {
    "a changed byte": (
        lambda urls, row: as_owner(urls, "UPDATE audit_entry SET worker_id = 'p.tesu' WHERE id = %s", row),
        "row {row}: it was changed after seal 1 sealed it",
    ),
    "a removed row": (
        lambda urls, row: as_owner(urls, "DELETE FROM audit_entry WHERE id = %s", row),
        "row {row}: it is missing, and seal 1 holds it",
    ),
    "a row and its place removed": (
        lambda urls, row: as_owner(
            urls,
            "WITH gone AS (DELETE FROM audit_entry WHERE id = %s RETURNING id) "
            "DELETE FROM audit_sealed WHERE entry_id IN (SELECT id FROM gone)",
            row,
        ),
        "seal 1: its list of rows was changed",
    ),
    "a removed seal": (
        lambda urls, _: as_owner(urls, "DELETE FROM audit_seal WHERE number = 1"),
        "seal 1: it is missing",
    ),
    "the last seal removed": (
        lambda urls, _: as_owner(urls, "DELETE FROM audit_seal WHERE number = 2"),
        "the seal that held it is missing",
    ),
    "an added row": (
        lambda urls, row: as_owner(
            urls,
            "INSERT INTO audit_entry SELECT (json_populate_record(e, json_build_object('id', gen_random_uuid(), "
            "'at', e.at - interval '26 hours'))).* FROM audit_entry e WHERE id = %s",
            row,
        ),
        "it has no seal, though rows of its time were sealed long ago",
    ),
    "another key": (
        lambda urls, _: as_owner(
            urls,
            "UPDATE signing_key SET jwk = %s WHERE kind = 'audit'",
            psycopg.types.json.Jsonb(seal_signatures.new_key()),
        ),
        "seal 1: it is not signed by the record's key",
    ),
}


@pytest.mark.parametrize("kind", DAMAGES)
async def test_what_the_owner_of_the_tables_does_to_the_record_shows(
    sessions: Sessions, fresh_database: DatabaseUrls, monkeypatch: pytest.MonkeyPatch, kind: str
) -> None:
    monkeypatch.setattr(audit_seals, "ROWS_IN_A_SEAL", 2)
    rows = await add(sessions, 60, 50, 40, at=NOW)
    await sealing.seal_all(sessions, NOW)
    assert proof(fresh_database).head == 2

    damage, said = DAMAGES[kind]
    damage(fresh_database, rows[1])

    with pytest.raises(RecordBroken) as broken:
        proof(fresh_database)
    assert said.format(row=rows[1]) in str(broken.value)


async def test_the_service_can_neither_change_nor_remove_a_seal(sessions: Sessions) -> None:
    await add(sessions, 60)
    await sealing.seal_all(sessions, NOW)

    for statement in (
        "DELETE FROM audit_seal",
        "UPDATE audit_sealed SET seal = 9",
        "INSERT INTO audit_stub VALUES ('', '')",
    ):
        async with sessions() as session:
            with pytest.raises(psycopg.errors.InsufficientPrivilege):
                await (await session.driver()).execute(statement.encode())


async def test_a_retired_month_leaves_a_stub_that_stands_for_its_rows(
    sessions: Sessions, fresh_database: DatabaseUrls
) -> None:
    month = NOW.strftime("%Y-%m")
    following = NOW + datetime.timedelta(days=34)
    await add(sessions, 60, 50)
    await sealing.seal_all(sessions, NOW)
    await add(sessions, 0, at=following)
    await sealing.seal_all(sessions, following + datetime.timedelta(seconds=60))

    with psycopg.connect(fresh_database.owner.replace("+psycopg", "")) as owner:
        with pytest.raises(StartUpRefused, match="not long enough over"):
            retire_month(owner, month, NOW)
        assert retire_month(owner, month, following) == 2

    proven = proof(fresh_database)
    assert (proven.entries, proven.head, list(proven.stubs)) == (3, 2, [month])
    as_owner(fresh_database, "DELETE FROM audit_stub")
    with pytest.raises(RecordBroken, match="seal 1: its list of rows was changed"):
        proof(fresh_database)


async def test_a_month_with_a_row_that_is_not_sealed_or_was_changed_is_not_retired(
    sessions: Sessions, fresh_database: DatabaseUrls
) -> None:
    month, later = NOW.strftime("%Y-%m"), NOW + datetime.timedelta(days=34)
    (row,) = await add(sessions, 60)
    with psycopg.connect(fresh_database.owner.replace("+psycopg", "")) as owner:
        with pytest.raises(StartUpRefused, match=r"1 rows of .* are not sealed yet"):
            retire_month(owner, month, later)
        owner.rollback()
        await sealing.seal_all(sessions, NOW)
        owner.execute("UPDATE audit_entry SET role = 'auditor' WHERE id = %s", (row,))
        with pytest.raises(RecordBroken, match=row):
            retire_month(owner, month, later)
        owner.rollback()
