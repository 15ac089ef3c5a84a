"""What PostgreSQL was really asked to do: its own log of one request, from which the floor is made and checked."""

import json
import re
import time
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

from psycopg import sql

from service.embedded_postgres import RunningCluster

# Server settings: a log that a program can read, with nothing in it until it is asked for.
LOGGED = {"logging_collector": "on", "log_destination": "jsonlog", "log_filename": "statements"}
LOG = Path("postgres/log/statements.json")  # below the data folder
_OF_REQUESTS = ("INSERT INTO audit_entry", "INSERT INTO spent_proof")
SECONDS_TO_WRITE = 5.0

_SAID = re.compile(r"^(?:statement|execute [^:]+): (.*)$", re.DOTALL)
_PARAMETER = re.compile(r"\$\d+ = (NULL|'(?:[^']|'')*')")


@dataclass(frozen=True, slots=True)
class Statement:
    """One statement as the server received it, and its parameters as text."""

    text: str
    parameters: tuple[str | None, ...] = ()


class StatementsDiffer(Exception):
    """The floor does not do what the service does; the message says where."""


@dataclass(slots=True)
class StatementLog:
    """The server's log of statements, switched on for a moment at a time."""

    cluster: RunningCluster

    @contextmanager
    def listening(self, application: str) -> Iterator[list[Statement]]:
        """Give a list that holds, afterwards, what an application asked in between, the transactions included."""
        found: list[Statement] = []
        self._log("all")
        path = self.cluster.data_dir / LOG
        before = path.stat().st_size if path.exists() else 0
        yield found
        self._log("none")
        said = list(self._since(path, before, application))
        # What the service does by itself meanwhile has a session of its own, and asks for none of these.
        requests = {session for session, statement in said if any(name in statement.text for name in _OF_REQUESTS)}
        found.extend(statement for session, statement in said if session in requests)

    def _log(self, which: str) -> None:
        with self.cluster.administrator() as connection:
            connection.execute(sql.SQL("ALTER SYSTEM SET log_statement = {}").format(sql.Literal(which)))
            connection.execute("SELECT pg_reload_conf()")
        time.sleep(0.3)  # the server's processes hear of it, and its log is written, a moment later

    def _since(self, path: Path, before: int, application: str) -> Iterator[tuple[str, Statement]]:
        with path.open("rb") as log:
            log.seek(before)
            for line in log:
                entry = json.loads(line)
                said = _SAID.match(entry["message"])
                if said is not None and entry.get("application_name") == application:
                    yield entry["session_id"], Statement(said.group(1), _parameters(entry.get("detail", "")))


def _parameters(detail: str) -> tuple[str | None, ...]:
    written = _PARAMETER.findall(detail)
    return tuple(None if value == "NULL" else value[1:-1].replace("''", "'") for value in written)


def require_the_same(operation: str, service: list[Statement], floor: list[Statement]) -> None:
    """Refuse to compare a service and a floor that ask PostgreSQL different things, or in another order."""
    ours, theirs = ([" ".join(statement.text.split()) for statement in each] for each in (service, floor))
    if ours == theirs:
        return
    for place, pair in enumerate(zip(ours, theirs, strict=False), start=1):
        if pair[0] != pair[1]:
            raise StatementsDiffer(f"{operation}, statement {place}: the service runs {pair[0]}, the floor {pair[1]}")
    raise StatementsDiffer(f"{operation}: the service runs {len(ours)} statements, the floor {len(theirs)}")
