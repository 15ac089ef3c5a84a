"""What was measured, as Markdown: a table, the aims, and the machine it was measured on."""

import math
import os
import platform
import statistics
from collections.abc import Iterator
from pathlib import Path

from bench.clients import Outcome
from bench.measures import RUNS, Measured, per_second
from service.embedded_postgres import RunningCluster

READ_AIM = 0.4  # of the floor's throughput
GENERATION_AIM = 5.0  # profile reads


def percentile(values: list[float], share: float) -> float:
    """Return the smallest value that is not below this share of all values (nearest rank)."""
    ordered = sorted(values)
    return ordered[max(math.ceil(share * len(ordered)) - 1, 0)]


def table(measured: list[Measured]) -> Iterator[str]:
    """Write one row an operation and number in flight."""
    yield "| operation | in flight | requests/s | median ms | p99 ms | floor requests/s | floor p99 ms | of the floor |"
    yield "|---|--:|--:|--:|--:|--:|--:|--:|"
    for each in measured:
        cells = [_rate(each.service), f"{_median(each.service):.2f}", _p99(each.service)]
        cells += [_rate(each.floor), _p99(each.floor), f"{each.ratio:.2f}"]
        yield f"| {each.operation.label} | {each.in_flight} | {' | '.join(cells)} |"


def _rate(outcomes: list[Outcome]) -> str:
    return f"{statistics.median(per_second(outcome) for outcome in outcomes):,.0f}"


def _median(outcomes: list[Outcome]) -> float:
    return statistics.median(statistics.median(outcome.milliseconds) for outcome in outcomes)


def _p99(outcomes: list[Outcome]) -> str:
    """The answers of all runs together: one run alone has too few for its hundredth part to mean much."""
    return f"{percentile([taken for outcome in outcomes for taken in outcome.milliseconds], 0.99):.1f}"


def aims(measured: list[Measured]) -> Iterator[str]:
    """Say whether the two aims are met: reading beside the floor, and generating beside reading."""
    by_name = {(each.operation.name, each.in_flight): each for each in measured}
    for (name, many), read in by_name.items():
        if name != "profile":
            continue
        generating = by_name["referrals", many]
        pairs = zip(read.service, generating.service, strict=True)
        reads = statistics.median(per_second(one) / per_second(four) for one, four in pairs)
        yield f"- {many} in flight: reading a profile, {read.ratio:.2f} of the floor ({_met(read.ratio >= READ_AIM)})."
        yield f"- {many} in flight: four drafts take {reads:.1f} profile reads' time ({_met(reads <= GENERATION_AIM)})."


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
