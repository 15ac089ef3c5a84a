"""What chance sends to the running service: examples, edges, nonsense and sequences, judged by every check there is."""

import asyncio
import json
import os
import re
import subprocess
import sys
from collections.abc import Mapping
from pathlib import Path
from typing import Any

import pytest
from httpx import AsyncClient

from service.access.permissions import PUBLIC
from tests.clusters import DatabaseUrls
from tests.contract.example_worlds import CALLERS, prepare
from tests.contract.served import Served, served

ROOT = Path(__file__).parents[2]
SEED = 2611
# Whatever the machine, chance gets this long in `make test`; `make fuzz` lets it finish.
BOUND_SECONDS = 80
ANSWERED = re.compile(r'^broker_answers_total\{method="(\w+)",route="([^"]+)",status="2\d\d"\}', re.MULTILINE)

pytestmark = [pytest.mark.processes, pytest.mark.xdist_group("fuzzing")]


async def test_a_minute_of_chance_finds_nothing_that_any_check_minds(
    fresh_database: DatabaseUrls, tmp_path: Path
) -> None:
    await _fuzz(fresh_database, tmp_path, "--seed", str(SEED), "--max-time", str(BOUND_SECONDS))


@pytest.mark.fuzz
async def test_chance_finds_nothing_that_any_check_minds_however_long_it_looks(
    fresh_database: DatabaseUrls, tmp_path: Path
) -> None:
    await _fuzz(fresh_database, tmp_path)


async def _fuzz(database: DatabaseUrls, folder: Path, *options: str) -> None:
    with served(database.application, folder / "service.log") as service:
        tokens = await service.tokens(CALLERS)
        clients = {name: service.client(token) for name, token in tokens.items()}
        await prepare(clients, database.owner)
        ended = await asyncio.to_thread(_run_schemathesis, service, tokens, folder, options)
        described = (await clients["auditor"].get("/openapi.json")).json()
        numbers = (await clients["auditor"].get("/metrics")).text
        await _close(clients)

    assert ended.returncode == 0, ended.stdout[-20_000:]
    # Checks that only ever see refusals would be satisfied by a service that refuses everything.
    assert _never_done(described, numbers) == set()


def _run_schemathesis(
    service: Served, tokens: Mapping[str, str], folder: Path, options: tuple[str, ...]
) -> subprocess.CompletedProcess[str]:
    """Run Schemathesis as `schemathesis.toml` says, with the tokens in the file that it names."""
    written = [
        {"name": name, "fixedHeaders": [{"name": "Authorization", "value": f"Bearer {token}"}]}
        for name, token in tokens.items()
    ]
    file = folder / "tokens.json"
    file.write_text(json.dumps({"auth": written}), encoding="utf-8")
    file.chmod(0o600)
    return subprocess.run(
        [
            *(sys.executable, "-m", "schemathesis.cli", "--config-file", "schemathesis.toml", "run"),
            *(f"{service.address}/openapi.json", "--no-color", "--generation-database", "none", *options),
        ],
        stdout=subprocess.PIPE,
        stderr=subprocess.STDOUT,
        text=True,
        check=False,
        cwd=ROOT,
        env=os.environ | {"FUZZ_TOKENS": str(file), "NO_PROXY": "127.0.0.1"},
    )


async def _close(clients: Mapping[str, AsyncClient]) -> None:
    for client in clients.values():
        await client.aclose()


def _never_done(described: Mapping[str, Any], numbers: str) -> set[str]:
    """Return the operations that never once succeeded."""
    done = {(method.lower(), route) for method, route in ANSWERED.findall(numbers)}
    return {
        str(operation["operationId"])
        for path, operations in described["paths"].items()
        for method, operation in operations.items()
        if (method, path) not in done and operation["operationId"] not in PUBLIC
    }
