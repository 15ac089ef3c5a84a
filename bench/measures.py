"""What is measured: operations, each as the requests that ask for it, on the service and on the floor in turn."""

import itertools
import json
import statistics
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field

from bench.cases import Stock
from bench.clients import ClientProcess, Outcome, Plan
from bench.holders import Holder
from bench.servers import Server

RUNS = 10  # many and short: a machine has slow and fast moments, and a pair of service and floor should share one
IN_FLIGHT = (1, 8)
READERS = 8  # people whose profiles and questions are read in turn
Request = tuple[str, str, str]


class Refused(Exception):
    """The service or the floor answered something else than success: what was timed is not what was meant."""


@dataclass(frozen=True, slots=True)
class Effort:
    """How much to measure: seconds for each run of each operation, and how many cases it may use up."""

    seconds: float
    fresh_cases: int

    @property
    def stock(self) -> int:
        """How many fresh cases all runs use up, on both sides."""
        return self.fresh_cases * RUNS * len(IN_FLIGHT) * 2


@dataclass(frozen=True, slots=True)
class Operation:
    """One operation: what the table calls it, its name, the requests of one run, and whose token they carry."""

    label: str
    name: str
    requests: Callable[[int], list[Request]]
    uses_up: bool = False
    caller: str = "practitioner"


def operations(stock: Stock, readers: list[str], drafts: list[str], packs: tuple[str, ...]) -> list[Operation]:
    """Return the four operations over these people."""
    wanted = json.dumps({"packs": [{"pack": pack} for pack in packs]})
    listed = ",".join(packs)
    return [
        Operation("read a profile", "profile", lambda _: [("GET", f"/v1/cases/{crn}/profile", "") for crn in readers]),
        Operation(
            "generate four drafts",
            "referrals",
            lambda number: [("POST", f"/v1/cases/{crn}/referrals", wanted) for crn in stock.take(number)],
            uses_up=True,
        ),
        Operation(
            "list questions for four packs",
            "questions",
            lambda _: [("GET", f"/v1/cases/{crn}/questions?packs={listed}", "") for crn in readers],
        ),
        Operation(
            "render a document (PDF)",
            "document",
            lambda _: [("GET", f"/v1/referrals/{draft}/document", "") for draft in drafts],
        ),
    ]


@dataclass(slots=True)
class Measured:
    """Every run of one operation at one number in flight, on the service and on the floor beside it."""

    operation: Operation
    in_flight: int
    service: list[Outcome] = field(default_factory=list)
    floor: list[Outcome] = field(default_factory=list)
    processor: dict[str, float] = field(default_factory=lambda: {"service": 0.0, "floor": 0.0})

    @property
    def ratio(self) -> float:
        """The service's throughput as a share of the floor's, each pair taken in the same run: the median."""
        pairs = zip(self.service, self.floor, strict=True)
        return statistics.median(per_second(service) / per_second(floor) for service, floor in pairs)

    def processor_milliseconds(self, side: str) -> float:
        """The time of the processor that one answer took of a side's own process; PostgreSQL's is not in it."""
        outcomes = self.service if side == "service" else self.floor
        return self.processor[side] * 1000 / sum(len(outcome.milliseconds) for outcome in outcomes)


def per_second(outcome: Outcome) -> float:
    """Return the throughput of one run."""
    return len(outcome.milliseconds) / outcome.seconds


def measure(
    client: ClientProcess,
    holders: Mapping[str, Holder],
    servers: Mapping[str, Server],
    all_operations: list[Operation],
    effort: Effort,
) -> list[Measured]:
    """Run everything so many times, service and floor in turn, the one that goes first changing each time."""
    measured = [Measured(operation, many) for operation in all_operations for many in IN_FLIGHT]
    for run in range(RUNS):
        for each, side in itertools.product(measured, ("service", "floor") if run % 2 == 0 else ("floor", "service")):
            requests = each.operation.requests(effort.fresh_cases)
            holder, address = holders[each.operation.caller], servers["service"].address
            plan = Plan(
                *(servers[side].port, holder, address, requests, each.in_flight, effort.seconds),
                repeats=not each.operation.uses_up,
            )
            before = servers[side].processor_seconds
            outcome = client.run(plan)
            each.processor[side] += servers[side].processor_seconds - before
            if outcome.refused:
                raise Refused(f"{each.operation.label} on the {side}: {outcome.refused}")
            (each.service if side == "service" else each.floor).append(outcome)
    return measured


REFUSED_ROUNDS, REFUSED_AT_ONCE = 40, 25


def measure_refusals(
    client: ClientProcess, holder: Holder, server: Server, refused: Mapping[str, Operation]
) -> dict[str, list[float]]:
    """Time two refusals that must not be told apart, in small portions by turns, and return every answer's time."""
    times: dict[str, list[float]] = {name: [] for name in refused}
    for number in range(REFUSED_ROUNDS):
        for name in sorted(refused, reverse=number % 2 == 0):
            requests = refused[name].requests(1) * REFUSED_AT_ONCE
            outcome = client.run(Plan(server.port, holder, server.address, requests, 1, 60.0, repeats=False))
            if set(outcome.statuses) != {"404"}:
                raise Refused(f"{name} was answered with {outcome.statuses}")
            times[name] += outcome.milliseconds
    return times
