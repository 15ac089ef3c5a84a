"""What was measured, as Markdown: a table, the aims, and the machine it was measured on."""

import math
import os
import platform
import statistics
from collections.abc import Iterator
from pathlib import Path

from bench.clients import Outcome
from bench.measures import IN_FLIGHT, RUNS, Measured, per_second
from service.embedded_postgres import RunningCluster

READ_AIM = 0.4  # of the floor's throughput
GENERATION_AIM = 5.0  # profile reads
PROVIDER_AIM = 0.5  # of the floor's throughput
LIST_AIM = 1.5  # times the p99 of a short list


def percentile(values: list[float], share: float) -> float:
    """Return the smallest value that is not below this share of all values (nearest rank)."""
    ordered = sorted(values)
    return ordered[max(math.ceil(share * len(ordered)) - 1, 0)]


def table(measured: list[Measured]) -> Iterator[str]:
    """Write one row an operation and number in flight."""
    names: tuple[str, ...] = ("operation", "in flight", "requests/s", "median ms", "p99 ms", "CPU ms")
    names += ("floor requests/s", "floor p99 ms", "floor CPU ms", "of the floor")
    yield f"| {' | '.join(names)} |"
    yield f"|---{'|--:' * (len(names) - 1)}|"
    for each in measured:
        spent = {side: f"{each.processor_milliseconds(side):.1f}" for side in each.processor}
        cells = [_rate(each.service), f"{_median(each.service):.2f}", _p99(each.service), spent["service"]]
        cells += [_rate(each.floor), _p99(each.floor), spent["floor"], f"{each.ratio:.2f}"]
        yield f"| {each.operation.label} | {each.in_flight} | {' | '.join(cells)} |"


def _rate(outcomes: list[Outcome]) -> str:
    return f"{statistics.median(per_second(outcome) for outcome in outcomes):,.0f}"


def _median(outcomes: list[Outcome]) -> float:
    return statistics.median(statistics.median(outcome.milliseconds) for outcome in outcomes)


def _p99(outcomes: list[Outcome]) -> str:
    return f"{_slowest(outcomes):.1f}"


def _slowest(outcomes: list[Outcome]) -> float:
    """The answers of all runs together: one run alone has too few for its hundredth part to mean much."""
    return percentile([taken for outcome in outcomes for taken in outcome.milliseconds], 0.99)


def aims(measured: list[Measured]) -> Iterator[str]:
    """Say whether the aims are met: reading beside the floor, and generating beside reading."""
    by_name = {(each.operation.name, each.in_flight): each for each in measured}
    for (_, many), read in by_name.items():
        if read.operation.caller == "provider":
            met = _met(read.ratio >= PROVIDER_AIM)
            yield f"- {many} in flight: {read.operation.label}, {read.ratio:.2f} of the floor ({met})."
    for (name, many), read in by_name.items():
        if name != "profile":
            continue
        generating = by_name["referrals", many]
        pairs = zip(read.service, generating.service, strict=True)
        reads = statistics.median(per_second(one) / per_second(four) for one, four in pairs)
        yield f"- {many} in flight: reading a profile, {read.ratio:.2f} of the floor ({_met(read.ratio >= READ_AIM)})."
        yield f"- {many} in flight: four drafts take {reads:.1f} profile reads' time ({_met(reads <= GENERATION_AIM)})."


def long_list(measured: list[Measured], few: int, many: int) -> Iterator[str]:
    """Say how much longer the slowest answers of a list take once it is long, and how the floor's do."""
    by_name = {(each.operation.name, each.in_flight): each for each in measured}
    for in_flight in IN_FLIGHT:
        short, long = by_name[f"list-{few}", in_flight], by_name[f"list-{many}", in_flight]
        service, floor = (_slowest(pick(long)) / _slowest(pick(short)) for pick in (_of_service, _of_floor))
        yield (
            f"- {in_flight} in flight: a page of {many:,} referrals, p99 {service:.2f} times that of {few:,} "
            f"({_met(service <= LIST_AIM)}); the floor's {floor:.2f} times."
        )


def _of_service(each: Measured) -> list[Outcome]:
    return each.service


def _of_floor(each: Measured) -> list[Outcome]:
    return each.floor


def refusals(times: dict[str, list[float]]) -> Iterator[str]:
    """Say how far apart in time two refusals are, and how far apart halves of one and the same are."""
    medians = {name: statistics.median(taken) for name, taken in times.items()}
    (first, one), (second, other) = sorted(medians.items())
    halves = [statistics.median(taken[0::2]) - statistics.median(taken[1::2]) for taken in times.values()]
    alike = max(abs(half) for half in halves)
    yield (
        f"- {first}: median {one:.2f} ms; {second}: {other:.2f} ms ({len(times[first]):,} of each, by turns). "
        f"Apart: {abs(one - other) * 1000:.0f} µs; every other answer of the same refusal: {alike * 1000:.0f} µs."
    )


def _met(is_met: bool) -> str:
    return "aim met" if is_met else "aim missed"


def machine(cluster: RunningCluster) -> Iterator[str]:
    """Say what it was measured on, and how busy that was with other work."""
    with cluster.administrator() as connection:
        rows = connection.execute(
            "SELECT name, setting FROM pg_settings WHERE name IN ('fsync', 'server_version', 'synchronous_commit')"
        )
        said = {str(name): str(value) for name, value in rows.fetchall()}
    yield f"- Median of {RUNS} runs, service and floor in turn; p99 of all their answers together."
    yield f"- {os.cpu_count()} cores ({_processor()}), load {os.getloadavg()[0]:.1f} when it ended, client included."
    yield f"- Python {platform.python_version()}, PostgreSQL {said['server_version']} on the same machine."
    yield f"- fsync {said['fsync']}, synchronous_commit {said['synchronous_commit']}."


def _processor() -> str:
    lines = Path("/proc/cpuinfo").read_text(encoding="utf-8").splitlines() if Path("/proc/cpuinfo").exists() else []
    names = [line.partition(":")[2].strip() for line in lines if line.startswith("model name")]
    return names[0] if names else platform.machine()
