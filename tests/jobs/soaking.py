"""Many readers over several processes, with the processes that seal killed in between; the record must stay whole."""

import asyncio
import os
import signal
import subprocess
import sys
from collections.abc import Iterator
from contextlib import ExitStack, contextmanager
from http import HTTPStatus
from pathlib import Path

from service.access.callers import Role
from service.access.tokens import Bearer
from tests.clusters import DatabaseUrls
from tests.contract.served import Served, served

ROOT = Path(__file__).parents[2]
AT_ONCE = 8
# A process that does nothing but seal, without a pause: a kill will find it in the middle of a seal.
SEALER = """
import asyncio, datetime, os
from pydantic import SecretStr
from service import db
from service.jobs import sealing
from service.settings import Settings

async def main():
    settings = Settings(environment="development", database_url=SecretStr(os.environ["DATABASE_URL"]))
    sessions = db.create_session_factory(db.create_engine(settings))
    while True:
        await sealing.seal_all(sessions, datetime.datetime.now(datetime.UTC))

asyncio.run(main())
"""


@contextmanager
def serving(urls: DatabaseUrls, folder: Path, processes: int) -> Iterator[list[Served]]:
    """Serve from several processes on one database, each of which seals as well."""
    with ExitStack() as stack:
        yield [stack.enter_context(served(urls.application, folder / f"{number}.log")) for number in range(processes)]


@contextmanager
def sealer(urls: DatabaseUrls) -> Iterator[subprocess.Popen[bytes]]:
    """Run a process that seals, and kill it as a machine that loses power does."""
    process = subprocess.Popen(
        [sys.executable, "-c", SEALER], cwd=ROOT, env=os.environ | {"DATABASE_URL": urls.application}
    )
    try:
        yield process
    finally:
        process.send_signal(signal.SIGKILL)
        process.wait()


async def read_from_all(servers: list[Served], reads: int) -> None:
    """Open a case, then read it `reads` times, spread evenly over the processes."""
    async with servers[0].client(await _token(servers[0])) as client:
        opened = await client.post("/v1/cases", json={"crn": "X000001"})
        assert opened.status_code == HTTPStatus.CREATED, opened.text
    await asyncio.gather(*(_read(server, reads // len(servers)) for server in servers))


async def _token(server: Served) -> str:
    return (await server.tokens({"reader": Bearer("p.soak", Role.PRACTITIONER)}))["reader"]


async def _read(server: Served, reads: int) -> None:
    left = iter(range(reads))
    async with server.client(await _token(server)) as client:

        async def one_after_another() -> None:
            for _ in left:
                response = await client.get("/v1/cases/X000001")
                assert response.status_code == HTTPStatus.OK, response.text

        await asyncio.gather(*(one_after_another() for _ in range(AT_ONCE)))


async def soak(urls: DatabaseUrls, folder: Path, *, reads: int, processes: int, kills: int) -> None:
    """Read and, all the while, kill one sealer after another; afterwards everything that was read is sealed."""
    with serving(urls, folder, processes) as servers:
        reading = asyncio.create_task(read_from_all(servers, reads))
        for _ in range(kills):
            with sealer(urls):
                await asyncio.sleep(2)
            if reading.done():
                break
        await reading
        await asyncio.sleep(5)  # rows settle for a second, and the servers seal every two
