"""What `make run` runs: a database, its tables, demonstration data and the service, and nothing left of them after."""

import contextlib
import os
import signal
import socket
import subprocess
import sys
import time
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from pathlib import Path
from types import FrameType

import httpx
from pydantic import SecretStr

from service import embedded_postgres
from service.development_databases import ready_database
from service.embedded_postgres import prepare_data_dir
from service.refusals import StartUpRefused
from service.run_locks import held_lock
from service.settings import OWNER_DATABASE_URL, Settings

APPLICATION = "service.app:served_app"
STOPPING_SIGNALS = (signal.SIGINT, signal.SIGTERM, signal.SIGHUP)
# What a server gets beyond its graceful seconds before it is killed.
LAST_SECONDS = 5.0
HEARTBEAT_SECONDS = 0.1
DATABASE_CHECK_SECONDS = 1.0

Server = subprocess.Popen[bytes]


@dataclass(frozen=True)
class Hooks:
    """What the launcher is told to do between the database and the service, and to print when the service answers."""

    load_demonstration_data: Callable[[Settings], None]
    banner: Callable[[Settings], str]
    application: str = APPLICATION


@dataclass
class StopRequest:
    """Whether somebody asked the launcher to stop: looked at between steps, so that no step is left half done."""

    signals: list[int] = field(default_factory=list)

    def __bool__(self) -> bool:
        """Return whether a signal has come."""
        return bool(self.signals)

    def note(self, number: int, _frame: FrameType | None) -> None:
        """Keep a signal for later."""
        self.signals.append(number)


@dataclass
class DatabaseKeeper:
    """Starts the embedded database again when it ends under a running service; one that lives elsewhere is not ours."""

    data_dir: Path | None
    next_check: float = 0.0

    def keep(self) -> None:
        """Look whether it runs, now and then; StartUpRefused when it ended and cannot be started again."""
        if self.data_dir is None or time.monotonic() < self.next_check:
            return
        if embedded_postgres.find(self.data_dir) is None:
            print("The database has ended; it is started again.", flush=True)
            embedded_postgres.start(self.data_dir)
        self.next_check = time.monotonic() + DATABASE_CHECK_SECONDS


def run(settings: Settings, hooks: Hooks) -> int:
    """Run the service until a signal or its own end, then stop everything; return its exit code, 0 after a signal.

    StartUpRefused says in a sentence why it cannot start: not a development machine, a port or a folder in use.
    """
    if not settings.is_development:
        raise StartUpRefused("`run` is for development only: set BROKER_ENVIRONMENT=development.")
    prepare_data_dir(settings.data_dir)
    with (
        _noted_signals() as stop,
        held_lock(settings.data_dir / "running.lock") as lock,
        _listening_socket(settings) as listening,
        _database(settings) as ready,
    ):
        if not stop:
            hooks.load_demonstration_data(ready)
        if stop:
            return 0
        with _servers(ready, hooks.application, listening, lock) as servers:
            keeper = DatabaseKeeper(settings.data_dir if settings.database_url is None else None)
            return _watch(servers, stop, ready, hooks, keeper)


def _watch(servers: list[Server], stop: StopRequest, settings: Settings, hooks: Hooks, database: DatabaseKeeper) -> int:
    announced = False
    while not stop:
        for server in servers:
            if (code := server.poll()) is not None:
                return code if code >= 0 else 128 - code
        database.keep()
        if not announced and _answers(settings):
            print(hooks.banner(settings), flush=True)
            announced = True
        time.sleep(HEARTBEAT_SECONDS)
    return 0


def _answers(settings: Settings) -> bool:
    try:
        httpx.get(f"http://{_reachable_host(settings)}:{settings.port}/health/live", timeout=1.0, trust_env=False)
    except httpx.HTTPError:
        return False
    return True


def _reachable_host(settings: Settings) -> str:
    return "127.0.0.1" if settings.host == "0.0.0.0" else settings.host  # noqa: S104  compared, not listened on


@contextlib.contextmanager
def _noted_signals() -> Iterator[StopRequest]:
    stop = StopRequest()
    before = {number: signal.signal(number, stop.note) for number in STOPPING_SIGNALS}
    try:
        yield stop
    finally:
        for number, handler in before.items():
            signal.signal(number, handler)


@contextlib.contextmanager
def _listening_socket(settings: Settings) -> Iterator[int]:
    """Take the port before anything slow begins; the servers share it."""
    family = socket.AF_INET6 if ":" in settings.host else socket.AF_INET
    with socket.socket(family, socket.SOCK_STREAM) as listening:
        listening.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        try:
            listening.bind((settings.host, settings.port))
            listening.listen(socket.SOMAXCONN)
        except OSError as trouble:
            raise StartUpRefused(
                f"Port {settings.port} on {settings.host} cannot be used: {trouble.strerror}. Set PORT to another."
            ) from None
        yield listening.fileno()


@contextlib.contextmanager
def _database(settings: Settings) -> Iterator[Settings]:
    """Give the settings with both logins in them; an embedded database is stopped in the end."""
    try:
        database = ready_database(
            _secret(settings.database_url), _secret(settings.owner_database_url), settings.data_dir
        )
        logins = {
            "database_url": SecretStr(database.application_url),
            "owner_database_url": SecretStr(database.owner_url) if database.owner_url else None,
        }
        yield settings.model_copy(update=logins)
    finally:
        if settings.database_url is None:
            embedded_postgres.stop(settings.data_dir)


def _secret(value: SecretStr | None) -> str | None:
    return value.get_secret_value() if value else None


@contextlib.contextmanager
def _servers(settings: Settings, application: str, listening: int, lock: int) -> Iterator[list[Server]]:
    """Start the server processes, and end them all: gracefully first."""
    servers: list[Server] = []
    try:
        for _ in range(settings.workers):  # one by one, so that a failure still ends those before it
            servers.append(_start_server(settings, application, listening, lock))  # noqa: PERF401
        yield servers
    finally:
        for server in servers:
            server.terminate()
        deadline = time.monotonic() + settings.graceful_seconds + LAST_SECONDS
        for server in servers:
            try:
                server.wait(max(0.0, deadline - time.monotonic()))
            except subprocess.TimeoutExpired:
                server.kill()
                server.wait()


def _start_server(settings: Settings, application: str, listening: int, lock: int) -> Server:
    embedded = str(settings.data_dir) if embedded_postgres.find(settings.data_dir) else ""
    arguments = [application, str(listening), str(settings.graceful_seconds), embedded]
    # A session of its own: Ctrl-C reaches the launcher alone, which then stops things in their order.
    return subprocess.Popen(
        [sys.executable, "-m", "service.served_apps", *arguments],
        stdin=subprocess.PIPE,
        pass_fds=(listening, lock),
        start_new_session=True,
        env=_environment(settings),
    )


def _environment(settings: Settings) -> dict[str, str]:
    """Return the servers' environment: the launcher's own settings, without the owner's login."""
    inherited = {name: value for name, value in os.environ.items() if name != OWNER_DATABASE_URL}
    return inherited | {
        "BROKER_ENVIRONMENT": settings.environment,
        "BROKER_HOST": settings.host,
        "DATABASE_URL": _secret(settings.database_url) or "",
        "DATA_DIR": str(settings.data_dir),
        "PORT": str(settings.port),
    }
