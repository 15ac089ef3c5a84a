"""Two thousand reads from four processes, the sealer killed in between: the record is whole, and one byte is missed."""

import os
import subprocess
import sys
from pathlib import Path

import psycopg
import pytest

from service.database_roles import SUPERUSER
from service.embedded_postgres import RunningCluster
from tests.clusters import DatabaseUrls
from tests.jobs.soaking import ROOT, soak

pytestmark = [pytest.mark.processes, pytest.mark.xdist_group("soaking")]
READS = int(os.environ.get("SOAK_READS", "2000"))
PROCESSES = int(os.environ.get("SOAK_PROCESSES", "4"))


def audit(urls: DatabaseUrls, *arguments: str) -> subprocess.CompletedProcess[str]:
    """Run the command as an auditor would."""
    environment = os.environ | {"BROKER_ENVIRONMENT": "development", "DATABASE_URL": urls.application}
    command = [sys.executable, "-m", "service.cli", "audit", *arguments]
    return subprocess.run(command, cwd=ROOT, env=environment, capture_output=True, text=True, check=False)


async def test_the_record_is_proven_after_many_reads_and_kills_and_names_the_row_a_superuser_changed(
    fresh_database: DatabaseUrls, cluster: RunningCluster, tmp_path: Path
) -> None:
    await soak(fresh_database, tmp_path, reads=READS, processes=PROCESSES, kills=max(3, READS // 500))

    proven = audit(fresh_database, "verify")
    assert proven.returncode == 0, proven.stderr
    assert f"{READS + 1} rows" in proven.stdout
    assert " 0 rows waiting" in proven.stdout
    export = str(tmp_path / "record.jsonl")
    assert audit(fresh_database, "export", export).returncode == 0
    assert audit(fresh_database, "verify", "--file", export).stdout == proven.stdout

    row = changed_by_a_superuser(fresh_database, cluster)
    broken = audit(fresh_database, "verify")
    assert broken.returncode == 1
    assert f"row {row}: it was changed" in broken.stderr
    assert audit(fresh_database, "verify", "--file", export).returncode == 0


def changed_by_a_superuser(urls: DatabaseUrls, cluster: RunningCluster) -> str:
    """Change one byte of one row in the middle of the record, and return its id."""
    name = urls.owner.rsplit("/", 1)[1].split("?")[0]
    change = """
        UPDATE audit_entry SET worker_id = 'p.soaj'
        WHERE id = (SELECT id FROM audit_entry WHERE worker_id = 'p.soak' ORDER BY at OFFSET 700 LIMIT 1) RETURNING id
    """
    password = cluster.passwords.superuser
    with psycopg.connect(host=str(cluster.socket_dir), user=SUPERUSER, password=password, dbname=name) as connection:
        ((row,),) = connection.execute(change).fetchall()
    return str(row)
