"""What is done to a referral that was sent: its way, its versions, questions about it, and who is shown more of it."""

import datetime
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from httpx import Response
from hypothesis import strategies as st

from service.access.callers import Role
from service.domain.disclosure import end_of
from tests.jobs.provider_services import Place, Service
from tests.jobs.provider_worlds import AS_OF, KIM, ORGANISATIONS, REFERRALS, WORKERS, Disclosed, World
from tests.routes.amending import amendment

LEADS_TO = {
    "acceptance": "accepted",
    "rejection": "rejected",
    "scheduling": "scheduled",
    "start": "started",
    "outcome": "completed",
    "withdrawal": "withdrawn",
    "reopening": "received",
}
STAYS = frozenset({"resumption"})
BY_SENDER = frozenset({"withdrawal", "reopening", "resumption"})


@dataclass(frozen=True)
class Move:
    """The provider or the practitioner takes a referral a step on its way."""

    referral: int
    action: str

    async def do(self, service: Service, place: Place) -> Response:
        """Do it."""
        path, today = f"referrals/{place.referrals[self.referral]}", service.clock.now.date().isoformat()
        bodies: Mapping[str, Any] = {
            "rejection": {"reason": "no_capacity"},
            "scheduling": {"scheduled_on": today},
            "start": {"started_on": today},
            "outcome": {"reason": "completed"},
            "withdrawal": {"reason": "need_met_elsewhere", "note": "Elsewhere."},
            "reopening": {"reason": "new_information", "note": "There is room."},
        }
        if self.action in BY_SENDER:
            return await service.clients[Role.PRACTITIONER].post(
                f"/v1/{path}/{self.action}", json=bodies.get(self.action)
            )
        provider, body = service.provider(place), bodies.get(self.action)
        if self.action == "receipt":
            body = {"version": (await provider.get(f"/v1/provider/{path}")).json().get("version", 1)}
        return await provider.post(f"/v1/provider/{path}/{self.action}", json=body)

    def happen(self, world: World, _answer: Mapping[str, Any]) -> None:
        """Have it happen."""
        sent = world.referrals[self.referral]
        if self.action == "receipt":
            sent.received = sent.version
            sent.moves("received" if sent.status == "submitted" else sent.status, world.now)
        else:
            sent.moves(sent.status if self.action in STAYS else LEADS_TO[self.action], world.now)


@dataclass(frozen=True)
class Amend:
    """The practitioner sends a new version, and may say who must not receive it."""

    referral: int
    listed: tuple[str, ...] | None

    async def do(self, service: Service, place: Place) -> Response:
        """Do it."""
        names = [name if name == KIM else place.named(name) for name in self.listed or ()]
        rows = [{"name": name.upper(), "reason": "A relative."} for name in names]
        body = amendment(**{} if self.listed is None else {"must_not_receive": rows})
        path = f"/v1/referrals/{place.referrals[self.referral]}/amendments"
        return await service.clients[Role.PRACTITIONER].post(path, json=body)

    def happen(self, world: World, _answer: Mapping[str, Any]) -> None:
        """Have it happen: what changes of its own, and then what is sent, are a revision each."""
        sent = world.referrals[self.referral]
        sent.version, sent.revision = sent.version + 1, sent.revision + 2
        if self.listed is not None:
            world.listed[self.referral] = frozenset(self.listed)


@dataclass(frozen=True)
class Ask:
    """The provider asks something, or has a concern; or the practitioner answers, and it changes the profile too."""

    referral: int
    act: str

    async def do(self, service: Service, place: Place) -> Response:
        """Do it."""
        path, provider = f"referrals/{place.referrals[self.referral]}", service.provider(place)
        if self.act == "concern":
            body = {"about": "person", "text": "They look unwell."}
            return await provider.post(f"/v1/provider/{path}/concerns", json=body)
        if self.act == "ask":
            return await provider.post(f"/v1/provider/{path}/queries", json={"question": "Which days suit?"})
        practitioner = service.clients[Role.PRACTITIONER]
        listed = (await practitioner.get(f"/v1/{path}/queries")).json().get("items", ())
        unanswered = next((one["id"] for one in listed if one["answer"] is None), None)
        if unanswered is None:
            return Response(404)
        answers = {"risk_overall_level": {"value": "high", "as_of": AS_OF}}
        said = {"answer": "Any but Monday.", "answers": answers}
        return await practitioner.post(f"/v1/{path}/queries/{unanswered}/answer", json=said)

    def happen(self, world: World, _answer: Mapping[str, Any]) -> None:
        """Have it happen."""
        sent = world.referrals[self.referral]
        if self.act == "concern":
            sent.concerns += 1
            return
        sent.open_queries += 1 if self.act == "ask" else -1
        sent.moves("query" if sent.open_queries else "received", world.now)
        if self.act == "answer":
            world.answers[sent.person]["risk_overall_level"] = {"value": "high", "as_of": AS_OF}


@dataclass(frozen=True)
class NameWorker:
    """The practitioner names a worker who may see the referral of a restricted person, or takes it back."""

    referral: int
    worker: str
    is_named: bool

    async def do(self, service: Service, place: Place) -> Response:
        """Do it."""
        path = f"/v1/referrals/{place.referrals[self.referral]}/named-workers/{place.named(self.worker)}"
        return await service.clients[Role.PRACTITIONER].request("PUT" if self.is_named else "DELETE", path)

    def happen(self, world: World, _answer: Mapping[str, Any]) -> None:
        """Have it happen."""
        one = {self.worker}
        world.named[self.referral] = (
            world.named[self.referral] | one if self.is_named else world.named[self.referral] - one
        )


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
MOVES = st.builds(Move, referral, st.sampled_from(["receipt", *sorted(LEADS_TO), *sorted(STAYS)]))
LISTS = [None, (), ("third",), ("sub",), ("prime-2",), ("sub-1",), ("prime-2", "third"), (KIM,)]
AMENDMENTS = st.builds(Amend, referral, st.sampled_from(LISTS))
QUESTIONS = st.builds(Ask, referral, st.sampled_from(["ask", "answer", "concern"]))
NAMINGS = st.builds(NameWorker, referral, st.sampled_from(sorted(WORKERS)), st.sampled_from([True, True, False]))
DISCLOSURES = st.builds(
    Disclose,
    referral,
    st.sampled_from(ORGANISATIONS),
    st.sampled_from(["coping_detail", "mappa_level"]),
    st.sampled_from([0, 1, 5]),
)
WITHDRAWALS = st.builds(WithdrawDisclosure, st.integers(0, 5))
