"""The embedded database starts whatever an earlier run left in its folder, and never touches a stranger's process."""

import os
import shutil
import signal
import stat
import subprocess
import sys
import tempfile
import time
from collections.abc import Callable, Iterator
from pathlib import Path
from urllib.parse import quote

import psycopg
import pytest

from service import embedded_postgres
from service.development_databases import ready_database
from service.embedded_postgres import RunningCluster
from service.processes import PROCESS_TABLE, arguments_of
from service.refusals import StartUpRefused

pytestmark = [pytest.mark.processes, pytest.mark.xdist_group("processes")]


@pytest.fixture(scope="module")
def data_dir() -> Iterator[Path]:
    """Give one data folder, with a space in its name, to all these tests."""
    folder = Path(tempfile.mkdtemp(prefix="embedded broker "))
    folder.chmod(0o711)
    yield folder / "data"
    embedded_postgres.stop(folder / "data")
    shutil.rmtree(folder)


@pytest.fixture(scope="module")
def stranger() -> Iterator[int]:
    """Give a live process that is no database."""
    with subprocess.Popen([sys.executable, "-c", "import time; time.sleep(600)"]) as process:
        yield process.pid
        assert process.poll() is None, "it was ended by somebody"
        process.kill()


@pytest.fixture
def cluster(data_dir: Path) -> RunningCluster:
    """Give the running server of the folder."""
    return embedded_postgres.start(data_dir)


def pid_file(data_dir: Path) -> Path:
    """Return where PostgreSQL notes its process."""
    return data_dir / "postgres" / "postmaster.pid"


def kill(data_dir: Path) -> None:
    """Kill the server as a power cut would, leaving its file behind."""
    process = int(pid_file(data_dir).read_text().splitlines()[0])
    os.kill(process, signal.SIGKILL)
    while arguments_of(process):
        time.sleep(0.01)


def login_of(url: str) -> str:
    """Connect and return whom the database sees."""
    with psycopg.connect(url.replace("+psycopg", "")) as connection:
        row = connection.execute("SELECT current_user").fetchone()
    assert row is not None
    return str(row[0])


def text_with_process(process: int) -> Callable[[str], str]:
    """Return what writes another process into a pid file."""
    return lambda text: "\n".join([str(process), *text.splitlines()[1:], ""])


def test_both_logins_work_and_neither_is_a_superuser(cluster: RunningCluster) -> None:
    assert login_of(cluster.owner_url()) == "broker_owner"
    assert login_of(cluster.application_url()) == "broker_app"
    with cluster.administrator() as connection:
        supers = connection.execute("SELECT rolname FROM pg_roles WHERE rolsuper").fetchall()
    assert supers == [("postgres",)]


def test_nobody_connects_without_a_password(cluster: RunningCluster) -> None:
    with pytest.raises(psycopg.OperationalError, match="password"):
        psycopg.connect(host=str(cluster.socket_dir), user="postgres", dbname="postgres")


def test_the_passwords_are_for_this_user_alone_and_never_shown(cluster: RunningCluster) -> None:
    assert stat.S_IMODE((cluster.data_dir / "passwords.json").stat().st_mode) == 0o600
    assert cluster.passwords.superuser not in repr(cluster)


def test_the_application_may_not_make_tables(cluster: RunningCluster) -> None:
    with (
        psycopg.connect(cluster.application_url().replace("+psycopg", "")) as connection,
        pytest.raises(psycopg.errors.InsufficientPrivilege),
    ):
        connection.execute("CREATE TABLE mine (id int)")


def test_text_sorts_alike_on_every_machine(cluster: RunningCluster) -> None:
    with cluster.administrator() as connection:
        row = connection.execute(
            "SELECT datlocprovider, datlocale, pg_encoding_to_char(encoding) FROM pg_database WHERE datname = 'broker'"
        ).fetchone()
    assert row == ("b", "C.UTF-8", "UTF8")


def test_a_start_while_it_runs_adopts_it(cluster: RunningCluster, data_dir: Path) -> None:
    before = pid_file(data_dir).read_text()

    assert embedded_postgres.start(data_dir) == cluster
    assert pid_file(data_dir).read_text() == before


def test_stopping_twice_is_no_harm_and_nothing_is_found_afterwards(cluster: RunningCluster, data_dir: Path) -> None:
    embedded_postgres.stop(data_dir)
    embedded_postgres.stop(data_dir)

    assert embedded_postgres.find(data_dir) is None


