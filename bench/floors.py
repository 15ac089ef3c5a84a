"""The floor: a bare ASGI handler on a psycopg pool that runs the service's statements and writes pre-built bytes.

It knows nothing of callers, permissions or packs and decodes nothing it reads: what it takes is the price of HTTP,
PostgreSQL and a durable row in the record of access. A service in Python cannot be faster.
"""

import json
import os
import re
import secrets
import uuid
from collections.abc import Sequence
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import Any

from psycopg import AsyncConnection, AsyncRawCursor
from psycopg.types.json import set_json_loads
from psycopg_pool import AsyncConnectionPool

from bench.statements import Statement

SCRIPT = "BENCH_FLOOR"  # the variable that names the file with everything the floor needs
APPLICATION = "floor"
_UUID = re.compile(r"\b[0-9a-f]{8}-(?:[0-9a-f]{4}-){3}[0-9a-f]{12}\b")
_SUBJECT = re.compile(rf"/([A-Z][0-9]{{6}}|{_UUID.pattern})(?:/|$)")
_BEGIN, _COMMIT = "BEGIN", "COMMIT"
_SPENDING = "INSERT INTO spent_proof"

Scope = dict[str, Any]


@dataclass(frozen=True, slots=True)
class Recorded:
    """One request as the service answered it: whose path with which id, its statements, and the answer's bytes."""

    pattern: str
    subject: str
    statements: list[Statement]
    status: int
    headers: list[tuple[str, str]]
    body: str  # one character a byte


def split_path(path: str) -> tuple[str, str]:
    """Return a path without the person or referral in it, and which that is; nothing where it names none."""
    found = _SUBJECT.search(path)
    return (path.replace(found.group(1), "*"), found.group(1)) if found else (path, "")


def write_script(path: Path, url: str, pool_size: int, recorded: dict[str, Recorded]) -> None:
    """Write what the floor needs: its database, and what to do for each path."""
    operations = {name: asdict(each) for name, each in recorded.items()}
    path.write_text(json.dumps({"url": url, "pool_size": pool_size, "operations": operations}), encoding="utf-8")


class _Operation:
    """The statements of one operation, about another person each time, and its answer."""

    def __init__(self, pattern: str, subject: str, statements: list[dict[str, Any]], **answer: Any) -> None:
        self.pattern = pattern
        self.subject = subject
        self.statements = [(each["text"], tuple(each["parameters"])) for each in statements]
        texts = [value for _, parameters in self.statements for value in parameters if value]
        # A proof is used once: each run has another, as each request of the service has.
        spent = [values[0] for text, values in self.statements if _SPENDING in text]
        self.proofs = [proof for proof in spent if proof]
        # Ids that the service made for a row of its own are made anew; those of an answer's referrals are not its own.
        self.new_ids = sorted({found for value in texts for found in _UUID.findall(value)} - {subject})
        self.body: bytes = answer["body"].encode("latin-1")
        headers = [(name.encode(), value.encode()) for name, value in answer["headers"]]
        self.start = {"type": "http.response.start", "status": answer["status"], "headers": headers}

    async def run(self, connection: AsyncConnection[Any], subject: str) -> None:
        """Run every statement for this subject, reading what each returns; ids the service made are made anew."""
        changed = [
            *([(self.subject, subject)] if self.subject else []),
            *((old, str(uuid.uuid4())) for old in self.new_ids),
            *((old, secrets.token_urlsafe(32)) for old in self.proofs),
        ]
        # What comes before the first transaction commits by itself.
        await connection.set_autocommit(True)
        for text, parameters in self.statements:
            if text == _COMMIT:
                await connection.commit()
            elif text == _BEGIN:  # psycopg begins by itself
                await connection.set_autocommit(False)
            else:
                cursor = await connection.execute(text, _changed(parameters, changed))
                if cursor.description is not None:
                    await cursor.fetchall()


def _changed(parameters: Sequence[str | None], changed: list[tuple[str, str]]) -> list[str | None]:
    bound: list[str | None] = []
    for value in parameters:
        text = value
        if text is not None:
            for old, new in changed:
                text = text.replace(old, new)
        bound.append(text)
    return bound


class _Floor:
    def __init__(self, script: dict[str, Any]) -> None:
        made = [_Operation(**each) for each in script["operations"].values()]
        self.operations = {operation.pattern: operation for operation in made}
        self.pool: AsyncConnectionPool[AsyncConnection[Any]] = AsyncConnectionPool(
            script["url"].replace("+psycopg", "", 1),
            min_size=script["pool_size"],
            max_size=script["pool_size"],
            kwargs={"cursor_factory": AsyncRawCursor, "application_name": APPLICATION},
            open=False,
        )
        set_json_loads(lambda read: read)

    async def __call__(self, scope: Scope, receive: Any, send: Any) -> None:
        if scope["type"] == "lifespan":
            await self._live(receive, send)
            return
        pattern, subject = split_path(scope["path"])
        while (await receive()).get("more_body"):
            pass
        operation = self.operations[pattern]
        async with self.pool.connection() as connection:
            await operation.run(connection, subject)
        await send(operation.start)
        await send({"type": "http.response.body", "body": operation.body})

    async def _live(self, receive: Any, send: Any) -> None:
        await receive()
        await self.pool.open(wait=True)
        await send({"type": "lifespan.startup.complete"})
        await receive()
        await self.pool.close()
        await send({"type": "lifespan.shutdown.complete"})


def create_app() -> _Floor:
    """Build the floor from its script."""
    return _Floor(json.loads(Path(os.environ[SCRIPT]).read_text(encoding="utf-8")))
