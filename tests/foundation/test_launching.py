"""`make run` and what may befall it: signals, kill -9, a restart, a second copy; nothing is lost or left running."""

import contextlib
import http.client
import os
import select
import shutil
import signal
import socket
import subprocess
import sys
import tempfile
import time
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Protocol

import httpx
import pytest

from service import embedded_postgres
from service.processes import PROCESS_TABLE, arguments_of
from tests.foundation import small_apps

pytestmark = [pytest.mark.processes, pytest.mark.xdist_group("processes")]


@dataclass(frozen=True)
class Copy:
    """One running copy of a service."""

    launcher: subprocess.Popen[bytes]
    port: int
    data_dir: Path

    def count(self, path: str = "/") -> int:
        """Ask how many visits there were, or pay one at `/visits`."""
        return int(httpx.get(f"http://127.0.0.1:{self.port}{path}", trust_env=False, timeout=10).text)

    def count_once_it_answers(self) -> int:
        """Ask again and again, up to a minute, until the service answers with a number."""
        deadline = time.monotonic() + 60
        while True:
            try:
                return self.count()
            except (httpx.HTTPError, ValueError):
                assert time.monotonic() < deadline, "the service answers no more"
                time.sleep(0.1)

    def end(self, number: signal.Signals) -> int:
        """Send a signal to the launcher and return its exit code."""
        self.launcher.send_signal(number)
        return self.launcher.wait(timeout=30)

    def postmaster(self) -> int:
        """Return the database server's process."""
        return int((self.data_dir / "postgres" / "postmaster.pid").read_text().splitlines()[0])


class Start(Protocol):
    """Starts a copy on a folder, with settings of its own."""

    def __call__(self, data_dir: Path, **environment: str) -> Copy: ...


@pytest.fixture
def data_dir() -> Iterator[Path]:
    """Give a folder that other users may pass through, as pytest's own is not."""
    folder = Path(tempfile.mkdtemp(prefix="broker run "))
    folder.chmod(0o711)
    yield folder / "data"
    embedded_postgres.stop(folder / "data")
    shutil.rmtree(folder)


@pytest.fixture
def start(data_dir: Path) -> Iterator[Start]:
    """Give what starts a copy and waits for its announcement; every copy is ended before its folder goes."""
    launchers: list[subprocess.Popen[bytes]] = []

    def start_copy(data_dir: Path, **environment: str) -> Copy:
        port = free_port()
        launchers.append(launch(data_dir, port, **environment))
        said = first_line(launchers[-1])
        assert said == f"ready at http://127.0.0.1:{port}\n"
        return Copy(launchers[-1], port, data_dir)

    yield start_copy
    for launcher in launchers:
        launcher.terminate()
        launcher.wait(timeout=30)
        assert launcher.stdout is not None
        launcher.stdout.close()


def launch(data_dir: Path, port: int, **environment: str) -> subprocess.Popen[bytes]:
    """Start the launcher, in the environment `make run` gives it."""
    inherited = {key: value for key, value in os.environ.items() if "DATABASE_URL" not in key}
    return subprocess.Popen(
        [sys.executable, "-m", "tests.foundation.small_apps"],
        stdout=subprocess.PIPE,
        cwd=Path(__file__).parents[2],
        env=inherited
        | {"BROKER_ENVIRONMENT": "development", "PORT": str(port), "DATA_DIR": str(data_dir)}
        | environment,
    )


def first_line(launcher: subprocess.Popen[bytes]) -> str:
    """Wait up to a minute for what the launcher prints."""
    assert launcher.stdout is not None
    assert select.select([launcher.stdout], [], [], 60)[0], "the launcher announced nothing"
    return launcher.stdout.readline().decode()


def free_port() -> int:
    """Return a port nobody uses."""
    with socket.socket() as unused:
        unused.bind(("127.0.0.1", 0))
        return int(unused.getsockname()[1])


def live_processes() -> dict[int, list[str]]:
    """Return every live process with its command line."""
    numbers = (int(entry.name) for entry in PROCESS_TABLE.iterdir() if entry.name.isdecimal())
    return {number: arguments_of(number) for number in numbers}


def what_runs_on(data_dir: Path) -> list[list[str]]:
    """Return the command lines of all live processes that name the folder."""
    return [line for line in live_processes().values() if any(str(data_dir) in part for part in line)]


def wait_until_nothing_runs_on(data_dir: Path) -> None:
    """Fail when something still runs after twenty seconds."""
    deadline = time.monotonic() + 20
    while left := what_runs_on(data_dir):
        assert time.monotonic() < deadline, left
        time.sleep(0.05)


def test_a_signal_stops_everything_and_the_next_start_finds_what_was_kept(start: Start, data_dir: Path) -> None:
    for visit, number in enumerate((signal.SIGINT, signal.SIGTERM), start=1):
        copy = start(data_dir)

        assert copy.count("/visits") == visit
        assert copy.end(number) == 0
        assert what_runs_on(data_dir) == []


def test_after_kill_9_of_the_launcher_all_stops_by_itself_and_the_next_start_waits_for_it(
    start: Start, data_dir: Path
) -> None:
    first = start(data_dir)
    first.count("/visits")
    first.end(signal.SIGKILL)

    second = start(data_dir)  # at once, while the first one's server still stops the database
    second.count("/visits")
    second.end(signal.SIGKILL)

    wait_until_nothing_runs_on(data_dir)
    assert start(data_dir).count() == 2


