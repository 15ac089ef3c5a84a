"""Who is shown a referral that was sent, and how much of what is known besides: workers named, and disclosures."""

import datetime
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from httpx import Response
from hypothesis import strategies as st

from service.access.callers import Role
from service.domain.disclosure import end_of
from tests.jobs.provider_services import Place, Service
from tests.jobs.provider_worlds import ORGANISATIONS, REFERRALS, WORKERS, Disclosed, World


@dataclass(frozen=True)
class NameWorker:
    """The practitioner names a worker who may see the referral of a restricted person."""

    referral: int
    worker: str

    async def do(self, service: Service, place: Place) -> Response:
        """Do it."""
        path = f"/v1/referrals/{place.referrals[self.referral]}/named-workers/{place.named(self.worker)}"
        return await service.clients[Role.PRACTITIONER].put(path)

    def happen(self, world: World, _answer: Mapping[str, Any]) -> None:
        """Have it happen."""
        world.named[self.referral] = world.named[self.referral] | {self.worker}


@dataclass(frozen=True)
class WithdrawWorker:
    """The practitioner takes the name of one who was named back."""

    referral: int
    number: int

    async def do(self, service: Service, place: Place) -> Response:
        """Do it."""
        practitioner = service.clients[Role.PRACTITIONER]
        path = f"/v1/referrals/{place.referrals[self.referral]}/named-workers"
        listed = (await practitioner.get(path)).json().get("items", ())
        named = sorted({one["worker_id"] for one in listed if one["withdrawn_at"] is None})
        return await practitioner.delete(f"{path}/{named[self.number % len(named)]}") if named else Response(404)

    def happen(self, world: World, answer: Mapping[str, Any]) -> None:
        """Have it happen."""
        worker = next(one for one in WORKERS if answer["worker_id"].startswith(f"{one}-"))
        world.named[self.referral] = world.named[self.referral] - {worker}


@dataclass(frozen=True)
class Disclose:
    """The practitioner discloses one more item to an organisation, until the end of a day."""

    referral: int
    organisation: str
    item: str
    days: int

    async def do(self, service: Service, place: Place) -> Response:
        """Do it."""
        gateway = "mappa_decision" if self.item.startswith("mappa") else "consent"
        body = {"organisation": place.named(self.organisation), "item": self.item, "gateway": gateway}
        body |= {"reason": "They agreed.", "expires_on": self._last_day(service.clock.now).isoformat()}
        path = f"/v1/referrals/{place.referrals[self.referral]}/disclosures"
        return await service.clients[Role.PRACTITIONER].post(path, json=body)

    def _last_day(self, now: datetime.datetime) -> datetime.date:
        return now.date() + datetime.timedelta(days=self.days)

    def happen(self, world: World, answer: Mapping[str, Any]) -> None:
        """Have it happen."""
        expires_at = end_of(self._last_day(world.now))
        world.disclosed.append(Disclosed(self.referral, self.organisation, self.item, expires_at, answer["id"]))


@dataclass(frozen=True)
class WithdrawDisclosure:
    """The practitioner takes a decision back, before its end or after."""

    number: int

    async def do(self, service: Service, place: Place) -> Response:
        """Do it."""
        practitioner, listed = service.clients[Role.PRACTITIONER], []
        for referral in place.referrals:
            answer = await practitioner.get(f"/v1/referrals/{referral}/disclosures")
            listed += answer.json().get("items", ())
        if not listed:
            return Response(404)
        one = listed[self.number % len(listed)]
        return await practitioner.post(f"/v1/referrals/{one['referral_id']}/disclosures/{one['id']}/withdrawal")

    def happen(self, world: World, answer: Mapping[str, Any]) -> None:
        """Have it happen."""
        for one in world.disclosed:
            one.withdrawn |= one.id == answer["id"]


referral = st.integers(0, len(REFERRALS) - 1)
NAMINGS = st.one_of(
    st.builds(NameWorker, referral, st.sampled_from(["prime-1", "prime-2", "sub-1", "third-1"])),
    st.builds(WithdrawWorker, referral, st.integers(0, 1)),
)
DISCLOSURES = st.builds(
    Disclose,
    referral,
    st.sampled_from(ORGANISATIONS),
    st.sampled_from(["coping_detail", "mappa_level"]),
    st.sampled_from([0, 1, 5]),
)
WITHDRAWALS = st.builds(WithdrawDisclosure, st.integers(0, 5))
