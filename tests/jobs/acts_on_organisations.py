"""What becomes of providers: who is on the contract and what it needs to know, who is at work, and under what name."""

import itertools
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from httpx import Response
from hypothesis import strategies as st

from service.access.callers import Role
from tests.jobs.provider_services import Place, Service
from tests.jobs.provider_worlds import KIM, ORGANISATIONS, WORKERS, World


@dataclass(frozen=True)
class PutContract:
    """Organisations join the contract or leave it, or it needs to know of other conditions."""

    parties: tuple[str, ...]
    needs: tuple[str, ...]

    async def do(self, service: Service, place: Place) -> Response:
        """Do it."""
        prime, *subs = (place.named(one) for one in self.parties)
        body = {"title": "Homes", "contract_type": "acc", "categories": ["acc"], "area_kind": "region"}
        body |= {"areas": ["london"], "starts_on": "2026-01-01", "prime": prime}
        body |= {"subcontractors": subs, "conditions_needed": list(self.needs)}
        path = f"/v1/contracts/{place.named('contract')}"
        return await service.clients[Role.ADMINISTRATOR].put(path, json=body)

    def happen(self, world: World, _answer: Mapping[str, Any]) -> None:
        """Have it happen."""
        world.members, world.needs = frozenset(self.parties), self.needs


@dataclass(frozen=True)
class PutOrganisation:
    """An organisation is suspended, or works again, or has another name."""

    organisation: str
    active: bool
    registered_as: str | None

    async def do(self, service: Service, place: Place) -> Response:
        """Do it."""
        body = {"name": self.registered_as or place.named(self.organisation), "active": self.active}
        path = f"/v1/organisations/{place.named(self.organisation)}"
        return await service.clients[Role.ADMINISTRATOR].put(path, json=body)

    def happen(self, world: World, _answer: Mapping[str, Any]) -> None:
        """Have it happen."""
        one = {self.organisation}
        world.active = world.active | one if self.active else world.active - one
        world.registered_as[self.organisation] = self.registered_as or self.organisation


@dataclass(frozen=True)
class PutWorker:
    """A worker is suspended, or works again, or has another name."""

    worker: str
    active: bool
    registered_as: str | None

    async def do(self, service: Service, place: Place) -> Response:
        """Do it."""
        path = f"/v1/organisations/{place.named(WORKERS[self.worker])}/workers/{place.named(self.worker)}"
        body = {"name": self.registered_as or place.named(self.worker), "active": self.active}
        return await service.clients[Role.ADMINISTRATOR].put(path, json=body)

    def happen(self, world: World, _answer: Mapping[str, Any]) -> None:
        """Have it happen; who is suspended keeps the name they had."""
        one = {self.worker}
        world.at_work = world.at_work | one if self.active else world.at_work - one
        if self.active:
            world.registered_as[self.worker] = self.registered_as or self.worker


PARTIES = [
    (prime, *subs)
    for size in range(3)
    for prime, *subs in itertools.permutations(ORGANISATIONS, size + 1)
    if list(subs) == sorted(subs)
]
active, registered_as = st.sampled_from([True, True, False]), st.sampled_from([None, None, KIM])
CONTRACTS = st.builds(PutContract, st.sampled_from(PARTIES), st.sampled_from([(), ("residence",), ("curfew",)]))
SUSPENSIONS = st.builds(PutOrganisation, st.sampled_from(ORGANISATIONS), active, registered_as)
REGISTRATIONS = st.builds(PutWorker, st.sampled_from(sorted(WORKERS)), active, registered_as)