def test_after_kill_9_of_launcher_and_servers_the_next_start_takes_over_the_database(
    start: Start, data_dir: Path
) -> None:
    first = start(data_dir)
    first.count("/visits")
    postmaster, servers = first.postmaster(), _servers_of(data_dir)
    for server in servers:
        os.kill(server, signal.SIGSTOP)  # so that none can still stop the database
    first.end(signal.SIGKILL)
    for server in servers:
        os.kill(server, signal.SIGKILL)

    second = start(data_dir)

    assert (second.postmaster(), second.count()) == (postmaster, 1)
    assert second.end(signal.SIGTERM) == 0
    assert what_runs_on(data_dir) == []


def _servers_of(data_dir: Path) -> list[int]:
    return [
        number for number, line in live_processes().items() if "service.served_apps" in line and str(data_dir) in line
    ]


def test_after_kill_9_of_the_database_a_new_start_recovers_what_was_committed(start: Start, data_dir: Path) -> None:
    first = start(data_dir)
    first.count("/visits")

    os.kill(first.postmaster(), signal.SIGKILL)
    first.end(signal.SIGTERM)

    assert start(data_dir).count() == 1


def test_a_running_launcher_starts_a_killed_database_again_and_nothing_committed_is_lost(
    start: Start, data_dir: Path
) -> None:
    copy = start(data_dir)
    copy.count("/visits")

    killed = copy.postmaster()
    os.kill(killed, signal.SIGKILL)

    assert copy.count_once_it_answers() == 1
    assert copy.postmaster() != killed
    assert copy.end(signal.SIGTERM) == 0
    assert what_runs_on(data_dir) == []


def test_a_database_that_cannot_be_started_again_ends_everything_with_a_sentence(start: Start, data_dir: Path) -> None:
    copy = start(data_dir)
    settings_file = data_dir / "postgres" / "postgresql.conf"
    settings_file.write_text(settings_file.read_text() + "\nno_such_setting = 1\n")

    os.kill(copy.postmaster(), signal.SIGKILL)

    assert copy.launcher.wait(timeout=60) == 1
    assert copy.launcher.stdout is not None
    assert "PostgreSQL did not start" in copy.launcher.stdout.read().decode()
    assert what_runs_on(data_dir) == []


def test_no_open_request_keeps_the_service_from_stopping(start: Start, data_dir: Path) -> None:
    copy = start(data_dir, BROKER_GRACEFUL_SECONDS="1")
    with contextlib.ExitStack() as callers:
        for path in small_apps.SLOW:
            caller = callers.enter_context(socket.create_connection(("127.0.0.1", copy.port)))
            caller.sendall(f"GET {path} HTTP/1.1\r\nHost: broker\r\n\r\n".encode())
            assert caller.recv(1)  # the answer has begun, and nobody reads on

        assert copy.end(signal.SIGTERM) == 0
    assert what_runs_on(data_dir) == []


def test_a_connection_that_rested_longer_than_clients_keep_theirs_still_takes_a_request(
    start: Start, data_dir: Path
) -> None:
    """Most clients give an idle connection up after five seconds: closed here at the same time, it takes one along."""
    copy = start(data_dir)
    connection = http.client.HTTPConnection("127.0.0.1", copy.port, timeout=10)
    with contextlib.closing(connection):
        connection.request("GET", "/")
        connection.getresponse().read()
        first = connection.sock
        time.sleep(6)
        connection.request("GET", "/")

        assert connection.getresponse().status == 200
        assert connection.sock is first


def test_a_second_copy_runs_beside_the_first_on_other_values_and_is_refused_on_the_same(
    start: Start, data_dir: Path
) -> None:
    first, second = start(data_dir), start(data_dir.with_name("other"))
    first.count("/visits")

    assert (first.count(), second.count()) == (1, 0)
    assert "already runs" in _refusal(data_dir, free_port())
    assert second.end(signal.SIGHUP) == 0
    assert (first.count(), what_runs_on(second.data_dir)) == (1, [])


def test_a_port_in_use_is_refused_in_one_line_before_anything_starts(data_dir: Path) -> None:
    with socket.socket() as occupied:
        occupied.bind(("127.0.0.1", 0))
        occupied.listen()
        port = occupied.getsockname()[1]

        assert f"Port {port} on 127.0.0.1 cannot be used" in _refusal(data_dir, port)
    assert what_runs_on(data_dir) == []


def test_the_launcher_refuses_outside_development(data_dir: Path) -> None:
    production = {"BROKER_ENVIRONMENT": "production", "DATABASE_URL": "postgresql://x", "BROKER_ISSUER": "https://x"}

    assert "development only" in _refusal(data_dir, free_port(), **production)


def _refusal(data_dir: Path, port: int, **environment: str) -> str:
    launcher = launch(data_dir, port, **environment)
    said, _ = launcher.communicate(timeout=60)
    assert launcher.returncode == 1
    assert len(said.splitlines()) == 1, said
    return said.decode()


def test_what_a_serving_process_starts_with_is_not_looked_through_for_garbage_again() -> None:
    program = "import gc; from service.app import served_app; served_app(); print(gc.get_freeze_count())"
    environment = dict(os.environ) | {"BROKER_ENVIRONMENT": "development"}
    done = subprocess.run([sys.executable, "-c", program], env=environment, capture_output=True, text=True, check=True)

    assert int(done.stdout) > 100_000
