"""How often a client, a worker, a looker-up of persons and a stranger may ask in a minute, and how an answer says so.

The answer's headers follow draft-ietf-httpapi-ratelimit-headers: a policy for each limit, and what is left of each.
"""

import datetime
import ipaddress
from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from service.errors import TooManyRequests

WINDOW = datetime.timedelta(minutes=1)
CLIENT, WORKER, PERSON_LOOKUPS, STRANGER = "client", "worker", "person-lookups", "stranger"
# Who has an IPv6 connection has all the addresses that begin alike.
SAME_NETWORK_BITS = 64


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


def network_of(host: str) -> str:
    """Return where a stranger comes from, for counting: an IPv4 address, or the first 64 bits of an IPv6 one.

    What is neither (a socket of this machine) is returned as it is.
    """
    try:
        address = ipaddress.ip_address(host)
    except ValueError:
        return host
    if isinstance(address, ipaddress.IPv4Address):
        return str(address)
    if address.ipv4_mapped is not None:
        return str(address.ipv4_mapped)
    rest = 128 - SAME_NETWORK_BITS
    return str(ipaddress.IPv6Address(int(address) >> rest << rest))


def window_at(now: datetime.datetime) -> datetime.datetime:
    """Return when the minute began in which this moment lies."""
    return now.replace(second=0, microsecond=0)


def seconds_left(now: datetime.datetime) -> int:
    """Return in how many seconds counting begins anew, one at least."""
    return max(1, int((window_at(now) + WINDOW - now).total_seconds()))


def exceeded(quotas: Sequence[Quota], counted: Mapping[str, int]) -> bool:
    """Whether any kind was counted more often than its quota allows."""
    return any(counted.get(quota.kind, 0) > quota.most for quota in quotas)


def too_many(now: datetime.datetime, headers: Mapping[str, str] | None = None) -> TooManyRequests:
    """Return the refusal of who asked too often: it says in how many seconds to ask again."""
    retry = {"Retry-After": str(seconds_left(now))}
    return TooManyRequests("Ask again when the minute is over.", headers=retry | dict(headers or {}))


def header_values(quotas: Sequence[Quota], counted: Mapping[str, int], now: datetime.datetime) -> tuple[str, str]:
    """Return the `RateLimit-Policy` and the `RateLimit` of an answer; what is left is never below nothing."""
    window, left = int(WINDOW.total_seconds()), seconds_left(now)
    policy = ", ".join(f'"{quota.kind}";q={quota.most};w={window}' for quota in quotas)
    state = ", ".join(
        f'"{quota.kind}";r={max(0, quota.most - counted.get(quota.kind, 0))};t={left}' for quota in quotas
    )
    return policy, state
