"""The two servers that are compared, each one uvicorn process started as the launcher starts the service."""

import os
import socket
import subprocess
import sys
import time
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

from bench.clients import HOST

PATIENCE_SECONDS = 30.0
GRACEFUL_SECONDS = "2"
ROOT = Path(__file__).resolve().parents[1]


class ServerSilent(Exception):
    """A server did not come up; the message names its log."""


@dataclass(frozen=True, slots=True)
class Server:
    """A server that runs: its port, and its process."""

    port: int
    process: int

    @property
    def address(self) -> str:
        """Where it is spoken to, as proofs name it."""
        return f"http://{HOST}:{self.port}"

    @property
    def processor_seconds(self) -> float:
        """The processor's time it has had, which other work on the machine makes little longer."""
        said = Path(f"/proc/{self.process}/stat")
        fields = said.read_text(encoding="ascii").rpartition(")")[2].split() if said.exists() else []
        return sum(int(ticks) for ticks in fields[11:13]) / os.sysconf("SC_CLK_TCK")


def free_socket() -> socket.socket:
    """Return a socket that listens on a free port of this machine."""
    return socket.create_server((HOST, 0), backlog=128)


@contextmanager
def serving(
    application: str, listening: socket.socket, environment: Mapping[str, str], log: Path
) -> Iterator["Server"]:
    """Serve an application factory on a socket for a while; it ends with this process, whatever becomes of it."""
    command = [sys.executable, "-m", "service.served_apps", application, str(listening.fileno()), GRACEFUL_SECONDS, ""]
    with (
        log.open("wb") as written,
        subprocess.Popen(
            command,
            cwd=ROOT,
            env=dict(os.environ) | dict(environment),
            stdin=subprocess.PIPE,
            stderr=written,
            pass_fds=[listening.fileno()],
        ) as process,
    ):
        try:
            _wait_for(listening.getsockname()[1], process, log)
            yield Server(listening.getsockname()[1], process.pid)
        finally:
            process.terminate()


def _wait_for(port: int, process: subprocess.Popen[bytes], log: Path) -> None:
    """Wait until a server answers anything at all: the socket itself listens before there is anybody behind it."""
    deadline = time.monotonic() + PATIENCE_SECONDS
    while time.monotonic() < deadline and process.poll() is None:
        with socket.create_connection((HOST, port), timeout=PATIENCE_SECONDS) as connection:
            connection.sendall(b"GARBAGE\r\n\r\n")
            if connection.recv(1):
                return
    raise ServerSilent(f"The server did not start; its log is {log}.\n{log.read_text(encoding='utf-8')[-2000:]}")
