"""`make bench`: the service and a floor beside it, on one database, measured in turn; prints a Markdown table."""

import argparse
import asyncio
import shutil
import sys
import tempfile
from collections.abc import Iterator
from contextlib import ExitStack, contextmanager
from dataclasses import replace
from pathlib import Path

import httpx
from pydantic import SecretStr

from bench import cases, floors, measures, tables
from bench.cases import Stock
from bench.clients import HOST, client_process
from bench.floors import Recorded
from bench.measures import READERS, Effort, Operation
from bench.servers import free_socket, serving
from bench.statements import LOGGED, Statement, StatementLog, require_the_same
from service import embedded_postgres, schema_versions
from service.access.callers import Role
from service.catalogue.inventories import NO_FORM
from service.catalogue.loading import catalogue
from service.commands.development import sign_tokens
from service.demonstration.workers import WORKERS
from service.embedded_postgres import RunningCluster
from service.settings import Settings

FULL, QUICK = Effort(seconds=1.4, fresh_cases=120), Effort(seconds=0.25, fresh_cases=40)
SERVICE, FLOOR = "referral-broker", floors.APPLICATION  # the names they give PostgreSQL
WARMING = 12  # requests of each kind before anything counts: statements are prepared after five
UNSENT_HEADERS = {"date", "content-length"}  # the server adds the first; the floor's own length is right too
LIMITED = ("CLIENT_REQUESTS", "WORKER_REQUESTS", "PERSON_LOOKUPS")


def main() -> None:
    """Measure everything and print it."""
    parser = argparse.ArgumentParser(prog="make bench", description=__doc__)
    parser.add_argument("--quick", action="store_true", help="under half a minute, with less to rely on")
    effort = QUICK if parser.parse_args().quick else FULL
    with _cluster() as cluster, ExitStack() as servers:
        listening = servers.enter_context(free_socket())
        settings = Settings(
            environment="development",
            database_url=SecretStr(cluster.application_url()),
            host=HOST,
            port=listening.getsockname()[1],
        )
        log = cluster.data_dir / "service.log"
        servers.enter_context(serving("service.app:create_app", listening, _environment(cluster, settings.port), log))
        _compare(cluster, settings, effort, servers)


@contextmanager
def _cluster() -> Iterator[RunningCluster]:
    """Give a new database server, as careful with what it commits as any, and remove it afterwards."""
    folder = Path(tempfile.mkdtemp(prefix="referral-broker-bench-"))
    folder.chmod(0o711)
    try:
        cluster = embedded_postgres.start(folder / "data", options=LOGGED)
        schema_versions.upgrade(cluster.owner_url())
        yield cluster
    finally:
        embedded_postgres.stop(folder / "data")
        shutil.rmtree(folder, ignore_errors=True)


def _environment(cluster: RunningCluster, port: int) -> dict[str, str]:
    # One worker asks for all: what is measured is the counting, not its end.
    limits = {f"BROKER_{kind}_PER_MINUTE": "100000000" for kind in LIMITED}
    return limits | {
        "BROKER_ENVIRONMENT": "development",
        "DATABASE_URL": cluster.application_url(),
        "PORT": str(port),
    }


def _compare(cluster: RunningCluster, settings: Settings, effort: Effort, servers: ExitStack) -> None:
    bearers = [WORKERS[Role.PRACTITIONER], replace(WORKERS[Role.RECORD_SYSTEM])]
    token, record_system = asyncio.run(sign_tokens(settings, bearers))
    all_operations = asyncio.run(_prepare(cluster, settings.address, (token, record_system), effort))
    log = StatementLog(cluster)
    with httpx.Client(headers={"Authorization": f"Bearer {token}"}, timeout=60) as client:
        recorded = {each.name: _record(client, settings.address, each, log) for each in all_operations}
        port = _start_floor(cluster, settings, recorded, servers)
        for each in all_operations:
            _, statements = _listen(client, f"http://{HOST}:{port}", each, log, FLOOR)
            require_the_same(each.label, recorded[each.name].statements, statements)
    with client_process() as sender:
        ports = {"service": settings.port, "floor": port}
        measured = measures.measure(sender, token, ports, all_operations, effort)
    lines = [*tables.table(measured), "", *tables.aims(measured), "", *tables.machine(cluster)]
    sys.stdout.write("\n".join(lines) + "\n")


async def _prepare(cluster: RunningCluster, address: str, tokens: tuple[str, str], effort: Effort) -> list[Operation]:
    """Open the cases through the service itself, and copy one of them as often as is needed."""
    practitioner, record_system = (
        httpx.AsyncClient(base_url=address, headers={"Authorization": f"Bearer {token}"}, timeout=60)
        for token in tokens
    )
    # The four real forms, so that the figures stay those of a person whom every one of them is made for.
    packs = tuple(name for name in catalogue().pack_names if catalogue().pack(name).form != NO_FORM)
    async with practitioner, record_system:
        crns = await cases.open_cases(practitioner, record_system)
        stock = Stock(cluster.owner_url(), crns[0])
        stock.lay_in(READERS + 4 * WARMING + effort.stock)
        drafts = await cases.make_drafts(practitioner, crns, packs)
    return measures.operations(stock, stock.take(READERS), drafts, packs)


def _record(client: httpx.Client, address: str, operation: Operation, log: StatementLog) -> Recorded:
    answer, statements = _listen(client, address, operation, log, SERVICE)
    headers = [(name, value) for name, value in answer.headers.items() if name not in UNSENT_HEADERS]
    headers.append(("content-length", str(len(answer.content))))
    subject = answer.request.url.path.split("/")[3]
    return Recorded(subject, statements, answer.status_code, headers, answer.content.decode("latin-1"))


def _listen(
    client: httpx.Client, address: str, operation: Operation, log: StatementLog, application: str
) -> tuple[httpx.Response, list[Statement]]:
    """Ask for one operation once it is warm, and hear what the database was asked meanwhile."""
    *warming, last = (operation.requests(WARMING) * WARMING)[:WARMING]
    for request in warming:
        _ask(client, address, request)
    with log.listening(application) as statements:
        answer = _ask(client, address, last)
    return answer, statements


def _ask(client: httpx.Client, address: str, request: measures.Request) -> httpx.Response:
    method, path, body = request
    headers = {"Content-Type": "application/json"} if body else {}
    return client.request(method, address + path, content=body, headers=headers).raise_for_status()


def _start_floor(cluster: RunningCluster, settings: Settings, recorded: dict[str, Recorded], servers: ExitStack) -> int:
    script = cluster.data_dir / "floor.json"
    floors.write_script(script, cluster.application_url(), settings.database_pool_size, recorded)
    listening = servers.enter_context(free_socket())
    environment = {floors.SCRIPT: str(script)}
    servers.enter_context(serving("bench.floors:create_app", listening, environment, cluster.data_dir / "floor.log"))
    port: int = listening.getsockname()[1]
    return port


if __name__ == "__main__":
    main()
