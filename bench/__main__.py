"""`make bench`: the service and a floor beside it, on one database, measured in turn; prints a Markdown table."""

import argparse
import asyncio
import shutil
import sys
import tempfile
from collections.abc import Iterator, Mapping
from contextlib import AsyncExitStack, ExitStack, contextmanager
from dataclasses import dataclass, replace
from pathlib import Path

import httpx
from pydantic import SecretStr

from bench import board, cases, floors, measures, tables
from bench import provided as providers
from bench.cases import Stock
from bench.clients import HOST, client_process
from bench.floors import Recorded
from bench.holders import Holder, Signed, new_key
from bench.measures import READERS, Effort, Operation
from bench.provided import Provided
from bench.servers import Server, free_socket, serving
from bench.statements import LOGGED, Statement, StatementLog, require_the_same
from service import embedded_postgres, schema_versions
from service.access.callers import Role
from service.catalogue.inventories import NO_FORM
from service.catalogue.loading import catalogue
from service.commands.development import sign_tokens
from service.demonstration.playing import Cast
from service.demonstration.workers import WORKERS
from service.embedded_postgres import RunningCluster
from service.settings import Settings

FULL, QUICK = Effort(seconds=0.7, fresh_cases=60), Effort(seconds=0.15, fresh_cases=20)
SERVICE, FLOOR = "referral-broker", floors.APPLICATION  # the names they give PostgreSQL
CALLERS = (Role.PRACTITIONER, Role.RECORD_SYSTEM, Role.MANAGER, Role.ADMINISTRATOR, Role.PROVIDER)
PARTS = ("practice", "providers", "board")
FEW, MANY = 1_000, 100_000  # referrals in a provider's list
WARMING = 12  # requests of each kind before anything counts: statements are prepared after five
UNSENT_HEADERS = {"date", "content-length"}  # the server adds the first; the floor's own length is right too
LIMITED = ("CLIENT_REQUESTS", "WORKER_REQUESTS", "PERSON_LOOKUPS", "STRANGER_REQUESTS")


@dataclass(frozen=True, slots=True)
class Asked:
    """What is to be measured, and with how much effort."""

    effort: Effort
    parts: frozenset[str]


def main() -> None:
    """Measure everything and print it."""
    parser = argparse.ArgumentParser(prog="make bench", description=__doc__)
    parser.add_argument("--quick", action="store_true", help="shorter runs, with less to rely on")
    parser.add_argument(
        "--only", choices=PARTS, action="append", help="what practitioners do, what providers do, or the board"
    )
    given = parser.parse_args()
    asked = Asked(QUICK if given.quick else FULL, frozenset(given.only or PARTS))
    with _cluster() as cluster, ExitStack() as servers:
        listening = servers.enter_context(free_socket())
        settings = Settings(
            environment="development",
            database_url=SecretStr(cluster.application_url()),
            host=HOST,
            port=listening.getsockname()[1],
        )
        log = cluster.data_dir / "service.log"
        environment = _environment(cluster, settings.port)
        service = servers.enter_context(serving("service.app:served_app", listening, environment, log))
        _compare(cluster, settings, asked, service, servers)


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


