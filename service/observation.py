"""What those who run the service can see of it: log lines and numbers, none of which holds a person's data.

Numbers are kept in each process: where several serve, a scrape shows the one that answered it.
"""

import logging
import sys
import traceback
from collections.abc import Callable, Mapping
from functools import cache
from pathlib import Path
from types import TracebackType
from typing import Any, TextIO, cast

import structlog
from prometheus_client import CONTENT_TYPE_LATEST, Counter, Histogram, generate_latest
from pydantic_core import to_json
from structlog.typing import FilteringBoundLogger

PROJECT = Path(__file__).resolve().parents[1]
METRICS_TYPE = CONTENT_TYPE_LATEST
KNOWN_METHODS = frozenset({"GET", "HEAD", "POST", "PUT", "PATCH", "DELETE", "OPTIONS"})

_ANSWERS = Counter("broker_answers", "Requests answered.", ["method", "route", "status"])
_SECONDS = Histogram("broker_answer_seconds", "Seconds from a request to the end of its answer.", ["method", "route"])
_STRANGERS = Counter("broker_unauthenticated", "Requests refused because nobody we know was calling.", ["reason"])
_FAILURES = Counter("broker_failures", "Failures nobody meant: a caller saw a 500, or a job will try again.", ["where"])


class _StandardError:
    """Standard error as it is when a line is written: whoever redirects it later is heeded."""

    def write(self, text: str) -> int:
        return sys.stderr.write(text)

    def flush(self) -> None:
        sys.stderr.flush()


def configure_logs(least: int = logging.INFO) -> None:
    """Write one JSON object a line, of the least level and above, to standard error: a command's output stays alone.

    The server's access log is silenced: its lines hold paths, and a path holds a person's case reference.
    """
    structlog.configure(
        processors=[
            structlog.processors.add_log_level,
            structlog.processors.TimeStamper(fmt="iso", utc=True),
            structlog.processors.JSONRenderer(serializer=_one_line),
        ],
        wrapper_class=structlog.make_filtering_bound_logger(least),
        logger_factory=structlog.WriteLoggerFactory(cast("TextIO", _StandardError())),
        cache_logger_on_first_use=True,
    )
    log.cache_clear()
    logging.getLogger("uvicorn.access").disabled = True


def _one_line(event: Mapping[str, Any], default: Callable[[Any], Any]) -> str:
    return to_json(event, fallback=default).decode()


@cache
def log() -> FilteringBoundLogger:
    """Return the logger. Events are named, and their values are codes, counts and templates, never what was sent."""
    logger: FilteringBoundLogger = structlog.get_logger()
    return logger


def note_answer(method: str, route: str, status: int, seconds: float) -> None:
    """Count one answer under its route's template."""
    answers, taken = _numbers(method if method in KNOWN_METHODS else "other", route, status)
    answers.inc()
    taken.observe(seconds)


@cache
def _numbers(method: str, route: str, status: int) -> tuple[Counter, Histogram]:
    return _ANSWERS.labels(method, route, str(status)), _SECONDS.labels(method, route)


def note_stranger(reason: str) -> None:
    """Count a request refused for want of a good token."""
    _STRANGERS.labels(reason).inc()


def note_failure(where: str, failure: BaseException, **named: str) -> None:
    """Count and log a failure by its type and place alone: its text may quote a person's data."""
    _FAILURES.labels(where).inc()
    log().error("failure", where=where, error=type(failure).__qualname__, place=place_of(failure), **named)


def place_of(failure: BaseException) -> str:
    """Return file and line of the innermost frame of ours that a failure passed through."""
    steps: TracebackType | None = failure.__traceback__
    ours = [
        f"{Path(frame.filename).relative_to(PROJECT)}:{frame.lineno}"
        for frame in traceback.extract_tb(steps)
        if frame.filename.startswith(str(PROJECT / "service"))
    ]
    return ours[-1] if ours else "elsewhere"


def metrics() -> bytes:
    """Return this process's numbers as Prometheus text."""
    return generate_latest()
