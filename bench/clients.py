"""A client in a process of its own, so that measuring takes no time from what is measured: plans in, timings out.

HTTP/1.1 on connections that stay open, to this machine alone, bounded in number of requests and in time. Each line of
standard input is a plan, each line of standard output its outcome.
"""

import asyncio
import contextlib
import itertools
import json
import subprocess
import sys
import time
from collections.abc import Iterator
from dataclasses import asdict, dataclass
from typing import IO, Any

from bench.holders import Holder

HOST = "127.0.0.1"
MOST_A_SECOND = 2000  # requests; the floor answers half as many
SLOWEST_SECONDS = 30.0  # an answer that takes longer ends the measurement


@dataclass(frozen=True, slots=True)
class Plan:
    """Which requests (method, path, body) to send where, how many at a time, and for how long at most.

    `repeats` goes through the requests again and again until the time is over. A bound token's proofs are good once
    and for the `address` they name: they are made before the time begins, more than can be used in it.
    """

    port: int
    holder: Holder
    address: str
    requests: list[tuple[str, str, str]]
    in_flight: int
    seconds: float
    repeats: bool = True


@dataclass(frozen=True, slots=True)
class Outcome:
    """How long it all took, how long each answer took (milliseconds), and how many answers had which status."""

    seconds: float
    milliseconds: list[float]
    statuses: dict[str, int]

    @property
    def refused(self) -> dict[str, int]:
        """The answers that were not a success."""
        return {status: number for status, number in self.statuses.items() if not status.startswith("2")}


@dataclass(slots=True)
class ClientProcess:
    """The process that sends the requests."""

    plans: IO[str]
    outcomes: IO[str]

    def run(self, plan: Plan) -> Outcome:
        """Carry out a plan and return its outcome."""
        self.plans.write(json.dumps(asdict(plan)) + "\n")
        self.plans.flush()
        return Outcome(**json.loads(self.outcomes.readline()))


@contextlib.contextmanager
def client_process() -> Iterator[ClientProcess]:
    """Start the client's process, and end it afterwards."""
    command = [sys.executable, "-m", "bench.clients"]
    with subprocess.Popen(command, stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True) as process:
        if process.stdin is not None and process.stdout is not None:  # pipes, since both were asked for
            yield ClientProcess(process.stdin, process.stdout)
            process.stdin.close()


async def carry_out(plan: Plan) -> Outcome:
    """Send a plan's requests over as many connections as may be in flight at once."""
    messages = _bound(plan) if plan.holder.key and plan.repeats else [_message(plan, *each) for each in plan.requests]
    wanted = _in_turn(messages, plan, time.perf_counter() + plan.seconds)
    outcome = Outcome(0, [], {})
    started = time.perf_counter()
    await asyncio.gather(*(_one_after_another(plan.port, wanted, outcome) for _ in range(plan.in_flight)))
    return Outcome(time.perf_counter() - started, outcome.milliseconds, outcome.statuses)


def _bound(plan: Plan) -> list[bytes]:
    wanted = itertools.islice(itertools.cycle(plan.requests), int(plan.seconds * MOST_A_SECOND))
    return [_message(plan, *request) for request in wanted]


def _in_turn(messages: list[bytes], plan: Plan, until: float) -> Iterator[bytes]:
    while True:
        for message in messages:
            if time.perf_counter() >= until:
                return
            yield message
        if not plan.repeats or plan.holder.key:
            return


def _message(plan: Plan, method: str, path: str, body: str) -> bytes:
    sent = body.encode()
    lines = [f"{method} {path} HTTP/1.1", f"Host: {HOST}:{plan.port}"]
    lines += [f"{name}: {value}" for name, value in plan.holder.headers(method, plan.address + path).items()]
    if sent:
        lines += ["Content-Type: application/json", f"Content-Length: {len(sent)}"]
    return "\r\n".join([*lines, "", ""]).encode() + sent


async def _one_after_another(port: int, wanted: Iterator[bytes], outcome: Outcome) -> None:
    reader, writer = await asyncio.open_connection(HOST, port, limit=1 << 20)
    for message in wanted:
        started = time.perf_counter()
        writer.write(message)
        status = await asyncio.wait_for(_answer(reader), SLOWEST_SECONDS)
        outcome.milliseconds.append((time.perf_counter() - started) * 1000)
        outcome.statuses[status] = outcome.statuses.get(status, 0) + 1
    writer.close()
    await writer.wait_closed()


async def _answer(reader: asyncio.StreamReader) -> str:
    """Read one whole answer and return its status."""
    head = await reader.readuntil(b"\r\n\r\n")
    status, _, fields = head.partition(b"\r\n")
    for line in fields.split(b"\r\n"):
        name, _, value = line.partition(b":")
        if name.lower() == b"content-length":
            await reader.readexactly(int(value))
            return status.split(b" ")[1].decode()
    message = "an answer without a length"
    raise ValueError(message)


def main() -> None:
    """Carry out the plans on standard input until it ends."""
    for line in sys.stdin:
        given: dict[str, Any] = json.loads(line)
        plan = Plan(**given | {"holder": Holder(**given["holder"])})
        sys.stdout.write(json.dumps(asdict(asyncio.run(carry_out(plan)))) + "\n")
        sys.stdout.flush()


if __name__ == "__main__":
    main()
