"""PostgreSQL from a wheel, for development and tests: started, adopted after a crash, and stopped, in one place.

The wheel's own Python module is left alone (it starts servers with a superuser that needs no password, opens parent
folders to everybody and forgets servers whose starter was killed); only its PostgreSQL programs are run.
"""

import fcntl
import hashlib
import os
import shlex
import shutil
import tempfile
import time
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass, field
from pathlib import Path
from urllib.parse import quote

import psycopg

from service.database_roles import (
    APPLICATION,
    OWNER,
    SUPERUSER,
    AdministratorConnection,
    Passwords,
    ensure_database,
    ensure_roles,
    keep_passwords,
)
from service.folders import closed_parent
from service.postgres_programs import PostgresPrograms, find_programs
from service.processes import is_program_on
from service.refusals import StartUpRefused

DATABASE = "broker"
PASSWORDS = "passwords.json"
PID_FILE = "postmaster.pid"
LOG = "postgres.log"
DEFAULTS = {"max_connections": "200", "timezone": "UTC", "log_timezone": "UTC"}
# Recovery after a crash can take long; so can a start on a busy machine.
PATIENCE_SECONDS = 120
# The longest address of a Unix socket, less PostgreSQL's own file name and its lock's.
LONGEST_SOCKET_DIR = 80


@dataclass(frozen=True)
class RunningCluster:
    """A database server that answers: how each login reaches it."""

    data_dir: Path
    socket_dir: Path
    passwords: Passwords = field(repr=False)

    def owner_url(self, database: str = DATABASE) -> str:
        """Return the address for migrations."""
        return self._url(OWNER, self.passwords.owner, database)

    def application_url(self, database: str = DATABASE) -> str:
        """Return the address for the service."""
        return self._url(APPLICATION, self.passwords.application, database)

    def _url(self, login: str, password: str, database: str) -> str:
        return f"postgresql+psycopg://{login}:{password}@/{database}?host={quote(str(self.socket_dir), safe='')}"

    @contextmanager
    def administrator(self) -> Iterator[AdministratorConnection]:
        """Open the superuser's connection, to create and drop databases; it is never given to the service."""
        with psycopg.connect(
            host=str(self.socket_dir),
            user=SUPERUSER,
            password=self.passwords.superuser,
            dbname="postgres",
            connect_timeout=5,
            autocommit=True,
        ) as connection:
            yield connection


def prepare_data_dir(data_dir: Path) -> None:
    """Make the data folder; StartUpRefused when the database could not use it, saying why."""
    if set(str(data_dir)) & set('"$`\\\n,'):
        raise StartUpRefused(f"DATA_DIR {data_dir} has a character PostgreSQL's starter cannot take.")
    if os.geteuid() == 0 and (closed := closed_parent(data_dir)):
        raise StartUpRefused(
            f"DATA_DIR {data_dir} lies in the private folder {closed}. PostgreSQL does not run as root, and its own "
            "user could reach the data only if that folder were opened to everybody. Choose another, such as "
            "/var/lib/referral-broker."
        )
    try:
        data_dir.mkdir(mode=0o711, parents=True, exist_ok=True)
        if os.geteuid() == 0:
            data_dir.chmod(data_dir.stat().st_mode | 0o011)
    except OSError as trouble:
        raise StartUpRefused(f"DATA_DIR {data_dir} cannot be made: {trouble.strerror}.") from None
    if not os.access(data_dir, os.W_OK) or data_dir.stat().st_uid != os.geteuid():
        raise StartUpRefused(f"DATA_DIR {data_dir} belongs to another user. Choose another.")


