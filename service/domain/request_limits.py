"""How often a client, a worker and a looker-up of persons may ask in a minute, and how an answer says so.

The answer's headers follow draft-ietf-httpapi-ratelimit-headers: a policy for each limit, and what is left of each.
"""

import datetime
from collections.abc import Mapping, Sequence
from dataclasses import dataclass

WINDOW = datetime.timedelta(minutes=1)
CLIENT, WORKER, PERSON_LOOKUPS = "client", "worker", "person-lookups"


@dataclass(frozen=True, slots=True)
class Quota:
    """What somebody (`name`) may do of one kind in a minute."""

    kind: str
    name: str
    most: int


@dataclass(frozen=True, slots=True)
class Limits:
    """How many requests a minute each kind may count."""

    client: int
    worker: int
    person_lookups: int


def quotas_of(limits: Limits, client: str, worker: str | None, *, looks_up_a_person: bool) -> list[Quota]:
    """Return what counts for a request of a client, for a worker where one is counted."""
    quotas = [Quota(CLIENT, client, limits.client)]
    if worker is not None:
        quotas.append(Quota(WORKER, worker, limits.worker))
        if looks_up_a_person:
            quotas.append(Quota(PERSON_LOOKUPS, worker, limits.person_lookups))
    return quotas


def window_at(now: datetime.datetime) -> datetime.datetime:
    """Return when the minute began in which this moment lies."""
    return now.replace(second=0, microsecond=0)


def seconds_left(now: datetime.datetime) -> int:
    """Return in how many seconds counting begins anew, one at least."""
    return max(1, int((window_at(now) + WINDOW - now).total_seconds()))


def exceeded(quotas: Sequence[Quota], counted: Mapping[str, int]) -> bool:
    """Whether any kind was counted more often than its quota allows."""
    return any(counted.get(quota.kind, 0) > quota.most for quota in quotas)


def header_values(quotas: Sequence[Quota], counted: Mapping[str, int], now: datetime.datetime) -> tuple[str, str]:
    """Return the `RateLimit-Policy` and the `RateLimit` of an answer; what is left is never below nothing."""
    window, left = int(WINDOW.total_seconds()), seconds_left(now)
    policy = ", ".join(f'"{quota.kind}";q={quota.most};w={window}' for quota in quotas)
    state = ", ".join(
        f'"{quota.kind}";r={max(0, quota.most - counted.get(quota.kind, 0))};t={left}' for quota in quotas
    )
    return policy, state