def test_a_killed_server_starts_again_with_what_was_committed(cluster: RunningCluster, data_dir: Path) -> None:
    with psycopg.connect(cluster.owner_url().replace("+psycopg", "")) as connection:
        connection.execute("CREATE TABLE kept AS SELECT 1 AS id")
    kill(data_dir)

    again = embedded_postgres.start(data_dir)

    with psycopg.connect(again.owner_url().replace("+psycopg", "")) as connection:
        assert connection.execute("SELECT id FROM kept").fetchall() == [(1,)]


def test_a_pid_file_that_names_a_stranger_stops_nobody_and_prevents_no_start(
    cluster: RunningCluster, data_dir: Path, stranger: int
) -> None:
    kill(data_dir)
    rewrite(data_dir, text_with_process(stranger))

    embedded_postgres.stop(data_dir)
    assert embedded_postgres.find(data_dir) is None

    assert login_of(embedded_postgres.start(data_dir).application_url()) == "broker_app"
    assert arguments_of(stranger) != []


@pytest.mark.skipif(not PROCESS_TABLE.exists(), reason="only a process table in files tells a zombie here")
def test_a_pid_file_that_names_a_zombie_prevents_no_start(cluster: RunningCluster, data_dir: Path) -> None:
    with subprocess.Popen([sys.executable, "-c", ""]) as zombie:
        os.waitid(os.P_PID, zombie.pid, os.WEXITED | os.WNOWAIT)
        kill(data_dir)
        rewrite(data_dir, text_with_process(zombie.pid))

        assert login_of(embedded_postgres.start(data_dir).application_url()) == "broker_app"


@pytest.mark.parametrize("left", ["", "\n", "not a number\n"])
def test_a_pid_file_without_a_process_prevents_no_start(left: str, cluster: RunningCluster, data_dir: Path) -> None:
    kill(data_dir)
    rewrite(data_dir, lambda _: left)

    assert login_of(embedded_postgres.start(data_dir).application_url()) == "broker_app"


def rewrite(data_dir: Path, change: Callable[[str], str]) -> None:
    """Change the pid file in place, so that it stays its owner's."""
    file = pid_file(data_dir)
    file.write_text(change(file.read_text()))


def test_a_path_too_long_for_a_socket_is_no_harm(data_dir: Path) -> None:
    deep = data_dir.parent / ("a" * 100) / "data"

    cluster = embedded_postgres.start(deep)
    assert login_of(cluster.application_url()) == "broker_app"

    embedded_postgres.stop(deep)
    assert not cluster.socket_dir.exists()


@pytest.mark.skipif(os.geteuid() != 0, reason="only root needs another user to run the database")
def test_root_may_not_keep_the_data_in_a_private_home(data_dir: Path) -> None:
    home = data_dir.parent / "home"
    home.mkdir(mode=0o700)

    with pytest.raises(StartUpRefused, match="private folder"):
        embedded_postgres.start(home / "data")
    assert stat.S_IMODE(home.stat().st_mode) == 0o700


def test_a_path_the_starter_would_misread_is_refused(data_dir: Path) -> None:
    with pytest.raises(StartUpRefused, match="character"):
        embedded_postgres.start(data_dir.parent / "$(reboot)")


def test_a_folder_whose_passwords_are_lost_is_refused_and_says_so(data_dir: Path, cluster: RunningCluster) -> None:
    (data_dir / "passwords.json").rename(data_dir / "aside.json")
    try:
        with pytest.raises(StartUpRefused, match="other passwords"):
            embedded_postgres.start(data_dir)
    finally:
        (data_dir / "aside.json").rename(data_dir / "passwords.json")


def test_a_named_database_gets_two_logins_of_the_brokers_own(cluster: RunningCluster, tmp_path: Path) -> None:
    with cluster.administrator() as connection:
        connection.execute("CREATE DATABASE named")
    url = f"postgresql+psycopg://postgres:{cluster.passwords.superuser}@/named?host={quote(str(cluster.socket_dir))}"

    database = ready_database(url, None, tmp_path)

    assert database.owner_url is not None
    assert [login_of(database.owner_url), login_of(database.application_url)] == ["broker_owner", "broker_app"]
    assert ready_database(database.application_url, None, tmp_path).owner_url is None


def test_a_database_that_does_not_answer_is_refused_without_its_password(tmp_path: Path) -> None:
    with pytest.raises(StartUpRefused, match="DATABASE_URL") as refusal:
        ready_database("postgresql+psycopg://me:hunter2@/x?host=/nowhere", None, tmp_path)
    assert "hunter2" not in str(refusal.value)