def start(data_dir: Path, *, options: Mapping[str, str] | None = None) -> RunningCluster:
    """Start the server of `data_dir`, or adopt the one that runs; both logins and the database exist afterwards.

    `options` are server settings for this start only. StartUpRefused says what stands in the way: a folder the
    server's user cannot reach, another user's data, or a server that does not answer within 120 seconds.
    """
    data_dir = data_dir.expanduser().resolve()
    prepare_data_dir(data_dir)
    with _alone(data_dir):
        programs = find_programs(data_dir)
        passwords = keep_passwords(data_dir / PASSWORDS)
        if not (_cluster_dir(data_dir) / "PG_VERSION").exists():
            _initialise(data_dir, programs, passwords)
        running = _running(data_dir, programs, passwords, options or {})
        with running.administrator() as connection:
            ensure_roles(connection, passwords)
            ensure_database(connection, DATABASE)
    return running


def find(data_dir: Path) -> RunningCluster | None:
    """Return the server that runs on `data_dir`, or nothing; it is not started."""
    data_dir = data_dir.expanduser().resolve()
    postmaster = _live_postmaster(_cluster_dir(data_dir))
    if postmaster is None or postmaster.socket_dir is None:
        return None
    return RunningCluster(data_dir, postmaster.socket_dir, keep_passwords(data_dir / PASSWORDS))


def stop(data_dir: Path) -> None:
    """Stop the server of `data_dir` if it runs; connections still open are ended, committed work is kept."""
    data_dir = data_dir.expanduser().resolve()
    cluster = _cluster_dir(data_dir)
    postmaster = _live_postmaster(cluster)
    # pg_ctl believes the pid file: a stale one would have it signal a stranger.
    if postmaster is None:
        return
    programs = find_programs(data_dir)
    stopping = ["-D", str(cluster), "-w", "-t", str(PATIENCE_SECONDS), "stop", "-m"]
    if programs.run("pg_ctl", *stopping, "fast").returncode and _live_postmaster(cluster) is not None:
        programs.run("pg_ctl", *stopping, "immediate")
    if postmaster.socket_dir is not None and data_dir not in postmaster.socket_dir.parents:
        shutil.rmtree(postmaster.socket_dir, ignore_errors=True)


@dataclass(frozen=True)
class _Postmaster:
    process_id: int
    socket_dir: Path | None


def _cluster_dir(data_dir: Path) -> Path:
    return data_dir / "postgres"


def _live_postmaster(cluster: Path) -> _Postmaster | None:
    """Return the server that runs on this folder; a pid file that is empty, stale or a stranger's means none."""
    try:
        lines = (cluster / PID_FILE).read_text(encoding="utf-8").splitlines()
        process_id = int(lines[0])
    except (FileNotFoundError, ValueError, IndexError):
        return None
    if not is_program_on(process_id, "postgres", cluster):
        return None
    return _Postmaster(process_id, Path(lines[4]) if len(lines) > 4 and lines[4] else None)


@contextmanager
def _alone(data_dir: Path) -> Iterator[None]:
    """Hold the folder's lock: of two starts at once, the second finds the first one's server."""
    with (data_dir / "starting.lock").open("w", encoding="utf-8") as lock:
        fcntl.flock(lock, fcntl.LOCK_EX)
        yield


def _initialise(data_dir: Path, programs: PostgresPrograms, passwords: Passwords) -> None:
    """Make a new cluster, whole or not at all: it gets its name when it is finished."""
    unfinished = data_dir / "postgres.new"
    shutil.rmtree(unfinished, ignore_errors=True)
    unfinished.mkdir(mode=0o700)
    password_file = data_dir / "superuser.new"
    password_file.unlink(missing_ok=True)
    password_file.touch(mode=0o600)
    password_file.write_text(passwords.superuser, encoding="utf-8")
    try:
        programs.own(password_file)
        programs.own(unfinished)
        made = programs.run("initdb", *_initdb_options(unfinished, password_file))
    finally:
        password_file.unlink()
    if made.returncode:
        raise StartUpRefused(
            f"PostgreSQL could not make its data folder in {data_dir} (initdb ended {made.returncode})."
        )
    unfinished.rename(_cluster_dir(data_dir))