def _compare(cluster: RunningCluster, settings: Settings, asked: Asked, service: Server, servers: ExitStack) -> None:
    holders = asyncio.run(_holders(settings))
    practice, provided = asyncio.run(_prepare(cluster, settings.address, holders, asked.effort))
    all_operations = [*(practice if "practice" in asked.parts else ())]
    if "providers" in asked.parts:
        provided.lay_in(FEW)
        all_operations += providers.operations(provided)
    all_operations += board.operations() if "board" in asked.parts else []
    log = StatementLog(cluster)
    recorded: dict[str, Recorded] = {}
    with _clients(holders) as clients:
        for each in all_operations:
            recorded[each.name] = _record(clients[each.caller], settings.address, each, log)
        floor = _start_floor(cluster, settings, recorded, servers)
        for each in all_operations:
            _, statements = _listen(clients[each.caller], f"http://{HOST}:{floor.port}", each, log, FLOOR)
            require_the_same(each.label, recorded[each.name].statements, statements)
    with client_process() as sender:
        sides = {"service": service, "floor": floor}
        measured = measures.measure(sender, holders, sides, all_operations, asked.effort)
        lines = [*tables.aims(measured)]
        if "providers" in asked.parts:
            provided.lay_in(MANY - FEW)
            measured += measures.measure(sender, holders, sides, [providers.listing(provided)], asked.effort)
            lines += tables.long_list(measured, FEW, MANY)
            refused = providers.refusals(provided.give_one_away())
            times = measures.measure_refusals(sender, holders["provider"], service, refused)
            lines += tables.refusals(times)
    lines = [*tables.table(measured), "", *lines, "", *tables.machine(cluster)]
    sys.stdout.write("\n".join(lines) + "\n")


async def _holders(settings: Settings) -> dict[str, Holder]:
    key = new_key()
    bearers = [WORKERS[role] for role in CALLERS]
    bound = [replace(each, bound_to=key.thumbprint()) if each.role is Role.PROVIDER else each for each in bearers]
    signed = await sign_tokens(settings, bound)
    keys = [dict(key.as_dict(private=True)) if each.bound_to else None for each in bound]
    return {str(each.role): Holder(token, key) for each, token, key in zip(bound, signed, keys, strict=True)}


@contextmanager
def _clients(holders: Mapping[str, Holder]) -> Iterator[dict[str, httpx.Client]]:
    """Give a client for each caller."""
    with ExitStack() as opened:
        yield {
            name: opened.enter_context(httpx.Client(auth=Signed(holder), timeout=60))
            for name, holder in holders.items()
        }


async def _prepare(
    cluster: RunningCluster, address: str, holders: Mapping[str, Holder], effort: Effort
) -> tuple[list[Operation], Provided]:
    """Open the cases through the service itself, and copy one of them as often as is needed."""
    async with AsyncExitStack() as opened:
        clients = {
            name: await opened.enter_async_context(httpx.AsyncClient(base_url=address, auth=Signed(holder), timeout=60))
            for name, holder in holders.items()
        }
        cast = Cast(clients["practitioner"], clients["record_system"], clients["manager"])
        # The four real forms, so that the figures stay those of a person whom every one of them is made for.
        packs = tuple(name for name in catalogue().pack_names if catalogue().pack(name).form != NO_FORM)
        crns = await cases.open_cases(cast.practitioner, cast.record_system)
        stock = Stock(cluster.owner_url(), crns[0])
        stock.lay_in(2 * READERS + 4 * WARMING + effort.stock)
        drafts = await cases.make_drafts(cast.practitioner, crns, packs)
        await board.prepare(cast.practitioner, clients["administrator"], stock)
        provided = await providers.prepare(cast, clients["administrator"], clients["provider"], stock)
    return measures.operations(stock, stock.take(READERS), drafts, packs), provided


def _record(client: httpx.Client, address: str, operation: Operation, log: StatementLog) -> Recorded:
    answer, statements = _listen(client, address, operation, log, SERVICE)
    headers = [(name, value) for name, value in answer.headers.items() if name not in UNSENT_HEADERS]
    headers.append(("content-length", str(len(answer.content))))
    pattern, subject = floors.split_path(answer.request.url.path)
    return Recorded(pattern, subject, statements, answer.status_code, headers, answer.content.decode("latin-1"))


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


def _start_floor(
    cluster: RunningCluster, settings: Settings, recorded: dict[str, Recorded], servers: ExitStack
) -> Server:
    script = cluster.data_dir / "floor.json"
    floors.write_script(script, cluster.application_url(), settings.database_pool_size, recorded)
    listening = servers.enter_context(free_socket())
    environment = {floors.SCRIPT: str(script)}
    log = cluster.data_dir / "floor.log"
    return servers.enter_context(serving("bench.floors:create_app", listening, environment, log))


if __name__ == "__main__":
    main()
