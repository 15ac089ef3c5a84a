"""The service as it runs: a server process on a port of its own, over a database that a test gives it."""

import os
import socket
import subprocess
import sys
import time
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

import httpx
from pydantic import SecretStr

from service.access.tokens import Bearer
from service.commands.development import sign_tokens
from service.settings import Settings

KEPT = ("PATH", "HOME", "LANG", "PYTHONPATH", "PYTHONDONTWRITEBYTECODE")
APPLICATION = "service.app:create_app"
PATIENCE_SECONDS = 60


@dataclass(frozen=True)
class Served:
    """A running service, and what it takes to be let in."""

    settings: Settings

    @property
    def address(self) -> str:
        """Where it answers."""
        return self.settings.address

    async def tokens(self, bearers: Mapping[str, Bearer]) -> dict[str, str]:
        """Sign a token for each bearer with the service's own key."""
        return dict(zip(bearers, await sign_tokens(self.settings, list(bearers.values())), strict=True))

    def client(self, token: str) -> httpx.AsyncClient:
        """Open a client that carries a token."""
        headers = {"Authorization": f"Bearer {token}"}
        # It gives no connection up: on a machine that stands still for a moment, it could give up one just taken.
        limits = httpx.Limits(keepalive_expiry=None)
        return httpx.AsyncClient(base_url=self.address, headers=headers, timeout=60, trust_env=False, limits=limits)


# What is sent by chance comes faster than any worker asks.
LIMITED = ("CLIENT_REQUESTS", "WORKER_REQUESTS", "PERSON_LOOKUPS", "STRANGER_REQUESTS")
UNLIMITED = {f"BROKER_{kind}_PER_MINUTE": "1000000" for kind in LIMITED}


@contextmanager
def served(database_url: str, log: Path) -> Iterator[Served]:
    """Run the service on a database, its log in a file, and end it afterwards."""
    with socket.socket() as listening:
        listening.bind(("127.0.0.1", 0))
        listening.listen(100)
        port = int(listening.getsockname()[1])
        environment = {name: os.environ[name] for name in KEPT if name in os.environ}
        environment |= {"BROKER_ENVIRONMENT": "development", "DATABASE_URL": database_url, "PORT": str(port)}
        environment |= UNLIMITED
        with log.open("wb") as output, _process(listening, environment, output.fileno()) as process:
            settings = Settings(environment="development", database_url=SecretStr(database_url), port=port)
            _wait_for(f"{settings.address}/health/ready", process, log)
            yield Served(settings)


@contextmanager
def _process(listening: socket.socket, environment: dict[str, str], log: int) -> Iterator[subprocess.Popen[bytes]]:
    descriptor = listening.fileno()
    process = subprocess.Popen(
        [sys.executable, "-m", "service.served_apps", APPLICATION, str(descriptor), "1", ""],
        stdin=subprocess.PIPE,  # the server ends itself when this closes
        stdout=log,
        stderr=log,
        pass_fds=(descriptor,),
        cwd=Path(__file__).parents[2],
        env=environment,
    )
    try:
        yield process
    finally:
        assert process.stdin is not None
        process.stdin.close()
        process.terminate()
        process.wait(timeout=PATIENCE_SECONDS)


def _wait_for(url: str, process: subprocess.Popen[bytes], log: Path) -> None:
    deadline = time.monotonic() + PATIENCE_SECONDS
    while process.poll() is None and time.monotonic() < deadline:
        try:
            if httpx.get(url, timeout=5, trust_env=False).status_code == httpx.codes.OK:
                return
        except httpx.TransportError:
            time.sleep(0.05)
    raise AssertionError(log.read_text(encoding="utf-8")[-4000:])