def _initdb_options(cluster: Path, password_file: Path) -> list[str]:
    # The built-in C.UTF-8 sorts alike on every machine; the system's locales differ or are missing.
    return [
        f"--pgdata={cluster}",
        f"--username={SUPERUSER}",
        f"--pwfile={password_file}",
        "--auth=scram-sha-256",
        "--encoding=UTF8",
        "--locale=C",
        "--locale-provider=builtin",
        "--builtin-locale=C.UTF-8",
    ]


def _running(
    data_dir: Path, programs: PostgresPrograms, passwords: Passwords, options: Mapping[str, str]
) -> RunningCluster:
    deadline = time.monotonic() + PATIENCE_SECONDS
    while time.monotonic() < deadline:
        postmaster = _live_postmaster(_cluster_dir(data_dir))
        if postmaster is None:
            _launch(data_dir, programs, options)
        elif postmaster.socket_dir is not None:
            running = RunningCluster(data_dir, postmaster.socket_dir, passwords)
            if _answers(running):
                return running
        time.sleep(0.1)
    raise StartUpRefused(f"PostgreSQL did not answer within {PATIENCE_SECONDS} seconds; see {data_dir / LOG}.")


def _launch(data_dir: Path, programs: PostgresPrograms, options: Mapping[str, str]) -> None:
    cluster = _cluster_dir(data_dir)
    socket_dir = _make_socket_dir(data_dir, programs)
    # No live server of this folder stands behind these files, but a stranger or a zombie may have their number, and
    # PostgreSQL would take it for the server. Should the killed one's last processes live on, it still notices them
    # by their shared memory.
    for left_behind in [cluster / PID_FILE, *socket_dir.glob(".s.PGSQL.*")]:
        left_behind.unlink(missing_ok=True)
    log = data_dir / LOG
    log.touch(mode=0o600)
    programs.own(log)
    before = log.stat().st_size
    settings = {"listen_addresses": "", "unix_socket_directories": str(socket_dir)} | DEFAULTS
    arguments = " ".join(f"-c {shlex.quote(f'{name}={value}')}" for name, value in (settings | dict(options)).items())
    waiting = ["-w", "-t", str(PATIENCE_SECONDS), "-l", str(log), "-o", arguments, "-D", str(cluster)]
    if programs.run("pg_ctl", "start", *waiting).returncode == 0:
        return
    said = log.read_bytes()[before:].decode(errors="replace")
    # The killed server's last processes are still leaving; they are gone in a moment.
    if "shared memory" not in said and _live_postmaster(cluster) is None:
        lines = [line for line in said.splitlines() if "FATAL" in line] or ["it left no reason"]
        raise StartUpRefused(f"PostgreSQL did not start: {lines[-1]}. Its log is {log}.")


def _make_socket_dir(data_dir: Path, programs: PostgresPrograms) -> Path:
    """Return the folder of the server's socket: in the data folder, or in the temporary one where that is too long."""
    folder = data_dir / "socket"
    if len(bytes(folder)) > LONGEST_SOCKET_DIR:
        name = hashlib.sha256(bytes(data_dir)).hexdigest()[:12]
        folder = Path(tempfile.gettempdir()) / f"referral-broker-{os.geteuid()}-{name}"
    folder.mkdir(mode=0o700, exist_ok=True)
    server_user = programs.user.pw_uid if programs.user else os.geteuid()
    if folder.is_symlink() or folder.stat().st_uid not in {os.geteuid(), server_user}:
        raise StartUpRefused(f"{folder}, the folder for the database's socket, belongs to another user.")
    programs.own(folder)
    return folder


def _answers(cluster: RunningCluster) -> bool:
    try:
        with cluster.administrator() as connection:
            connection.execute("SELECT 1")
    except psycopg.OperationalError as trouble:
        # A refusal while connecting carries no code of its own.
        if "password authentication failed" in str(trouble):
            raise StartUpRefused(
                f"The database in {cluster.data_dir} was made with other passwords than {PASSWORDS} keeps. "
                "Bring the file back, or remove the folder to begin again."
            ) from None
        return False
    return True
