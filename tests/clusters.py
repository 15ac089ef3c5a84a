"""The test run's own folder and database server: made once, shared by the workers, cleared away at the end."""

import fcntl
import os
import shutil
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from pathlib import Path

from service import embedded_postgres, schema_versions
from service.database_roles import create_database, drop_database
from service.embedded_postgres import RunningCluster
from service.processes import arguments_of

PREFIX = "referral-broker-tests-"
TEMPLATE = "migrated"
# A test server that loses power is thrown away: nothing need reach the disk.
HASTY = {"fsync": "off", "synchronous_commit": "off", "full_page_writes": "off"}


@dataclass(frozen=True)
class DatabaseUrls:
    """The two logins of one test database."""

    owner: str = field(repr=False)
    application: str = field(repr=False)


def make_run_folder() -> Path:
    """Return a new folder named for this process, and clear away those of runs that were killed."""
    for folder in Path(tempfile.gettempdir()).glob(f"{PREFIX}*"):
        process = int(folder.name.removeprefix(PREFIX).split("-")[0])
        if folder.stat().st_uid == os.geteuid() and not arguments_of(process):
            clear_away(folder)
    folder = Path(tempfile.mkdtemp(prefix=f"{PREFIX}{os.getpid()}-"))
    folder.chmod(0o711)
    return folder


def clear_away(folder: Path) -> None:
    """Stop the server of a run's folder and remove both."""
    embedded_postgres.stop(folder / "data")
    shutil.rmtree(folder, ignore_errors=True)


def migrated_cluster(folder: Path) -> RunningCluster:
    """Return the run's server, started by whoever asks first, with a migrated template database in it."""
    with (folder / "template.lock").open("w") as lock:
        fcntl.flock(lock, fcntl.LOCK_EX)
        cluster = embedded_postgres.start(folder / "data", options=HASTY)
        if not (folder / "template.ready").exists():
            with cluster.administrator() as administrator:
                drop_database(administrator, TEMPLATE)
                create_database(administrator, TEMPLATE, template="template0")
            schema_versions.upgrade(cluster.owner_url(TEMPLATE))
            (folder / "template.ready").touch()
    return cluster


@contextmanager
def copy_of_template(cluster: RunningCluster, name: str) -> Iterator[DatabaseUrls]:
    """Give a migrated database of this name, and drop it afterwards."""
    with cluster.administrator() as administrator:
        create_database(administrator, name, template=TEMPLATE)
    yield DatabaseUrls(cluster.owner_url(name), cluster.application_url(name))
    with cluster.administrator() as administrator:
        drop_database(administrator, name)
